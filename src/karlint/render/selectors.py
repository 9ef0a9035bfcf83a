"""Label selectors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


def selects(selector: Any, labels: Mapping[str, str]) -> bool:
    """Return whether a label *selector* matches *labels*; one that says nothing matches everything."""
    if not isinstance(selector, dict):
        return True
    wanted = selector.get("matchLabels")
    if isinstance(wanted, dict) and any(labels.get(key) != value for key, value in wanted.items()):
        return False
    expressions = selector.get("matchExpressions")
    return all(_holds(item, labels) for item in expressions) if isinstance(expressions, list) else True


def _holds(expression: Any, labels: Mapping[str, str]) -> bool:
    if not isinstance(expression, dict):
        return False
    key, operator, values = expression.get("key"), expression.get("operator"), expression.get("values")
    value = labels.get(key) if isinstance(key, str) else None
    listed = values if isinstance(values, list) else []
    match operator:
        case "In":
            return value in listed
        case "NotIn":
            return value not in listed
        case "Exists":
            return value is not None
        case "DoesNotExist":
            return value is None
    return False
