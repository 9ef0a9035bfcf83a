"""How reports are to look."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, TextIO

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Mapping

_MIN_WIDTH, _MAX_WIDTH, _FILE_WIDTH = 80, 120, 100


class ReportOptions(Struct, frozen=True):
    """How reports are to look; each reporter reads what concerns it.

    Attributes:
        color: text: use terminal colours.
        width: text: columns to stay within.
        context: text: lines of code before and after the marked one.
        ci_guard: text: break up everything that a CI runner would read as a command in the log.
        suppressed: text, sarif: include suppressed findings. GitHub shows them as open alerts, so not by default.
        category: sarif: category of the upload; None leaves it to the upload step.
    """

    color: bool = False
    width: int = _FILE_WIDTH
    context: int = 1
    ci_guard: bool = False
    suppressed: bool = False
    category: str | None = None


def wants_color(setting: str, stream: TextIO, environ: Mapping[str, str]) -> bool:
    """Tell whether to use colours on *stream*.

    Args:
        setting: "always", "never", or "auto": as NO_COLOR (https://no-color.org) and FORCE_COLOR say, else only on a
            terminal that is not dumb.
        stream: where the report goes.
        environ: the environment variables.
    """
    if setting != "auto":
        return setting == "always"
    if environ.get("NO_COLOR"):
        return False
    if "FORCE_COLOR" in environ:
        return environ["FORCE_COLOR"] not in ("0", "false")
    return stream.isatty() and environ.get("TERM") != "dumb"


def options_for(
    stream: TextIO, environ: Mapping[str, str], color: str = "auto", *, suppressed: bool = False
) -> ReportOptions:
    """Return the options that suit *stream*: its width where it is a terminal, the guard where a CI runner reads."""
    width = _FILE_WIDTH
    if stream.isatty():
        width = min(max(shutil.get_terminal_size().columns, _MIN_WIDTH), _MAX_WIDTH)
    return ReportOptions(
        color=wants_color(color, stream, environ),
        width=width,
        ci_guard=bool(environ.get("GITHUB_ACTIONS") or environ.get("TF_BUILD")),
        suppressed=suppressed,
    )
