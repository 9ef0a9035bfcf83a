"""Anything may stand anywhere in a manifest: the run goes on, and other workloads are migrated."""

from __future__ import annotations

import copy
import random
from pathlib import Path
from typing import TYPE_CHECKING, Any

from karlint.fix.scalars import Manner, block_lines
from karlint.reading import read_documents
from tests.migrate.support import ALL_TARGETS, POD, migrate

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).parent
SOURCES = (
    "examples/containers",
    "examples/deployment",
    "examples/shared-template",
    "examples/sidecar",
    "kinds/dynamo-graphdeployment",
    "kinds/kserve-inferenceservice",
    "kinds/leaderworkerset",
    "kinds/raycluster",
)
WRONG: tuple[Any, ...] = (None, 3, "x", [], {}, [1], {"a": 1}, [[]], [None], True, -1, "${X}")
MANY = 240


def paths(value: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield every place of a value but its root, apiVersion and kind."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        if (*at, key) not in (("apiVersion",), ("kind",)):
            yield (*at, key)
            yield from paths(item, (*at, key))


def mutants() -> Iterator[str]:
    chance = random.Random(34)
    for number in range(MANY):
        documents = read_documents(HERE / f"{SOURCES[number % len(SOURCES)]}.yaml")
        document = copy.deepcopy(chance.choice(documents))
        at = chance.choice(list(paths(document)))
        holder = document
        for step in at[:-1]:
            holder = holder[step]
        holder[at[-1]] = chance.choice(WRONG)
        yield "\n".join(block_lines(document, Manner(json=False, newline="\n"))) + "\n"


def test_no_value_ends_the_run(tmp_path: Path) -> None:
    texts = {f"clusters/{number}/a.yaml": text for number, text in enumerate(mutants())}
    migration = migrate(tmp_path, {**texts, "clusters/good/a.yaml": POD}, versions=ALL_TARGETS)
    assert next(item for item in migration.workloads if item.file == "clusters/good/a.yaml").is_migrated
    assert len(migration.migrated) > MANY // 4
