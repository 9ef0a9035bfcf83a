"""Suppression comments: found where they are comments, given to their document, complained about otherwise."""

from __future__ import annotations

import pytest

from karlint.model.source import Span, SuppressionComment
from tests.source.support import load, rules


def comments(text: str) -> list[SuppressionComment]:
    return [comment for item in load(text).documents for comment in item.comments]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("# karlint: ignore[dra/x] why", (("dra/x",), "why")),
        ("#karlint:ignore[dra/x]   why not  ", (("dra/x",), "why not")),
        ("## karlint:   ignore [a/b,c/d ,  e/*]", (("a/b", "c/d", "e/*"), "")),
        ("# karlint: ignore[] words", ((), "words")),
        ("# karlint: ignore[dra/x]: é😀 [sic]", (("dra/x",), ": é😀 [sic]")),
    ],
)
def test_a_comment_names_rules_and_a_reason(line: str, expected: tuple[tuple[str, ...], str]) -> None:
    assert comments(f"a: 1\n{line}\nb: 2\n") == [SuppressionComment(2, 1, *expected, own_line=True)]
    assert comments(f"a: 1\r\nb: 2 {line}\r\n") == [SuppressionComment(2, 6, *expected, own_line=False)]


def test_columns_count_characters() -> None:
    assert comments("a: é😀  # karlint: ignore[x/y] z\n")[0].column == 8


@pytest.mark.parametrize(
    "text",
    [
        "a: |\n  # karlint: ignore[x/y] z\n",
        "a: >-\n  text\n  # karlint: ignore[x/y] z\n\n\nb: 1\n",
        "a: '# karlint: ignore[x/y] z'\n",
        'a: "b\n  # karlint: ignore[x/y] z"\n',
        "a: b#karlint:ignore[x/y]\n",
        "a: # see karlint: ignore[x/y]\n",
        "a: # the karlint: prefix\n",
        '{"a": "# karlint: ignore[x/y] z"}\n',
    ],
)
def test_text_is_no_comment(text: str) -> None:
    loaded = load(text)
    assert not loaded.findings
    assert [item.comments for item in loaded.documents] == [()]


@pytest.mark.parametrize(
    "text",
    [
        "a: | # karlint: ignore[x/y] z\n  text\n",
        "a: |\n  text\n# karlint: ignore[x/y] z\nb: 1\n",
        "a: [b, # karlint: ignore[x/y] z\n c]\n",
        "a: b # karlint: ignore[x/y] z",
        "a:\t# karlint: ignore[x/y] z\n  b: 1\n",
        "- # karlint: ignore[x/y] z\n  a: 1\n",
    ],
)
def test_comments_are_found_next_to_text(text: str) -> None:
    assert [comment.rules for comment in comments(text)] == [("x/y",)]


def test_a_comment_belongs_to_the_document_it_stands_in() -> None:
    text = "# karlint: ignore[a/0] r\n---\na: 1 # karlint: ignore[a/1] r\n# karlint: ignore[a/2] r\n"
    text += "--- # karlint: ignore[b/0] r\n# karlint: ignore[b/1] r\nb: 1\n...\n"
    found = [[comment.rules[0] for comment in item.comments] for item in load(text).documents]
    assert found == [["a/0", "a/1", "a/2"], ["b/0", "b/1"]]


@pytest.mark.parametrize(
    "comment",
    [
        "# karlint: ignore",
        "# karlint: ignore dra/x",
        "# karlint: ignore[dra/x",
        "# karlint: ingore[dra/x] y",
        "# karlint:",
    ],
)
def test_what_tries_to_be_a_suppression_is_told(comment: str) -> None:
    loaded = load(f"a: 1\nb: 2  {comment}  \n")
    assert [item.comments for item in loaded.documents] == [()]
    (finding,) = loaded.findings
    assert (finding.rule, finding.span) == ("core/bad-suppression", Span(2, 7, 2, 7 + len(comment)))
    assert "ignore[category/rule] reason" in finding.help


def test_a_suppression_in_an_empty_document_is_told() -> None:
    assert rules(load("a: 1\n---\n# karlint: ignore[x/y] z\n---\nb: 1\n")) == ["core/bad-suppression"]


def test_below_a_syntax_error_nothing_is_said_of_comments() -> None:
    assert rules(load("a: 1\n---\nb: [\n# karlint: ignore[x/y] z\n")) == ["core/syntax-error"]
