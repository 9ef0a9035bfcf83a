"""pre-commit from a mirror: a repository that only names the wheel, as the documentation shows it."""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING

import pytest

from tests.packaging.checkout import ROOT, clean_environment, once
from tests.packaging.test_wheel import PROJECT, _build_and_install
from tests.precommit.test_hooks import BAD, Repository, cache, git

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["cache"]


@pytest.fixture(scope="session")
def mirror(tmp_path_factory: pytest.TempPathFactory) -> Path:
    shown = re.search(
        r"^```toml\n(.*?)^```$", (ROOT / "docs" / "integrations.md").read_text(), re.MULTILINE | re.DOTALL
    )
    assert shown is not None
    directory = tmp_path_factory.mktemp("mirror")
    assert f'"karlint=={PROJECT["version"]}"' in shown[1]
    (directory / "pyproject.toml").write_text(shown[1])
    shutil.copy(ROOT / ".pre-commit-hooks.yaml", directory)
    git(directory, "init", "--quiet")
    git(directory, "add", "--all")
    git(directory, "commit", "--quiet", "--message", "mirror")
    return directory


def test_the_hook_of_a_mirror_installs_the_wheel_and_lints(
    mirror: Path, cache: Path, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    wheels = once(tmp_path_factory, "packaging", _build_and_install) / "dist"
    repository = Repository(tmp_path, mirror, cache)
    repository.use("karlint")
    repository.write("apps/bad.yaml", BAD.format(name="bad"))
    links = f"{wheels} {clean_environment().get('PIP_FIND_LINKS', '')}".strip()
    result = repository.pre_commit("run", PIP_FIND_LINKS=links)
    assert (result.code, result.files()) == (1, {"apps/bad.yaml"}), result.output
    assert not (mirror / "src").exists()
