"""Tells a syntax error from a text that only its template engine makes YAML of."""

from __future__ import annotations

import re
from bisect import bisect_right

from karlint.source.dialect import scalar_spans

_ACTION = re.compile(r"\{[{%]")
_ACTION_END = re.compile(r"[%}]\}")
_COMMENT = re.compile(r"(?:^|\s)#")


def is_template(text: str, error: int) -> bool:
    """Tell whether a template action explains that *text* does not parse at index *error*.

    One does that begins before that place, outside of comments and of the scalars that were read before: the
    ``{{ $labels.pod }}`` in an alert's quoted description explains nothing. One that a scalar cuts in two, as in
    ``"{{ default "x" .name }}"``, does.
    """
    actions = [match.start() for match in _ACTION.finditer(text, 0, error + 2)]
    if not actions:
        return False
    spans = [(start, end) for start, end, *_ in scalar_spans(text)]
    for index in actions:
        place = bisect_right(spans, (index, len(text))) - 1
        start, end = spans[place] if place >= 0 else (0, 0)
        whole = start <= index < end and _ACTION_END.search(text, index, end)
        line = text[max(text.rfind("\n", 0, index), text.rfind("\r", 0, index)) + 1 : index]
        if not whole and not _COMMENT.search(line):
            return True
    return False
