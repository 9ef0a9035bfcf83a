"""Reads the code blocks of Markdown pages."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from tests.cli.support import Repository

ROOT = Path(__file__).resolve().parents[2]
_BLOCK = re.compile(r"^```(?P<language>\w+)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"(?<!!)\[[^\]]*\]\((?P<target>[^)\s]+)\)")

WRITTEN = [
    ROOT / "README.md",
    ROOT / "examples" / "README.md",
    ROOT / "schemas" / "README.md",
    *sorted((ROOT / "docs").glob("*.md")),
]
PAGES = [*WRITTEN, *sorted((ROOT / "docs" / "rules").rglob("*.md"))]


@dataclass(frozen=True)
class Block:
    """A fenced block of a page."""

    page: Path
    language: str
    text: str

    def __str__(self) -> str:
        return f"{self.page.relative_to(ROOT)}: {self.text.partition(chr(10))[0]}"


def blocks(language: str, pages: list[Path] = PAGES) -> list[Block]:
    return [
        Block(page, language, match["text"])
        for page in pages
        for match in _BLOCK.finditer(page.read_text("utf-8"))
        if match["language"] == language
    ]


def links(page: Path) -> list[str]:
    text = _BLOCK.sub("", page.read_text("utf-8"))
    return [match["target"] for match in _LINK.finditer(text)]


def same_but_for_dots(shown: str, printed: str) -> bool:
    """Tell whether *shown* is *printed*; a line ``...`` in it stands for any lines."""
    parts = [re.escape(part) for part in re.split(r"^\.\.\.\n", shown, flags=re.MULTILINE)]
    return re.fullmatch("(?:.*\n)*".join(parts), printed) is not None


def checkout() -> Repository:
    """The checkout itself as the repository to lint, which may be an unpacked archive without .git."""
    repository = Repository.__new__(Repository)
    repository.root, repository.environ = ROOT, {}
    return repository
