"""``examples/x.yaml`` becomes ``examples/x.migrated.yaml``, to the byte, for every target that has claims."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from karlint.api import lint
from tests.migrate.support import ALL_TARGETS, after, migrate, settings

if TYPE_CHECKING:
    from karlint.model.migration import Migration

EXAMPLES = Path(__file__).parent / "examples"
NAMES = sorted(file.name for file in EXAMPLES.glob("*.yaml") if ".migrated." not in file.name)
UPDATE = os.environ.get("KARLINT_UPDATE_SNAPSHOTS") == "1"


@pytest.fixture(scope="module")
def migration(tmp_path_factory: pytest.TempPathFactory) -> Migration:
    texts = {f"clusters/{name}/a.yaml": (EXAMPLES / name).read_text("utf-8") for name in NAMES}
    return migrate(tmp_path_factory.mktemp("examples"), texts, versions=ALL_TARGETS)


@pytest.mark.parametrize("name", NAMES)
def test_an_example_becomes_what_it_should(migration: Migration, name: str) -> None:
    file = f"clusters/{name}/a.yaml"
    assert {refusal for item in migration.workloads if item.file == file for refusal in item.refusals} == set()
    result = after(migration, file)
    expected = EXAMPLES / name.replace(".yaml", ".migrated.yaml")
    if UPDATE:
        expected.write_text(result, "utf-8")
    assert result == expected.read_text("utf-8")


def test_what_they_become_is_clean_and_stays_as_it_is(tmp_path: Path) -> None:
    texts = {
        f"clusters/{name}/a.yaml": (EXAMPLES / name.replace(".yaml", ".migrated.yaml")).read_text("utf-8")
        for name in NAMES
    }
    again = migrate(tmp_path, texts, versions=ALL_TARGETS)
    assert (again.workloads, again.files) == ((), ())
    report = lint(settings(tmp_path, versions=ALL_TARGETS))
    assert [finding for finding in report.findings if finding.rule.startswith(("core/", "dra/"))] == []
    assert report.counts.without_schema == {}
