"""Gatekeeper's templates and constraints: the same verdicts as the real gator."""

from __future__ import annotations

import json
import subprocess
from collections import Counter
from pathlib import Path

import pytest

from karlint.api import lint
from karlint.config import Config, Settings
from karlint.errors import PolicyError
from karlint.policy import load_policies
from karlint.policy.gatekeeper import selects
from karlint.reading import read_documents
from tests.conftest import ROOT, missing

HERE = Path(__file__).parent
STYLE, INPUTS = HERE / "gatekeeper_style", HERE / "inputs"
LEVELS = {"deny": "error", "warn": "warning", "dryrun": "note"}


@pytest.fixture(scope="session")
def gator() -> Path:
    binary = ROOT / "tools" / "bin" / "gator"
    if not binary.is_file():
        missing("tools/bin/gator", "run `make tools`")
    return binary


def ours(policy: Path, inputs: Path = INPUTS):  # type: ignore[no-untyped-def]
    policies = load_policies([policy], [], [], read_documents)
    settings = Settings.from_config(
        inputs, Config(), paths=[str(inputs)], select=["gatekeeper"], jobs=1, policies=policies
    )
    return lint(settings)


def theirs(gator: Path) -> Counter[tuple[str, str, str, str]]:
    """Return (constraint, kind and name of the object, severity, message) of what gator finds."""
    files = [file for file in sorted(STYLE.iterdir()) if file.name != "m_cel.yaml"]
    command = [
        str(gator),
        "test",
        "-o",
        "json",
        *(f"--filename={file}" for file in [*files, *sorted(INPUTS.iterdir())]),
    ]
    done = subprocess.run(command, capture_output=True, check=False)
    assert done.stdout, done.stderr
    return Counter(
        (
            f"{item['constraint']['kind']} {item['constraint']['metadata']['name']}",
            f"{item['violatingObject']['kind']} {item['violatingObject']['metadata']['name']}",
            LEVELS[item["enforcementAction"]],
            item["msg"],
        )
        for item in json.loads(done.stdout)
        if "constraints.gatekeeper.sh" not in item["violatingObject"]["apiVersion"]
        and "templates.gatekeeper.sh" not in item["violatingObject"]["apiVersion"]
    )


def test_the_real_gator_says_the_same(gator: Path) -> None:
    report = ours(STYLE)
    assert report.failures == ()
    titles = {rule.id: rule.title for rule in report.rules.values()}
    found = Counter(
        (titles[item.rule], f"{item.resource.kind} {item.resource.name}", item.severity.value, item.message)
        for item in report.findings
        if item.resource is not None
    )
    assert found == theirs(gator)
    assert len({constraint for constraint, *_ in found}) >= 14


def test_what_is_left_out_is_told() -> None:
    notices = " ".join(ours(STYLE).notices)
    assert "the template CelOnly has no Rego (CEL is for the API server to run), so it is skipped" in notices
    assert "the constraint CelOnly cel has no template that karlint can run" in notices


def test_findings_stand_at_what_the_template_reads() -> None:
    found = {item.rule: item for item in ours(STYLE).findings if item.location.path == "deployment.yaml"}
    replicas = found["gatekeeper/one-replica-two"]
    assert (replicas.at, replicas.location.span.line, replicas.location.exact) == (("spec", "replicas"), 8, False)
    told = found["gatekeeper/no-secrets-in-env-open"]
    assert (told.location.span.line, told.location.exact) == (18, True)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("apiVersion: templates.gatekeeper.sh/v1\nkind: ConstraintTemplate\nmetadata: {name: a}\n", "names no kind"),
        ("a: b: c\n", "a.yaml"),
    ],
)
def test_a_template_that_is_wrong_is_told_with_its_file(text: str, words: str, tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(text)
    with pytest.raises(PolicyError) as caught:
        ours(tmp_path)
    assert words in str(caught.value)


def test_a_selector_of_namespaces_needs_them(tmp_path: Path) -> None:
    text = (STYLE / "g_label_selector.yaml").read_text()
    head = text[: text.index("---")]
    constraint = "---\napiVersion: constraints.gatekeeper.sh/v1beta1\nkind: Selected\nmetadata: {name: ns}\nspec:\n"
    constraint += "  match:\n    namespaceSelector: {matchLabels: {team: vision}}\n"
    (tmp_path / "a.yaml").write_text(head + constraint)
    found = {f"{item.resource.kind} {item.resource.name}" for item in ours(tmp_path).findings if item.resource}
    # Of the namespace prod, which is not in the tree, nothing is known, so nothing is claimed.
    assert found == {"Job vision-train", "Namespace vision", "Deployment legacy", "Job evaluate"}


@pytest.mark.parametrize(
    ("selector", "selected"),
    [
        (None, True),
        ({}, True),
        ({"matchLabels": {"a": "1"}}, True),
        ({"matchLabels": {"a": "2"}}, False),
        ({"matchExpressions": [{"key": "a", "operator": "Exists"}]}, True),
        ({"matchExpressions": [{"key": "b", "operator": "DoesNotExist"}]}, True),
        ({"matchExpressions": [{"key": "b", "operator": "NotIn", "values": ["1"]}]}, True),
        ({"matchExpressions": [{"key": "a", "operator": "In", "values": ["2"]}]}, False),
    ],
)
def test_selectors_select_as_in_kubernetes(selector: object, selected: bool) -> None:
    assert selects(selector, {"a": "1"}) is selected
