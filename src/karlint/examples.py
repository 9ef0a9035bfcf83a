"""The examples of rule folders, which are their tests: what they announce is found, and nothing else is."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec import Struct

from karlint.config import Config, Settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from karlint.model.rule import Rule
    from karlint.policy import UserPolicies

_MARK = re.compile(r"#\s*expect:\s*(?P<rules>[a-z0-9/, -]+?)\s*$")
_PROFILE = re.compile(r"#\s*profile:\s*([a-z0-9-]+)")
_VERSIONS = re.compile(r"#\s*kubernetes:\s*([0-9., ]+)")
_DEFAULT = ("1.35",)

Place = tuple[str, int, str]
"""File, line and rule of a finding."""


class Example(Struct, frozen=True, dict=True):
    """One example: a file, or a directory whose files belong together."""

    rule: str
    path: Path

    @property
    def good(self) -> bool:
        """True for one that is to be clean."""
        return self.path.name.startswith("good-")

    @property
    def files(self) -> list[Path]:
        """Its manifests."""
        return sorted(self.path.rglob("*.yaml")) if self.path.is_dir() else [self.path]

    @property
    def fixed(self) -> Path | None:
        """What its fixes make of it, beside it: ``bad-x.fixed.yaml``; None where it says nothing of them."""
        file = self.path.with_name(f"{self.path.stem}.fixed.yaml")
        return file if file.is_file() else None

    @property
    def root(self) -> Path:
        """The directory that its paths are relative to."""
        return self.path if self.path.is_dir() else self.path.parent

    def expected(self) -> list[Place]:
        """Return the place of every finding that the marks announce."""
        return sorted(
            (file.relative_to(self.root).as_posix(), number, rule.strip())
            for file in self.files
            for number, line in enumerate(file.read_text("utf-8").splitlines(), 1)
            if (mark := _MARK.search(line))
            for rule in mark["rules"].split(",")
        )

    def settings(self, **changes: object) -> Settings:
        """Return the settings that it is linted with: the minors, and the opt-in profile, that its first file names."""
        text = self.files[0].read_text("utf-8")
        versions = _VERSIONS.search(text)
        config = Config(profiles=tuple(_PROFILE.findall(text)))
        chosen = tuple(version.strip() for version in versions[1].split(",")) if versions else _DEFAULT
        values: dict[str, object] = {"root": self.root, "paths": (str(self.path),), "versions": chosen, "jobs": 1}
        return Settings(**{**values, "config": config, **changes})  # type: ignore[arg-type]

    def __str__(self) -> str:
        return f"{self.rule}:{self.path.name}"


def examples_of(folder: Path) -> list[Example]:
    """Return the examples of one rule folder."""
    rule = f"{folder.parent.name}/{folder.name}"
    return [
        Example(rule, path)
        for path in sorted((folder / "examples").glob("*"))
        if path.name.startswith(("good-", "bad-")) and not path.name.endswith(".fixed.yaml")
    ]


def mended(example: Example, rule: Rule, **changes: object) -> bytes:
    """Return the text of *example*, which is a file, once the fixes of *rule*, and all safe ones, are done."""
    from karlint.fixing import run_fixes  # noqa: PLC0415 - the pipeline imports much

    outcome = run_fixes(example.settings(**changes), unsafe="unsafe" in rule.fixes, write=False)
    done = [file.after for file in outcome.files if file.path == example.path.name]
    return done[0] if done else example.path.read_bytes()


def proof_of(rule: Rule, policies: UserPolicies) -> Iterator[tuple[str, str]]:
    """Yield the examples of *rule*, each with what is wrong with it; "" for one that holds."""
    from karlint.api import lint  # noqa: PLC0415 - the pipeline imports much

    for example in examples_of(rule.folder):
        report = lint(example.settings(policies=policies))
        found = {(item.location.path, item.location.span.line, item.rule) for item in report.findings}
        expected = set(example.expected())
        problems = [f"failed: {failure.message}" for failure in report.failures]
        problems += [f"{path}:{line}: {name} is announced and not found" for path, line, name in expected - found]
        problems += [f"{path}:{line}: {name} is found and not announced" for path, line, name in found - expected]
        if example.fixed is not None and mended(example, rule, policies=policies) != example.fixed.read_bytes():
            problems.append(f"its fixes do not make {example.fixed.name} of it")
        if not example.good and rule.id not in {name for _, _, name in expected}:
            problems.append("a bad example announces its own rule")
        yield example.path.name, "; ".join(sorted(problems))
