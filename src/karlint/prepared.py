"""Everything read and made ready, nothing judged yet: the resources, the rules that run, and what these look up."""

from __future__ import annotations

from pathlib import Path as FilePath
from typing import TYPE_CHECKING, Any

from msgspec import Struct
from msgspec.structs import replace

from karlint.config import validate_config
from karlint.config.problems import did_you_mean
from karlint.context import context_files, looked_up
from karlint.deployed import Deployed, deployed_by, piped
from karlint.errors import UsageError
from karlint.inventory import Inventory
from karlint.model.resource import Resource, ResourceRef
from karlint.reading import discover_all, discover_files, parse_yaml
from karlint.rules import RuleBook, add_rules, data_dir, indexed, load_rules
from karlint.schema import SchemaLocation, available_versions, default_version, is_core_group
from karlint.source import Limits, LoadedFile, load_files

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from karlint.config import Settings
    from karlint.discover import Discovery
    from karlint.model.rule import Rule


class Prepared(Struct, frozen=True):
    """Everything read, nothing judged yet.

    Attributes:
        resources: what is judged.
        context: what rules may look up besides; its indexes go on from those of *resources*.
        versions: target minors.
        locations: where the user has schemas.
        rules: the enabled rules by id.
        libraries: Rego helper modules, file name to text.
        data: the ``data`` document of all Rego rules.
        deployed: what was rendered.
    """

    discovery: Discovery
    loaded: Sequence[LoadedFile]
    resources: Sequence[Resource]
    context: Sequence[Resource]
    inventory: Inventory
    versions: tuple[str, ...]
    locations: tuple[SchemaLocation, ...]
    rules: Mapping[str, Rule]
    libraries: Mapping[str, str]
    data: Mapping[str, Any]
    deployed: Deployed


def checked_rules(settings: Settings) -> RuleBook:
    """Return the rules, the user's policies among them. Raises KarlintError where *settings* do not fit them."""
    book = with_policies(load_rule_book(), settings)
    _check(settings, book)
    return book


def _check(settings: Settings, book: RuleBook) -> None:
    validate_config(settings.config, book.rules, available_versions())
    enabled_rules(book.rules, settings)
    _target_versions(settings)


def prepare(
    settings: Settings,
    book: RuleBook | None = None,
    discovery: Discovery | None = None,
    deployed: Deployed | None = None,
) -> Prepared:
    """Load and normalise what *settings* name, and make the rules ready.

    Args:
        book, discovery, deployed: the rules, what was found and what was rendered, where somebody has them already.
    """
    book = book or load_rule_book()
    _check(settings, book)
    locations = tuple(SchemaLocation(text, settings.root) for text in settings.schema_locations)
    rules = enabled_rules(book.rules, settings)
    discovery = discovery or discover_files(settings)
    deployed = deployed or deployed_by(settings, discovery)
    plain = [file for file in discovery.files if file.path not in deployed.owned]
    loaded = load_files(plain, Limits(**settings.limits), settings.jobs)
    resources = resources_of(loaded)
    resources = piped(settings, loaded, resources, lambda: discover_all(settings).layout)
    resources += deployed.resources(len(resources))
    tables = tables_with(book.tables, settings)
    inventory = Inventory(resources, tables, settings.config.assume)
    around = _context(settings, book, rules, discovery, resources, inventory, deployed)
    if around:
        inventory = Inventory([*resources, *around], tables, settings.config.assume)
    libraries = {str(file): file.read_text("utf-8") for file in book.libraries}
    facts = _work_out_facts(book, libraries, inventory)
    return Prepared(
        discovery=discovery,
        loaded=loaded,
        resources=resources,
        context=around,
        inventory=inventory,
        versions=_target_versions(settings),
        locations=locations,
        rules=rules,
        libraries=libraries,
        data=_rego_data(list(rules.values()), inventory, tables, facts, settings),
        deployed=deployed,
    )


def _context(
    settings: Settings,
    book: RuleBook,
    rules: Mapping[str, Rule],
    discovery: Discovery,
    resources: Sequence[Resource],
    inventory: Inventory,
    deployed: Deployed,
) -> list[Resource]:
    """Return what the rest of the repository holds that rules may look up for *resources*."""
    inside = any(file.location and not FilePath(file.path).is_absolute() for file in discovery.files)
    if not (inside or deployed.parts) or not settings.paths or not (discovery.root / ".git").exists():
        return []
    files = context_files(
        looked_up(rules.values(), resources, inventory),
        {resource.ref.kind for resource in resources if not is_core_group(resource.ref.group)},
        inventory.lenders(resources),
        book,
        discovery,
        lambda: discover_all(settings),
    )
    files = [file for file in files if file.path not in deployed.owned]
    around = resources_of(load_files(files, Limits(**settings.limits), settings.jobs), first=len(resources))
    return [replace(resource, context=True) for resource in around]


def _target_versions(settings: Settings) -> tuple[str, ...]:
    """Return the minors to lint for. Raises UsageError for one that no schemas are packed for."""
    known = available_versions()
    for version in settings.versions:
        if version not in known:
            raise UsageError(f"Kubernetes {version} is not known to this karlint", f"Known: {known[0]} to {known[-1]}.")
    return settings.versions or (default_version(),)


def load_rule_book() -> RuleBook:
    """Read karlint's own rules. Raises PolicyError for a folder that is wrong."""
    return load_rules(data_dir(), parse_yaml)


def with_policies(book: RuleBook, settings: Settings) -> RuleBook:
    """Return *book* with the user's own policies among its rules, so that they are selected and configured alike."""
    if settings.policies is None:
        return book
    book = add_rules(book, data_dir(), settings.policies.folders, parse_yaml)
    return replace(book, rules={**book.rules, **{item.rule.id: item.rule for item in settings.policies.rules}})


def enabled_rules(rules: Mapping[str, Rule], settings: Settings) -> dict[str, Rule]:
    """Return the rules that run: those of the chosen profiles, narrowed by --select and --ignore."""
    for pattern in (*settings.select, *settings.ignore):
        if not any(matches_rule(pattern, rule) for rule in rules):
            hint = did_you_mean(pattern, [*rules, *(rule.partition("/")[0] for rule in rules)])
            raise UsageError(f"no rule is called {pattern!r}", hint or "`karlint rules` lists them all.")
    switched_off = {rule for rule, config in settings.config.rules.items() if config.severity == "off"}
    profiles = {"default", *settings.config.profiles}
    chosen = {
        rule.id: rule
        for rule in rules.values()
        if rule.id not in switched_off
        and (rule.profile in profiles or any(matches_rule(pattern, rule.id) for pattern in settings.select))
        and (not settings.select or any(matches_rule(pattern, rule.id) for pattern in settings.select))
        and not any(matches_rule(pattern, rule.id) for pattern in settings.ignore)
    }
    if not chosen:
        raise UsageError("no rule is left to run", "What is selected is ignored, or switched off in the configuration.")
    return chosen


def matches_rule(pattern: str, rule: str) -> bool:
    """True when *pattern* is the rule's id, or its category (``dra`` or ``dra/*``)."""
    return pattern == rule or pattern.removesuffix("/*") == rule.partition("/")[0]


def resources_of(loaded: Iterable[LoadedFile], first: int = 0) -> list[Resource]:
    """Return every resource of the loaded files, numbered in order from *first*."""
    resources: list[Resource] = []
    for file in loaded:
        for item in file.documents:
            for head in item.heads:
                group, slash, version = head.api_version.rpartition("/")
                ref = ResourceRef(group if slash else "", version, head.kind, head.namespace, head.name)
                resources.append(Resource(first + len(resources), ref, item.document, head.prefix, item.comments))
    return resources


def _work_out_facts(book: RuleBook, libraries: Mapping[str, str], inventory: Inventory) -> dict[str, Any]:
    from karlint.engine import needed, work_out_facts  # noqa: PLC0415 - loaded while charts and overlays are rendered

    kinds = {kind for fact in book.facts for kind in fact.looks_up}
    logic = {fact.name: fact.logic.read_text("utf-8") for fact in book.facts}
    mentions = [word for fact in book.facts for word in fact.mentions]
    return work_out_facts(
        logic, needed(libraries, logic.values()), {"inventory": {"by_kind": inventory.by_kind(kinds, mentions)}}
    )


def _rego_data(
    rules: Sequence[Rule],
    inventory: Inventory,
    tables: Mapping[str, Any],
    facts: Mapping[str, Any],
    settings: Settings,
) -> dict[str, Any]:
    """Return the ``data`` document that all Rego rules share."""
    params = {
        rule.id: {name: _param(settings, rule.id, name, schema["default"]) for name, schema in rule.params.items()}
        for rule in rules
    }
    return {
        "karlint": {"params": params, "tables": tables, "assume": dict(settings.config.assume)},
        "facts": facts,
        "inventory": inventory.data(kind for rule in rules for kind in rule.looks_up),
    }


def _param(settings: Settings, rule: str, name: str, default: Any) -> Any:
    config = settings.config.rules.get(rule)
    return default if config is None else config.params.get(name, default)


def tables_with(tables: Mapping[str, Any], settings: Settings) -> dict[str, Any]:
    """Return the tables of policies/tables with the accelerators that the configuration adds."""
    named = {extra.name for extra in settings.config.accelerators}
    vendors = [
        {**row, "resources": [name for name in row.get("resources", ()) if name not in named]}
        for row in tables["accelerators"]["vendors"]
    ]
    for extra in settings.config.accelerators:
        labels = [extra.product_label] if extra.product_label else []
        vendors.append({"vendor": extra.vendor, "resources": [extra.name], "labels": labels})
    return {**tables, "accelerators": indexed({**tables["accelerators"], "vendors": vendors})}
