"""The transformers that kustomize builds in, over values that know where they were written."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from karlint.render.origins.kustomize_fields import METADATA_LABELS, Fields, FieldSpec, visit
from karlint.render.origins.kustomize_ids import compile_pattern
from karlint.render.origins.kustomize_tree import Node

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from karlint.render.origins.kustomize_ids import Resource

_NOT_RENAMED = frozenset({("", "Namespace"), ("apiregistration.k8s.io", "APIService")})
_IMAGE_REST = r"(:[a-zA-Z0-9_.{}-]*)?(@sha256:[a-zA-Z0-9_.{}-]*)?$"
_BINDINGS = ("RoleBinding", "ClusterRoleBinding")

_SETS = "This entry of the kustomization sets it."
_BASE = "This is what the kustomization changes."


class Subjects(StrEnum):
    """Which subjects of role bindings get the namespace."""

    DEFAULT = "defaultOnly"
    ACCOUNTS = "allServiceAccounts"
    NONE = "none"

    @classmethod
    def of(cls, text: str) -> Subjects:
        """Read it from a NamespaceTransformer."""
        known = {each.value: each for each in cls}
        return known.get(text or cls.DEFAULT.value, cls.NONE)

    def means(self, subject: Node) -> bool:
        """Tell whether *subject* gets it."""
        if self is Subjects.ACCOUNTS:
            return subject.text("kind") == "ServiceAccount"
        return self is Subjects.DEFAULT and subject.text("name") == "default"


def set_namespace(
    resources: Iterable[Resource],
    namespace: Node,
    fields: Fields,
    subjects: Subjects = Subjects.DEFAULT,
    unset_only: bool = False,
) -> None:
    """Do what ``namespace`` says."""
    value, mark = namespace.scalar, namespace.mark
    if not isinstance(value, str) or not value:
        return

    def write(node: Node) -> None:
        if not unset_only or not node.text():
            node.write(value, mark)

    for resource in resources:
        if resource.placed:
            continue
        resource.remember()
        id_ = resource.id
        if not id_.cluster_scoped:
            visit(resource.root, id_, FieldSpec("metadata/namespace", create=True), write, Node(None, mark))
        if id_.kind in _BINDINGS:
            for subject in resource.root.each("subjects"):
                if subject.is_map and subjects.means(subject):
                    write(subject.map.setdefault("namespace", Node(None, mark)))
        for spec in fields.namespace:
            core = resource.root.text("apiVersion") == "v1"
            if spec.path != "metadata/namespace" and (spec.path != "metadata/name" or core):
                visit(resource.root, id_, spec, write, Node(None, mark))


def rename(resources: Iterable[Resource], affix: Node, fields: Fields, before: bool) -> None:
    """Do what ``namePrefix`` (*before*) or ``nameSuffix`` says. The base's name stays the place to edit."""
    text = affix.text()
    if not text:
        return

    def write(node: Node) -> None:
        name = node.text()
        why = f"The kustomization puts this {'before' if before else 'behind'} the name."
        node.write(text + name if before else name + text, node.mark.also(affix.mark.spot(why)))

    for resource in resources:
        original = resource.original
        if original.kind == "CustomResourceDefinition" or (original.group, original.kind) in _NOT_RENAMED:
            continue
        for spec in fields.prefix if before else fields.suffix:
            if spec.path == "metadata/name":
                resource.remember()
            visit(resource.root, resource.id, spec, write)


def set_labels(resources: Iterable[Resource], kustomization: Node, fields: Fields) -> None:
    """Do what ``labels`` and ``commonLabels`` say."""
    for entry in kustomization.each("labels"):
        specs = [*(FieldSpec.of(node) for node in entry.each("fields")), *fields.labels]
        if entry.true("includeSelectors"):
            specs += fields.common_labels
        else:
            specs += fields.template_labels if entry.true("includeTemplates") else ()
            specs.append(METADATA_LABELS)
        if (pairs := entry.get("pairs")) is not None:
            set_pairs(resources, pairs, specs)
    if (common := kustomization.get("commonLabels")) is not None:
        set_pairs(resources, common, fields.common_labels)


def set_annotations(resources: Iterable[Resource], kustomization: Node, fields: Fields) -> None:
    """Do what ``commonAnnotations`` says."""
    if (pairs := kustomization.get("commonAnnotations")) is not None:
        set_pairs(resources, pairs, fields.annotations)


def set_pairs(resources: Iterable[Resource], pairs: Node, specs: Iterable[FieldSpec]) -> None:
    """Set labels or annotations in the fields of *specs*."""

    for resource in resources:
        # What kustomize creates in several fields is one node, which a later patch of one field changes in all.
        values = {key: value.copy() for key, value in pairs.map.items()}

        def write(node: Node, values: dict[str, Node] = values) -> None:
            if node.is_map:
                for key, value in values.items():
                    if node.map.setdefault(key, value) is not value:
                        node.map[key].become(value.copy())

        for spec in specs:
            visit(resource.root, resource.id, spec, write, Node({}, pairs.mark))


def refer_to_accounts(resources: Iterable[Resource]) -> None:
    """Give subjects without a namespace that of the service account they name: references bring it along."""
    everything = list(resources)
    accounts = {
        id_.name: space
        for each in everything
        if each.id.kind == "ServiceAccount" and (space := each.root.get("metadata", "namespace")) is not None
        for id_ in each.ids
    }
    for resource in everything:
        if resource.id.kind in _BINDINGS:
            for subject in resource.root.each("subjects"):
                space = accounts.get(subject.text("name"))
                if space is not None and subject.text("kind") == "ServiceAccount" and "namespace" not in subject.map:
                    subject.map["namespace"] = space.copy()


def set_replicas(resources: Iterable[Resource], entry: Node, fields: Fields) -> None:
    """Do what one entry of ``replicas`` says."""
    name, count = entry.text("name"), entry.get("count")
    if count is None:
        return
    for spec in fields.replicas:
        for resource in resources:
            if name in resource.names and any(id_.name == name and spec.means(id_) for id_ in resource.ids):
                visit(resource.root, resource.id, spec, lambda node: node.become(count.copy()), count)


def set_images(resources: Iterable[Resource], entry: Node, fields: Fields) -> None:
    """Do what one entry of ``images`` says."""
    pattern = compile_pattern(f"^{entry.text('name')}{_IMAGE_REST}")
    if pattern is None:
        return

    def write(node: Node) -> None:
        if isinstance(node.scalar, str) and pattern.match(node.scalar):
            _set_image(node, entry)

    for resource in resources:
        if resource.id.kind == "CustomResourceDefinition":
            continue
        _visit_containers(resource.root, write)
        # kustomize does some fields twice, which shows in a tagSuffix.
        for spec in fields.images:
            visit(resource.root, resource.id, spec, write)


def _visit_containers(node: Node, write: Callable[[Node], None]) -> None:
    """Visit the images of every ``containers`` and ``initContainers``, wherever they are, as kustomize does it."""
    if node.is_list:
        for item in node.items:
            _visit_containers(item, write)
        return
    for key, child in node.map.items():
        _visit_containers(child, write)
        if key in ("containers", "initContainers") and child.is_list:
            for item in child.items:
                if (image := item.get("image")) is not None:
                    write(image)


def _set_image(node: Node, entry: Node) -> None:
    """Change an image. The place to edit is what the entry says last of it: the digest, the tag, then the name."""
    name, tag, digest = split_image(str(node.scalar))
    said = [entry.get(key) for key in ("digest", "newTag", "newName", "tagSuffix")]
    new_digest, new_tag, new_name, suffix = (entry.text(key) for key in ("digest", "newTag", "newName", "tagSuffix"))
    name = new_name or name
    if new_tag or new_digest:
        tag, digest = new_tag, new_digest
    elif suffix:
        tag, digest = tag + suffix, ""
    value = name + (f":{tag}" if tag else "") + (f"@{digest}" if digest else "")
    places = [place for place in said if place is not None and place.text()]
    if not places:
        return
    mark = places[0].mark
    if node.mark.file == mark.file and node.mark.at == mark.at:
        node.write(value, node.mark)
        return
    others = [place.mark.spot(_SETS) for place in places[1:]]
    node.write(value, mark.also(*others, node.mark.spot(_BASE), *node.mark.via))


def split_image(image: str) -> tuple[str, str, str]:
    """Return name, tag and digest of an image, each "" where it is left out."""
    slash = max(image.find("/"), 0)
    at, colon = image.find("@", slash), image.find(":", slash)
    if at >= 0 and (colon < 0 or at < colon):
        return image[:at], "", image[at + 1 :]
    if colon < 0:
        return image, "", ""
    return (
        (image[:colon], image[colon + 1 : at], image[at + 1 :]) if at >= 0 else (image[:colon], image[colon + 1 :], "")
    )
