"""Hides values that look like credentials from code frames, which end up in logs that more people can read."""

from __future__ import annotations

import re

_SECRET_NAME = re.compile(
    r"""name["']?\s*:\s*["']?\w*?(?:TOKEN|SECRET|PASSWORD|PASSWD|API_?KEY|ACCESS_KEY|PRIVATE_KEY|CREDENTIALS?)["']?\s*(?:[#,}].*)?$""",
    re.IGNORECASE,
)
_VALUE = re.compile(r"""^(\s*(?:-\s+)?["']?value["']?\s*:\s*)(\S.*)$""")
_WELL_KNOWN = re.compile(
    r"\b(?:hf_[A-Za-z0-9]{16,}|sk-[A-Za-z0-9_-]{16,}|gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,}|nvapi-[\w-]{16,}"
    r"|AKIA[0-9A-Z]{16}|xox[abprs]-[\w-]{10,}|glpat-[\w-]{16,})"
)
_MASK = "*****"


def masked(line: str, before: str, after: str) -> str:
    """Return *line* with credentials hidden: an env entry's value beside a telling name, and known token formats.

    Args:
        line: a line of source.
        before, after: its neighbours, where an env entry has its name.
    """
    value = _VALUE.match(line)
    if value and (_SECRET_NAME.search(before) or _SECRET_NAME.search(after)):
        return value.group(1) + _MASK
    return _WELL_KNOWN.sub(_MASK, line)
