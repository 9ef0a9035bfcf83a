"""What makes more of a repository deliverable: objects around its charts and kustomizations, and charts that it lacks.

Real repositories say little in Applications beside a path, and the charts of their HelmReleases mostly lie elsewhere.
Here real charts and kustomizations are delivered by objects that are made up, with values that the charts themselves
list; and real HelmReleases render a chart that prints what they say.
"""

from __future__ import annotations

import json
import posixpath
import random
import re
from textwrap import indent
from typing import TYPE_CHECKING, Any

import yaml

from karlint.model.unit import HelmSource
from karlint.render.plan import NAMESPACE, RELEASE
from karlint.render.versions import allows
from tests.render.gitopsproof import VALUES
from tests.render.helmproof import WATCHED, needed, parse, prune

if TYPE_CHECKING:
    from collections.abc import Iterator

    from karlint.deployed import Deployed, Part
    from tests.render.gitopsproof import Copy

HERE = "https://git.example/made/up"
_LACKING = re.compile(r"put the chart (\S+) (\S*) ?into")
_FILLED: dict[str, Any] = {
    "nodeSelector": {"accelerator": "h100"},
    "resources": {"limits": {"cpu": 2, "memory": "4Gi"}},
    "tolerations": [{"key": "gpu", "operator": "Exists"}],
    "podAnnotations": {"example.com/team": "ai"},
    "annotations": {"example.com/team": "ai"},
    "podLabels": {"team": "ai"},
    "labels": {"team": "ai"},
    "env": [{"name": "TEAM", "value": "ai"}],
}
"""What people put where a chart has nothing."""

_PRINTS = """\
apiVersion: example.com/v1
kind: VALUES
metadata:
  name: {{ .Release.Name }}
spec:
  {{- toYaml .Values | nindent 2 }}
{{- range $name, $each := .Values.controllers }}
{{- if kindIs "map" $each }}
---
apiVersion: apps/v1
kind: {{ $each.type | default "deployment" | title }}
metadata:
  name: {{ $.Release.Name }}-{{ $name }}
  {{- with $each.annotations }}
  annotations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
spec:
  replicas: {{ $each.replicas | default 1 }}
  template:
    spec:
      containers:
        {{- range $title, $container := $each.containers }}
        - name: {{ $title }}
          {{- with $container.image }}
          image: "{{ .repository }}:{{ .tag }}"
          {{- end }}
          {{- with $container.resources }}
          resources:
            {{- toYaml . | nindent 12 }}
          {{- end }}
          env:
            {{- range $key, $value := $container.env }}
            - name: {{ $key }}
              value: {{ $value | toJson }}
            {{- end }}
        {{- end }}
{{- end }}
{{- end }}
"""


def stand_in(copy: Copy, deployed: Deployed) -> int:
    """Put a chart that prints its values where HelmReleases name one that lies elsewhere. Return how many charts."""
    wanted = {found for one in deployed.not_rendered for found in _LACKING.findall(one.help)}
    for number, (name, version) in enumerate(sorted(wanted)):
        digits = re.findall(r"\d+", version.partition("+")[0])[:3]
        release = next(
            (each for each in (version, ".".join([*digits, "0", "0", "0"][:3])) if _is_met(version, each)), ""
        )
        chart = copy.root / "vendored" / str(number)
        (chart / "templates").mkdir(parents=True)
        meta = {"apiVersion": "v2", "name": posixpath.basename(name), "version": release or "1.0.0"}
        (chart / "Chart.yaml").write_text(yaml.safe_dump(meta))
        (chart / "templates" / "all.yaml").write_text(_PRINTS.replace("VALUES", VALUES))
    return len(wanted)


def _is_met(version: str, release: str) -> bool:
    return re.match(r"v?\d+\.\d+\.\d+", release) is not None and allows(version, release)


def wrap(copy: Copy, most: int, seed: int = 0) -> int:
    """Deliver charts and kustomizations of a repository by Argo CD and by Flux; return how many are.

    Args:
        most: how many of each kind, drawn by *seed*.
    """
    for meta in sorted(copy.root.rglob("Chart.yaml")):
        prune(meta.parent)
    found = [part for part in copy.filled_up().parts if part.output.unit.declared is None and part.origins is not None]
    random.Random(seed).shuffle(found)
    is_chart = {part.output.unit.id: isinstance(part.output.unit.source, HelmSource) for part in found}
    charts = [part for part in found if is_chart[part.output.unit.id] and "(" not in part.output.unit.id]
    builds = [part for part in found if not is_chart[part.output.unit.id]]
    home = copy.root / "delivered"
    home.mkdir()
    (copy.root / ".karlint.yaml").write_text(yaml.safe_dump({"render": {"repositories": [HERE]}}))
    git = _object("source.toolkit.fluxcd.io/v1", "GitRepository", "here", "flux-system", {"url": HERE})
    (home / "source.yaml").write_text(yaml.safe_dump(git))
    chosen = [*charts[:most], *builds[:most]]
    for number, part in enumerate(chosen):
        texts = _of_chart if isinstance(part.output.unit.source, HelmSource) else _of_build
        for name, text in texts(copy, part, random.Random(f"{seed}{part.output.unit.id}")).items():
            (home / f"{name}-{number}.yaml").write_text(text.replace("NUMBER", str(number)))
    return len(chosen)


def _object(version: str, kind: str, name: str, namespace: str, spec: dict[str, Any]) -> dict[str, Any]:
    return {"apiVersion": version, "kind": kind, "metadata": {"name": name, "namespace": namespace}, "spec": spec}


def _with_text(body: dict[str, Any], **texts: Any) -> str:
    """Return *body* as YAML, with YAML as literal blocks in the place of the words that name *texts*."""
    text = yaml.safe_dump(body, sort_keys=False)
    for name, value in texts.items():
        found = re.search(rf"^( *)(?:- )?[\w.-]+: {name}$", text, re.MULTILINE)
        assert found is not None
        block = indent(yaml.safe_dump(value, sort_keys=False), " " * (len(found[1]) + 4))
        text = f"{text[: found.end() - len(name)]}|\n{block.rstrip()}{text[found.end() :]}"
    return text


def _of_chart(copy: Copy, part: Part, r: random.Random) -> dict[str, str]:
    source = part.output.unit.source
    assert isinstance(source, HelmSource)
    chart = copy.root / source.chart
    file = chart / "values.yaml"
    documents = parse(file.read_text()) if file.is_file() else []
    known = [(at, value) for at, value in _settable(documents[0] if documents else {})]
    r.shuffle(known)
    must = [(tuple(layer.target.split(".")), layer.values) for layer in needed(chart)]
    path = source.chart or "."
    parameters = [(at, value) for at, value in known if not isinstance(value, dict | list)][:3]
    others = [item for item in known if item not in parameters]
    written, text = others[:8], others[8:16]
    helm = {
        "valuesObject": _tree([*must, *written]),
        "parameters": [{"name": _dotted(at), "value": _shown(value)} for at, value in parameters],
    }
    base = {"project": "ai", "destination": {"namespace": "serving"}}
    one = {**base, "source": {"repoURL": HERE, "path": path, "helm": helm}}
    two = {**base, "source": {"repoURL": HERE, "path": path, "helm": {"values": "TEXT"}}}
    ref = {"repoURL": HERE, "ref": "here"}
    three = {**base, "sources": [{"repoURL": HERE, "path": path, "helm": {"valueFiles": [_FILE]}}, ref]}
    element = {"name": "set-NUMBER", **{f"v{n}": _shown(value) for n, (_, value) in enumerate(parameters)}}
    filled = [{"name": _dotted(at), "value": f"{{{{.v{n}}}}}"} for n, (at, _) in enumerate(parameters)]
    each = {"repoURL": HERE, "path": path, "helm": {"valuesObject": _tree(must), "parameters": filled}}
    argo = "argoproj.io/v1alpha1"
    config = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "values-NUMBER", "namespace": NAMESPACE}}
    data: dict[str, Any] = {f"key{n}": _shown(value) for n, (_, value) in enumerate(parameters)}
    targets = [
        {"kind": "ConfigMap", "name": "values-NUMBER", "valuesKey": f"key{n}", "targetPath": _dotted(at)}
        for n, (at, _) in enumerate(parameters)
    ]
    release = {
        "releaseName": RELEASE,  # the patches name what is rendered under this name
        "chart": {"spec": {"chart": f"./{path}", "sourceRef": _GIT}},
        "valuesFrom": [{"kind": "ConfigMap", "name": "values-NUMBER"}, *targets],
        "values": _tree([*must, *written]),
        "commonMetadata": {"labels": {"example.com/group": "ai"}},
        "postRenderers": [{"kustomize": _added(part)}],
    }
    return {
        "object": _with_text(_object(argo, "Application", "object-NUMBER", "argocd", one)),
        "text": _with_text(_object(argo, "Application", "text-NUMBER", "argocd", two), TEXT=_tree([*must, *text])),
        "sources": yaml.safe_dump(_object(argo, "Application", "sources-NUMBER", "argocd", three)),
        "values": yaml.safe_dump(_tree([*must, *text])),
        "set": yaml.safe_dump(_application_set({**base, "source": each}, element)),
        "config": _with_text({**config, "data": {**data, "values.yaml": "TEXT"}}, TEXT=_tree(text)),
        "release": _with_text(
            _object("helm.toolkit.fluxcd.io/v2", "HelmRelease", "release-NUMBER", NAMESPACE, release), **_PATCHES
        ),
    }


_FILE = "$here/delivered/values-NUMBER.yaml"
_GIT = {"kind": "GitRepository", "name": "here", "namespace": "flux-system"}


def _application_set(spec: dict[str, Any], element: dict[str, Any]) -> dict[str, Any]:
    template = {"metadata": {"name": "{{.name}}"}, "spec": spec}
    body = {"goTemplate": True, "generators": [{"list": {"elements": [element]}}], "template": template}
    return _object("argoproj.io/v1alpha1", "ApplicationSet", element["name"], "argocd", body)


def _of_build(copy: Copy, part: Part, r: random.Random) -> dict[str, str]:
    source = part.output.unit.source
    path = f"{getattr(source, 'directory', '')}" or "."
    added = _added(part)
    images = [f"{image['name']}={image['name']}:{image['newTag']}" for image in added.get("images", ())]
    options = {
        "namePrefix": "prod-",
        "namespace": "gpu",
        "commonLabels": {"team": "ai"},
        "commonAnnotations": {"example.com/owner": "ml"},
        "images": images,
        "replicas": [{"name": name, "count": 4} for name in _named(part)[:1]],
        "patches": added["patches"],
    }
    spec = {
        "project": "ai",
        "destination": {"namespace": "serving"},
        "source": {"repoURL": HERE, "path": path, "kustomize": options},
    }
    flux = {
        "path": f"./{path}",
        "sourceRef": _GIT,
        "targetNamespace": "gpu",
        "commonMetadata": {"labels": {"example.com/group": "ai"}, "annotations": {"example.com/owner": "ml"}},
        **added,
        "postBuild": {"substitute": {"KARLINT_OWNER": "team-ai", "KARLINT_CPUS": "3"}},
    }
    return {
        "set": _with_text(
            _application_set(
                {**spec, "source": {"repoURL": HERE, "path": path, "kustomize": {**options, **_FILLED_IN}}},
                {"name": "set-NUMBER", "space": "gpus", "team": "ai", "owner": "ml", "size": "5"},
            ),
            **_PATCHES,
        ),
        "build": _with_text(_object("argoproj.io/v1alpha1", "Application", "build-NUMBER", "argocd", spec), **_PATCHES),
        "flux": _with_text(
            _object("kustomize.toolkit.fluxcd.io/v1", "Kustomization", "flux-NUMBER", "flux-system", flux),
            **_PATCHES,
        ),
    }


def _named(part: Part) -> list[str]:
    return sorted({one.ref.name for one in part.resources(0) if one.ref.kind == "Deployment"})


def _added(part: Part) -> dict[str, Any]:
    """Return images and patches that fit what a unit renders; the texts of the patches come in later."""
    found = {image for one in part.resources(0) for image in _images(one.body)}
    names = sorted({name for image in found if (name := re.sub(r"(@.*|:[^/]*)$", "", image))})
    images = {"images": [{"name": name, "newTag": "v9"} for name in names[:2]]} if names else {}
    kinds = {"STRATEGIC": "Deployment", "OPERATIONS": "Deployment|DaemonSet"}
    return {**images, "patches": [{"target": {"kind": kind}, "patch": text} for text, kind in kinds.items()]}


_FILLED_IN = {
    "namespace": "{{.space}}",
    "commonLabels": {"team": "team-{{.team}}"},
    "commonAnnotations": {"example.com/owner": "{{.owner}}"},
}
_PATCHES = {
    "OPERATIONS": [
        {"op": "add", "path": "/spec/template/spec/priorityClassName", "value": "serving"},
        {"op": "add", "path": "/spec/template/spec/nodeSelector", "value": {"accelerator": "a100"}},
    ],
    "STRATEGIC": {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {
            "name": "any",
            "annotations": {"example.com/paid-by": "${KARLINT_OWNER}"},
            "labels": {"cpus": "c${KARLINT_CPUS}"},
        },
        "spec": {"template": {"spec": {"tolerations": [{"key": "gpu", "operator": "Exists"}]}}},
    },
}
"""What patches say, by the words that hold their places: neither has a name, since both have a target."""


def _images(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, item in value.items():
            if key == "image" and isinstance(item, str):
                yield item
            else:
                yield from _images(item)
    elif isinstance(value, list):
        for item in value:
            yield from _images(item)


def _settable(value: Any, at: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Yield paths of values that rules look at, with what they are, or with something where there is nothing."""
    if isinstance(value, dict) and value:
        for key, item in value.items():
            yield from _settable(item, (*at, key))
    elif at and any(WATCHED.search(step) for step in at):
        filled = _FILLED.get(at[-1]) if value in ({}, [], None, "") else value
        if filled not in (None, "") and isinstance(filled, type(value) if value is not None else object):
            yield at, filled


def _tree(items: list[tuple[tuple[str, ...], Any]]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for at, value in items:
        above = made
        for step in at[:-1]:
            above = above.setdefault(step, {})
        above[at[-1]] = value
    return made


def _dotted(at: tuple[str, ...]) -> str:
    return ".".join(step.replace(".", "\\.") for step in at)


def _shown(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
