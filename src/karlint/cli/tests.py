"""``karlint test``: run the tests that come with policies."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from karlint.policy.testing import Outcome, Tested


def run_tests_of(
    paths: Annotated[list[str], typer.Argument(metavar="PATH", help="Policies, as for `karlint check --policy`.")],
    data: Annotated[
        list[str] | None, typer.Option("--policy-data", metavar="PATH", help="Documents for `data`. Repeatable.")
    ] = None,
    format_: Annotated[str, typer.Option("--format", "-f", metavar="FORMAT", help="text or junit.")] = "text",
) -> None:
    """Run the tests of policies.

    \b
    Rule folders prove themselves on their examples; rules in conftest's manner have `test_` rules beside them.
    Coverage is of the lines that their tests run. Exit code 1: a test failed.
    """
    from karlint.errors import UsageError

    if format_ not in ("text", "junit"):
        raise UsageError(f"there is no format {format_!r}", "Formats: text, junit.")
    tested = [_tests_of(Path(path), [Path(item) for item in data or ()]) for path in paths]
    outcomes = [outcome for item in tested for outcome in item.outcomes]
    if not outcomes:
        raise UsageError("there are no tests", "Rule folders have examples/; other policies have *_test.rego.")
    typer.echo(_junit(outcomes) if format_ == "junit" else _text(tested, outcomes), nl=False)
    raise typer.Exit(1 if any(outcome.problem for outcome in outcomes) else 0)


def _tests_of(path: Path, data: list[Path]) -> Tested:
    from karlint.examples import proof_of
    from karlint.policy import UserPolicies
    from karlint.policy.load import holds_rule_folders, modules_and_data
    from karlint.policy.testing import Outcome, Tested, run_tests
    from karlint.prepared import load_rule_book
    from karlint.reading import parse_yaml, read_documents
    from karlint.rules import add_rules, data_dir

    modules, documents = modules_and_data(path, data, read_documents)
    tested = run_tests(modules, documents)
    if not holds_rule_folders(path):
        return tested
    policies = UserPolicies((), (), (path,))
    own = load_rule_book().rules
    book = add_rules(load_rule_book(), data_dir(), [path], parse_yaml)
    outcomes = [
        Outcome(str(rule.folder), name, problem)
        for rule in book.rules.values()
        if rule.id not in own
        for name, problem in proof_of(rule, policies)
    ]
    return Tested((*tested.outcomes, *outcomes), tested.covered, tested.uncovered)


def _text(tested: list[Tested], outcomes: list[Outcome]) -> str:
    from karlint.report.sanitise import one_line

    lines = []
    for outcome in outcomes:
        word = "skip" if outcome.skipped else "FAIL" if outcome.problem else "ok"
        lines.append(f"{word:<5}{one_line(outcome.file)}: {one_line(outcome.name)}")
        if outcome.problem:
            lines.append(f"     {one_line(outcome.problem)}")
    for item in tested:
        for name in sorted(item.covered):
            ran, missed = len(item.covered[name]), len(item.uncovered[name])
            share = 100 * ran // (ran + missed) if ran + missed else 100
            listed = ", ".join(map(str, sorted(item.uncovered[name])[:10]))
            lines.append(f"{share:>3} %  {one_line(name)}" + (f", not run: {listed}" if missed else ""))
    failed = sum(bool(outcome.problem) for outcome in outcomes)
    lines.append(f"{len(outcomes)} tests, {failed} failed, {sum(outcome.skipped for outcome in outcomes)} skipped")
    return "\n".join(lines) + "\n"


def _junit(outcomes: list[Outcome]) -> str:
    from itertools import groupby

    from karlint.report.junit import attribute

    failed = sum(bool(outcome.problem) for outcome in outcomes)
    lines = ['<?xml version="1.0" encoding="UTF-8"?>']
    lines.append(f'<testsuites name="karlint test" tests="{len(outcomes)}" failures="{failed}" errors="0">')
    for file, group in groupby(outcomes, key=lambda outcome: outcome.file):
        cases = list(group)
        bad, skipped = sum(bool(case.problem) for case in cases), sum(case.skipped for case in cases)
        counts = f'tests="{len(cases)}" failures="{bad}" errors="0" skipped="{skipped}"'
        lines.append(f"  <testsuite name={attribute(file)} {counts}>")
        for case in cases:
            head = f'    <testcase classname={attribute(file)} name={attribute(case.name)} time="{case.seconds:.3f}"'
            inner = (
                "<skipped/>"
                if case.skipped
                else f"<failure message={attribute(case.problem)}/>"
                if case.problem
                else ""
            )
            lines.append(f"{head}>{inner}</testcase>" if inner else f"{head}/>")
        lines.append("  </testsuite>")
    return "\n".join([*lines, "</testsuites>"]) + "\n"
