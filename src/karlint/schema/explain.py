"""From validation errors to sentences: which field, what was expected, what was probably meant."""

from __future__ import annotations

import json
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from karlint.model.fix import Operation, OperationKind
from karlint.model.path import Path, to_text
from karlint.model.source import Anchor
from karlint.schema.problem import Problem
from karlint.schema.tokens import has_token, holds_token
from karlint.schema.wording import constraint, quoted, shown, type_help, types_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    import jsonschema_rs

    from karlint.schema.fields import Fields

_JUNCTORS = frozenset({"anyOf", "oneOf", "not"})

# Root fields that tools put beside the object and take away before the API server sees it.
_TOOL_FIELDS = frozenset({"sops"})


def explain(
    errors: list[jsonschema_rs.ValidationError],
    body: dict[str, Any],
    fields: Fields,
    others: Sequence[Problem] = (),
) -> list[Problem]:
    """Return the mistakes behind *errors*, in the order of the manifest, without repetition and derived noise.

    Args:
        errors: what the validator said about the object as judged.
        body: the object as written.
        fields: what the schema knows about fields.
        others: mistakes that the validator does not know of.
    """
    problems = list(others)
    for error in errors:
        problems += [found for found in _explain(error, body, fields) if found not in problems]
    return sorted(_without_derived(problems), key=lambda problem: _position(body, problem.at))


def _explain(error: jsonschema_rs.ValidationError, body: dict[str, Any], fields: Fields) -> list[Problem]:
    at: Path = tuple(error.instance_path)
    if ruled := fields.rule(error.schema_path):
        return _broken_rule(ruled, at, body)
    name = error.kind.name
    if name == "additionalProperties":
        return _unknown(error, at, fields)
    if name == "required":
        return _missing(error, at, body)
    if name in _JUNCTORS:
        return _junction(error, at, body, fields)
    if has_token(error.instance) or (name in {"enum", "const", "uniqueItems"} and holds_token(error.instance)):
        return []
    if name == "type":
        return [_wrong_type(error, at)]
    if name == "enum":
        return [_not_listed(error, at)]
    return [_value(name, at, f"{_at(at)} {constraint(error)}.")]


def _broken_rule(ruled: tuple[str, int], at: Path, body: dict[str, Any]) -> list[Problem]:
    said, depth = ruled
    at = at[: len(at) - depth]
    if holds_token(value_at(body, at)):
        return []
    return [Problem("rule", at, _key_anchor(at), "", f"In {to_text(at) or 'the resource'}, {said}.")]


def _value(code: str, at: Path, message: str, advice: str = "") -> Problem:
    return Problem(code, at, Anchor.VALUE, "", message, advice)


def _unknown(error: jsonschema_rs.ValidationError, at: Path, fields: Fields) -> list[Problem]:
    known = fields.at(at)
    result = []
    for name in _detail(error)["unexpected"]:
        if has_token(name) or (not at and name in _TOOL_FIELDS):
            continue
        message = f'{_at(at)} has no field "{name}".'
        meant = similar(name, known)
        advice = f"Did you mean {quoted(meant)}?" if meant else fields.hint(at, name)
        fix = (Operation(OperationKind.RENAME, (*at, name), name=meant[0]),) if len(meant) == 1 else ()
        result.append(Problem("unknown-field", (*at, name), Anchor.KEY, name, message, advice, fix))
    return result


def _missing(error: jsonschema_rs.ValidationError, at: Path, body: dict[str, Any]) -> list[Problem]:
    name: str = _detail(error)["property"]
    written = value_at(body, at)
    if isinstance(written, dict):
        if any(has_token(key) for key in written):
            return []
        if name in written:
            message = f"{_at((*at, name))} is null, which counts as missing, and it is required."
            return [Problem("missing-field", (*at, name), Anchor.VALUE, name, message)]
    return [Problem("missing-field", at, _key_anchor(at), name, f'{_at(at)} lacks the required field "{name}".')]


def _wrong_type(error: jsonschema_rs.ValidationError, at: Path) -> Problem:
    expected = [kind for kind in _detail(error)["types"] if kind != "null"] or ["null"]
    got = shown(error.instance)
    message = f"{_at(at)} must be {types_text(expected)}, but is {got}."
    fix: tuple[Operation, ...] = ()
    if expected == ["string"] and isinstance(error.instance, int):  # a float is not always written as it is read
        fix = (Operation(OperationKind.SET, at, json.dumps(error.instance)),)
    return replace(_value("type", at, message, type_help(expected, error.instance)), fix=fix)


def _not_listed(error: jsonschema_rs.ValidationError, at: Path) -> Problem:
    options = [option for option in _detail(error)["options"] if option is not None]
    names = [option for option in options if isinstance(option, str)]
    message = f"{_at(at)} must be {_one_of(options)}, but is {shown(error.instance)}."
    guess = similar(error.instance, names) if isinstance(error.instance, str) else []
    fix = (Operation(OperationKind.SET, at, guess[0]),) if len(guess) == 1 else ()
    return Problem("enum", at, Anchor.VALUE, "", message, f"Did you mean {quoted(guess)}?" if guess else "", fix)


def _junction(error: jsonschema_rs.ValidationError, at: Path, body: dict[str, Any], fields: Fields) -> list[Problem]:
    """Explain a junctor by its best branch: the one that fails deepest, then with the fewest errors."""
    if holds_token(error.instance) or error.instance is None:
        return []  # unknown; or a nullable field, for which Kubernetes asks no junctor
    branches = [branch for branch in _detail(error).get("context", ()) if branch]
    if not branches:
        return [_value(error.kind.name, at, f"{_at(at)} {_junction_text(error)}.")]
    if all(len(branch) == 1 and branch[0].kind.name == "required" and _here(branch[0], at) for branch in branches):
        names = sorted({_detail(branch[0])["property"] for branch in branches})
        message = f"{_at(at)} needs one of the fields {quoted(names, 'or')}."
        return [Problem("missing-field", at, _key_anchor(at), "|".join(names), message)]
    if all(len(branch) == 1 and branch[0].kind.name == "type" and _here(branch[0], at) for branch in branches):
        expected = sorted({kind for branch in branches for kind in _detail(branch[0])["types"] if kind != "null"})
        message = f"{_at(at)} must be {types_text(expected)}, but is {shown(error.instance)}."
        return [_value("type", at, message, type_help(expected, error.instance))]
    best = max(branches, key=lambda branch: (max(len(item.instance_path) for item in branch), -len(branch)))
    return [found for item in best for found in _explain(item, body, fields)]


def _junction_text(error: jsonschema_rs.ValidationError) -> str:
    if error.kind.name == "not":
        forbidden = _detail(error)["schema"]
        if isinstance(forbidden, dict) and list(forbidden) == ["required"]:
            return f"must not have {quoted(forbidden['required'], 'and')} together"
        return "has a form that the schema rules out"
    return "matches several alternatives of which only one is allowed"


def _here(error: jsonschema_rs.ValidationError, at: Path) -> bool:
    return tuple(error.instance_path) == at


def _without_derived(problems: list[Problem]) -> list[Problem]:
    """Leave out that a field is missing where a misspelt one stands in its place, and rules about what is broken.

    The API server asks rules only of what has its fields and their types.
    """
    blocked = any(found.code not in {"rule", "unknown-field"} for found in problems)
    misspelt = {found.at[:-1] for found in problems if found.code == "unknown-field"}
    problems = [found for found in problems if found.code != "rule" or not (blocked or found.at in misspelt)]
    meant = {(found.at[:-1], found.help) for found in problems if found.code == "unknown-field" and found.help}
    return [
        found
        for found in problems
        if found.code != "missing-field" or (found.at, f'Did you mean "{found.subject}"?') not in meant
    ]


def similar(name: str, known: list[str]) -> list[str]:
    """Return the known names that *name* may be a slip of, at most two, the likeliest first."""
    same = [other for other in known if other.lower() == name.lower()]
    return same or get_close_matches(name, known, n=1, cutoff=0.75)


def value_at(body: Any, at: Path) -> Any:
    """Return the value at *at*, None when it is not there."""
    for step in at:
        try:
            body = body[step]
        except (KeyError, IndexError, TypeError):
            return None
    return body


def _position(body: Any, at: Path) -> tuple[int, ...]:
    """Return where *at* stands in the manifest, such that positions sort as the text does."""
    position = []
    for step in at:
        if isinstance(body, dict) and step in body:
            position.append(list(body).index(step))
        elif isinstance(body, list) and isinstance(step, int) and step < len(body):
            position.append(step)
        else:
            break
        body = body[step]
    return tuple(position)


def _key_anchor(at: Path) -> Anchor:
    return Anchor.KEY if at and isinstance(at[-1], str) else Anchor.VALUE


def _at(at: Path) -> str:
    return to_text(at) or "The resource"


def _one_of(options: list[Any]) -> str:
    if len(options) == 1:
        return shown(options[0])
    head = ", ".join(_plain(option) for option in options[:8])
    return f"one of {head}" + (", ..." if len(options) > 8 else "")


def _plain(value: Any) -> str:
    return f'"{value}"' if isinstance(value, str) else str(value).lower()


def _detail(error: jsonschema_rs.ValidationError) -> dict[str, Any]:
    """Return what the validator adds to this sort of error."""
    detail: dict[str, Any] = error.kind.as_dict()
    return detail
