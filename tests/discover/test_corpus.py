"""Over real repositories, nothing is lost: every YAML and JSON file is linted or skipped with a reason."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from karlint.discover import DiscoverOptions, discover
from tests.discover.support import linted, read_yaml, reasons

pytestmark = pytest.mark.corpus


def test_files_and_skipped_are_all_there_is(corpus: Path) -> None:
    options = DiscoverOptions(respect_gitignore=False)
    found = discover(corpus, [], options, None, read_yaml)
    expected = {
        (Path(directory) / name).relative_to(corpus).as_posix()
        for directory, _, names in os.walk(corpus)
        for name in names
        if name.endswith((".yaml", ".yml", ".json"))
    }
    assert len(expected) > 6000
    assert sorted([*linted(found), *reasons(found)]) == sorted(expected)


def test_no_skipped_file_hides_an_accelerator_workload_by_its_name_only(corpus: Path) -> None:
    """What is skipped by name must not look like a manifest, skaffold's own apiVersion aside."""
    found = discover(corpus, [], DiscoverOptions(), None, read_yaml)
    tools = [path for path, reason in reasons(found).items() if reason == "CI or tool configuration"]
    assert tools
    for path in tools:
        value = read_yaml((corpus / path).read_bytes()) if "helmfile" not in path else None
        api_version = value.get("apiVersion", "") if isinstance(value, dict) else ""
        assert not api_version or api_version.startswith("skaffold/"), path
