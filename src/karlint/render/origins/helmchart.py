"""A chart and its subcharts as they lie in the tree: names, values, templates."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, Any

from msgspec import Struct, field

from karlint.render.origins.helmtext import Branch, Template

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

MAX_CHARTS = 200
"""No more subcharts than this are read: charts can name each other in a circle."""


class Tree(Struct, frozen=True):
    """How the repository is read.

    Attributes:
        read: the bytes of a file by its repository-relative path; None where there is none.
        walk: the files below a directory, repository-relative, in any order.
        parse: the values of all YAML documents of a text; empty where it does not parse.
    """

    read: Callable[[str], bytes | None]
    walk: Callable[[str], Iterable[str]]
    parse: Callable[[str], list[Any]]

    def text(self, file: str) -> str | None:
        """Return the text of *file*, or None."""
        data = self.read(file)
        return None if data is None else data.decode("utf-8", "replace").removeprefix("\ufeff")

    def mapping(self, file: str) -> dict[str, Any]:
        """Return the mapping that *file* holds; empty for anything else."""
        text = self.text(file)
        documents = self.parse(text) if text is not None else []
        return documents[0] if documents and isinstance(documents[0], dict) else {}


class Chart(Struct, eq=False):
    """One chart of the tree.

    Attributes:
        directory: repository-relative.
        key: under which its parent holds its values: alias or name; "" for the root.
        source: what ``# Source:`` comments of its templates begin with.
        meta, values: Chart.yaml and values.yaml.
    """

    directory: str
    key: str
    source: str
    meta: dict[str, Any]
    values: dict[str, Any]
    parent: Chart | None = None
    children: list[Chart] = field(default_factory=list)
    packed: dict[str, str] = field(default_factory=dict)

    def file(self, path: str) -> str:
        """Return the repository-relative path of a file of the chart."""
        return posixpath.join(self.directory, path)

    @property
    def keys(self) -> tuple[str, ...]:
        """The way from the root's values to this chart's."""
        return (*self.parent.keys, self.key) if self.parent is not None else ()

    def lineage(self) -> Iterator[Chart]:
        """Yield the root, then each chart on the way to this one, itself included."""
        if self.parent is not None:
            yield from self.parent.lineage()
        yield self

    def all(self) -> Iterator[Chart]:
        """Yield the chart and all below it."""
        yield self
        for child in self.children:
            yield from child.all()


def read_chart(tree: Tree, directory: str, own_values: bool = True) -> Chart:
    """Return the chart at *directory* and its subcharts; without its values.yaml where that does not count."""
    meta = tree.mapping(posixpath.join(directory, "Chart.yaml"))
    values = tree.mapping(posixpath.join(directory, "values.yaml")) if own_values else {}
    root = Chart(directory, "", str(meta.get("name", "")), meta, values)
    waiting = [root]
    count = 0
    while waiting and count < MAX_CHARTS:
        chart = waiting.pop()
        chart.children = list(_children(tree, chart))
        waiting += chart.children
        count += len(chart.children)
    return root


def _children(tree: Tree, chart: Chart) -> Iterator[Chart]:
    wanted = _dependencies(tree, chart)
    charts = chart.file("charts")
    found: dict[str, str] = {}
    for file in sorted(tree.walk(charts)):
        steps = file[len(charts) + 1 :].split("/")
        if len(steps) == 2 and steps[1] == "Chart.yaml":
            directory = posixpath.dirname(file)
            found.setdefault(str(tree.mapping(file).get("name") or steps[0]), directory)
        elif len(steps) == 1 and steps[0].endswith(".tgz"):
            name = next((n for n, *_ in wanted if steps[0].startswith(f"{n}-")), "")
            if name:
                chart.packed[name] = file
    for name, alias, repository in wanted:
        directory = found.get(name, "")
        if not directory and repository.startswith("file://"):
            directory = posixpath.normpath(posixpath.join(chart.directory, repository[7:]))
            directory = "" if directory.startswith("..") or name in chart.packed else directory
        if directory and tree.read(posixpath.join(directory, "Chart.yaml")) is not None:
            yield _child(tree, chart, directory, alias or name)
    named = {name for name, *_ in wanted}
    for name, directory in found.items():
        if name not in named:
            yield _child(tree, chart, directory, name)


def _child(tree: Tree, parent: Chart, directory: str, key: str) -> Chart:
    source = f"{parent.source}/charts/{key}"
    values = tree.mapping(posixpath.join(directory, "values.yaml"))
    return Chart(directory, key, source, tree.mapping(posixpath.join(directory, "Chart.yaml")), values, parent)


def _dependencies(tree: Tree, chart: Chart) -> list[tuple[str, str, str]]:
    """Return name, alias and repository of each dependency."""
    listed = chart.meta.get("dependencies")
    if not isinstance(listed, list):
        listed = tree.mapping(chart.file("requirements.yaml")).get("dependencies")
    entries = [entry for entry in listed if isinstance(entry, dict)] if isinstance(listed, list) else []
    return [(str(e.get("name", "")), str(e.get("alias") or ""), str(e.get("repository") or "")) for e in entries]


class Library:
    """The templates of a chart and its subcharts, read when asked for, and the defines of all of them."""

    def __init__(self, tree: Tree, root: Chart) -> None:
        self._tree = tree
        self._templates: dict[str, Template] = {}
        self.root = root
        self.owners: dict[str, Chart] = {}
        for chart in root.all():
            for file in tree.walk(chart.file("templates")):
                self.owners.setdefault(file, chart)
        self._defines: dict[str, tuple[Template, Branch]] | None = None

    def template(self, file: str) -> Template | None:
        """Return the template *file*; None where it is not there."""
        if file not in self._templates:
            text = self._tree.text(file)
            if text is None:
                return None
            self._templates[file] = Template(file, text)
        return self._templates[file]

    def content(self, file: str) -> str | None:
        """Return the text of any *file* of the tree; None where it is not there."""
        return self._tree.text(file)

    def parse(self, text: str) -> list[Any]:
        """Return the documents of *text*, as the API server reads them."""
        return self._tree.parse(text)

    def files(self) -> list[str]:
        """Return the template files, those of deeper charts first, as Helm reads them: the later define wins."""
        return sorted(self.owners, key=lambda file: (-len(self.owners[file].keys), file))

    def define(self, name: str) -> tuple[Template, Branch] | None:
        """Return the define of that name, and the file that it stands in."""
        if self._defines is None:
            self._defines = {}
            for file in self.files():
                template = self.template(file)
                if template is not None:
                    self._defines.update({name: (template, branch) for name, branch in template.defines.items()})
        return self._defines.get(name)

    def source(self, source: str) -> tuple[Chart, str] | None:
        """Return the chart and the file behind a ``# Source:`` comment; None where it is not in the tree."""
        best: Chart | None = None
        for chart in self.root.all():
            if source.startswith(chart.source + "/") and (best is None or len(chart.source) > len(best.source)):
                best = chart
        if best is None or ".." in source.split("/"):  # what is rendered may hold lines that only look like Helm's
            return None
        file = best.file(source[len(best.source) + 1 :])
        return (best, file) if self._tree.read(file) is not None else None
