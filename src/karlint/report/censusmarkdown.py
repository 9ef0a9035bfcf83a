"""The census in Markdown, for a page of documentation or a pull request."""

from __future__ import annotations

from typing import TYPE_CHECKING

from karlint.report.censuswords import (
    TOTAL_HEADS,
    WORKLOAD_HEADS,
    groups,
    needs_text,
    reference_text,
    summary,
    total_cells,
    workload_cells,
)
from karlint.report.markdown import escaped
from karlint.report.sanitise import encodable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from karlint.model.census import Census


def render_markdown(census: Census, *, references: bool) -> str:
    """Return *census* as Markdown; with *references*, also the references that are not resolved."""
    return encodable("\n".join(_lines(census, references)).rstrip()) + "\n"


def _lines(census: Census, references: bool) -> Iterator[str]:
    titles = {need.id: need.title for need in census.needs}
    yield "## AI workloads"
    yield ""
    yield escaped(summary(census))
    yield ""
    if census.workloads:
        rows = [(*workload_cells(one), needs_text(one, titles), one.file) for one in census.workloads]
        yield from _table((*WORKLOAD_HEADS, "Needs", "File"), rows)
    for title, totals in groups(census):
        yield f"### By {title.lower()}"
        yield ""
        yield from _table((title, *TOTAL_HEADS), [(total.name or "(none)", *total_cells(total)) for total in totals])
    if census.needs:
        yield "### What the cluster must offer"
        yield ""
        yield from _table(("Need", "Workloads"), [(need.title, f"{need.workloads:,}") for need in census.needs])
    if references and census.references:
        yield "### References that are not resolved"
        yield ""
        for one in sorted(census.references, key=lambda one: (not one.closed, one.file)):
            place = f"{one.file}:{one.line}" if one.line else one.file
            yield f"- {escaped(place)}: {escaped(reference_text(one))}"


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(heads)} |"
    yield f"|{'---|' * len(heads)}"
    for row in rows:
        yield f"| {' | '.join(map(escaped, row))} |"
    yield ""
