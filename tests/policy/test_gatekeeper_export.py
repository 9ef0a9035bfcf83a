"""Exported templates: gator takes them, and they say of each object of the rules' examples what karlint says."""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING, Any

import orjson
import pytest

from karlint.api import lint
from karlint.config import Config, Settings
from karlint.examples import examples_of
from karlint.prepared import load_rule_book
from karlint.reading import read_documents
from tests.cli.support import Repository
from tests.conftest import ROOT, missing

if TYPE_CHECKING:
    from pathlib import Path

LEAST = 11


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    repository = Repository(tmp_path_factory.mktemp("export"))
    ran = repository.run("export", "gatekeeper", "--output", "templates")
    assert ran.code == 0, ran.all
    assert "Not exported, since it looks up other objects: " in ran.out
    written = int(re.findall(r"Wrote (\d+) templates", ran.out)[0])
    named = re.findall(r"^Not exported, since [^:]*(?:: files, schemas, suppressions)?: (.*)$", ran.out, re.MULTILINE)
    assert written + sum(len(line.split(", ")) for line in named) == len(load_rule_book().rules)
    assert written >= LEAST
    return repository.root / "templates"


def objects(rule_folder: Path) -> list[dict[str, Any]]:
    return [
        document
        for example in examples_of(rule_folder)
        for file in example.files
        for document in read_documents(file)
        if isinstance(document, dict) and document.get("kind") and not document["kind"].endswith("List")
    ]


def told(rule: str, document: dict[str, Any], scratch: Path) -> int:
    """Return how many findings of *rule* karlint has on *document* alone."""
    (scratch / "object.json").write_bytes(orjson.dumps(document))
    paths = [str(scratch / "object.json")]
    report = lint(Settings.from_config(scratch, Config(), paths=paths, select=[rule], jobs=1, versions=["1.35"]))
    return len({(item.at, item.message) for item in report.findings if item.rule == rule})


def covered(constraint: dict[str, Any], document: dict[str, Any]) -> bool:
    group = document["apiVersion"].rpartition("/")[0]
    kinds = constraint["spec"]["match"]["kinds"]
    return any(group in entry["apiGroups"] and document["kind"] in entry["kinds"] for entry in kinds)


def test_gator_finds_in_the_examples_what_karlint_finds(exported: Path, tmp_path: Path) -> None:
    gator = ROOT / "tools" / "bin" / "gator"
    if not gator.is_file():
        missing("tools/bin/gator", "run `make tools`")
    suite: dict[str, Any] = {
        "apiVersion": "test.gatekeeper.sh/v1alpha1",
        "kind": "Suite",
        "metadata": {"name": "karlint"},
        "tests": [],
    }
    counts = {"violations": 0, "clean": 0}
    for file in sorted(exported.iterdir()):
        template, constraint = read_documents(file)
        for name, part in (("template", template), ("constraint", constraint)):
            (tmp_path / f"{name}-{file.stem}.yaml").write_bytes(orjson.dumps(part))
        rule = load_rule_book().rules[re.sub("-", "/", file.stem, count=1)]
        cases = []
        for number, document in enumerate(objects(rule.folder)):
            if not covered(constraint, document):
                continue
            document.setdefault("metadata", {}).setdefault("name", "generated")
            expected = told(rule.id, document, tmp_path)
            counts["violations" if expected else "clean"] += 1
            name = f"{file.stem}-{number}.yaml"
            (tmp_path / name).write_bytes(orjson.dumps(document))
            cases.append({"name": name, "object": name, "assertions": [{"violations": expected}]})
        assert any(case["assertions"][0]["violations"] for case in cases), f"{rule.id} is not seen to say anything"
        suite["tests"].append(
            {
                "name": rule.id,
                "template": f"template-{file.stem}.yaml",
                "constraint": f"constraint-{file.stem}.yaml",
                "cases": cases,
            }
        )
    (tmp_path / "suite.yaml").write_bytes(orjson.dumps(suite))
    command = [str(gator), "verify", str(tmp_path / "suite.yaml")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert min(counts.values()) > 20, counts


def test_parameters_and_severities_of_the_configuration_are_kept(tmp_path: Path) -> None:
    repository = Repository(tmp_path / "r")
    repository.write(
        ".karlint.yaml",
        "rules:\n  access/host-device-path: off\n  dra/request-without-limit: warning\n",
    )
    ran = repository.run("export", "gatekeeper", "--output", "templates")
    assert "Not exported, since it is off: access/host-device-path" in ran.out
    _, constraint = read_documents(repository.root / "templates" / "dra-request-without-limit.yaml")
    assert constraint["spec"]["enforcementAction"] == "warn"
