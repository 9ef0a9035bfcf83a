"""An edit of rendered text, carried over to the template's lines."""

from __future__ import annotations

import pytest

from karlint.fix.rewriting import carried_over, rewritten
from karlint.model.fix import Change, Rewrite, TextEdit
from karlint.model.origin import Literal, Printed
from karlint.model.refused import RefusedError

TEMPLATE = '{{- define "x" -}}\r\na: 1\r\nb: 2 # two\r\n{{- end }}\r\n'
PRINTED = "top:\n  a: 1\r\n  b: 2 # two\r\nlast: {}\n"
LINES = ("a: 1\r\n", "b: 2 # two\r\n")


def literal(first: int, last: int) -> Literal | None:
    """Lines 1 and 2 of what is printed come from the helper, two spaces deeper."""
    start = TEMPLATE.index("a: 1") + sum(map(len, LINES[: first - 1]))
    return Literal("x.tpl", start, LINES[first - 1 : last], 2) if 1 <= first <= last <= 2 else None


def carried(*edits: TextEdit) -> str:
    file, rewrites = carried_over(Printed(PRINTED, literal), edits)
    assert file == "x.tpl"
    text = TEMPLATE
    for edit in reversed(rewritten(TEMPLATE, [Change(file, 0, (), rewrites=rewrites)])):
        text = text[: edit.start] + edit.text + text[edit.end :]
    return text


def at(found: str, new: str, *, behind: bool = False) -> TextEdit:
    start = PRINTED.index(found)
    return TextEdit(start + len(found) if behind else start, start + len(found), new)


def test_a_value_is_put_in_the_place_of_another() -> None:
    assert carried(at("2 #", "3 #")) == TEMPLATE.replace("b: 2", "b: 3")


def test_lines_that_are_added_are_indented_as_the_template_is() -> None:
    added = at("  b: 2 # two", "\r\n  c:\r\n    d: 3", behind=True)
    assert carried(added) == TEMPLATE.replace("# two", "# two\r\nc:\r\n  d: 3")


def test_whole_lines_go_with_their_breaks() -> None:
    assert carried(at("  a: 1\r\n", "")) == TEMPLATE.replace("a: 1\r\n", "")
    assert carried(at("  a: 1\r\n  b: 2 # two\r\n", "")) == TEMPLATE.replace("a: 1\r\nb: 2 # two\r\n", "")


def test_several_edits_of_one_fix() -> None:
    assert carried(at("a:", "e:"), at("2 #", "3 #")) == TEMPLATE.replace("a: 1", "e: 1").replace("b: 2", "b: 3")


@pytest.mark.parametrize(
    "edit",
    [
        at("top", "head"),  # no literal line
        at("top:\n  a", "e"),  # one of the lines is none
        at("1\r", "{{ 1 }}"),  # helm would read it
        at("  b: 2 # two", "\n c: 3", behind=True),  # less deep than the helper is put out
        TextEdit(PRINTED.index("  b") + 1, PRINTED.index("  b") + 1, "x"),  # in the indentation, which is no text of it
    ],
)
def test_what_the_template_does_not_hold_is_refused(edit: TextEdit) -> None:
    with pytest.raises(RefusedError):
        carried(edit)


def test_a_template_that_says_something_else_is_left() -> None:
    change = Change("x.tpl", 0, (), rewrites=(Rewrite(0, "a: 2", (TextEdit(3, 4, "3"),)),))
    with pytest.raises(RefusedError, match="something else"):
        rewritten("a: 1\n", [change])


def test_what_several_want_alike_is_done_once_and_what_meets_is_refused() -> None:
    one = Change("x.tpl", 0, (), rewrites=(Rewrite(0, "a: 1", (TextEdit(3, 4, "2"),)),))
    other = Change("x.tpl", 0, (), rewrites=(Rewrite(0, "a: 1", (TextEdit(3, 4, "3"),)),))
    assert rewritten("a: 1\n", [one, one]) == (TextEdit(3, 4, "2"),)
    with pytest.raises(RefusedError, match="meet"):
        rewritten("a: 1\n", [one, other])
