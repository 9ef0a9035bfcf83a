"""Evaluates the user's policies over the resources of a run."""

from __future__ import annotations

from posixpath import basename, dirname
from typing import TYPE_CHECKING, Any

import orjson
import regorus

from karlint.model.finding import RawFinding
from karlint.model.report import RuleFailure
from karlint.policy.conftest import suffix
from karlint.policy.gatekeeper import inventory, matches, review
from karlint.policy.places import mentioned_path, returned_path
from karlint.policy.sandbox import StoppedError, bounded

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from karlint.model.resource import Resource
    from karlint.policy.model import ModuleSet, UserRule

SECONDS = 30.0
"""Time that one rule may take over a whole run; and a hundredth of a second more for each resource."""

MEMORY = 2 << 30
_UNDEFINED = "<undefined>"

Result = RawFinding | RuleFailure


def run_policies(
    rules: Sequence[UserRule], resources: Sequence[Resource], seconds: float = SECONDS, memory: int = MEMORY
) -> list[Result]:
    """Return what *rules* say of *resources*. A rule that fails, or breaks a bound, is a failure of its own."""
    results: list[Result] = []
    labels = _namespace_labels(resources)
    synced = inventory(resources) if any(rule.modules.wants_inventory for rule in rules) else {}
    for rule in rules:
        about = [item for item in resources if rule.constraint is None or matches(rule.constraint, item, labels)]
        if not about:
            continue
        work = _Work(rule, about, synced)
        try:
            results += bounded(work, seconds + 0.01 * len(about), memory)
        except StoppedError as error:
            results.append(RuleFailure(rule.rule.id, str(error)))
    return results


def _namespace_labels(resources: Sequence[Resource]) -> Callable[[str], Mapping[str, Any] | None]:
    known: dict[str, Mapping[str, Any]] = {}
    for resource in resources:
        if resource.ref.group_kind == "Namespace":
            metadata = resource.body.get("metadata")
            labels = metadata.get("labels") if isinstance(metadata, dict) else None
            known[resource.ref.name] = labels if isinstance(labels, dict) else {}
    return known.get


class _Work:
    """One rule over the resources it is about."""

    def __init__(self, rule: UserRule, resources: Sequence[Resource], synced: Mapping[str, Any]) -> None:
        self._rule = rule
        self._resources = resources
        self._data = {**rule.modules.data, **({"inventory": synced} if rule.modules.wants_inventory else {})}

    def __call__(self) -> list[Result]:
        engine = engine_of(self._rule.modules)
        engine.add_data_json(orjson.dumps(self._data).decode())
        return [result for resource in self._resources for result in self._judge(engine, resource)]

    def _judge(self, engine: regorus.Engine, resource: Resource) -> Iterator[Result]:
        rule = self._rule
        if rule.modules.wants_file:
            engine.clear_data()
            file = {"name": basename(resource.path), "dir": dirname(resource.path)}
            engine.add_data_json(orjson.dumps({**self._data, "conftest": {"file": file}}).decode())
        engine.set_input_json(orjson.dumps(self._input(resource)).decode())
        try:
            answer = _evaluated(engine, f"data.{rule.package}.{rule.document}")
            if answer and rule.exceptions and self._is_excepted(engine):
                return
        except RuntimeError as error:
            yield self._failure(resource, _reason(error))
            return
        if answer is None:
            return
        if not isinstance(answer, list):
            yield self._failure(resource, f"{rule.document} is neither a set nor an array: {answer!r:.100}")
            return
        for item in answer:
            yield self._finding(resource, item)

    def _input(self, resource: Resource) -> Any:
        if self._rule.constraint is None:
            return resource.body
        return {"review": review(resource), "parameters": self._rule.constraint.parameters}

    def _is_excepted(self, engine: regorus.Engine) -> bool:
        found = _evaluated(engine, f"data.{self._rule.package}.exception")
        names = {name for listed in found or () if isinstance(listed, list) for name in listed}
        return suffix(self._rule.document) in names

    def _finding(self, resource: Resource, item: Any) -> Result:
        answer = {"msg": item} if isinstance(item, str) else item
        if not isinstance(answer, dict) or not isinstance(answer.get("msg"), str):
            return self._failure(resource, f"an answer has no msg: {item!r:.100}")
        told = returned_path(resource.body, answer)
        at = mentioned_path(resource.body, self._rule.mentions) if told is None else told
        return RawFinding(
            rule=self._rule.rule.id,
            resource=resource.index,
            at=at,
            message=answer["msg"],
            approximate=told is None,
        )

    def _failure(self, resource: Resource, message: str) -> RuleFailure:
        return RuleFailure(self._rule.rule.id, message, f"{resource.ref} in {resource.path}")


def engine_of(modules: ModuleSet) -> regorus.Engine:
    """Return an engine with *modules*, each read as the version it is of. Raises RuntimeError for bad Rego."""
    engine = regorus.Engine()
    for module in modules.modules:
        engine.set_rego_v0(module.v0)
        engine.add_policy(module.name, module.text)
    return engine


def _evaluated(engine: regorus.Engine, document: str) -> Any:
    """Return a document's value, None where it is undefined. Raises RuntimeError where it cannot be evaluated."""
    value = orjson.loads(engine.eval_rule_as_json(document))
    return None if value == _UNDEFINED else value


def _reason(error: RuntimeError) -> str:
    text = str(error).partition("\n\nStack backtrace")[0].strip()
    return next((line.removeprefix("error: ") for line in text.splitlines() if line.startswith("error: ")), text)
