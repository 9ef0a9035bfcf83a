"""What a configuration file says, as values. Field names are its keys; the published schema describes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from msgspec import Struct, field

from karlint.model.rule import Severity

if TYPE_CHECKING:
    from collections.abc import Mapping

    from karlint.config.load import Origin

RuleSeverity = Severity | Literal["off"] | None
"""None: the rule's own severity. "off": the rule does not run."""


RENDER_SECONDS = 60
"""What a renderer may take where the configuration does not say."""


class RuleConfig(Struct, frozen=True):
    """Settings of one rule.

    Attributes:
        params: the parameters that are set; the others keep their defaults.
        exclude: gitignore patterns, relative to the root, of paths where the rule does not apply.
    """

    severity: RuleSeverity = None
    params: Mapping[str, Any] = field(default_factory=dict)
    exclude: tuple[str, ...] = ()


class Accelerator(Struct, frozen=True):
    """An extended resource that is an accelerator.

    Attributes:
        name: the resource, e.g. ``example.com/npu``.
        vendor: key of its vendor.
        product_label: node label that only nodes with it carry; "" for none.
        device_class: DeviceClass that hands it out through DRA; "" for none.
        product_attribute: CEL expression that has for a device what *product_label* has for its node; "" for none.
    """

    name: str
    vendor: str
    product_label: str = ""
    device_class: str = ""
    product_attribute: str = ""


class Ignored(Struct, frozen=True):
    """Findings that are ignored where nobody can write a comment: in third-party charts, in what is rendered.

    Attributes:
        rule: rule id, or ``category/*``.
        reason: why.
        resource: glob over ``Kind namespace/name``; "" for any.
        environment: glob over names of environments; "" for any.
        path: glob over the file of the finding, relative to the root; "" for any.
        expires: the last day on which it holds, as ``2027-01-31``; "" for ever.
    """

    rule: str
    reason: str
    resource: str = ""
    environment: str = ""
    path: str = ""
    expires: str = ""


class ChartSet(Struct, frozen=True):
    """A way to render a chart. Paths are relative to the root.

    Attributes:
        set: dotted path of a value to the value, over the files.
    """

    chart: str
    name: str
    values: tuple[str, ...] = ()
    set: Mapping[str, Any] = field(default_factory=dict)
    release: str = ""
    namespace: str = ""
    kube_version: str = ""
    api_versions: tuple[str, ...] = ()
    crds: bool = True
    hooks: bool = True
    tests: bool = False


class RenderConfig(Struct, frozen=True):
    """How charts and kustomizations are rendered.

    Attributes:
        enabled: False to lint files as they stand.
        charts: sets of values; a chart with any is rendered with these alone.
        repositories: further addresses of this repository, as Applications may name it.
        timeout_seconds: for one renderer.
    """

    enabled: bool = True
    charts: tuple[ChartSet, ...] = ()
    repositories: tuple[str, ...] = ()
    timeout_seconds: int = RENDER_SECONDS


class Config(Struct, frozen=True):
    """A configuration file, or the defaults where there is none.

    Attributes:
        kubernetes_versions: target minors, e.g. ``("1.35",)``; empty for the default.
        fail_on: findings at or above this severity make the run fail; None for never.
        exclude: gitignore patterns, relative to the root.
        rules: by rule id.
        profiles: opt-in profiles.
        assume: group/kind to the names that the cluster provides, or "*" for any.
        accelerators: beside the ones that karlint knows.
        schema_locations: directories, relative to the root, or templates, that hold schemas of custom resources.
        limits: names of limits to their values; those left out keep their defaults.
        baseline: file of known findings, relative to the root; "" for none.
        ignore: findings that do not count, with reasons.
        render: how charts and kustomizations are rendered.
        origin: the file, for messages; None for the defaults.
    """

    kubernetes_versions: tuple[str, ...] = ()
    fail_on: Severity | None = Severity.ERROR
    exclude: tuple[str, ...] = ()
    rules: Mapping[str, RuleConfig] = field(default_factory=dict)
    profiles: tuple[str, ...] = ()
    assume: Mapping[str, tuple[str, ...] | Literal["*"]] = field(default_factory=dict)
    accelerators: tuple[Accelerator, ...] = ()
    schema_locations: tuple[str, ...] = ()
    limits: Mapping[str, int] = field(default_factory=dict)
    baseline: str = ""
    ignore: tuple[Ignored, ...] = ()
    render: RenderConfig = field(default_factory=RenderConfig)
    origin: Origin | None = None
