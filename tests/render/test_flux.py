"""From Flux Kustomizations and HelmReleases to what they render, as Flux' controllers would."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from karlint.model.unit import Edit, HelmSource, KustomizeSource, Place, ValuesLayer, Variable
from karlint.render.flux import claims_of, expand_kustomization
from karlint.render.helmrelease import expand_helm_release, release_name
from karlint.render.substitution import OTHERS
from tests.render.gitopsrepo import HERE, Repo, declare

if TYPE_CHECKING:
    from pathlib import Path

    from karlint.model.unit import Expansion

SOURCES = f"""\
apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata: {{name: here, namespace: flux-system}}
spec: {{url: "{HERE}.git"}}
---
apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata: {{name: other, namespace: flux-system}}
spec: {{url: https://git.example/acme/other}}
---
apiVersion: source.toolkit.fluxcd.io/v1beta2
kind: OCIRepository
metadata: {{name: chart, namespace: flux-system}}
spec: {{url: oci://registry.example/charts/llm, ref: {{tag: 1.2.3}}}}
---
apiVersion: v1
kind: ConfigMap
metadata: {{name: settings, namespace: flux-system}}
data: {{SIZE: "8\\n", TIER: gold, values.yaml: "a: 1", port: "'80'"}}
---
apiVersion: v1
kind: Secret
metadata: {{name: encrypted, namespace: flux-system}}
stringData: {{TOKEN: "ENC[AES256_GCM,data:xx]"}}
data: {{PLAIN: aGVsbG8=}}
"""
FILES = {
    "sources.yaml": SOURCES,
    "apps/llm/kustomization.yaml": "resources: []\n",
    "apps/parts/x/kustomization.yaml": "kind: Component\n",
    "apps/raw/deployment.yaml": "kind: X\n",
    "charts/llm/Chart.yaml": "name: llm\nversion: 1.2.3\n",
    "charts/llm/values.yaml": "a: 1\n",
    "charts/llm/prod.yaml": "a: 2\n",
}
GIT = {"kind": "GitRepository", "name": "here"}


def flux_object(kind: str, group: str, spec: Any) -> dict[str, Any]:
    return {
        "apiVersion": f"{group}.toolkit.fluxcd.io/v1",
        "kind": kind,
        "metadata": {"name": "llm", "namespace": "flux-system"},
        "spec": spec,
    }


def kustomization(root: Path, files: dict[str, str] | None = None, **spec: Any) -> Expansion:
    body = flux_object("Kustomization", "kustomize", {"sourceRef": GIT, "path": "./apps/llm", **spec})
    return expand_kustomization(declare(body, "clusters/prod/ks.yaml"), Repo(root, FILES | (files or {})).world)


def release(root: Path, **spec: Any) -> Expansion:
    chart = {"chart": {"spec": {"chart": "./charts/llm", "sourceRef": GIT}}}
    body = flux_object("HelmRelease", "helm", {**chart, **spec})
    return expand_helm_release(declare(body, "hr.yaml"), Repo(root, FILES).world)


def chart_of(found: Expansion) -> HelmSource:
    assert found.not_rendered == ()
    (unit,) = found.units
    assert isinstance(unit.source, HelmSource)
    return unit.source


def reason(found: Expansion) -> str:
    assert found.units == ()
    (missing,) = found.not_rendered
    assert missing.help.endswith(".")
    return missing.reason


def test_a_kustomization_of_this_repository(tmp_path: Path) -> None:
    (unit,) = kustomization(tmp_path, targetNamespace="gpu").units
    assert unit.id == "Kustomization flux-system/llm (clusters/prod)"
    assert (unit.cluster, unit.namespace, unit.variables) == ("clusters/prod", "gpu", None)
    assert unit.declared == Place("clusters/prod/ks.yaml")
    place = Place("clusters/prod/ks.yaml", 0, ("spec", "targetNamespace"))
    assert unit.source == KustomizeSource("apps/llm", (Edit("namespace", "gpu", place),), any_path=True)


def test_without_a_kustomization_file_one_is_generated(tmp_path: Path) -> None:
    (unit,) = kustomization(tmp_path, path="apps/raw").units
    assert unit.source == KustomizeSource("apps/raw", any_path=True, generated=True)


def test_what_a_kustomization_adds(tmp_path: Path) -> None:
    patch = {"patch": "kind: X", "target": {"kind": "Deployment"}}
    (unit,) = kustomization(
        tmp_path,
        namePrefix="a-",
        nameSuffix="-z",
        components=["../parts/x", "../parts/none"],
        ignoreMissingComponents=True,
        patches=[patch],
        images=[{"name": "vllm", "newTag": "v2"}],
        commonMetadata={"labels": {"team": "ai"}, "annotations": {"owner": "ml"}},
    ).units
    assert isinstance(unit.source, KustomizeSource)
    edits = unit.source.edits
    assert [(edit.field, edit.value) for edit in edits[:-1]] == [
        ("namePrefix", "a-"),
        ("nameSuffix", "-z"),
        ("components", ["../parts/x"]),
        ("patches", [patch]),
        ("images", [{"name": "vllm", "newTag": "v2"}]),
        ("labels", [{"pairs": {"team": "ai"}}]),
    ]
    assert edits[-1].field == "transformers"
    assert json.loads(edits[-1].value[0])["fieldSpecs"] == [{"path": "metadata/annotations", "create": True}]
    assert [edit.place.at for edit in edits[3:]] == [
        ("spec", "patches", 0),
        ("spec", "images", 0),
        ("spec", "commonMetadata", "labels", "team"),
        ("spec", "commonMetadata", "annotations", "owner"),
    ]


def test_variables_come_from_where_they_are_written(tmp_path: Path) -> None:
    build = {
        "substituteFrom": [
            {"kind": "ConfigMap", "name": "settings"},
            {"kind": "Secret", "name": "encrypted"},
            {"kind": "Secret", "name": "nowhere", "optional": True},
        ],
        "substitute": {"TIER": "silver"},
    }
    (unit,) = kustomization(tmp_path, postBuild=build).units
    here = "clusters/prod/ks.yaml"
    assert unit.variables is not None
    assert {name: unit.variables[name] for name in ("SIZE", "TIER", "TOKEN", "PLAIN", OTHERS)} == {
        "SIZE": Variable("8", Place("sources.yaml", 3, ("data", "SIZE"))),
        "TIER": Variable("silver", Place(here, 0, ("spec", "postBuild", "substitute", "TIER"))),
        "TOKEN": Variable(None, Place("sources.yaml", 4, ("stringData", "TOKEN"))),
        "PLAIN": Variable("hello", Place("sources.yaml", 4, ("data", "PLAIN"))),
        OTHERS: Variable(None, Place(here, 0, ("spec", "postBuild", "substituteFrom", 2))),
    }


def test_without_variables_nothing_is_filled_in_unless_always(tmp_path: Path) -> None:
    assert kustomization(tmp_path, postBuild={}).units[0].variables is None
    assert kustomization(tmp_path, postBuild={"substituteStrategy": "Always"}).units[0].variables == {}


def test_a_suspended_one_says_so(tmp_path: Path) -> None:
    assert kustomization(tmp_path, suspend=True).units[0].id.endswith(", suspended")


ARTIFACTS = """\
apiVersion: source.extensions.fluxcd.io/v1beta1
kind: ArtifactGenerator
metadata: {name: apps, namespace: flux-system}
spec:
  sources: [{alias: repo, kind: GitRepository, name: here}, {alias: far, kind: GitRepository, name: other}]
  artifacts:
    - name: apps
      copy:
        - {from: "@repo/apps/**", to: "@artifact/all/"}
        - {from: "@repo/README.md", to: "@artifact/"}
    - name: far
      copy: [{from: "@far/apps/**", to: "@artifact/"}]
"""


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ({"sourceRef": {"kind": "GitRepository", "name": "other"}}, "another repository"),
        (
            {"sourceRef": {"kind": "GitRepository", "name": "absent"}, "path": "./none"},
            "source is not in the repository",
        ),
        ({"sourceRef": {"kind": "Bucket", "name": "absent"}}, "source is not in the repository"),
        ({"sourceRef": {"kind": "OCIRepository", "name": "chart"}}, "artifact that is built elsewhere"),
        ({"sourceRef": {"kind": "ExternalArtifact", "name": "far"}, "path": "llm"}, "artifact that is built elsewhere"),
        ({"sourceRef": {}}, "source is not named"),
        ({"path": "./none"}, "path is not in the repository"),
        ({"path": "../../x"}, "path leads out of the repository"),
        ({"path": "apps/raw/deployment.yaml"}, "path is no directory"),
    ],
)
def test_what_cannot_be_looked_at_says_why(tmp_path: Path, spec: dict[str, Any], expected: str) -> None:
    assert reason(kustomization(tmp_path, {"artifacts.yaml": ARTIFACTS}, **spec)) == expected


@pytest.mark.parametrize(
    "spec",
    [
        {"sourceRef": {"kind": "GitRepository", "name": "flux-system"}},
        {"sourceRef": {"kind": "GitRepository", "name": "made-by-bootstrap"}},
        {"sourceRef": {"kind": "OCIRepository", "name": "flux-system"}},
        {"sourceRef": {"kind": "ExternalArtifact", "name": "apps"}, "path": "./all/llm"},
    ],
)
def test_a_source_that_is_made_of_this_repository(tmp_path: Path, spec: dict[str, Any]) -> None:
    (unit,) = kustomization(tmp_path, {"artifacts.yaml": ARTIFACTS}, **spec).units
    assert isinstance(unit.source, KustomizeSource)
    assert unit.source.directory == "apps/llm"


@pytest.mark.parametrize(
    ("file", "more", "expected"),
    [
        ("kubernetes/main/flux/cluster/ks.yaml", {}, "kubernetes/main"),
        ("clusters/prod/ks.yaml", {}, "clusters/prod"),
        ("clusters/prod/ks.yaml", {"cluster": "clusters/hub"}, "clusters/hub"),
        ("kubernetes/main/apps/flux/ks.yaml", {}, "kubernetes/main/apps"),
    ],
)
def test_the_cluster_is_where_the_first_kustomization_stands(
    tmp_path: Path, file: str, more: dict[str, str], expected: str
) -> None:
    files = {"kubernetes/main/apps/kustomization.yaml": ""}
    body = flux_object("Kustomization", "kustomize", {"sourceRef": GIT, "path": "./kubernetes/main/apps"})
    repo = Repo(tmp_path, FILES | files)
    (unit,) = expand_kustomization(declare(body, file, **more), repo.world).units
    assert unit.cluster == expected
    assert unit.id == f"Kustomization flux-system/llm ({expected})"
    assert list(claims_of(declare(body), repo.world)) == [(HERE + ".git", "./kubernetes/main/apps")]


def test_another_cluster_by_its_kubeconfig(tmp_path: Path) -> None:
    (unit,) = kustomization(tmp_path, kubeConfig={"secretRef": {"name": "edge"}}).units
    assert unit.cluster == "edge"


def test_a_release_gets_its_values_in_fluxs_order(tmp_path: Path) -> None:
    source = chart_of(
        release(
            tmp_path,
            valuesFrom=[
                {"kind": "ConfigMap", "name": "settings"},
                {"kind": "ConfigMap", "name": "settings", "valuesKey": "TIER", "targetPath": "tier"},
                {"kind": "ConfigMap", "name": "settings", "valuesKey": "port", "targetPath": "port"},
                {"kind": "ConfigMap", "name": "settings", "valuesKey": "port", "targetPath": "raw", "literal": True},
                {"kind": "Secret", "name": "absent", "valuesKey": "x", "targetPath": "password"},
                {"kind": "Secret", "name": "absent"},
            ],
            values={"a": {"b": [1]}},
        )
    )
    assert source.layers == (
        ValuesLayer("text", Place("sources.yaml", 3, ("data", "values.yaml")), {"a": 1}),
        ValuesLayer("text", Place("hr.yaml", 0, ("spec", "valuesFrom", 5)), unknown=True),
        ValuesLayer("inline", Place("hr.yaml", 0, ("spec", "values")), {"a": {"b": [1]}}),
        ValuesLayer("set", Place("sources.yaml", 3, ("data", "TIER")), "gold", "tier"),
        ValuesLayer("set-string", Place("sources.yaml", 3, ("data", "port")), "80", "port"),
        ValuesLayer("set-json", Place("sources.yaml", 3, ("data", "port")), "'80'", "raw"),
        ValuesLayer("set", Place("hr.yaml", 0, ("spec", "valuesFrom", 4)), target="password", unknown=True),
    )


def test_the_settings_of_a_release(tmp_path: Path) -> None:
    plain = chart_of(release(tmp_path))
    assert (plain.chart, plain.release, plain.namespace) == ("charts/llm", "llm", "flux-system")
    assert (plain.include_crds, plain.skip_hooks, plain.skip_tests) == (True, False, True)
    set_up = chart_of(
        release(
            tmp_path,
            targetNamespace="gpu",
            install={"crds": "Skip", "disableHooks": True, "disableSchemaValidation": True},
            test={"enable": True},
        )
    )
    assert (set_up.release, set_up.namespace) == ("gpu-llm", "gpu")
    assert (set_up.include_crds, set_up.skip_hooks, set_up.skip_tests) == (False, True, False)
    assert set_up.skip_schema_validation


def test_a_long_release_name_is_shortened() -> None:
    body = flux_object("HelmRelease", "helm", {"targetNamespace": "a" * 30})
    body["metadata"]["name"] = "b" * 30
    assert release_name(declare(body)) == "a" * 30 + "-" + "b" * 9 + "-" + "0d5805a5e727"
    body["spec"]["releaseName"] = "short"
    assert release_name(declare(body)) == "short"


def test_post_renderers_in_order(tmp_path: Path) -> None:
    merge = {"kind": "Deployment", "metadata": {"name": "llm"}}
    operations = [{"op": "remove", "path": "/x"}]
    source = chart_of(
        release(
            tmp_path,
            postRenderers=[
                {"kustomize": {"images": [{"name": "a", "newTag": "1"}], "patches": [{"patch": "kind: X"}]}},
                {
                    "kustomize": {
                        "patchesStrategicMerge": [merge],
                        "patchesJson6902": [{"target": {"kind": "Service"}, "patch": operations}],
                    }
                },
            ],
        )
    )
    assert [(edit.field, edit.value) for edit in source.post] == [
        ("patches", [{"patch": "kind: X"}]),
        ("images", [{"name": "a", "newTag": "1"}]),
        ("patches", [{"patch": json.dumps(merge)}]),
        ("patches", [{"patch": json.dumps(operations), "target": {"kind": "Service"}}]),
    ]


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        (
            {"chart": {"spec": {"chart": "redis", "sourceRef": {"kind": "HelmRepository"}}}},
            "chart from a remote repository",
        ),
        ({"chart": {"spec": {"chart": "apps/llm", "sourceRef": GIT}}}, "no chart at the path"),
        ({"chart": {}}, "no chart"),
        ({"chart": None, "chartRef": {"kind": "HelmChart", "name": "absent"}}, "chart is not in the repository"),
        ({"chart": None, "chartRef": {"kind": "OCIRepository", "name": "absent"}}, "chart from a remote repository"),
    ],
)
def test_a_chart_that_cannot_be_looked_at_says_why(tmp_path: Path, spec: dict[str, Any], expected: str) -> None:
    assert reason(release(tmp_path, **spec)) == expected


def test_a_vendored_chart_stands_in_for_a_remote_one(tmp_path: Path) -> None:
    remote = {"chart": {"spec": {"chart": "llm", "version": "1.x", "sourceRef": {"kind": "HelmRepository"}}}}
    assert chart_of(release(tmp_path, **remote)).chart == "charts/llm"
    oci = {"chart": None, "chartRef": {"kind": "OCIRepository", "name": "chart"}}
    assert chart_of(release(tmp_path, **oci)).chart == "charts/llm"


def test_the_values_files_a_chart_is_packed_with(tmp_path: Path) -> None:
    chart = {"chart": "charts/llm", "sourceRef": GIT, "valuesFiles": ["charts/llm/values.yaml", "charts/llm/prod.yaml"]}
    assert chart_of(release(tmp_path, chart={"spec": chart})).layers == (
        ValuesLayer("file", Place("charts/llm/prod.yaml"), {"a": 2}),
    )
    chart["valuesFiles"] = ["charts/llm/values.yaml", "charts/llm/none.yaml"]
    assert reason(release(tmp_path, chart={"spec": chart})) == "values file is not in the repository"
    chart["ignoreMissingValuesFiles"] = True
    assert chart_of(release(tmp_path, chart={"spec": chart})).layers == ()
    assert chart_of(release(tmp_path, chart={"spec": chart})).own_values


def test_values_files_replace_the_values_of_the_chart(tmp_path: Path) -> None:
    chart: dict[str, Any] = {"chart": "charts/llm", "sourceRef": GIT, "valuesFiles": ["charts/llm/prod.yaml"]}
    source = chart_of(release(tmp_path, chart={"spec": chart}))
    assert not source.own_values
    assert source.layers == (ValuesLayer("file", Place("charts/llm/prod.yaml"), {"a": 2}),)
    chart["valuesFiles"] += ["charts/llm/values.yaml"]
    both = chart_of(release(tmp_path, chart={"spec": chart}))
    assert [layer.place.file for layer in both.layers] == ["charts/llm/prod.yaml", "charts/llm/values.yaml"]
    assert not both.own_values


def test_values_files_of_a_chart_from_a_registry_lie_in_the_chart(tmp_path: Path) -> None:
    chart: dict[str, Any] = {"chart": "llm", "version": "1.x", "sourceRef": {"kind": "HelmRepository"}}
    source = chart_of(release(tmp_path, chart={"spec": chart | {"valuesFiles": ["values.yaml", "prod.yaml"]}}))
    assert (source.own_values, [layer.place.file for layer in source.layers]) == (True, ["charts/llm/prod.yaml"])
    assert reason(release(tmp_path, chart={"spec": chart | {"valuesFiles": ["../../../x.yaml"]}})) == (
        "path leads out of the repository"
    )


def test_values_of_a_patched_release_keep_their_places(tmp_path: Path) -> None:
    body = flux_object(
        "HelmRelease",
        "helm",
        {
            "chart": {"spec": {"chart": "charts/llm", "sourceRef": GIT}},
            "values": {"image": {"tag": "v1", "repository": "x"}, "replicas": 2},
        },
    )
    patched = {("spec", "values", "replicas"), ("spec", "values", "image", "tag")}
    found = expand_helm_release(
        type(declare(body))(body, lambda at: Place("patch.yaml" if at in patched else "base.yaml", 0, at)),
        Repo(tmp_path, FILES).world,
    )
    assert chart_of(found).layers == (
        ValuesLayer("inline", Place("patch.yaml", 0, ("spec", "values")), {"image": {"tag": "v1"}, "replicas": 2}),
        ValuesLayer("inline", Place("base.yaml", 0, ("spec", "values")), {"image": {"repository": "x"}}),
    )


def test_of_two_objects_of_a_name_the_nearer_one_is_meant(tmp_path: Path) -> None:
    setting = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: s, namespace: flux-system}\ndata: {A: %s}\n"
    files = {f"k/{name}/vars/s.yaml": setting % name for name in ("edge", "main")}
    spec = {"sourceRef": GIT, "path": "apps/llm", "postBuild": {"substituteFrom": [{"kind": "ConfigMap", "name": "s"}]}}
    body = flux_object("Kustomization", "kustomize", spec)
    repo = Repo(tmp_path, FILES | files)
    found = []
    for file, cluster in (("k/edge/ks.yaml", ""), ("k/main/flux/ks.yaml", ""), ("<x>", "k/main"), ("<x>", "k/edge")):
        (unit,) = expand_kustomization(declare(body, file, cluster=cluster), repo.world).units
        assert unit.variables is not None
        found.append(unit.variables["A"].value)
    assert found == ["edge", "main", "main", "edge"]
