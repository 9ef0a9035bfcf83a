"""Gatekeeper's ConstraintTemplates and constraints (https://open-policy-agent.github.io/gatekeeper/website/docs/).

A template's Rego answers with ``violation`` for ``input.review`` and ``input.parameters``; a constraint says for which
objects. What is reviewed here is a manifest, as if it were just created.
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from karlint.errors import PolicyError
from karlint.model.rule import Severity
from karlint.policy.conftest import rule_id
from karlint.policy.model import Constraint, ModuleSet, UserRule, metadata
from karlint.policy.modules import input_paths, read_module

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path as FilePath

    from karlint.model.resource import Resource

TEMPLATES, CONSTRAINTS = "templates.gatekeeper.sh", "constraints.gatekeeper.sh"
_SEVERITIES = {"deny": Severity.ERROR, "warn": Severity.WARNING, "dryrun": Severity.NOTE}
_CLUSTER_SCOPED = {"Namespace", "ClusterRole", "ClusterRoleBinding", "PersistentVolume", "CustomResourceDefinition"}


def gatekeeper_rules(documents: Iterable[tuple[Any, FilePath]], remarks: list[str]) -> Iterator[UserRule]:
    """Yield a rule for each constraint among *documents*; what is left out and why goes to *remarks*.

    Raises PolicyError for a template that is wrong.
    """
    templates: dict[str, tuple[ModuleSet, tuple[tuple[str | int | None, ...], ...], str, str]] = {}
    constraints: list[tuple[Mapping[str, Any], FilePath]] = []
    for document, file in documents:
        group = str(document.get("apiVersion", "")).partition("/")[0] if isinstance(document, dict) else ""
        if group == TEMPLATES:
            _read_template(document, file, templates, remarks)
        elif group == CONSTRAINTS:
            constraints.append((document, file))
    used = set()
    for document, file in constraints:
        kind, name = str(document.get("kind")), str(_at(document, "metadata", "name"))
        if kind not in templates:
            remarks.append(f"{file}: the constraint {kind} {name} has no template that karlint can run.")
            continue
        used.add(kind)
        yield _rule(document, kind, name, file, templates[kind])
    remarks += [
        f"The template {kind} has no constraint, so it says nothing." for kind in sorted(templates.keys() - used)
    ]


def _read_template(document: Mapping[str, Any], file: FilePath, templates: dict[str, Any], remarks: list[str]) -> None:
    kind = _at(document, "spec", "crd", "spec", "names", "kind")
    targets = _at(document, "spec", "targets")
    target = targets[0] if isinstance(targets, list) and targets and isinstance(targets[0], dict) else {}
    if not isinstance(kind, str):
        raise PolicyError(f"{file}: the ConstraintTemplate names no kind (spec.crd.spec.names.kind)")
    source = _rego_source(target)
    if source is None:
        remarks.append(f"{file}: the template {kind} has no Rego (CEL is for the API server to run), so it is skipped.")
        return
    text, libs, v0 = source
    main = read_module(f"{file} ({kind})", text, v0)
    others = [read_module(f"{file} ({kind}, lib {number})", lib, v0) for number, lib in enumerate(libs)]
    modules = (main, *others)
    wants = any("data.inventory" in module.text for module in modules)
    templates[kind] = (
        ModuleSet(modules, wants_inventory=wants),
        input_paths(text),
        main.package,
        str(_at(document, "metadata", "annotations", "description") or ""),
    )


def _rego_source(target: Mapping[str, Any]) -> tuple[str, list[str], bool] | None:
    for entry in target.get("code") or ():
        if isinstance(entry, dict) and entry.get("engine") == "Rego" and isinstance(entry.get("source"), dict):
            source = entry["source"]
            return str(source.get("rego", "")), _texts(source.get("libs")), source.get("version") != "v1"
    if isinstance(target.get("rego"), str):
        return target["rego"], _texts(target.get("libs")), True
    return None


def _texts(value: Any) -> list[str]:
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


def _rule(document: Mapping[str, Any], kind: str, name: str, file: FilePath, template: Any) -> UserRule:
    modules, mentions, package, description = template
    action = str(_at(document, "spec", "enforcementAction") or "deny")
    severity = _SEVERITIES.get(action, Severity.ERROR)
    match = _at(document, "spec", "match")
    return UserRule(
        rule=metadata(
            rule_id("gatekeeper", f"{kind}-{name}"),
            f"{kind} {name}",
            description or f"The constraint {name} of the template {kind}.",
            severity,
            file,
        ),
        package=package,
        document="violation",
        modules=modules,
        mentions=tuple(_in_object(path) for path in mentions),
        constraint=Constraint(
            name, match if isinstance(match, dict) else {}, _at(document, "spec", "parameters") or {}
        ),
    )


def _in_object(path: tuple[str | int | None, ...]) -> tuple[str | int | None, ...]:
    """Return a path of the input as one of the object that is reviewed; () for any other."""
    return path[2:] if path[:2] == ("review", "object") else ()


def review(resource: Resource) -> dict[str, Any]:
    """Return ``input.review`` for the creation of *resource*."""
    ref = resource.ref
    return {
        "kind": {"group": ref.group, "version": ref.version, "kind": ref.kind},
        "name": ref.name,
        "namespace": ref.namespace,
        "operation": "CREATE",
        "object": resource.body,
        "oldObject": None,
    }


def inventory(resources: Sequence[Resource]) -> dict[str, Any]:
    """Return ``data.inventory``: what Gatekeeper would have synced, by namespace or cluster, version and kind."""
    found: dict[str, Any] = {"cluster": {}, "namespace": {}}
    for resource in resources:
        ref = resource.ref
        top = found["namespace"].setdefault(ref.namespace, {}) if ref.namespace else found["cluster"]
        top.setdefault(ref.api_version, {}).setdefault(ref.kind, {})[ref.name] = resource.body
    return found


def matches(constraint: Constraint, resource: Resource, namespaces: Callable[[str], Mapping[str, Any] | None]) -> bool:
    """Tell whether *constraint* is about *resource*; *namespaces* gives the labels of a namespace, None for unknown.

    A selector of namespaces that are not in the tree matches nothing: what is unknown is not claimed.
    """
    match, ref = constraint.match, resource.ref
    metadata_ = resource.body.get("metadata")
    labels = metadata_.get("labels") if isinstance(metadata_, dict) else None
    cluster = not ref.namespace and ref.kind in _CLUSTER_SCOPED
    own = ref.name if ref.kind == "Namespace" and not ref.group else ref.namespace
    return (
        _kinds(match.get("kinds"), ref.group, ref.kind)
        and _scope(match.get("scope"), cluster)
        and (not own or _any(match.get("namespaces"), own, empty=True))
        and not (own and _any(match.get("excludedNamespaces"), own, empty=False))
        and (not match.get("name") or fnmatchcase(ref.name, str(match["name"])))
        and selects(match.get("labelSelector"), labels if isinstance(labels, dict) else {})
        and _namespace_selector(match.get("namespaceSelector"), own, labels, ref.kind, namespaces)
    )


def _kinds(wanted: Any, group: str, kind: str) -> bool:
    entries = [entry for entry in wanted if isinstance(entry, dict)] if isinstance(wanted, list) else []
    return not entries or any(
        _one(entry.get("apiGroups"), group) and _one(entry.get("kinds"), kind) for entry in entries
    )


def _one(wanted: Any, value: str) -> bool:
    return not wanted or (isinstance(wanted, list) and ("*" in wanted or value in wanted))


def _scope(wanted: Any, cluster: bool) -> bool:
    return wanted in (None, "", "*") or (wanted == "Cluster") == cluster


def _any(patterns: Any, name: str, *, empty: bool) -> bool:
    if not isinstance(patterns, list) or not patterns:
        return empty
    return any(fnmatchcase(name, str(pattern)) for pattern in patterns)


def _namespace_selector(
    selector: Any, own: str, labels: Any, kind: str, namespaces: Callable[[str], Mapping[str, Any] | None]
) -> bool:
    if not selector or not own:
        return True
    if kind == "Namespace":
        return selects(selector, labels if isinstance(labels, dict) else {})
    found = namespaces(own)
    return found is not None and selects(selector, found)


def selects(selector: Any, labels: Mapping[str, Any]) -> bool:
    """Tell whether a label selector of Kubernetes selects *labels*; an empty one selects all."""
    if not isinstance(selector, dict):
        return True
    exact = selector.get("matchLabels")
    expressions = selector.get("matchExpressions")
    return all(labels.get(key) == value for key, value in (exact if isinstance(exact, dict) else {}).items()) and all(
        _expression(item, labels) for item in (expressions if isinstance(expressions, list) else [])
    )


def _expression(item: Any, labels: Mapping[str, Any]) -> bool:
    key, operator, values = item.get("key"), item.get("operator"), item.get("values") or []
    if operator == "In":
        return bool(key in labels and labels[key] in values)
    if operator == "NotIn":
        return bool(key not in labels or labels[key] not in values)
    return bool((key in labels) == (operator == "Exists"))


def _at(value: Any, *steps: str) -> Any:
    for step in steps:
        value = value.get(step) if isinstance(value, dict) else None
    return value
