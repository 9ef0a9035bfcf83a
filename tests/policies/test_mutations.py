"""Rules find what is wrong in manifests that were not written for them: real ones, each changed in one place."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

import orjson
import pytest

from karlint.api import lint
from karlint.config import Config, Settings
from karlint.prepared import Prepared, load_rule_book
from tests.conftest import CORPUS
from tests.policies.mutations import (
    ALONE,
    GPU,
    Mutation,
    Place,
    ask,
    env,
    gpus,
    on_pod,
    on_request,
    places,
    plain,
    resources,
)
from tests.policies.together import TOGETHER

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from karlint.model.resource import Resource

ENOUGH = 5


def serves(place: Place, *flags: str) -> None:
    place.container.update(image="vllm/vllm-openai:v0.11.0", args=["--model=org/model", *flags])
    place.container.pop("command", None)


def scripted(place: Place, *words: str) -> None:
    place.container.update(command=list(words))
    place.container.pop("args", None)


def selected(**labels: str) -> Callable[[Place], bool]:
    return on_pod(lambda place: (plain(place), place.spec.update(nodeSelector=labels)))


def tolerated(**toleration: str) -> Callable[[Place], bool]:
    return on_pod(lambda place: place.spec.update(tolerations=[toleration]))


def mounted(path: str) -> Callable[[Place], bool]:
    return on_pod(lambda place: place.spec.update(volumes=[{"name": "device", "hostPath": {"path": path}}]))


CLASS = {
    "apiVersion": "resource.k8s.io/v1",
    "kind": "DeviceClass",
    "metadata": {"name": "other.example.com"},
    "spec": {"selectors": [{"cel": {"expression": 'device.driver == "gpu.example.com"'}}]},
}
RESIZE = {"resourceName": GPU, "restartPolicy": "NotRequired"}
TPU = "google.com/tpu"
SELECTOR = 'device.capacity["gpu.nvidia.com"].memory >= "40Gi"'
UUID = "GPU-4cf8db2d-06c0-7d70-1a51-e59b25b2c16c"

MUTATIONS = [
    Mutation("device/request-not-understood", on_pod(lambda place: ask(place, **{"nvidia.com/gpus": 1}))),
    Mutation(
        "device/fewer-than-processes",
        on_pod(lambda place: (gpus(place, 1), serves(place, "--tensor-parallel-size=64")), ALONE),
    ),
    Mutation("device/idle-devices", on_pod(lambda place: (plain(place), gpus(place, 4), serves(place)), ALONE)),
    Mutation(
        "device/index-out-of-range",
        on_pod(lambda place: (gpus(place, 1), env(place, "CUDA_VISIBLE_DEVICES", "3"))),
    ),
    Mutation(
        "device/small-shared-memory",
        on_pod(lambda place: (plain(place), gpus(place, 8), scripted(place, "torchrun", "train.py")), ALONE),
    ),
    Mutation(
        "device/cannot-be-resized",
        on_pod(lambda place: place.container.update(resizePolicy=[RESIZE])),
    ),
    Mutation(
        "device/held-by-daemonset",
        on_pod(
            lambda place: (place.body.update(kind="DaemonSet"), gpus(place, 1), place.body["spec"].pop("replicas", 0)),
            frozenset({"apps/Deployment"}),
        ),
    ),
    Mutation("access/all-devices-env", on_pod(lambda place: env(place, "NVIDIA_VISIBLE_DEVICES", "all"))),
    Mutation("access/host-device-path", mounted("/dev/nvidia0")),
    Mutation("access/privileged-accelerator", on_pod(lambda place: place.spec.update(hostIPC=True))),
    Mutation(
        "access/image-without-request",
        on_pod(
            lambda place: (
                plain(place),
                place.body["metadata"].pop("annotations", 0),
                place.container.update(image="nvcr.io/team/train:25.01", resources={}, command=["python"], args=[]),
                place.spec.update(runtimeClassName="nvidia", containers=[place.container]),
            ),
            ALONE,
        ),
    ),
    Mutation("placement/toleration-without-effect", tolerated(key="nvidia/gpu", operator="Exists")),
    Mutation("placement/selector-contradiction", selected(**{"amd.com/gpu.family": "AI"})),
    Mutation(
        "placement/tpu-selectors-missing",
        on_pod(
            lambda place: (plain(place), ask(place, **{TPU: 4}), place.body["metadata"].pop("labels", 0)),
            ALONE,
        ),
    ),
    Mutation("placement/pinned-to-hardware", on_pod(lambda place: env(place, "CUDA_VISIBLE_DEVICES", UUID))),
    Mutation("sharing/share-misused", on_pod(lambda place: ask(place, **{"nvidia.com/gpu.shared": 2}))),
    Mutation("sharing/mig-misused", on_pod(lambda place: ask(place, **{"nvidia.com/mig-1g-5gb": 1}))),
    Mutation("network/rdma-from-host", mounted("/dev/infiniband")),
    Mutation(
        "dra/request-without-limit", on_pod(lambda place: place.container.update(resources={"requests": {GPU: 2}}))
    ),
    Mutation("dra/claim-value-rejected", on_request(lambda _, body: body.update(allocationMode="all"))),
    Mutation(
        "dra/feature-not-enabled",
        on_request(lambda _, body: body.update(capacity={"requests": {"memory": "1Gi"}})),
        version="1.35",
    ),
    Mutation(
        "dra/selector-never-matches",
        on_request(lambda _, body: body.update(selectors=[{"cel": {"expression": SELECTOR}}])),
    ),
    Mutation(
        "dra/driver-config-rejected",
        on_request(
            lambda place, _: place.spec["devices"].update(
                config=[
                    {
                        "opaque": {
                            "driver": "gpu.nvidia.com",
                            "parameters": {"apiVersion": "gpu.nvidia.com/v1"},
                        }
                    }
                ]
            )
        ),
    ),
    Mutation(
        "dra/request-shape",
        on_request(lambda place, body: place.spec["devices"].update(requests=[{"name": "gpu", **body}])),
    ),
    Mutation("dra/device-class-not-found", on_request(lambda _, body: body.update(deviceClassName="lost")), (CLASS,)),
    Mutation(
        "dra/device-taint-too-wide",
        on_request(lambda _, body: (body.pop("adminAccess", 0), body.update(tolerations=[{"operator": "Exists"}]))),
    ),
    Mutation(
        "access/admin-access-misplaced",
        on_request(
            lambda place, body: (place.body["metadata"].update(namespace="users"), body.update(adminAccess=True))
        ),
        ({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "users"}},),
    ),
    Mutation(
        "network/compute-domain-misused", on_request(lambda _, body: body.update(deviceClassName="imex.nvidia.com"))
    ),
    *TOGETHER,
]
PACK = {"access", "device", "dra", "network", "placement", "quota", "sharing"}
"""The rules on accelerators."""


@pytest.fixture(scope="module")
def found() -> list[tuple[Prepared, Resource]]:
    return resources(CORPUS)


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.rule)
def test_rule_finds_what_was_made_wrong(
    mutation: Mutation, found: list[tuple[Prepared, Resource]], tmp_path: Path
) -> None:
    changed = list(islice((place for place in places(found) if mutation.change(place)), 4 * ENOUGH))
    for number, place in enumerate(changed):
        folder = tmp_path / f"tree{number}"
        folder.mkdir()
        texts = [orjson.dumps(part, option=orjson.OPT_INDENT_2).decode() for part in (place.body, *mutation.extra)]
        # Each tree has namespaces of its own, since rules look at all that a namespace has.
        text = "\n---\n".join(texts).replace('"users"', f'"users-{number}"')
        (folder / "it.yaml").write_text(text, "utf-8")
    settings = Settings(
        root=tmp_path,
        paths=(str(tmp_path),),
        versions=(mutation.version,),
        select=(mutation.rule,),
        jobs=1,
        config=Config(),
    )
    report = lint(settings)
    assert report.failures == ()
    told = {finding.location.path for finding in report.findings if finding.rule == mutation.rule}
    missed = {f"tree{number}/it.yaml" for number in range(len(changed))} - told
    assert len(changed) >= ENOUGH, "too few manifests that this applies to"
    assert not missed, (tmp_path / min(missed)).read_text("utf-8")


def test_every_rule_on_accelerators_is_proven_by_real_manifests() -> None:
    book = load_rule_book().rules.values()
    rules = {rule.id for rule in book if rule.category in PACK}
    assert rules - {mutation.rule for mutation in MUTATIONS} == set()
