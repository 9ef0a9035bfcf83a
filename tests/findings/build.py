"""Resources with real positions, and rules made by hand."""

from __future__ import annotations

import json
import re
from pathlib import Path as FilePath
from typing import TYPE_CHECKING, Any

import yaml

from karlint.model.finding import Location, Placed
from karlint.model.resource import Resource, ResourceRef
from karlint.model.rule import Rule, Severity
from karlint.model.source import Anchor, Document, SourceFile, Span, SuppressionComment

if TYPE_CHECKING:
    from karlint.model.path import Path

_COMMENT = re.compile(r"#\s*karlint:\s*ignore\[([^\]]*)\](.*)$")


def rule(rule_id: str = "dra/demo", **changes: Any) -> Rule:
    fields: dict[str, Any] = {
        "id": rule_id,
        "title": "Demo defect",
        "description": "What it is.\n\nWhy it matters.",
        "severity": Severity.ERROR,
        "requirements": (),
        "kinds": ("workload",),
        "looks_up": (),
        "since": None,
        "until": None,
        "versioned": False,
        "profile": "default",
        "params": {},
        "message": "Container {container} is wrong.",
        "help": "Mend {container}.",
        "cases": {},
        "fix": "none",
        "sources": (),
        "supersedes": (),
        "language": "rego",
        "target": "object",
        "logic": None,
        "folder": FilePath("policies") / rule_id,
    }
    return Rule(**{**fields, **changes})


class Tree:
    """Files given as text, their resources, and a locate function over them."""

    def __init__(self, **files: str) -> None:
        self.resources: list[Resource] = []
        self._nodes: dict[int, yaml.Node] = {}
        for name, text in files.items():
            self._add(name.replace("__", "/") + ".yaml", text)

    def _add(self, path: str, text: str) -> None:
        file = SourceFile(path, None, text.encode())
        comments = list(_comments(text))
        nodes = list(yaml.compose_all(text))
        starts = [node.start_mark.line + 1 for node in nodes]
        for ordinal, node in enumerate(nodes):
            body = yaml.safe_load(yaml.serialize(node))
            first = 0 if ordinal == 0 else _separators(text)[ordinal - 1]
            last = _separators(text)[ordinal] if ordinal < len(_separators(text)) else 10**9
            mine = tuple(comment for comment in comments if first < comment.line <= last)
            document = Document(file, ordinal, starts[ordinal], json.dumps(body).encode())
            items = body["items"] if body.get("kind") == "List" else [body]
            for place, item in enumerate(items):
                prefix: Path = ("items", place) if body.get("kind") == "List" else ()
                index = len(self.resources)
                self.resources.append(Resource(index, _ref(item), document, prefix, mine))
                self._nodes[index] = node

    def locate(self, resource: Resource, at: Path, anchor: Anchor) -> Placed:
        """As karlint.source does it: the deepest existing ancestor, and whether that is the path itself."""
        node = self._nodes[resource.index]
        key_node: yaml.Node | None = None
        for step in (*resource.prefix, *at):
            found: tuple[yaml.Node | None, yaml.Node] | None = None
            if isinstance(node, yaml.MappingNode):
                found = next(((key, value) for key, value in node.value if key.value == step), None)
            elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
                found = (None, node.value[step])
            if found is None:
                return _placed(resource, key_node if anchor is Anchor.KEY and key_node else node, exact=False)
            key_node, node = found
        return _placed(resource, key_node if anchor is Anchor.KEY and key_node else node, exact=True)


def _placed(resource: Resource, node: yaml.Node, exact: bool) -> Placed:
    document = resource.document
    return Placed(Location(document.file.path, _span(node), exact), document.ordinal)


def _span(node: yaml.Node) -> Span:
    start, end = node.start_mark, node.end_mark
    return Span(start.line + 1, start.column + 1, end.line + 1, end.column + 1)


def _separators(text: str) -> list[int]:
    lines = text.splitlines()
    found = [number for number, line in enumerate(lines, 1) if line.startswith("---")]
    before = any(line and not line.startswith("#") for line in lines[: found[0] - 1]) if found else True
    return found if before else found[1:]


def _comments(text: str) -> Any:
    for number, line in enumerate(text.splitlines(), 1):
        match = _COMMENT.search(line)
        if match:
            rules = tuple(name.strip() for name in match.group(1).split(",") if name.strip())
            own = not line[: match.start()].strip()
            yield SuppressionComment(number, match.start() + 1, rules, match.group(2).strip(), own)


def _ref(body: Any) -> ResourceRef:
    group, slash, version = body["apiVersion"].rpartition("/")
    metadata = body.get("metadata", {})
    return ResourceRef(
        group if slash else "", version, body["kind"], metadata.get("namespace", ""), metadata.get("name", "")
    )
