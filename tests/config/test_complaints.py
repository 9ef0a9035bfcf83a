"""Each mistake is told at its place, in words that say what to write instead."""

from __future__ import annotations

from pathlib import Path

import pytest

from karlint.config import Config, RuleConfig, validate_config
from karlint.errors import ConfigError, UsageError
from karlint.model.rule import Rule, Severity
from tests.config.support import load


def rule(rule_id: str, profile: str = "default") -> Rule:
    params = {"max_seconds": {"type": "integer", "minimum": 1, "default": 300, "description": "Seconds."}}
    return Rule(
        id=rule_id, title="", description="", severity=Severity.ERROR, requirements=(), kinds=(), looks_up=(),
        since=None, until=None, versioned=False, profile=profile, params=params, message="", help="", cases={},
        fix="none", sources=(), supersedes=(), language="rego", target="", logic=None, folder=Path(),
    )  # fmt: skip


RULES = {item.id: item for item in (rule("dra/claim-not-found"), rule("probes/slow-start", "strict"))}
VERSIONS = ["1.34", "1.35", "1.9"]


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("fail-on: error\n", "1:1: unknown key 'fail-on'.", "Did you mean fail_on?"),
        ("zzz: 1\n", "1:1: unknown key 'zzz'.", "Known keys: accelerators, assume"),
        ("fail_on: eror\n", "1:10: fail_on must be one of error, warning, note, never", "Did you mean error?"),
        ("kubernetes_versions: [1.35]\n", "1:23: kubernetes_versions[0] must be a Kubernetes minor in quotes", ""),
        ('kubernetes_versions: ["v1.35"]\n', 'such as "1.35", not "v1.35".', ""),
        ('kubernetes_versions: "1.35"\n', '1:22: kubernetes_versions must be a list, not "1.35".', ""),
        ("kubernetes_versions: []\n", "1:22: kubernetes_versions must not be empty.", "default"),
        ("exclude:\n- a/\n- b\\\n", "3:3: 'b\\\\' is no path pattern.", ".gitignore"),
        ('rules:\n  a/b: {exclude: ["c\\\\"]}\n', "2:19: 'c\\\\' is no path pattern.", ".gitignore"),
        ("exclude:\n- a/\n- 3\n", "3:3: exclude[1] must be a path pattern, not 3.", ""),
        ("rules: [dra/x]\n", "1:8: rules must be a mapping, not a list.", ""),
        ("rules:\n  dra/x: on\n", '2:10: rules["dra/x"] must be one of error, warning, note, off, not true.', ""),
        ("rules:\n  dra/x: {severty: off}\n", "2:11: rules[\"dra/x\"]: unknown key 'severty'.", "severity?"),
        ("rules:\n  Dra: off\n", "2:3: rules: 'Dra' is not a rule id, such as dra/legacy-device-plugin.", ""),
        ("rules:\n  dra/x: {params: [1]}\n", '2:19: rules["dra/x"].params must be a mapping, not a list.', ""),
        ("assume:\n  Secret: all\n", '2:11: assume.Secret must be a list of names, or "*" for any name', ""),
        ("assume:\n  Secret: [1]\n", "2:12: assume.Secret[0] must be a name, not 1.", ""),
        ("assume:\n  secrets: [a]\n", "2:3: assume: 'secrets' is not a group and kind", ""),
        ("accelerators:\n- {name: a.b/c}\n", "2:3: accelerators[0] has no vendor.", ""),
        ("accelerators:\n- {name: gpu, vendor: a}\n", "2:10: accelerators[0].name must be an extended resource", ""),
        ("limits: {max_depth: 0}\n", "1:21: limits.max_depth must be a whole number of 1 or more, not 0.", ""),
        ("- a\n", "1:1: the configuration must be a mapping, not a list.", ""),
        ("fail_on: [\n", ".karlint.yaml:2:1: ", ""),
    ],
)
def test_the_schemas_complaints(tmp_path: Path, text: str, message: str, hint: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, text)
    assert caught.value.message.startswith(".karlint.yaml:")
    assert message in caught.value.message
    assert hint in caught.value.hint


def test_the_first_complaint_in_the_file_comes_first_and_the_others_are_counted(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"^\.karlint\.yaml:2:1: unknown key 'nope'") as caught:
        load(tmp_path, "exclude: []\nnope: 1\nfail_on: x\nlimits: 3\n")
    assert caught.value.hint.endswith("2 more problems in this file.")


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("rules:\n  dra/claim-not-fond: off\n", "2:3: there is no rule dra/claim-not-fond.", "dra/claim-not-found?"),
        ("rules:\n  a/b: off\n", "2:3: there is no rule a/b.", "`karlint rules`"),
        ('kubernetes_versions: ["1.34", "1.77"]\n', "1:31: Kubernetes 1.77 is not known", "1.9, 1.34, 1.35."),
        ("profiles: [default, strikt]\n", "1:21: there is no profile 'strikt'.", "Did you mean strict?"),
        (
            "rules:\n  probes/slow-start:\n    params: {max_second: 3}\n",
            "3:14: probes/slow-start has no parameter 'max_second'.",
            "Did you mean max_seconds?",
        ),
        (
            "rules:\n  probes/slow-start:\n    params: {max_seconds: soon}\n",
            '3:27: rules["probes/slow-start"].params.max_seconds must be a whole number, not "soon".',
            "",
        ),
    ],
)
def test_names_that_do_not_exist(tmp_path: Path, text: str, message: str, hint: str) -> None:
    config = load(tmp_path, text)
    with pytest.raises(ConfigError) as caught:
        validate_config(config, RULES, VERSIONS)
    assert caught.value.message.startswith(f".karlint.yaml:{message}")
    assert hint in caught.value.hint


def test_what_exists_passes(tmp_path: Path) -> None:
    text = (
        'kubernetes_versions: ["1.35"]\nprofiles: [strict]\nrules:\n  probes/slow-start: {params: {max_seconds: 9}}\n'
    )
    config = load(tmp_path, text)
    validate_config(config, RULES, VERSIONS)
    assert config.rules["probes/slow-start"].params == {"max_seconds": 9}


def test_a_configuration_built_in_code_is_checked_too() -> None:
    with pytest.raises(UsageError, match="there is no rule a/b"):
        validate_config(Config(rules={"a/b": RuleConfig("off")}), RULES, VERSIONS)
