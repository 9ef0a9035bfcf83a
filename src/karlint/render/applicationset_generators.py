"""The parameters that the generators of an ApplicationSet make, as far as they need nothing but the repository.

Facts: github.com/argoproj/argo-cd, applicationset/generators.
"""

from __future__ import annotations

import json
import posixpath
from typing import TYPE_CHECKING, Any

from msgspec import Struct, field

from karlint.model.unit import Place
from karlint.render.applicationset_templates import UnresolvedError, normalize, render
from karlint.render.globs import match_path, match_pathspec
from karlint.render.selectors import selects
from karlint.render.world import Node, RefusedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from karlint.model.path import Path
    from karlint.render.world import World

_NEEDS = {
    "clusters": "generator asks the cluster",
    "clusterDecisionResource": "generator asks the cluster",
    "scmProvider": "generator asks a service",
    "pullRequest": "generator asks a service",
    "plugin": "generator asks a service",
}
_LIMIT = 2000


class Parameters(Struct, frozen=True):
    """One set of parameters.

    Attributes:
        values: by name; nested with goTemplate, with dotted names without.
        places: where the value of a dotted name is written, where that is in the tree.
    """

    values: dict[str, Any]
    places: dict[str, Place] = field(default_factory=dict)


class Generating(Struct, frozen=True):
    """What all generators of an ApplicationSet have in common.

    Attributes:
        world: the repository.
        go: whether the ApplicationSet says goTemplate.
        strict: whether a missing parameter is an error.
    """

    world: World
    go: bool
    strict: bool

    def filled(self, node: Node, params: dict[str, Any]) -> Node:
        """Return *node* with *params* in all of its strings. Raises RefusedError."""
        if not params:
            return node
        return Node(self.fill(node.value, params, node), node.place_of, node.at)

    def fill(self, value: Any, params: dict[str, Any], node: Node) -> Any:
        """Return *value* with *params* in all of its strings and keys. Raises RefusedError for *node*."""
        if isinstance(value, str):
            try:
                return render(value, params, self.go, self.strict)
            except UnresolvedError:
                raise RefusedError(
                    "template that is not worked out",
                    f"Only Argo CD can fill in {value.strip()[:80]}. Write the Application out to have it linted.",
                    node.place,
                ) from None
        if isinstance(value, list):
            return [self.fill(item, params, node) for item in value]
        if isinstance(value, dict):
            return {self.fill(key, params, node): self.fill(item, params, node) for key, item in value.items()}
        return value


def generate(generator: Node, run: Generating) -> list[Parameters]:
    """Return the sets of parameters that *generator* makes. Raises RefusedError."""
    return _generate(generator, run, 0)


def _generate(generator: Node, run: Generating, depth: int) -> list[Parameters]:
    for kind, reason in _NEEDS.items():
        if generator.get(kind).value is not None:
            raise RefusedError(
                reason,
                f"What {kind} finds is not in the repository: write the Applications as a list to have them linted.",
                generator.get(kind).place,
            )
    makers: dict[str, Callable[[Node, Generating], list[Parameters]]] = {
        "list": _list,
        "git": _git,
        "matrix": lambda node, _: _matrix(node, run, depth),
        "merge": lambda node, _: _merge(node, run, depth),
    }
    for kind, make in makers.items():
        if generator.get(kind).value is not None:
            found = make(generator.get(kind), run)
            if len(found) > _LIMIT:
                raise RefusedError("too many Applications", "Split the ApplicationSet.", generator.place)
            selector = generator.get("selector")
            return [item for item in found if selects(selector.value, _strings(item.values))]
    raise RefusedError("unknown generator", "Use list, git, matrix or merge.", generator.place)


def _list(node: Node, run: Generating) -> list[Parameters]:
    found = [_element(element, run) for element in node.get("elements").items()]
    text = node.get("elementsYaml")
    if text.text():
        for element in _parsed(text, run):
            found.append(Parameters(element if run.go else dict(_flat(element))))
    return found


def _element(element: Node, run: Generating) -> Parameters:
    if not isinstance(element.value, dict):
        raise RefusedError("malformed generator", "Write each element of the list as a mapping.", element.place)
    places = dict(_places(element))
    if run.go:
        return Parameters(element.value, places)
    values: dict[str, Any] = {}
    for name, value in element.fields():
        for inner, text in value.fields() if name == "values" else ((name, value),):
            if not isinstance(text.value, str):
                raise RefusedError(
                    "malformed generator",
                    f"Write {inner} as a string: without goTemplate nothing else fits.",
                    text.place,
                )
            values[f"values.{inner}" if name == "values" else name] = text.value
    return Parameters(values, places)


def _parsed(text: Node, run: Generating) -> list[dict[str, Any]]:
    try:
        documents = run.world.parse(text.text())
    except ValueError:
        documents = []
    elements = documents[0] if documents else None
    if not isinstance(elements, list) or not all(isinstance(element, dict) for element in elements):
        raise RefusedError("malformed generator", "Write elementsYaml as a list of mappings.", text.place)
    return elements


def _git(node: Node, run: Generating) -> list[Parameters]:
    directories, files = node.get("directories").items(), node.get("files").items()
    patterns = directories or files
    url = node.get("repoURL")
    literal = posixpath.dirname(patterns[0].get("path").text().split("*")[0] + "x") if patterns else ""
    if not run.world.is_here(url.text(), literal):
        raise RefusedError(
            "generator over another repository",
            f"List {url.text()} under render.repositories if it is this repository.",
            url.place,
        )
    if directories:
        found = [_of_path(path, node, run) for path in _chosen(directories, _directories(run.world), match_path)]
    else:
        found = [
            item for path in _chosen(files, run.world.files(""), match_pathspec) for item in _of_file(path, node, run)
        ]
    return [_with_values(item, node.get("values"), run) for item in found]


def _chosen(patterns: list[Node], paths: Any, match: Callable[[str, str], bool]) -> Iterator[str]:
    included = [item.get("path").text() for item in patterns if not item.get("exclude").true()]
    excluded = [item.get("path").text() for item in patterns if item.get("exclude").true()]
    for path in paths:
        if any(match(pattern, path) for pattern in included) and not any(match(pattern, path) for pattern in excluded):
            yield path


def _directories(world: World) -> list[str]:
    """Return the directories of the repository, without those whose name starts with a dot and what they hold."""
    found: set[str] = set()
    for file in world.files(""):
        steps = file.split("/")[:-1]
        for depth in range(1, len(steps) + 1):
            if steps[depth - 1].startswith("."):
                break
            found.add("/".join(steps[:depth]))
    return sorted(found)


def _of_path(path: str, node: Node, run: Generating) -> Parameters:
    return Parameters(_path_parameters(path, node.get("pathParamPrefix").text(), run.go, ""))


def _path_parameters(directory: str, prefix: str, go: bool, file: str) -> dict[str, Any]:
    base = posixpath.basename(directory) or "."
    segments = directory.split("/")
    about = {"path": directory, "basename": base, "basenameNormalized": normalize(base)}
    if file:
        about |= {"filename": file, "filenameNormalized": normalize(file)}
    if go:
        nested: dict[str, Any] = {"path": {**about, "segments": segments}}
        return {prefix: nested} if prefix else nested
    name = f"{prefix}.path" if prefix else "path"
    flat = {name if key == "path" else f"{name}.{key}": value for key, value in about.items()}
    return flat | {f"{name}[{number}]": step for number, step in enumerate(segments) if step}


def _of_file(path: str, node: Node, run: Generating) -> Iterator[Parameters]:
    try:
        documents = run.world.parse(run.world.read(path) or "")
    except ValueError:
        raise RefusedError("file of a generator cannot be read", f"Correct {path}.", Place(path)) from None
    value = documents[0] if documents else {}
    objects = value if isinstance(value, list) else [value if value is not None else {}]
    for number, item in enumerate(objects):
        if not isinstance(item, dict):
            raise RefusedError(
                "file of a generator cannot be read", f"Write {path} as a mapping or a list.", Place(path)
            )
        at: Path = (number,) if isinstance(value, list) else ()
        places = dict(_places(Node(item, lambda at, file=path: Place(file, 0, at), at)))  # type: ignore[misc]
        about = _path_parameters(
            posixpath.dirname(path) or ".", node.get("pathParamPrefix").text(), run.go, posixpath.basename(path)
        )
        yield Parameters({**(item if run.go else dict(_flat(item))), **about}, _without(places, about))


def _with_values(item: Parameters, values: Node, run: Generating) -> Parameters:
    if not isinstance(values.value, dict) or not values.value:
        return item
    filled = run.filled(values, item.values).value
    replaced = ["values"] if run.go else [f"values.{name}" for name in filled]
    places = _without(item.places, replaced) | {
        f"values.{name}": node.place for name, node in values.fields() if "{{" not in node.text()
    }
    added = {"values": filled} if run.go else {f"values.{name}": value for name, value in filled.items()}
    return Parameters(item.values | added, places)


def _without(places: dict[str, Place], replaced: Iterable[str]) -> dict[str, Place]:
    """Return *places* without those of what is *replaced* by values that are not written there, and below it."""
    gone = (*replaced,)
    return {name: place for name, place in places.items() if name not in gone and not name.startswith(_below(gone))}


def _below(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(f"{name}." for name in names)


def _children(node: Node, depth: int) -> list[Node]:
    children = node.get("generators").items()
    if len(children) < 2 or depth > 1:
        raise RefusedError(
            "malformed generator", "Give it two generators or more, nested one level deep at most.", node.place
        )
    return children


def _matrix(node: Node, run: Generating, depth: int) -> list[Parameters]:
    first, *rest = _children(node, depth)
    found = _generate(first, run, depth + 1)
    for child in rest:
        found = [
            Parameters(_combined(item.values, other.values, run.go, child), other.places | item.places)
            for item in found
            for other in _generate(run.filled(child, item.values), run, depth + 1)
        ]
        if len(found) > _LIMIT:
            raise RefusedError("too many Applications", "Split the ApplicationSet.", node.place)
    return found


def _combined(one: dict[str, Any], other: dict[str, Any], go: bool, child: Node) -> dict[str, Any]:
    if go:
        return _deep(other, one)
    for name in one.keys() & other.keys():
        if one[name] != other[name]:
            raise RefusedError("malformed generator", f"Two generators disagree on {name}: rename one.", child.place)
    return one | other


def _merge(node: Node, run: Generating, depth: int) -> list[Parameters]:
    first, *rest = _children(node, depth)
    keys = [item.text() for item in node.get("mergeKeys").items() if item.text()]
    if not keys:
        raise RefusedError("malformed generator", "Give the merge generator its mergeKeys.", node.place)
    found = _generate(first, run, depth + 1)
    for child in rest:
        overrides = {_key(item.values, keys): item for item in _generate(child, run, depth + 1)}
        found = [_overridden(item, overrides.get(_key(item.values, keys)), run.go) for item in found]
    return found


def _overridden(item: Parameters, over: Parameters | None, go: bool) -> Parameters:
    if over is None:
        return item
    values = _deep(item.values, over.values) if go else item.values | over.values
    return Parameters(values, item.places | over.places)


def _key(values: dict[str, Any], keys: list[str]) -> str:
    return json.dumps([values.get(key) for key in keys], sort_keys=True, default=str)


def _deep(base: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    """Return *base* with *over* merged into it; mappings are merged, everything else is replaced."""
    found = dict(base)
    for key, value in over.items():
        old = found.get(key)
        found[key] = _deep(old, value) if isinstance(old, dict) and isinstance(value, dict) else value
    return found


def _places(node: Node, prefix: str = "") -> Iterator[tuple[str, Place]]:
    for name, value in node.fields():
        yield f"{prefix}{name}", value.place
        yield from _places(value, f"{prefix}{name}.")


def _flat(value: Any, prefix: str = "") -> Iterator[tuple[str, str]]:
    """Yield dotted names and texts of what is in a mapping or list, as Argo CD flattens it without goTemplate."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        if isinstance(item, dict | list):
            yield from _flat(item, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", _shown(item)


def _shown(value: Any) -> str:
    if value is None:
        return "<nil>"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _strings(values: dict[str, Any]) -> dict[str, str]:
    flat = dict(values)
    for key, value in values.items():
        if isinstance(value, dict):
            flat |= dict(_flat(value, f"{key}."))
    return {key: value for key, value in flat.items() if isinstance(value, str)}
