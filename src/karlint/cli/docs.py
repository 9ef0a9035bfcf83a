"""The pages of ``docs/`` that are made from the rules, the requirements and the configuration's schema."""

from __future__ import annotations

import json
import os
import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from karlint.api import lint
from karlint.config import Settings
from karlint.inventory.censusschema import census_schema
from karlint.inventory.inputschema import input_schema
from karlint.prepared import load_rule_book
from karlint.report import ReportOptions, render_text, source_lines
from karlint.report.rulepage import rule_page
from karlint.rules import data_dir

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from karlint.model.rule import Rule

_MARK = re.compile(r"\s*#\s*expect:.*$", re.MULTILINE)
_TARGETS = re.compile(r"^#\s*kubernetes:\s*([0-9., ]+)\n?", re.MULTILINE)
_DEFAULT_TARGET = "1.35"
_WIDTH = 100
_KEYS = "## Every key"
_DESCRIBED = {"configuration.md": "config", "json-report.md": "report"}
"""Pages that end in the keys of a schema."""
_CATEGORIES = {
    "dra": "Dynamic Resource Allocation and device plugins",
    "gang": "All-or-nothing scheduling",
    "queue": "Kueue queues",
    "quota": "Quotas of accelerators",
    "serving": "Model servers",
    "access": "Secure access to accelerators",
    "device": "Devices and how workloads use them",
    "sharing": "Shared and partitioned devices",
    "placement": "Nodes with accelerators",
    "network": "Fast networks between accelerators",
    "core": "Files, schemas and suppressions",
}


def pages(directory: Path) -> dict[Path, str]:
    """Return every generated page of *directory*, and the schemas made from the model: its path to its text."""
    rules = load_rule_book().rules
    made = {directory / "rules" / "README.md": _index(rules)}
    for name, described in (("input", input_schema()), ("inventory", census_schema())):
        made[directory.parent / "schemas" / f"karlint-{name}.schema.json"] = json.dumps(described, indent=2) + "\n"
    for page, schema in _DESCRIBED.items():
        made[directory / page] = _with_keys(directory / page, schema)
    for rule in rules.values():
        made[directory / "rules" / f"{rule.id}.md"] = rule_page(rule, _example(rule))
    return made


def _index(rules: Mapping[str, Rule]) -> str:
    return "\n".join(_index_lines(rules)).rstrip() + "\n"


def _index_lines(rules: Mapping[str, Rule]) -> Iterator[str]:
    yield "# Rules\n"
    yield "`karlint dev docs` writes these pages from the rules' folders; `karlint explain RULE` prints one.\n"
    yield "The requirement is the one of the Kubernetes AI Requirements that a rule derives from, or, in parentheses,"
    yield "one or an announced area that it only touches.\n"
    found = list(dict.fromkeys(rule.category for rule in rules.values()))
    for category in sorted(found, key=lambda name: ([*_CATEGORIES, name].index(name), name)):
        yield f"## {category}: {_CATEGORIES.get(category, category)}\n"
        yield "| Rule | Severity | Requirement | What it finds |"
        yield "|---|---|---|---|"
        for rule in rules.values():
            if rule.category == category:
                yield f"| [{rule.id}]({rule.id}.md) | {rule.severity} | {_requirements(rule)} | {rule.title} |"
        yield ""


def _requirements(rule: Rule) -> str:
    return ", ".join(item.kar if item.relation == "derives" else f"({item.kar})" for item in rule.requirements)


# ---- examples, and what karlint says about them ----


def _example(rule: Rule) -> str:
    """Return the example section: the shortest bad example, and what ``karlint check`` prints for it."""
    bad = (path for path in rule.folder.glob("examples/bad-*") if not path.name.endswith(".fixed.yaml"))
    found = sorted(bad, key=lambda path: (path.is_dir(), _lines(path), path.name))
    if not found:
        return ""
    target, files = _cleaned(found[0])
    shown = "\n".join(f"{_title(name, files)}```yaml\n{text.rstrip()}\n```\n" for name, text in files.items())
    paths = " ".join(files) if len(files) == 1 else "."
    command = f"karlint check --select {rule.id} --kubernetes-version {target} {paths}"
    return f"{shown}\n```console\n$ {command}\n{_output(rule, target, files)}```\n"


def _title(name: str, files: Mapping[str, str]) -> str:
    return f"`{name}`:\n\n" if len(files) > 1 else ""


def _lines(path: Path) -> int:
    files = path.rglob("*.yaml") if path.is_dir() else [path]
    return sum(file.read_text("utf-8").count("\n") for file in files)


def _cleaned(path: Path) -> tuple[str, dict[str, str]]:
    """Return the version to lint for, and the example's files by name, without the marks that tests read."""
    sources = sorted(path.rglob("*.yaml")) if path.is_dir() else [path]
    base = path if path.is_dir() else path.parent
    texts = {file.relative_to(base).as_posix(): file.read_text("utf-8") for file in sources}
    targets = next((found[1] for text in texts.values() if (found := _TARGETS.search(text))), _DEFAULT_TARGET)
    cleaned = {name: _MARK.sub("", _TARGETS.sub("", text)).lstrip("\n") for name, text in texts.items()}
    if len(cleaned) == 1:
        cleaned = {"manifest.yaml": next(iter(cleaned.values()))}
    return targets.split(",")[0].strip(), cleaned


def _output(rule: Rule, target: str, files: Mapping[str, str]) -> str:
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        for file, text in files.items():
            (root / file).parent.mkdir(parents=True, exist_ok=True)
            (root / file).write_text(text, "utf-8")
        report = lint(Settings(root=root, paths=(os.fspath(root),), versions=(target,), select=(rule.id,)))
        return render_text(report, ReportOptions(width=_WIDTH), source_lines(report.root))


# ---- pages that list the keys of a schema ----


def _with_keys(page: Path, name: str) -> str:
    """Return *page* with its last section, which lists every key of a schema, made anew; what is above is kept."""
    schema = orjson.loads((data_dir() / "schemas" / f"karlint-{name}.schema.json").read_bytes())
    written = page.read_text("utf-8") if page.is_file() else f"# {schema['title']}\n"
    prose = written.partition(_KEYS)[0].rstrip()
    return f"{prose}\n\n{_KEYS}\n\n" + "\n".join(_keys(schema, schema, "")).rstrip() + "\n"


def _keys(
    node: Mapping[str, Any], schema: Mapping[str, Any], prefix: str, told: dict[str, str] | None = None
) -> Iterator[str]:
    """Yield a line for each key below *node*; what *told* names already, by definition, is referred to."""
    told = {} if told is None else told
    for name, entry in node.get("properties", {}).items():
        key = f"{prefix}{name}"
        parts = _parts(key, entry, schema)
        known = next((told[_definition(part)] for _, part in parts if _definition(part) in told), "")
        yield f"- `{key}`: {_described(entry, schema)}" + (f" As `{known}`." if known else "")
        if known:
            continue
        for below, part in parts:
            if _definition(part) and "properties" in _resolved(part, schema):
                told[_definition(part)] = below
            yield from _keys(_resolved(part, schema), schema, f"{below}.", told)


def _parts(key: str, entry: Mapping[str, Any], schema: Mapping[str, Any]) -> list[tuple[str, Mapping[str, Any]]]:
    """Return the schemas that hold the keys below *key*: its own, that of its items, that of its values."""
    resolved = _resolved(entry, schema)
    parts = [(key, entry), *((key, option) for option in resolved.get("oneOf", ()))]
    if "items" in resolved:
        parts.append((f"{key}[]", resolved["items"]))
    if isinstance(resolved.get("additionalProperties"), dict):
        value = _resolved(resolved["additionalProperties"], schema)
        parts.append((f"{key}.<{_placeholder(key)}>", value.get("then", value)))
    return parts


def _definition(entry: Mapping[str, Any]) -> str:
    return str(entry.get("$ref", "")).rpartition("/")[2]


def _placeholder(name: str) -> str:
    return {"rules": "rule", "assume": "group/Kind"}.get(name, "name")


def _resolved(entry: Mapping[str, Any], schema: Mapping[str, Any]) -> Mapping[str, Any]:
    reference = _definition(entry)
    return {**schema["$defs"][reference], **entry} if reference else entry


def _described(entry: Mapping[str, Any], schema: Mapping[str, Any]) -> str:
    resolved = _resolved(entry, schema)
    text = str(resolved.get("description", resolved.get("title", "")))
    text = text.replace("<stdin>", "`<stdin>`")
    choices = [str(choice) for choice in resolved.get("enum", ()) if isinstance(choice, str)]
    if choices:
        text += f" One of {', '.join(f'`{choice}`' for choice in choices)}."
    if "default" in resolved:
        text += f" Default: `{resolved['default']}`."
    return text
