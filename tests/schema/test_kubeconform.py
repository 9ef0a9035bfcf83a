"""Our verdict and kubeconform's -strict are the same, but for differences that are meant."""

from __future__ import annotations

import copy
import json
import os
import subprocess
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import orjson
import pytest
import yaml

from karlint.minors import folders
from karlint.schema import SchemaSet
from karlint.schema.served import load_served
from karlint.schema.tokens import holds_token

from .build import deployment, parse, resource

ROOT = Path(__file__).resolve().parents[2]
KUBECONFORM = ROOT / "tools" / "bin" / "kubeconform"
CORPUS = ROOT.parent / "shared" / "corpus"

pytestmark = [
    pytest.mark.tools,
    # In CI it must be there: without it these tests fail there, instead of passing unrun.
    pytest.mark.skipif(
        not KUBECONFORM.exists() and not os.environ.get("CI"), reason="kubeconform is not built into tools/bin"
    ),
]

Body = dict[str, Any]


@pytest.fixture(scope="module")
def local_schemas(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Write the packed schemas so that kubeconform finds all of them on disk."""

    @cache
    def of(version: str) -> Path:
        target = tmp_path_factory.mktemp(version)
        url = (target / "_definitions.json").as_uri().encode()
        for file in folders()[version].glob("*.json"):
            schema = orjson.loads(file.read_bytes())
            for key in ("$schema", "$id"):
                schema.pop(key, None)
            (target / file.name).write_bytes(orjson.dumps(schema).replace(b"/api/_definitions.json", url))
        return target

    return of


def kubeconform(bodies: list[Body], schemas: Path, folder: Path) -> list[tuple[bool, str]]:
    for number, body in enumerate(bodies):
        (folder / f"{number}.json").write_bytes(orjson.dumps(body))
    location = f"{schemas}/{{{{ .ResourceKind }}}}{{{{ .KindSuffix }}}}.json"
    command = [str(KUBECONFORM), "-strict", "-output", "json", "-verbose", "-schema-location", location, str(folder)]
    result = subprocess.run(command, check=False, capture_output=True, text=True)
    told = {int(Path(item["filename"]).stem): item for item in json.loads(result.stdout)["resources"]}
    assert len(told) == len(bodies)
    errors = [item for item in told.values() if item["status"] not in {"statusValid", "statusInvalid"}]
    assert errors == []
    return [(told[number]["status"] == "statusValid", told[number].get("msg", "")) for number in range(len(bodies))]


def ours(bodies: list[Body], version: str) -> list[list[str]]:
    schemas = SchemaSet([version], [])
    return [[str(item.message) for item in schemas.validate(resource(body)).findings] for body in bodies]


def has_directive(value: Any) -> bool:
    if isinstance(value, dict):
        return "$patch" in value or any(map(has_directive, value.values()))
    return isinstance(value, list) and any(map(has_directive, value))


def lenient_on_purpose(body: Body, message: str) -> str:
    """Return why we may pass what kubeconform refuses."""
    if body["kind"] == "StatefulSet" and message.endswith("at '/spec': missing property 'serviceName'"):
        return "the API server takes a StatefulSet without a governing service"
    if message.endswith("at '/roleRef': missing property 'apiGroup'"):
        return "the API server fills it in"
    if holds_token(body) or "sops" in body:
        return "filled in or decrypted before the API server sees it"
    return "a strategic merge patch" if has_directive(body) else ""


@pytest.mark.corpus
@pytest.mark.skipif(not CORPUS.exists(), reason="the shared corpus does not lie beside the checkout")
@pytest.mark.parametrize("version", ["1.25", "1.36"])
def test_corpus(version: str, local_schemas: Any, tmp_path: Path) -> None:
    bodies = [body for body in corpus_bodies() if load_served().definition(version, resource(body).ref)]
    assert len(bodies) > 500
    differing = []
    print(f"{len(bodies)} documents of the corpus for {version}")
    for body, mine, (valid, message) in zip(
        bodies, ours(bodies, version), kubeconform(bodies, local_schemas(version), tmp_path), strict=True
    ):
        if valid != (not mine) and not (not mine and lenient_on_purpose(body, message)):
            differing.append((body["kind"], body.get("metadata"), mine, message))
    assert differing == []


@lru_cache(maxsize=1)
def corpus_bodies() -> tuple[Body, ...]:
    """Return the documents of every fourth file of the corpus that says what it is; of every one with KARLINT_FULL."""
    found = []
    for file in sorted(CORPUS.rglob("*.y*ml"))[:: 1 if os.environ.get("KARLINT_FULL") == "1" else 4]:
        if file.relative_to(CORPUS).parts[0] in {"charts", "unparseable"}:
            continue
        try:
            documents = list(yaml.load_all(file.read_bytes(), yaml.CSafeLoader))
        except (yaml.YAMLError, ValueError):
            continue
        for body in documents:
            if isinstance(body, dict) and isinstance(body.get("kind"), str) and isinstance(body.get("apiVersion"), str):
                try:
                    orjson.dumps(body)
                except TypeError:
                    continue
                found.append(body)
    return tuple(found)


SEEDS = [
    deployment(
        resources={"limits": {"nvidia.com/gpu": 1}},
        ports=[{"containerPort": 8000}],
        env=[{"name": "A", "valueFrom": {"fieldRef": {"fieldPath": "spec.nodeName"}}}],
        readinessProbe={"httpGet": {"path": "/", "port": 80}},
    ),
    parse("""
        apiVersion: resource.k8s.io/v1
        kind: ResourceClaimTemplate
        metadata: {name: gpu, labels: {a: b}}
        spec:
          spec:
            devices:
              requests:
              - name: gpu
                exactly: {deviceClassName: gpu.nvidia.com, count: 2, selectors: [{cel: {expression: "true"}}]}
              constraints: [{requests: [gpu], matchAttribute: gpu.nvidia.com/pcieRoot}]
    """),
    parse("""
        apiVersion: autoscaling/v2
        kind: HorizontalPodAutoscaler
        metadata: {name: a}
        spec:
          scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: llm}
          minReplicas: 1
          maxReplicas: 4
          metrics: [{type: Pods, pods: {metric: {name: q}, target: {type: AverageValue, averageValue: 10}}}]
    """),
    parse("""
        apiVersion: rbac.authorization.k8s.io/v1
        kind: ClusterRole
        metadata: {name: r}
        rules: [{apiGroups: [""], resources: [pods], verbs: [get]}]
        aggregationRule: {clusterRoleSelectors: [{matchLabels: {a: b}}]}
    """),
    parse("""
        apiVersion: apiextensions.k8s.io/v1
        kind: CustomResourceDefinition
        metadata: {name: widgets.example.com}
        spec:
          group: example.com
          scope: Namespaced
          names: {kind: Widget, plural: widgets, shortNames: [w]}
          versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}]
        status: {storedVersions: [v1], acceptedNames: {kind: Widget, plural: widgets}}
    """),
]
VALUES: list[Any] = ["text", 7, -1.5, True, [], {}, None, ["x"], {"zzz": 1}]


def paths(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path for key, item in entries for path in [(*at, key), *paths(item, (*at, key))]]


def mutants(seed: Body) -> list[tuple[tuple[Any, ...], Any, Body]]:
    """Return the seed with each value replaced by each of VALUES, and with each removed."""
    result = []
    for path in paths(seed):
        if path in {("apiVersion",), ("kind",), ("metadata",), ("metadata", "name")}:
            continue  # kubeconform reads these itself and stops
        for value in [*VALUES, ...]:
            body = copy.deepcopy(seed)
            owner: Any = body
            for step in path[:-1]:
                owner = owner[step]
            if value is ...:
                del owner[path[-1]]
            else:
                owner[path[-1]] = copy.deepcopy(value)
            result.append((path, value, body))
    return result


def deliberate(path: tuple[Any, ...], value: Any, mine: list[str], message: str) -> str:
    """Return why the verdicts on a mutant differ, "" when they should not."""
    if mine:
        if value is None and any("is null, which counts as missing" in text for text in mine):
            return "the API server drops the null and misses the field; kubeconform takes any null"
        if value is None and isinstance(path[-1], int) and all("lacks the required field" in text for text in mine):
            return "a null in a list of objects becomes an empty object, which lacks its name"
        return "no quantity" if all("no quantity" in text for text in mine) else ""
    if path[0] == "status" and (value is None or "missing propert" in message):
        return "the API server resets the status before it looks whether it is complete"
    if value is None and "oneOf" in message:
        return "null matches both branches of the packed oneOf; the API server drops it"
    return ""


@pytest.mark.parametrize("seed", SEEDS, ids=lambda seed: seed["kind"])
def test_mutants(seed: Body, local_schemas: Any, tmp_path: Path) -> None:
    made = mutants(seed)
    bodies = [body for _, _, body in made]
    verdicts = kubeconform([seed, *bodies], local_schemas("1.36"), tmp_path)
    assert verdicts[0][0]
    assert ours([seed], "1.36") == [[]]
    unexplained, refused = [], 0
    for (path, value, _), mine, (valid, message) in zip(made, ours(bodies, "1.36"), verdicts[1:], strict=True):
        refused += bool(mine)
        if valid != (not mine) and not deliberate(path, value, mine, message):
            unexplained.append((path, value, mine, message))
    assert unexplained == []
    assert refused > len(made) / 3, "the mutants have to bite"
