"""Tells a syntax error from a text that only its template engine makes YAML of."""

from __future__ import annotations

import re
from bisect import bisect_right

from karlint.source.yamltext import scalar_spans

_ACTION = re.compile(r"\{[{%]")
_COMMENT = re.compile(r"(?:^|\s)#")
_LINE_END = re.compile(r"[\r\n]|\Z")


def is_template(text: str, error: int) -> bool:
    """Tell whether a template action explains that *text* does not parse at index *error*.

    One does that stands above the error or in its line, outside of comments and of the scalars that were read before
    it: the ``{{ $labels.pod }}`` of an alert's quoted description explains nothing.
    """
    found = _LINE_END.search(text, error)
    limit = found.start() if found else len(text)
    actions = [match.start() for match in _ACTION.finditer(text, 0, limit)]
    if not actions:
        return False
    spans = [(start, end) for start, end, _ in scalar_spans(text)]
    for index in actions:
        place = bisect_right(spans, (index, len(text))) - 1
        inside = place >= 0 and spans[place][0] <= index < spans[place][1]
        line = text[max(text.rfind("\n", 0, index), text.rfind("\r", 0, index)) + 1 : index]
        if not inside and not _COMMENT.search(line):
            return True
    return False
