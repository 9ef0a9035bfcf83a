"""The shared Rego helpers: their tests pass in OPA, and in the embedded engine one by one."""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING

import orjson
import pytest
import regorus

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
def test_library_tests_pass_in_opa(opa: Path) -> None:
    files = [str(file) for file in (*SHARED, *SUITES)]
    command = [str(opa), "test", "--format", "json", *files, f"tables.accelerators:{TABLE}"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    names = {name for suite in SUITES for name in names_in(suite)}
    assert {test["name"] for test in orjson.loads(done.stdout)} == names


@pytest.mark.parametrize("suite", SUITES, ids=lambda suite: suite.stem)
def test_library_tests_pass_in_the_embedded_engine(suite: Path) -> None:
    engine = regorus.Engine()
    for file in (*SHARED, suite):
        engine.add_policy(str(file), file.read_text("utf-8"))
    engine.add_data_json(orjson.dumps({"tables": {"accelerators": orjson.loads(TABLE.read_bytes())}}).decode())
    package = re.search(r"^package (\S+)", suite.read_text("utf-8"), re.MULTILINE)
    assert package is not None
    names = names_in(suite)
    assert names, "a suite without a test proves nothing"
    for name in names:
        assert orjson.loads(engine.eval_rule_as_json(f"data.{package[1]}.{name}")) is True, name
