"""What the documentation shows is what happens."""

from __future__ import annotations

import json
import re
import shlex
from itertools import takewhile
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator

from karlint.reading import parse_yaml
from karlint.rules import data_dir
from tests.cli.support import NO_LIMIT, Repository
from tests.docs.support import PAGES, ROOT, WRITTEN, Block, blocks, checkout, links, same_but_for_dots

if TYPE_CHECKING:
    from pathlib import Path

CONSOLE = blocks("console", WRITTEN)
RUN = [block for block in CONSOLE if block.text.startswith("$ karlint check examples")]
YAML = blocks("yaml", WRITTEN)


def test_there_is_something_to_test() -> None:
    assert len(RUN) >= 1
    assert len(YAML) >= 8


@pytest.mark.parametrize("block", RUN, ids=str)
def test_shown_output_is_what_the_command_prints(block: Block) -> None:
    command, _, shown = block.text.partition("\n")
    ran = checkout().run(*shlex.split(command.removeprefix("$ karlint ")))
    assert same_but_for_dots(shown, ran.out), f"{block.page}: what is printed now:\n{ran.out}"


def test_dots_stand_for_lines_and_nothing_else() -> None:
    assert same_but_for_dots("a\n...\nd\n", "a\nb\nc\nd\n")
    assert not same_but_for_dots("a\n...\nd\n", "a\nb\nc\n")
    assert not same_but_for_dots("a\nb\n", "a\nb\nc\n")


@pytest.mark.parametrize("block", CONSOLE, ids=str)
def test_every_command_and_option_exists(block: Block, tmp_path: Path) -> None:
    """Each karlint command of a page is understood, up to the paths that only the reader has."""
    repository = Repository(tmp_path)
    for line in block.text.splitlines():
        found = re.match(r"\$ (?:.*\| *)?karlint ([^#|]*)", line)
        if found:
            words = [word for word in shlex.split(found[1]) if word != "RULE"]
            known = [word for word in words if word.startswith("-") and word != "-"]
            text = repository.run(*takewhile(str.isalpha, words), "--help").out
            assert all(re.search(rf"(?<![\w-]){re.escape(option)}(?![\w-])", text) for option in known), line


@pytest.mark.parametrize("block", YAML, ids=str)
def test_every_yaml_block_parses(block: Block) -> None:
    assert parse_yaml(block.text.encode()) is not None


def _is_configuration(block: Block) -> bool:
    return "kubernetes_versions:" in block.text


@pytest.mark.parametrize("block", [block for block in YAML if _is_configuration(block)], ids=str)
def test_shown_configurations_are_accepted(block: Block, tmp_path: Path) -> None:
    repository = Repository(tmp_path)
    repository.write(".karlint.yaml", block.text)
    repository.write("app.yaml", NO_LIMIT)
    (tmp_path / "schemas").mkdir()
    ran = repository.run("check")
    assert (ran.code, ran.err) == (1, "")


def test_the_shown_mistake_in_a_configuration_is_answered_so(tmp_path: Path) -> None:
    block = next(block for block in CONSOLE if block.page.name == "configuration.md" and "error:" in block.text)
    repository = Repository(tmp_path)
    repository.write(".karlint.yaml", "rules:\n  dra/claim-not-fond: error\n")
    assert repository.run("check").err == block.text.partition("\n")[2]


@pytest.mark.parametrize("number", range(3))
def test_shown_suppressions_work(number: int, tmp_path: Path) -> None:
    shown = [block.text for block in YAML if block.page.name == "suppression.md"][number]
    repository = Repository(tmp_path)
    if shown.startswith("containers:"):
        indented = "".join(f"      {line}\n" for line in shown.splitlines())
        manifest = NO_LIMIT[: NO_LIMIT.index("      containers:")] + indented
    else:
        annotations = shown.partition("\n")[2]
        manifest = NO_LIMIT.replace("metadata:\n", f"metadata:\n{annotations}")
    repository.write("app.yaml", manifest)
    ran = repository.run("check", "--select", "dra")
    assert (ran.code, ran.found()) == (0, [])
    assert "1 suppressed" in ran.out


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    for target in links(page):
        if target.startswith("https://"):
            continue
        path, _, anchor = target.partition("#")
        linked = (page.parent / path).resolve() if path else page
        assert linked.exists(), f"{page}: {target}"
        if anchor:
            headings = re.findall(r"^#+ (.+)$", linked.read_text("utf-8"), re.MULTILINE)
            anchors = {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}
            assert anchor in anchors, f"{page}: {target}"


def test_the_readme_names_every_command() -> None:
    text = (ROOT / "README.md").read_text("utf-8")
    commands = re.findall(r"^  ([a-z]+)  +[A-Z]", checkout().run("--help").out.partition("Commands:")[2], re.MULTILINE)
    assert len(commands) >= 7
    for command in commands:
        assert f"`karlint {command}" in text


def test_versions_that_the_pages_name_are_known(tmp_path: Path) -> None:
    shown = re.search(r"Kubernetes (1\.\d+) to (1\.\d+)", (ROOT / "docs" / "scope.md").read_text("utf-8"))
    assert shown is not None
    assert f"Kubernetes schemas: {shown[1]} to {shown[2]}\n" in Repository(tmp_path).run("doctor").out


def test_hooks_that_the_pages_name_exist() -> None:
    hooks = parse_yaml((ROOT / ".pre-commit-hooks.yaml").read_bytes())
    known = {hook["id"] for hook in hooks}
    named = set(re.findall(r"- id: (karlint[\w-]*)", "".join(page.read_text("utf-8") for page in WRITTEN)))
    assert named == known


def test_the_published_schemas_are_listed() -> None:
    text = (ROOT / "schemas" / "README.md").read_text("utf-8")
    for file in sorted((data_dir() / "schemas").glob("karlint-*.schema.json")):
        Draft202012Validator.check_schema(json.loads(file.read_bytes()))
        assert file.name in text


def test_inputs_that_the_pages_give_the_action_exist() -> None:
    known = set(parse_yaml((ROOT / "action.yml").read_bytes())["inputs"])
    steps = [
        step
        for block in YAML
        for job in _jobs(parse_yaml(block.text.encode()))
        for step in job.get("steps", [])
        if step.get("uses", "").startswith("karlint/karlint@")
    ]
    assert steps
    assert {name for step in steps for name in step.get("with", {})} <= known


def _jobs(value: object) -> list[dict[str, Any]]:
    jobs = value.get("jobs") if isinstance(value, dict) else None
    return list(jobs.values()) if isinstance(jobs, dict) else []
