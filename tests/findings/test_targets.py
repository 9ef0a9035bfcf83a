"""Findings of versioned rules: one for all minors of which the same is said."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from karlint.api import lint
from karlint.config import Config, Settings
from karlint.findings.targets import joined, spoken
from karlint.model.finding import RawFinding
from karlint.model.fix import Operation, OperationKind

if TYPE_CHECKING:
    from pathlib import Path

BETA = """\
apiVersion: resource.k8s.io/v1beta1
kind: ResourceClaim
metadata: {name: gpu, namespace: ml}
spec:
  devices:
    requests:
      - {name: gpu, deviceClassName: gpu.nvidia.com, tolerations: [{key: example.com/old, operator: Exists}]}
"""


def raw(target: str, *versions: str, **more: object) -> RawFinding:
    made = RawFinding("dra/demo", 0, ("spec",), args={"target": target, "field": "a"}, versions=versions)
    return replace(made, **more)  # type: ignore[arg-type]


def test_the_same_of_several_minors_is_one_finding_that_names_them() -> None:
    (found,) = joined([raw("1.34", "1.34"), raw("1.35", "1.35"), raw("1.36", "1.36")])
    assert found.versions == ("1.34", "1.35", "1.36")
    assert found.args == {"target": "1.34 to 1.36", "field": "a"}


@pytest.mark.parametrize(
    "other",
    [
        raw("1.35", "1.35", case="early"),
        raw("1.35", "1.35", at=("kind",)),
        raw("1.35", "1.35", args={"target": "1.35", "field": "b"}),
        raw("ClusterQueue", "1.34"),
        raw("1.35"),
    ],
)
def test_what_is_not_the_same_stays(other: RawFinding) -> None:
    first = raw("1.34", "1.34")
    assert joined([first, other]) == [first, other]


def test_a_fix_stays_where_all_have_it() -> None:
    fix = (Operation(OperationKind.REMOVE, ("spec", "a")),)
    same = joined([raw("1.34", "1.34", fix=fix), raw("1.35", "1.35", fix=fix)])
    other = joined([raw("1.34", "1.34", fix=fix), raw("1.35", "1.35")])
    assert [found.fix for found in (*same, *other)] == [fix, ()]


@pytest.mark.parametrize(
    ("versions", "words"),
    [
        (["1.34"], "1.34"),
        (["1.34", "1.35"], "1.34 and 1.35"),
        (["1.33", "1.34", "1.35", "1.36"], "1.33 to 1.36"),
        (["1.31", "1.33", "1.34"], "1.31, 1.33 and 1.34"),
        (["1.37", "1.36"], "1.36 and 1.37"),
    ],
)
def test_how_they_are_named(versions: list[str], words: str) -> None:
    assert spoken(versions) == words


def test_a_run_for_several_minors(tmp_path: Path) -> None:
    (tmp_path / "claim.yaml").write_text(BETA, "utf-8")

    def run(*versions: str) -> dict[str, tuple[str, tuple[str, ...], str]]:
        settings = Settings(root=tmp_path, paths=(str(tmp_path),), versions=versions, select=("dra",), config=Config())
        report = lint(settings)
        assert report.failures == ()
        assert len({(found.rule, found.location.span.line) for found in report.findings}) == len(report.findings)
        return {found.rule: (found.message, found.versions, found.fingerprint) for found in report.findings}

    several, one = run("1.34", "1.35", "1.36", "1.37"), run("1.35")
    message, versions, _ = several["dra/api-version-not-served"]
    assert message.startswith("In Kubernetes 1.34 to 1.37 v1beta1 of ResourceClaim is not served ")
    assert versions == ("1.34", "1.35", "1.36", "1.37")
    message, versions, _ = several["dra/feature-not-enabled"]
    assert message.startswith("In Kubernetes 1.34 and 1.35 the field tolerations is dropped ")
    assert versions == ("1.34", "1.35")
    assert {rule: said[2] for rule, said in several.items()} == {rule: said[2] for rule, said in one.items()}
