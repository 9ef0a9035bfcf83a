"""``examples/x.yaml`` becomes ``examples/x.migrated.yaml``, to the byte, for every target that has claims."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from karlint.api import lint
from tests.migrate.support import ALL_TARGETS, after, migrate, settings, write

EXAMPLES = Path(__file__).parent / "examples"
NAMES = sorted(file.name for file in EXAMPLES.glob("*.yaml") if ".migrated." not in file.name)
UPDATE = os.environ.get("KARLINT_UPDATE_SNAPSHOTS") == "1"


@pytest.mark.parametrize("name", NAMES)
def test_an_example_becomes_what_it_should(tmp_path: Path, name: str) -> None:
    text = (EXAMPLES / name).read_text("utf-8")
    migration = migrate(tmp_path, {name: text}, versions=ALL_TARGETS)
    assert {refusal for workload in migration.workloads for refusal in workload.refusals} == set()
    result = after(migration, name)
    expected = EXAMPLES / name.replace(".yaml", ".migrated.yaml")
    if UPDATE:
        expected.write_text(result, "utf-8")
    assert result == expected.read_text("utf-8")


@pytest.mark.parametrize("name", NAMES)
def test_what_it_becomes_is_clean_and_stays_as_it_is(tmp_path: Path, name: str) -> None:
    text = (EXAMPLES / name.replace(".yaml", ".migrated.yaml")).read_text("utf-8")
    write(tmp_path, {name: text})
    report = lint(settings(tmp_path, versions=ALL_TARGETS))
    assert [finding for finding in report.findings if finding.rule.startswith(("core/", "dra/"))] == []
    assert report.counts.without_schema == {}
    again = migrate(tmp_path, {name: text}, versions=ALL_TARGETS)
    assert (again.workloads, again.files) == ((), ())
