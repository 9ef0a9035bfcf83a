"""What is rendered together: a chart with its values, a kustomization, an Application, a Flux object."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Mapping

    from karlint.model.path import Path


class Place(Struct, frozen=True):
    """A value in a file of the tree, by its path rather than by a line: spans are worked out when asked for.

    Attributes:
        file: repository-relative POSIX path.
        ordinal: document of the file, from 0.
        at: path in that document.
    """

    file: str
    ordinal: int = 0
    at: Path = ()


class ValuesLayer(Struct, frozen=True):
    """One source of Helm values. Of several layers the later wins; the chart's own values.yaml is none of them.

    Attributes:
        kind: "file" (a values file), "inline" (a mapping in an Application or HelmRelease), "text" (a string there that
            holds YAML), "set" (one parameter, ``--set``), "set-string" or "set-json".
        place: the mapping, string or parameter value; for a file its root.
        values: what it says, as a mapping; for a parameter its value.
        target: for a parameter its dotted ``--set`` path; "" otherwise.
        unknown: True where the values are not in the tree (a Secret, say), so that what they set is unknown.
        named: for a file the entry of the configuration that names it; None where something else does.
    """

    kind: str
    place: Place
    values: Any = None
    target: str = ""
    unknown: bool = False
    named: Place | None = None


class Edit(Struct, frozen=True):
    """What an Application or Flux object adds to a kustomization: one field of it, and where that is written.

    Attributes:
        field: field of a kustomization: images, patches, namePrefix, nameSuffix, namespace, labels, commonAnnotations,
            components, replicas.
        value: the field's value, in the form that kustomize takes.
        place: where the Application or Flux object says so.
    """

    field: str
    value: Any
    place: Place


class HelmSource(Struct, frozen=True):
    """A chart and how it is rendered.

    Attributes:
        chart: repository-relative directory of the chart.
        layers: values beside the chart's own, the later wins.
        own_values: False where the chart's values.yaml does not count, as if it were not there.
        kube_version: as ``--kube-version`` takes it; "" for the target's.
        api_versions: beside Helm's own.
        post: Flux post-renderers, in order: what a kustomization over the output adds.
        stands_in: True where the chart is named as one of a chart repository, and the directory holds a copy of it, as
            far as name and version tell: what is edited there need not reach what is deployed.
    """

    chart: str
    release: str
    namespace: str
    layers: tuple[ValuesLayer, ...] = ()
    kube_version: str = ""
    api_versions: tuple[str, ...] = ()
    include_crds: bool = True
    skip_hooks: bool = False
    skip_tests: bool = True
    skip_schema_validation: bool = False
    own_values: bool = True
    post: tuple[Edit, ...] = ()
    stands_in: bool = False


class KustomizeSource(Struct, frozen=True):
    """A kustomization and what is added to it.

    Attributes:
        directory: repository-relative directory of the kustomization ("" for the root).
        edits: what an Application or Flux Kustomization adds, in the order that it is applied.
        any_path: True to let it read files outside of its directory, as Flux does (LoadRestrictionsNone).
        generated: True where the directory holds no kustomization and Flux makes one of all manifests below it.
    """

    directory: str
    edits: tuple[Edit, ...] = ()
    any_path: bool = False
    generated: bool = False


class DirectorySource(Struct, frozen=True):
    """Plain manifests, as Argo CD takes them from a directory: *files* as written, nothing rendered."""

    directory: str
    files: tuple[str, ...] = ()


class Variable(Struct, frozen=True):
    """A variable of Flux' post-build substitution. *value* None: it comes from where we cannot look."""

    value: str | None
    place: Place


class Unit(Struct, frozen=True):
    """What is rendered together, and deployed to one place: an environment of its own.

    Attributes:
        id: its name, unique in a run: ``clusters/prod``, ``Application argocd/llm``,
            ``charts/llm (ci/gpu-values.yaml)``.
        source: what is rendered.
        cluster: what tells the cluster it lands in from others; units with the same one provide for each other; "" for
            unknown.
        declared: the Application, HelmRelease or Flux Kustomization behind it; None for what was found by its files.
        namespace: the namespace that resources without one get when applied; "" for unknown.
        variables: Flux' post-build variables by name; None where nothing is substituted.
        parent: id of the unit that rendered *declared*; "" for what stands in the tree as it is.
        written: files of the tree that have a say in it through objects that something rendered.
    """

    id: str
    source: HelmSource | KustomizeSource | DirectorySource
    cluster: str = ""
    declared: Place | None = None
    namespace: str = ""
    variables: Mapping[str, Variable] | None = None
    parent: str = ""
    written: frozenset[str] = frozenset()

    @property
    def said_at(self) -> list[Place]:
        """What has a say in it beside its inputs: what declares it, values and variables in other objects."""
        places = [self.declared] if self.declared is not None else []
        if isinstance(self.source, HelmSource):
            places += [layer.place for layer in self.source.layers]
        return places + [variable.place for variable in (self.variables or {}).values()]

    @property
    def said_in(self) -> frozenset[str]:
        """The files of that. They are not made into something else by it, so that they are linted as they stand."""
        return frozenset(place.file for place in self.said_at if place.file) | self.written


class NotRendered(Struct, frozen=True):
    """Something that is deployed and that could not be looked at.

    Attributes:
        what: as people call it: ``Application argocd/llm``, ``charts/llm``.
        reason: a short phrase that counts are grouped by: "chart from a remote repository".
        help: what to do to have it linted.
        place: where it is written.
        words: what the renderer said, where it was run.
    """

    what: str
    reason: str
    help: str
    place: Place
    words: str = ""


class Expansion(Struct, frozen=True):
    """What one Application, ApplicationSet, HelmRelease or Flux Kustomization stands for."""

    units: tuple[Unit, ...] = ()
    not_rendered: tuple[NotRendered, ...] = ()
