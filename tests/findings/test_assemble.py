"""Text, severity, supersession, merging and order."""

from __future__ import annotations

from typing import Any

from karlint.findings import EXCLUDED_REASON, Assembled, AssembleOptions, assemble
from karlint.model.finding import FileFinding, RawFinding, RawRelated
from karlint.model.rule import Severity
from karlint.model.source import Anchor, Span

from .build import Tree, rule

DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: llm
  namespace: prod
spec:
  template:
    spec:
      containers:
        - name: vllm
          image: vllm:v1
        - name: proxy
          image: envoy
"""
VLLM = ("spec", "template", "spec", "containers", 0)
IMAGE = (*VLLM, "image")


def run(tree: Tree, *raw: RawFinding, rules: Any = None, files: Any = (), **options: Any) -> Assembled:
    known = {item.id: item for item in (rules or [rule()])}
    return assemble(raw, files, tree.resources, known, tree.locate, AssembleOptions(**options))


def demo(at: Any = IMAGE, rule_id: str = "dra/demo", **fields: Any) -> RawFinding:
    return RawFinding(rule_id, fields.pop("resource", 0), at, args={"container": "vllm"}, **fields)


def test_finding_has_text_place_and_resource() -> None:
    finding = run(Tree(deploy=DEPLOYMENT), demo()).findings[0]
    assert finding.message == "Container vllm is wrong."
    assert finding.help == "Mend vllm."
    assert finding.severity is Severity.ERROR
    assert (finding.location.path, finding.location.span, finding.location.exact) == (
        "deploy.yaml",
        Span(11, 18, 11, 25),
        True,
    )
    assert str(finding.resource) == "Deployment prod/llm"


def test_anchor_key_points_at_the_key() -> None:
    finding = run(Tree(deploy=DEPLOYMENT), demo(anchor=Anchor.KEY)).findings[0]
    assert finding.location.span == Span(11, 11, 11, 16)


def test_absent_path_is_approximate() -> None:
    finding = run(Tree(deploy=DEPLOYMENT), demo((*VLLM, "resources", "limits"))).findings[0]
    assert not finding.location.exact
    assert finding.location.span.line == 10


def test_case_picks_its_texts_and_keeps_the_rules_for_what_it_leaves_out() -> None:
    both = rule(cases={"both": {"message": "{container} twice."}})
    finding = run(Tree(deploy=DEPLOYMENT), demo(case="both"), rules=[both]).findings[0]
    assert (finding.message, finding.help) == ("vllm twice.", "Mend vllm.")


def test_ready_made_text_wins() -> None:
    finding = run(Tree(deploy=DEPLOYMENT), demo(message="Ready {container}.", help="")).findings[0]
    assert (finding.message, finding.help) == ("Ready {container}.", "")


def test_missing_field_fails_the_rule_and_keeps_the_finding() -> None:
    result = run(Tree(deploy=DEPLOYMENT), demo(), rules=[rule(message="{container} wants {gpus}.")])
    assert result.findings[0].message == "vllm wants {gpus}."
    (failure,) = result.failures
    assert failure.rule == "dra/demo"
    assert "{gpus}" in failure.message
    assert failure.resource == "Deployment prod/llm"


def test_unknown_case_fails_the_rule_and_keeps_the_finding() -> None:
    result = run(Tree(deploy=DEPLOYMENT), demo(case="nope"))
    assert result.findings[0].message == "Container vllm is wrong."
    assert "'nope'" in result.failures[0].message


def test_unknown_resource_fails_the_rule() -> None:
    result = run(Tree(deploy=DEPLOYMENT), demo(resource=7))
    assert not result.findings
    assert "resource 7" in result.failures[0].message


def test_unknown_related_resource_fails_the_rule_and_keeps_the_finding() -> None:
    result = run(Tree(deploy=DEPLOYMENT), demo(related=(RawRelated(7, (), "gone"), RawRelated(0, IMAGE, "here"))))
    assert [related.message for related in result.findings[0].related] == ["here"]
    assert "resource 7" in result.failures[0].message


def test_severity_order_is_configuration_then_finding_then_rule() -> None:
    tree = Tree(deploy=DEPLOYMENT)
    assert run(tree, demo(severity=Severity.NOTE)).findings[0].severity is Severity.NOTE
    overridden = run(tree, demo(severity=Severity.NOTE), severities={"dra/demo": Severity.WARNING})
    assert overridden.findings[0].severity is Severity.WARNING


def test_a_host_rule_that_is_not_enabled_says_nothing_and_an_unheard_of_one_is_kept() -> None:
    tree = Tree(deploy=DEPLOYMENT)
    off = RawFinding("core/off", 0, (), message="Off.")
    assert not run(tree, off, known_rules={"core/off", "dra/demo"}).findings
    assert run(tree, off).findings[0].severity is Severity.ERROR


def test_file_findings_without_a_span_show_the_first_line_and_say_so() -> None:
    broken = FileFinding("core/syntax-error", "a.yaml", None, "It does not parse.")
    finding = run(Tree(deploy=DEPLOYMENT), files=[broken]).findings[0]
    assert finding.location.span == Span(1, 1, 1, 1)
    assert not finding.location.exact
    assert finding.resource is None


def test_path_exclusion_suppresses_with_its_own_reason() -> None:
    result = run(Tree(deploy=DEPLOYMENT), demo(), path_excludes=lambda _rule, path: path == "deploy.yaml")
    assert not result.findings
    assert result.suppressed[0].suppressed == EXCLUDED_REASON


def test_order_is_path_line_column_rule() -> None:
    tree = Tree(b=DEPLOYMENT, a=DEPLOYMENT)
    rules = [rule("dra/demo"), rule("dra/another")]
    raw = [demo(resource=0), demo(VLLM), demo(resource=1), demo(resource=1, rule_id="dra/another")]
    result = run(tree, *raw, rules=rules)
    order = [(item.location.path, item.location.span.line, item.rule) for item in result.findings]
    assert order == [
        ("a.yaml", 11, "dra/another"),
        ("a.yaml", 11, "dra/demo"),
        ("b.yaml", 10, "dra/demo"),
        ("b.yaml", 11, "dra/demo"),
    ]
    assert run(tree, *reversed(raw), rules=rules) == result


def test_findings_that_differ_in_versions_only_become_one() -> None:
    result = run(Tree(deploy=DEPLOYMENT), demo(versions=("1.35",)), demo(versions=("1.9",)), demo(versions=("1.34",)))
    assert [finding.versions for finding in result.findings] == [("1.9", "1.34", "1.35")]


def test_a_finding_for_all_versions_swallows_one_for_some() -> None:
    result = run(Tree(deploy=DEPLOYMENT), demo(versions=("1.35",)), demo())
    assert [finding.versions for finding in result.findings] == [()]


SUPERSEDING = [rule("dra/demo", supersedes=("core/schema-invalid",)), rule("core/schema-invalid")]


def schema(at: Any, **fields: Any) -> RawFinding:
    return RawFinding("core/schema-invalid", fields.pop("resource", 0), at, message="Wrong.", **fields)


def rules_of(result: Assembled) -> list[str]:
    return [finding.rule for finding in result.findings]


def test_a_better_finding_replaces_the_general_one_at_the_same_path_and_below() -> None:
    tree = Tree(deploy=DEPLOYMENT)
    result = run(tree, demo(VLLM), schema(VLLM), schema(IMAGE), rules=SUPERSEDING)
    assert rules_of(result) == ["dra/demo"]


def test_the_general_finding_stays_elsewhere() -> None:
    tree = Tree(a=DEPLOYMENT, b=DEPLOYMENT)
    other = [schema(VLLM), schema((*VLLM[:-1], 1)), schema(IMAGE, resource=1)]
    assert rules_of(run(tree, demo(IMAGE), *other, rules=SUPERSEDING)).count("core/schema-invalid") == 3


def test_a_finding_about_the_whole_resource_does_not_swallow_what_is_inside() -> None:
    tree = Tree(deploy=DEPLOYMENT)
    result = run(tree, demo(()), schema(()), schema(IMAGE), rules=SUPERSEDING)
    assert sorted(rules_of(result)) == ["core/schema-invalid", "dra/demo"]


def test_supersession_leaves_the_versions_that_the_better_finding_does_not_cover() -> None:
    tree = Tree(deploy=DEPLOYMENT)
    raw = [demo(IMAGE, versions=("1.34",)), schema(IMAGE, versions=("1.34", "1.35"))]
    left = [item for item in run(tree, *raw, rules=SUPERSEDING).findings if item.rule == "core/schema-invalid"]
    assert [finding.versions for finding in left] == [("1.35",)]
    covered = run(tree, raw[0], schema(IMAGE), rules=SUPERSEDING, versions=("1.34",))
    assert rules_of(covered) == ["dra/demo"]
    both = run(tree, raw[0], schema(IMAGE), rules=SUPERSEDING, versions=("1.34", "1.35"))
    assert [item.versions for item in both.findings if item.rule == "core/schema-invalid"] == [("1.35",)]


def test_an_excluded_finding_replaces_nothing() -> None:
    result = run(
        Tree(deploy=DEPLOYMENT),
        demo(IMAGE),
        schema(IMAGE),
        rules=SUPERSEDING,
        path_excludes=lambda rule_id, _path: rule_id == "dra/demo",
    )
    assert rules_of(result) == ["core/schema-invalid"]


def test_a_rule_that_supersedes_itself_does_not_vanish() -> None:
    result = run(Tree(deploy=DEPLOYMENT), demo(), rules=[rule(supersedes=("dra/demo",))])
    assert rules_of(result) == ["dra/demo"]
