"""A value of the wrong type, wherever it stands, is a matter for schemas: nothing breaks on it."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import orjson
import pytest
from tests.inventory.own_fields import OWN, Own
from tests.inventory.support import inventory_of
from tests.inventory.test_kinds import CASES, manifest
from tests.policies.examples import all_examples

from karlint.api import lint
from karlint.config import Config, Settings
from karlint.model.encode import to_json
from karlint.model.source import SourceFile
from karlint.source import Limits, load_file

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

WRONG: list[Any] = [None, "${TOKEN}", 7, -(2**62), 1.5, True, [], [None], {}, {"a": "b"}, "x" * 5000, [["x"]]]


def nodes(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in items:
        yield (*path, key)
        yield from nodes(child, (*path, key))


def mutants(value: Any, per_node: int) -> Iterator[Any]:
    """Yield *value* with one node replaced: each node by *per_node* of the wrong values, in turn."""
    for number, path in enumerate(nodes(value)):
        for turn in range(per_node):
            mutant = copy.deepcopy(value)
            holder = mutant
            for step in path[:-1]:
                holder = holder[step]
            holder[path[-1]] = WRONG[(number * per_node + turn) % len(WRONG)]
            yield mutant


def documents(text: bytes) -> list[Any]:
    return [
        orjson.loads(item.document.json) for item in load_file(SourceFile("x.yaml", None, text), Limits()).documents
    ]


@pytest.mark.parametrize(("kind", "body", "_rows"), CASES, ids=lambda value: value if isinstance(value, str) else "")
def test_inventory_takes_any_value(kind: str, body: str, _rows: object) -> None:
    (value,) = documents(manifest(kind, body).encode())
    for mutant in mutants(value, len(WRONG)):
        inventory = inventory_of(orjson.dumps(mutant).decode())
        for resource in inventory.resources:
            to_json(inventory.input_for(resource))
        orjson.dumps(inventory.data([kind]))


@pytest.mark.parametrize("own", OWN, ids=lambda own: f"{own.kind}-{own.version}")
def test_inventory_takes_any_value_of_own_fields(own: Own) -> None:
    values = documents(own.text.encode())
    for place, value in enumerate(values):
        for mutant in mutants(value, len(WRONG)):
            texts = [orjson.dumps(mutant if index == place else other).decode() for index, other in enumerate(values)]
            inventory = inventory_of("\n---\n".join(texts))
            for resource in inventory.resources:
                to_json(inventory.input_for(resource))
                list(inventory.traits(resource))
            orjson.dumps(inventory.demand())


BAD = {example.rule: example for example in all_examples() if not example.good and example.path.is_file()}


@pytest.mark.parametrize("rule", sorted(BAD))
def test_no_rule_fails_on_any_value(rule: str, tmp_path: Path) -> None:
    originals = documents(BAD[rule].path.read_bytes())
    lines = [orjson.dumps(document).decode() for document in originals]
    for document in originals:
        lines += [orjson.dumps(mutant).decode() for mutant in mutants(document, 2)]
    (tmp_path / "mutants.yaml").write_text("\n---\n".join(lines), "utf-8")
    settings = Settings(root=tmp_path, paths=(str(tmp_path),), versions=("1.34", "1.36"), jobs=1, config=Config())
    report = lint(settings)
    assert report.failures == ()
    assert report.counts.documents >= len(lines) - len(originals), "the mutants were read"
    assert report.findings, "mutants are wrong, and said to be"
