"""What a CEL rule demands, in words: the rest of a sentence that begins with the place it is about."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from karlint.schema.cel import counted_of

if TYPE_CHECKING:
    from karlint.schema.cel import Node

_BOUNDS = {"<": "less than", "<=": "at most", ">": "more than", ">=": "at least"}
_TEXTS = {"startsWith": "begin{} with", "endsWith": "end{} with", "contains": "contain{}", "matches": "match{}"}
_EMPTY = {
    ("==", 0): True, ("<=", 0): True, ("<", 1): True,
    (">", 0): False, (">=", 1): False, ("!=", 0): False,
}  # fmt: skip
_OPPOSITE = {"==": "!=", "!=": "==", "<": ">=", "<=": ">", ">": "<=", ">=": "<"}


def words(node: Node) -> str:
    """Return what must hold, such as ``"a" and "b" must not be set together``."""
    return _must(node, True)


def _must(node: Node, wanted: bool) -> str:
    """Return the demand that *node* be true, or that it be not."""
    if node.kind == "!":
        return _must(node.parts[0], not wanted)
    if node.kind == "?":
        return _choice(node, wanted)
    if node.kind in {"&&", "||"}:
        return _joined(node, wanted)
    counted = _count(node)
    if counted:
        return counted if wanted else f"it must not be that {counted}"
    return _clause(node, wanted, must=True)


def _choice(node: Node, wanted: bool) -> str:
    condition, yes, no = node.parts
    told = []
    if not _is(yes, wanted):
        told.append(f"if {_holds(condition, True)}, {_must(yes, wanted)}")
    if not _is(no, wanted):
        told.append(f"if {_holds(condition, False)}, {_must(no, wanted)}")
    return "; ".join(told)


def _is(node: Node, value: bool) -> bool:
    return node.kind == "literal" and node.value is value


def _joined(node: Node, wanted: bool) -> str:
    if (node.kind == "&&") == wanted:
        return " and ".join(_must(part, wanted) for part in _telling(node.parts, wanted))
    if all(_has(part) for part in node.parts):
        names = [_has(part) for part in node.parts]
        if wanted:
            return f"{' or '.join(names)} must be set"
        return f"{' and '.join(names)} must not be set together"
    if wanted and (options := _options(node)):
        return f"{_name(node.parts[0].parts[0])} must be {' or '.join(map(_literal, options))}"
    # One of the parts has to come out right: if none of the others does, the last must.
    *conditions, last = sorted(_telling(node.parts, not wanted), key=lambda part: _weight(part, wanted))
    if any(part.kind in {"&&", "||", "?"} for part in conditions):
        told = [_must(part, wanted) if part.kind == "?" else _holds(part, wanted) for part in node.parts]
        return f"one of these must be so: {'; '.join(told)}"
    must = _must(last, wanted)
    return f"if {' and '.join(_holds(part, not wanted) for part in conditions)}, {must}" if conditions else must


def _options(node: Node) -> list[Any]:
    """Return the values of an expression like ``a == 1 || a == 2``; none when it is something else."""
    first = node.parts[0]
    if any(part.kind != "==" or part.parts[0] != first.parts[0] for part in node.parts):
        return []
    return [part.parts[1].value for part in node.parts]


def _telling(parts: tuple[Node, ...], wanted: bool) -> list[Node]:
    """Leave out that a field is set where another part says what it is, or what something in it is."""
    told = [_bare(part, wanted) for part in parts]
    implied: list[Node] = []
    for node, positive in told:
        if node.kind not in {"==", "!=", "in", *_BOUNDS}:
            continue
        compared = node.parts[0]
        if compared.kind == "call" and compared.value == "size":
            compared = compared.parts[0]
        implied.append(compared)
        equal = node.kind in {"==", "in"} if positive else node.kind == "!="
        while compared.kind == "member" and equal:
            compared = compared.parts[0]
            implied.append(compared)
    return [
        part
        for part, (node, positive) in zip(parts, told, strict=True)
        if not (positive and node.kind == "call" and node.value == "has" and node.parts[0] in implied)
    ]


def _bare(node: Node, wanted: bool) -> tuple[Node, bool]:
    while node.kind == "!":
        node, wanted = node.parts[0], not wanted
    return node, wanted


def _weight(node: Node, wanted: bool) -> int:
    """Return how well a part serves as a condition, the best first: a field's value, a field that is set."""
    node, positive = _bare(node, wanted)
    if node.kind in {"&&", "||", "?"}:
        return 5
    if node.kind in {"==", "in"}:
        return 3 if positive else 0
    if node.kind == "!=":
        return 0 if positive else 3
    if node.kind == "call" and node.value == "has":
        return 2 if positive else 1
    return 4


def _holds(node: Node, wanted: bool) -> str:
    """Return a condition as a clause, such as ``"a" is set``."""
    if node.kind == "!":
        return _holds(node.parts[0], not wanted)
    if node.kind in {"&&", "||"}:
        word = " and " if (node.kind == "&&") == wanted else " or "
        parts = _telling(node.parts, wanted) if word == " and " else node.parts
        return word.join(_holds(part, wanted) for part in parts)
    return _clause(node, wanted, must=False)


def _clause(node: Node, wanted: bool, *, must: bool) -> str:
    verb = ("must be" if wanted else "must not be") if must else ("is" if wanted else "is not")
    if node.kind == "call":
        return _call(node, wanted, must=must)
    if node.kind == "in":
        options = ", ".join(_literal(part.value) for part in node.parts[1].parts)
        return f"{_name(node.parts[0])} {verb} one of {options}"
    if node.kind in {"==", "!="} and node.parts[1].kind != "literal":
        return _pair(node, wanted)
    if node.kind in _OPPOSITE:
        relation = node.kind if wanted else _OPPOSITE[node.kind]
        return _related(relation, node, must=must)
    return f"{_name(node)} {verb} true"


def _related(relation: str, node: Node, *, must: bool) -> str:
    left, right = node.parts
    if left.kind == "literal":
        left, right = right, left
        relation = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}.get(relation, relation)
    verb = "must be" if must else "is"
    if left.kind == "call" and left.value == "size":
        if (relation, right.value) in _EMPTY:
            no = "" if _EMPTY[relation, right.value] else " not"
            return f"{_name(left.parts[0])} {f'must{no} be' if must else f'is{no}'} empty"
        return f"the length of {_name(left.parts[0])} {verb} {_amount(relation, right.value)}"
    if relation in {"==", "!="}:
        no = "" if relation == "==" else " not"
        verb = f"must{no} be" if must else f"is{no}"
        return f"{_name(left)} {verb} {_literal(right.value)}"
    return f"{_name(left)} {verb} {_amount(relation, right.value)}"


def _amount(relation: str, number: Any) -> str:
    return {"==": str(number), "!=": f"other than {number}"}.get(relation) or f"{_BOUNDS[relation]} {number}"


def _pair(node: Node, wanted: bool) -> str:
    names = [_has(part) or _holds(part, True) for part in node.parts]
    if (node.kind == "!=") == wanted:
        return f"exactly one of {names[0]} and {names[1]} must be set"
    return f"{names[0]} and {names[1]} must be set together or not at all"


def _count(node: Node) -> str:
    counted = counted_of(node)
    if counted is None:
        return ""
    relation, number, parts = counted
    names = [_has(part) or _holds(part, True) for part in parts]
    amount = {"<=": "at most", ">=": "at least", "==": "exactly"}[relation]
    verb = "may" if relation == "<=" else "must"
    return f"{amount} {'one' if number == 1 else number} of {', '.join(names[:-1])} and {names[-1]} {verb} be set"


def _call(node: Node, wanted: bool, *, must: bool) -> str:
    name = _name(node.parts[0])
    if node.value == "has":
        verb = ("must be" if wanted else "must not be") if must else ("is" if wanted else "is not")
        return f"{name} {verb} set"
    if node.value in {"all", "exists"}:
        if (node.value == "all") == wanted:
            return f"in each entry of {name}, {_must(node.parts[2], wanted)}"
        return f"in an entry of {name}, {_must(node.parts[2], wanted)}"
    verb = _TEXTS[node.value].format("" if must or not wanted else "es" if node.value == "matches" else "s")
    how = f"must {verb}" if must else verb
    if not wanted:
        how = f"must not {verb}" if must else f"does not {verb}"
    text = node.parts[1].value
    return f"{name} {how} {text if node.value == 'matches' else _literal(text)}"


def _has(node: Node) -> str:
    """Return the field that *node* asks for, "" when it is no ``has``."""
    return _name(node.parts[0]) if node.kind == "call" and node.value == "has" else ""


def _name(node: Node) -> str:
    parts: list[str] = []
    while node.kind == "member":
        parts.insert(0, str(node.value).strip("_"))
        node = node.parts[0]
    return f'"{".".join(parts)}"' if parts else "the value"


def _literal(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
