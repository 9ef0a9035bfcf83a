"""What renderers say when they give up, in a form that a report can show."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from karlint import _proc
    from karlint.render.kitchen import Kitchen
    from karlint.render.sandbox import Bounds

_LONGEST = 600
_NOISE = re.compile(r"^(?:#|WARNING: Kubernetes configuration|Use --debug flag|level=WARN|W\d{4} )")


def words_of(done: _proc.Done, kitchen: Kitchen, scratch: Path | None = None, home: str = "") -> str:
    """Return the error of a renderer on one line: without our scratch paths, and with paths from the root.

    Args:
        scratch: where it ran; what it says of that means the directory *home* of the tree.
    """
    text = done.stderr.decode("utf-8", "replace")
    lines = [line.strip() for line in text.splitlines() if line.strip() and not _NOISE.match(line.strip())]
    words = re.sub(r"\s+", " ", " ".join(lines)).removeprefix("Error: ")
    if scratch is not None:
        words = words.replace(f"{os.path.relpath(kitchen.root, scratch)}/", "")
        words = words.replace(f"{scratch}/", f"{home}/" if home else "")
    words = words.replace(f"{kitchen.root}/", "").replace(f"{kitchen.sandbox.directory}/", "")
    words = re.sub(rf"{re.escape(str(kitchen.root))}(?![\w.-])", ".", words)
    return words or f"it ended with exit code {done.code} and said nothing"


def shortened(words: str) -> str:
    """Return *words* in a length that a report can show."""
    return words if len(words) <= _LONGEST else words[: _LONGEST - 1] + "…"


def stopped(tool: str, why: str, bounds: Bounds) -> str:
    """Return what to say of a renderer that broke a bound."""
    how = {
        "time": f"it ran for more than {bounds.seconds:g} seconds",
        "memory": f"it took more than {bounds.memory_bytes >> 20:,} MiB of memory",
        "output": f"it printed more than {bounds.output_bytes >> 20:,} MiB",
    }
    return f"{tool} was stopped: {how.get(why, 'the run was interrupted')}."
