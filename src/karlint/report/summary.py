"""What a run saw, skipped and found, in a few phrases: nothing is silently clean."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from karlint.model.rule import Severity
from karlint.report.wording import count, some

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from karlint.model.report import Report


def summary_parts(report: Report) -> list[str]:
    """Return the parts of the summary, the verdict first."""
    seen = (*_files(report), *_rendered(report), *_resources(report), *_schemas(report))
    return [_found(report), *seen, *_setting(report)]


def _found(report: Report) -> str:
    by_severity = Counter(finding.severity for finding in report.findings)
    texts = [count(by_severity[severity], severity.value) for severity in Severity if by_severity[severity]]
    if texts:
        files = len({finding.location.path for finding in report.findings})
        text = f"{', '.join(texts)} in {count(files, 'file')}"
    else:
        text = "no findings"
    if report.fixed is not None:
        text = f"{report.fixed:,} fixed, {text}" + (" left" if texts else "")
    return f"{text}, {len(report.suppressed):,} suppressed" if report.suppressed else text


def _files(report: Report) -> Iterator[str]:
    counts = report.counts
    text = f"{count(counts.files, 'file')}: {counts.files_linted:,} linted"
    if counts.files_rendered:
        text += f", {counts.files_rendered:,} linted as rendered"
    skipped = counts.files - counts.files_linted - counts.files_rendered
    if skipped or report.skipped:
        reasons = Counter(file.reason for file in report.skipped)
        ranked = sorted(reasons.items(), key=lambda item: (-item[1], item[0]))
        shown = [f"{number:,} {reason}" for reason, number in ranked[:5]]
        if len(ranked) > 5:
            shown.append(f"{sum(number for _, number in ranked[5:]):,} for other reasons")
        why = f" ({', '.join(shown)})" if shown else ""
        text += f", {max(skipped, len(report.skipped)):,} skipped{why}"
    yield text


def _rendered(report: Report) -> Iterator[str]:
    """Yield what was rendered, and by what; and what was not, and why."""
    counts = report.counts
    if not (counts.rendered or report.not_rendered):
        return
    tools = ", ".join(f"{name} {version}".strip() for name, version in sorted(report.tools.items()))
    text = f"{counts.rendered:,} rendered" + (f" ({tools})" if tools else "")
    if report.not_rendered:
        reasons = Counter(item.reason for item in report.not_rendered)
        text += f", {len(report.not_rendered):,} not rendered ({some_reasons(reasons)})"
    yield text


def some_reasons(reasons: Counter[str]) -> str:
    """Return ``3 remote base, 1 needs a plugin``, the most frequent first."""
    ranked = sorted(reasons.items(), key=lambda item: (-item[1], item[0]))
    return ", ".join(f"{number:,} {reason}" for reason, number in ranked)


def _resources(report: Report) -> Iterator[str]:
    counts = report.counts
    text = count(counts.documents, "document")
    if counts.not_manifests:
        text += f" ({counts.not_manifests:,} not manifests)"
    text += f", {count(counts.resources, 'resource')}"
    if counts.workloads:
        text += f" ({count(counts.workloads, 'workload')}, {counts.accelerator_workloads:,} with accelerators)"
    yield text


def _schemas(report: Report) -> Iterator[str]:
    missing = report.counts.without_schema
    if missing:
        yield f"{sum(missing.values()):,} without a schema ({some(_short_kinds(missing).items())})"


def _short_kinds(missing: Mapping[str, int]) -> dict[str, int]:
    """Return *missing* by kind alone, save where several groups or versions share the kind."""
    kinds = Counter(key.rpartition("/")[2] for key in missing)
    return {
        (key if kinds[key.rpartition("/")[2]] > 1 else key.rpartition("/")[2]): number
        for key, number in missing.items()
    }


def _setting(report: Report) -> Iterator[str]:
    yield count(report.counts.rules, "rule")
    if report.versions:
        yield f"Kubernetes {', '.join(report.versions)}"
