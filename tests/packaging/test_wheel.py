"""The wheel, as a user gets it: built from the sdist, installed into an empty environment, run far from a checkout."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
import venv
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.packaging.checkout import ROOT, clean_environment, copy_to, once

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

# Line 8 is what the packed schemas say, line 15 what the packed rules say.
MANIFEST = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: llama
  namespace: inference
  labels: {app: llama}
spec:
  replicas: two
  selector: {matchLabels: {app: llama}}
  template:
    metadata: {labels: {app: llama}}
    spec:
      containers:
        - {name: server, image: "registry.example/llama:1", resources:
            {requests: {nvidia.com/gpu: 1}}}
"""


@dataclass(frozen=True)
class Installed:
    """An environment that holds the wheel and what it depends on, and an empty directory to be in."""

    wheel: Path
    bin: Path
    empty: Path

    def run(self, *command: str, code: int = 0) -> str:
        """Run a program of the environment in the empty directory; return its standard output."""
        words = [str(self.bin / command[0]), *command[1:]]
        done = subprocess.run(
            words, cwd=self.empty, env=clean_environment(), capture_output=True, text=True, check=False, timeout=120
        )
        assert done.returncode == code, f"{command}: exit code {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done.stdout


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    scratch = once(tmp_path_factory, "packaging", _build_and_install)
    (wheel,) = (scratch / "dist").glob("*.whl")
    empty = tmp_path_factory.mktemp("empty")
    return Installed(wheel, scratch / "venv" / "bin", empty)


def _build_and_install(scratch: Path) -> None:
    source = copy_to(scratch / "checkout")
    dist = scratch / "dist"
    # Without --wheel, build makes the sdist first and the wheel out of it, so that a gap in the sdist shows.
    _run(sys.executable, "-m", "build", "--outdir", str(dist), str(source))
    (wheel,) = dist.glob("*.whl")
    venv.create(scratch / "venv", with_pip=True)
    python = str(scratch / "venv" / "bin" / "python")
    _run(python, "-m", "pip", "install", "--quiet", "--constraint", str(_constraints(scratch)), str(wheel))


def _constraints(scratch: Path) -> Path:
    """Write the lock's versions without its hashes: what is installed is for the wheel to say, not for the lock."""
    lock = (ROOT / "requirements" / "runtime.lock").read_text(encoding="utf-8")
    pins = re.findall(r"^[A-Za-z0-9._-]+==[^\s\\;]+", lock, flags=re.MULTILINE)
    assert len(pins) > 10
    file = scratch / "constraints.txt"
    file.write_text("\n".join(pins) + "\n", encoding="utf-8")
    return file


def _run(*command: str) -> None:
    done = subprocess.run(command, env=clean_environment(), capture_output=True, text=True, check=False, timeout=600)
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"


def test_the_wheel_holds_the_package_its_rules_and_its_schemas_and_nothing_else(installed: Installed) -> None:
    with zipfile.ZipFile(installed.wheel) as wheel:
        names = set(wheel.namelist())
    assert {name.partition("/")[0] for name in names} == {"karlint", f"karlint-{PROJECT['version']}.dist-info"}
    assert "karlint/py.typed" in names
    assert any(name.endswith("dist-info/licenses/LICENSE") for name in names)
    for folder in ("policies", "schemas"):
        # The copy that was built holds what Git does; caches that lie about in the checkout must not get in.
        there = {path.relative_to(ROOT).as_posix() for path in (ROOT / folder).rglob("*") if path.is_file()}
        packed = {name.removeprefix("karlint/_data/") for name in names if name.startswith(f"karlint/_data/{folder}/")}
        assert packed, f"no {folder} in the wheel"
        assert packed == {name for name in there if "__pycache__" not in name}


def test_what_is_installed_is_consistent(installed: Installed) -> None:
    assert "No broken requirements" in installed.run("python", "-m", "pip", "check")


def test_it_says_its_version(installed: Installed) -> None:
    assert PROJECT["version"] in installed.run("karlint", "--version")
    assert PROJECT["version"] in installed.run("python", "-m", "karlint", "--version")


def test_rules_and_schemas_come_from_the_wheel(installed: Installed) -> None:
    program = "from karlint.rules import data_dir; print(data_dir())"
    data = Path(installed.run("python", "-c", program).strip())
    assert data.is_relative_to(installed.bin.parent)
    assert data.parts[-2:] == ("karlint", "_data")


def test_it_lists_every_rule_of_the_checkout(installed: Installed) -> None:
    listed = installed.run("karlint", "rules")
    folders = {file.parent.relative_to(ROOT / "policies").as_posix() for file in (ROOT / "policies").rglob("rule.*")}
    assert folders
    assert not [rule for rule in folders if rule not in listed]


def test_it_finds_what_its_schemas_and_its_rules_know(installed: Installed) -> None:
    (installed.empty / "llama.yaml").write_text(MANIFEST, encoding="utf-8")
    try:
        report = json.loads(installed.run("karlint", "check", "--format", "json", "llama.yaml", code=1))
    finally:
        (installed.empty / "llama.yaml").unlink()
    found = {(finding["rule"], finding["location"]["start"]["line"]) for finding in report["findings"]}
    assert {("core/schema-invalid", 8), ("dra/request-without-limit", 15)} <= found
    assert report["failures"] == []
