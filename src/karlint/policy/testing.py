"""Runs the tests that come with policies: ``test_`` rules, as ``conftest verify`` and ``opa test`` run them."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING, Any

import orjson
from msgspec import Struct, field

from karlint.policy.model import ModuleSet
from karlint.policy.modules import rules_in
from karlint.policy.run import engine_of
from karlint.policy.sandbox import StoppedError, bounded

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from karlint.policy.model import Module

_TEST = re.compile(r"^(todo_)?test_\w+$")
SECONDS = 60.0
MEMORY = 2 << 30


class Outcome(Struct, frozen=True):
    """How one test ended.

    Attributes:
        file, name: where it is and what it is called.
        problem: why it failed; "" for one that passed.
        skipped: True for one that says it is not done (``todo_test_``).
        seconds: how long it took.
    """

    file: str
    name: str
    problem: str = ""
    skipped: bool = False
    seconds: float = 0.0


class Tested(Struct, frozen=True):
    """How the tests of a set of modules ended, and which lines of each module they ran and did not run."""

    outcomes: tuple[Outcome, ...]
    covered: Mapping[str, frozenset[int]] = field(default_factory=dict)
    uncovered: Mapping[str, frozenset[int]] = field(default_factory=dict)


def run_tests(modules: Sequence[Module], data: Mapping[str, Any]) -> Tested:
    """Run every ``test_`` rule of *modules*; one passes where it is true. Lines of tests are not counted."""
    named = [(module, name) for module in modules for name in rules_in(module.text, _TEST)]  # in the order of the text
    if not named:
        return Tested(())
    try:
        outcomes, coverage = bounded(lambda: _run(modules, data, named), SECONDS, MEMORY)
    except StoppedError as error:
        return Tested(tuple(Outcome(module.name, name, f"not run: {error}") for module, name in named))
    files = {entry["path"]: entry for entry in coverage.get("files", ())}
    plain = [module.name for module in modules if not _is_test(module)]
    return Tested(
        tuple(outcomes),
        {name: frozenset(files.get(name, {}).get("covered", ())) for name in plain},
        {name: frozenset(files.get(name, {}).get("not_covered", ())) for name in plain},
    )


def _is_test(module: Module) -> bool:
    return module.name.endswith("_test.rego")


def _run(
    modules: Sequence[Module], data: Mapping[str, Any], named: Iterable[tuple[Module, str]]
) -> tuple[list[Outcome], Any]:
    engine = engine_of(ModuleSet(tuple(modules)))
    engine.set_enable_coverage(True)
    engine.add_data_json(orjson.dumps(data).decode())
    engine.set_input_json("{}")
    outcomes = []
    for module, name in named:
        if name.startswith("todo_"):
            outcomes.append(Outcome(module.name, name, skipped=True))
            continue
        start = time.perf_counter()
        try:
            value = orjson.loads(engine.eval_rule_as_json(f"data.{module.package}.{name}"))
            problem = "" if value is True else "undefined" if value == "<undefined>" else f"it is {value!r:.80}"
        except RuntimeError as error:
            problem = str(error).partition("\n\nStack backtrace")[0].strip().splitlines()[0]
        outcomes.append(Outcome(module.name, name, problem, seconds=time.perf_counter() - start))
    return outcomes, orjson.loads(engine.get_coverage_report_as_json())
