"""From what a pod demands of its node to what it demands of its devices."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from karlint.inventory.paths import value_at
from karlint.model.fix import Operation, OperationKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from karlint.migrate.mapping import Classes, Label, Source
    from karlint.model.path import Path

REQUIRED = ("affinity", "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution")
_TERMS = (*REQUIRED, "nodeSelectorTerms")
_LABEL_VALUE = re.compile(r"[A-Za-z0-9]([A-Za-z0-9_.-]*[A-Za-z0-9])?")
_SIDES = {"Gt": "over-", "Lt": "under-"}
_LONGEST = 40  # a name that is cut in the middle of a number would tell another one
_NUMBER = re.compile(r"[0-9]{1,9}")
_OWN_MAKER = re.compile(r"^(?:nvidia|amd-instinct|amd)-")


class Demand(Struct, frozen=True):
    """One thing that a pod demands of its node's labels.

    Attributes:
        at: where it stands in the pod spec.
        operator: "In", "Gt", ... of node selectors always "In".
    """

    at: Path
    label: str
    operator: str
    values: tuple[str, ...]


class Selection(Struct, frozen=True):
    """How a request narrows its device class down.

    Attributes:
        source: the resource, of nodes with slices the slice.
        selectors: all CEL expressions, those of the source first.
        word: for names.
        replaced: demands on the node that these expressions take the place of.
        choices: products among which the scheduler may choose.
    """

    source: Source
    selectors: tuple[str, ...]
    word: str
    replaced: tuple[Demand, ...] = ()
    choices: int = 1


def demands(spec: Mapping[str, Any]) -> Iterator[Demand]:
    """Yield what every node of a pod must fulfil: of alternative terms nothing is sure."""
    selector = spec.get("nodeSelector")
    for label, value in selector.items() if isinstance(selector, dict) else ():
        if isinstance(value, str):
            yield Demand(("nodeSelector", label), label, "In", (value,))
    terms = value_at(spec, _TERMS)
    if not isinstance(terms, list) or len(terms) != 1:
        return
    expressions = terms[0].get("matchExpressions") if isinstance(terms[0], dict) else None
    for index, entry in enumerate(expressions if isinstance(expressions, list) else ()):
        values = entry.get("values", []) if isinstance(entry, dict) else None
        if isinstance(values, list) and all(isinstance(value, str) for value in values):
            at = (*_TERMS, 0, "matchExpressions", index)
            yield Demand(at, str(entry.get("key")), str(entry.get("operator")), tuple(values))


def choices_of(spec: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield every label and value by which a pod chooses nodes, of alternative terms, too."""
    selector = spec.get("nodeSelector")
    for label, value in selector.items() if isinstance(selector, dict) else ():
        yield label, str(value)
    terms = value_at(spec, _TERMS)
    for term in terms if isinstance(terms, list) else ():
        expressions = value_at(term, ("matchExpressions",))
        for entry in expressions if isinstance(expressions, list) else ():
            values = value_at(entry, ("values",))
            if value_at(entry, ("operator",)) == "In" and isinstance(values, list):
                yield from ((str(entry.get("key")), str(value)) for value in values)


def labels_named(spec: Mapping[str, Any]) -> set[str]:
    """Return every node label that a pod spec speaks of: selector, affinity of any kind."""
    selector = spec.get("nodeSelector")
    found = set(selector) if isinstance(selector, dict) else set()
    affinity = value_at(spec, ("affinity", "nodeAffinity"))
    return found | set(map(str, _keys_in(affinity)))


def _keys_in(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        if isinstance(value.get("key"), str):
            yield value["key"]
        for item in value.values():
            yield from _keys_in(item)
    elif isinstance(value, list):
        for item in value:
            yield from _keys_in(item)


def select(source: Source, spec: Mapping[str, Any], classes: Classes) -> Selection:
    """Return what a request for *source* selects by, given the node labels that its pod demands."""
    listed = list(demands(spec))
    for demand in listed:
        label = classes.labels.get(demand.label)
        profiles = {classes.profile_of(value) for value in demand.values}
        if label is not None and label.value and demand.operator == "In" and len(profiles) == 1:
            source = classes.slice_of(source, demand.values[0])
    replaced, selectors, words = [], [], []
    numbers: set[str] = set()
    choices = 1
    for demand in listed:
        label = classes.labels.get(demand.label)
        if label is None or source.driver_class not in label.classes:
            continue
        values = tuple(classes.without_slice(value) for value in demand.values) if label.value else demand.values
        mixed = len({classes.profile_of(value) for value in demand.values}) > 1
        expression = "" if mixed else _expression(label, demand.operator, values)
        if not expression:
            continue
        replaced.append(demand)
        selectors.append(expression)
        if label.capacity:
            words.append(f"{_SIDES[demand.operator]}{values[0]}{label.unit}")
            numbers.add(words[-1])
        elif label.is_number:
            words.append(f"{_SIDES.get(demand.operator, '')}{label.word}{'-or-'.join(values)}")
            numbers.add(words[-1])
        else:
            choices = max(choices, len(values))
            words.append("-or-".join(_OWN_MAKER.sub("", value.lower()) for value in values))
    words = list(dict.fromkeys(words))
    named = [word for word in words if word not in numbers]
    word = "-".join([*(named or [source.name]), *(word for word in words if word not in named)])
    if len(word) > _LONGEST and named:
        word = "-".join(named)
    if named and source.name.startswith("mig-"):
        word = f"{word}-{source.name}"
    return Selection(source, tuple(dict.fromkeys((*source.selectors, *selectors))), word, tuple(replaced), choices)


def _expression(label: Label, operator: str, values: Sequence[str]) -> str:
    """Return the CEL expression that says the same of a device; "" where none surely does."""
    if label.capacity:
        if len(values) != 1 or not _NUMBER.fullmatch(values[0]):
            return ""
        if operator == "Gt":  # the label is rounded down
            return f"{label.capacity}.compareTo(quantity('{int(values[0]) + 1}{label.unit}')) >= 0"
        return f"{label.capacity}.isLessThan(quantity('{values[0]}{label.unit}'))" if operator == "Lt" else ""
    form = _NUMBER if label.is_number else _LABEL_VALUE
    if not values or not all(form.fullmatch(value) for value in values):
        return ""
    if label.is_number and operator in ("Gt", "Lt") and len(values) == 1:
        return f"{label.value} {'>' if operator == 'Gt' else '<'} {int(values[0])}"
    written = [str(int(value)) if label.is_number else f"'{value}'" for value in values]
    if operator == "In":
        one = len(written) == 1
        return f"{label.value} == {written[0]}" if one else f"{label.value} in [{', '.join(written)}]"
    return ""


def removals(spec: Mapping[str, Any], replaced: Sequence[Demand]) -> list[Operation]:
    """Return the operations on a pod spec that take *replaced* away, and what would be left empty by that."""
    gone = {demand.at for demand in replaced}
    selector = spec.get("nodeSelector", {})
    labels = [at for at in gone if at[0] == "nodeSelector"]
    found = [("nodeSelector",)] if labels and len(labels) == len(selector) else sorted(labels, key=str)
    expressions = sorted((at for at in gone if at[0] == "affinity"), key=lambda at: -int(at[-1]))
    if expressions:
        found += _without_expressions(spec, expressions)
    return [Operation(OperationKind.REMOVE, at) for at in found]


def _without_expressions(spec: Mapping[str, Any], expressions: list[Path]) -> list[Path]:
    term = value_at(spec, (*_TERMS, 0))
    if len(term["matchExpressions"]) > len(expressions):
        return expressions
    if len(term) > 1:
        return [(*_TERMS, 0, "matchExpressions")]
    for depth in (2, 1):
        if len(value_at(spec, REQUIRED[:depth])) > 1:
            return [REQUIRED[: depth + 1]]
    return [REQUIRED[:1]]
