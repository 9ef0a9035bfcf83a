"""Schemas and rules judge resources; what they say has no positions yet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct, field

from karlint.engine import EmbeddedEngine, SchemaRules, Target, needed, with_something_to_say
from karlint.model.report import RuleFailure
from karlint.rules import data_dir
from karlint.schema import SchemaSet

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from karlint.config import Settings
    from karlint.engine import ServerOptions
    from karlint.model.finding import RawFinding
    from karlint.model.resource import Resource
    from karlint.model.rule import Rule
    from karlint.policy import UserPolicies
    from karlint.prepared import Prepared
    from karlint.rules import RuleBook

_WORKLOAD_WEIGHT = 4  # measured: most rules judge workloads, and a schema alone costs little
_FEW = 10_000  # resources, for which to look first which rules they need takes less than to compile all
_WORTH_FORKING = 1500  # resources; below, starting processes costs more than it saves
_CRD = "apiextensions.k8s.io/CustomResourceDefinition"


class Judged(Struct):
    """What schemas and rules said.

    Attributes:
        workloads, accelerator_workloads: resources that make pods, and those of them that ask for accelerators.
        schema_checked: resources that a schema was known for.
        without_schema: apiVersion/kind to the number of resources that no schema was known for.
        notices: remarks on the run as a whole.
    """

    raw: list[RawFinding] = field(default_factory=list)
    failures: list[RuleFailure] = field(default_factory=list)
    workloads: int = 0
    accelerator_workloads: int = 0
    schema_checked: int = 0
    without_schema: dict[str, int] = field(default_factory=dict)
    notices: tuple[str, ...] = ()


class Court:
    """Everything that judges, compiled once."""

    def __init__(self, prepared: Prepared, *, rego: bool = True) -> None:
        """Compile. *rego* False leaves the Rego rules to somebody else."""
        rules = list(prepared.rules.values())
        everything = [*prepared.resources, *prepared.context]
        crds = [resource for resource in everything if resource.ref.group_kind == _CRD]
        self._enabled = prepared.rules.keys()
        self._inventory = prepared.inventory
        self._schemas = SchemaSet(prepared.versions, crds, data_dir() / "schemas", prepared.locations)
        evaluated = _worth_compiling(rules, prepared) if rego else []
        self._engine = EmbeddedEngine(evaluated, _libraries(evaluated, prepared) if rego else {}, prepared.data)
        self._schema_rules = SchemaRules(rules)
        self._targets = [Target(version) for version in prepared.versions]

    def judge(self, resources: Sequence[Resource]) -> Judged:
        """Return what schemas and rules say of *resources*."""
        judged = Judged()
        for resource in resources:
            self._check_schema(resource, judged)
            self._apply_rules(resource, judged)
        judged.notices = self._schemas.notices
        judged.failures += [RuleFailure("core/schema-invalid", message) for message in self._schemas.failures]
        return judged

    def _check_schema(self, resource: Resource, judged: Judged) -> None:
        verdict = self._schemas.validate(resource)
        judged.raw += (finding for finding in verdict.findings if finding.rule in self._enabled)
        judged.schema_checked += verdict.known
        if not verdict.known:
            kind = f"{resource.ref.api_version}/{resource.ref.kind}"
            judged.without_schema[kind] = judged.without_schema.get(kind, 0) + 1

    def _apply_rules(self, resource: Resource, judged: Judged) -> None:
        inventory = self._inventory
        traits = list(inventory.traits(resource))
        judged.workloads += "workload" in traits
        judged.accelerator_workloads += "accelerator-workload" in traits
        workload = inventory.workload(resource)
        judged.raw += (
            finding
            for finding in self._schema_rules.evaluate(resource, traits, workload)
            if not inventory.is_said_elsewhere(resource, finding.at)
        )
        for result in self._engine.evaluate(resource, traits, inventory.input_for, self._targets, inventory.has_near):
            if isinstance(result, RuleFailure):
                judged.failures.append(result)
            elif not inventory.is_said_elsewhere(resource, result.at):
                judged.raw.append(result)


def judge(prepared: Prepared, book: RuleBook, settings: Settings) -> Judged:
    """Let schemas and rules judge every resource, with several processes where there are many."""
    parts = [_judge_here(prepared, settings)]
    if settings.opa is not None:
        parts.append(ask_server(prepared, book, settings.opa))
    if settings.policies is not None:
        parts.append(ask_policies(prepared, settings.policies))
    return parts[0] if len(parts) == 1 else merged(parts)


def _judge_here(prepared: Prepared, settings: Settings) -> Judged:
    court = Court(prepared, rego=settings.opa is None)
    resources = prepared.resources
    if settings.jobs > 1 and len(resources) >= _WORTH_FORKING:
        from karlint._forked import forked  # noqa: PLC0415 - few runs need processes

        parts = forked(court.judge, slices_of(prepared, settings.jobs))
        if parts is not None:
            return merged(parts)
    return court.judge(resources)


def _worth_compiling(rules: Sequence[Rule], prepared: Prepared) -> Sequence[Rule]:
    """Return the rules that a run needs: not those without what they look for in the tree, and of few resources only
    those that have something to say of one, since to compile all takes longer than to lint a file.

    Rules that are not karlint's own are always among them, so that one that does not compile is told.
    """
    inventory, own = prepared.inventory, data_dir()
    rules = [rule for rule in rules if not rule.in_tree or inventory.has(rule.in_tree)]
    if len(prepared.resources) > _FEW:
        return rules
    judged = ((resource, list(inventory.traits(resource))) for resource in prepared.resources)
    wanted = with_something_to_say(rules, judged, inventory.has_near)
    return [rule for rule in rules if rule.id in wanted or not rule.folder.is_relative_to(own)]


def _libraries(rules: Iterable[Rule], prepared: Prepared) -> dict[str, str]:
    """Return the libraries that *rules* import, and all that are not karlint's own."""
    texts = [rule.logic.read_text("utf-8") for rule in rules if rule.language == "rego" and rule.logic is not None]
    own, imported = str(data_dir()), needed(prepared.libraries, texts)
    return {name: text for name, text in prepared.libraries.items() if name in imported or not name.startswith(own)}


def ask_server(prepared: Prepared, book: RuleBook, options: ServerOptions) -> Judged:
    """Return what the Rego rules say of all resources, evaluated on an OPA server. Raises EnvironmentProblem."""
    from karlint.engine.opa import OpaEngine, policies  # noqa: PLC0415 - only a run with a server pays for it
    from karlint.engine.opaserver import OpaServer  # noqa: PLC0415

    judged = Judged()
    inventory = prepared.inventory
    resources = {resource.index: resource for resource in prepared.resources}
    # All rules are on the server, also those that this run does without, so that runs share one set.
    named = policies(book.rules.values(), prepared.libraries)
    targets = [Target(version) for version in prepared.versions]
    asked = ((resource, list(inventory.traits(resource))) for resource in prepared.resources)
    server = OpaServer(options)
    with OpaEngine(server, list(prepared.rules.values()), named, prepared.data, push=options.push) as engine:
        for result in engine.evaluate(asked, inventory.input_for, targets):
            if isinstance(result, RuleFailure):
                judged.failures.append(result)
            elif not inventory.is_said_elsewhere(resources[result.resource], result.at):
                judged.raw.append(result)
    return judged


def ask_policies(prepared: Prepared, policies: UserPolicies) -> Judged:
    """Return what the user's own policies say of all resources."""
    from karlint.policy import run_policies  # noqa: PLC0415 - only a run with policies pays for it

    enabled = [rule for rule in policies.rules if rule.rule.id in prepared.rules]
    judged = Judged(notices=policies.remarks)
    for result in run_policies(enabled, prepared.resources):
        if isinstance(result, RuleFailure):
            judged.failures.append(result)
        else:
            judged.raw.append(result)
    return judged


def slices_of(prepared: Prepared, number: int) -> list[list[Resource]]:
    """Cut the resources into slices of about the same work, kind by kind, so that each schema is compiled but once."""
    ordered = sorted(prepared.resources, key=lambda resource: resource.ref.group_kind)
    weights = [_WORKLOAD_WEIGHT if prepared.inventory.makes_pods(resource) else 1 for resource in ordered]
    slices: list[list[Resource]] = [[] for _ in range(number)]
    target = sum(weights) / number
    done = 0
    for resource, weight in zip(ordered, weights, strict=True):
        slices[min(int(done / target), number - 1)].append(resource)
        done += weight
    return slices


def merged(parts: Iterable[Judged]) -> Judged:
    """Return what several processes said as one."""
    whole = Judged()
    for part in parts:
        whole.raw += part.raw
        whole.failures += part.failures
        whole.workloads += part.workloads
        whole.accelerator_workloads += part.accelerator_workloads
        whole.schema_checked += part.schema_checked
        for kind, number in part.without_schema.items():
            whole.without_schema[kind] = whole.without_schema.get(kind, 0) + number
        whole.notices = tuple(sorted({*whole.notices, *part.notices}))
    whole.failures = list(dict.fromkeys(whole.failures))  # a schema that cannot be used was so for each of them
    whole.raw.sort(key=lambda finding: (finding.resource, finding.rule))
    whole.failures.sort(key=lambda failure: (failure.rule, failure.resource, failure.message))
    return whole
