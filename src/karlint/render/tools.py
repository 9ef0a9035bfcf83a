"""Finds helm and kustomize, and says which they are."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from karlint import _proc
from karlint.errors import EnvironmentProblem, ToolMissing

if TYPE_CHECKING:
    from collections.abc import Mapping

    from karlint.render.sandbox import Sandbox

_VERSION = re.compile(r"v?(\d+)\.(\d+)(?:\.(\d+))?[\w.+-]*")
_SECONDS = 20.0


class Tool(Struct, frozen=True):
    """A program that renders.

    Attributes:
        name: "helm" or "kustomize".
        argv: how it is called, its first argument absolute: ``(".../kubectl", "kustomize")`` stands in for kustomize.
        version: as it says itself, "" where it does not say.
    """

    name: str
    argv: tuple[str, ...]
    version: str = ""

    @property
    def major(self) -> int:
        """Major version; 0 for unknown."""
        match = _VERSION.search(self.version)
        return int(match[1]) if match else 0


class Tools:
    """The renderers of this machine, looked for when they are needed."""

    def __init__(self, sandbox: Sandbox, environ: Mapping[str, str] | None = None) -> None:
        self._sandbox = sandbox
        self._environ = os.environ if environ is None else environ
        self._known: dict[str, Tool | None] = {}

    def find(self, name: str) -> Tool | None:
        """Return the tool called *name*, "helm" or "kustomize"; None where there is none.

        KARLINT_HELM and KARLINT_KUSTOMIZE name a program; else PATH is searched, for kubectl too in place of
        kustomize, which it has built in.

        Raises:
            EnvironmentProblem: the variable names something that is no program.
        """
        if name not in self._known:
            self._known[name] = self._find(name)
        return self._known[name]

    def need(self, name: str, what: str) -> Tool:
        """Return the tool called *name*. Raises ToolMissing, which says that *what* needs it."""
        tool = self.find(name)
        if tool is None:
            raise ToolMissing(name, what)
        return tool

    def used(self) -> dict[str, str]:
        """Return name to version of the tools that were looked for and found."""
        return {name: tool.version for name, tool in sorted(self._known.items()) if tool is not None}

    def _find(self, name: str) -> Tool | None:
        variable = f"KARLINT_{name.upper()}"
        chosen = self._environ.get(variable)
        search = self._environ.get("PATH")
        program = shutil.which(chosen or name, path=search)
        if chosen and program is None:
            raise EnvironmentProblem(f"{variable} names {chosen}, which is no program.", "Correct it, or unset it.")
        if program is not None:
            argv: tuple[str, ...] = (str(Path(program).absolute()),)
            if name == "kustomize" and Path(program).name.startswith("kubectl"):
                argv = (*argv, "kustomize")
        elif name == "kustomize" and (kubectl := shutil.which("kubectl", path=search)) is not None:
            argv = (str(Path(kubectl).absolute()), "kustomize")
        else:
            return None
        return Tool(name, argv, self._version(name, argv))

    def _version(self, name: str, argv: tuple[str, ...]) -> str:
        asked = [argv[0], "version", "--client"] if len(argv) > 1 else [argv[0], "version"]
        if name == "helm":
            asked.append("--short")
        try:
            done = _proc.run(asked, env=self._sandbox.env, timeout_s=_SECONDS)
        except OSError as error:
            raise EnvironmentProblem(f"{argv[0]} cannot be run: {error.strerror or error}") from error
        text = done.stdout.decode("utf-8", "replace")
        if len(argv) > 1:
            text = next((line for line in text.splitlines() if "ustomize" in line), text)
        match = _VERSION.search(text)
        return match.group() if match else ""
