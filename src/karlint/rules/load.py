"""Reads rule folders: ``policies/<category>/<rule>/rule.rego``, ``rule.schema.json`` or ``rule.yaml``."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import jsonschema_rs
import orjson
from msgspec import Struct
from msgspec.structs import replace

from karlint.errors import PolicyError
from karlint.model.rule import Requirement, Rule, Severity
from karlint.rules.tables import read_tables

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

Parse = Callable[[bytes], Any]
"""Text to value: YAML belongs to another room, so that the caller brings the parser along."""

_NOT_CATEGORIES = frozenset({"lib", "tables", "facts", "gatekeeper"})
_LANGUAGES = {"rule.rego": "rego", "rule.schema.json": "schema", "rule.yaml": "host"}


class Fact(Struct, frozen=True):
    """A statement about the whole tree, which rules share and which is worked out once a run.

    Attributes:
        name: rules read it as ``data.facts.<name>``.
        looks_up: group/kind names that its logic reads.
        mentions: strings of which a resource's JSON must hold one to matter to it.
        logic: the Rego file, whose package ``karlint.facts.<name>`` holds ``value``.
    """

    name: str
    looks_up: tuple[str, ...]
    mentions: tuple[str, ...]
    logic: Path


class RuleBook(Struct, frozen=True):
    """All rules, and what they share.

    Attributes:
        rules: by id, sorted.
        libraries: Rego helper modules.
        facts: what is worked out once a run.
        tables: ``policies/tables/*.json`` by name; a folder there is one table in several files.
        requirements: the Kubernetes AI Requirements, ``policies/requirements.yaml``.
    """

    rules: Mapping[str, Rule]
    libraries: tuple[Path, ...]
    facts: tuple[Fact, ...]
    tables: Mapping[str, Any]
    requirements: Mapping[str, Any]


def load_rules(data: Path, parse: Parse) -> RuleBook:
    """Read every rule folder below ``data/policies``. Raises PolicyError with the file for one that is wrong."""
    policies = data / "policies"
    known = _read_requirements(policies / "requirements.yaml", parse)
    rules = [_read_rule(file, language, known, parse) for file, language in _rule_files(policies)]
    _check_metadata(data, rules)
    return RuleBook(
        rules={rule.id: rule for rule, _ in sorted(rules, key=lambda pair: pair[0].id)},
        libraries=tuple(
            file for file in sorted(policies.glob("lib/**/*.rego")) if not file.name.endswith("_test.rego")
        ),
        facts=tuple(_read_fact(file, parse) for file in sorted(policies.glob("facts/*.rego"))),
        tables=read_tables(policies / "tables"),
        requirements=known,
    )


def add_rules(book: RuleBook, data: Path, folders: Sequence[Path], parse: Parse) -> RuleBook:
    """Return *book* with the rules below *folders*, which are laid out as ``policies/`` is, and their libraries.

    Raises PolicyError for a rule that is wrong, or that is called as another one is.
    """
    rules = dict(book.rules)
    libraries = list(book.libraries)
    for top in folders:
        for file, language in _rule_files(top):
            rule, metadata = _read_rule(file, language, book.requirements, parse)
            _check_metadata(data, [(rule, metadata)])
            if rule.id in rules:
                raise PolicyError(f"{file}: there is a rule called {rule.id} already", "Choose another name.")
            if language == "host":
                raise PolicyError(f"{file}: only karlint itself has rules without logic")
            rules[rule.id] = rule
        libraries += (file for file in sorted(top.glob("lib/**/*.rego")) if not file.name.endswith("_test.rego"))
    return replace(book, rules=dict(sorted(rules.items())), libraries=tuple(libraries))


def _read_requirements(file: Path, parse: Parse) -> Mapping[str, Any]:
    try:
        value: Any = parse(file.read_bytes())
    except OSError as error:
        raise PolicyError(f"{file}: {error.strerror}") from error
    return {**value.get("requirements", {}), **value.get("areas", {})}


def _rule_files(policies: Path) -> Iterator[tuple[Path, str]]:
    for category in sorted(policies.iterdir()):
        if category.is_dir() and category.name not in _NOT_CATEGORIES:
            for folder in sorted(category.iterdir()):
                for name, language in _LANGUAGES.items():
                    if (folder / name).is_file():
                        yield folder / name, language


def _read_rule(file: Path, language: str, known: Mapping[str, Any], parse: Parse) -> tuple[Rule, Mapping[str, Any]]:
    metadata = _METADATA_READERS[language](file, parse)
    if not isinstance(metadata, dict) or not isinstance(metadata.get("custom"), dict):
        raise PolicyError(f"{file}: no METADATA with a custom section")
    return _rule_from(metadata, file, language, known), metadata


def _read_fact(file: Path, parse: Parse) -> Fact:
    metadata = _rego_metadata(file, parse)
    custom = metadata.get("custom") if isinstance(metadata, dict) else None
    if not isinstance(custom, dict) or not {"looks_up", "mentions"} <= custom.keys():
        raise PolicyError(f"{file}: METADATA of a fact has custom.looks_up and custom.mentions")
    return Fact(file.stem, tuple(custom["looks_up"]), tuple(custom["mentions"]), file)


def _rego_metadata(file: Path, parse: Parse) -> object:
    """Return the METADATA block that stands directly above ``package``."""
    lines = file.read_text("utf-8").splitlines()
    end = next((number for number, line in enumerate(lines) if line.startswith("package ")), 0)
    start = next((number for number, line in enumerate(lines[:end]) if line.strip() == "# METADATA"), None)
    if start is None:
        raise PolicyError(f"{file}:1: no METADATA block above the package")
    block = [re.sub(r"^# ?", "", line) for line in lines[start + 1 : end] if line.startswith("#")]
    try:
        return parse("\n".join(block).encode())
    except ValueError as error:
        raise PolicyError(f"{file}:{start + 1}: METADATA is not YAML: {error}") from error


def _schema_metadata(file: Path, _parse: Parse) -> object:
    try:
        schema = orjson.loads(file.read_bytes())
    except orjson.JSONDecodeError as error:
        raise PolicyError(f"{file}:{error.lineno}: not JSON: {error.msg}") from error
    extra = dict(schema.get("x-karlint", {}))
    return {
        "title": schema.get("title"),
        "description": schema.get("description"),
        "related_resources": extra.pop("related_resources", []),
        "custom": extra,
    }


def _host_metadata(file: Path, parse: Parse) -> object:
    try:
        return parse(file.read_bytes())
    except ValueError as error:
        raise PolicyError(f"{file}: not YAML: {error}") from error


_METADATA_READERS = {"rego": _rego_metadata, "schema": _schema_metadata, "host": _host_metadata}


def _rule_from(metadata: Mapping[str, Any], file: Path, language: str, known: Mapping[str, Any]) -> Rule:
    custom = metadata["custom"]
    if custom.get("uses") and not custom.get("looks_up"):
        raise PolicyError(f"{file}: a rule that uses references or referrers names their kinds in looks_up")
    folder = file.parent
    try:
        return Rule(
            id=f"{folder.parent.name}/{folder.name}",
            title=metadata["title"],
            description=metadata["description"].strip(),
            severity=Severity(custom["severity"]),
            requirements=tuple(_requirements(custom, known)),
            kinds=tuple(custom.get("kinds", ())),
            looks_up=tuple(custom.get("looks_up", ())),
            mentions=tuple(custom.get("mentions", ())),
            near=tuple(custom.get("near", ())),
            in_tree=tuple(custom.get("in_tree", ())),
            uses=tuple(custom.get("uses", ())),
            since=custom.get("since"),
            until=custom.get("until"),
            versioned=custom.get("versioned", False),
            profile=custom.get("profile", "default"),
            params=custom.get("params", {}),
            message=custom.get("message", ""),
            help=custom.get("help", ""),
            cases=custom.get("cases", {}),
            fix=custom.get("fix", "none"),
            sources=tuple(entry["ref"] for entry in metadata.get("related_resources", ())),
            supersedes=tuple(custom.get("supersedes", ())),
            language=language,
            target=custom.get("target", "object"),
            logic=None if language == "host" else file,
            folder=folder,
        )
    except (KeyError, ValueError, AttributeError, TypeError) as error:
        raise PolicyError(f"{file}: METADATA is incomplete: {error!r}") from error


def _requirements(custom: Mapping[str, Any], known: Mapping[str, Any]) -> Iterator[Requirement]:
    for field, relation in (("requirements", "derives"), ("relates", "relates")):
        for number in custom.get(field) or ():
            if number not in known:
                raise ValueError(f"{number} is not in policies/requirements.yaml")
            entry = known[number]
            yield Requirement(kar=number, id=entry.get("id", ""), levels=entry.get("levels", {}), relation=relation)


def _check_metadata(data: Path, rules: list[tuple[Rule, Mapping[str, Any]]]) -> None:
    """Check all metadata against the closed schema, in one pass."""

    validator = jsonschema_rs.validator_for(orjson.loads((data / "schemas" / "karlint-rule.schema.json").read_bytes()))
    for rule, metadata in rules:
        for error in validator.iter_errors(metadata):
            where = ".".join(str(step) for step in error.instance_path) or "METADATA"
            raise PolicyError(f"{rule.logic or rule.folder / 'rule.yaml'}: {where}: {error.message}")
