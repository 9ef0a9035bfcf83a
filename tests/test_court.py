"""How work is shared out between processes."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

from hypothesis import given
from hypothesis import strategies as st

from karlint.court import Judged, merged, slices_of
from karlint.model.report import RuleFailure

KINDS = st.lists(st.sampled_from(["Pod", "apps/Deployment", "Service", "ConfigMap"]), max_size=60)


def prepared(kinds: list[str]) -> Any:
    resources = [SimpleNamespace(index=index, ref=SimpleNamespace(group_kind=kind)) for index, kind in enumerate(kinds)]
    workloads = {item.index for item in resources if item.ref.group_kind in ("Pod", "apps/Deployment")}
    return SimpleNamespace(
        resources=resources, inventory=SimpleNamespace(makes_pods=lambda item: item.index in workloads)
    )


@given(KINDS, st.integers(1, 5))
def test_every_resource_is_judged_once_and_kinds_stay_together(kinds: list[str], number: int) -> None:
    slices = slices_of(prepared(kinds), number)
    assert len(slices) == number
    assert sorted(item.index for part in slices for item in part) == list(range(len(kinds)))
    filled = [part for part in slices if part]
    for kind in set(kinds):
        holding = [place for place, part in enumerate(filled) if any(item.ref.group_kind == kind for item in part)]
        assert holding == list(range(holding[0], holding[-1] + 1))


@given(KINDS.filter(bool), st.integers(1, 5))
def test_no_slice_has_much_more_than_its_share(kinds: list[str], number: int) -> None:
    given_work = prepared(kinds)

    def weight(item: Any) -> int:
        return 4 if given_work.inventory.makes_pods(item) else 1

    total = sum(map(weight, given_work.resources))
    for part in slices_of(given_work, number):
        assert sum(map(weight, part)) <= total / number + 4


def test_what_several_processes_said_is_one_verdict() -> None:
    one = Judged(failures=[RuleFailure("b/x", "later")], schema_checked=2, without_schema={"v1/A": 1}, notices=("n",))
    two = Judged(
        failures=[RuleFailure("a/x", "first")],
        schema_checked=3,
        without_schema={"v1/A": 2, "v1/B": 1},
        notices=("n", "m"),
    )
    whole = merged([one, two])
    assert [failure.rule for failure in whole.failures] == ["a/x", "b/x"]
    assert (whole.schema_checked, whole.without_schema) == (5, {"v1/A": 3, "v1/B": 1})
    assert whole.notices == ("m", "n")
    assert cast("list[object]", whole.raw) == []
