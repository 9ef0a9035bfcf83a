"""Resources made by hand, without the source room."""

from __future__ import annotations

from textwrap import dedent
from typing import TYPE_CHECKING, Any

import orjson
import yaml

from karlint.model.resource import Resource, ResourceRef
from karlint.model.source import Document, SourceFile
from karlint.schema import SchemaSet

if TYPE_CHECKING:
    from collections.abc import Iterable

    from karlint.model.finding import RawFinding


def resource(body: dict[str, Any], path: str = "x.yaml", index: int = 0, *, partial: bool = False) -> Resource:
    group, _, version = body["apiVersion"].rpartition("/")
    metadata = body.get("metadata")
    metadata = metadata if isinstance(metadata, dict) else {}
    ref = ResourceRef(group, version, body["kind"], str(metadata.get("namespace", "")), str(metadata.get("name", "")))
    return Resource(index, ref, Document(SourceFile(path, None, b"", partial=partial), 0, 1, orjson.dumps(body)))


def parse(text: str) -> dict[str, Any]:
    body = yaml.safe_load(dedent(text))
    assert isinstance(body, dict)
    return body


def findings(
    body: dict[str, Any] | str, *versions: str, crds: Iterable[Resource] = (), path: str = "x.yaml"
) -> tuple[RawFinding, ...]:
    """Validate for *versions* (1.36 by default). The kind has to be known."""
    body = parse(body) if isinstance(body, str) else body
    verdict = SchemaSet(versions or ("1.36",), crds).validate(resource(body, path))
    assert verdict.known
    return verdict.findings


def told(found: Iterable[RawFinding]) -> list[tuple[Any, ...]]:
    """Reduce findings to what a person sees of them."""
    return [(finding.at, finding.anchor.value, finding.message, finding.help or "") for finding in found]


def deployment(**container: Any) -> dict[str, Any]:
    """A correct Deployment whose container has these fields too."""
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "llm"},
        "spec": {
            "selector": {"matchLabels": {"app": "llm"}},
            "template": {
                "metadata": {"labels": {"app": "llm"}},
                "spec": {"containers": [{"name": "vllm", "image": "vllm/vllm-openai:v0.11.0", **container}]},
            },
        },
    }


CONTAINER = ("spec", "template", "spec", "containers", 0)


def crd(schema: dict[str, Any] | None, *, path: str = "crds/widget.yaml", index: int = 100, **spec: Any) -> Resource:
    """A definition of example.com Widget that serves v1 and v1beta1, and has v1alpha1 switched off."""
    versions = [
        {"name": name, "served": name != "v1alpha1", "storage": name == "v1", "schema": {"openAPIV3Schema": schema}}
        for name in ("v1", "v1beta1", "v1alpha1")
    ]
    body = {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": "widgets.example.com"},
        "spec": {
            "group": "example.com",
            "names": {"kind": "Widget", "plural": "widgets"},
            "scope": "Namespaced",
            "versions": versions,
            **spec,
        },
    }
    return resource(body, path, index)


def widget(spec: Any, version: str = "v1", **more: Any) -> dict[str, Any]:
    body = {"apiVersion": f"example.com/{version}", "kind": "Widget", "metadata": {"name": "w"}, "spec": spec}
    return {**body, **more}
