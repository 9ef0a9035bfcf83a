"""The mutation proof for Helm: edit the reported place in a scratch copy, render again, look what changed."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import orjson
import yaml
from msgspec.structs import replace

from karlint.model.source import Anchor, SourceFile
from karlint.model.unit import Place, ValuesLayer
from karlint.render.origins.helm import Changes, HelmOrigins, Tools
from karlint.render.origins.helmchart import Tree
from karlint.source import Limits, Positions
from karlint.source.load import load

if TYPE_CHECKING:
    from collections.abc import Iterator

    from karlint.model.origin import Origin, Spot
    from karlint.model.unit import HelmSource

WATCHED = re.compile(
    r"image$|resources|Probe|replicas|labels|annotations|^env$|^args$|^command$|claims|resourceClaims|nodeSelector"
    r"|tolerations|matchLabels|accelerator"
)
"""Steps of a path under which rules look."""


def parse(text: str) -> list[Any]:
    """Return the documents of *text* as the source stage reads them."""
    data = text.encode()
    loaded = load(SourceFile("text.yaml", None, data), Limits(), all_values=True)
    documents: dict[int, Any] = {one.document.ordinal: orjson.loads(one.document.json) for one in loaded.documents}
    return [documents.get(n) for n in range(max(documents, default=-1) + 1)]


class Bench:
    """A scratch copy of a tree that holds a chart, and the helm that renders it."""

    def __init__(self, helm: Path, tree: Path, scratch: Path, source: HelmSource) -> None:
        self.helm, self.source = helm, source
        self.root = scratch / "tree"
        shutil.copytree(tree, self.root, symlinks=True)
        prune(self.root / source.chart)
        self.values = scratch / "values"
        self.values.mkdir()
        self.error = ""

    def read(self, file: str) -> bytes | None:
        path = self.root / file
        return path.read_bytes() if path.is_file() else None

    def walk(self, directory: str) -> list[str]:
        return [str(p.relative_to(self.root)) for p in (self.root / directory).rglob("*") if p.is_file()]

    def positions(self, name: str, data: bytes) -> Any:
        return Positions(SourceFile(name if name.endswith((".yaml", ".yml")) else f"{name}.yaml", None, data)).locate

    def tools(self, verify: bool = True) -> Tools:
        return Tools(Tree(self.read, self.walk, parse), self.positions, self.render if verify else None)

    def render(self, changes: Changes | None = None) -> bytes | None:
        """Render with *changes*, which are undone afterwards."""
        files = changes.files if changes is not None else {}
        before = {file: self.read(file) for file in files}
        try:
            for file, data in files.items():
                (self.root / file).write_bytes(data)
            return self._run(changes.layers if changes is not None else ())
        finally:
            for file, old in before.items():
                if old is None:
                    (self.root / file).unlink()
                else:
                    (self.root / file).write_bytes(old)

    def _run(self, extra: tuple[Any, ...]) -> bytes | None:
        source = self.source
        chart = self.root / source.chart
        command = [str(self.helm), "template", source.release, str(chart), "--namespace", source.namespace]
        command += ["--include-crds", "--skip-tests", "--skip-schema-validation"]
        for number, layer in enumerate((*source.layers, *extra)):
            if layer.kind in {"set", "set-string", "set-json"}:
                command += [f"--{layer.kind}", f"{layer.target}={self._parameter(layer)}"]
                continue
            values = layer.values
            if layer.kind in {"file", "inline", "text"} and layer.place.file:
                values = self._current(layer)
            path = self.values / f"{number}.yaml"
            path.write_text(yaml.safe_dump(values))
            command += ["--values", str(path)]
        with _vendored(chart):
            done = subprocess.run(command, capture_output=True, check=False, timeout=120)
        self.error = done.stderr.decode()
        return done.stdout if done.returncode == 0 else None

    def _current(self, layer: Any) -> Any:
        """Return the layer's values as its file says now: the proof edits files."""
        value: Any = parse((self.read(layer.place.file) or b"").decode())[layer.place.ordinal]
        for step in layer.place.at:
            value = value[step]
        return parse(value)[0] if layer.kind == "text" else value

    def _parameter(self, layer: Any) -> Any:
        return self._current(layer) if layer.place.file else layer.values


def prune(chart: Path) -> None:
    """Drop dependencies that lie on another machine: the rest of the chart can be rendered, mostly."""
    meta = yaml.safe_load((chart / "Chart.yaml").read_text())
    listed = meta.get("dependencies") or []
    here = [entry for entry in listed if _is_near(chart, entry)]
    if here != listed:
        (chart / "Chart.yaml").write_text(yaml.safe_dump(meta | {"dependencies": here}))
    for entry in here:
        near = chart / str(entry.get("repository") or "")[7:]
        if near.is_dir() and near != chart:
            prune(near)


def _is_near(chart: Path, entry: dict[str, Any]) -> bool:
    near = str(entry.get("repository") or "")
    vendored = (chart / "charts" / entry["name"]).exists() or any(chart.glob(f"charts/{entry['name']}-*.tgz"))
    return vendored or (near.startswith("file://") and (chart / near[7:]).is_dir())


class _vendored:  # noqa: N801 (used as a function)
    """Puts dependencies of the same tree (``file://``) below charts/ for one run."""

    def __init__(self, chart: Path) -> None:
        self.chart, self.made = chart, list[Path]()

    def __enter__(self) -> None:
        waiting = [self.chart]
        while waiting:
            chart = waiting.pop()
            meta = yaml.safe_load((chart / "Chart.yaml").read_text()) or {}
            for entry in meta.get("dependencies") or []:
                there = chart / "charts" / entry["name"]
                near = str(entry.get("repository") or "")
                if near.startswith("file://") and not there.exists() and (chart / near[7:]).is_dir():
                    there.parent.mkdir(exist_ok=True)
                    shutil.copytree((chart / near[7:]).resolve(), there)
                    self.made.append(there)
                    waiting.append(there)

    def __exit__(self, *_: object) -> None:
        for made in self.made:
            shutil.rmtree(made, ignore_errors=True)


NEEDED = {
    "helm": {"image.tag": "v1.2.0"},
    "power-agent": {"image.tag": "v1.2.0"},
    "operator": {"discoveryBackend": "etcd"},
    "dra-driver-nvidia-gpu": {"gpuResourcesEnabledOverride": "true"},
}
"""What some charts of the corpus refuse to be rendered without, by the name of their directory."""


def needed(chart: Path) -> tuple[ValuesLayer, ...]:
    """Return the values without which *chart* refuses to be rendered."""
    wanted = NEEDED.get(chart.name, {})
    return tuple(ValuesLayer("set", Place(""), value, target) for target, value in wanted.items())


def scalars(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    """Yield path and value of all scalars of *value*, nulls left out."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from scalars(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from scalars(item, (*path, index))
    elif value is not None:
        yield path, value


def edited(bench: Bench, spot: Spot, other: bool = False) -> tuple[str, bytes] | None:
    """Return the file of *spot* with the text at *spot* changed; *other* asks for another change than the first."""
    data = bench.read(spot.file)
    if data is None:
        return None
    span = spot.span
    if span is None:
        span = bench.positions(spot.file, data)(spot.ordinal, spot.at, spot.anchor).span
    lines = data.decode().split("\n")
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line) + 1)
    text = data.decode()
    start, end = starts[span.line - 1] + span.column - 1, starts[span.end_line - 1] + span.end_column - 1
    old = text[start:end]
    new = changed_text(old, other, text[:start])
    return spot.file, (text[:start] + new + text[end:]).encode()


def changed_text(old: str, other: bool, before: str) -> str:
    bare = old.strip()
    if re.fullmatch(r"-?\d+(\.\d+)?", bare):
        return old.replace(bare, str(float(bare) + 1) if "." in bare else str(int(bare) + (3 if other else 1)))
    if bare in {"true", "false"}:
        return old.replace(bare, "false" if bare == "true" else "true")
    if bare in {"", "null", "~"}:
        return (" " if before[-1:] == ":" else "") + "x9"
    if bare in {"[]", "{}"}:
        return '["x"]' if bare == "[]" else '{"x": "y"}'
    if bare[0] in "|>":
        return re.sub(r"(\n[ \t]*\S[^\n]*)", r"\1x", old, count=1)
    if "{{" in bare and bare[-1] not in "\"'":
        return "x9" + old if other else old.rstrip() + "x"
    if other:
        digits = list(re.finditer(r"\d", bare))
        if digits:
            at = old.index(bare) + digits[-1].start()
            return old[:at] + str((int(old[at]) + 1) % 10) + old[at + 1 :]
    tail = len(old.rstrip())
    quote = old[tail - 1] in "\"'" and old[:tail].lstrip()[0] == old[tail - 1]
    return old[: tail - 1] + "x" + old[tail - 1 :] if quote else old[:tail] + "x" + old[tail:]


@dataclass
class Tally:
    """Counts of a proof: sampled scalars, those marked exact, and of these what an edit did."""

    sampled: int = 0
    exact: int = 0
    changed: int = 0
    alone: int = 0
    renders: Counter[str] = field(default_factory=Counter)
    misses: list[str] = field(default_factory=list)
    vague: list[str] = field(default_factory=list)

    def add(self, other: Tally) -> None:
        self.sampled += other.sampled
        self.exact += other.exact
        self.changed += other.changed
        self.alone += other.alone
        self.renders += other.renders
        self.misses += other.misses
        self.vague += other.vague


def sample(documents: list[Any], most: int) -> list[tuple[int, tuple[str | int, ...], Any]]:
    """Return up to *most* scalars under paths that rules look at, spread evenly."""
    found = [
        (ordinal, path, value)
        for ordinal, document in enumerate(documents)
        if isinstance(document, dict) and document.get("kind") != "CustomResourceDefinition"
        for path, value in scalars(document)
        if any(isinstance(step, str) and WATCHED.search(step) for step in path)
    ]
    step = max(1, -(-len(found) // most))
    return found[::step]


def prove(bench: Bench, most: int, label: str) -> Tally:
    """Sample the chart of *bench*, locate, edit, render, and count."""
    tally = Tally()
    rendered = bench.render()
    if rendered is None:
        return tally
    documents = parse(rendered.decode())
    again = _flat(parse((bench.render() or b"").decode()))
    base = _flat(documents)
    chance = {key for key in base if base[key] != again.get(key)}
    origins = HelmOrigins(bench.source, rendered, bench.tools())
    results: dict[Spot, list[Any]] = {}
    for ordinal, path, value in sample(documents, most):
        if (ordinal, path) in chance:
            continue
        origin = origins.locate(ordinal, path, Anchor.VALUE)
        tally.sampled += 1
        line = f"{label} [{ordinal}] {'.'.join(map(str, path))} = {str(value)[:50]!r} <- {_words(origin)}"
        if not origin.primary.exact:
            tally.vague.append(line)
            continue
        tally.exact += 1
        key = replace(origin.primary, why="")
        if key not in results:
            results[key] = _tried(bench, key)
        outcome = [_effect(base, after, documents, ordinal, path, chance) for after in results[key]]
        hit = [count for count in outcome if count]
        tally.changed += bool(hit)
        tally.alone += bool(hit and min(hit) == 1)
        if not hit:
            tally.misses.append(f"{line} ({'unchanged' if results[key] else bench.error[:300]})")
    tally.renders[label] = origins.renders
    return tally


def _tried(bench: Bench, spot: Spot) -> list[Any]:
    """Return the documents that edits of *spot* lead to; none where Helm refuses each edit."""
    found = []
    for other in (False, True):
        change = edited(bench, spot, other)
        output = bench.render(Changes(dict([change]))) if change is not None else None
        if output is not None:
            found.append(parse(output.decode()))
    return found


def _flat(documents: list[Any]) -> dict[tuple[int, tuple[str | int, ...]], Any]:
    return {(n, path): value for n, document in enumerate(documents) for path, value in scalars(document)}


def _effect(
    base: dict[Any, Any],
    after: list[Any],
    before: list[Any],
    ordinal: int,
    path: tuple[str | int, ...],
    chance: set[Any],
) -> int:
    """Return how many scalars differ, 0 where the one in question does not."""
    if len(after) != len(before):
        return 0
    theirs = _flat(after)
    if theirs.get((ordinal, path), base[ordinal, path]) == base[ordinal, path]:
        return 0
    return sum(base.get(key) != theirs.get(key) for key in (base.keys() | theirs.keys()) - chance)


def _words(origin: Origin) -> str:
    spot = origin.primary
    where = spot.span.line if spot.span is not None else ".".join(map(str, spot.at or ()))
    return f"{spot.file}:{where}"


def prove_chart(helm: Path, tree: Path, source: HelmSource, most: int, label: str) -> Tally:
    """Prove a chart of *tree* in a scratch copy."""
    with TemporaryDirectory() as scratch:
        return prove(Bench(helm, tree, Path(scratch), source), most, label)
