"""Findings that the configuration ignores."""

from __future__ import annotations

from datetime import date

import pytest
from msgspec.structs import replace

from karlint.config import Ignored
from karlint.findings import ignore
from tests.report.build import finding

TODAY = date(2026, 6, 1)
FOUND = replace(finding(13, 11, 20), environments=("clusters/dev", "clusters/prod"))
RULE = "dra/request-without-limit"


def entry(**changes: str) -> Ignored:
    return Ignored(**{"rule": RULE, "reason": "our webhook adds it", **changes})


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"rule": "dra/*"},
        {"resource": "Deployment prod/*"},
        {"resource": "* prod/llm"},
        {"path": "apps/*"},
        {"environment": "clusters/*"},
        {"expires": "2026-06-01"},
    ],
)
def test_an_entry_that_covers_a_finding_ignores_it_with_its_reason(changes: dict[str, str]) -> None:
    active, ignored, remarks = ignore([FOUND], [entry(**changes)], TODAY)
    assert (active, remarks) == ([], [])
    assert [item.suppressed for item in ignored] == ["our webhook adds it"]


@pytest.mark.parametrize(
    "changes",
    [
        {"rule": "dra/claim-not-found"},
        {"rule": "quota/*"},
        {"resource": "Deployment dev/*"},
        {"resource": "Deployment"},
        {"path": "queues/*"},
        {"environment": "clusters/test"},
    ],
)
def test_an_entry_for_something_else_does_nothing_and_is_told(changes: dict[str, str]) -> None:
    active, ignored, remarks = ignore([FOUND], [entry(**changes)], TODAY)
    assert (active, ignored) == ([FOUND], [])
    assert remarks == [f"ignore[0] of the configuration ({changes.get('rule', RULE)}) matches no finding."]


def test_an_entry_for_one_environment_leaves_the_others() -> None:
    active, ignored, _ = ignore([FOUND], [entry(environment="clusters/dev")], TODAY)
    assert [item.environments for item in active] == [("clusters/prod",)]
    assert ignored == []
    both = [entry(environment="clusters/dev"), entry(environment="clusters/prod", reason="second")]
    active, ignored, _ = ignore([FOUND], both, TODAY)
    assert active == []
    assert [item.suppressed for item in ignored] == ["second"]


def test_an_entry_expires_after_its_last_day() -> None:
    active, ignored, remarks = ignore([FOUND], [entry(expires="2026-05-31")], TODAY)
    assert (active, ignored) == ([FOUND], [])
    assert "has expired on 2026-05-31" in remarks[0]
