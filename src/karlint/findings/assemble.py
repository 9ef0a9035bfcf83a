"""Turns what the stages found into the findings of the report."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct, field
from msgspec.structs import replace

from karlint.findings import hygiene
from karlint.findings.draft import Draft
from karlint.findings.environments import merge_environments
from karlint.findings.fingerprint import finding_identity, fingerprints
from karlint.findings.fixes import agreed, fix_of
from karlint.findings.supersede import drop_superseded
from karlint.findings.suppress import EXCLUDED_REASON, CommentedFile, Suppressions
from karlint.findings.targets import joined, without_target
from karlint.findings.templates import text_of
from karlint.model.finding import Location, RelatedLocation
from karlint.model.report import RuleFailure
from karlint.model.rule import Severity
from karlint.model.source import Anchor, Span

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

    from karlint.model.finding import FileFinding, Finding, Placed, RawFinding
    from karlint.model.fix import Change, Operation
    from karlint.model.path import Path
    from karlint.model.resource import Resource
    from karlint.model.rule import Rule

    Locate = Callable[[Resource, Path, Anchor], Placed]
    Changes = Callable[[Resource, tuple[Operation, ...]], tuple[Change, ...]]

_FILE_START = Span(1, 1, 1, 1)


def _excludes_nothing(_rule: str, _path: str) -> bool:
    return False


def _changes_nothing(_resource: Resource, _operations: tuple[Operation, ...]) -> tuple[Change, ...]:
    return ()


class AssembleOptions(Struct, frozen=True):
    """What the settings say about findings.

    Attributes:
        severities: rule id to the severity that the configuration gives it; wins over rule and finding.
        path_excludes: tells whether the configuration turns a rule off for a path.
        known_rules: ids of all rules that exist, enabled or not; empty for "the enabled ones". Suppressions of a
            rule that exists but is not enabled are neither unknown nor unused.
        unjudged: ids of rules that could not be evaluated, whose suppressions cannot be called unused.
        versions: target minors of the run, which tell whether a superseding finding covers them all.
        commented: files that are rendered, with the suppression comments in them.
        changes: where the operations of a fix are to be done; empty where that is not sure.
    """

    severities: Mapping[str, Severity] = field(default_factory=dict)
    path_excludes: Callable[[str, str], bool] = _excludes_nothing
    known_rules: Collection[str] = frozenset()
    unjudged: Collection[str] = frozenset()
    versions: tuple[str, ...] = ()
    commented: tuple[CommentedFile, ...] = ()
    changes: Changes = _changes_nothing


class Assembled(Struct, frozen=True):
    """The findings of a run, each list in report order.

    Attributes:
        findings: active findings.
        suppressed: ignored findings with the reason; those that the configuration excludes carry EXCLUDED_REASON.
        failures: rules whose findings could not be phrased or placed. The findings are kept as far as they go.
    """

    findings: tuple[Finding, ...]
    suppressed: tuple[Finding, ...]
    failures: tuple[RuleFailure, ...] = ()


def assemble(
    raw: Iterable[RawFinding],
    file_findings: Iterable[FileFinding],
    resources: Sequence[Resource],
    rules: Mapping[str, Rule],
    locate: Locate,
    options: AssembleOptions,
) -> Assembled:
    """Return the findings of a run: with text, place, severity and fingerprint, suppressed or active, in order.

    Findings of one rule that differ only in the versions they hold for become one. A finding of a rule that exists
    but is not enabled is left out. Findings about files (a syntax error, a limit passed) cannot be suppressed by a
    comment, since nothing of the file can be trusted then.

    Args:
        raw: what rules found.
        file_findings: what reading found.
        resources: the resources of the run.
        rules: the enabled rules, by id.
        locate: where a path of a resource stands; the path starts at the root of the resource.
        options: what the settings say.
    """
    drafting = _Drafting({resource.index: resource for resource in resources}, rules, locate, options)
    drafts = _merge_versions(draft for finding in joined(raw) if (draft := drafting.draft(finding)) is not None)
    excluded = [draft for draft in drafts if options.path_excludes(draft.rule, draft.location.path)]
    included = [draft for draft in drafts if not options.path_excludes(draft.rule, draft.location.path)]
    judged = [resource for resource in resources if not resource.context]
    suppressions = Suppressions(judged, locate, options.commented)
    verdicts: list[tuple[Draft, str | None]] = [
        (draft, suppressions.reason_for(draft)) for draft in drop_superseded(included, rules, options.versions)
    ]
    verdicts.extend((draft, EXCLUDED_REASON) for draft in excluded)
    others = [drafting.draft_file(finding) for finding in file_findings]
    others.extend(hygiene.judge(suppressions, _hygiene_context(rules, options)))
    for draft in others:
        off = options.path_excludes(draft.rule, draft.location.path)
        verdicts.append((draft, EXCLUDED_REASON if off else None))
    return _finish(merge_environments(verdicts), tuple(drafting.failures))


def _finish(verdicts: list[tuple[Draft, str | None]], failures: tuple[RuleFailure, ...]) -> Assembled:
    verdicts.sort(key=lambda verdict: verdict[0].order)
    numbers = fingerprints([draft for draft, _ in verdicts])
    done = [
        draft.finish(number, reason, external=reason == EXCLUDED_REASON)
        for (draft, reason), number in zip(verdicts, numbers, strict=True)
    ]
    return Assembled(
        findings=tuple(finding for finding in done if finding.suppressed is None),
        suppressed=tuple(finding for finding in done if finding.suppressed is not None),
        failures=failures,
    )


class _Drafting(Struct):
    """Gives findings their text, place and severity; collects the rules that stand in the way."""

    resources: Mapping[int, Resource]
    rules: Mapping[str, Rule]
    locate: Locate
    options: AssembleOptions
    failures: list[RuleFailure] = field(default_factory=list)

    def draft(self, raw: RawFinding) -> Draft | None:
        rule = self.rules.get(raw.rule)
        if rule is None and raw.rule in self.options.known_rules:
            return None
        resource = self.resources.get(raw.resource)
        if resource is None:
            self._fail(raw.rule, f"a finding names resource {raw.resource}, which does not exist", "")
            return None
        message, help_text, fault = text_of(raw, rule) if rule else (raw.message or raw.rule, raw.help or "", "")
        if fault:
            self._fail(raw.rule, fault, str(resource.ref))
        ready = (raw.message,) if raw.message is not None and not raw.args else ()
        placed = self.locate(resource, raw.at, raw.anchor)
        args = without_target(raw.args) if rule and rule.versioned else raw.args
        return Draft(
            rule=raw.rule,
            severity=self._severity(raw.rule, raw.severity),
            message=message,
            help=help_text,
            location=replace(placed.location, exact=False) if raw.approximate else placed.location,
            ordinal=placed.ordinal,
            resource=resource,
            at=raw.at,
            related=(*self._related(raw), *placed.via),
            versions=raw.versions,
            identity=finding_identity(raw.at, resource.body, args, (raw.case, *ready)),
            fix=fix_of(raw, rule, self.options.changes(resource, raw.fix)) if raw.fix and rule else None,
        )

    def draft_file(self, finding: FileFinding) -> Draft:
        return Draft(
            rule=finding.rule,
            severity=self._severity(finding.rule, None),
            message=finding.message,
            help=finding.help,
            location=Location(finding.path, finding.span or _FILE_START, exact=finding.span is not None),
            resource=None,
            at=(),
            related=(),
            versions=(),
            identity=(),
        )

    def _related(self, raw: RawFinding) -> Iterable[RelatedLocation]:
        for related in raw.related:
            resource = self.resources.get(related.resource)
            if resource is None:
                self._fail(raw.rule, f"a related location names resource {related.resource}, which does not exist", "")
                continue
            yield RelatedLocation(self.locate(resource, related.at, Anchor.VALUE).location, related.message)

    def _severity(self, rule_id: str, own: Severity | None) -> Severity:
        if rule_id in self.options.severities:
            return self.options.severities[rule_id]
        if own is not None:
            return own
        rule = self.rules.get(rule_id)
        return rule.severity if rule else Severity.ERROR

    def _fail(self, rule: str, message: str, resource: str) -> None:
        failure = RuleFailure(rule, message, resource)
        if failure not in self.failures:
            self.failures.append(failure)


def _merge_versions(drafts: Iterable[Draft]) -> list[Draft]:
    """Return *drafts*, with those that differ in nothing but their versions made one.

    A finding that does not depend on the version swallows one that does.
    """
    merged: dict[tuple[Any, ...], Draft] = {}
    for draft in drafts:
        owner = draft.resource.index if draft.resource else -1
        text = (draft.message, draft.help, draft.severity)
        key = (draft.rule, owner, draft.at, draft.location, text, draft.related)
        known = merged.get(key)
        if known is None:
            merged[key] = draft
            continue
        both = known.versions and draft.versions
        versions = sorted({*known.versions, *draft.versions}, key=_minor) if both else ()
        merged[key] = replace(known, versions=tuple(versions), fix=agreed(known.fix, draft.fix))
    return list(merged.values())


def _minor(version: str) -> tuple[int, ...]:
    return tuple(int(part) if part.isdigit() else 0 for part in version.split("."))


def _hygiene_context(rules: Mapping[str, Rule], options: AssembleOptions) -> hygiene.Context:
    known = {*options.known_rules, *rules}

    def severity(rule_id: str) -> Severity | None:
        if rule_id not in rules and rule_id in known:
            return None
        if rule_id in options.severities:
            return options.severities[rule_id]
        return rules[rule_id].severity if rule_id in rules else hygiene.HYGIENE_RULES[rule_id]

    def judged(rule_id: str, path: str) -> bool:
        return rule_id in rules and rule_id not in options.unjudged and not options.path_excludes(rule_id, path)

    return hygiene.Context(known, judged, severity)
