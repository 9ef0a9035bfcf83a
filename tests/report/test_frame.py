"""Code frames: the carets stand under the span, whatever the line is made of."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from karlint.model.source import Span
from karlint.report.cells import crop, width
from karlint.report.frame import frame
from karlint.report.mask import masked


def show(lines: list[str], span: Span, context: int = 0, room: int = 90) -> list[str]:
    return [line.text for line in frame(lines, span, context, room)]


@pytest.mark.parametrize(
    ("line", "start", "end", "shown", "carets"),
    [
        ("image: vllm", 8, 12, "image: vllm", "       ^^^^"),
        ("\timage: vllm", 2, 7, "    image: vllm", "    ^^^^^"),
        ("a:\tb", 4, 5, "a:  b", "    ^"),
        ("a: 世界 # x", 4, 6, "a: 世界 # x", "   ^^^^"),
        ("世界: b", 5, 6, "世界: b", "      ^"),
        ("🚀🚀: b", 5, 6, "🚀🚀: b", "      ^"),
        ("👩‍🚀: b", 6, 7, "👩‍🚀: b", "    ^"),
        ("👍🏽: b", 5, 6, "👍🏽: b", "    ^"),
        ("❤️: b", 5, 6, "❤️: b", "    ^"),
        ("e\u0301: b", 5, 6, "e\u0301: b", "   ^"),
        ("\x1b[31m: b", 8, 9, "\\x1b[31m: b", "          ^"),
        ("\u202eab: x", 6, 7, "\\u202eab: x", "          ^"),
        ("a: b", 4, 4, "a: b", "   ^"),
        ("a: b", 99, 120, "a: b", "    ^"),
    ],
)
def test_carets_stand_under_the_span(line: str, start: int, end: int, shown: str, carets: str) -> None:
    assert show([line + "\r\n"], Span(1, start, 1, end)) == [shown, carets]


def test_a_span_over_lines_is_marked_to_the_end_of_its_first() -> None:
    assert show(["a:   # x  ", "  b: c"], Span(1, 1, 2, 7)) == ["a:   # x", "^^^^^^^^"]


def test_context_stops_at_documents_files_and_blank_edges() -> None:
    lines = ["secret: x", "---", "", "a: b", "c: d", "", "---", "secret: y"]
    numbers = [line.number for line in frame(lines, Span(4, 1, 4, 2), 5, 90)]
    assert numbers == ["4", "", "5"]
    assert [line.number for line in frame(["a", "b"], Span(1, 1, 1, 2), 3, 90)] == ["1", "", "2"]


def test_no_such_line_no_frame() -> None:
    assert frame(["a"], Span(2, 1, 2, 2), 1, 90) == []
    assert frame([], Span(1, 1, 1, 1), 1, 90) == []


def test_a_byte_order_mark_is_not_a_column() -> None:
    assert show(["\ufeffa: b\n"], Span(1, 4, 1, 5)) == ["a: b", "   ^"]


@pytest.mark.parametrize("column", [1, 40, 95, 150, 197])
def test_a_long_line_is_cut_around_the_marks(column: int) -> None:
    digits = "".join(str(number % 10) for number in range(1, 201))
    code, carets = show([digits], Span(1, column, 1, column + 3), room=60)
    assert width(code) <= 60
    assert len(carets) <= 60
    assert code[carets.index("^") : carets.index("^") + 3] == digits[column - 1 : column + 2]


@given(st.text(st.characters(blacklist_categories=["Cc", "Cs"]), max_size=60), st.integers(0, 80), st.integers(2, 50))
def test_a_cut_line_never_takes_more_room(text: str, start: int, room: int) -> None:
    assert width(crop(text, start, room)) <= room


@given(st.text(alphabet="ab世界", max_size=40), st.integers(0, 30), st.integers(4, 40))
def test_what_is_cut_stays_in_its_column(text: str, start: int, room: int) -> None:
    cut = crop(text, start, room)
    column = 0
    for char in cut:
        if char not in "… ":
            assert char in _at(text, start + column)
        column += width(char)


def _at(text: str, column: int) -> str:
    here = 0
    for char in text:
        if here == column:
            return char
        here += 2 if unicodedata.east_asian_width(char) == "W" else 1
    return ""


@pytest.mark.parametrize(
    ("line", "before", "expected"),
    [
        ("  value: s3cret", "- name: HF_TOKEN", "  value: *****"),
        ('  value: "s3cret" # x', '- name: "AWS_SECRET_ACCESS_KEY"', "  value: *****"),
        ("  value: s3cret", "- name: OPENAI_API_KEY  # key", "  value: *****"),
        ("  value: 8192", "- name: MAX_BATCHED_TOKENS", "  value: 8192"),
        ("  value: x", "- name: MODEL", "  value: x"),
        ("  valueFrom: {}", "- name: HF_TOKEN", "  valueFrom: {}"),
        ("- --token=hf_abcdefghijklmnopqrstuv", "", "- --token=*****"),
        ("secretName: hf-token", "", "secretName: hf-token"),
    ],
)
def test_credentials_are_masked(line: str, before: str, expected: str) -> None:
    assert masked(line, before, "") == expected


def test_a_value_above_its_telling_name_is_masked_too() -> None:
    assert masked("- value: s3cret", "", "  name: DB_PASSWORD") == "- value: *****"
