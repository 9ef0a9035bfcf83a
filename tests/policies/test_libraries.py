"""The shared Rego helpers: their tests pass in OPA, and in the embedded engine one by one."""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING

import orjson
import pytest
import regorus

from karlint.rules import indexed
from tests.conftest import ROOT

if TYPE_CHECKING:
    from pathlib import Path

POLICIES = ROOT / "policies"
REGO = [*sorted(POLICIES.glob("lib/**/*.rego")), *sorted((ROOT / "tests" / "policies" / "lib").glob("*.rego"))]
SUITES = [file for file in REGO if file.stem.endswith("_test")]
SHARED = [*(file for file in REGO if file not in SUITES), *sorted(POLICIES.glob("facts/**/*.rego"))]
TABLE = POLICIES / "tables" / "accelerators.json"


def names_in(suite: Path) -> list[str]:
    return re.findall(r"^(test_\w+)", suite.read_text("utf-8"), re.MULTILINE)


@pytest.mark.tools
def test_library_tests_pass_in_opa(opa: Path, tmp_path: Path) -> None:
    table = tmp_path / "accelerators.json"
    table.write_bytes(orjson.dumps(indexed(orjson.loads(TABLE.read_bytes()))))
    files = [str(file) for file in (*SHARED, *SUITES)]
    command = [str(opa), "test", "--format", "json", *files, f"tables.accelerators:{table}"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    names = {name for suite in SUITES for name in names_in(suite)}
    assert {test["name"] for test in orjson.loads(done.stdout)} == names


@pytest.mark.parametrize("suite", SUITES, ids=lambda suite: suite.stem)
def test_library_tests_pass_in_the_embedded_engine(suite: Path) -> None:
    engine = regorus.Engine()
    for file in (*SHARED, suite):
        engine.add_policy(str(file), file.read_text("utf-8"))
    engine.add_data_json(orjson.dumps({"tables": {"accelerators": indexed(orjson.loads(TABLE.read_bytes()))}}).decode())
    package = re.search(r"^package (\S+)", suite.read_text("utf-8"), re.MULTILINE)
    assert package is not None
    names = names_in(suite)
    assert names, "a suite without a test proves nothing"
    for name in names:
        assert orjson.loads(engine.eval_rule_as_json(f"data.{package[1]}.{name}")) is True, name


CAPABILITIES = POLICIES / "capabilities.json"


@pytest.mark.tools
def test_policies_use_only_what_capabilities_allow(opa: Path, tmp_path: Path) -> None:
    files = [str(file) for file in sorted(POLICIES.rglob("*.rego"))]
    command = [str(opa), "check", "--strict", "--capabilities", str(CAPABILITIES)]
    done = subprocess.run([*command, *files], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    other = tmp_path / "other.rego"
    other.write_text('package other\n\nx := http.send({"method": "get", "url": "https://example.com"})\n')
    refused = subprocess.run([*command, str(other)], capture_output=True, text=True, check=False)
    assert "undefined function http.send" in refused.stderr


def test_the_embedded_engine_has_what_capabilities_allow() -> None:
    allowed = orjson.loads(CAPABILITIES.read_bytes())
    assert allowed["allow_net"] == []
    names = {entry["name"] for entry in allowed["builtins"] if not entry.get("infix")}
    engine = regorus.Engine()
    engine.add_policy("runtime.rego", "package runtime\n\nknown := opa.runtime().builtins\n")
    known = set(orjson.loads(engine.eval_rule_as_json("data.runtime.known")))
    operators = {name for name in names if name.startswith("internal.")}
    assert names - operators - known == set()
