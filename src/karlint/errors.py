"""The errors that end a run, and the hint that goes with each."""

from __future__ import annotations


class KarlintError(Exception):
    """The run cannot go on. Exit code 2.

    Attributes:
        message: what is wrong, one sentence.
        hint: what to do about it; empty when the message says it.
    """

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(KarlintError):
    """The invocation makes no sense: a path that is not there, an unknown rule or version."""


class ConfigError(KarlintError):
    """The configuration file is wrong; the message starts with ``file:line:column``."""


class PolicyError(KarlintError):
    """A rule folder is wrong: metadata that does not validate, logic that does not compile."""


class EnvironmentProblem(KarlintError):
    """Something that the run needs is not on this machine."""


class ToolMissing(EnvironmentProblem):
    """A renderer is not found.

    Attributes:
        tool: "helm" or "kustomize".
        what: what it would have rendered.
    """

    def __init__(self, tool: str, what: str) -> None:
        super().__init__(
            f"{what} is rendered by {tool}, which is not found.",
            f"Install {tool}, name it with KARLINT_{tool.upper()}, or do without: --no-render, "
            "or for `karlint check` --render auto.",
        )
        self.tool = tool
        self.what = what
