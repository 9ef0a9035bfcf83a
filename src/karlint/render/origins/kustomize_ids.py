"""Who a resource of a kustomize build is, has been, and which selectors mean it."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from msgspec import Struct, field

if TYPE_CHECKING:
    from collections.abc import Iterable

    from karlint.render.origins.kustomize_tree import Node

# Kinds that kustomize's built-in OpenAPI document (Kubernetes 1.21) knows to have no namespace. It takes every other
# kind, custom ones included, to be namespaced: kyaml/openapi/openapi.go.
_CLUSTER_SCOPED = frozenset(
    {
        ("admissionregistration.k8s.io", "MutatingWebhookConfiguration"),
        ("admissionregistration.k8s.io", "ValidatingWebhookConfiguration"),
        ("admissionregistration.k8s.io", "ValidatingAdmissionPolicy"),
        ("admissionregistration.k8s.io", "ValidatingAdmissionPolicyBinding"),
        ("apiextensions.k8s.io", "CustomResourceDefinition"),
        ("apiregistration.k8s.io", "APIService"),
        ("certificates.k8s.io", "CertificateSigningRequest"),
        ("flowcontrol.apiserver.k8s.io", "FlowSchema"),
        ("flowcontrol.apiserver.k8s.io", "PriorityLevelConfiguration"),
        ("networking.k8s.io", "IngressClass"),
        ("node.k8s.io", "RuntimeClass"),
        ("policy", "PodSecurityPolicy"),
        ("rbac.authorization.k8s.io", "ClusterRole"),
        ("rbac.authorization.k8s.io", "ClusterRoleBinding"),
        ("scheduling.k8s.io", "PriorityClass"),
        ("storage.k8s.io", "CSIDriver"),
        ("storage.k8s.io", "CSINode"),
        ("storage.k8s.io", "StorageClass"),
        ("storage.k8s.io", "VolumeAttachment"),
        ("", "ComponentStatus"),
        ("", "Namespace"),
        ("", "Node"),
        ("", "PersistentVolume"),
    }
)
_LONGEST_PATTERN = 500
_MAY_RUN_LONG = re.compile(r"[+*}]\)?[+*{]|\([^)]*[+*|][^)]*\)[+*{]")  # a repetition of what repeats, or of choices
_REQUIREMENT = re.compile(r"^\s*([\w./-]+)\s+(in|notin)\s*\(([^)]*)\)\s*$")


class Id(Struct, frozen=True):
    """Identity of a resource at some point of the build. *namespace* is "" where none is written."""

    group: str
    version: str
    kind: str
    name: str
    namespace: str

    @property
    def cluster_scoped(self) -> bool:
        """Whether kustomize takes the kind to have no namespace."""
        return (self.group, self.kind) in _CLUSTER_SCOPED

    @property
    def where(self) -> str:
        """The namespace as kustomize compares it."""
        return "" if self.cluster_scoped else self.namespace or "default"

    def equals(self, other: Id) -> bool:
        """Compare as kustomize does: no namespace is the namespace ``default``."""
        return (self.group, self.version, self.kind, self.name, self.where) == (
            other.group,
            other.version,
            other.kind,
            other.name,
            other.where,
        )


class Resource(Struct, eq=False):
    """A resource on its way through the build.

    Attributes:
        root: its value.
        former: who it was before names and namespaces were changed, first to last.
        hashed: True when its name gets a hash of its content at the end.
        behavior: of a generated one: create, merge or replace.
        placed: True for what a chart rendered: ``namespace`` does not touch it.
    """

    root: Node
    former: list[Id] = field(default_factory=list)
    hashed: bool = False
    behavior: str = ""
    placed: bool = False

    @property
    def id(self) -> Id:
        """Who it is now."""
        group, _, version = self.root.text("apiVersion").rpartition("/")
        metadata = ("metadata",)
        return Id(
            group, version, self.root.text("kind"), self.root.text(*metadata, "name"),
            self.root.text(*metadata, "namespace"),
        )  # fmt: skip

    @property
    def original(self) -> Id:
        """Who it was when it was read."""
        return self.former[0] if self.former else self.id

    @property
    def ids(self) -> list[Id]:
        """Who it was at any time."""
        return [*self.former, self.id]

    @property
    def names(self) -> list[str]:
        """What it was called at any time."""
        return [*(id_.name for id_ in self.former), self.root.text("metadata", "name")]

    def remember(self) -> None:
        """Keep who it is now, before that is changed."""
        self.former.append(self.id)


def by_id(resources: Iterable[Resource], wanted: Id) -> Resource | None:
    """Return the one resource that is or was *wanted*."""
    named = (each for each in resources if wanted.name in each.names)
    found = [each for each in named if any(each_id.equals(wanted) for each_id in each.ids)]
    return found[0] if len(found) == 1 else None


def select(resources: Iterable[Resource], target: Node) -> list[Resource]:
    """Return the resources that the ``target`` of a patch means: regular expressions, and selectors of labels."""
    return [each for each in resources if _is_target(each, target)]


def _is_target(resource: Resource, target: Node) -> bool:
    now, then = resource.id, resource.original
    return (
        any(_matches(target.text("namespace"), each.where) for each in (then, now))
        and any(_matches(target.text("name"), each.name) for each in (then, now))
        and matches_kind(target, now)
        and labelled(resource, target)
    )


def labelled(resource: Resource, target: Node) -> bool:
    """Tell whether the label and annotation selectors of *target* mean *resource*."""
    return all(
        selects(target.text(selector), _strings(resource.root.get("metadata", field)))
        for selector, field in (("labelSelector", "labels"), ("annotationSelector", "annotations"))
    )


def matches_kind(target: Node, id_: Id) -> bool:
    """Tell whether group, version and kind of *target* match *id_*."""
    return (
        _matches(target.text("group"), id_.group)
        and _matches(target.text("version"), id_.version)
        and _matches(target.text("kind"), id_.kind)
    )


def matches_name(target: Node, id_: Id) -> bool:
    """Tell whether name and namespace of *target* match *id_*."""
    return _matches(target.text("name"), id_.name) and _matches(target.text("namespace"), id_.namespace)


def _matches(pattern: str, value: str) -> bool:
    if not pattern:
        return True
    compiled = compile_pattern(f"^(?:{pattern})$")
    return compiled is not None and compiled.match(value) is not None


@lru_cache(maxsize=1024)
def compile_pattern(pattern: str) -> re.Pattern[str] | None:
    """Return *pattern* compiled; None where it is no regular expression.

    Patterns of a pull request run here, so one that could run for long is taken to be unknown.
    """
    if len(pattern) > _LONGEST_PATTERN or _MAY_RUN_LONG.search(pattern):
        return None
    try:
        return re.compile(pattern)
    except re.error:
        return None


def _strings(node: Node | None) -> dict[str, Any]:
    return {key: child.scalar for key, child in node.map.items()} if node is not None else {}


def selects(selector: str, labels: dict[str, Any]) -> bool:
    """Tell whether a label selector in its short form (``a=b,c!=d,e in (f,g),!h``) means *labels*."""
    return all(_requirement(part.strip(), labels) for part in re.split(r",(?![^(]*\))", selector) if part.strip())


def _requirement(text: str, labels: dict[str, Any]) -> bool:
    if match := _REQUIREMENT.match(text):
        values = {value.strip() for value in match[3].split(",")}
        known = labels.get(match[1])
        return known in values if match[2] == "in" else known not in values
    if "!=" in text:
        key, _, value = text.partition("!=")
        return labels.get(key.strip()) != value.strip()
    if "=" in text:
        key, _, value = text.partition("=")
        return labels.get(key.strip()) == value.lstrip("=").strip()
    return text[1:].strip() not in labels if text.startswith("!") else text in labels
