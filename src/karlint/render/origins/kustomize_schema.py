"""Which lists a strategic merge patch merges, and by what."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from karlint.render.origins.kustomize_ids import Id

Keys = tuple[str, ...]
Where = tuple[str, ...]

# Merge keys of lists, as kustomize's built-in OpenAPI document (Kubernetes 1.21) has them. () for lists of scalars.
_CONTAINER: Mapping[Where, Keys] = {
    (): ("name",),
    ("env",): ("name",),
    ("ports",): ("containerPort", "protocol"),
    ("volumeDevices",): ("devicePath",),
    ("volumeMounts",): ("mountPath",),
}
_POD: Mapping[Where, Keys] = {
    **{
        (kind, *below): keys
        for kind in ("containers", "initContainers", "ephemeralContainers")
        for below, keys in _CONTAINER.items()
        if (kind, below) != ("ephemeralContainers", ("ports",))
    },
    ("hostAliases",): ("ip",),
    ("imagePullSecrets",): ("name",),
    ("topologySpreadConstraints",): ("topologyKey", "whenUnsatisfiable"),
    ("volumes",): ("name",),
}
_METADATA: Mapping[Where, Keys] = {("finalizers",): (), ("ownerReferences",): ("uid",)}
_POD_SPECS: Mapping[tuple[str, str], Where] = {
    ("", "Pod"): ("spec",),
    ("", "PodTemplate"): ("template", "spec"),
    ("", "ReplicationController"): ("spec", "template", "spec"),
    ("apps", "DaemonSet"): ("spec", "template", "spec"),
    ("apps", "Deployment"): ("spec", "template", "spec"),
    ("apps", "ReplicaSet"): ("spec", "template", "spec"),
    ("apps", "StatefulSet"): ("spec", "template", "spec"),
    ("batch", "Job"): ("spec", "template", "spec"),
    ("batch", "CronJob"): ("spec", "jobTemplate", "spec", "template", "spec"),
}
_OTHERS: Mapping[tuple[str, str], Mapping[Where, Keys]] = {
    ("", "Service"): {("spec", "ports"): ("port", "protocol")},
    ("", "ServiceAccount"): {("secrets",): ("name",)},
    ("admissionregistration.k8s.io", "MutatingWebhookConfiguration"): {("webhooks",): ("name",)},
    ("admissionregistration.k8s.io", "ValidatingWebhookConfiguration"): {("webhooks",): ("name",)},
    ("storage.k8s.io", "CSINode"): {("spec", "drivers"): ("name",)},
}
# Groups whose kinds the document has; what it does not have, custom resources above all, has its lists replaced.
_BUILT_IN = frozenset(
    {"", "apps", "batch", "policy", "autoscaling"}
    | {
        f"{name}.k8s.io"
        for name in (
            "admissionregistration", "apiextensions", "apiregistration", "certificates", "coordination", "discovery",
            "events", "flowcontrol.apiserver", "networking", "node", "rbac.authorization", "scheduling", "storage",
        )
    }
)  # fmt: skip


def merge_keys_of(id_: Id, custom: Mapping[str, Any] | None = None) -> Callable[[Where], Keys | None]:
    """Return what tells the merge keys of the list at a path (without indexes) of a resource; None: it is replaced.

    *custom* holds the definitions of the OpenAPI document that a kustomization names in ``openapi``.
    """
    definition = _definition(id_, custom or {})
    if definition is not None:
        return lambda where: _custom_keys(definition, where, custom or {})
    kind = (id_.group, id_.kind)
    pod = _POD_SPECS.get(kind)
    others = _OTHERS.get(kind, {})

    def keys(where: Where) -> Keys | None:
        if pod is not None and where[: len(pod)] == pod:
            return _POD.get(where[len(pod) :])
        if id_.group in _BUILT_IN and len(where) > 1 and where[-2] == "metadata":
            return _METADATA.get(where[-1:])
        return others.get(where)

    return keys


def _definition(id_: Id, definitions: Mapping[str, Any]) -> Mapping[str, Any] | None:
    wanted = {"group": id_.group, "version": id_.version, "kind": id_.kind}
    for definition in definitions.values():
        kinds = definition.get("x-kubernetes-group-version-kind") if isinstance(definition, dict) else None
        for kind in kinds if isinstance(kinds, list) else ():
            if isinstance(kind, dict) and {key: kind.get(key, "") for key in wanted} == wanted:
                found: Mapping[str, Any] = definition
                return found
    return None


def _custom_keys(schema: Any, where: Where, definitions: Mapping[str, Any]) -> Keys | None:
    for step in where:
        schema = _resolved(schema, definitions)
        if "items" in schema:
            schema = _resolved(schema["items"], definitions)
        properties, more = schema.get("properties"), schema.get("additionalProperties")
        schema = properties[step] if isinstance(properties, dict) and step in properties else more
    schema = _resolved(schema, definitions)
    if not isinstance(schema.get("x-kubernetes-patch-strategy"), str):
        return None
    several, one = schema.get("x-kubernetes-list-map-keys"), schema.get("x-kubernetes-patch-merge-key")
    if isinstance(several, list):
        return tuple(str(key) for key in several)
    return (one,) if isinstance(one, str) else ()


def _resolved(schema: Any, definitions: Mapping[str, Any]) -> Mapping[str, Any]:
    """Follow references, but not in a circle."""
    for _ in range(8):
        reference = schema.get("$ref") if isinstance(schema, dict) else None
        if not isinstance(reference, str):
            break
        schema = definitions.get(reference.rpartition("/")[2])
    return schema if isinstance(schema, dict) else {}
