"""Evaluates Rego rules in this process, with regorus."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

import orjson
import regorus
from msgspec import Struct

from karlint.engine.spelling import spelled_out, with_short_packages
from karlint.errors import PolicyError
from karlint.model.encode import to_json
from karlint.model.finding import RawFinding, RawRelated
from karlint.model.fix import Operation, OperationKind
from karlint.model.report import RuleFailure
from karlint.model.rule import Severity
from karlint.model.source import Anchor

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

    from karlint.model.resource import Resource
    from karlint.model.rule import Rule

    Document = Callable[[Resource, Mapping[str, frozenset[str]]], Mapping[str, Any]]
    Near = Callable[[Resource, Collection[str]], bool]


_WITH_VALUE = frozenset({OperationKind.SET, OperationKind.ADD, OperationKind.WRAP})
_WITH_NAME = frozenset({OperationKind.RENAME, OperationKind.WRAP})


class Target(Struct, frozen=True):
    """A Kubernetes minor that the tree is linted for."""

    version: str

    @property
    def minor(self) -> int:
        """35 for "1.35"."""
        return int(self.version.partition(".")[2])

    def in_range(self, rule: Rule) -> bool:
        """True when the rule's statement holds for this minor."""
        return (rule.since is None or self.minor >= rule.since) and (rule.until is None or self.minor <= rule.until)


def spoken_of(rules: Iterable[Rule], resource: Resource, traits: Collection[str]) -> list[Rule]:
    """Return those of *rules* that may have something to say of *resource*, by the strings they look for.

    A borrower's pod template stands elsewhere, and so may the strings.
    """
    if "borrower" in traits:
        return list(rules)
    text = resource.document.json
    return [rule for rule in rules if not rule.mentions or any(word.encode() in text for word in rule.mentions)]


def _anything_near(_resource: Resource, _kinds: Collection[str]) -> bool:
    return True


def with_something_to_say(
    rules: Iterable[Rule], resources: Iterable[tuple[Resource, Collection[str]]], near: Near
) -> set[str]:
    """Return the ids of the *rules* that have to be evaluated for one of *resources*, which come with their traits."""
    left = index_by_trait(rules)
    found: set[str] = set()
    for resource, traits in resources:
        asked = {rule.id: rule for trait in traits for rule in left.get(trait, ()) if rule.id not in found}
        found |= {
            rule.id
            for rule in spoken_of(asked.values(), resource, traits)
            if not rule.near or near(resource, rule.near)
        }
    return found


def asked_of_graph(rules: Iterable[Rule]) -> dict[str, frozenset[str]]:
    """Return what of the reference graph *rules* read, "references" or "referrers", and of which kinds."""
    asked: dict[str, frozenset[str]] = {}
    for rule in rules:
        for part in rule.uses:
            asked[part] = asked.get(part, frozenset()).union(rule.looks_up)
    return asked


def index_by_trait(rules: Iterable[Rule]) -> dict[str, list[Rule]]:
    """Return the rules by the kinds and traits they ask for, so that a resource no rule speaks of costs nothing."""
    index: dict[str, list[Rule]] = defaultdict(list)
    for rule in rules:
        for kind in rule.kinds:
            index[kind].append(rule)
    return index


def work_out_facts(facts: Mapping[str, str], libraries: Mapping[str, str], data: Mapping[str, Any]) -> dict[str, Any]:
    """Return ``data.facts``: the ``value`` of each fact (its name to its Rego) over *data*.

    Facts have an engine of their own: data cannot be added where rules have been evaluated, and rules need not carry
    what only facts look up. Raises PolicyError for one that does not compile or has no value.
    """
    engine = regorus.Engine()
    modules = {f"facts/{fact}": text for fact, text in facts.items()}
    for name, text in {**libraries, **modules}.items():
        _add(engine, name, spelled_out(text))
    engine.add_data_json(orjson.dumps(data).decode())
    values = {}
    for fact in facts:
        try:
            value = orjson.loads(engine.eval_rule_as_json(f"data.karlint.facts.{fact}.value"))
        except RuntimeError as error:
            raise PolicyError(f"facts/{fact}: {_reason(error)}") from error
        # Regorus has no other word for it, and as a string it would be true.
        if value == "<undefined>":
            raise PolicyError(f"facts/{fact}: value is undefined; give it a default")
        values[fact] = value
    return values


def _add(engine: regorus.Engine, name: str, text: str) -> None:
    try:
        engine.add_policy(name, text)
    except RuntimeError as error:
        raise PolicyError(f"{name}: the Rego does not compile: {_reason(error)}") from error


class EmbeddedEngine:
    """Rego rules, compiled once."""

    def __init__(self, rules: Sequence[Rule], libraries: Mapping[str, str], data: Mapping[str, Any]) -> None:
        """Compile *rules* with *libraries* (file name to text) over *data*. Raises PolicyError for bad Rego."""
        self._engine = regorus.Engine()
        self._index = index_by_trait(rule for rule in rules if rule.language == "rego")
        logic = {
            str(rule.logic): rule.logic.read_text("utf-8") for rule in rules if rule.language == "rego" and rule.logic
        }
        modules, self._packages = with_short_packages(
            {name: spelled_out(text) for name, text in {**libraries, **logic}.items()}
        )
        for name, text in modules.items():
            _add(self._engine, name, text)
        self._engine.add_data_json(orjson.dumps(data).decode())

    def evaluate(
        self,
        resource: Resource,
        traits: Collection[str],
        document: Document,
        targets: Sequence[Target],
        near: Near = _anything_near,
    ) -> Iterator[RawFinding | RuleFailure]:
        """Yield what the rules say of one resource; *document* makes its Rego input, only when a rule wants it.

        *document* is told what of the reference graph the rules read, and of which kinds. *near* tells whether the tree
        holds one of some kinds in the scope of the resource; without it, rules are asked as if it did.
        """
        asked = {rule.id: rule for trait in traits for rule in self._index.get(trait, ())}
        rules = [
            rule for rule in spoken_of(asked.values(), resource, traits) if not rule.near or near(resource, rule.near)
        ]
        if not rules:
            return
        base = document(resource, asked_of_graph(rules))
        plain = [rule for rule in rules if not rule.versioned]
        if plain:
            self._engine.set_input_json(to_json(base).decode())
        for rule in plain:
            holding = tuple(target.version for target in targets if target.in_range(rule))
            if holding:
                bounded = len(targets) > 1 and (rule.since is not None or rule.until is not None)
                yield from self._query(rule, resource, holding if bounded else ())
        versioned = [rule for rule in rules if rule.versioned]
        for target in targets if versioned else ():
            wanted = [rule for rule in versioned if target.in_range(rule)]
            if wanted:
                named = {"minor": target.minor, "version": target.version}
                self._engine.set_input_json(to_json({**base, "target": named}).decode())
            for rule in wanted:
                yield from self._query(rule, resource, (target.version,) if len(targets) > 1 else ())

    def _query(self, rule: Rule, resource: Resource, versions: tuple[str, ...]) -> Iterator[RawFinding | RuleFailure]:
        try:
            answer = orjson.loads(
                self._engine.eval_rule_as_json(f"data.{self._packages.get(rule.package, rule.package)}.findings")
            )
        except RuntimeError as error:
            yield RuleFailure(rule.id, _reason(error), f"{resource.ref} in {resource.path}")
            return
        if not isinstance(answer, list):
            yield RuleFailure(rule.id, "findings is not a set", f"{resource.ref} in {resource.path}")
            return
        for item in answer:
            yield raw_finding(rule, resource, item, versions)


def raw_finding(rule: Rule, resource: Resource, item: Any, versions: tuple[str, ...]) -> RawFinding | RuleFailure:
    """Return one element of a rule's ``findings`` as a raw finding, a failure when it is not of the agreed form."""
    try:
        severity = item.get("severity")
        return RawFinding(
            rule=rule.id,
            resource=resource.index,
            at=tuple(item["at"]),
            anchor=Anchor(item.get("anchor", "value")),
            args=item.get("args", {}),
            case=item.get("case", ""),
            related=tuple(
                RawRelated(entry["resource"], tuple(entry["at"]), entry["message"]) for entry in item.get("related", ())
            ),
            severity=None if severity is None else Severity(severity),
            versions=versions,
            fix=tuple(_operation(rule, entry) for entry in item.get("fix", ())),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        where = f"{resource.ref} in {resource.path}"
        return RuleFailure(rule.id, f"a finding is not of the agreed form: {error!r}: {item!r:.200}", where)


def _operation(rule: Rule, item: Any) -> Operation:
    """Return one operation of a fix. Raises ValueError and its like when it is not of the agreed form."""
    if not rule.fixes:
        raise ValueError("the rule's metadata says that it has no fix")
    kind, at = OperationKind(item["op"]), tuple(item["at"])
    wanted = {"op", "at"} | ({"value"} if kind in _WITH_VALUE else set()) | ({"name"} if kind in _WITH_NAME else set())
    if item.keys() != wanted or not at or not all(type(step) in {str, int} for step in at):
        raise ValueError(f"an operation of the fix is not of the agreed form: {item!r:.200}")
    if kind in _WITH_NAME and not isinstance(item["name"], str):
        raise ValueError("the name of a key is no text")
    if kind is OperationKind.WRAP and not (
        isinstance(item["value"], list) and item["value"] and all(isinstance(key, str) for key in item["value"])
    ):
        raise ValueError("what is to be moved is no list of keys")
    return Operation(kind, at, item.get("value"), item.get("name", ""))


def _reason(error: RuntimeError) -> str:
    """Return the message of a regorus error without its native backtrace."""
    text = str(error).partition("\n\nStack backtrace")[0].strip()
    return next((line.removeprefix("error: ") for line in text.splitlines() if line.startswith("error: ")), text)
