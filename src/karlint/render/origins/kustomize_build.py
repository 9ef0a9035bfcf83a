"""A kustomize build, done again in our own terms so that every value keeps its place.

The order is that of kustomize 5: resources, generators, components, then the transformers
(api/internal/target/kusttarget.go). What we cannot do is left undone: answers are compared with the real output.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct, field
from msgspec.structs import replace

from karlint.model.unit import Place
from karlint.render.origins.kustomize_fields import Fields
from karlint.render.origins.kustomize_files import Files, Tree, expanded, joined
from karlint.render.origins.kustomize_generate import absorb, generate
from karlint.render.origins.kustomize_ids import Resource
from karlint.render.origins.kustomize_steps import Steps, generator_entry
from karlint.render.origins.kustomize_transform import refer_to_accounts
from karlint.render.origins.kustomize_tree import Mark, Node, graft

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from karlint.model.origin import OriginMap, Spot
    from karlint.model.unit import Edit, KustomizeSource

_MAX_DEPTH = 64

_TAKES_IN = "This kustomization takes it in."
_INFLATES = "This kustomization renders the chart."


class Accumulated(Struct):
    """What a kustomization has so far: its resources in order, and the fields that its transformers write to."""

    resources: list[Resource] = field(default_factory=list)
    fields: Fields = field(default_factory=Fields)


class Level(Struct, frozen=True):
    """Where in the chain of kustomizations we are.

    Attributes:
        directory: of the kustomization.
        chain: the entries that lead to it, nearest first.
        stack: the directories that lead to it, so that a circle is noticed.
        namespace: what charts are rendered for, where their own entry does not say.
    """

    directory: str
    chain: tuple[Spot, ...] = ()
    stack: tuple[str, ...] = ()
    namespace: str = ""


class Build:
    """One build.

    Attributes:
        vars, charts, remote: entries of ``vars``, of ``helmCharts``, and of ``resources`` that are not in the tree.
        root: file of the root kustomization.
    """

    def __init__(self, tree: Tree) -> None:
        self._files = Files(tree)
        self._inflate = tree.inflate
        self._schema: Mapping[str, Any] | None = None
        self.vars: list[Node] = []
        self.charts: list[Node] = []
        self.remote: list[Node] = []
        self.root = ""

    def run(self, source: KustomizeSource, wrapped: bool = True) -> list[Resource]:
        """Return the resources that a kustomization makes.

        *wrapped* tells how the edits are made: by a kustomization that has this one as its only resource, or in it.
        """
        directory = source.directory
        name = self._files.kustomization(directory)
        if name is None and not source.generated:
            return []
        if name is None:
            listed = list(self._files.found_below(directory))
            kustomization = Node({"resources": listed}, Mark(directory, exact=False, fixed=True))
        else:
            kustomization = Node(self._files.first(name), Mark(name))
        self.root = name or directory
        wrapper = Node({}, Mark(""))
        self._edit(wrapper if wrapped else kustomization, source.edits)
        into = Accumulated()
        level = Level(directory, stack=(directory,), namespace=wrapper.text("namespace"))
        self._target(kustomization, into, level)
        self._target(wrapper, into, level)
        refer_to_accounts(into.resources)
        return into.resources

    def over(self, documents: Sequence[Any], origins: OriginMap, edits: Sequence[Edit]) -> list[Resource]:
        """Return what *edits* make of documents that something else rendered, as Flux' post-renderers do."""
        kustomization = Node({}, Mark(""))
        self._edit(kustomization, edits)
        into = Accumulated(_foreign(documents, origins, ()))
        Steps(self._files, "", None).run(kustomization, into.resources, into.fields)
        return into.resources

    def _edit(self, kustomization: Node, edits: Sequence[Edit]) -> None:
        """Put what an Application or Flux object adds into a kustomization."""
        for edit in edits:
            mark = Mark(edit.place.file, edit.place.ordinal, edit.place.at)
            node = graft(edit.value, self._files.value_at(edit.place), mark)
            known = kustomization.map.get(edit.field)
            if known is not None and known.is_map and node.is_map:
                known.map.update(node.map)
            elif known is not None and known.is_list and node.is_list:
                new = {item.text("name") for item in node.items} if edit.field in ("images", "replicas") else set()
                known.items[:] = [*(item for item in known.items if item.text("name") not in new), *node.items]
            else:
                kustomization.map[edit.field] = node

    def _target(self, kustomization: Node, into: Accumulated, level: Level) -> None:
        """Accumulate one kustomization; a component works on what its parent has so far."""
        kustomization.mark = replace(kustomization.mark, via=level.chain)
        self._set_schema(kustomization, level)
        level = replace(level, namespace=kustomization.text("namespace") or level.namespace)
        for entry in (*kustomization.each("resources"), *kustomization.each("bases")):
            self._resources(entry, into, level)
        for entry in kustomization.each("configurations"):
            configuration = self._files.first(joined(level.directory, entry.text()) or "")
            into.fields.add(Node(configuration, entry.mark))
        self._generate(kustomization, into, level)
        for entry in kustomization.each("components"):
            self._directory(entry, into, level)
        steps = Steps(self._files, level.directory, self._schema)
        steps.run(kustomization, into.resources, into.fields)
        for entry in kustomization.each("transformers"):
            for config in self._configs(entry, level):
                steps.configured(config, into.resources)
        self.vars += kustomization.each("vars")

    def _set_schema(self, kustomization: Node, level: Level) -> None:
        """Take the OpenAPI document of the first kustomization that names one: kustomize has one for all."""
        path = joined(level.directory, kustomization.text("openapi", "path"))
        if self._schema is None and path is not None:
            document = self._files.first(path)
            definitions = document.get("definitions") if isinstance(document, dict) else None
            self._schema = definitions if isinstance(definitions, dict) else None

    def _generate(self, kustomization: Node, into: Accumulated, level: Level) -> None:
        options = kustomization.get("generatorOptions")

        def read(path: str) -> tuple[str, bytes] | None:
            return self._files.content(level.directory, path)

        for key, kind in (("configMapGenerator", "ConfigMap"), ("secretGenerator", "Secret")):
            for entry in kustomization.each(key):
                absorb(into.resources, generate(entry, kind, options, read))
        for entry in (*kustomization.each("helmCharts"), *kustomization.each("helmChartInflationGenerator")):
            self._chart(entry, into, level)
        for entry in kustomization.each("generators"):
            for config in self._configs(entry, level):
                kind = config.text("kind").removesuffix("Generator")
                if config.text("apiVersion") == "builtin" and kind in ("ConfigMap", "Secret"):
                    absorb(into.resources, generate(generator_entry(config), kind, None, read))
                elif config.text("apiVersion") == "builtin" and kind == "HelmChartInflation":
                    self._chart(config, into, replace(level, namespace=""))  # it is not told the kustomization's own

    def _chart(self, entry: Node, into: Accumulated, level: Level) -> None:
        namespace = entry.text("namespace") or level.namespace
        place = Place(entry.mark.file, entry.mark.ordinal, entry.mark.at)
        found = self._inflate(level.directory, entry.plain(), namespace, place) if self._inflate is not None else None
        if found is None:
            self.charts.append(entry)
        else:
            into.resources += _foreign(found[0], found[1], (entry.mark.spot(_INFLATES), *level.chain))

    def _configs(self, entry: Node, level: Level) -> list[Node]:
        """Return what an entry of ``transformers`` or ``generators`` configures: inline, in a file, or in a base."""
        text = entry.text()
        if "\n" in text or text.startswith("{"):
            values = enumerate(self._files.parsed(text))
            return [Node(value, entry.mark.inside(number)) for number, value in values if isinstance(value, dict)]
        into = Accumulated()
        self._resources(entry, into, level)
        return [resource.root for resource in into.resources]

    def _resources(self, entry: Node, into: Accumulated, level: Level) -> None:
        path = joined(level.directory, entry.text())
        if path is not None and self._files.there(path):
            for ordinal, value in enumerate(self._files.documents(path)):
                into.resources += map(Resource, expanded(Node(value, Mark(path, ordinal, via=level.chain))))
        elif path is not None and self._files.kustomization(path) is not None:
            below = Accumulated()
            self._directory(entry, below, level)
            into.resources += below.resources
            into.fields.merge(below.fields)
        else:
            self.remote.append(entry)

    def _directory(self, entry: Node, into: Accumulated, level: Level) -> None:
        path = joined(level.directory, entry.text())
        name = self._files.kustomization(path) if path is not None else None
        if path is None or name is None or path in level.stack or len(level.stack) > _MAX_DEPTH:
            return
        chain = (entry.mark.spot(_TAKES_IN), *level.chain)
        below = Level(path, chain, (*level.stack, path), level.namespace)
        self._target(Node(self._files.first(name), Mark(name)), into, below)


def _foreign(documents: Sequence[Any], origins: OriginMap, chain: tuple[Spot, ...]) -> list[Resource]:
    """Return the resources in documents that something else rendered; charts take care of namespaces themselves."""
    found: list[Resource] = []
    for ordinal, value in enumerate(documents):
        mark = Mark("", ordinal, via=chain, foreign=origins)
        found += (Resource(node, placed=True) for node in expanded(Node(value, mark)))
    return found
