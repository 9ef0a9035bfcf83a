"""``--fix``: mends what can be mended, in a copy of the tree first, and keeps what that proves good."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct, field
from msgspec.structs import replace

from karlint._scratch import Scratch
from karlint.api import lint
from karlint.edited import Edited
from karlint.errors import UsageError
from karlint.fix.files import copy_tree, replace_file, sweep
from karlint.model.fix import ChangedFile
from karlint.model.source import SourceFile
from karlint.proven import is_in_template, rendered, unproven
from karlint.since import settings_at

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from karlint.config import Settings
    from karlint.model.finding import Finding
    from karlint.model.fix import Change
    from karlint.model.report import Report
    from karlint.proven import Rendered

MOST_PASSES = 10
"""A finding may come to light, or wait for its turn, only once others are mended."""

_MOST_SINGLE = 50  # passes in which a resource has one fix at a time, to see which of several does harm


class Outcome(Struct, frozen=True):
    """What a run with fixes did.

    Attributes:
        report: what is left, with ``fixed`` set.
        files: the files that change, by path.
    """

    report: Report
    files: tuple[ChangedFile, ...] = ()


def run_fixes(
    settings: Settings,
    *,
    unsafe: bool,
    write: bool,
    chosen: Callable[[Report], Report] | None = None,
) -> Outcome:
    """Lint, mend what can be mended, and lint again. Nothing of the tree changes before all of it has proven good.

    A fix counts as good when its finding is gone after it, no resource has a finding that it had not, and nothing fails
    that did not. Of a fix in a template, all that is rendered of the tree has to be as it was, but for what was meant.
    What is suppressed, excluded or ignored is not mended.

    Args:
        settings: of the run.
        unsafe: whether to do what may change how something behaves.
        write: False to leave the tree as it is.
        chosen: picks what to report; what it leaves out is not mended. None for everything.

    Raises:
        UsageError: what standard input brings cannot be mended.
        EnvironmentProblem: a file cannot be written; it is as it was, and so are those that come after it.
    """
    if settings.stdin is not None:
        raise UsageError("what standard input brings has no file to mend", "Name files or directories.")
    if write:
        sweep(settings.root)
    first = lint(settings)
    shown = chosen(first) if chosen else first
    only = {finding.fingerprint for finding in shown.findings} if chosen else None
    if not any(_is_wanted(finding, unsafe) for finding in shown.findings):
        return Outcome(replace(shown, fixed=0))
    with Scratch() as scratch:
        tree = scratch.directory / (settings.root.resolve().name or "tree")  # Applications may be about it by this name
        copy_tree(settings.root, tree)
        there = settings_at(settings, tree)
        if there is None:
            return Outcome(replace(shown, fixed=0))
        passes = _Passes(there, unsafe, only, first)
        passes.run()
        files = tuple(ChangedFile(path, before, (tree / path).read_bytes()) for path, before in passes.old.items())
    files = tuple(file for file in files if file.before != file.after)
    notices = _write(settings.root, files) if write else []
    report = replace(
        passes.report,
        root=first.root,
        findings=tuple(passes.left()),
        notices=(*passes.report.notices, *notices),
    )
    report = chosen(report) if chosen else report
    return Outcome(replace(report, fixed=passes.fixed), files)


def _is_wanted(finding: Finding, unsafe: bool) -> bool:
    fix = finding.fix
    if fix is None or not (fix.safe or unsafe):
        return False
    return not any(Path(change.file).is_absolute() or ".." in Path(change.file).parts for change in fix.changes)


def _write(root: Path, files: Iterable[ChangedFile]) -> list[str]:
    """Write *files*. Return remarks on those that somebody else wrote meanwhile: theirs counts."""
    remarks = []
    for file in sorted(files, key=lambda file: file.path):
        target = root / file.path
        if SourceFile(file.path, target).read() == file.before:
            replace_file(target, file.after)
        else:
            remarks.append(f"{file.path} was changed while it was mended, so it is left as it is.")
    return remarks


class _Passes(Struct):
    """Passes over a copy of the tree.

    Attributes:
        only: fingerprints of the findings that may be mended; None for all.
        old: path to the bytes that a changed file had at first.
        alone: fingerprints of findings whose fix is tried by itself, since something went wrong with others.
        halves: fingerprints to try together, the next ones last: some of them did harm, and it is not told which.
        rejected: fingerprints of those whose fix did no good.
        fixed: findings mended.
    """

    settings: Settings
    unsafe: bool
    only: set[str] | None
    report: Report
    old: dict[str, bytes] = field(default_factory=dict)
    alone: set[str] = field(default_factory=set)
    halves: list[set[str]] = field(default_factory=list)
    rejected: set[str] = field(default_factory=set)
    fixed: int = 0

    def run(self) -> None:
        """Mend until there is nothing left to mend."""
        passes = singles = 0
        while passes < MOST_PASSES and singles < _MOST_SINGLE:
            batch = self._batch()
            if not batch:
                return
            doubtful = batch[0].fingerprint in self.alone
            singles, passes = singles + doubtful, passes + (not doubtful)
            self._try(batch)

    def left(self) -> list[Finding]:
        """Return the findings that are left, without the fixes that did no good."""
        return [
            replace(finding, fix=None) if finding.fingerprint in self.rejected else finding
            for finding in self.report.findings
        ]

    def _batch(self) -> list[Finding]:
        """Return the findings to mend in this pass: those that went wrong with others only once these are done."""
        wanted = [
            finding
            for finding in self.report.findings
            if _is_wanted(finding, self.unsafe)
            and finding.fingerprint not in self.rejected
            and (self.only is None or finding.fingerprint in self.only)
        ]
        together = _of_one_kind(finding for finding in wanted if finding.fingerprint not in self.alone)
        if together:
            return together
        while self.halves:
            half = [finding for finding in wanted if finding.fingerprint in self.halves[-1]]
            if half:
                return half
            self.halves.pop()
        return list({_owner(finding): finding for finding in reversed(_of_one_kind(wanted))}.values())

    def _try(self, batch: Sequence[Finding]) -> None:
        before = self.report
        texts = Edited(self.settings.root)
        done = texts.mend(batch)
        self.rejected |= {finding.fingerprint for finding in texts.refused}
        old = rendered(self.settings) if any(map(is_in_template, done)) else None
        self._put(texts)
        after = lint(self.settings)
        blamed, sure = self._tried(before, after, done, old)
        if blamed:
            self._judge(blamed, sure=sure)
            again = [finding for finding in done if finding not in blamed]
            texts.restore()
            done = texts.mend(again)
            self._put(texts)
            after = lint(self.settings)
            if self._tried(before, after, done, old)[0]:
                self._judge(done, sure=False)
                done = []
                texts.restore()
                self._put(texts)
                after = before
        self.fixed += len(done)
        self.report = after

    def _tried(
        self, before: Report, after: Report, done: Sequence[Finding], old: Rendered | None
    ) -> tuple[list[Finding], bool]:
        """Return those of *done* that did no good, or harm, and whether each surely did; *old* is what was rendered."""
        blamed, sure = _blamed(before, after, done)
        if blamed or old is None or not done:
            return blamed, sure
        return unproven(old, rendered(self.settings), done)

    def _judge(self, blamed: Sequence[Finding], *, sure: bool) -> None:
        """Reject those that did harm; where that is only *sure* of some of them, find out of which, half by half."""
        names = [finding.fingerprint for finding in blamed]
        tried = self.alone.issuperset(names)
        if len(names) == 1 or (tried and sure):
            self.rejected.update(names)
        elif tried:
            middle = len(names) // 2
            self.halves += [set(names[middle:]), set(names[:middle])]
        self.alone.update(names)

    def _put(self, texts: Edited) -> None:
        for path, data in texts.before.items():
            self.old.setdefault(path, data)
            replace_file(self.settings.root / path, texts.bytes_of(path))


def _of_one_kind(findings: Iterable[Finding]) -> list[Finding]:
    """Return *findings* without those of templates where there are others: what these change is told by itself."""
    every = list(findings)
    return [finding for finding in every if not is_in_template(finding)] or every


def _owner(finding: Finding) -> tuple[str, ...]:
    """Return whom a finding is about, whatever version its API has."""
    ref = finding.resource
    where = finding.location.path
    return (where,) if ref is None else (where, ref.kind, ref.namespace, ref.name)


def _blamed(before: Report, after: Report, done: Sequence[Finding]) -> tuple[list[Finding], bool]:
    """Return those of *done* whose fix did no good, or that may have done harm, and whether each of them surely did."""
    if not done:
        return [], True
    if len(after.failures) > len(before.failures) or len(after.not_rendered) > len(before.not_rendered):
        return list(done), False
    sides = (_all(before), _all(after), done)
    had, has, mended = (Counter(name for item in items for name in _names(item)) for items in sides)
    sure = True
    blamed = [item for item in done if any(has[name] > had[name] - mended[name] for name in _names(item))]
    # A rule may say the same at another place of the resource once something is mended, but not more often.
    known, now, gone = (Counter(map(_told, items)) for items in sides)
    open_before, open_now = (Counter(map(_told, report.findings)) for report in (before, after))
    more = {key for key in now if now[key] > known[key] - gone[key]}
    more |= {key for key in open_now if open_now[key] > open_before[key] - gone[key]}  # a suppression may have gone
    for owner in {key[1:] for key in more}:
        near = [item for item in done if _owner(item) == owner]
        sure = sure and bool(near)
        near = near or [item for item in done if any(change.file == owner[0] for change in _changes(item))]
        blamed += near or done
    return list({item.fingerprint: item for item in blamed}.values()), sure


def _names(finding: Finding) -> tuple[str, ...]:
    """Return what tells a finding from others, in each environment that it stands in."""
    return tuple(instance.identity for instance in finding.instances)


def _told(finding: Finding) -> tuple[str, ...]:
    return (finding.rule, *_owner(finding))


def _changes(finding: Finding) -> Sequence[Change]:
    return finding.fix.changes if finding.fix else ()


def _all(report: Report) -> Iterable[Finding]:
    return (*report.findings, *report.suppressed)
