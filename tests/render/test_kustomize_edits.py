"""What Applications, Flux objects and charts bring to a kustomization, and documents that no file explains."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from karlint.model.origin import Origin, Spot
from karlint.model.source import Anchor
from karlint.model.unit import Edit, KustomizeSource, Place
from karlint.render.origins.kustomize import KustomizeOrigins
from tests.render.kustomizecase import MAIN, POD, Rendered
from tests.render.kustomizetrees import write
from tests.render.mutation import Checkout, parse

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from karlint.model.path import Path as At


def test_a_document_that_no_file_explains_is_not_explained_by_chance(tmp_path: Path, kustomize: Path) -> None:
    write("merge", tmp_path)
    checkout = Checkout(tmp_path, kustomize)
    stranger = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "stranger"}, "data": {"a": "b"}}
    changed = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "one"}, "data": {"key": "other"}}
    origins = checkout.origins("overlay", [stranger, changed, None])
    for ordinal, at in ((0, ("data", "a")), (1, ("data", "key")), (2, ()), (9, ("x",))):
        spot = origins.locate(ordinal, at, Anchor.VALUE).primary
        assert not spot.exact
        assert spot.why


_APPLICATION = """\
spec:
  source:
    kustomize:
      namePrefix: dev-
      images:
      - vllm/vllm-openai=mirror/vllm:v1
      replicas:
      - name: server
        count: 4
      commonLabels:
        by: argo
"""
_OVER_IT = """\
resources: [../overlay]
namePrefix: dev-
images:
- {name: vllm/vllm-openai, newName: mirror/vllm, newTag: v1}
replicas:
- {name: server, count: 4}
labels:
- pairs: {by: argo}
"""


def test_what_an_application_adds_is_edited_in_the_application(tmp_path: Path, kustomize: Path) -> None:
    write("merge", tmp_path)
    app = tmp_path / "app.yaml"
    app.write_text(_APPLICATION)
    here = ("spec", "source", "kustomize")
    edits = (
        Edit("namePrefix", "dev-", Place("app.yaml", 0, (*here, "namePrefix"))),
        Edit(
            "images",
            [{"name": "vllm/vllm-openai", "newName": "mirror/vllm", "newTag": "v1"}],
            Place("app.yaml", 0, (*here, "images")),
        ),
        Edit("replicas", [{"name": "server", "count": 4}], Place("app.yaml", 0, (*here, "replicas"))),
        Edit("labels", [{"pairs": {"by": "argo"}}], Place("app.yaml", 0, (*here, "commonLabels"))),
    )
    checkout = Checkout(tmp_path, kustomize)
    overlay = tmp_path / "scratch" / "kustomization.yaml"
    overlay.parent.mkdir()
    overlay.write_text(_OVER_IT)
    output, error = checkout.build("scratch")
    assert output is not None, error
    documents = parse(output)
    source = KustomizeSource("overlay", edits)
    case = Rendered(checkout, documents, KustomizeOrigins(source, checkout.tree, documents))
    assert case.at("Deployment", "dev-server", ("spec", "replicas")) == ("app.yaml", "count: 4")
    assert case.at("Deployment", "dev-server", ("metadata", "labels", "by")) == ("app.yaml", "by: argo")
    image = case.at("Deployment", "dev-server", (*POD, "containers", 1, "image"))
    assert image == ("app.yaml", "- vllm/vllm-openai=mirror/vllm:v1")
    name = case.origin("Deployment", "dev-server", ("metadata", "name"))
    assert ("app.yaml", "namePrefix: dev-") in [case.line(spot) for spot in name.via]


_FLUX = """\
spec:
  targetNamespace: prod
  components: [../components/gpu]
  commonMetadata:
    annotations:
      by: flux
  patches:
  - patch: |
      - op: add
        path: /spec/paused
        value: true
    target: {kind: Deployment}
  patchesStrategicMerge:
  - apiVersion: apps/v1
    kind: Deployment
    metadata: {name: server}
    spec:
      minReadySeconds: 7
  patchesJson6902:
  - patch:
    - op: replace
      path: /spec/replicas
      value: 8
    target: {kind: Deployment}
"""
_ANNOTATOR = {
    "apiVersion": "builtin",
    "kind": "AnnotationsTransformer",
    "metadata": {"name": "common-metadata"},
    "annotations": {"by": "flux"},
    "fieldSpecs": [{"path": "metadata/annotations", "create": True}],
}


def test_what_a_flux_kustomization_adds_in_all_its_forms(tmp_path: Path, kustomize: Path) -> None:
    write("components", tmp_path)
    (tmp_path / "flux.yaml").write_text(_FLUX)
    spec = parse(_FLUX.encode())[0]["spec"]
    merge, operations = spec["patchesStrategicMerge"][0], spec["patchesJson6902"][0]
    target = {"kind": "Deployment"}

    def edit(field: str, value: Any, *at: str | int) -> Edit:
        return Edit(field, value, Place("flux.yaml", 0, ("spec", *at)))

    edits = (
        edit("namespace", "prod", "targetNamespace"),
        edit("components", ["../components/gpu"], "components", 0),
        edit("transformers", [json.dumps(_ANNOTATOR)], "commonMetadata", "annotations", "by"),
        edit("patches", [spec["patches"][0]], "patches", 0),
        edit("patches", [{"patch": json.dumps(merge)}], "patchesStrategicMerge", 0),
        edit("patches", [{"patch": json.dumps(operations["patch"]), "target": target}], "patchesJson6902", 0),
    )
    wrapper: dict[str, Any] = {"resources": ["../base"]}
    for each in edits:
        wrapper[each.field] = (
            [*wrapper.get(each.field, ()), *each.value] if isinstance(each.value, list) else each.value
        )
    (tmp_path / "around").mkdir()
    (tmp_path / "around" / "kustomization.yaml").write_text(json.dumps(wrapper))
    checkout = Checkout(tmp_path, kustomize)
    output, error = checkout.build("around")
    assert output is not None, error
    documents = parse(output)
    origins = KustomizeOrigins(KustomizeSource("base", edits), checkout.tree, documents)
    case = Rendered(checkout, documents, origins)
    expected = {
        ("metadata", "namespace"): ("flux.yaml", "targetNamespace: prod"),
        ("metadata", "annotations", "by"): ("flux.yaml", "by: flux"),
        ("spec", "paused"): ("flux.yaml", "value: true"),
        ("spec", "minReadySeconds"): ("flux.yaml", "minReadySeconds: 7"),
        ("spec", "replicas"): ("flux.yaml", "value: 8"),
        (*POD, "runtimeClassName"): ("components/gpu/kustomization.yaml", "runtimeClassName: nvidia"),
        (*MAIN, "image"): ("base/deploy.yaml", "image: vllm/vllm-openai:v0.5.0"),
    }
    assert {at: case.at("Deployment", "server", at) for at in expected} == expected
    component = case.origin("Deployment", "server", (*POD, "runtimeClassName"))
    assert case.line(component.via[0]) == ("flux.yaml", "components: [../components/gpu]")


def test_edits_are_made_in_the_kustomization_or_around_it(tmp_path: Path, kustomize: Path) -> None:
    write("transformers", tmp_path)
    checkout = Checkout(tmp_path, kustomize)
    (tmp_path / "app.yaml").write_text("suffix: -app\nreplicas: 9\n")
    edits = (
        Edit("nameSuffix", "-app", Place("app.yaml", 0, ("suffix",))),
        Edit("replicas", [{"name": "server", "count": 9}], Place("app.yaml", 0, ("replicas",))),
    )
    source = KustomizeSource("overlay", edits)
    around = tmp_path / "around" / "kustomization.yaml"
    around.parent.mkdir()
    around.write_text("resources: [../overlay]\nnameSuffix: -app\nreplicas: [{name: server, count: 9}]\n")
    inside = tmp_path / "inside" / "kustomization.yaml"
    inside.parent.mkdir()
    text = (tmp_path / "overlay" / "kustomization.yaml").read_text()
    inside.write_text(text.replace("-v2", "-app").replace("count: 5", "count: 9"))
    for directory, wrapped, name in (("around", True, "team-server-v2-app"), ("inside", False, "team-server-app")):
        documents = parse(checkout.build(directory)[0] or b"")
        origins = KustomizeOrigins(source, checkout.tree, documents, wrapped=wrapped)
        case = Rendered(checkout, documents, origins)
        origin = case.origin("Deployment", name, ("metadata", "name"))
        assert origin.primary.exact
        assert case.line(origin.via[0]) == ("app.yaml", "suffix: -app")
        assert case.at("Deployment", name, ("spec", "replicas")) == ("app.yaml", "replicas: 9")
        assert case.at("Deployment", name, (*MAIN, "image")) == ("overlay/kustomization.yaml", "newTag: v0.9.0")


def test_origin_annotations_tell_documents_of_the_same_name_apart(tmp_path: Path, kustomize: Path) -> None:
    for team, key in (("a", "first"), ("b", "second")):
        directory = tmp_path / team
        directory.mkdir()
        directory.joinpath("kustomization.yaml").write_text("resources: [map.yaml]\n")
        directory.joinpath("map.yaml").write_text(
            f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: m, namespace: {team}}}\ndata:\n  key: {key}\n"
        )
    (tmp_path / "top").mkdir()
    (tmp_path / "top" / "kustomization.yaml").write_text(
        "resources: [../a, ../b]\nbuildMetadata: [originAnnotations]\n"
    )
    checkout = Checkout(tmp_path, kustomize)
    output, error = checkout.build("top")
    assert output is not None, error
    documents = parse(output)
    notes = [parse(each["metadata"]["annotations"]["config.kubernetes.io/origin"].encode())[0] for each in documents]
    for each in documents:
        del each["metadata"]["annotations"]
        del each["metadata"]["namespace"]  # as if it were no help
    origins = KustomizeOrigins(KustomizeSource("top"), checkout.tree, list(reversed(documents)), list(reversed(notes)))
    files = [origins.locate(ordinal, ("data", "key"), Anchor.VALUE).primary.file for ordinal in (0, 1)]
    assert files == ["b/map.yaml", "a/map.yaml"]


def test_a_kustomization_that_flux_makes_up(tmp_path: Path, kustomize: Path) -> None:
    write("merge", tmp_path)
    (tmp_path / "plain").mkdir()
    (tmp_path / "base").rename(tmp_path / "plain" / "base")
    (tmp_path / "plain" / "ns.yaml").write_text("apiVersion: v1\nkind: Namespace\nmetadata:\n  name: team\n")
    checkout = Checkout(tmp_path, kustomize)
    output, error = checkout.build("plain/base")
    assert output is not None, error
    documents = [*parse(output), {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "team"}}]
    origins = KustomizeOrigins(KustomizeSource("plain", generated=True), checkout.tree, documents)
    case = Rendered(checkout, documents, origins)
    assert case.at("Deployment", "server", ("spec", "replicas")) == ("plain/base/deploy.yaml", "replicas: 1")
    assert case.at("Namespace", "team", ("metadata", "name")) == ("plain/ns.yaml", "name: team")


class _Chart:
    """Stands for what knows the origins of a chart's output."""

    def locate(self, ordinal: int, at: At, anchor: Anchor) -> Origin:
        return Origin(Spot(f"chart/templates/{ordinal}.yaml", 0, at, exact=True), (Spot("chart/values.yaml"),))


CHART = [
    {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "c"}, "spec": {"replicas": 1, "paused": True}}
]


def test_what_a_chart_rendered_and_post_renderers_changed(tmp_path: Path, kustomize: Path) -> None:
    operation = "- {op: replace, path: /spec/replicas, value: 3}"
    (tmp_path / "release.yaml").write_text(f"spec:\n  patches:\n  - patch: |\n      {operation}\n")
    value = [{"patch": f"{operation}\n", "target": {"kind": "Deployment"}}]
    checkout = Checkout(tmp_path, kustomize)
    after = [{**CHART[0], "spec": {"replicas": 3, "paused": True}}]
    edits = (Edit("patches", value, Place("release.yaml", 0, ("spec", "patches"))),)
    origins = KustomizeOrigins(KustomizeSource("", edits), checkout.tree, after, base=(CHART, _Chart()))
    replicas = origins.locate(0, ("spec", "replicas"), Anchor.VALUE).primary
    assert (replicas.file, replicas.exact) == ("release.yaml", True)
    assert Rendered(checkout, after, origins).line(replicas)[1] == operation
    paused = origins.locate(0, ("spec", "paused"), Anchor.VALUE)
    assert (paused.primary.file, paused.primary.exact) == ("chart/templates/0.yaml", True)
    assert [spot.file for spot in paused.via] == ["chart/values.yaml"]


def test_charts_of_a_kustomization(tmp_path: Path, kustomize: Path) -> None:
    kustomization = tmp_path / "kustomization.yaml"
    kustomization.write_text("helmCharts:\n- name: c\nnamespace: prod\nreplicas:\n- name: c\n  count: 9\n")
    checkout = Checkout(tmp_path, kustomize)
    asked: list[tuple[str, str]] = []

    def inflate(directory: str, entry: Mapping[str, Any], namespace: str, place: Place) -> tuple[list[Any], _Chart]:
        asked.append((entry["name"], namespace))
        return CHART, _Chart()

    after = [{**CHART[0], "spec": {"replicas": 9, "paused": True}}]
    source = KustomizeSource("")
    known = KustomizeOrigins(source, replace(checkout.tree, inflate=inflate), after)
    assert known.locate(0, ("spec", "replicas"), Anchor.VALUE).primary.at == ("replicas", 0, "count")
    assert known.locate(0, ("spec", "paused"), Anchor.VALUE).primary.file == "chart/templates/0.yaml"
    assert asked == [("c", "prod")]
    unknown = KustomizeOrigins(source, checkout.tree, after).locate(0, ("spec", "paused"), Anchor.VALUE).primary
    assert (unknown.at, unknown.exact) == (("helmCharts", 0), False)


def test_circles_and_what_lies_outside_of_the_tree(tmp_path: Path, kustomize: Path) -> None:
    outside = tmp_path / "outside.yaml"
    outside.write_text("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: m}\n")
    tree = tmp_path / "tree"
    for one, other in (("a", "b"), ("b", "a")):
        (tree / one).mkdir(parents=True)
        (tree / one / "kustomization.yaml").write_text(
            f"resources: [../{other}, ../../outside.yaml, /etc/passwd, 'https://example.com/x.yaml']\n"
        )
    document = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "m"}}
    spot = Checkout(tree, kustomize).origins("a", [document]).locate(0, ("metadata", "name"), Anchor.VALUE).primary
    assert (spot.file, spot.exact) == ("a/kustomization.yaml", False)
