"""What is new: findings held against a baseline file, or against an earlier commit of the repository."""

from __future__ import annotations

import os
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import orjson
from msgspec.structs import replace

from karlint._bounded import read_bytes
from karlint._proc import run
from karlint._scratch import Scratch
from karlint.errors import EnvironmentProblem, UsageError
from karlint.findings import Baseline, BaselineError, baseline_of, compare, read_baseline

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from karlint.config import Settings
    from karlint.model.finding import Finding
    from karlint.model.report import Report

_LISTED = 5


def load_baseline(file: Path) -> Baseline:
    """Read a baseline file. Raises UsageError when it is not there or no baseline."""
    try:
        return read_baseline(orjson.loads(read_bytes(file)))
    except FileNotFoundError:
        raise UsageError(f"{file}: there is no such baseline", "`karlint baseline` writes one.") from None
    except OSError as error:
        raise EnvironmentProblem(f"{file} cannot be read: {error.strerror}") from error
    except orjson.JSONDecodeError as error:
        raise UsageError(f"{file}:{error.lineno}:{error.colno}: this baseline is no JSON: {error.msg}") from None
    except BaselineError as error:
        raise UsageError(f"{file} is no baseline: {error}", "`karlint baseline` writes one.") from None


def against_baseline(report: Report, baseline: Baseline, today: date | None = None, *, whole: bool = True) -> Report:
    """Return *report* with the findings that *baseline* knows among the suppressed ones.

    Entries that have expired become notices; where the *whole* tree was linted, also those that match nothing any more.
    """
    day = today or datetime.now(UTC).date()
    compared = compare(report.findings, baseline, day, report.environments if whole else None)
    notices = list(report.notices)
    if compared.expired:
        names = [f"{entry.rule} of {entry.resource} ({entry.expires})" for entry in compared.expired]
        notices.append(f"Entries of the baseline have expired, so their findings count again: {_some(names)}.")
    if compared.vanished and whole:
        names = [f"{entry.rule} of {entry.resource}" for entry in compared.vanished]
        notices.append(
            f"Entries of the baseline match nothing any more: {_some(names)}. `karlint baseline` takes them out."
        )
    return _with(report, compared.new, compared.known, notices)


def since_commit(report: Report, settings: Settings, ref: str) -> Report:
    """Return *report* with the findings that commit *ref* has too among the suppressed ones.

    What the change renders to is compared, not its lines: a changed values file brings the findings of a template.
    Raises UsageError and EnvironmentProblem as :func:`checked_out`.
    """
    from karlint.api import lint  # noqa: PLC0415 - a run without it does not pay for it twice

    with checked_out(settings.root, ref) as tree:
        there = settings_at(settings, tree)
        earlier = lint(there) if there is not None else replace(report, findings=(), failures=())
    before = baseline_of(earlier.findings)
    compared = compare(report.findings, before, datetime.now(UTC).date(), report.environments)
    known = tuple(replace(finding, suppressed=f"there before, in {ref}") for finding in compared.known)
    notices = list(report.notices)
    if earlier.failures:
        notices.append(f"The run over {ref} was incomplete, so findings may look newer than they are.")
    return _with(report, compared.new, known, notices)


def _with(report: Report, new: tuple[Finding, ...], known: tuple[Finding, ...], notices: list[str]) -> Report:
    suppressed = sorted((*report.suppressed, *known), key=lambda item: (item.location.path, item.location.span))
    return replace(report, findings=new, suppressed=tuple(suppressed), notices=tuple(notices))


def _some(names: list[str]) -> str:
    shown = ", ".join(names[:_LISTED])
    return shown if len(names) <= _LISTED else f"{shown} and {len(names) - _LISTED} more"


@contextmanager
def checked_out(root: Path, ref: str) -> Iterator[Path]:
    """Give a directory with the files of commit *ref*; nothing of the repository changes, not even its index.

    Raises:
        UsageError: *root* is no Git repository, or has no such commit.
        EnvironmentProblem: there is no git, or it fails.
    """
    commit = _git(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}")
    if commit is None:
        hint = "A shallow clone holds but the newest: fetch it first, with fetch-depth: 0 in GitHub Actions."
        raise UsageError(f"there is no commit {ref!r} here", hint)
    with Scratch() as scratch:
        # Where a repository ends is told by .git; which Applications are about it, by its remotes and its name.
        target = scratch.directory / (root.name or "tree")
        (target / ".git").mkdir(parents=True)
        remotes = _git(root, "config", "--get-regexp", r"^remote\..*\.url$") or ""
        urls = [line.partition(" ")[2] for line in remotes.splitlines()]
        (target / ".git" / "config").write_text("".join(f'[remote "a"]\n\turl = {url}\n' for url in urls), "utf-8")
        index = {"GIT_INDEX_FILE": str(scratch.directory / "index")}
        done = _git(root, "read-tree", commit, **index)
        if done is None or _git(root, "checkout-index", "--all", f"--prefix={target}/", **index) is None:
            raise EnvironmentProblem(f"git could not check out {ref}", "Run `git fsck`, perhaps.")
        yield target


def _git(root: Path, *arguments: str, **environ: str) -> str | None:
    """Return what git prints, stripped; None when it fails. Raises UsageError outside of a repository."""
    quiet = {"GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"}
    env = {**os.environ, **quiet, **environ}
    try:
        done = run(["git", "-C", str(root), "-c", "core.fsmonitor=false", *arguments], env=env, timeout_s=300)
    except OSError as error:
        raise EnvironmentProblem("git is not installed, and it is what knows earlier commits") from error
    if b"not a git repository" in done.stderr:
        raise UsageError(f"{root} is no Git repository, so there is no earlier commit to compare with")
    return done.stdout.decode("utf-8", "replace").strip() if done.code == 0 and not done.why_stopped else None


def settings_at(settings: Settings, tree: Path) -> Settings | None:
    """Return *settings* for the same run over *tree*; None where nothing of what they name is there."""
    root = settings.root.resolve()
    paths = []
    for name in settings.paths:
        absolute = Path(name).resolve()
        if absolute.is_relative_to(root) and (tree / absolute.relative_to(root)).exists():
            paths.append(str(tree / absolute.relative_to(root)))
    if settings.paths and not paths:
        return None
    return replace(settings, root=tree, paths=tuple(paths), stdin=None)
