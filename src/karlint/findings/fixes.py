"""What a finding says of its own mending."""

from __future__ import annotations

from typing import TYPE_CHECKING

from karlint.findings.templates import show
from karlint.model.fix import Fix, Operation, OperationKind
from karlint.model.path import to_text

if TYPE_CHECKING:
    from karlint.model.finding import RawFinding
    from karlint.model.fix import Change
    from karlint.model.rule import Rule


def fix_of(raw: RawFinding, rule: Rule, changes: tuple[Change, ...]) -> Fix | None:
    """Return the fix of *raw*; None where *changes* leave it open what to edit, or the rule claims to have none."""
    kind = rule.fix_of(raw.case)
    if not changes or kind == "none":
        return None
    return Fix("; ".join(map(_words, raw.fix)), kind == "safe" if raw.safe is None else raw.safe, changes)


def agreed(one: Fix | None, other: Fix | None) -> Fix | None:
    """Return the fix of two findings that become one: only what mends both alike."""
    return one if one == other else None


def _words(operation: Operation) -> str:
    last = operation.at[-1] if operation.at else ""
    name = last if isinstance(last, str) else to_text(operation.at[-2:])
    if operation.kind is OperationKind.SET:
        return f"set {name} to {show(operation.value)}"
    if operation.kind is OperationKind.ADD:
        return f"add {to_text(operation.at[-2:])}: {show(operation.value)}"
    if operation.kind is OperationKind.RENAME:
        return f"rename {name} to {operation.name}"
    if operation.kind is OperationKind.WRAP:
        return f"put {show(operation.value)} under {operation.name}"
    if operation.kind is OperationKind.UNWRAP:
        return f"put what is under {name} in its place"
    return f"remove {name}"
