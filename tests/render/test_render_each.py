"""Outputs come in the order of the units, while others are being rendered; nothing runs on when nobody wants more."""

from __future__ import annotations

import threading
import time
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from karlint.model.unit import Edit, HelmSource, KustomizeSource, Place, Unit, Variable
from karlint.render import Built, Output, render_each, service
from tests.render.trees import render_all

if TYPE_CHECKING:
    from collections.abc import Callable

UNITS = [Unit(f"u{number}", KustomizeSource(f"u{number}")) for number in range(6)]
KITCHEN: Any = None


def rendering(monkeypatch: pytest.MonkeyPatch, how: Callable[[str], None]) -> None:
    def render_unit(unit: Unit, kitchen: Any) -> Output:
        how(unit.id)
        return Output(unit, unit.id.encode())

    monkeypatch.setattr(service, "render_unit", render_unit)


def test_the_order_is_that_of_the_units(monkeypatch: pytest.MonkeyPatch) -> None:
    rendering(monkeypatch, lambda name: time.sleep(0.02 if name in {"u0", "u3"} else 0))
    assert [output.unit for output in render_all(UNITS, KITCHEN, 2)] == UNITS
    assert [output.unit for output in render_all(UNITS, KITCHEN, 1)] == UNITS
    assert render_all([], KITCHEN, 2) == []


def test_what_is_done_comes_while_the_rest_is_rendered(monkeypatch: pytest.MonkeyPatch) -> None:
    last = threading.Event()
    rendering(monkeypatch, lambda name: (name == "u5" and last.wait(30), None)[1])
    told: list[tuple[int, int, str]] = []
    with closing(render_each(UNITS, KITCHEN, 2, lambda *progress: told.append(progress))) as outputs:
        early = [next(outputs) for _ in range(5)]
        assert [[output.unit.id for output in some] for some in early] == [["u0"], ["u1"], ["u2"], ["u3"], ["u4"]]
        last.set()
        assert [output.unit.id for output in next(outputs)] == ["u5"]
        assert list(outputs) == []
    assert told[-1] == (6, 6, "u5")


def test_the_rest_comes_at_once_when_nothing_runs_any_more(monkeypatch: pytest.MonkeyPatch) -> None:
    ended = threading.Semaphore(0)
    rendering(monkeypatch, lambda _: ended.release())

    def wait_for_all() -> None:
        for _ in UNITS:
            assert ended.acquire(timeout=30)
        time.sleep(0.05)  # until the last of them has its result

    before = threading.active_count()
    with closing(render_each(UNITS, KITCHEN, 2, meanwhile=wait_for_all)) as outputs:
        assert [output.unit for output in next(outputs)] == UNITS
        assert threading.active_count() == before, "processes may be forked now"


@pytest.mark.parametrize("where", ["meanwhile", "between"])
def test_an_error_leaves_nothing_to_be_rendered(monkeypatch: pytest.MonkeyPatch, where: str) -> None:
    begun: list[str] = []
    go_on = threading.Event()
    rendering(monkeypatch, lambda name: (begun.append(name), name != "u0" and go_on.wait(0.2), None)[2])

    def fail() -> None:
        raise KeyboardInterrupt

    before = threading.active_count()
    with (  # noqa: PT012 (the generator is to be closed while it raises)
        pytest.raises(KeyboardInterrupt),
        closing(render_each(UNITS * 9, KITCHEN, 2, meanwhile=fail if where == "meanwhile" else None)) as outputs,
    ):
        next(outputs)
        fail()
    assert threading.active_count() == before
    assert len(begun) < 12


def test_a_kustomization_is_built_once_however_many_deploy_it(monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[str] = []
    rendering(monkeypatch, begun.append)
    source = KustomizeSource("base")
    apps = [Unit(f"app-{number}", source, cluster=str(number)) for number in range(4)]
    edited = Unit("edited", KustomizeSource("base", (Edit("namePrefix", "a-", Place("app.yaml")),)))
    filled = Unit("filled", source, variables={"a": Variable("1", Place("app.yaml"))})
    chart = Unit("chart", HelmSource("base", "r", "n"))
    built: Built = {}
    units = [*apps[:2], edited, filled, chart]
    first = [output for some in render_each(units, KITCHEN, 2, built=built) for output in some]
    later = [output for some in render_each(apps[2:], KITCHEN, 2, built=built) for output in some]
    assert sorted(begun) == ["app-0", "chart", "edited", "filled"]
    assert [output.unit for output in (*first, *later)] == [*units, *apps[2:]]
    assert {output.stream for output in (*first[:2], *later)} == {b"app-0"}
    assert render_all(apps, KITCHEN, 2)
    assert begun.count("app-0") == 2, "another run builds for itself"


def test_what_a_renderer_raises_is_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    rendering(monkeypatch, lambda name: 1 / (name != "u2") and None)
    with pytest.raises(ZeroDivisionError):
        render_all(UNITS, KITCHEN, 2)
