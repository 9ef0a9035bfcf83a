"""0 clean, 1 findings, 2 usage or environment, 3 incomplete: whatever the format."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.support import DEPLOYMENT, NO_LIMIT, WARNING, Repository

FORMATS = ["text", "json", "sarif"]


@pytest.mark.parametrize("output", FORMATS)
@pytest.mark.parametrize(
    ("manifest", "code"), [(DEPLOYMENT, 0), (NO_LIMIT, 1), (WARNING, 0)], ids=["clean", "error", "warning"]
)
def test_the_code_tells_how_it_went_in_every_format(
    repository: Repository, output: str, manifest: str, code: int
) -> None:
    repository.write("app.yaml", manifest)
    ran = repository.run("check", "--format", output)
    assert ran.code == code, ran.all
    assert ran.err == ""


@pytest.mark.parametrize(
    ("limit", "code"),
    [("error", 0), ("warning", 1), ("note", 1), ("never", 0)],
    ids=["error", "warning", "note", "never"],
)
def test_a_warning_fails_the_run_from_warning_on(repository: Repository, limit: str, code: int) -> None:
    repository.write("app.yaml", WARNING)
    ran = repository.run("check", "--fail-on", limit)
    assert (ran.code, ran.found()) == (code, ["core/suppression-without-reason"])


def test_exit_zero_hides_the_code_and_not_the_findings(repository: Repository) -> None:
    repository.write("app.yaml", NO_LIMIT)
    ran = repository.run("check", "--exit-zero")
    assert (ran.code, ran.found()) == (0, ["dra/request-without-limit"])


@pytest.mark.parametrize("output", FORMATS)
@pytest.mark.parametrize("more", [[], ["--exit-zero"], ["--fail-on", "never"]], ids=["plain", "exit-zero", "never"])
def test_a_run_that_is_incomplete_never_passes(repository: Repository, output: str, more: list[str]) -> None:
    """A Python that cannot list one directory stands for a directory without permission, which root always has."""
    repository.write("open/app.yaml", DEPLOYMENT)
    repository.write("closed/app.yaml", NO_LIMIT)
    repository.write(
        "hook/sitecustomize.py",
        "import os\n_scan = os.scandir\n\ndef scandir(path='.'):\n"
        "    if str(path).rstrip('/').endswith('closed'):\n        raise PermissionError(13, 'Permission denied')\n"
        "    return _scan(path)\n\nos.scandir = scandir\n",
    )
    hooked = f"{repository.root / 'hook'}:{repository.environment()['PYTHONPATH']}"
    ran = repository.run("check", "--format", output, *more, PYTHONPATH=hooked)
    assert ran.code == 3, ran.all
    assert "closed" in ran.out
    if output == "text":
        assert "incomplete:" in ran.out
        assert "The directory closed/ cannot be read" in ran.out


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["missing.yaml"], ["missing.yaml", "no such file or directory"]),
        (["--fail-on", "eror"], ["eror", "Did you mean error?"]),
        (["--kubernetes-version", "1.99"], ["1.99", "Known: 1.25 to"]),
        (["--format", "xml"], ["xml", "text, json, sarif"]),
        (["--format", "json", "--format", "sarif"], ["both go to standard output"]),
        (["--output", "out.sarif"], ["--output has no --format"]),
        (["--color", "blue"], ["blue", "auto, always, never"]),
        (["--select", "dra/claim-not-fond"], ["dra/claim-not-fond", "Did you mean dra/claim-not-found?"]),
        (["--ignore", "drs"], ["drs", "Did you mean dra?"]),
        (["--ignore", "zzz"], ["zzz", "karlint rules"]),
        (["--config", "none.yaml"], ["none.yaml", "no such configuration file"]),
        (["--frmat", "json"], ["--frmat", "--format"]),
        (["--jobs", "0"], ["--jobs", "0"]),
        (["--exclude", "!"], ["!", ".gitignore"]),
    ],
    ids=lambda value: " ".join(value) if value and value[0].startswith("-") else None,
)
def test_wrong_usage_ends_with_2_and_says_what_is_wrong(
    repository: Repository, args: list[str], words: list[str]
) -> None:
    repository.write("app.yaml", NO_LIMIT)
    ran = repository.run("check", *args)
    assert ran.code == 2, ran.all
    assert ran.out == ""
    for word in words:
        assert word in ran.err


def test_an_unknown_command_names_the_near_one(repository: Repository) -> None:
    ran = repository.run("chek")
    assert ran.code == 2
    assert "check" in ran.err


def test_no_command_shows_the_help(repository: Repository) -> None:
    ran = repository.run()
    assert "Usage: karlint" in ran.all
    assert "check" in ran.all


@pytest.mark.parametrize("option", ["--version", "--help", "-h"])
def test_questions_about_karlint_end_with_0(repository: Repository, option: str) -> None:
    ran = repository.run(option)
    assert ran.code == 0
    assert ran.err == ""
    assert "karlint" in ran.out


def test_the_installed_command_is_the_module(repository: Repository) -> None:
    """The console script is declared to be what ``python -m karlint`` runs."""
    declared = (Path(__file__).resolve().parents[2] / "pyproject.toml").read_text("utf-8")
    assert 'karlint = "karlint.__main__:run"' in declared


@pytest.mark.parametrize(
    ("args", "words"),
    [(("check", "--select", "dra", "--ignore", "dra"), "no rule is left"), (("check", ""), "a path is empty")],
)
def test_what_would_lint_nothing_is_wrong_usage(repository: Repository, args: tuple[str, ...], words: str) -> None:
    repository.write("app.yaml", NO_LIMIT)
    ran = repository.run(*args)
    assert ran.code == 2
    assert words in ran.err
