"""Writes karlint's rules as Gatekeeper ConstraintTemplates, so that the cluster refuses what a commit was told of.

A template judges one object. So a rule goes along that looks up no other object, needs no fact on the tree and no
target version, and reads no command line; a small Rego library stands in for the host's workload. Gatekeeper lets a
template read ``data.lib`` and its own input only, so that packages move below ``lib`` and data becomes modules.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import orjson
from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from karlint.model.rule import Rule

_WORKLOAD_KINDS = (
    {"apiGroups": [""], "kinds": ["Pod", "ReplicationController"]},
    {"apiGroups": ["apps"], "kinds": ["Deployment", "ReplicaSet", "StatefulSet", "DaemonSet"]},
    {"apiGroups": ["batch"], "kinds": ["Job", "CronJob"]},
)
_ACTIONS = {"error": "deny", "warning": "warn", "note": "dryrun"}
_OBSTACLES = {
    r"data\.inventory|lib\.scope": "looks up other objects",
    r"data\.facts": "needs a fact on the whole tree",
    r"input\.(references|referrers)": "follows references",
    r"\.server\b|\.tokens\b": "reads the command line",
    r"data\.karlint\.assume": "asks what the configuration assumes",
}
_MAIN = """\
package karlint{name}

import data.lib.karlint.rule
import data.lib.karlint.workload

violation contains {{"msg": msg, "details": {{"path": finding.at, "help": help}}}} if {{
{guard}	seen := {{
		"resource": {{
			"index": 0, "group": input.review.kind.group, "version": input.review.kind.version,
			"kind": input.review.kind.kind, "namespace": object.get(input.review.object, ["metadata", "namespace"], ""),
			"name": object.get(input.review.object, ["metadata", "name"], ""), "file": "", "directory": "",
			"partial": false, "scope": [],
		}},
		"object": input.review.object, "workload": workload.current, "parameters": input.parameters,
	}}
	some finding in rule.findings with input as seen
	texts := object.get(_cases, object.get(finding, "case", ""), _cases[""])
	msg := _filled(texts.message, finding)
	help := _filled(texts.help, finding)
}}

_cases := {cases}

_filled(template, finding) := strings.replace_n(
	{{sprintf("{{%s}}", [name]): _shown(text) | some name, text in object.get(finding, "args", {{}})}},
	template,
)

_shown(text) := text if is_string(text)

_shown(text) := sprintf("%v", [text]) if not is_string(text)
"""
_GUARD = {
    "accelerator-workload": "\tworkload.current.devices != 0\n",
}


class Exported(Struct, frozen=True):
    """A template with its constraint: the two documents of a file called after the rule.

    Attributes:
        kind: kind of the constraint.
    """

    rule: str
    kind: str
    template: dict[str, Any]
    constraint: dict[str, Any]


def exportable(rule: Rule, modules: Mapping[str, str]) -> str:
    """Return why *rule* cannot be exported; "" when it can. *modules*: package to text, libraries included."""
    if rule.language != "rego":
        return "is a JSON Schema" if rule.language == "schema" else "is karlint's own: files, schemas, suppressions"
    if rule.looks_up or rule.uses:
        return "looks up other objects"
    if rule.versioned:
        return "depends on the target version"
    text = "\n".join(_with_imports(rule.package, modules).values())
    return next((reason for pattern, reason in _OBSTACLES.items() if re.search(pattern, text)), "")


def export(rule: Rule, modules: Mapping[str, str], tables: Mapping[str, Any], params: Mapping[str, Any]) -> Exported:
    """Return *rule*, which must be exportable, as a template; *params* are the values that its constraint passes."""
    words = [word.capitalize() for word in re.split(r"[/-]", rule.id)]
    kind = "Karlint" + "".join(words)
    used = {**_with_imports(rule.package, modules), **_with_imports("karlint.workload", modules)}
    libs = [_moved(text, rule) for package, text in used.items()]
    named = sorted({name for text in used.values() for name in re.findall(r"data\.karlint\.tables\.(\w+)", text)})
    whole = any(re.search(r"^import data\.karlint\.tables$", text, re.MULTILINE) for text in used.values())
    shown = sorted({*named, "accelerators"} if whole else named)
    literals = "\n\n".join(f"{name} := {orjson.dumps(tables[name]).decode()}" for name in shown)
    libs.append(f"package lib.karlint.tables\n\n{literals}\n")
    guard = "".join(_GUARD.get(trait, "") for trait in rule.kinds if len(rule.kinds) == 1)
    main = _MAIN.format(name=kind.removeprefix("Karlint").lower(), guard=guard, cases=_cases(rule))
    template = {
        "apiVersion": "templates.gatekeeper.sh/v1",
        "kind": "ConstraintTemplate",
        "metadata": {
            "name": kind.lower(),
            "annotations": {"description": f"{rule.title}. Written by karlint from its rule {rule.id}."},
        },
        "spec": {
            "crd": {"spec": {"names": {"kind": kind}, "validation": {"openAPIV3Schema": _schema(rule)}}},
            "targets": [
                {
                    "target": "admission.k8s.gatekeeper.sh",
                    "code": [
                        {"engine": "Rego", "source": {"version": "v1", "rego": main, "libs": libs}},
                    ],
                }
            ],
        },
    }
    constraint = {
        "apiVersion": "constraints.gatekeeper.sh/v1beta1",
        "kind": kind,
        "metadata": {"name": rule.id.replace("/", "-")},
        "spec": {
            "enforcementAction": _ACTIONS[rule.severity.value],
            "match": {"kinds": list(_kinds(rule))},
            "parameters": dict(params),
        },
    }
    return Exported(rule.id, kind, template, constraint)


def _with_imports(package: str, modules: Mapping[str, str]) -> dict[str, str]:
    """Return the module of *package* and all that it imports of karlint's."""
    found: dict[str, str] = {}
    waiting = [package]
    while waiting:
        name = waiting.pop()
        if name not in found and name in modules:
            found[name] = modules[name]
            waiting += re.findall(r"data\.(karlint\.lib\.\w+)", modules[name])
    return found


def _moved(text: str, rule: Rule) -> str:
    """Return a module as Gatekeeper allows it: below ``data.lib``, parameters from the input."""
    text = text.replace(f"package {rule.package}", "package lib.karlint.rule")
    text = re.sub(r"^package karlint\.(?:lib\.)?", "package lib.karlint.", text, flags=re.MULTILINE)
    text = re.sub(r'data\.karlint\.params\["[^"]+"\]', "input.parameters", text)
    text = re.sub(r"data\.karlint\.lib\.", "data.lib.karlint.", text)
    if "data.karlint.tables." in text:
        # Gatekeeper moves what libraries import, but not each reference in full (those after `some x in`, say).
        text = text.replace("data.karlint.tables.", "karlint_tables.")
        text = re.sub(
            r"^(package .*)$", r"\1\n\nimport data.lib.karlint.tables as karlint_tables", text, count=1, flags=re.M
        )
    text = text.replace("data.karlint.", "data.lib.karlint.")
    return "\n".join(line for line in text.splitlines() if not line.startswith("#")).strip() + "\n"


def _cases(rule: Rule) -> str:
    texts = {"": {"message": rule.message, "help": rule.help}}
    for name, case in rule.cases.items():
        texts[name] = {"message": case.get("message", rule.message), "help": case.get("help", rule.help)}
    return orjson.dumps(texts).decode()


def _schema(rule: Rule) -> dict[str, Any]:
    """Return the schema of the parameters: what OpenAPI of a CRD takes of them."""
    kept = ("type", "description", "default", "items", "enum", "minimum", "maximum")
    properties = {
        name: {key: value for key, value in schema.items() if key in kept} for name, schema in rule.params.items()
    }
    return {"type": "object", "properties": properties}


def _kinds(rule: Rule) -> Iterator[dict[str, Any]]:
    if any(kind.islower() or "workload" in kind for kind in rule.kinds):
        yield from _WORKLOAD_KINDS
    for kind in rule.kinds:
        if not kind.islower():
            group, _, name = kind.rpartition("/")
            yield {"apiGroups": [group], "kinds": [name]}


def modules_of(rules: Sequence[Rule], libraries: Mapping[str, str], workload: str) -> dict[str, str]:
    """Return package to text of all that may be exported; a package in several files is joined."""
    texts = [*libraries.values(), workload]
    texts += [rule.logic.read_text("utf-8") for rule in rules if rule.language == "rego" and rule.logic]
    found: dict[str, str] = {}
    for text in texts:
        match = re.search(r"^package\s+([\w.]+)", text, re.MULTILINE)
        if match:
            found[match[1]] = _joined(found[match[1]], text) if match[1] in found else text
    return found


def _joined(first: str, second: str) -> str:
    """Return two modules of one package as one."""
    imports = dict.fromkeys(line for line in (*first.splitlines(), *second.splitlines()) if line.startswith("import "))
    package = next(line for line in first.splitlines() if line.startswith("package "))
    bodies = [
        "\n".join(line for line in text.splitlines() if not line.startswith(("import ", "package ")))
        for text in (first, second)
    ]
    return "\n".join([package, "", *imports, *bodies]) + "\n"
