"""``karlint migrate dra`` as a whole: what it writes, where, and what it leaves as it was."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from karlint.errors import UsageError
from karlint.migrate import run
from tests.cli.support import Repository
from tests.conftest import missing
from tests.migrate.support import POD, after, migrate, only, pod, write

DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: llm}
spec:
  replicas: 2
  selector: {matchLabels: {app: llm}}
  template:
    metadata: {labels: {app: llm}}
    spec:
      containers:
        - name: server
          image: registry.example/vllm:1.0.0
          resources: {limits: {nvidia.com/gpu: 1}}
          readinessProbe: {httpGet: {path: /health, port: 8000}}
"""
JOB = """\
apiVersion: batch/v1
kind: Job
metadata: {name: train, namespace: ml}
spec:
  template:
    spec:
      restartPolicy: Never
      containers:
        - {name: main, image: "registry.example/train:1.0.0", resources: {limits: {nvidia.com/gpu: 1}}}
"""


def test_nothing_is_written_unless_asked_for(tmp_path: Path) -> None:
    migration = migrate(tmp_path, {"a.yaml": POD})
    assert not migration.written
    assert [file.path for file in migration.files] == ["a.yaml"]
    assert (tmp_path / "a.yaml").read_text("utf-8") == POD


def test_what_is_written_is_what_was_shown_and_a_second_run_changes_nothing(tmp_path: Path) -> None:
    shown = after(migrate(tmp_path, {"a.yaml": POD}), "a.yaml")
    migration = migrate(tmp_path, {"a.yaml": POD}, write=True)
    assert migration.written
    assert (tmp_path / "a.yaml").read_text("utf-8") == shown
    again = migrate(tmp_path, {}, write=True)
    assert (again.workloads, again.files, again.written) == ((), (), False)
    assert sorted(path.name for path in tmp_path.iterdir()) == [".git", "a.yaml"]


def test_a_class_that_nothing_confirms_is_not_written(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"gpu\.nvidia\.com") as error:
        migrate(tmp_path, {"a.yaml": POD}, write=True, classes=frozenset())
    assert "--device-class gpu.nvidia.com" in error.value.hint
    assert (tmp_path / "a.yaml").read_text("utf-8") == POD
    assert migrate(tmp_path, {}, classes=frozenset()).classes == ("gpu.nvidia.com",)


DEVICE_CLASS = """\
apiVersion: resource.k8s.io/v1
kind: DeviceClass
metadata: {name: gpu.nvidia.com}
spec:
  extendedResourceName: nvidia.com/gpu
  selectors: [{cel: {expression: "device.driver == 'gpu.nvidia.com'"}}]
"""


def test_a_class_of_the_tree_is_there_and_may_serve_requests_as_they_are(tmp_path: Path) -> None:
    migration = migrate(tmp_path, {"a.yaml": POD, "class.yaml": DEVICE_CLASS}, write=True, classes=frozenset())
    assert (migration.written, migration.classes) == (True, ())
    (way,) = migration.other_ways
    assert (way.resource, way.device_class, way.there, way.workloads) == ("nvidia.com/gpu", "gpu.nvidia.com", True, 1)


def test_a_class_of_the_tree_for_the_resource_is_asked_instead_of_the_drivers(tmp_path: Path) -> None:
    slices = DEVICE_CLASS.replace("gpu.nvidia.com}", "slices.example.com}").replace(
        "nvidia.com/gpu", "nvidia.com/mig-1g.5gb"
    )
    texts = {"class.yaml": slices, "a.yaml": pod("nvidia.com/mig-1g.5gb: 1")}
    (template,) = migrate(tmp_path, texts, classes=frozenset()).templates
    assert [(r.device_class, r.selectors) for r in template.requests] == [("slices.example.com", ())]
    assert template.name == "mig-1g-5gb-x1"


def test_a_class_of_one_cluster_says_nothing_about_another(tmp_path: Path) -> None:
    texts = {"clusters/a/class.yaml": DEVICE_CLASS, "clusters/a/a.yaml": POD, "clusters/b/a.yaml": POD}
    migration = migrate(tmp_path, texts, classes=frozenset())
    assert migration.classes == ("gpu.nvidia.com",)
    ways = [(way.device_class, way.there, way.workloads) for way in migration.other_ways]
    assert ways == [("gpu.nvidia.com", False, 1), ("gpu.nvidia.com", True, 1)]
    texts = {"infrastructure/class.yaml": DEVICE_CLASS, "clusters/b/a.yaml": POD}
    assert migrate(tmp_path / "shared", texts, classes=frozenset()).classes == ()


def test_only_what_gains_is_migrated_when_asked(tmp_path: Path) -> None:
    selecting = pod(name="two", more="  nodeSelector: {nvidia.com/gpu.product: NVIDIA-L4}\n")
    migration = migrate(tmp_path, {"a.yaml": POD, "b.yaml": selecting}, gaining=True)
    assert [[r.code for r in item.refusals] for item in migration.workloads] == [["no-gain"], []]
    assert migration.workloads[1].gains == ("selection",)
    assert [file.path for file in migration.files] == ["b.yaml"]


def test_the_diff_is_what_git_applies(tmp_path: Path) -> None:
    repository = Repository(tmp_path)
    repository.write("apps/a.yaml", POD.rstrip("\n"))
    repository.write("apps/b.yaml", JOB.replace("\n", "\r\n"))
    ran = repository.run("migrate", "dra", "-k", "1.36")
    assert ran.code == 0
    assert "2 workloads ask device plugins for devices: 2 can take them through DRA, 0 cannot." in ran.out
    expected = repository.run("migrate", "dra", "--write", "-k", "1.36", "--device-class", "gpu.nvidia.com")
    assert expected.code == 0
    texts = {name: (tmp_path / name).read_bytes() for name in ("apps/a.yaml", "apps/b.yaml")}
    assert b"ResourceClaimTemplate" in texts["apps/a.yaml"]
    assert texts["apps/b.yaml"].count(b"\n") == texts["apps/b.yaml"].count(b"\r\n")
    repository.write("apps/a.yaml", POD.rstrip("\n"))
    repository.write("apps/b.yaml", JOB.replace("\n", "\r\n"))
    subprocess.run(["git", "apply", "-"], cwd=tmp_path, input=ran.out.encode(), check=True)
    assert {name: (tmp_path / name).read_bytes().replace(b"\r\n", b"\n") for name in texts} == {
        name: data.replace(b"\r\n", b"\n") for name, data in texts.items()
    }


def test_files_of_one_namespace_have_templates_of_their_own(tmp_path: Path) -> None:
    texts = {"a.yaml": POD, "b.yaml": JOB, "c.yaml": JOB.replace("namespace: ml", "namespace: other")}
    migration = migrate(tmp_path, texts)
    found = [(template.file, template.namespace, template.name) for template in migration.templates]
    assert found == [("a.yaml", "ml", "gpu-x1"), ("b.yaml", "ml", "train-gpu-x1"), ("c.yaml", "other", "gpu-x1")]


def test_environments_of_their_own_do_not_compete_for_names(tmp_path: Path) -> None:
    migration = migrate(tmp_path, {"clusters/dev/a.yaml": POD, "clusters/prod/a.yaml": POD})
    assert [template.name for template in migration.templates] == ["gpu-x1", "gpu-x1"]


def test_a_template_that_is_there_is_used_and_a_name_that_means_something_else_is_not(tmp_path: Path) -> None:
    migrated = after(migrate(tmp_path, {"a.yaml": POD}), "a.yaml")
    migration = migrate(tmp_path, {"a.yaml": migrated + "---\n" + pod(name="two")})
    assert after(migration, "a.yaml").count("kind: ResourceClaimTemplate") == 1
    assert only(migration).templates == ("gpu-x1",)
    migration = migrate(tmp_path, {"a.yaml": migrated.replace("count: 1", "count: 2") + "---\n" + pod(name="two")})
    assert only(migration).templates == ("gpu-x1-2",)


def test_a_part_of_the_tree_is_migrated_with_the_quotas_of_all_of_it(tmp_path: Path) -> None:
    quota = """\
apiVersion: v1
kind: ResourceQuota
metadata: {name: gpus, namespace: ml}
spec: {hard: {requests.nvidia.com/gpu: "8"}}
"""
    texts = {"quota.yaml": quota, "apps/a.yaml": POD, "apps/b.yaml": JOB}
    write(tmp_path, texts)
    migration = migrate(tmp_path, {}, paths=(str(tmp_path / "apps" / "a.yaml"),))
    assert [item.name for item in migration.workloads] == ["one"]
    (entry,) = migration.quotas
    assert (entry.file, entry.key, entry.value) == (
        "quota.yaml",
        "gpu.nvidia.com.deviceclass.resource.k8s.io/devices",
        "8",
    )
    hard = '{requests.nvidia.com/gpu: "8", gpu.nvidia.com.deviceclass.resource.k8s.io/devices: "8"}'
    assert after(migration, "quota.yaml") == quota.replace('{requests.nvidia.com/gpu: "8"}', hard)


def test_a_quota_that_cannot_follow_is_told(tmp_path: Path) -> None:
    spec = '{scopes: [NotTerminating], hard: {requests.nvidia.com/gpu: "8"}}'
    quota = f"apiVersion: v1\nkind: ResourceQuota\nmetadata: {{name: gpus, namespace: ml}}\nspec: {spec}\n"
    migration = migrate(tmp_path, {"quota.yaml": quota, "a.yaml": POD})
    assert only(migration).is_migrated
    assert migration.quotas == ()
    assert [text for text in migration.notes if "has scopes" in text and "ml/gpus" in text]


def test_a_quota_that_would_be_gone_around_holds_its_workloads_back(tmp_path: Path) -> None:
    spec = '{hard: {requests.nvidia.com/gpu: "${MANY}"}}'
    quota = f"apiVersion: v1\nkind: ResourceQuota\nmetadata: {{name: gpus, namespace: ml}}\nspec: {spec}\n"
    migration = migrate(tmp_path, {"quota.yaml": quota, "a.yaml": POD})
    (refusal,) = only(migration).refusals
    assert refusal.code == "proof"
    assert "quota/bypass-by-dra" in refusal.reason


def test_what_speaks_of_the_old_resource_is_told(tmp_path: Path) -> None:
    scaler = """\
apiVersion: keda.sh/v1alpha1
kind: ScaledObject
metadata: {name: train, namespace: ml}
spec:
  scaleTargetRef: {name: llm}
  triggers:
    - type: prometheus
      metadata: {query: 'kube_pod_container_resource_limits{resource="nvidia.com/gpu"}'}
"""
    migration = migrate(tmp_path, {"scaler.yaml": scaler, "a.yaml": POD})
    assert only(migration).is_migrated
    assert any(note.startswith("ScaledObject ml/train (scaler.yaml)") for note in migration.notes)


def kustomize() -> None:
    if shutil.which("kustomize") is None and not Path("tools/bin/kustomize").is_file():
        missing("kustomize", "run `make tools`")


BASE = {
    "base/kustomization.yaml": "resources: [app.yaml]\n",
    "base/app.yaml": DEPLOYMENT,
    "overlays/dev/kustomization.yaml": "namespace: dev\nresources: [../../base]\n",
    "overlays/prod/kustomization.yaml": "namespace: prod\nresources: [../../base]\nreplicas: [{name: llm, count: 4}]\n",
}


@pytest.fixture
def tools(monkeypatch: pytest.MonkeyPatch) -> None:
    kustomize()
    monkeypatch.setenv("PATH", f"{Path('tools/bin').resolve()}:/usr/bin:/bin")


@pytest.mark.usefixtures("tools")
def test_a_base_is_changed_where_it_is_written_for_all_its_overlays(tmp_path: Path) -> None:
    migration = migrate(tmp_path, BASE)
    assert [(item.file, item.environments, item.devices) for item in migration.workloads] == [
        ("base/app.yaml", ("overlays/dev", "overlays/prod"), 2)
    ]
    assert only(migration).refusals == ()
    text = after(migration, "base/app.yaml")
    assert text.count("kind: ResourceClaimTemplate") == 1
    assert "namespace" not in text


@pytest.mark.usefixtures("tools")
def test_overlays_that_disagree_are_left_alone(tmp_path: Path) -> None:
    patch = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: llm}
spec: {template: {spec: {containers: [{name: server, resources: {limits: {nvidia.com/gpu: 8}}}]}}}
"""
    overlay = "namespace: prod\nresources: [../../base]\npatches: [{path: patch.yaml}]\n"
    texts = {**BASE, "overlays/prod/kustomization.yaml": overlay, "overlays/prod/patch.yaml": patch}
    migration = migrate(tmp_path, texts)
    assert migration.files == ()
    assert {refusal.code for item in migration.workloads for refusal in item.refusals} <= {"origin", "proof"}
    assert all(item.refusals for item in migration.workloads)


@pytest.mark.usefixtures("tools")
def test_what_a_replacement_changes_is_left_alone(tmp_path: Path) -> None:
    overlay = """\
namespace: prod
resources: [../../base, size.yaml]
replacements:
- source: {kind: ConfigMap, name: size, fieldPath: data.gpus}
  targets:
  - select: {kind: Deployment}
    fieldPaths: ["spec.template.spec.containers.0.resources.limits.[nvidia.com/gpu]"]
"""
    size = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: size}\ndata: {gpus: "2"}\n'
    texts = {name: text for name, text in BASE.items() if "dev" not in name}
    texts |= {"overlays/prod/kustomization.yaml": overlay, "overlays/prod/size.yaml": size}
    (refusal,) = only(migrate(tmp_path, texts)).refusals
    assert (refusal.code, "a replacement" in refusal.reason) == ("origin", True)


@pytest.mark.usefixtures("tools")
def test_an_overlay_that_is_refused_holds_back_its_base(tmp_path: Path) -> None:
    patch = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: llm}
spec: {template: {spec: {schedulerName: kai-scheduler}}}
"""
    overlay = "namespace: prod\nresources: [../../base]\npatches: [{path: patch.yaml}]\n"
    texts = {**BASE, "overlays/prod/kustomization.yaml": overlay, "overlays/prod/patch.yaml": patch}
    migration = migrate(tmp_path, texts)
    assert migration.files == ()
    assert [[r.code for r in item.refusals] for item in migration.workloads] == [["origin"], ["scheduler"]]
    assert migrate(tmp_path, texts, "scheduler").files != ()


@pytest.mark.usefixtures("tools")
def test_a_name_that_kustomize_changes_for_the_template_alone_is_taken_back(tmp_path: Path) -> None:
    texts = {**BASE, "overlays/prod/kustomization.yaml": "namePrefix: prod-\nresources: [../../base]\n"}
    migration = migrate(tmp_path, texts)
    (refusal,) = only(migration).refusals
    assert refusal.code == "proof"
    assert refusal.reason.endswith("the claim template gpu-x1 has another name in overlays/prod.")
    assert "nameReference" in refusal.help
    assert migration.files == ()


@pytest.mark.usefixtures("tools")
def test_a_name_that_kustomize_changes_in_both_places_is_no_obstacle(tmp_path: Path) -> None:
    texts = {
        **BASE,
        "overlays/prod/kustomization.yaml": "namePrefix: prod-\nresources: [../../base]\n",
        "base/kustomization.yaml": BASE["base/kustomization.yaml"] + "configurations: [names.yaml]\n",
        "base/names.yaml": (
            "nameReference:\n- kind: ResourceClaimTemplate\n  fieldSpecs:\n"
            "  - {path: spec/template/spec/resourceClaims/resourceClaimTemplateName, kind: Deployment}\n"
        ),
    }
    assert only(migrate(tmp_path, texts)).refusals == ()


@pytest.mark.usefixtures("tools")
def test_what_a_chart_makes_is_left_alone(tmp_path: Path) -> None:
    if not Path("tools/bin/helm").is_file() and shutil.which("helm") is None:
        missing("helm", "run `make tools`")
    texts = {
        "chart/Chart.yaml": "apiVersion: v2\nname: chart\nversion: 1.0.0\n",
        "chart/values.yaml": "gpus: 1\n",
        "chart/templates/app.yaml": DEPLOYMENT.replace("nvidia.com/gpu: 1", "nvidia.com/gpu: {{ .Values.gpus }}"),
    }
    migration = migrate(tmp_path, texts)
    assert [refusal.code for refusal in only(migration).refusals] == ["chart"]
    assert "chart" in only(migration).refusals[0].reason


def test_a_json_file_has_no_place_for_a_template(tmp_path: Path) -> None:
    text = '{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"}, "spec": {"containers": [{"name": "a", '
    text += '"image": "registry.example/a:1", "resources": {"limits": {"nvidia.com/gpu": 1}}}]}}\n'
    migration = migrate(tmp_path, {"a.json": text})
    assert [refusal.code for refusal in only(migration).refusals] == ["text"]


def test_an_anchor_that_others_share_is_left_alone(tmp_path: Path) -> None:
    text = POD.replace("limits:", "requests: &devices").replace("gpu: 1\n", "gpu: 1\n        limits: *devices\n")
    migration = migrate(tmp_path, {"a.yaml": text})
    assert [refusal.code for refusal in only(migration).refusals] == ["text"]
    assert migration.files == ()


def test_a_file_that_changed_meanwhile_is_left_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def meddled(*_: object, **__: object) -> list[object]:
        (tmp_path / "a.yaml").write_text(POD + "# mine\n", "utf-8")
        return []

    monkeypatch.setattr(run, "faults", meddled)
    migration = migrate(tmp_path, {"a.yaml": POD}, write=True)
    assert (tmp_path / "a.yaml").read_text("utf-8") == POD + "# mine\n"
    assert any("changed meanwhile" in note for note in migration.notes)


def test_standard_input_has_no_file(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="standard input"):
        migrate(tmp_path, {"a.yaml": POD}, stdin=POD.encode())


def test_a_tree_without_devices_has_nothing_to_do(tmp_path: Path) -> None:
    ran = Repository(tmp_path).run("migrate", "dra")
    assert (ran.code, ran.out) == (0, "No workload asks a device plugin for devices.\n")


@pytest.mark.parametrize(
    "text",
    ["kind: Pod\nspec: {containers: [1, {resources: 3}]}\n", "a: [\n", "\x00", "apiVersion: v1\nkind: Pod\nspec: 1\n"],
)
def test_bad_input_is_no_traceback(tmp_path: Path, text: str) -> None:
    migration = migrate(tmp_path, {"a.yaml": text, "b.yaml": POD})
    assert [item.file for item in migration.migrated] == ["b.yaml"]
