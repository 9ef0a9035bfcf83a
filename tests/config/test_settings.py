"""The command line wins over the file."""

from __future__ import annotations

from pathlib import Path

import pytest

from karlint.config import Config, Settings, resolve_fail_on
from karlint.errors import UsageError
from karlint.model.rule import Severity

FILE = Config(("1.34",), Severity.WARNING, ("vendor/",), limits={"max_depth": 9})


def test_the_file_holds_where_the_command_line_is_silent() -> None:
    settings = Settings.from_config(Path("/repo"), FILE)
    assert settings.versions == ("1.34",)
    assert settings.fail_on is Severity.WARNING
    assert settings.exclude == ("vendor/",)
    assert settings.limits == {"max_depth": 9}
    assert settings.config is FILE
    assert settings.jobs >= 1


def test_the_command_line_wins() -> None:
    settings = Settings.from_config(
        Path("/repo"), FILE, paths=["a"], versions=["1.35", "1.36", "1.35"], fail_on="never", exclude=["dev/"], jobs=3
    )
    assert settings.paths == ("a",)
    assert settings.versions == ("1.35", "1.36")
    assert settings.fail_on is None
    assert settings.exclude == ("vendor/", "dev/")
    assert settings.jobs == 3


def test_a_severity_to_fail_on_must_exist() -> None:
    assert resolve_fail_on("note") is Severity.NOTE
    with pytest.raises(UsageError, match="'warnings'") as caught:
        resolve_fail_on("warnings")
    assert caught.value.hint == "Did you mean warning?"
