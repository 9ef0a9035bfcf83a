"""Writes runtime.lock, dev.lock and unsaid.lock from pyproject.toml: every package pinned, every artefact hashed.

``make lock`` runs it. It uses the standard library only, and puts pip-tools into a scratch environment, since pip-tools
wants pip itself in the lock otherwise. Run it with the oldest Python that pyproject.toml allows: backports needed only
there are then in the lock too. Nothing about where packages come from is written: that is for the reader's pip to know.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import tomllib
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PIP_TOOLS = "pip-tools==7.6.2"
OPTIONS = (
    "--generate-hashes",
    "--strip-extras",
    "--allow-unsafe",
    "--no-config",
    "--no-emit-index-url",
    "--no-emit-find-links",
    "--no-emit-trusted-host",
    "--no-emit-options",
    "--quiet",
)
# hatchling asks for it when it builds an editable install, through its build hook and so out of pyproject's sight.
EDITABLE = ("editables>=0.5",)
# What pip builds with where a project does not say, as the mirror does that a test installs from.
UNSAID = ("setuptools",)


def main() -> int:
    """Write the locks; return the exit code."""
    if sys.version_info[:2] != (3, 11):
        print(f"lock with Python 3.11, not {sys.version.split()[0]}: newer ones leave backports out", file=sys.stderr)
        return 2
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    extras = [name for extra in project["project"].get("optional-dependencies", {}).values() for name in extra]
    runtime = [*project["project"]["dependencies"], *extras, *project["build-system"]["requires"], *EDITABLE]
    with tempfile.TemporaryDirectory() as scratch:
        pip_compile = _install_pip_tools(Path(scratch) / "venv")
        _compile(pip_compile, Path(scratch), runtime, "runtime", constraint=None)
        dev = [*runtime, *project["dependency-groups"]["dev"]]
        # The constraint keeps both locks on the same versions of what they share.
        _compile(pip_compile, Path(scratch), dev, "dev", constraint=ROOT / "requirements" / "runtime.lock")
        _compile(pip_compile, Path(scratch), list(UNSAID), "unsaid", constraint=None)
    return 0


def _install_pip_tools(directory: Path) -> Path:
    venv.create(directory, with_pip=True)
    subprocess.run([directory / "bin" / "pip", "install", "--quiet", PIP_TOOLS], check=True)
    return directory / "bin" / "pip-compile"


def _compile(pip_compile: Path, scratch: Path, requirements: list[str], name: str, constraint: Path | None) -> None:
    source = scratch / f"{name}.in"
    source.write_text("\n".join(requirements) + "\n", encoding="utf-8")
    output = scratch / f"{name}.lock"
    extra = ["--constraint", str(constraint)] if constraint else []
    command = [str(pip_compile), *OPTIONS, *extra, "--output-file", str(output), str(source)]
    subprocess.run(command, check=True, env=_environment())
    target = ROOT / "requirements" / f"{name}.lock"
    target.write_text(_without_origins(output.read_text(encoding="utf-8"), scratch), encoding="utf-8")
    print(f"wrote {target.relative_to(ROOT)}")


def _environment() -> dict[str, str]:
    return {**os.environ, "PIP_FIND_LINKS": "", "CUSTOM_COMPILE_COMMAND": "make lock"}


def _without_origins(text: str, scratch: Path) -> str:
    """Drop the "via -r /scratch/file" remarks, and refuse a lock that names a place packages came from."""
    kept = [line for line in text.splitlines() if str(scratch) not in line and str(ROOT) not in line]
    hosts = [line for line in kept if "://" in line or line.startswith("--")]
    if hosts:
        raise SystemExit(f"the lock would name a package index: {hosts[0]}")
    return "\n".join(kept) + "\n"


if __name__ == "__main__":
    raise SystemExit(main())
