"""Deliver a GitOps repository as Argo CD and Flux would, with the real helm and kustomize, and prove its origins.

The repository is a scratch copy: kustomizations are edited where they lie, which is what both of them do.
"""

from __future__ import annotations

import json
import random
import subprocess
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import orjson
from msgspec.structs import replace

from karlint.model.source import Anchor, SourceFile
from karlint.model.unit import HelmSource, KustomizeSource, Place, Unit
from karlint.render.chain import ChainedOrigins, Texts, is_stream, rendered
from karlint.render.checkout import Checkout, kind_of
from karlint.render.gitops import claims_of, declares, expand
from karlint.render.objects import Objects
from karlint.render.origins.helm import Changes, HelmOrigins, Tools
from karlint.render.origins.helmchart import Tree as HelmTree
from karlint.render.origins.kustomize import KustomizeOrigins
from karlint.render.origins.kustomize import Tree as KustomizeTree
from karlint.render.origins.kustomize_text import Embedding
from karlint.render.repositories import Recogniser
from karlint.render.substitution import SubstitutedOrigins, SubstitutionError, substitute_stream
from karlint.render.world import Declared
from karlint.source import Positions
from tests.render.gitopsrepo import read_values
from tests.render.helmproof import edited, parse, scalars

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from karlint.model.origin import OriginMap, Spot
    from karlint.model.path import Path as Steps
    from karlint.model.unit import Edit, NotRendered

KUSTOMIZATIONS = ("kustomization.yaml", "kustomization.yml", "Kustomization")
QUIET = {"PATH": "/nonexistent", "HOME": "/nonexistent", "HTTPS_PROXY": "http://127.0.0.1:9"}


@dataclass
class Output:
    """What a unit renders to: its documents, before substitution too, and their origins."""

    unit: Unit
    stream: bytes
    documents: list[Any]
    origins: OriginMap


class Delivery:
    """A scratch copy of a repository, with everything in it that was rendered so far."""

    def __init__(self, root: Path, helm: Path, kustomize: Path, name: str = "", known: tuple[str, ...] = ()) -> None:
        self.root, self.helm, self.kustomize = root, helm, kustomize
        exists = lambda path: bool(kind_of(root, path))  # noqa: E731
        self.world = Checkout(root, read_values, Recogniser(exists, known, name or root.name))
        self.raw: dict[str, list[Declared]] = {}
        self.outputs: dict[str, Output] = {}
        self.failed: dict[str, str] = {}
        self.missing: list[NotRendered] = []
        self.renders = 0
        self._positions: dict[str, Positions] = {}
        for file in self.world.files(""):
            if file.endswith((".yaml", ".yml")):
                self._read_objects(file)
        self._index()
        for declared in (item for items in self.raw.values() for item in items):
            self.world.recogniser.learn(claims_of(declared, self.world))

    def _read_objects(self, file: str) -> None:
        text = self.world.read(file) or ""
        self.raw.pop(file, None)
        if "apiVersion" not in text or "kind" not in text:
            return
        try:
            values = parse(text)
        except ValueError:
            return
        self.raw[file] = [
            Declared(value, lambda at, n=n: Place(file, n, at))  # type: ignore[misc]
            for n, value in enumerate(values)
            if isinstance(value, dict) and "kind" in value
        ]

    def _index(self) -> None:
        self.world.objects = Objects()
        for declared in (item for items in self.raw.values() for item in items):
            self.world.objects.add(declared)
        for output in self.outputs.values():
            for declared in declared_in(output):
                self.world.objects.add(declared)

    def deliver(self, waiting: Iterable[Declared | Unit]) -> None:
        """Render *waiting*, what that declares, and so on."""
        queue = list(waiting)
        while queue:
            item = queue.pop(0)
            for unit in self._units(item):
                if unit.id in self.outputs or unit.id in self.failed:
                    continue
                output = self.render(unit)
                if output is None:
                    continue
                self.outputs[unit.id] = output
                found = list(declared_in(output))
                for declared in found:
                    self.world.objects.add(declared)
                queue += [declared for declared in found if declares(declared)]

    def _units(self, item: Declared | Unit) -> tuple[Unit, ...]:
        if isinstance(item, Unit):
            return (item,)
        expansion = expand(item, self.world)
        self.missing += expansion.not_rendered
        return expansion.units

    def again(self, unit_id: str) -> Output | None:
        """Render a unit anew from what the tree holds now, and what rendered it before that."""
        old = self.outputs[unit_id].unit
        if old.declared is None:
            return self.render(old)
        if old.parent:
            above = self.again(old.parent)
            if above is None:
                return None
            self.outputs[old.parent] = above
            self._index()
            found = next(
                (d for n, d in enumerate(declared_in(above)) if d.node.place.ordinal == old.declared.ordinal), None
            )
        else:
            same = [d for d in self.raw.get(old.declared.file, []) if d.node.place.ordinal == old.declared.ordinal]
            found = same[0] if same else None
        if found is None:
            return None
        units = expand(found, self.world).units
        new = next((unit for unit in units if unit.id == unit_id), None)
        return self.render(new) if new is not None else None

    def render(self, unit: Unit) -> Output | None:
        """Return what *unit* renders to; None where the tool fails."""
        self.renders += 1
        try:
            if isinstance(unit.source, KustomizeSource):
                return self._kustomized(unit, unit.source)
            if isinstance(unit.source, HelmSource):
                return self._charted(unit, unit.source)
        except (RuntimeError, SubstitutionError, OSError) as error:
            self.failed[unit.id] = str(error)
            return None
        stream = b"---\n".join((self.root / file).read_bytes() for file in unit.source.files)
        return Output(unit, stream, [], Nowhere())

    def _kustomized(self, unit: Unit, source: KustomizeSource) -> Output:
        before = self._built(source)
        documents = parse(before.decode())
        origins: OriginMap = KustomizeOrigins(source, self.tree(), documents)
        stream = before
        if unit.variables is not None:
            stream = substitute_stream(before.decode(), unit.variables).encode()
            origins = SubstitutedOrigins(origins, lambda n: documents[n], unit.variables)
        return Output(unit, stream, parse(stream.decode()), self._chained(origins))

    def _chained(self, origins: OriginMap) -> OriginMap:
        return ChainedOrigins(origins, self._stream_origins, self.texts)

    def _stream_origins(self, name: str) -> OriginMap | None:
        output = self.outputs.get(name[1:-1])
        return output.origins if output is not None else None

    def _built(self, source: KustomizeSource) -> bytes:
        """Edit the kustomization where it lies, build it, and put it back."""
        directory = self.root / source.directory
        file = next((directory / name for name in KUSTOMIZATIONS if (directory / name).is_file()), None)
        old = file.read_bytes() if file is not None else None
        base = f"{source.directory}/" if source.directory else ""
        made = {"resources": [file.removeprefix(base) for file in self._manifests(source)]}
        kustomization: Any = made if old is None else parse(old.decode())[0]
        for edit in source.edits:
            apply(edit, kustomization)
        file = file or directory / KUSTOMIZATIONS[0]
        try:
            file.write_text(json.dumps(kustomization))
            return self._run([self.kustomize, "build", "--load-restrictor=LoadRestrictionsNone", str(directory)])
        finally:
            if old is None:
                file.unlink()
            else:
                file.write_bytes(old)

    def _manifests(self, source: KustomizeSource) -> list[str]:
        """Return what Flux lists in the kustomization that it makes: directories with one, and other manifests."""
        files = [file for file in self.world.files(source.directory) if file.endswith((".yaml", ".yml"))]
        homes = {file.rpartition("/")[0] for file in files if file.rpartition("/")[2] in KUSTOMIZATIONS}
        homes.discard(source.directory)
        loose = [file for file in files if not any(file.startswith(home + "/") for home in homes)]
        return sorted({home for home in homes if not any(home.startswith(other + "/") for other in homes)} | set(loose))

    def _charted(self, unit: Unit, source: HelmSource) -> Output:
        stream = self._templated(source, Changes({}))
        parts = HelmTree(self.read, self.world.files, parse)
        tools = Tools(parts, self._locator, lambda changes: self._changed(source, changes))
        origins: OriginMap = HelmOrigins(source, stream, tools)
        documents = parse(stream.decode())
        if source.post:
            stream = self._posted(stream, source)
            after = parse(stream.decode())
            origins = KustomizeOrigins(KustomizeSource("", source.post), self.tree(), after, base=(documents, origins))
            documents = after
        return Output(unit, stream, documents, self._chained(origins))

    def _posted(self, stream: bytes, source: HelmSource) -> bytes:
        scratch = self.root / ".post"
        scratch.mkdir(exist_ok=True)
        kustomization: dict[str, Any] = {"resources": ["all.yaml"]}
        for edit in source.post:
            apply(edit, kustomization)
        (scratch / "all.yaml").write_bytes(stream)
        (scratch / "kustomization.yaml").write_text(json.dumps(kustomization))
        return self._run([self.kustomize, "build", str(scratch)])

    def _changed(self, source: HelmSource, changes: Changes) -> bytes | None:
        before = {file: self.read(file) for file in changes.files}
        try:
            for file, data in changes.files.items():
                (self.root / file).write_bytes(data)
            return self._templated(source, changes)
        except RuntimeError:
            return None
        finally:
            for file, old in before.items():
                if old is None:
                    (self.root / file).unlink()
                else:
                    (self.root / file).write_bytes(old)

    def _templated(self, source: HelmSource, changes: Changes) -> bytes:
        command = [self.helm, "template", source.release, str(self.root / source.chart)]
        command += ["--namespace", source.namespace, *(["--include-crds"] if source.include_crds else [])]
        command += ["--skip-tests"] if source.skip_tests else []
        scratch = self.root / ".values"
        scratch.mkdir(exist_ok=True)
        for number, layer in enumerate((*source.layers, *changes.layers)):
            if layer.unknown:
                continue
            if layer.kind.startswith("set"):
                shown = json.dumps(layer.values) if layer.kind == "set-json" else layer.values
                command += [f"--{layer.kind}", f"{layer.target}={shown}"]
                continue
            path = scratch / f"{number}.yaml"
            path.write_bytes(orjson.dumps(layer.values))
            command += ["--values", str(path)]
        return self._run(command)

    def _run(self, command: list[Any]) -> bytes:
        done = subprocess.run(command, cwd=self.root, env=QUIET, capture_output=True, timeout=120, check=False)
        if done.returncode:
            raise RuntimeError(done.stderr.decode(errors="replace").strip()[-400:])
        return done.stdout

    def read(self, path: str) -> bytes | None:
        """Return a file of the tree, or the stream of a unit."""
        if is_stream(path):
            output = self.outputs.get(path[1:-1])
            return output.stream if output is not None else None
        file = self.root / path
        return file.read_bytes() if file.is_file() else None

    def tree(self) -> KustomizeTree:
        return KustomizeTree(self.read, lambda data: parse(data.decode()), self.world.files, embedded=self._embedded)

    def positions(self, name: str, data: bytes) -> Any:
        return _positions(name, data).locate

    _locator = positions

    @property
    def texts(self) -> Texts:
        return Texts(self._documents, self._places)

    @property
    def _embedded(self) -> Embedding:
        return Embedding(
            self._documents, self._places, lambda text: Positions(SourceFile("<text>", None, text.encode()))
        )

    def _documents(self, file: str) -> list[Any]:
        return parse((self.read(file) or b"").decode())

    def _places(self, file: str) -> Positions:
        return Positions(
            SourceFile(file if file.endswith((".yaml", ".yml")) else f"{file}.yaml", None, self.read(file) or b"")
        )

    def with_file(self, file: str, data: bytes) -> None:
        """Put *data* into a file, and read its objects again."""
        (self.root / file).write_bytes(data)
        self._read_objects(file)
        self._index()


class Nowhere:
    """Origins of what is not rendered."""

    def locate(self, ordinal: int, at: Steps, anchor: Anchor) -> Any:
        raise AssertionError


def _positions(name: str, data: bytes) -> Positions:
    return Positions(SourceFile(name if name.endswith((".yaml", ".yml")) else f"{name}.yaml", None, data))


def declared_in(output: Output) -> Iterable[Declared]:
    """Yield the objects that a unit renders."""
    for ordinal, body in enumerate(output.documents):
        if isinstance(body, dict):
            yield rendered(body, ordinal, output.unit)


def apply(edit: Edit, kustomization: dict[str, Any]) -> None:
    """Put what an Application or Flux object adds into a kustomization."""
    known = kustomization.get(edit.field)
    if isinstance(edit.value, list):
        named = {item["name"] for item in edit.value if edit.field in ("images", "replicas")}
        kept = [item for item in known or [] if not (isinstance(item, dict) and item.get("name") in named)]
        kustomization[edit.field] = [*kept, *edit.value]
    elif isinstance(edit.value, dict):
        kustomization[edit.field] = {**(known or {}), **edit.value}
    else:
        kustomization[edit.field] = edit.value


@dataclass
class Tally:
    """What was measured of the values that an Application or Flux object says.

    Attributes:
        located: sampled scalars whose place is in such an object, or in a ConfigMap that one names.
        exact, changed: those marked exact, and of these the ones that an edit of the place changes.
    """

    located: int = 0
    exact: int = 0
    changed: int = 0
    refused: int = 0
    aliases: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    misses: list[str] = field(default_factory=list)
    vague: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return (
            f"located {self.located}, exact {self.exact} ({self.exact / max(1, self.located):.1%}), edited "
            f"{self.exact - self.refused}, changed {self.changed} "
            f"({self.changed / max(1, self.exact - self.refused):.1%}), refused by the tool {self.refused}, "
            f"aliases left out {self.aliases}; "
            f"{dict(self.kinds)}"
        )


def prove(delivery: Delivery, most: int, seed: int = 0) -> Tally:
    """Sample scalars that come from Applications and Flux objects, edit their places, deliver again."""
    tally = Tally()
    candidates = [
        (output.unit.id, ordinal, at)
        for output in delivery.outputs.values()
        for ordinal, document in enumerate(output.documents)
        if isinstance(document, dict) and document.get("kind") != "CustomResourceDefinition"
        for at, _ in scalars(document)
    ]
    random.Random(seed).shuffle(candidates)
    seen: set[tuple[str, Spot]] = set()
    for unit_id, ordinal, at in candidates:
        if tally.located >= most:
            break
        output = delivery.outputs[unit_id]
        if at in IDENTITY or not _is_declared(output, ordinal, at):
            continue
        spot = output.origins.locate(ordinal, at, Anchor.VALUE).primary
        if (unit_id, spot) in seen:
            continue  # one value may be rendered many times: each place counts once for a unit
        seen.add((unit_id, spot))
        tally.located += 1
        tally.kinds[_said(output, ordinal, at)] += 1
        _try(delivery, unit_id, ordinal, at, replace(spot, why=""), tally)
    return tally


IDENTITY = {("kind",), ("apiVersion",), ("metadata", "name")}
"""An edit of these makes another resource, at another place of the stream."""


def _is_declared(output: Output, ordinal: int, at: Steps) -> bool:
    """Return whether a value comes from what declares the unit: the object itself, or a ConfigMap that it names."""
    unit = output.unit
    places = [unit.declared] if unit.declared is not None else []
    places += [variable.place for variable in (unit.variables or {}).values()]
    if isinstance(unit.source, HelmSource):
        places += [layer.place for layer in unit.source.layers if layer.kind != "file"]
    spot = _inner(output, ordinal, at)
    return any((place.file, place.ordinal) == (spot.file, spot.ordinal) for place in places)


def _inner(output: Output, ordinal: int, at: Steps) -> Spot:
    assert isinstance(output.origins, ChainedOrigins)
    return output.origins.inner.locate(ordinal, at, Anchor.VALUE).primary


def _said(output: Output, ordinal: int, at: Steps) -> str:
    """Return the kind of object and the field that says a value, for the counts."""
    steps = [step for step in _inner(output, ordinal, at).at or ("text",) if isinstance(step, str)]
    kind = output.unit.id.partition(" ")[0]
    return f"{kind} {'.'.join(steps[:5] if 'sources' in steps or 'source' in steps else steps[:3])}"


def _try(delivery: Delivery, unit_id: str, ordinal: int, at: Steps, spot: Spot, tally: Tally) -> None:
    where = f"{unit_id} [{ordinal}] {'.'.join(map(str, at))} <- {spot.file} {spot.at or spot.span}"
    if not spot.exact:
        tally.vague.append(where)
        return
    before = delivery.read(spot.file) or b""
    if _is_alias(delivery, spot, before):
        tally.aliases += 1
        tally.located -= 1
        return
    tally.exact += 1
    old = _at(delivery.outputs[unit_id].documents[ordinal], at)
    answers: list[Any] = []
    for other in (False, True):
        change = edited(delivery, spot, other)  # type: ignore[arg-type]
        kept = dict(delivery.outputs)
        if change is None:
            continue
        delivery.with_file(*change)
        try:
            output = delivery.again(unit_id)
        finally:
            delivery.outputs = kept
            delivery.with_file(spot.file, before)
        if output is not None and ordinal < len(output.documents):
            answers.append(_at(output.documents[ordinal], at))
    delivery.failed.pop(unit_id, None)
    if any(answer != old for answer in answers):
        tally.changed += 1
    elif answers:
        tally.misses.append(f"unchanged: {where}")
    else:
        tally.refused += 1
        tally.vague.append(f"refused: {where}")


def _is_alias(delivery: Delivery, spot: Spot, data: bytes) -> bool:
    """Return whether a YAML alias stands at *spot*: what it says is written at its anchor."""
    span = spot.span or delivery.positions(spot.file, data)(spot.ordinal, spot.at, spot.anchor).span
    return data.decode().split("\n")[span.line - 1][span.column - 1 : span.column] == "*"


def _at(value: Any, path: Steps) -> Any:
    for step in path:
        try:
            value = value[step]
        except (LookupError, TypeError):
            return None
    return value
