"""Overlays at random over a base of ours: what nobody would think of writing, and kustomize builds all the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from random import Random

_CONTAINERS = "/spec/template/spec/containers"


def _container(pod: dict[str, Any], name: str = "vllm") -> dict[str, Any]:
    containers = pod.setdefault("containers", [])
    found = next((each for each in containers if each["name"] == name), None)
    if found is None:
        containers.append(found := {"name": name})
    return found


def _env(r: Random, pod: dict[str, Any]) -> None:
    _container(pod)["env"] = [{"name": name, "value": r.choice("stu")} for name in r.sample("ABCDE", r.randint(1, 3))]


def _ports(r: Random, pod: dict[str, Any]) -> None:
    ports = r.sample([8000, 9000, 7000], r.randint(1, 2))
    _container(pod)["ports"] = [{"containerPort": port, "name": f"p{port}"} for port in ports]


def _limits(r: Random, pod: dict[str, Any]) -> None:
    name, value = r.choice(["cpu", "memory", "nvidia.com/gpu"]), r.choice([None, 1, 2, 3])
    _container(pod)["resources"] = {"limits": {name: value}}


def _image(r: Random, pod: dict[str, Any]) -> None:
    images = ["busybox", "nginx:1", f"vllm/vllm-openai:v2@sha256:{'1' * 64}"]
    _container(pod, r.choice(["vllm", "sidecar"]))["image"] = r.choice(images)


def _selector(r: Random, pod: dict[str, Any]) -> None:
    replaces = {"$patch": "replace"} if r.random() < 0.3 else {}
    pod["nodeSelector"] = {**replaces, r.choice(["pool", "zone"]): r.choice("abc")}


def _tolerations(r: Random, pod: dict[str, Any]) -> None:
    pod["tolerations"] = [{"key": r.choice("abc"), "operator": "Exists"} for _ in range(r.randint(0, 2))]


def _volumes(r: Random, pod: dict[str, Any]) -> None:
    names = r.sample(["models", "fresh", "work"], r.randint(1, 2))
    pod["volumes"] = [{"name": name, "emptyDir": {"medium": "Memory"}} for name in names]


def _gone(r: Random, pod: dict[str, Any]) -> None:
    pod.setdefault("containers", []).append({"name": "sidecar", "$patch": "delete"})


def _args(r: Random, pod: dict[str, Any]) -> None:
    _container(pod)["args"] = [r.choice(["--a", "--b"])] * r.randint(1, 2)


_POD: tuple[Callable[[Random, dict[str, Any]], None], ...] = (
    _env, _ports, _limits, _image, _selector, _tolerations, _volumes, _gone, _args,
)  # fmt: skip


def _merge_patch(r: Random) -> dict[str, Any]:
    pod: dict[str, Any] = {}
    for change in r.sample(_POD, r.randint(1, 4)):
        change(r, pod)
    labels = {r.choice(["app", "tier", "part"]): r.choice("abc")} if r.random() < 0.4 else {}
    metadata = {"name": "server", "labels": labels}
    spec = {"replicas": r.randint(1, 9), "template": {"spec": pod}}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata, "spec": spec}


def _json_patch(r: Random) -> list[dict[str, Any]]:
    operations: list[dict[str, Any]] = [
        {"op": "replace", "path": f"{_CONTAINERS}/0/image", "value": r.choice(["a:1", "b"])},
        {"op": "add", "path": f"{_CONTAINERS}/0", "value": {"name": f"n{r.randint(0, 99)}", "image": "busybox"}},
        {"op": "add", "path": f"{_CONTAINERS}/-", "value": {"name": f"m{r.randint(0, 99)}", "image": "busybox"}},
        {"op": "add", "path": "/metadata/labels/j", "value": r.choice("ab")},
        {"op": "add", "path": "/spec/replicas", "value": r.randint(1, 9)},
        {"op": "copy", "from": "/spec/template/metadata/labels", "path": "/spec/template/metadata/annotations"},
        {"op": "add", "path": "/spec/template/spec/nodeSelector/k~1l", "value": "v"},
    ]
    return r.sample(operations, r.randint(1, 3))


def _listed(r: Random, patch: Any) -> dict[str, Any]:
    target = r.choice([{"kind": "Deployment"}, {"name": ".*server.*", "kind": "Deploy.*"}])
    return {"patch": orjson.dumps(patch).decode(), "target": target}


def _label(r: Random) -> dict[str, Any]:
    more = r.choice([{}, {"includeSelectors": True}, {"includeTemplates": True}])
    return {"pairs": {r.choice(["app", "team", "tier"]): r.choice("def")}, **more}


def _newer(r: Random) -> dict[str, Any]:
    change = r.choice(
        [{"newTag": "t1"}, {"newName": "reg/x"}, {"newName": "reg/x", "newTag": "9"}, {"tagSuffix": "-s"}]
    )
    return {"name": r.choice(["busybox", "vllm/vllm-openai", "reg/x", "nginx", "a"]), **change}


def _replacement(r: Random) -> dict[str, Any]:
    field = r.choice(["metadata.labels.app", "spec.template.spec.containers.*.image"])
    options = r.choice([{}, {"options": {"delimiter": ":", "index": r.choice([0, 1, -1])}}])
    source = {"kind": "ConfigMap", "name": "one", "fieldPath": r.choice(["data.key", "metadata.name"])}
    return {"source": source, "targets": [{"select": {"kind": "Deployment"}, "fieldPaths": [field], **options}]}


def write_overlay(r: Random, directory: Path, below: str) -> None:
    """Write an overlay over *below* with up to six things that kustomize can do. JSON is YAML, too."""
    kustomization: dict[str, Any] = {"resources": [f"../{below}"]}
    lists: dict[str, Callable[[], Any]] = {
        "patches": lambda: _listed(r, r.choice([_merge_patch, _json_patch])(r)),
        "patchesStrategicMerge": lambda: orjson.dumps(_merge_patch(r)).decode(),
        "patchesJson6902": lambda: _listed(r, _json_patch(r)),
        "labels": lambda: _label(r),
        "images": lambda: _newer(r),
        "replacements": lambda: _replacement(r),
    }
    others: dict[str, Callable[[], Any]] = {
        "namespace": lambda: r.choice(["n1", "n2"]),
        "namePrefix": lambda: r.choice(["a-", "b-"]),
        "nameSuffix": lambda: r.choice(["-a", "-b"]),
        "commonLabels": lambda: {r.choice(["app", "stage"]): r.choice("def")},
        "commonAnnotations": lambda: {"by": r.choice("def")},
        "replicas": lambda: [{"name": "server", "count": r.randint(1, 9)}],
        "configMapGenerator": lambda: [{"name": f"made-{directory.name}", "literals": [f"a={r.choice('de')}"]}],
    }
    for _ in range(r.randint(1, 6)):
        if r.random() < 0.6:
            field = r.choice([*lists, "patches", "patches"])
            kustomization.setdefault(field, []).append(lists[field]())
        else:
            field = r.choice(list(others))
            kustomization[field] = others[field]()
    directory.mkdir(parents=True)
    (directory / "kustomization.yaml").write_bytes(orjson.dumps(kustomization, option=orjson.OPT_INDENT_2))
