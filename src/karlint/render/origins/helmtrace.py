"""Lines of a rendered chart, each with the file that it is from and the marks of what wrote it."""

from __future__ import annotations

import re
from collections import defaultdict
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

from msgspec import Struct

from karlint.render.origins.helmmarks import Marker

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from karlint.render.origins.helmchart import Library
    from karlint.render.origins.helmmarks import Mark

_SOURCE = re.compile(r"^# Source: (\S.*?)\s*$")
_MAX_ALONE = 2
"""So many templates are rendered with marks in them alone, where marks in all break the chart."""
_MAX_DIFF = 2000


class Block(Struct, frozen=True):
    """What one template or CRD file printed as one document (a CRD file: all of it); lines count from 0."""

    source: str
    nth: int
    start: int
    end: int


def blocks_of(lines: list[str]) -> list[Block]:
    """Return the blocks of a rendered stream: what stands below each ``# Source:`` comment that begins a document."""
    starts = [
        (index, match.group(1))
        for index, line in enumerate(lines)
        if (match := _SOURCE.match(line)) and (index == 0 or lines[index - 1].startswith("---"))
    ]
    found: list[Block] = []
    counts: dict[str, int] = defaultdict(int)
    for position, (index, source) in enumerate(starts):
        end = starts[position + 1][0] - 1 if position + 1 < len(starts) else len(lines)
        found.append(Block(source, counts[source], index + 1, end))
        counts[source] += 1
    return found


class Trace:
    """Who wrote each line of the output: worked out by rendering once with marks, and once more where these disturb."""

    def __init__(
        self, rendered: str, library: Library, render: Callable[[Mapping[str, bytes]], bytes | None] | None
    ) -> None:
        self.lines = rendered.split("\n")
        self.blocks = blocks_of(self.lines)
        self._library = library
        self._render = render
        self._alone: dict[str, dict[tuple[str, int], dict[int, list[Mark]]]] = {}
        self._attempts: list[dict[tuple[str, int], dict[int, list[Mark]]]] = []

    def block(self, line: int) -> Block | None:
        """Return the block that *line* (from 0) lies in."""
        low, high = 0, len(self.blocks)
        while low < high:
            middle = (low + high) // 2
            if self.blocks[middle].start <= line:
                low = middle + 1
            else:
                high = middle
        return self.blocks[low - 1] if low else None

    def marks(self, block: Block) -> dict[int, list[Mark]]:
        """Return the marks of each line of *block*; empty where marks disturbed it."""
        for attempt in range(2):
            if len(self._attempts) <= attempt:
                self._attempts.append(self._run(defines=attempt == 0))
            found = self._attempts[attempt].get((block.source, block.nth))
            if found:
                return found
        if block.source not in self._alone:
            alone = len(self._alone) < _MAX_ALONE
            self._alone[block.source] = self._run(True, block.source) if alone else {}
        return self._alone[block.source].get((block.source, block.nth), {})

    def _run(self, defines: bool, source: str = "") -> dict[tuple[str, int], dict[int, list[Mark]]]:
        home = self._library.source(source) if source else None
        if self._render is None or (source and home is None):
            return {}
        marker = Marker(self._library, defines, home[1] if home is not None else "")
        output = self._render(marker.files())
        if output is None:
            return {}
        read = [marker.read(line) for line in output.decode("utf-8", "replace").split("\n")]
        texts = [text for text, _ in read]
        theirs = {(block.source, block.nth): block for block in blocks_of(texts)}
        counts = (_counts(self.blocks), _counts(list(theirs.values())))
        found = {}
        for block in self.blocks:
            other = theirs.get((block.source, block.nth))
            if other is not None and counts[0][block.source] == counts[1][block.source]:
                pairs = _aligned(self.lines[block.start : block.end], texts[other.start : other.end])
                found[block.source, block.nth] = {
                    block.start + mine: read[other.start + its][1] for mine, its in pairs if read[other.start + its][1]
                }
        return found


def _counts(blocks: list[Block]) -> dict[str, int]:
    counts: dict[str, int] = defaultdict(int)
    for block in blocks:
        counts[block.source] += 1
    return counts


def _aligned(mine: list[str], theirs: list[str]) -> list[tuple[int, int]]:
    """Return pairs of lines that are the same; where few differ (checksums, passwords), these as well."""
    if len(mine) == len(theirs):
        same = sum(a.rstrip() == b.rstrip() for a, b in zip(mine, theirs, strict=True))
        if same * 10 >= len(mine) * 8:
            return [(index, index) for index in range(len(mine))]
    if len(mine) > _MAX_DIFF or len(theirs) > _MAX_DIFF:
        return []
    matcher = SequenceMatcher(None, mine, theirs, autojunk=False)
    return [(m.a + i, m.b + i) for m in matcher.get_matching_blocks() for i in range(m.size)]
