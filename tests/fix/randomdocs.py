"""Random documents as people write them: comments, quotes, brackets, anchors, block scalars, any line end."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import random

_KEYS = ("a", "b", "limits", "nvidia.com/gpu", "é", "🎉", "on", "8", "x y", "#c", "key: with colon", "-", "it's")
_TEXTS = (
    "x",
    "",
    "8",
    "true",
    "a b",
    "a: b",
    "# no comment",
    "it's",
    'say "x"',
    "tab\there",
    "🎉",
    "é\u2028",
    "- x",
    "~",
)
_SCALARS = (1, 0, -3, 2.5, True, False, None, 10**12)


@dataclass
class Writer:
    """Writes random values. *plain* leaves out what an edit may be refused for."""

    rng: random.Random
    plain: bool = False
    anchors: list[str] = field(default_factory=list)
    comments: int = 0

    def document(self) -> str:
        rng = self.rng
        lines = ["---"] if rng.random() < 0.3 else []
        lines += self._comment_lines("")
        lines += self._mapping("", 3)
        if rng.random() < 0.3:
            lines += self._comment_lines("")
        text = "\n".join(lines) + ("" if rng.random() < 0.2 else "\n")
        return text.replace("\n", "\r\n") if rng.random() < 0.3 else text

    def scalar(self) -> Any:
        return self.rng.choice(_TEXTS) if self.rng.random() < 0.6 else self.rng.choice(_SCALARS)

    def value(self, depth: int) -> Any:
        roll = self.rng.random()
        if depth <= 0 or roll < 0.5:
            return self.scalar()
        if roll < 0.75:
            return {key: self.value(depth - 1) for key in self._keys(0, 3)}
        return [self.value(depth - 1) for _ in range(self.rng.randint(0, 3))]

    def _keys(self, least: int, most: int) -> list[str]:
        return self.rng.sample(_KEYS, self.rng.randint(least, most))

    def _mapping(self, indent: str, depth: int) -> list[str]:
        lines: list[str] = []
        for key in self._keys(1, 4):
            lines += self._comment_lines(indent)
            lines += self._entry(
                f"{indent}{self._key(key)}:", indent, depth, "  " if self.rng.random() < 0.8 else "    "
            )
        return lines

    def _list(self, indent: str, depth: int) -> list[str]:
        lines: list[str] = []
        for _ in range(self.rng.randint(1, 3)):
            lines += self._comment_lines(indent)
            if depth > 0 and self.rng.random() < 0.4:
                inner = self._mapping(indent + "  ", depth - 1)
                while inner[0].lstrip().startswith("# ~"):
                    inner.pop(0)
                lines += [f"{indent}- {inner[0][len(indent) + 2 :]}", *inner[1:]]
            else:
                lines += self._entry(f"{indent}-", indent, 0, "  ")
        return lines

    def _entry(self, head: str, indent: str, depth: int, step: str) -> list[str]:
        roll = self.rng.random()
        if depth > 0 and roll < 0.35:
            return [head + self._anchor() + self._comment(), *self._mapping(indent + step, depth - 1)]
        if depth > 0 and roll < 0.5:
            deeper = indent if self.rng.random() < 0.5 else indent + step
            return [head + self._comment(), *self._list(deeper, depth - 1)]
        if roll < 0.6:
            return [f"{head} {self._flow(self.value(2))}{self._comment()}"]
        if roll < 0.66 and not self.plain:
            header = self.rng.choice(("|", ">", "|-", ">-", "|+"))
            return [f"{head} {header}{self._comment()}", f"{indent}{step}text", f"{indent}{step}# no comment", ""]
        if roll < 0.72 and self.anchors and not self.plain:
            return [f"{head} *{self.rng.choice(self.anchors)}{self._comment()}"]
        if roll < 0.77:
            return [head + self._comment()]
        return [f"{head}{self._anchor()} {self._scalar_text(self.scalar(), flow=False)}{self._comment()}"]

    def _anchor(self) -> str:
        if self.plain or self.rng.random() < 0.85:
            return ""
        name = f"x{len(self.anchors)}"
        self.anchors.append(name)
        return f" &{name}"

    def _comment(self) -> str:
        if self.rng.random() < 0.7:
            return ""
        self.comments += 1
        return f" # ~{self.comments} 🎉 é"

    def _comment_lines(self, indent: str) -> list[str]:
        lines = []
        while self.rng.random() < 0.15:
            self.comments += 1
            lines.append(f"{indent}# ~{self.comments} of its own")
        return lines

    def _key(self, key: str) -> str:
        safe = key.isascii() and key.replace(".", "").replace("/", "").isalpha() and key != "on"
        if safe and self.rng.random() < 0.8:
            return key
        return json.dumps(key, ensure_ascii=False) if self.rng.random() < 0.5 else "'" + key.replace("'", "''") + "'"

    def _scalar_text(self, value: Any, *, flow: bool) -> str:
        if not isinstance(value, str):
            return json.dumps(value)
        if value in {"x", "a b", "🎉"} and self.rng.random() < 0.6:
            return value
        if self.rng.random() < 0.5 and value.isprintable():
            return "'" + value.replace("'", "''") + "'"
        return json.dumps(value, ensure_ascii="\u2028" in value and "🎉" not in value)

    def _flow(self, value: Any) -> str:
        pad = " " if self.rng.random() < 0.3 else ""
        if isinstance(value, dict):
            return "{" + pad + ", ".join(f"{self._key(k)}: {self._flow(v)}" for k, v in value.items()) + pad + "}"
        if isinstance(value, list):
            return "[" + pad + ", ".join(self._flow(item) for item in value) + pad + "]"
        return self._scalar_text(value, flow=True)


def paths_of(value: Any, at: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """Return the path of everything in *value*."""
    found = [at] if at else []
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return found + [path for step, inner in pairs for path in paths_of(inner, (*at, step))]
