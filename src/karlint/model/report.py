"""The result of a run: the only thing that reporters and the exit code read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct, field

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path as FilePath

    from karlint.model.finding import Finding
    from karlint.model.rule import Rule, Severity
    from karlint.model.unit import NotRendered


class Skipped(Struct, frozen=True):
    """A file that was seen and not linted, and why (a short phrase that counts are grouped by)."""

    path: str
    reason: str


class RuleFailure(Struct, frozen=True):
    """A rule that could not be evaluated: the run is incomplete."""

    rule: str
    message: str
    resource: str = ""


class Counts(Struct, frozen=True):
    """Everything seen, so that nothing is silently clean.

    Attributes:
        files: files considered; equals files_linted + files_rendered + the skipped ones.
        files_rendered: of these, the ones that were linted as what they render to.
        rendered: charts with their values, kustomizations and the like that were rendered.
        not_rendered: those that could not be.
        documents: YAML documents and JSON values with content, in the linted files.
        not_manifests: of these, the ones without apiVersion and kind.
        resources: objects linted, the items of lists counted one by one.
        workloads, accelerator_workloads: of these.
        schema_checked: resources validated against a schema.
        without_schema: group/version/kind to number of resources for which no schema is known.
        rules: rules that ran.
    """

    files: int = 0
    files_linted: int = 0
    documents: int = 0
    not_manifests: int = 0
    resources: int = 0
    workloads: int = 0
    accelerator_workloads: int = 0
    schema_checked: int = 0
    without_schema: Mapping[str, int] = field(default_factory=dict)
    rules: int = 0
    files_rendered: int = 0
    rendered: int = 0
    not_rendered: int = 0


class Report(Struct, frozen=True):
    """Outcome of a run.

    Attributes:
        root: directory that paths are relative to.
        versions: target Kubernetes minors, e.g. ("1.35",).
        rules: every rule that was enabled, by id.
        findings: active findings, sorted by path, line, column, rule.
        suppressed: findings that someone chose to ignore, each with the reason.
        skipped: files seen and not linted.
        failures: rules that could not be evaluated.
        notices: remarks on the run as a whole, one sentence each.
        fail_on: findings at or above this severity make the run fail; None for never.
        not_rendered: what is deployed and could not be looked at.
        tools: name to version of the renderers that ran.
        environments: names of everything that was rendered.
        fixed: findings that this run mended; None where it was not asked to.
    """

    root: FilePath
    versions: tuple[str, ...]
    rules: Mapping[str, Rule]
    findings: tuple[Finding, ...]
    suppressed: tuple[Finding, ...]
    skipped: tuple[Skipped, ...]
    failures: tuple[RuleFailure, ...]
    counts: Counts
    notices: tuple[str, ...] = ()
    fail_on: Severity | None = None
    not_rendered: tuple[NotRendered, ...] = ()
    tools: Mapping[str, str] = field(default_factory=dict)
    environments: tuple[str, ...] = ()
    fixed: int | None = None

    @property
    def exit_code(self) -> int:
        """0 clean, 1 findings at or above the threshold, 3 incomplete."""
        if self.failures:
            return 3
        limit = self.fail_on
        if limit is not None and any(finding.severity.rank <= limit.rank for finding in self.findings):
            return 1
        return 0
