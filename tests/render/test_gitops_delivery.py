"""Whole repositories, delivered with the real tools: what arrives, and that its origins are the places to edit."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from karlint.model.source import Anchor
from karlint.model.unit import HelmSource, KustomizeSource, Unit
from karlint.render.gitops import declares, expand
from karlint.render.helm import arguments
from tests.conftest import ROOT, missing
from tests.render.gitopsrepo import HERE, Repo
from tests.render.gitopsrun import Delivery, prove
from tests.render.gitopstrees import ARGO, CHART, FLUX, application
from tests.render.helmproof import parse

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.tools


def tool(name: str) -> Path:
    binary = ROOT / "tools" / "bin" / name
    if not binary.is_file():
        missing(f"tools/bin/{name}", "run `make tools`")
    return binary


def delivered(root: Path, files: dict[str, str], entries: str) -> Delivery:
    Repo(root, files)
    delivery = Delivery(root, tool("helm"), tool("kustomize"), known=(HERE,))
    found = [item for file, items in delivery.raw.items() if file.startswith(entries) for item in items]
    delivery.deliver(item for item in found if declares(item))
    assert delivery.failed == {}
    assert delivery.missing == []
    return delivery


def only(delivery: Delivery, unit: str, kind: str) -> Any:
    (found,) = [body for body in delivery.outputs[unit].documents if body["kind"] == kind]
    return found


def place(delivery: Delivery, unit: str, *at: str | int) -> tuple[str, Any]:
    spot = delivery.outputs[unit].origins.locate(0, at, Anchor.VALUE).primary
    assert spot.exact, spot
    return spot.file, spot.at or (spot.span.line if spot.span else None)


def test_argo_cd_delivers(tmp_path: Path) -> None:
    delivery = delivered(tmp_path, ARGO, "argocd/")
    assert sorted(delivery.outputs) == [
        "Application argocd/child (in-cluster)",
        "Application argocd/edited",
        "Application argocd/llm-a",
        "Application argocd/llm-b",
        "Application argocd/object",
        "Application argocd/root",
        "Application argocd/text",
    ]
    child = only(delivery, "Application argocd/child (in-cluster)", "Deployment")
    assert child["spec"]["replicas"] == 2
    (container,) = child["spec"]["template"]["spec"]["containers"]
    assert (container["image"], container["resources"]["limits"]["nvidia.com/gpu"]) == ("ghcr.io/acme/vllm:v8", 4)
    sizes = {
        name: only(delivery, f"Application argocd/llm-{name}", "Deployment")["spec"]["template"]["spec"]["containers"][
            0
        ]
        for name in "ab"
    }
    assert [sizes[name]["resources"]["limits"]["nvidia.com/gpu"] for name in "ab"] == [2, 4]


def test_places_of_argo_cd(tmp_path: Path) -> None:
    delivery = delivered(tmp_path, ARGO, "argocd/")
    pod = ("spec", "template", "spec")
    gpus = (*pod, "containers", 0, "resources", "limits", "nvidia.com/gpu")
    helm = ("spec", "source", "helm")
    assert place(delivery, "Application argocd/object", "spec", "replicas") == (
        "argocd/object.yaml",
        (*helm, "parameters", 0, "value"),
    )
    assert place(delivery, "Application argocd/object", *gpus) == ("charts/llm/gpu.yaml", ("gpus",))
    assert place(delivery, "Application argocd/object", *pod, "nodeSelector", "accelerator") == (
        "argocd/object.yaml",
        (*helm, "valuesObject", "nodeSelector", "accelerator"),
    )
    assert place(delivery, "Application argocd/llm-b", *gpus) == (
        "argocd/set.yaml",
        ("spec", "generators", 0, "list", "elements", 1, "size"),
    )
    child = "Application argocd/child (in-cluster)"
    assert place(delivery, child, "spec", "replicas") == ("root/patch.yaml", (*helm, "valuesObject", "replicas"))
    assert place(delivery, child, *gpus) == ("root/child.yaml", (*helm, "valuesObject", "gpus"))
    edited = "Application argocd/edited"
    assert place(delivery, edited, *pod, "containers", 0, "image") == (
        "argocd/edited.yaml",
        ("spec", "source", "kustomize", "images", 0),
    )
    assert place(delivery, edited, "metadata", "annotations", "owner")[0] == "argocd/edited.yaml"


def test_flux_delivers(tmp_path: Path) -> None:
    delivery = delivered(tmp_path, FLUX, "clusters/prod/flux-system/sync.yaml")
    assert sorted(delivery.outputs) == [
        "HelmRelease serving/llm (clusters/prod)",
        "Kustomization flux-system/apps (clusters/prod)",
        "Kustomization flux-system/flux-system (clusters/prod)",
    ]
    apps = only(delivery, "Kustomization flux-system/apps (clusters/prod)", "Deployment")
    assert apps["metadata"]["annotations"] == {"note": "size 16, ${TIER:=bronze}", "owner": "ml"}
    assert (apps["metadata"]["namespace"], apps["metadata"]["labels"]) == ("gpu", {"team": "ai"})
    pod = apps["spec"]["template"]
    assert pod["metadata"] == {"labels": {"app": "tei"}}
    (container,) = pod["spec"]["containers"]
    assert container["env"] == [{"name": "MODEL", "value": "mistral"}, {"name": "KEY", "value": "${KEY}"}]
    release = only(delivery, "HelmRelease serving/llm (clusters/prod)", "Deployment")
    assert release["metadata"]["labels"] == {"tier": "gold"}
    assert release["spec"]["template"]["spec"]["priorityClassName"] == "serving"
    assert release["spec"]["template"]["spec"]["containers"][0]["image"] == "ghcr.io/acme/vllm-gpu:v2"


def test_places_of_flux(tmp_path: Path) -> None:
    delivery = delivered(tmp_path, FLUX, "clusters/prod/flux-system/sync.yaml")
    apps, release = "Kustomization flux-system/apps (clusters/prod)", "HelmRelease serving/llm (clusters/prod)"
    pod = ("spec", "template", "spec")
    assert place(delivery, apps, *pod, "containers", 0, "env", 0, "value") == (
        "clusters/prod/apps.yaml",
        ("spec", "postBuild", "substitute", "MODEL"),
    )
    assert place(delivery, apps, *pod, "containers", 0, "resources", "limits", "memory") == (
        "clusters/prod/settings.yaml",
        ("data", "SIZE"),
    )
    assert place(delivery, apps, "metadata", "annotations", "owner") == (
        "clusters/prod/apps.yaml",
        ("spec", "commonMetadata", "annotations", "owner"),
    )
    assert place(delivery, release, *pod, "nodeSelector", "accelerator") == (
        "clusters/prod/release.yaml",
        ("spec", "values", "nodeSelector", "accelerator"),
    )
    assert place(delivery, release, "metadata", "labels", "tier") == ("clusters/prod/values.yaml", ("data", "tier"))


@pytest.mark.parametrize(
    ("name", "files", "entries"), [("argocd", ARGO, "argocd/"), ("flux", FLUX, "clusters/prod/flux")]
)
def test_who_edits_the_place_changes_the_value(tmp_path: Path, name: str, files: dict[str, str], entries: str) -> None:
    delivery = delivered(tmp_path, files, entries)
    tally = prove(delivery, 12)
    assert tally.located == 12, str(tally)
    assert tally.misses == []
    assert tally.changed >= 0.95 * (tally.exact - tally.refused), str(tally)
    assert tally.exact >= 0.95 * tally.located, tally.vague


@pytest.mark.parametrize(("value", "expected"), [("{a,b}", ["a", "b"]), ("a,b", "a,b"), ("", ""), ("3", 3)])
def test_a_parameter_reaches_helm_as_argo_cd_hands_it_over(tmp_path: Path, value: str, expected: Any) -> None:
    shown = {"charts/llm/templates/x.yaml": "kind: X\nv: {{ toJson .Values.v }}\n", "charts/llm/values.yaml": "{}"}
    source = f"    path: charts/llm\n    helm: {{parameters: [{{name: v, value: '{value}'}}]}}\n"
    chart = {"charts/llm/Chart.yaml": CHART["charts/llm/Chart.yaml"]}
    repo = Repo(tmp_path, chart | shown | {"app.yaml": application("a", source)})
    (unit,) = expand(repo.get("Application", "a"), repo.world).units
    assert isinstance(unit.source, HelmSource)
    command = [str(tool("helm")), "template", *arguments(unit.source, tmp_path, tmp_path, "")]
    done = subprocess.run(command, capture_output=True, check=True, timeout=60)
    assert parse(done.stdout.decode())[0]["v"] == expected


@pytest.mark.corpus
def test_a_real_repository_is_delivered(corpus: Path, tmp_path: Path) -> None:
    name = "redhat-ai-services__ai-accelerator"
    root = tmp_path / name
    shutil.copytree(corpus / "gitops" / name, root, symlinks=True)
    delivery = Delivery(root, tool("helm"), tool("kustomize"), name)
    delivery.deliver([Unit("top", KustomizeSource("bootstrap/overlays/rhoai-stable-3.4-aws-gpu"))])
    assert len(delivery.outputs) + len(delivery.failed) >= 16
    assert [item.reason for item in delivery.missing] == []
    # what the copy of the repository leaves out, and what it takes from elsewhere
    assert all("no such file" in words or "proxyconnect" in words for words in delivery.failed.values())
