"""A reader of YAML with positions, for tests: what the source room offers, from PyYAML's nodes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import yaml

from karlint.errors import ConfigError
from karlint.model.source import Anchor, Located, SourceFile, Span

if TYPE_CHECKING:
    from pathlib import Path as FilePath

    from karlint.config import Config
    from karlint.model.path import Path

ROOT_SPAN = Span(1, 1, 1, 1)


@dataclass(frozen=True, slots=True)
class Text:
    value: Any
    node: yaml.Node | None

    def locate(self, path: Path, anchor: Anchor) -> Located:
        node, span = self.node, ROOT_SPAN
        for step in path:
            if isinstance(node, yaml.MappingNode):
                pairs = [(key, value) for key, value in node.value if key.value == step]
                if not pairs:
                    return Located(span, False)
                node = pairs[0][1]
                span = _span(pairs[0][0] if anchor is Anchor.KEY and step == path[-1] else node)
            elif isinstance(node, yaml.SequenceNode):
                node = node.value[step]
                span = _span(node)
        return Located(span, True)


def _span(node: yaml.Node) -> Span:
    start, end = node.start_mark, node.end_mark
    return Span(start.line + 1, start.column + 1, end.line + 1, end.column + 1)


def read(file: SourceFile) -> Text:
    data = file.read()
    try:
        return Text(yaml.safe_load(data), yaml.compose(data, yaml.SafeLoader))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        assert mark is not None
        raise ConfigError(f"{file.path}:{mark.line + 1}:{mark.column + 1}: {error.problem}") from error


def load(root: FilePath, text: str) -> Config:
    from karlint.config import load_config  # noqa: PLC0415

    (root / ".karlint.yaml").write_text(text, "utf-8")
    return load_config(root, None, read)
