"""From an Application to what it renders, as Argo CD would."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from karlint.model.unit import DirectorySource, Edit, HelmSource, KustomizeSource, Place, ValuesLayer
from karlint.render.argocd import claims_of, expand_application
from tests.render.gitopsrepo import HERE, Repo, declare

if TYPE_CHECKING:
    from pathlib import Path

    from karlint.model.unit import Expansion

CHART = {"charts/llm/Chart.yaml": "name: llm\nversion: 1.2.3\n", "charts/llm/values.yaml": "a: 1\n"}
KUSTOMIZATION = {"apps/llm/kustomization.yaml": "resources: [d.yaml]\n", "apps/llm/d.yaml": "kind: X\n"}


def application(source: Any, **spec: Any) -> dict[str, Any]:
    one = {"source": source} if isinstance(source, dict) else {"sources": source}
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": {"name": "llm", "namespace": "argocd"},
        "spec": {"project": "ai", "destination": {"namespace": "serving"}, **one, **spec},
    }


def expanded(root: Path, files: dict[str, str], source: Any, **spec: Any) -> Expansion:
    return expand_application(declare(application(source, **spec)), Repo(root, files).world)


def helm(root: Path, files: dict[str, str], **options: Any) -> HelmSource:
    source = {"repoURL": HERE, "path": "charts/llm", "helm": options}
    found = expanded(root, CHART | files, source)
    assert found.not_rendered == ()
    (unit,) = found.units
    assert isinstance(unit.source, HelmSource)
    return unit.source


def reason(found: Expansion) -> str:
    assert found.units == ()
    (missing,) = found.not_rendered
    assert missing.help.endswith(".")
    return missing.reason


def test_a_chart_gets_its_values_in_argo_cds_order(tmp_path: Path) -> None:
    source = helm(
        tmp_path,
        {"charts/llm/prod.yaml": "a: 2", "shared/gpu.yaml": "a: 3", "root.yaml": "a: 4"},
        valueFiles=["prod.yaml", "../../shared/gpu.yaml", "/root.yaml"],
        values="a: 5",
        parameters=[
            {"name": "image.tag", "value": "v1,v2"},
            {"name": "port", "value": "80", "forceString": True},
            {"name": "list", "value": "{a,b}"},
        ],
        fileParameters=[{"name": "config", "path": "prod.yaml"}],
    )
    app = Place("app.yaml", 0, ("spec", "source", "helm"))
    assert source.layers == (
        ValuesLayer("file", Place("charts/llm/prod.yaml"), {"a": 2}),
        ValuesLayer("file", Place("shared/gpu.yaml"), {"a": 3}),
        ValuesLayer("file", Place("root.yaml"), {"a": 4}),
        ValuesLayer("text", Place("app.yaml", 0, (*app.at, "values")), {"a": 5}),
        ValuesLayer("set", Place("app.yaml", 0, (*app.at, "parameters", 0, "value")), "v1\\,v2", "image.tag"),
        ValuesLayer("set-string", Place("app.yaml", 0, (*app.at, "parameters", 1, "value")), "80", "port"),
        ValuesLayer("set", Place("app.yaml", 0, (*app.at, "parameters", 2, "value")), "{a,b}", "list"),
        ValuesLayer("set-json", Place("charts/llm/prod.yaml"), "a: 2", "config"),
    )


def test_values_object_wins_over_values(tmp_path: Path) -> None:
    source = helm(tmp_path, {}, values="a: 5", valuesObject={"a": {"b": 1}})
    place = Place("app.yaml", 0, ("spec", "source", "helm", "valuesObject"))
    assert source.layers == (ValuesLayer("inline", place, {"a": {"b": 1}}),)


def test_release_namespace_and_switches(tmp_path: Path) -> None:
    assert helm(tmp_path, {}).release == "llm"
    assert helm(tmp_path, {}).namespace == "serving"
    source = helm(
        tmp_path,
        {},
        releaseName="other",
        namespace="elsewhere",
        kubeVersion="1.33",
        apiVersions=["kueue.x-k8s.io/v1beta1"],
        skipCrds=True,
        skipSchemaValidation=True,
    )
    assert (source.release, source.namespace, source.kube_version) == ("other", "elsewhere", "1.33")
    assert source.api_versions == ("kueue.x-k8s.io/v1beta1",)
    assert (source.include_crds, source.skip_schema_validation) == (False, True)


def test_a_pattern_of_values_files_stands_where_it_is_and_explicit_entries_win(tmp_path: Path) -> None:
    files = {f"charts/llm/env/{name}.yaml": "" for name in "abc"} | {"charts/llm/env/deep/d.yaml": ""}
    source = helm(tmp_path, files, valueFiles=["env/**/*.yaml", "env/b.yaml"])
    assert [layer.place.file for layer in source.layers] == [
        "charts/llm/env/a.yaml",
        "charts/llm/env/c.yaml",
        "charts/llm/env/deep/d.yaml",
        "charts/llm/env/b.yaml",
    ]


def test_a_missing_values_file_is_fatal_unless_it_is_ignored(tmp_path: Path) -> None:
    source = {"repoURL": HERE, "path": "charts/llm", "helm": {"valueFiles": ["none.yaml"]}}
    assert reason(expanded(tmp_path, CHART, source)) == "values file is not in the repository"
    assert helm(tmp_path, {}, valueFiles=["none.yaml"], ignoreMissingValueFiles=True).layers == ()


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ("../../../etc/passwd", "path leads out of the repository"),
        ("https://git.example/values.yaml", "values from a URL"),
        ("link.yaml", "path leads out of the repository"),
    ],
)
def test_values_from_outside_are_not_read(tmp_path: Path, entry: str, expected: str) -> None:
    root = tmp_path / "repo"
    root.mkdir()
    (tmp_path / "secret.yaml").write_text("a: 1")
    (root / "charts/llm").mkdir(parents=True)
    (root / "charts/llm/link.yaml").symlink_to(tmp_path / "secret.yaml")
    source = {"repoURL": HERE, "path": "charts/llm", "helm": {"valueFiles": [entry]}}
    assert reason(expanded(root, CHART, source)) == expected


def test_build_environment_is_filled_in(tmp_path: Path) -> None:
    source = helm(
        tmp_path,
        {"charts/llm/llm.yaml": ""},
        valueFiles=["$ARGOCD_APP_NAME.yaml"],
        parameters=[
            {"name": "a", "value": "${ARGOCD_APP_PROJECT_NAME}-$ARGOCD_APP_NAMESPACE"},
            {"name": "b", "value": "$$HOME $UNSET"},
            {"name": "c", "value": "$ARGOCD_APP_REVISION"},
        ],
    )
    assert [layer.values for layer in source.layers] == [{}, "ai-serving", "$HOME ", "${ARGOCD_APP_REVISION}"]


def test_references_between_sources(tmp_path: Path) -> None:
    found = expanded(
        tmp_path,
        CHART | {"envs/prod.yaml": ""},
        [
            {
                "repoURL": HERE,
                "path": "charts/llm",
                "helm": {"valueFiles": ["$values/envs/prod.yaml", "$far/prod.yaml"]},
            },
            {"repoURL": "git@git.example:acme/gitops.git", "ref": "values"},
            {"repoURL": "https://git.example/acme/other", "ref": "far"},
        ],
    )
    (unit,) = found.units
    assert isinstance(unit.source, HelmSource)
    assert unit.source.layers == (
        ValuesLayer("file", Place("envs/prod.yaml"), {}),
        ValuesLayer("file", Place("app.yaml", 0, ("spec", "sources", 0, "helm", "valueFiles", 1)), unknown=True),
    )


def test_each_source_of_several_is_a_unit_in_the_same_cluster(tmp_path: Path) -> None:
    found = expanded(
        tmp_path,
        CHART | KUSTOMIZATION,
        [
            {"repoURL": HERE, "path": "charts/llm"},
            {"repoURL": HERE, "path": "apps/llm"},
            {"repoURL": "https://charts.example", "chart": "redis", "targetRevision": "1.0.0"},
        ],
    )
    assert [unit.id for unit in found.units] == [
        "Application argocd/llm, source 1",
        "Application argocd/llm, source 2",
    ]
    assert {unit.cluster for unit in found.units} == {"in-cluster"}
    assert [(gone.what, gone.reason) for gone in found.not_rendered] == [
        ("Application argocd/llm, source 3", "chart from a remote repository")
    ]


def test_a_vendored_chart_stands_in_for_the_one_of_a_repository(tmp_path: Path) -> None:
    source = {"repoURL": "https://charts.example", "chart": "llm", "targetRevision": "1.2.3"}
    (unit,) = expanded(tmp_path, CHART, source).units
    assert isinstance(unit.source, HelmSource)
    assert unit.source.chart == "charts/llm"
    source["targetRevision"] = "1.2.4"
    assert reason(expanded(tmp_path, CHART, source)) == "chart from a remote repository"


def test_what_is_added_to_a_kustomization(tmp_path: Path) -> None:
    options = {
        "namePrefix": "a-",
        "nameSuffix": "-z",
        "images": ["vllm=ghcr.io/acme/vllm:v2", "tei@sha256:00"],
        "replicas": [{"name": "llm", "count": "3"}],
        "commonLabels": {"team": "ai"},
        "commonAnnotations": {"app": "$ARGOCD_APP_NAME"},
        "commonAnnotationsEnvsubst": True,
        "namespace": "gpu",
        "patches": [{"patch": "- op: remove\n  path: /x", "target": {"kind": "Deployment"}}],
        "components": ["../x"],
    }
    source = {"repoURL": HERE, "path": "apps/llm", "kustomize": options}
    (unit,) = expanded(tmp_path, KUSTOMIZATION, source).units
    assert isinstance(unit.source, KustomizeSource)

    def place(*at: str | int) -> Place:
        return Place("app.yaml", 0, ("spec", "source", "kustomize", *at))

    assert unit.source.edits == (
        Edit("namePrefix", "a-", place("namePrefix")),
        Edit("nameSuffix", "-z", place("nameSuffix")),
        Edit("images", [{"name": "vllm", "newName": "ghcr.io/acme/vllm", "newTag": "v2"}], place("images", 0)),
        Edit("images", [{"name": "tei", "digest": "sha256:00"}], place("images", 1)),
        Edit("replicas", [{"name": "llm", "count": 3}], place("replicas", 0)),
        Edit("labels", [{"pairs": {"team": "ai"}, "includeSelectors": True}], place("commonLabels", "team")),
        Edit("commonAnnotations", {"app": "llm"}, place("commonAnnotations", "app")),
        Edit("namespace", "gpu", place("namespace")),
        Edit("patches", options["patches"], place("patches", 0)),
        Edit("components", ["../x"], place("components", 0)),
    )


def test_labels_can_keep_out_of_selectors(tmp_path: Path) -> None:
    options = {"commonLabels": {"a": "b"}, "labelWithoutSelector": True, "labelIncludeTemplates": True}
    source = {"repoURL": HERE, "path": "apps/llm", "kustomize": options}
    (unit,) = expanded(tmp_path, KUSTOMIZATION, source).units
    assert isinstance(unit.source, KustomizeSource)
    (edit,) = unit.source.edits
    assert edit.value == [{"pairs": {"a": "b"}, "includeSelectors": False, "includeTemplates": True}]


def test_a_directory_is_flat_unless_it_recurses(tmp_path: Path) -> None:
    files = {
        "raw/a.yaml": "",
        "raw/b.json": "{}",
        "raw/c.txt": "",
        "raw/skipped.yaml": "# +argocd:skip-file-rendering\n",
        "raw/sub/d.yml": "",
        "raw/sub/e.jsonnet": "{}",
    }
    flat = expanded(tmp_path, files, {"repoURL": HERE, "path": "raw"})
    assert [unit.source for unit in flat.units] == [DirectorySource("raw", ("raw/a.yaml", "raw/b.json"))]
    deep = expanded(
        tmp_path, files, {"repoURL": HERE, "path": "raw", "directory": {"recurse": True, "exclude": "{a.*,x}"}}
    )
    assert [unit.source for unit in deep.units] == [DirectorySource("raw", ("raw/b.json", "raw/sub/d.yml"))]
    assert [(gone.what, gone.reason) for gone in deep.not_rendered] == [
        ("Application argocd/llm, raw/sub/e.jsonnet", "Jsonnet")
    ]
    some = expanded(
        tmp_path, files, {"repoURL": HERE, "path": "raw", "directory": {"recurse": True, "include": "sub*.yml"}}
    )
    assert [unit.source for unit in some.units] == [DirectorySource("raw", ("raw/sub/d.yml",))]


def test_a_kustomization_beside_a_chart_wins(tmp_path: Path) -> None:
    files = CHART | {"charts/llm/kustomization.yaml": ""}
    (unit,) = expanded(tmp_path, files, {"repoURL": HERE, "path": "charts/llm"}).units
    assert isinstance(unit.source, KustomizeSource)


def test_overrides_beside_the_manifests_have_their_own_places(tmp_path: Path) -> None:
    files = KUSTOMIZATION | {
        "apps/llm/.argocd-source.yaml": "kustomize: {namePrefix: one-, images: [a:1]}\npath: elsewhere\n",
        "apps/llm/.argocd-source-llm.yaml": "kustomize: {namePrefix: two-}\n",
    }
    source = {"repoURL": HERE, "path": "apps/llm", "kustomize": {"nameSuffix": "-z", "images": ["b:2"]}}
    (unit,) = expanded(tmp_path, files, source).units
    assert isinstance(unit.source, KustomizeSource)
    assert [(edit.field, edit.value, edit.place.file) for edit in unit.source.edits] == [
        ("namePrefix", "two-", "apps/llm/.argocd-source-llm.yaml"),
        ("nameSuffix", "-z", "app.yaml"),
        ("images", [{"name": "a", "newTag": "1"}], "apps/llm/.argocd-source.yaml"),
    ]
    assert unit.source.edits[2].place.at == ("kustomize", "images", 0)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ({"repoURL": "https://git.example/acme/other", "path": "apps/llm"}, "another repository"),
        ({"path": "apps/llm"}, "repository is not named"),
        ({"repoURL": HERE, "path": "apps/none"}, "path is not in the repository"),
        ({"repoURL": HERE, "path": "../x"}, "path leads out of the repository"),
        ({"repoURL": HERE, "path": "apps/llm/d.yaml"}, "path is no directory"),
        ({"repoURL": HERE, "path": "apps/llm", "plugin": {}}, "config management plugin"),
        ({"repoURL": HERE, "path": "apps/llm", "helm": {}, "kustomize": {}}, "two kinds of source"),
        ({"repoURL": HERE, "path": "apps/llm", "helm": {}}, "no chart at the path"),
        ({"repoURL": "oci://registry.example/acme/llm", "path": "."}, "OCI artifact"),
        (["x"], "malformed source"),
        ([], "no source"),
    ],
)
def test_what_cannot_be_looked_at_says_why(tmp_path: Path, source: Any, expected: str) -> None:
    assert reason(expanded(tmp_path, KUSTOMIZATION, source)) == expected


def test_source_is_ignored_where_there_are_sources(tmp_path: Path) -> None:
    body = application([{"repoURL": HERE, "path": "apps/llm"}])
    body["spec"]["source"] = {"repoURL": HERE, "path": "charts/llm"}
    found = expand_application(declare(body), Repo(tmp_path, CHART | KUSTOMIZATION).world)
    assert [type(unit.source) for unit in found.units] == [KustomizeSource]
    assert list(claims_of(declare(body))) == [(HERE, "apps/llm")]


def test_the_source_of_a_hydrator(tmp_path: Path) -> None:
    body = application([])
    del body["spec"]["sources"]
    body["spec"]["sourceHydrator"] = {"drySource": {"repoURL": HERE, "path": "apps/llm"}}
    found = expand_application(declare(body), Repo(tmp_path, KUSTOMIZATION).world)
    assert [unit.source for unit in found.units] == [KustomizeSource("apps/llm")]


@pytest.mark.parametrize(
    ("destination", "more", "expected"),
    [
        ({"server": "https://10.0.0.1"}, {}, "https://10.0.0.1"),
        ({"name": "gpu-cluster"}, {"cluster": "hub"}, "gpu-cluster"),
        ({"server": "https://kubernetes.default.svc/"}, {"cluster": "hub"}, "hub"),
        ({}, {}, "in-cluster"),
        ({}, {"file": "clusters/prod/app.yaml"}, "clusters/prod"),
    ],
)
def test_the_cluster_is_the_destination(
    tmp_path: Path, destination: dict[str, str], more: dict[str, str], expected: str
) -> None:
    body = application({"repoURL": HERE, "path": "apps/llm"}, destination=destination)
    (unit,) = expand_application(declare(body, **more), Repo(tmp_path, KUSTOMIZATION).world).units
    assert unit.cluster == expected
