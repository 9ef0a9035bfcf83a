"""Suppressions end to end: every documented place, and what is said of those that do nothing."""

from __future__ import annotations

import pytest

from tests.cli.support import DEPLOYMENT, NO_LIMIT, Repository

RULE = "dra/request-without-limit"
REASON = "the webhook adds the limit"
LINE = "            requests: {nvidia.com/gpu: 1}\n"


def _annotated(value: str) -> str:
    return NO_LIMIT.replace("  namespace: ml\n", f"  namespace: ml\n  annotations:\n    karlint.dev/ignore: {value}\n")


PLACES = {
    "at the end of the line": NO_LIMIT.replace(LINE, f"{LINE.rstrip()} # karlint: ignore[{RULE}] {REASON}\n"),
    "on the line above": NO_LIMIT.replace(LINE, f"            # karlint: ignore[{RULE}] {REASON}\n{LINE}"),
    "above the resource": f"# karlint: ignore[{RULE}] {REASON}\n{NO_LIMIT}",
    "above the second resource": f"{DEPLOYMENT}---\n# karlint: ignore[{RULE}] {REASON}\n{NO_LIMIT}",
    "with several rules": NO_LIMIT.replace(
        LINE, f"{LINE.rstrip()} # karlint: ignore[{RULE}, core/schema-invalid] {REASON}\n"
    ),
    "as a category": NO_LIMIT.replace(LINE, f"{LINE.rstrip()} # karlint: ignore[dra/*] {REASON}\n"),
    "as an annotation": _annotated(f'"{RULE}: {REASON}"'),
}


@pytest.mark.parametrize("text", PLACES.values(), ids=PLACES)
def test_every_documented_place_works(repository: Repository, text: str) -> None:
    repository.write("app.yaml", text)
    ran = repository.run("check", "--select", RULE)
    assert (ran.code, ran.found()) == (0, [])
    assert "1 suppressed" in ran.out
    assert REASON in repository.run("check", "--select", RULE, "--show-suppressed").out


DEFECTS = {
    "core/suppression-without-reason": f"{LINE.rstrip()} # karlint: ignore[{RULE}]\n",
    "core/unknown-suppressed-rule": f"{LINE.rstrip()} # karlint: ignore[dra/request-without-limits] {REASON}\n",
}


@pytest.mark.parametrize(("hygiene", "line"), DEFECTS.items(), ids=DEFECTS)
def test_one_that_says_too_little_hides_nothing(repository: Repository, hygiene: str, line: str) -> None:
    repository.write("app.yaml", NO_LIMIT.replace(LINE, line))
    assert sorted(repository.run("check").found()) == sorted([RULE, hygiene])


def test_an_unknown_rule_gets_a_suggestion(repository: Repository) -> None:
    repository.write("app.yaml", NO_LIMIT.replace(LINE, DEFECTS["core/unknown-suppressed-rule"]))
    assert "Did you mean dra/request-without-limit?" in repository.run("check").out


def test_one_without_effect_is_a_note(repository: Repository) -> None:
    repository.write("app.yaml", DEPLOYMENT.replace("kind: Dep", f"# karlint: ignore[{RULE}] {REASON}\nkind: Dep"))
    ran = repository.run("check")
    assert (ran.code, ran.found()) == (0, ["core/unused-suppression"])


def test_one_for_a_rule_that_did_not_run_is_not_called_unused(repository: Repository) -> None:
    repository.write("app.yaml", DEPLOYMENT.replace("kind: Dep", f"# karlint: ignore[{RULE}] {REASON}\nkind: Dep"))
    assert repository.run("check", "--ignore", "dra").found() == []


def test_it_speaks_for_its_own_resource_only(repository: Repository) -> None:
    second = NO_LIMIT.replace("name: train\n  n", "name: other\n  n")
    repository.write("app.yaml", f"# karlint: ignore[{RULE}] {REASON}\n{NO_LIMIT}---\n{second}")
    ran = repository.run("check")
    assert ran.found() == [RULE]
    assert "Job ml/other" in ran.out


def test_the_configuration_ignores_with_a_reason(repository: Repository) -> None:
    repository.write("vendor/job.yaml", NO_LIMIT)
    text = "ignore:\n  - rule: dra/request-without-limit\n    path: vendor/*\n    reason: theirs to mend\n"
    repository.write(".karlint.yaml", text)
    ran = repository.run("check", "--show-suppressed")
    assert ran.code == 0
    assert "theirs to mend" in ran.out
    repository.write(".karlint.yaml", text.replace("vendor", "nowhere"))
    ran = repository.run("check")
    assert ran.code == 1
    assert "ignore[0] of the configuration (dra/request-without-limit) matches no finding." in ran.out
    assert "matches no finding" not in repository.run("check", "vendor").out


@pytest.mark.parametrize(
    ("entry", "place"),
    [
        ("{rule: dra/nothing, reason: a}", "2:12"),
        ("{rule: dra/request-without-limit}", "2:5"),
        ("{rule: dra/request-without-limit, reason: a, expires: 2027-02-31}", "2:59"),
        ("{rule: '*', reason: a}", "2:12"),
    ],
)
def test_an_entry_that_is_wrong_is_wrong_usage(repository: Repository, entry: str, place: str) -> None:
    repository.write(".karlint.yaml", f"ignore:\n  - {entry}\n")
    ran = repository.run("check")
    assert ran.code == 2
    assert f".karlint.yaml:{place}: " in ran.err
