"""From what was prepared to a report: judged, put into words, and placed in files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from karlint.config import path_excludes
from karlint.court import judge
from karlint.findings import AssembleOptions, assemble
from karlint.ignoring import without_ignored
from karlint.locate import Locator, changes_for
from karlint.model.report import Report
from karlint.model.rule import Severity
from karlint.tally import counts, left, nothing_in, notices, skipped, unread

if TYPE_CHECKING:
    from karlint.config import Settings
    from karlint.court import Judged
    from karlint.model.fix import Change, Operation
    from karlint.model.resource import Resource
    from karlint.prepared import Prepared
    from karlint.rules import RuleBook

_SERVED = {"core/api-version-not-served", "core/api-version-deprecated", "dra/api-version-not-served"}


def report_on(prepared: Prepared, book: RuleBook, settings: Settings) -> Report:
    """Judge what was prepared with *book* and *settings*."""
    judged = judge(prepared, book, settings)
    file_findings = [finding for file in prepared.loaded for finding in file.findings]
    options = _assemble_options(prepared, book, judged, settings)
    file_findings += prepared.deployed.findings
    everything = [*prepared.resources, *prepared.context]
    locate = Locator(prepared.discovery.root, settings.stdin)
    raw = (
        item
        for item in judged.raw
        if item.rule not in _SERVED or not locate.asks_the_cluster(everything[item.resource])
    )
    assembled = assemble(tuple(raw), file_findings, everything, prepared.rules, locate, options)
    report = Report(
        root=prepared.discovery.root,
        versions=prepared.versions,
        rules=prepared.rules,
        findings=tuple(filter(prepared.deployed.concerns, assembled.findings)),
        suppressed=tuple(filter(prepared.deployed.concerns, assembled.suppressed)),
        skipped=(*left(prepared), *skipped(prepared.loaded)),
        failures=(
            *unread(prepared.discovery, settings),
            *judged.failures,
            *assembled.failures,
        ),
        counts=counts(prepared, judged),
        notices=(*notices(prepared), *judged.notices, *nothing_in(prepared)),
        fail_on=settings.fail_on,
        not_rendered=prepared.deployed.not_rendered,
        tools=prepared.deployed.tools,
        environments=tuple(part.output.unit.id for part in prepared.deployed.parts),
    )
    report = without_ignored(report, settings) if settings.config.ignore else report
    if not any(finding.fix for finding in report.findings):
        return report
    from karlint.fixable import with_edits  # noqa: PLC0415 - a clean tree does not pay for it

    return with_edits(report)


def _assemble_options(prepared: Prepared, book: RuleBook, judged: Judged, settings: Settings) -> AssembleOptions:
    configured = settings.config.rules
    return AssembleOptions(
        severities={
            rule: config.severity for rule, config in configured.items() if isinstance(config.severity, Severity)
        },
        path_excludes=path_excludes(configured),
        known_rules=book.rules.keys(),
        unjudged={failure.rule for failure in judged.failures},
        versions=prepared.versions,
        commented=prepared.deployed.commented(prepared.discovery.root),
        changes=_changes,
    )


def _changes(resource: Resource, operations: tuple[Operation, ...]) -> tuple[Change, ...]:
    """Return where *operations* on *resource* are to be done: where the values are written, else in the template."""
    changes = changes_for(resource, operations)
    if changes or resource.origins is None:
        return changes
    from karlint.templated import template_changes  # noqa: PLC0415 - few findings are of what a template prints

    return template_changes(resource, operations)
