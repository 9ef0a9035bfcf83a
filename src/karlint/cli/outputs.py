"""Which report goes where."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, TextIO

from msgspec import Struct

from karlint.errors import EnvironmentProblem, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from karlint.model.report import Report

FORMATS = ("text", "json", "sarif", "github", "gitlab", "azure", "junit", "markdown")
COLORS = ("auto", "always", "never")
RENDERING = ("auto", "always", "never")


class Output(Struct, frozen=True):
    """A format and the file it goes to; None for standard output."""

    format: str
    path: Path | None


class OutputOptions(Struct, frozen=True):
    """How reports look, and where those without a file go.

    Attributes:
        to_stderr: True to keep standard output free.
    """

    color: str
    show_suppressed: bool
    sarif_category: str
    to_stderr: bool = False


def pair_outputs(formats: Sequence[str], paths: Sequence[Path], *, quiet: bool) -> list[Output]:
    """Pair each --format with the --output in the same place. Raises UsageError for a pairing that makes no sense.

    A format without a file goes to standard output. When all go to files, text stays on standard output.
    """
    for name in formats:
        if name not in FORMATS:
            raise UsageError(f"there is no format {name!r}", f"Formats: {', '.join(FORMATS)}.")
    if len(paths) > len(formats):
        raise UsageError("an --output has no --format", "Each --output belongs to the --format in the same place.")
    outputs = [Output(name, paths[place] if place < len(paths) else None) for place, name in enumerate(formats)]
    to_terminal = [item.format for item in outputs if item.path is None]
    if len(to_terminal) > 1:
        raise UsageError(f"{' and '.join(to_terminal)} would both go to standard output", "Give one an --output.")
    if not to_terminal and not quiet:
        outputs.append(Output("text", None))
    return outputs


def check_color(setting: str) -> None:
    """Raise UsageError for a --color that means nothing."""
    if setting not in COLORS:
        raise UsageError(f"there is no colour setting {setting!r}", f"One of {', '.join(COLORS)}.")


def check_rendering(setting: str) -> None:
    """Raise UsageError for a --render that means nothing."""
    if setting not in RENDERING:
        raise UsageError(f"--render does not know {setting!r}", f"One of {', '.join(RENDERING)}.")


def write_reports(report: Report, outputs: Sequence[Output], options: OutputOptions, stdin: bytes | None) -> None:
    """Write every report where it belongs. Raises EnvironmentProblem for a file that cannot be written."""
    from msgspec.structs import replace

    from karlint.report import render, source_lines
    from karlint.report.options import ReportOptions, options_for

    read_lines = source_lines(report.root, stdin)
    category = options.sarif_category or None
    for output in sorted(outputs, key=lambda item: item.path is None):  # files first: standard output may break off
        if output.path is None:
            stream = sys.stderr if options.to_stderr else sys.stdout
            chosen = options_for(stream, os.environ, options.color, suppressed=options.show_suppressed)
            write_bytes(render(output.format, report, read_lines, replace(chosen, category=category)), stream)
            continue
        in_file = ReportOptions(suppressed=options.show_suppressed, category=category)
        try:
            output.path.parent.mkdir(parents=True, exist_ok=True)
            output.path.write_bytes(render(output.format, report, read_lines, in_file))
        except OSError as error:
            raise EnvironmentProblem(f"{output.path} cannot be written: {error.strerror}") from error


def pass_on(report: Report, stdin: bytes, *, passed: bool) -> None:
    """Write what standard input held to standard output, unchanged, when the run *passed*.

    Raises:
        UsageError: it held no resource. Whoever applies what is passed on would delete everything.
    """
    if passed and not report.counts.resources:
        raise UsageError("standard input holds no resources to pass on", "Did the command before the pipe fail?")
    if passed:
        write_bytes(stdin)


def write_bytes(text: bytes, stream: TextIO | None = None) -> None:
    """Write to *stream*, or to standard output. Raises EnvironmentProblem when it cannot be written."""
    stream = stream or sys.stdout
    try:
        stream.flush()
        stream.buffer.write(text)
        stream.buffer.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        forget_output()
        raise EnvironmentProblem(f"standard output cannot be written: {error.strerror}") from error


def forget_output() -> None:
    """Let what is still buffered go nowhere: Python would complain once more when it flushes at exit."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
