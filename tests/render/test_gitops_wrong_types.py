"""A value of the wrong type, wherever it stands in an Application or Flux object, never breaks anything."""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any

import pytest

from karlint.model.unit import Expansion, NotRendered, Unit
from karlint.render.applicationset import expand_applicationset
from karlint.render.argocd import claims_of, expand_application
from karlint.render.flux import claims_of as flux_claims
from karlint.render.flux import expand_kustomization
from karlint.render.helmrelease import expand_helm_release
from karlint.render.objects import Objects
from tests.render.gitopsrepo import HERE, Repo, declare

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from karlint.render.checkout import Checkout

WRONG: list[Any] = [None, "", "${X}", "{{x}}", "{{ .x | y }}", "../..", "\x00", 7, 1.5, True, [], [None], {}, {"a": 1}]
GIT = {"kind": "GitRepository", "name": "here"}
FILES = {
    "apps/llm/kustomization.yaml": "",
    "charts/llm/Chart.yaml": "name: llm\nversion: 1.0.0\n",
    "charts/llm/values.yaml": "",
    "config/a.yaml": "name: a\n",
}
HELM = {
    "releaseName": "llm",
    "valueFiles": ["values.yaml", "$values/charts/llm/values.yaml", "*.yaml"],
    "valuesObject": {"a": {"b": [1]}},
    "values": "a: 1",
    "parameters": [{"name": "a", "value": "$ARGOCD_APP_NAME", "forceString": True}],
    "fileParameters": [{"name": "f", "path": "values.yaml"}],
    "apiVersions": ["v1"],
    "kubeVersion": "1.33",
}
KUSTOMIZE = {
    "namePrefix": "a-",
    "images": ["a=b:c"],
    "replicas": [{"name": "a", "count": 1}],
    "commonLabels": {"a": "b"},
    "commonAnnotations": {"a": "b"},
    "patches": [{"patch": "x", "target": {"kind": "X"}}],
    "components": ["../x"],
}
APPLICATION = {
    "apiVersion": "argoproj.io/v1alpha1",
    "kind": "Application",
    "metadata": {"name": "llm", "namespace": "argocd"},
    "spec": {
        "project": "x",
        "destination": {"server": "https://x", "namespace": "y"},
        "sources": [
            {"repoURL": HERE, "path": "charts/llm", "helm": HELM},
            {"repoURL": HERE, "path": "apps/llm", "kustomize": KUSTOMIZE},
            {"repoURL": HERE, "path": "config", "directory": {"recurse": True, "include": "*", "exclude": "x"}},
            {"repoURL": HERE, "ref": "values"},
            {"repoURL": "https://charts", "chart": "llm", "targetRevision": "1.0.0"},
        ],
    },
}
SET = {
    "apiVersion": "argoproj.io/v1alpha1",
    "kind": "ApplicationSet",
    "metadata": {"name": "all", "namespace": "argocd"},
    "spec": {
        "goTemplate": False,
        "goTemplateOptions": ["missingkey=error"],
        "generators": [
            {
                "list": {"elements": [{"x": "a", "values": {"y": "b"}}], "elementsYaml": "[]"},
                "selector": {"matchLabels": {"x": "a"}},
            },
            {
                "git": {
                    "repoURL": HERE,
                    "directories": [{"path": "apps/*", "exclude": False}],
                    "values": {"z": "{{path}}"},
                }
            },
            {"git": {"repoURL": HERE, "files": [{"path": "config/*"}], "pathParamPrefix": "p"}},
            {
                "matrix": {
                    "generators": [{"list": {"elements": [{"x": "a"}]}}, {"list": {"elements": [{"w": "{{x}}"}]}}]
                }
            },
            {
                "merge": {
                    "mergeKeys": ["x"],
                    "generators": [{"list": {"elements": [{"x": "a"}]}}, {"list": {"elements": []}}],
                }
            },
        ],
        "template": {"metadata": {"name": "app-{{x}}"}, "spec": {"source": {"repoURL": HERE, "path": "apps/llm"}}},
        "templatePatch": "spec: {project: x}",
    },
}
KUSTOMIZATION = {
    "apiVersion": "kustomize.toolkit.fluxcd.io/v1",
    "kind": "Kustomization",
    "metadata": {"name": "llm", "namespace": "flux-system"},
    "spec": {
        "path": "./apps/llm",
        "sourceRef": GIT,
        "targetNamespace": "x",
        "components": ["../x"],
        "ignoreMissingComponents": True,
        "patches": [{"patch": "x", "target": {"kind": "X"}}],
        "images": [{"name": "a", "newTag": "b"}],
        "commonMetadata": {"labels": {"a": "b"}, "annotations": {"a": "b"}},
        "postBuild": {
            "substitute": {"A": "b"},
            "substituteFrom": [{"kind": "ConfigMap", "name": "settings"}, {"kind": "Secret", "name": "x"}],
        },
        "kubeConfig": {"secretRef": {"name": "x"}},
    },
}
RELEASE = {
    "apiVersion": "helm.toolkit.fluxcd.io/v2",
    "kind": "HelmRelease",
    "metadata": {"name": "llm", "namespace": "flux-system"},
    "spec": {
        "chart": {"spec": {"chart": "charts/llm", "sourceRef": GIT, "valuesFiles": ["charts/llm/values.yaml"]}},
        "valuesFrom": [
            {"kind": "ConfigMap", "name": "settings", "valuesKey": "a"},
            {"kind": "ConfigMap", "name": "settings", "valuesKey": "a", "targetPath": "a.b", "literal": True},
        ],
        "values": {"a": {"b": 1}},
        "install": {"crds": "Create"},
        "test": {"enable": True},
        "postRenderers": [
            {"kustomize": {"patches": [{"patch": "x"}], "patchesJson6902": [{"patch": [], "target": {}}]}}
        ],
    },
}
BY_REFERENCE = {**RELEASE, "spec": {"chartRef": {"kind": "HelmChart", "name": "chart"}}}
ARTIFACT = {
    **KUSTOMIZATION,
    "spec": {"path": "llm", "sourceRef": {"kind": "ExternalArtifact", "name": "apps", "namespace": "x"}},
}
AROUND = [
    {
        "apiVersion": "source.toolkit.fluxcd.io/v1",
        "kind": "GitRepository",
        "metadata": {"name": "here", "namespace": "flux-system"},
        "spec": {"url": HERE},
    },
    {
        "apiVersion": "source.toolkit.fluxcd.io/v1",
        "kind": "HelmChart",
        "metadata": {"name": "chart", "namespace": "flux-system"},
        "spec": {"chart": "charts/llm", "sourceRef": GIT},
    },
    {
        "apiVersion": "source.extensions.fluxcd.io/v1beta1",
        "kind": "ArtifactGenerator",
        "metadata": {"name": "apps", "namespace": "flux-system"},
        "spec": {
            "sources": [{"alias": "r", "kind": "GitRepository", "name": "here"}],
            "artifacts": [{"name": "apps", "copy": [{"from": "@r/apps/**", "to": "@artifact/"}]}],
        },
    },
    {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "settings", "namespace": "flux-system"},
        "data": {"a": "b", "c": "d"},
    },
    {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "x", "namespace": "flux-system"},
        "data": {"a": "YQ=="},
        "stringData": {"c": "d"},
    },
]
EXPANDERS = {
    "application": (APPLICATION, expand_application),
    "applicationset": (SET, expand_applicationset),
    "go-applicationset": (
        json.loads(json.dumps(SET).replace("{{", "{{.").replace('Template": false', 'Template": true')),
        expand_applicationset,
    ),
    "kustomization": (KUSTOMIZATION, expand_kustomization),
    "artifact": (ARTIFACT, expand_kustomization),
    "helmrelease": (RELEASE, expand_helm_release),
    "by-reference": (BY_REFERENCE, expand_helm_release),
}


def nodes(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in items:
        yield (*path, key)
        yield from nodes(child, (*path, key))


def mutants(value: Any) -> Iterator[Any]:
    """Yield *value* with one node replaced, each by all of the wrong values in turn."""
    for path in nodes(value):
        for wrong in WRONG:
            mutant = copy.deepcopy(value)
            holder = mutant
            for step in path[:-1]:
                holder = holder[step]
            holder[path[-1]] = wrong
            yield mutant


def world_of(root: Path, around: list[Any]) -> Checkout:
    return holding(Repo(root, FILES).world, around)


def holding(world: Checkout, around: list[Any]) -> Checkout:
    world.objects = Objects()
    for value in around:
        world.objects.add(declare(value, "around.yaml"))
    return world


def check(found: Expansion) -> None:
    assert all(isinstance(unit, Unit) and isinstance(unit.id, str) for unit in found.units)
    assert all(isinstance(item, NotRendered) and item.reason and item.help for item in found.not_rendered)


@pytest.mark.parametrize("name", EXPANDERS)
def test_any_value_anywhere(tmp_path: Path, name: str) -> None:
    body, expand = EXPANDERS[name]
    world = world_of(tmp_path, AROUND)
    assert expand(declare(body), world).units, "the example itself has to render"
    for mutant in mutants(body):
        declared = declare(mutant)
        check(expand(declared, world))
        list(claims_of(declared))
        list(flux_claims(declared, world))


@pytest.mark.parametrize("number", range(len(AROUND)))
def test_any_value_in_what_is_referred_to(tmp_path: Path, number: int) -> None:
    world = world_of(tmp_path, AROUND)
    for mutant in mutants(AROUND[number]):
        holding(world, [*AROUND[:number], mutant, *AROUND[number + 1 :]])
        check(expand_kustomization(declare(KUSTOMIZATION), world))
        check(expand_kustomization(declare(ARTIFACT), world))
        check(expand_helm_release(declare(RELEASE), world))
        check(expand_helm_release(declare(BY_REFERENCE), world))


def test_bodies_that_are_no_objects(tmp_path: Path) -> None:
    world = world_of(tmp_path, AROUND)
    for body in WRONG:
        for _, expand in EXPANDERS.values():
            check(expand(declare(body), world))
