"""What each rule costs: microseconds for a resource that the rule is asked about, over a tree of manifests.

    python benchmarks/rules.py [PATH] [--limit MICROSECONDS]

Measured is the CPU time of the evaluation alone, in one process, with the input of the resource set once as in a run.
Each resource is evaluated five times, and the best counts, since other programs only ever add to a time. A rule that
its `mentions` or `near` spare costs nothing: the mean at the end is over all resources of the kinds that a rule is for,
those included.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

import orjson
import regorus
from trees import tree

from karlint.config import Config, Settings
from karlint.engine.embedded import index_by_trait, spoken_of
from karlint.engine.spelling import spelled_out, with_short_packages
from karlint.model.encode import to_json
from karlint.prepared import Prepared, load_rule_book, prepare

if TYPE_CHECKING:
    from karlint.model.resource import Resource
    from karlint.model.rule import Rule

ROUNDS = 5
MOST = 2000
"""Resources of a rule that are measured; more say nothing new."""


def is_near(prepared: Prepared, resource: Resource, rule: Rule) -> bool:
    """Tell whether the tree holds what *rule* must find beside *resource*, as a run asks before it evaluates."""
    return not rule.near or prepared.inventory.has_near(resource, rule.near)


def costs(root: Path) -> tuple[dict[str, list[float]], int]:
    """Return rule id to the seconds that each resource took, and how many times a rule was for a resource at all."""
    book = load_rule_book()
    settings = Settings(root=root, paths=(str(root),), versions=("1.36",), jobs=1, render=False, config=Config())
    prepared = prepare(settings, book)
    engine = regorus.Engine()
    rego = [rule for rule in prepared.rules.values() if rule.language == "rego" and rule.logic is not None]
    rules = [rule for rule in rego if not rule.in_tree or prepared.inventory.has(rule.in_tree)]
    logic = {rule.id: rule.logic.read_text("utf-8") for rule in rules if rule.logic}
    texts = {name: spelled_out(text) for name, text in {**prepared.libraries, **logic}.items()}
    modules, packages = with_short_packages(texts)
    for name, text in modules.items():
        engine.add_policy(name, text)
    engine.add_data_json(orjson.dumps(prepared.data).decode())
    index = index_by_trait(rego)
    taken: dict[str, list[float]] = defaultdict(list)
    applicable = 0
    for resource in prepared.resources:
        traits = list(prepared.inventory.traits(resource))
        asked = {rule.id: rule for trait in traits for rule in index.get(trait, ())}
        applicable += len(asked)
        spoken = spoken_of(asked.values(), resource, traits)
        near = [rule for rule in spoken if rule in rules and is_near(prepared, resource, rule)]
        chosen = [rule for rule in near if len(taken[rule.id]) < MOST]
        if not chosen:
            continue
        document = {**prepared.inventory.input_for(resource), "target": {"minor": 36, "version": "1.36"}}
        text = to_json(document).decode()
        best = dict.fromkeys((rule.id for rule in chosen), float("inf"))
        for _ in range(ROUNDS):
            engine.set_input_json(text)
            for rule in chosen:
                begin = time.process_time()
                engine.eval_rule_as_json(f"data.{packages[rule.package]}.findings")
                best[rule.id] = min(best[rule.id], time.process_time() - begin)
        for rule_id, seconds in best.items():
            taken[rule_id].append(seconds)
    return taken, applicable


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "path",
        type=Path,
        nargs="?",
        help="directory of manifests (default: the corpus beside the checkout, or examples/)",
    )
    parser.add_argument("--limit", type=float, help="fail when the mean of all rules is above this many microseconds")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        taken, applicable = costs(tree(options.path, 1, Path(scratch)).directory)
    rows = sorted(((sum(times) / len(times), len(times), rule) for rule, times in taken.items() if times), reverse=True)
    for mean, number, rule in rows:
        print(f"{mean * 1e6:8.1f} us  {number:6} resources  {rule}")
    total, asked = sum(sum(times) for times in taken.values()), sum(len(times) for times in taken.values())
    mean = total / applicable * 1e6 if applicable else 0.0
    print(f"{mean:8.1f} us a rule and applicable resource, of which there are {applicable}")
    print(f"{asked} evaluations of {len(rows)} rules took {total:.2f} s")
    return 1 if options.limit is not None and mean > options.limit else 0


if __name__ == "__main__":
    sys.exit(main())
