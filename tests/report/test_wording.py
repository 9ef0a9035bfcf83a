"""Phrases that several reports share."""

from __future__ import annotations

import pytest

from karlint.model.rule import Requirement
from karlint.report.wording import count, requirement, some


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (
            Requirement("KAR-0051", "dra_support", {"1.35": "MUST", "1.34": "MUST"}, "derives"),
            "KAR-0051 dra_support, MUST in 1.34, 1.35",
        ),
        (
            Requirement("KAR-0001", "x", {"1.33": "SHOULD", "1.10": "MUST", "1.9": "MUST"}, "derives"),
            "KAR-0001 x, MUST in 1.9, 1.10; SHOULD in 1.33",
        ),
        (
            Requirement("ai_inference", "ai_inference", {"1.34": "MUST"}, "relates"),
            "relates to ai_inference, MUST in 1.34",
        ),
        (Requirement("KAR-0063", "", {}, "derives"), "KAR-0063"),
    ],
)
def test_requirement(wanted: Requirement, expected: str) -> None:
    assert requirement(wanted) == expected


def test_count_and_some() -> None:
    assert [count(number, "file") for number in (0, 1, 2, 25_000)] == ["0 files", "1 file", "2 files", "25,000 files"]
    assert count(2, "entry", "entries") == "2 entries"
    assert some([("b", 1), ("a", 1), ("c", 9)], limit=2) == "c 9, a 1, 1 more"
