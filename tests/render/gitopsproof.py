"""The mutation proof for Argo CD and Flux, over what ``karlint check`` looks at and the lines that it reports.

A repository is delivered in a scratch copy; the place that a finding on a scalar would have is edited there, and the
repository delivered again, as somebody would who follows the report.
"""

from __future__ import annotations

import random
import re
import shutil
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from karlint.deployed import Part
from karlint.locate import Locator
from karlint.model.source import Anchor, SourceFile
from karlint.model.unit import DirectorySource
from karlint.render import Bounds, Graph, Kitchen, Sandbox, Tools
from karlint.render.service import render_unit
from karlint.rollout import _metadata
from karlint.schema import default_version
from karlint.source import Limits, load_files
from karlint.tree import Tree
from tests.render.helmproof import changed_text
from tests.render.mutation import looked_at, scalars
from tests.render.trees import rendered

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from karlint.deployed import Deployed
    from karlint.model.finding import Location, Placed
    from karlint.model.path import Path as At
    from karlint.model.resource import Resource, ResourceRef
    from karlint.model.unit import Unit
    from karlint.render import Output

    Key = tuple[ResourceRef, int, At]

_LACKS = re.compile(r"(?:open|lstat) ([^\s:]+): no such file")
_FILE = re.compile(r"\.[A-Za-z]\w*$")
_GITOPS = ("argoproj.io", "fluxcd.io")
_MOST_BYTES = 64 << 20
_MOST_LOOKED_AT = 200
_MOST_ROUNDS = 20
_NAMESPACE = ("metadata", "namespace")
VALUES = "Values"
"""Kind of what charts print that stand in for others: the values that they are given."""

DELIVERERS = {"Application": "Argo CD", "Kustomization": "Flux", "HelmRelease": "Flux"}


@dataclass
class Tally:
    """What was measured.

    Attributes:
        units: units that were sampled.
        located: sampled scalars; of these *added* are written in an Application or Flux object, or in what it names.
        exact: those whose place is reported as the exact one.
        refused: those of the exact ones after whose edits, of two kinds, the unit cannot be rendered.
        changed: those of the others that an edit of the place changes.
        explained: those of these where nothing else of the unit changes but what is said to come through there too.
        alone: those where nothing else of the unit changes at all.
        fields: what of the objects says the added ones.
    """

    units: int = 0
    located: int = 0
    added: int = 0
    exact: int = 0
    refused: int = 0
    changed: int = 0
    explained: int = 0
    alone: int = 0
    fields: Counter[str] = field(default_factory=Counter)
    misses: list[str] = field(default_factory=list)
    vague: list[str] = field(default_factory=list)
    others: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)

    @property
    def tried(self) -> int:
        return self.exact - self.refused

    @property
    def share_exact(self) -> float:
        return self.exact / max(self.located, 1)

    @property
    def share_changed(self) -> float:
        return self.changed / max(self.tried, 1)

    def __str__(self) -> str:
        return (
            f"units {self.units}; scalars located {self.located} (said by objects {self.added}), exact {self.exact} "
            f"({self.share_exact:.1%}); edited {self.tried}, changed {self.changed} ({self.share_changed:.1%}), with "
            f"nothing changed that is not said to come from there {self.explained}, alone {self.alone}; refused by "
            f"the renderer {self.refused}; {dict(self.fields.most_common())}"
        )

    def add(self, other: Tally) -> None:
        for name, value in vars(other).items():
            mine = getattr(self, name)
            setattr(self, name, mine + value)


class Copy:
    """A scratch copy of a repository, delivered.

    Args:
        tree: the repository. Its directory's name may be what tells that Applications mean it.
        scratch: where the copy is made.
    """

    def __init__(self, tree: Path, scratch: Path) -> None:
        self.root = scratch / tree.name
        shutil.copytree(tree, self.root, symlinks=True)
        (self.root / ".git").mkdir(exist_ok=True)
        self.filled = 0

    def deliver(self, *paths: str) -> Deployed:
        return rendered(self.root, *paths)

    def render(self, unit: Unit) -> Part | None:
        """Render one unit as it was declared; None where that fails."""
        if isinstance(unit.source, DirectorySource):
            found = [one for one in self.deliver(unit.source.directory).parts if one.output.unit.id == unit.id]
            return found[0] if found else None
        tree = Tree(self.root)
        sandbox = Sandbox(network=False, bounds=Bounds())
        graph = Graph(str(self.root), tree.read, tree.value)
        kitchen = Kitchen(
            self.root, Tools(sandbox), sandbox, graph, lambda chart: _metadata(chart, tree), default_version()
        )
        output = render_unit(unit, kitchen)
        if output.failure is not None:
            return None
        loaded = load_files([SourceFile("<stream>", None, output.stream)], Limits(max_bytes=_MOST_BYTES), 1)
        return Part(output, tuple(loaded), None, {})

    def filled_up(self) -> Deployed:
        """Deliver; make up files that generators lack first: some corpora leave out what is no manifest."""
        for _ in range(_MOST_ROUNDS):
            deployed = self.deliver()
            lacking = {found for one in deployed.findings for found in _LACKS.findall(one.message)}
            lacking = {path for path in lacking if _FILE.search(path) and not (self.root / path).exists()}
            if not lacking:
                return deployed
            for path in lacking:
                (self.root / path).parent.mkdir(parents=True, exist_ok=True)
                (self.root / path).write_text("made up\n")
            self.filled += len(lacking)
        return self.deliver()


class Sample:
    """A scalar of a resource of a unit."""

    def __init__(self, part: Part, resource: Resource, at: At, value: Any, placed: Placed) -> None:
        self.part, self.resource, self.at, self.value, self.placed = part, resource, at, value, placed

    @property
    def where(self) -> str:
        place = self.placed.location
        shown = f"{place.path}:{place.span.line}:{place.span.column}"
        path = ".".join(map(str, self.at))
        return f"{self.part.output.unit.id}: {self.resource.ref} {path} = {str(self.value)[:40]!r} <- {shown}"

    @property
    def is_added(self) -> bool:
        """Whether the value is written beside what is rendered: in what declares the unit, or in what that names."""
        return self.placed.location.path not in self.part.output.inputs


def deliverer(part: Part) -> str:
    """Return who delivers a unit; "" where nobody does that we know of."""
    unit = part.output.unit
    return DELIVERERS[unit.id.partition(" ")[0]] if unit.declared is not None else ""


def prove(copy: Copy, samples: int, *, units: int = 0, seed: int = 0, kind: str = "") -> dict[str, Tally]:
    """Sample scalars of what a repository delivers, and edit their places.

    Args:
        samples: scalars of each unit: half of them said by the object that declares it, as far as there are such.
        kind: of the objects that declare the units; "" for all.
        units: how many units, drawn by *seed*; 0 for all, and for those that lack files which are no manifests too.
    """
    tallies = {"Argo CD": Tally(), "Flux": Tally()}
    deployed = copy.deliver() if units else copy.filled_up()
    parts = [part for part in deployed.parts if deliverer(part) and part.output.unit.id.startswith(kind)]
    if units:
        random.Random(seed).shuffle(parts)
    for part in parts:
        tally = tallies[deliverer(part)]
        chosen = _sampled(copy, part, samples, seed)
        if chosen and units and sum(one.units for one in tallies.values()) == units:
            break
        tally.units += bool(chosen)
        for sample in chosen:
            _measure(copy, sample, tally)
    return tallies


def _sampled(copy: Copy, part: Part, samples: int, seed: int) -> list[Sample]:
    locator = Locator(copy.root)
    candidates = [
        (resource, at, value)
        for resource in part.resources(0)
        if not resource.ref.group.endswith(_GITOPS)
        for at, value in _looked_at(resource)
        if value is not None
    ]
    random.Random(f"{seed}{part.output.unit.id}").shuffle(candidates)
    found: dict[tuple[str, Any], Sample] = {}
    for resource, at, value in candidates[:_MOST_LOOKED_AT]:
        sample = Sample(part, resource, at, value, locator(resource, at, Anchor.VALUE))
        place = sample.placed.location
        found.setdefault((place.path, place.span), sample)  # one place counts once for a unit
    added = [sample for sample in found.values() if sample.is_added]
    plain = [sample for sample in found.values() if not sample.is_added]
    return [*added[: max(samples // 2, samples - len(plain))], *plain][:samples]


def _looked_at(resource: Resource) -> Iterable[tuple[At, Any]]:
    """Return the scalars that rules look at; of printed values all, since any chart may make such of any."""
    if resource.ref.kind == VALUES:
        return scalars(resource.body["spec"], ("spec",))
    return [*looked_at(resource.body), *((at, value) for at, value in scalars(resource.body) if at == _NAMESPACE)]


def _measure(copy: Copy, sample: Sample, tally: Tally) -> None:
    tally.located += 1
    tally.added += sample.is_added
    if sample.is_added:
        tally.fields[_field(copy, sample)] += 1
    if not sample.placed.location.exact:
        tally.vague.append(sample.where)
        return
    tally.exact += 1
    answered = []
    for other in (False, True):  # what a schema or a unit refuses, or what means the same, is tried in another way
        outcome = _after(copy, sample, other)
        answered += [outcome] if outcome is not None else []
        if outcome is not None and outcome[0]:
            break
    hits = [others for changed, others in answered if changed]
    if not answered:
        tally.refused += 1
        tally.broken.append(sample.where)
    elif hits:
        best = min(hits, key=len)
        strange = [key for key in best if not _comes_from(copy, sample, key)]
        tally.changed += 1
        tally.alone += not best
        tally.explained += not strange
        if strange:
            tally.others.append(f"{sample.where}: also {[(str(ref), at) for ref, _, at in strange[:4]]}")
    else:
        tally.misses.append(f"{sample.where} ({len(answered[0][1])} others)")


def _after(copy: Copy, sample: Sample, other: bool) -> tuple[bool, set[Key]] | None:
    """Edit the place of *sample* and deliver again: whether it changed, and what else did. None where nothing came."""
    place = sample.placed.location
    file = copy.root / place.path
    before = file.read_bytes()
    text = _edited(before.decode(), place, other)
    if text is None:
        return None
    file.write_bytes(text.encode())
    try:
        part = _again(copy, sample)
    finally:
        file.write_bytes(before)
    return None if part is None else _compared(sample, part)


def _edited(text: str, place: Location, other: bool) -> str | None:
    span = place.span
    lines = text.split("\n")
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line) + 1)
    start, end = starts[span.line - 1] + span.column - 1, starts[span.end_line - 1] + span.end_column - 1
    old = text[start:end]
    new = "x" if old.startswith("*") else changed_text(old, other, text[:start])
    return None if new == old else text[:start] + new + text[end:]


def _again(copy: Copy, sample: Sample) -> Part | None:
    """Deliver again; return the unit of *sample*, which may have another name now, or None where it does not render.

    Where the edited file is one that the unit is made of, what declares it is as it was, and only it is rendered.
    """
    unit = sample.part.output.unit
    if not sample.is_added:
        return copy.render(unit)
    parts: dict[str, Part] = {}
    for paths in ((sample.placed.location.path,), ()):
        parts = {one.output.unit.id: one for one in copy.deliver(*paths).parts}
        if unit.id in parts:
            return parts[unit.id]
    alike = [one for one in parts.values() if _is_alike(one.output, sample.part.output)]
    return alike[0] if len(alike) == 1 else None


def _is_alike(new: Output, old: Output) -> bool:
    return new.unit.declared is not None and new.unit.parent == old.unit.parent and new.inputs == old.inputs


def _flat(part: Part) -> tuple[list[ResourceRef], list[dict[At, Any]]]:
    resources = list(part.resources(0))
    return [resource.ref for resource in resources], [dict(scalars(resource.body)) for resource in resources]


def _compared(sample: Sample, after: Part) -> tuple[bool, set[Key]] | None:
    """Return whether the scalar changed, and which others of its unit did."""
    old_refs, old = _flat(sample.part)
    new_refs, new = _flat(after)
    if len(old) != len(new):
        return None
    pairs = _paired(old_refs, new_refs)
    mine = sample.resource.index
    changed = {
        (old_refs[number], number, at)
        for number, twin in pairs
        for at in old[number].keys() | new[twin].keys()
        if old[number].get(at, _ABSENT) != new[twin].get(at, _ABSENT)
    }
    key = (sample.resource.ref, mine, sample.at)
    return key in changed, changed - {key}


_ABSENT = object()


def _paired(old: list[ResourceRef], new: list[ResourceRef]) -> Iterator[tuple[int, int]]:
    """Yield numbers of the same resources: by who they are, and what is left in the order that it comes."""
    left = list(range(len(new)))
    waiting = []
    for number, ref in enumerate(old):
        twin = next((each for each in left if new[each] == ref), None)
        if twin is None:
            waiting.append(number)
        else:
            left.remove(twin)
            yield number, twin
    yield from zip(waiting, left, strict=True)


def _comes_from(copy: Copy, sample: Sample, key: Key) -> bool:
    """Return whether another scalar that changed is said to come from the place that was edited, or through it."""
    _, number, at = key
    resource = list(sample.part.resources(0))[number]
    placed = Locator(copy.root)(resource, at, Anchor.VALUE)
    ours = sample.placed.location
    places: Iterable[Location] = (placed.location, *(step.location for step in placed.via))
    return any(
        place.path == ours.path and place.span.line <= ours.span.end_line and ours.span.line <= place.span.end_line
        for place in places
    )


def _field(copy: Copy, sample: Sample) -> str:
    """Return the field of an object that holds a place, for the counts: the keys above its line, by indentation."""
    place = sample.placed.location
    lines = (copy.root / place.path).read_text().splitlines()[: place.span.line]
    keys: list[str] = []
    indent = len(lines[-1])
    for line in reversed(lines):
        if line.startswith("---"):
            break
        match = re.match(r"(\s*(?:- )*)([\w.-]+):", line)
        if match and len(match[1]) < indent:
            keys.insert(0, match[2])
            indent = len(match[1]) if "- " not in match[1] else len(match[1]) - 1
    kind = next((line.removeprefix("kind: ") for line in reversed(lines) if line.startswith("kind: ")), "?")
    return f"{kind} {'.'.join(keys[1:3] if 'source' not in keys else keys[1:4])}"
