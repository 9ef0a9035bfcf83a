"""From an Argo CD ApplicationSet to the Applications that it makes, and what they render.

Facts: github.com/argoproj/argo-cd, applicationset/generators and applicationset/utils.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from karlint.model.unit import Expansion, NotRendered, Place, Unit
from karlint.render.applicationset_generators import Generating, Parameters, generate
from karlint.render.argocd import expand_application
from karlint.render.argocd_overrides import patched
from karlint.render.world import Declared, Node, RefusedError

if TYPE_CHECKING:
    from karlint.model.path import Path
    from karlint.render.world import World

_KINDS = ("list", "git", "matrix", "merge")
_ONLY = re.compile(r"\{\{-?\s*\.?([^{}|()\s]+)\s*-?\}\}\Z")


def expand_applicationset(declared: Declared, world: World) -> Expansion:
    """Return what the Applications of the ApplicationSet *declared* render, and what of them cannot be looked at."""
    applications, missing = applications_of(declared, world)
    units: list[Unit] = []
    for application in applications:
        found = expand_application(application, world)
        units += found.units
        missing += found.not_rendered
    return Expansion(tuple(units), tuple(missing))


def applications_of(declared: Declared, world: World) -> tuple[list[Declared], list[NotRendered]]:
    """Return the Applications that *declared* makes, and what of it makes Applications that are not known.

    A value of an Application stands in the template; one that is a parameter and nothing else stands where the
    generator has it from, as long as that is in the tree.
    """
    spec = declared.node.get("spec")
    options = {option.text() for option in spec.get("goTemplateOptions").items()}
    run = Generating(world, spec.get("goTemplate").true(), "missingkey=error" in options)
    found: list[Declared] = []
    missing: list[NotRendered] = []
    for generator in spec.get("generators").items():
        try:
            parameters = generate(generator, run)
            template = _template(spec, generator)
            found += [_application(declared, template, item, run) for item in parameters]
        except RefusedError as error:
            missing.append(error.of(declared.unit))
    if not spec.get("generators").items():
        none = RefusedError("no generators", "Give the ApplicationSet its spec.generators.", spec.place)
        missing.append(none.of(declared.unit))
    return found, missing


def _template(spec: Node, generator: Node) -> Node:
    """Return the template; that of the generator wins over the one of the ApplicationSet, field by field."""
    template = spec.get("template")
    for kind in _KINDS:
        own = generator.get(kind, "template")
        if isinstance(own.value, dict):
            return patched(template, own)
    return template


def _application(declared: Declared, template: Node, item: Parameters, run: Generating) -> Declared:
    """Return the Application of one set of parameters. Raises RefusedError."""
    node = _placed(template, run.filled(template, item.values).value, item)
    patch = declared.node.get("spec", "templatePatch")
    if patch.text():
        node = patched(node, _patch(patch, item, run))
    body = {"apiVersion": "argoproj.io/v1alpha1", "kind": "Application", **_mapping(node.value)}
    start = node.at
    name = Node(body, node.place_of).get("metadata", "name").text()
    if not name or "{{" in name:
        raise RefusedError(
            "template that is not worked out",
            f"No generator gives what the name of the Application takes: {name or 'it is empty'}.",
            template.get("metadata", "name").place,
        )
    application = replace(declared, body=body, place_of=lambda at: node.place_of((*start, *at)))
    return replace(application, namespace=declared.own_namespace)


def _placed(template: Node, filled: Any, item: Parameters) -> Node:
    """Return the *filled* template, where a value that is one parameter only has the place of the parameter."""

    def place_of(at: Path) -> Place:
        value = template.value
        for step in at[len(template.at) :]:
            try:
                value = value[step]
            except (LookupError, TypeError):
                break
        only = _ONLY.match(value) if isinstance(value, str) else None
        return item.places.get(only.group(1)) or template.place_of(at) if only else template.place_of(at)

    return Node(filled, place_of, template.at)


def _patch(patch: Node, item: Parameters, run: Generating) -> Node:
    """Return what a templatePatch says. All of it stands in one string. Raises RefusedError."""
    try:
        documents = run.world.parse(run.filled(patch, item.values).text())
    except ValueError:
        documents = []
    if len(documents) != 1 or not isinstance(documents[0], dict):
        raise RefusedError("template that is not worked out", "Write templatePatch as a mapping.", patch.place)
    return Node(documents[0], lambda _: patch.place)


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
