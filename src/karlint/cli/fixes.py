"""``--fix`` and ``--diff`` of ``karlint check``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from karlint.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from karlint.config import Settings
    from karlint.model.fix import ChangedFile
    from karlint.model.report import Report


def check_fix_options(*, fix: bool, unsafe: bool, diff: bool, formats: Sequence[str]) -> None:
    """Raise UsageError for options that do not go together."""
    if unsafe and not (fix or diff):
        raise UsageError("--unsafe-fixes needs --fix or --diff")
    if diff and formats:
        raise UsageError("--diff prints a diff and no report", "Leave --format out, or use --fix.")


def mended(settings: Settings, chosen: Callable[[Report], Report] | None, *, unsafe: bool, diff: bool) -> Report:
    """Mend what can be mended, or print the diff that would. Return what is left. Raises KarlintError."""
    from karlint.cli.outputs import write_bytes
    from karlint.fixing import run_fixes

    outcome = run_fixes(settings, unsafe=unsafe, write=not diff, chosen=chosen)
    if diff:
        write_bytes(b"".join(part for file in outcome.files for part in unified(file)))
    return outcome.report


def unified(file: ChangedFile) -> Iterator[bytes]:
    """Yield the lines of a unified diff, as ``patch -p1`` and ``git apply`` take it."""
    import re
    from difflib import diff_bytes, unified_diff

    name = file.path.encode("utf-8", "surrogateescape")
    before, after = (re.findall(rb"[^\n]*\n|[^\n]+", data) for data in (file.before, file.after))
    for line in diff_bytes(unified_diff, before, after, b"a/" + name, b"b/" + name):
        yield line if line.endswith(b"\n") else line + b"\n\\ No newline at end of file\n"
