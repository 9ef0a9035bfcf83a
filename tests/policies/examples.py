"""The examples in the rule folders, and what they expect."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from karlint.config import Config, Settings

POLICIES = Path(__file__).resolve().parents[2] / "policies"
_MARK = re.compile(r"#\s*expect:\s*(?P<rules>[a-z0-9/, -]+?)\s*$")


@dataclass(frozen=True)
class Example:
    """One example: a file, or a directory whose files belong together."""

    rule: str
    path: Path

    @property
    def good(self) -> bool:
        return self.path.name.startswith("good-")

    @property
    def files(self) -> list[Path]:
        return sorted(self.path.rglob("*.yaml")) if self.path.is_dir() else [self.path]

    @property
    def root(self) -> Path:
        return self.path if self.path.is_dir() else self.path.parent

    def expected(self) -> list[tuple[str, int, str]]:
        """File, line and rule of every finding that the marks announce."""
        return sorted(
            (file.relative_to(self.root).as_posix(), number, rule.strip())
            for file in self.files
            for number, line in enumerate(file.read_text("utf-8").splitlines(), 1)
            if (mark := _MARK.search(line))
            for rule in mark["rules"].split(",")
        )

    def settings(self, **changes: object) -> Settings:
        versions = re.search(r"#\s*kubernetes:\s*([0-9., ]+)", self.files[0].read_text("utf-8"))
        chosen = tuple(version.strip() for version in versions[1].split(",")) if versions else ("1.35",)
        values: dict[str, object] = {"root": self.root, "paths": (str(self.path),), "versions": chosen, "jobs": 1}
        return Settings(**{**values, "config": Config(), **changes})  # type: ignore[arg-type]

    def __str__(self) -> str:
        return f"{self.rule}:{self.path.name}"


def all_examples() -> list[Example]:
    return [
        Example(f"{folder.parent.parent.name}/{folder.parent.name}", path)
        for folder in sorted(POLICIES.glob("*/*/examples"))
        for path in sorted(folder.iterdir())
        if path.name.startswith(("good-", "bad-")) and not path.name.endswith(".fixed.yaml")
    ]
