"""Files of a tree under edit: as many fixes at once as are not in one another's way."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct, field

from karlint.fix import RefusedError, mend
from karlint.fixable import by_file
from karlint.model.source import SourceFile
from karlint.source.text import UnreadableError, byte_order_mark, decode

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from karlint.model.finding import Finding
    from karlint.model.fix import Change


class Edited(Struct):
    """Files of a tree under edit.

    Attributes:
        before: path to the bytes of each file that is, or was, to change.
        changes: path to what is to be changed.
        refused: findings whose edits cannot be made.
    """

    root: Path
    before: dict[str, bytes] = field(default_factory=dict)
    changes: dict[str, list[Change]] = field(default_factory=dict)
    refused: list[Finding] = field(default_factory=list)
    _texts: dict[str, str] = field(default_factory=dict)

    def mend(self, findings: Iterable[Finding]) -> list[Finding]:
        """Do the fixes of *findings*. Return those that are done; the others are in one another's way."""
        done: list[Finding] = []
        taken: dict[str, list[tuple[int, int]]] = {}
        for finding in findings:
            if finding.fix is None:
                continue
            try:
                spans = {path: self._spans(path, own) for path, own in by_file(finding.fix).items()}
            except RefusedError:
                self.refused.append(finding)
                continue
            if self._holds(by_file(finding.fix)):
                done.append(finding)
                continue
            meets = any(_meet(span, other) for path in spans for span in spans[path] for other in taken.get(path, ()))
            if not meets and self._take(by_file(finding.fix)):
                done.append(finding)
                for path, own in spans.items():
                    taken.setdefault(path, []).extend(own)
        return done

    def _holds(self, changes: dict[str, list[Change]]) -> bool:
        """Tell whether just these edits of templates are made already: a line may be printed more than once."""
        return all(
            change.rewrites and any(change.rewrites == other.rewrites for other in self.changes.get(path, ()))
            for path, own in changes.items()
            for change in own
        )

    def restore(self) -> None:
        """Forget all changes, but not which files there were."""
        self.changes.clear()
        self._texts.clear()

    def bytes_of(self, path: str) -> bytes:
        """Return the file at *path* with its changes."""
        data = self.before[path]
        if path not in self._texts:
            return data
        mark, encoding = byte_order_mark(data)
        return mark + self._texts[path].encode(encoding)

    def _spans(self, path: str, changes: Sequence[Change]) -> list[tuple[int, int]]:
        return [(edit.start, edit.end) for edit in mend(path, self._text(path), changes).edits]

    def _take(self, changes: dict[str, list[Change]]) -> bool:
        """Add *changes*; tell whether they go together with those that are there."""
        texts = {}
        for path, own in changes.items():
            there = self.changes.get(path, [])
            if any(_shifts(one, other) or _shifts(other, one) for one in own for other in there):
                return False
            try:
                if any(change.rewrites for change in own):  # these count from where the text was at first
                    texts[path] = mend(path, self._text(path), [*there, *own]).text
                else:
                    texts[path] = mend(path, self._texts.get(path, self._text(path)), own).text
            except RefusedError:
                return False
        for path, own in changes.items():
            self.changes.setdefault(path, []).extend(own)
        self._texts |= texts
        return True

    def _text(self, path: str) -> str:
        if path not in self.before:
            if not (self.root / path).resolve().is_relative_to(self.root.resolve()):
                raise RefusedError("a link leads out of the tree")
            try:
                self.before[path] = (self.root / path).read_bytes()
            except OSError:
                raise RefusedError("there is no file to edit") from None
        try:
            return decode(SourceFile(path, None), self.before[path])
        except UnreadableError:
            raise RefusedError("the file is no text") from None


def _meet(one: tuple[int, int], other: tuple[int, int]) -> bool:
    """Tell whether two stretches overlap or touch."""
    return one[0] <= other[1] and other[0] <= one[1]


def _shifts(one: Change, other: Change) -> bool:
    """Tell whether *one* changes what the paths of *other* mean, or may: it takes items away, or moves entries."""
    if one.ordinal != other.ordinal:
        return False
    for operation in one.operations:
        if operation.kind.value == "set":
            continue
        above = operation.at[:-1] if isinstance(operation.at[-1], int) else operation.at
        if any(item.at[: len(above)] == above for item in other.operations):
            return True
    return False
