"""A rule, as its folder under policies/ tells it."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path as FilePath


class Severity(StrEnum):
    """How bad it is. The order of SARIF levels, the worst first."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"

    @property
    def rank(self) -> int:
        """0 for the worst."""
        return list(Severity).index(self)


class Requirement(Struct, frozen=True):
    """A Kubernetes AI Requirement that a rule derives from.

    Attributes:
        kar: its number, e.g. ``KAR-0051``.
        id: its id in the conformance checklists, e.g. ``dra_support``.
        levels: checklist minor to MUST or SHOULD, e.g. ``{"1.34": "MUST"}``.
        relation: "derives" (the rule translates the requirement to manifests) or "relates" (it only touches it).
    """

    kar: str
    id: str
    levels: Mapping[str, str]
    relation: str


class Rule(Struct, frozen=True):
    """One rule: its metadata, and where its logic lies.

    Attributes:
        id: category and folder name: ``dra/legacy-device-plugin``.
        title: the defect in a few words.
        description: what, why, when to ignore; Markdown.
        severity: the default severity; a finding may carry a milder or harder one.
        requirements: what it derives from; empty for a rule that is operational only.
        kinds: which resources it judges: group/kind names, or ``workload``, ``accelerator-workload``, ``model-server``.
        looks_up: group/kind names that the logic looks up in the inventory.
        uses: what of the reference graph the logic reads: "references", "referrers"; both to and from what it looks up.
        since, until: first and last Kubernetes minor (e.g. 34) in which the statement holds; None for no bound.
        versioned: True when the logic reads the target version, so that it runs once for each target.
        profile: "default", or a name that must be asked for.
        params: parameter name to JSON Schema with a ``default``.
        message: one-sentence template with ``{name}`` fields, filled from a finding's args.
        help: what to do about it; the same template fields.
        cases: case name to its own ``message``, ``help`` and ``fix``, for a rule whose finding comes in several forms.
        fix: "none", "safe" or "unsafe"; what a case says of its own fix counts for that case.
        sources: URLs or ``owner/repo:path`` that back the statement.
        supersedes: rule ids whose finding at the same place this one replaces.
        language: "rego", "schema" (a JSON Schema) or "host" (karlint itself).
        target: for a JSON Schema, what it is applied to: "object" or "podspec".
        logic: the file with the logic; None for "host".
        folder: the rule's folder.
        mentions: strings of which a resource's JSON must hold one for the rule to have anything to say; empty for no
            such condition. It spares most resources the evaluation.
        near: kinds of which the tree must hold one in the scope of a resource for the rule to have anything to say;
            empty for no such condition.
        in_tree: kinds of which the tree must hold one, anywhere, for the rule to have anything to say; empty for no
            such condition.
        uses: what of the reference graph the logic reads: "references", "referrers".
    """

    id: str
    title: str
    description: str
    severity: Severity
    requirements: tuple[Requirement, ...]
    kinds: tuple[str, ...]
    looks_up: tuple[str, ...]
    since: int | None
    until: int | None
    versioned: bool
    profile: str
    params: Mapping[str, Mapping[str, Any]]
    message: str
    help: str
    cases: Mapping[str, Mapping[str, str]]
    fix: str
    sources: tuple[str, ...]
    supersedes: tuple[str, ...]
    language: str
    target: str
    logic: FilePath | None
    folder: FilePath
    mentions: tuple[str, ...] = ()
    near: tuple[str, ...] = ()
    in_tree: tuple[str, ...] = ()
    uses: tuple[str, ...] = ()

    @property
    def category(self) -> str:
        """The folder above: ``dra``."""
        return self.id.partition("/")[0]

    def fix_of(self, case: str) -> str:
        """Return whether *case* ("" for the only one) can be mended: "none", "safe" or "unsafe"."""
        return self.cases.get(case, {}).get("fix", self.fix)

    @property
    def fixes(self) -> frozenset[str]:
        """Return which sorts of fixes its findings may have: some of "safe" and "unsafe"."""
        return frozenset({self.fix, *(case["fix"] for case in self.cases.values() if "fix" in case)} - {"none"})

    @property
    def package(self) -> str:
        """The Rego package that holds its ``findings``: ``karlint.rules.dra.legacy_device_plugin``."""
        return "karlint.rules." + self.id.replace("-", "_").replace("/", ".")
