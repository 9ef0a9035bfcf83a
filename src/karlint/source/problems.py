"""Problems of a text, in words for the people who wrote it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from yaml import MarkedYAMLError
from yaml.reader import ReaderError

from karlint.source.loaded import FILE_LIMIT, SYNTAX_ERROR

if TYPE_CHECKING:
    from yaml import YAMLError

_UNPRINTABLE = re.compile("[^\t\n\r -~\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

_TOO_DEEP = "maximum nesting depth"
"""What libyaml says from 0.2.6 on, of a thousand levels; older ones read on, and our own limit is met first."""

# What libyaml says, and what it means. The first entry that is part of its words is taken.
_WORDS = (
    (
        "mapping values are not allowed",
        "A `: ` stands where no key can: a second one in the line, or in a line that is indented too far",
        'Put the value in quotes if it holds ": "; else check the indentation of this line and the one above.',
    ),
    (
        "could not find expected ':'",
        "A key has no `:` after it, or the value above goes on here by mistake",
        "Check the line above, too: its quotes, and that a text of several lines is indented.",
    ),
    (
        "did not find expected key",
        "A key is expected here: the indentation does not fit the lines above, or a quote or bracket ends too early",
        "Align this line with the other keys; put a value that starts with {, [ or a quote in quotes as a whole.",
    ),
    (
        "did not find expected '-' indicator",
        "A list item is expected here: the line is indented like the items, and does not start with `- `",
        "Indent it less if it is a key of the mapping around the list, or start it with `- `.",
    ),
    ("did not find expected ',' or ']'", "A list in brackets lacks a `,` or its closing `]`", ""),
    ("did not find expected ',' or '}'", "A mapping in braces lacks a `,` or its closing `}`", ""),
    (
        "found unexpected end of stream",
        "The text ends inside of a quoted value",
        "Look for a quote that is never closed.",
    ),
    (
        "found a tab character",
        "A tab stands where the indentation is; YAML allows spaces only",
        "Replace tabs by spaces.",
    ),
    ("block sequence entries are not allowed", "A list item cannot start here", "Put it on a line of its own."),
    ("block mapping", "A mapping cannot start here", ""),
    ("found undefined tag handle", "The tag uses a handle that no %TAG line defines", ""),
    (
        "found unknown escape character",
        "The quoted text holds an escape that YAML does not know",
        "Write \\\\ for a \\.",
    ),
    (
        "did not find expected <document start>",
        "The document ends above, and something follows",
        "Start the next with ---.",
    ),
    ("while scanning for the next token", "No value can start with this character", "Put the value in quotes."),
    (
        "found character that cannot start any token",
        "No value can start with this character",
        "Put the value in quotes.",
    ),
)


class TextProblem(Exception):  # noqa: N818 (a finding to be, not an error of the run)
    """Something wrong with a document.

    Attributes:
        rule: the reserved rule it falls under.
        message, help: sentences for people.
        start, end: the characters it is about, as indexes into the text.
    """

    def __init__(self, rule: str, message: str, start: int, end: int, hint: str = "") -> None:
        super().__init__(message)
        self.rule = rule
        self.message = message
        self.help = hint
        self.start = start
        self.end = end


def syntax_problem(error: YAMLError, text: str) -> TextProblem:
    """Return what *error* of the parser means for *text*."""
    if isinstance(error, ReaderError):
        return _unprintable(text)
    if not isinstance(error, MarkedYAMLError):
        return TextProblem(SYNTAX_ERROR, f"This is no valid YAML: {error}.", 0, 0)
    mark = error.problem_mark or error.context_mark
    index = min(mark.index, len(text)) if mark else 0
    problem = error.problem or str(error)
    if _TOO_DEEP in (error.problem or ""):
        message = "Values are nested deeper here than libyaml reads, so the file was not read any further."
        return TextProblem(FILE_LIMIT, message, index, _end_of_problem(text, index), "Exclude the file.")
    if _is_tab(text, index):
        problem = "found a tab character"
    message, hint = _in_words(problem)
    if error.context and error.context_mark and error.context_mark.index < index and "while scanning" in error.context:
        line = text.count("\n", 0, error.context_mark.index) + 1
        message += f" (it starts in line {line})"
    return TextProblem(SYNTAX_ERROR, message + ".", index, _end_of_problem(text, index), hint)


def escape_words() -> tuple[str, str]:
    """Return message and help for an escape that YAML 1.1 does not know."""
    message, hint = _in_words("found unknown escape character")
    return message + ".", hint


def _in_words(problem: str) -> tuple[str, str]:
    for said, meant, hint in _WORDS:
        if said in problem:
            return meant, hint
    return f"This is no valid YAML: {problem}", ""


def _is_tab(text: str, index: int) -> bool:
    """Tell whether nothing but blanks with a tab among them stands between the line's start and *index*."""
    start = text.rfind("\n", 0, index) + 1
    before = text[start : index + 1]
    return "\t" in before and not before[:-1].strip() and (before[-1:] == "\t" or "\t" in before[:-1])


def _end_of_problem(text: str, index: int) -> int:
    """Return the end of the line at *index*, so that a report has something to underline."""
    found = re.compile(r"[^\r\n]*").match(text, index)
    return max(found.end(), index) if found else index


def _unprintable(text: str) -> TextProblem:
    found = _UNPRINTABLE.search(text)
    index = found.start() if found else 0
    shown = f"U+{ord(text[index]):04X}" if found else "a character"
    message = f"The text holds {shown}, a control character that YAML does not allow."
    return TextProblem(
        SYNTAX_ERROR, message, index, index + 1, 'In double quotes, write it as an escape, such as "\\u0007".'
    )
