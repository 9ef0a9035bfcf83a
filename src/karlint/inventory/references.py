"""The table of references: which fields of which kinds refer to what.

A row of ``policies/tables/references.json`` is all that a new kind of reference needs. It has one of three forms:

*By name*: ``at`` lists the places of the name in the kinds of ``from``, and ``to`` the kinds that may be meant, any of
which will do; or ``stated`` tells how the reference states the kind itself, in ``kind`` and the field ``group`` beside
the name, with its ``default``. ``namespace`` names the field beside it that states a namespace. With ``optional`` the
field of that name beside it is heeded; ``implicit`` is for what need not be an object. ``unless`` is a path that
replaces the reference. ``by`` is for what is meant by another of its fields than its name, and ``where`` says what must
stand beside that field.

*By labels*: ``selector`` is the place of a selector, whose ``form`` is a plain ``map`` or LabelSelector's ``labels``.
``empty: all`` tells that an empty one selects everything. ``namespaces`` is the place of a namespace selector.

*By port*: ``of`` is the row whose targets must have a port of the name at ``at``: among the ports of their pods, or at
the path ``names``.

Paths are dotted; ``[*]`` stands for every item of a list, ``["a.b/c"]`` for a key with dots. ``pod:``, ``container:``
and ``template:`` begin at each pod spec, container or pod template of a workload.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from msgspec import Struct, field

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from karlint.model.path import Path

WORKLOAD = "workload"
"""Stands for every kind that makes pods."""
_STEP = re.compile(r'\["([^"]+)"\]|(\[\*\])|([^.\[\]]+)')
_FIELD = re.compile(r"\{([^{}]*)\}")

Steps = tuple[str, ...]


class Place(Struct, frozen=True):
    """Where something stands: *base* is "", "pod", "container" or "template", the steps go on from there."""

    base: str
    steps: Steps


class Found(Struct, frozen=True):
    """A value in a resource: where it is, and the map that holds it."""

    at: Path
    value: Any
    beside: Mapping[str, Any]


class Row(Struct, frozen=True):
    """One kind of reference; see the module's text."""

    edge: str
    origins: tuple[str, ...]
    at: tuple[Place, ...] = ()
    to: tuple[str, ...] = ()
    stated: Mapping[str, str] | None = None
    namespace: str = ""
    optional: bool = False
    implicit: bool = False
    unless: Steps = ()
    by: Steps = ()
    where: Mapping[str, Any] = field(default_factory=dict)
    selector: Steps = ()
    form: str = ""
    selects_all: bool = False
    namespaces: Steps = ()
    of: str = ""
    names: Steps = ()

    def may_mean(self, kinds: set[str], *, workload: bool) -> bool:
        """Tell whether an object of one of *kinds* could be what the row refers to."""
        return self.stated is not None or not kinds.isdisjoint(self.to) or (workload and WORKLOAD in self.to)


class TargetKind(Struct, frozen=True):
    """What is to be known of a kind that others refer to.

    Attributes:
        cluster_scoped: its objects belong to no namespace.
        any_namespace: its objects are found from other namespaces too.
        given: patterns of names that exist without a manifest.
        open: repositories seldom hold all of them: generated, or made by hand for good reasons.
        by_hand: people write them; no chart brings the one that is looked for.
    """

    cluster_scoped: bool = False
    any_namespace: bool = False
    given: tuple[str, ...] = ()
    open: bool = False
    by_hand: bool = False

    @property
    def namespaced(self) -> bool:
        """Whether the namespace matters for which object is meant."""
        return not (self.cluster_scoped or self.any_namespace)


class ReferenceTable(Struct, frozen=True):
    """The content of ``references.json``, read.

    Attributes:
        kinds: what is known of kinds that are referred to.
        makes: kind to the objects that its controller creates: their kind, and a text with the name.
        makes_anything: kinds that bring objects which the tree does not hold, and a text with their namespace.
        labels_as_written: kinds whose pods have the labels of their template and hardly others.
        adds_labels: kind to labels that its controller adds to pods: a text with the value, None for any value.
    """

    rows: tuple[Row, ...]
    kinds: Mapping[str, TargetKind]
    makes: Mapping[str, tuple[tuple[str, str], ...]]
    makes_anything: Mapping[str, str]
    labels_as_written: frozenset[str]
    adds_labels: Mapping[str, Mapping[str, str | None]]

    @classmethod
    def read(cls, raw: Mapping[str, Any]) -> ReferenceTable:
        """Read the table as decoded from JSON."""
        return cls(
            rows=tuple(_row(entry) for entry in raw["rows"]),
            kinds={
                kind: TargetKind(**{**entry, "given": tuple(entry.get("given", ()))})
                for kind, entry in raw["kinds"].items()
            },
            makes={
                kind: tuple((entry["kind"], entry["name"]) for entry in entries)
                for kind, entries in raw["makes"].items()
            },
            makes_anything=raw["makes_anything"],
            labels_as_written=frozenset(raw["labels_as_written"]),
            adds_labels=raw["adds_labels"],
        )

    def kind(self, group_kind: str) -> TargetKind:
        """Return what is known of *group_kind*; a namespaced one for kinds that the table does not name."""
        return self.kinds.get(group_kind, _UNNAMED)


_UNNAMED = TargetKind()


def _row(entry: Mapping[str, Any]) -> Row:
    return Row(
        edge=entry["edge"],
        origins=tuple(entry.get("from", ())),
        at=tuple(read_place(text) for text in entry.get("at", ())),
        to=tuple(entry.get("to", ())),
        stated=entry.get("stated"),
        namespace=entry.get("namespace", ""),
        optional=entry.get("optional", False),
        implicit=entry.get("implicit", False),
        unless=steps(entry.get("unless", "")),
        by=steps(entry.get("by", "")),
        where=entry.get("where", {}),
        selector=steps(entry.get("selector", "")),
        form=entry.get("form", ""),
        selects_all=entry.get("empty") == "all",
        namespaces=steps(entry.get("namespaces", "")),
        of=entry.get("of", ""),
        names=steps(entry.get("names", "")),
    )


@lru_cache(maxsize=256)
def read_place(text: str) -> Place:
    """Return the place that *text* names, such as ``pod:volumes[*].configMap.name``."""
    base, colon, rest = text.partition(":")
    return Place(base, steps(rest)) if colon else Place("", steps(text))


def steps(text: str) -> Steps:
    """Return the steps of a dotted path; keys with dots stand in ``["..."]``."""
    return tuple(match[1] or match[2] or match[3] for match in _STEP.finditer(text))


def find(body: Any, path: Steps, prefix: Path = ()) -> Iterator[Found]:
    """Yield what stands at *path* in *body*, in the order of the text; None does not count as standing there."""
    if len(path) == 1 and path[0] != "[*]":  # by far the most common, and most often in vain
        if isinstance(body, dict) and body.get(path[0]) is not None:
            yield Found((*prefix, path[0]), body[path[0]], body)
        return
    step, rest = path[0], path[1:]
    if step == "[*]":
        for index, item in enumerate(body if isinstance(body, list) else ()):
            if rest:
                yield from find(item, rest, (*prefix, index))
            else:
                yield Found((*prefix, index), item, {})
    elif isinstance(body, dict) and body.get(step) is not None:
        yield from find(body[step], rest, (*prefix, step))


def fill_in(text: str, body: Any) -> str:
    """Return *text* with each ``{path|other.path}`` replaced by the first string found; "" where there is none."""
    unknown = False

    def value(match: re.Match[str]) -> str:
        nonlocal unknown
        for path in match[1].split("|"):
            for found in find(body, steps(path)):
                if isinstance(found.value, str) and found.value:
                    return found.value
        unknown = True
        return ""

    filled = _FIELD.sub(value, text)
    return "" if unknown else filled
