"""What a GitOps repository deploys, until nothing new comes: what is rendered may declare what is rendered next.

Applications, ApplicationSets, Flux Kustomizations and HelmReleases that stand in the tree come first; those that
something else delivers are taken from what it renders, patches and variables applied. Then come the kustomizations and
charts that none of these led to.
"""

from __future__ import annotations

import posixpath
import re
from contextlib import closing
from typing import TYPE_CHECKING, Any

import orjson
from msgspec import Struct, field
from msgspec.structs import replace

from karlint.model.unit import DirectorySource, Expansion, HelmSource, KustomizeSource, NotRendered, Place, Unit
from karlint.render import Built, Output, chart_units, inputs_of, kustomize_units, render_each
from karlint.render.applicationset import expand_applicationset
from karlint.render.argocd import claims_of, expand_application
from karlint.render.chain import rendered, stream_of, unit_of
from karlint.render.checkout import Checkout
from karlint.render.flux import claims_of as flux_claims
from karlint.render.flux import expand_kustomization
from karlint.render.helmrelease import expand_helm_release
from karlint.render.objects import group_kind
from karlint.render.origins.bydocument import annotated_files, sources_of
from karlint.render.outcome import Failure
from karlint.render.plan import NAMESPACE, RELEASE, below
from karlint.render.repositories import Recogniser, remotes_of
from karlint.render.world import Declared
from karlint.tree import read_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from karlint.discover import Layout
    from karlint.render import ChartSet, Kitchen
    from karlint.render.world import World
    from karlint.source import LoadedFile
    from karlint.tree import Tree

    Load = Callable[[Sequence[Output], int], list[LoadedFile]]
    Progress = Callable[[int, int, str], None]

EXPANDERS: dict[str, Callable[[Declared, World], Expansion]] = {
    "argoproj.io/Application": expand_application,
    "argoproj.io/ApplicationSet": expand_applicationset,
    "kustomize.toolkit.fluxcd.io/Kustomization": expand_kustomization,
    "helm.toolkit.fluxcd.io/HelmRelease": expand_helm_release,
}
_GITOPS = re.compile(rb"""\bapiVersion["']?\s*:\s*["']?(?:argoproj\.io|[a-z]+\.(?:toolkit|extensions)\.fluxcd\.io)/""")
_REFERS = re.compile(rb"substituteFrom|valuesFrom|configMapRef")
_CONFIG = re.compile(rb"""\bkind["']?\s*:\s*["']?ConfigMap\b""")
_GROUPS = ("argoproj.io/", ".toolkit.fluxcd.io/", ".extensions.fluxcd.io/")
_MOST_ROUNDS = 12
DEEP = "declared too many levels deep"


class Delivery(Struct):
    """Renders a tree in rounds.

    Attributes:
        outputs: of each unit by its id, in the order that they came; failures too.
        loaded: the streams of those that have one, read.
        missing: what could not be rendered by what it says of itself.
        asked: tells whether a file is asked for, where only a part of the tree is: then only units that are made of
            such files are rendered, and those that deliver what declares them. None for everything.
        meanwhile: called once, while renderers run.
    """

    layout: Layout
    kitchen: Kitchen
    tree: Tree
    jobs: int
    load: Load
    sets: Sequence[ChartSet] = ()
    repositories: tuple[str, ...] = ()
    asked: Callable[[str], bool] | None = None
    progress: Progress | None = None
    meanwhile: Callable[[], None] | None = None
    outputs: dict[str, Output] = field(default_factory=dict)
    loaded: dict[str, LoadedFile] = field(default_factory=dict)
    missing: dict[tuple[str, str], NotRendered] = field(default_factory=dict)
    _raw: list[Declared] = field(default_factory=list)
    _claimed: dict[int, tuple[Unit, ...]] = field(default_factory=dict)
    _needed: set[str] = field(default_factory=set)
    _homes: dict[str, dict[int, str]] = field(default_factory=dict)
    _world: Checkout | None = None
    _built: Built = field(default_factory=dict)

    def run(self) -> None:
        """Render everything that is deployed. Raises EnvironmentProblem for a tool that is missing."""
        self._raw = list(self._objects())
        if self._raw:
            self._world = self._make_world()
            self._claimed = {number: self._expanded(item).units for number, item in enumerate(self._raw)}
            self._needed = self._declaring()
            self._deliver(unit for number in self._entries() for unit in self._units(self._raw[number]))
        claimed = {_home(unit) for units in self._claimed.values() for unit in units}
        self._deliver(unit for unit in self._by_files() if _home(unit) not in claimed)
        self._deliver(self._by_files())
        if self._raw:  # objects that only what failed would have delivered, or that deliver each other
            reached = self._reached()
            left = [item for item in self._raw if item.node.place.file not in reached]
            self._deliver(unit for item in left for unit in self._units(item))
        self._drop_doubles()
        self._miss_charts()

    def also(self, directories: Iterable[str]) -> None:
        """Render the kustomizations and charts in *directories* that nothing has rendered as such."""
        homes = {_home(output.unit) for output in self.outputs.values()}
        units = []
        for directory in directories:
            if directory in homes:
                continue
            if directory in self.layout.charts:
                units.append(Unit(directory or ".", HelmSource(directory, RELEASE, NAMESPACE)))
            elif self.kitchen.graph.at(directory) is not None:
                units.append(Unit(directory or ".", KustomizeSource(directory)))
        if units:  # what is made of the same files was not meant
            self.outputs.clear()
            self.missing.clear()
            self._deliver(units)

    def is_asked(self, unit: Unit) -> bool:
        """Tell whether something that *unit* is made of is asked for."""
        asked = self.asked
        return asked is None or any(asked(path) for path in self._files_of(unit))

    def _files_of(self, unit: Unit) -> frozenset[str]:
        return inputs_of(unit, self.kitchen) | unit.said_in

    def _declaring(self) -> set[str]:
        """Return the files of the objects that declare what is asked for, and of those that deliver these."""
        found: set[str] = set()
        if self.asked is None:
            return found
        inputs = {
            number: {path for unit in units for path in self._files_of(unit)} for number, units in self._claimed.items()
        }
        while True:
            size = len(found)
            for number, paths in inputs.items():
                if not found.isdisjoint(paths) or any(map(self.asked, paths)):
                    found.add(self._raw[number].node.place.file)
            if len(found) == size:
                return found

    def _is_needed(self, unit: Unit) -> bool:
        return self.is_asked(unit) or not self._needed.isdisjoint(inputs_of(unit, self.kitchen))

    def _objects(self) -> Iterator[Declared]:
        """Yield the Argo CD and Flux objects that stand in the tree, and what they may take values from."""
        config: list[str] = []
        refers = False
        for path in sorted(self.layout.files):
            data = self.tree.bytes_of(path) or b""
            if _GITOPS.search(data):
                refers = refers or _REFERS.search(data) is not None
                yield from self._declared(path)
            elif _CONFIG.search(data):
                config.append(path)
        for path in config if refers else ():
            yield from self._declared(path)

    def _declared(self, path: str) -> Iterator[Declared]:
        for ordinal, value in enumerate(self.tree.documents(path)):
            for at, body in _items(value):
                yield Declared(body, _place_in(path, ordinal, at))

    def _make_world(self) -> Checkout:
        root = self.kitchen.root
        known = (*remotes_of(root), *self.repositories)
        recogniser = Recogniser(lambda path: bool(world.kind(path)), known, root.name)
        world = Checkout(root, read_text, recogniser)
        for declared in self._raw:
            world.objects.add(declared)
        for declared in self._raw:
            if group_kind(declared).startswith("argoproj.io/"):
                recogniser.learn(claims_of(declared))
            elif group_kind(declared).startswith("kustomize.toolkit"):
                recogniser.learn(flux_claims(declared, world))
        return world

    def _entries(self) -> list[int]:
        """Return the numbers of the objects that nothing else delivers, so that somebody applies them by hand.

        A Flux Kustomization that applies the file that it stands in is delivered by itself, and one of these.
        """
        delivered: dict[str, set[int]] = {}
        for number, units in self._claimed.items():
            for unit in units:
                for path in inputs_of(unit, self.kitchen):
                    delivered.setdefault(path, set()).add(number)
        built = set(self.kitchen.graph.closure_of(self._kustomizations()).inputs)
        entries = []
        for number, declared in enumerate(self._raw):
            path = declared.node.place.file
            by = delivered.get(path, set())
            if group_kind(declared) in EXPANDERS and not by - {number} and (by or path not in built):
                entries.append(number)
        return entries

    def _kustomizations(self) -> list[str]:
        return sorted({posixpath.dirname(path) for path in self.layout.kustomizations})

    def numbered(self, path: str) -> list[tuple[int, Any]]:
        """Return ordinal and value of the documents of a file of the tree."""
        return list(enumerate(self.tree.documents(path)))

    def _expanded(self, declared: Declared) -> Expansion:
        expand = EXPANDERS.get(group_kind(declared))
        return expand(declared, self._world) if expand is not None and self._world is not None else Expansion()

    def _units(self, declared: Declared) -> Iterator[Unit]:
        """Yield the units that *declared* stands for, and take note of what it cannot tell."""
        expansion = self._expanded(declared)
        for item in expansion.not_rendered:
            self.missing.setdefault((item.what, item.reason), item)
        for unit in expansion.units:
            yield unit if self.asked is None else replace(unit, written=self._written(unit))

    def _written(self, unit: Unit) -> frozenset[str]:
        """Return the files that have a say in *unit* through objects that others rendered.

        Each of these objects stands in one, and what else it was rendered with may change it: a patch, say.
        """
        found: set[str] = set()
        for place in unit.said_at:
            output = self.outputs.get(unit_of(place.file))
            if output is None:
                continue
            if output.unit.id not in self._homes:
                self._homes[output.unit.id] = self.homes(output)
            homes = self._homes[output.unit.id]
            found |= (output.inputs - {*homes.values()}) | {home for home in (homes.get(place.ordinal),) if home}
        return frozenset(found)

    def homes(self, output: Output) -> dict[int, str]:
        """Return ordinal to file for the documents of *output*, by what its stream says itself."""
        source = output.unit.source
        homes: dict[int, str] = {}
        if isinstance(source, HelmSource):
            found = sources_of(output.stream)
            homes = {number: f"{source.chart}/{path.partition('/')[2]}".lstrip("/") for number, path in found.items()}
        elif isinstance(source, KustomizeSource):
            for number, path in annotated_files(output.annotated).items():
                inside = self.kitchen.graph.resolve("", posixpath.join(output.base, path))
                if inside is not None:
                    homes[number] = inside
        return homes

    def _by_files(self) -> list[Unit]:
        """Return the units that files alone make, as far as nothing that was rendered led to them."""
        reached = self._reached()
        graph = self.kitchen.graph
        units = (output.unit for output in self.outputs.values())
        taken = [_home(unit) for unit in units if isinstance(unit.source, KustomizeSource)]
        roots = kustomize_units(self._kustomizations(), graph, taken)
        roots = [unit for unit in roots if (found := graph.at(_home(unit))) is None or found.file not in reached]
        charts = [
            chart
            for chart in self.layout.charts
            if posixpath.join(chart, "Chart.yaml") not in reached or any(item.chart == chart for item in self.sets)
        ]
        inflated = graph.closure_of(self._kustomizations()).charts
        return [*roots, *chart_units(charts, self.layout.files, self.kitchen.metadata, self.sets, inflated)]

    def _reached(self) -> set[str]:
        return {path for output in self.outputs.values() if output.failure is None for path in output.inputs}

    def _deliver(self, units: Iterable[Unit]) -> None:
        """Render *units*, what that declares, and so on."""
        waiting = list(units)
        for _ in range(_MOST_ROUNDS):
            new = {unit.id: unit for unit in waiting if unit.id not in self.outputs}
            needed = [unit for unit in new.values() if self._is_needed(unit)]
            if not needed:
                return
            found = []
            meanwhile, self.meanwhile = self.meanwhile, None
            left = len(needed)
            rendering = render_each(needed, self.kitchen, self.jobs, self.progress, meanwhile, self._built)
            with closing(rendering):
                for outputs in rendering:
                    left -= len(outputs)
                    found += self._take(outputs, self.jobs if left == 0 else 1)
            for declared in found:
                if self._world is not None:
                    self._world.objects.add(declared)
            waiting = [unit for item in found for unit in self._units(item)]
        for unit in waiting:
            place = unit.declared or Place("")
            self.missing.setdefault((unit.id, DEEP), NotRendered(unit.id, DEEP, "Does it deliver itself?", place))

    def _take(self, outputs: Sequence[Output], jobs: int) -> list[Declared]:
        """Read *outputs* with *jobs* processes, one where threads are running; return what they declare."""
        self.outputs |= {output.unit.id: output for output in outputs}
        good = [output for output in outputs if output.failure is None and output.stream]
        for output, loaded in zip(good, self.load(good, jobs), strict=True):
            self.loaded[output.unit.id] = loaded
            self.tree.streams[stream_of(output.unit)] = output.stream
        return [item for output in good for item in self._found_in(output)]

    def _found_in(self, output: Output) -> Iterator[Declared]:
        """Yield the Argo CD and Flux objects that *output* holds, and ConfigMaps."""
        for item in self.loaded[output.unit.id].documents:
            for head in item.heads:
                kind = f"{head.api_version.rpartition('/')[0]}/"
                if not head.prefix and (
                    kind.endswith(_GROUPS) or (head.kind == "ConfigMap" and self._world is not None)
                ):
                    if self._world is None:
                        self._world = self._make_world()
                    yield rendered(orjson.loads(item.document.json), item.document.ordinal, output.unit)

    def _miss_charts(self) -> None:
        """Take note of the sets whose chart is not in the repository: nothing else would ever tell."""
        for item in self.sets:
            inside = self.kitchen.graph.resolve("", item.chart)
            if inside is None or not (self.kitchen.root / inside / "Chart.yaml").is_file():
                chart, named = item.chart or ".", below(item.place, "chart")
                message = f"The chart {chart} is not rendered: there is no such chart in the repository."
                file, at = (named.file, named.at) if named is not None else (f"{chart}/Chart.yaml", None)
                failure = Failure(message, file, help="Paths start at the root.", at=at)
                unit = Unit(f"{chart} ({item.name})", DirectorySource(item.chart))  # made of no files
                self.outputs[unit.id] = Output(unit, failure=failure)

    def _drop_doubles(self) -> None:
        """Forget what was rendered for its files alone and then turned out to be declared by something."""
        declared = [output for output in self.outputs.values() if output.unit.declared is not None]
        homes = {_home(output.unit) for output in declared if output.failure is None}
        homes -= {item.chart for item in self.sets}
        reached = {path for output in declared if output.failure is None for path in output.inputs}
        for name, output in list(self.outputs.items()):
            unit = output.unit
            if unit.declared is not None:
                continue
            own = self.kitchen.graph.at(_home(unit)) if isinstance(unit.source, KustomizeSource) else None
            if _home(unit) in homes or (own is not None and own.file in reached):
                del self.outputs[name]
                self.loaded.pop(name, None)


def _home(unit: Unit) -> str:
    source = unit.source
    return source.chart if isinstance(source, HelmSource) else source.directory


def _place_in(path: str, ordinal: int, above: tuple[str | int, ...]) -> Callable[[tuple[str | int, ...]], Place]:
    return lambda at: Place(path, ordinal, (*above, *at))


def _items(value: Any) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    """Yield the objects of a document: itself, or the items of a list."""
    if not isinstance(value, dict) or not isinstance(value.get("kind"), str):
        return
    items = value.get("items")
    if value["kind"].endswith("List") and isinstance(items, list):
        for index, item in enumerate(items):
            if isinstance(item, dict) and isinstance(item.get("kind"), str):
                yield ("items", index), item
    else:
        yield (), value
