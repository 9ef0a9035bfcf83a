"""Templates are filled with text, never evaluated."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from karlint.errors import PolicyError
from karlint.findings import TemplateError, fill
from karlint.findings.templates import MAX_ARGUMENT


@pytest.mark.parametrize(
    ("template", "args", "expected"),
    [
        ("{a} and {b}", {"a": "x", "b": 2}, "x and 2"),
        ("limits[{a}]", {"a": "nvidia.com/gpu"}, "limits[nvidia.com/gpu]"),
        ("{{a}}", {"a": "x"}, "{a}"),
        ("${{GPUS}} {a", {"a": "x"}, "${GPUS} {a"),
        ("{a.b} {0} {a!r} {a:>9}", {"a": "x"}, "{a.b} {0} {a!r} {a:>9}"),
        ("{a}", {"a": 8.0}, "8"),
        ("{a}", {"a": 0.5}, "0.5"),
        ("{a}", {"a": True}, "true"),
        ("{a}", {"a": ["x", 2.0]}, "x, 2"),
        ("{a}", {"a": "{b}", "b": "never"}, "{b}"),
    ],
)
def test_fill(template: str, args: dict[str, Any], expected: str) -> None:
    assert fill(template, args) == expected


def test_a_missing_field_is_a_policy_error() -> None:
    with pytest.raises(TemplateError, match=r"\{gpus\}") as caught:
        fill("{gpus}", {"GPUS": 1})
    assert isinstance(caught.value, PolicyError)


def test_a_huge_argument_is_cut() -> None:
    assert len(fill("{a}", {"a": "x" * 100_000})) == MAX_ARGUMENT


@given(st.text(), st.text(max_size=100))
def test_any_text_is_shown_as_it_is(before: str, value: str) -> None:
    plain = before.replace("{", "").replace("}", "")
    assert fill(plain + "{a}", {"a": value}) == plain + value


class Everything(dict[str, Any]):
    """Args that hold every field, as the empty text."""

    def __contains__(self, name: object) -> bool:
        return True

    def __missing__(self, name: str) -> str:
        return ""


@given(st.text(alphabet="{}ab.0!", max_size=30))
def test_no_template_breaks_and_what_is_no_field_stays(template: str) -> None:
    filled = fill(template, Everything())
    rest = iter(template)
    assert all(char in rest for char in filled), "what is left must be a subsequence of the template"
    for kept in ".!":
        assert filled.count(kept) == template.count(kept)
