"""Suppression: where a comment or an annotation speaks, and what is wrong with it when it does not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from karlint.model.finding import FileFinding, RawFinding
from karlint.model.rule import Severity
from karlint.model.source import Anchor, Span

from .build import Tree, rule
from .test_assemble import DEPLOYMENT, IMAGE, VLLM, demo, run

if TYPE_CHECKING:
    from karlint.findings import Assembled

RULES = [rule("dra/demo"), rule("dra/other"), rule("quota/absent")]
PROXY = (*VLLM[:-1], 1, "image")


def suppress(text: str, *raw: RawFinding, **options: Any) -> Assembled:
    return run(Tree(deploy=text), *(raw or (demo(),)), rules=options.pop("rules", RULES), **options)


def outcome(result: Assembled) -> tuple[list[str], list[str]]:
    return [item.rule for item in result.findings], [str(item.suppressed) for item in result.suppressed]


def put(text: str, at: str, comment: str) -> str:
    """Insert an own-line comment above the first line that holds *at*."""
    lines = text.splitlines()
    place = next(number for number, line in enumerate(lines) if at in line)
    indent = " " * (len(lines[place]) - len(lines[place].lstrip()))
    return "\n".join([*lines[:place], indent + comment, *lines[place:]]) + "\n"


def trail(text: str, at: str, comment: str) -> str:
    return text.replace(at, f"{at}  {comment}", 1)


IGNORE = "# karlint: ignore[dra/demo] known and fine"


@pytest.mark.parametrize(
    "text",
    [
        trail(DEPLOYMENT, "vllm:v1", IGNORE),
        put(DEPLOYMENT, "vllm:v1", IGNORE),
        put(put(DEPLOYMENT, "vllm:v1", IGNORE), "vllm:v1", "# more words"),
        put(DEPLOYMENT, "- name: vllm", IGNORE),
        trail(DEPLOYMENT, "- name: vllm", IGNORE),
        DEPLOYMENT.replace("- name: vllm", f"- {IGNORE}\n          name: vllm"),
        put(DEPLOYMENT, "apiVersion", IGNORE),
        "\n".join([IGNORE, "", "---", DEPLOYMENT]),
        "\n".join(["---", IGNORE, "", "# words", DEPLOYMENT]),
        trail(DEPLOYMENT, "vllm:v1", "# karlint: ignore[dra/*] known and fine"),
        trail(DEPLOYMENT, "vllm:v1", "# karlint: ignore[dra/demo,quota/absent] known and fine"),
    ],
)
def test_comments_that_speak_for_the_finding(text: str) -> None:
    found, reasons = outcome(suppress(text))
    assert reasons == ["known and fine"]
    assert "dra/demo" not in found


@pytest.mark.parametrize(
    "text",
    [
        trail(DEPLOYMENT, "- name: proxy", IGNORE),
        put(DEPLOYMENT, "- name: proxy", IGNORE),
        put(DEPLOYMENT, "spec:", IGNORE),
        trail(DEPLOYMENT, "namespace: prod", IGNORE),
        put(DEPLOYMENT, "vllm:v1", IGNORE).replace(IGNORE + "\n", IGNORE + "\n\n"),
        f"{DEPLOYMENT}---\n{IGNORE}\n" + DEPLOYMENT.replace("llm", "other"),
    ],
)
def test_comments_that_speak_for_something_else_are_unused(text: str) -> None:
    found, reasons = outcome(suppress(text))
    assert sorted(found) == ["core/unused-suppression", "dra/demo"]
    assert reasons == []


def test_a_comment_on_a_key_speaks_for_the_block_it_opens_when_that_is_the_finding() -> None:
    text = DEPLOYMENT.replace("metadata:", f"metadata:  {IGNORE}")
    found, reasons = outcome(suppress(text, demo(("metadata",))))
    assert (found, reasons) == ([], ["known and fine"])
    assert outcome(suppress(text, demo(("metadata",), anchor=Anchor.KEY)))[0] == []


def test_a_comment_at_an_item_covers_all_of_it_and_nothing_beside_it() -> None:
    text = put(DEPLOYMENT, "- name: vllm", IGNORE)
    result = suppress(text, demo(IMAGE), demo(VLLM), demo(PROXY))
    assert [finding.at for finding in result.findings] == [PROXY]
    assert {finding.at for finding in result.suppressed} == {IMAGE, VLLM}


def test_a_comment_above_an_item_of_a_list_covers_that_resource() -> None:
    items = "".join(
        f"  {'# karlint: ignore[dra/demo] legacy' if name == 'b' else '# plain'}\n"
        f"  - apiVersion: v1\n    kind: ConfigMap\n    metadata: {{name: {name}}}\n"
        for name in "ab"
    )
    text = f"apiVersion: v1\nkind: List\nitems:\n{items}"
    at = ("metadata", "name")
    result = suppress(text, demo(at), demo(at, resource=1))
    assert [str(finding.resource) for finding in result.findings] == ["ConfigMap a"]
    assert [str(finding.resource) for finding in result.suppressed] == ["ConfigMap b"]


def test_suppression_names_the_rule_only() -> None:
    text = trail(DEPLOYMENT, "vllm:v1", IGNORE)
    found, _ = outcome(suppress(text, demo(), demo(rule_id="dra/other")))
    assert found == ["dra/other"]


def annotated(annotation: str, indent: str = "  ") -> str:
    block = f"{indent}annotations:\n{indent}  {annotation}\n"
    return DEPLOYMENT.replace("  namespace: prod\n", f"  namespace: prod\n{block}")


@pytest.mark.parametrize(
    "annotation",
    [
        'karlint.dev/ignore: "dra/demo: known and fine"',
        'karlint.dev/ignore: "quota/absent, dra/demo: known and fine"',
        'karlint.dev/ignore: "dra/*: known and fine"',
        "karlint.dev/ignore.dra.demo: known and fine",
        'karlint.dev/ignore: "quota/absent: why not\\ndra/demo: known and fine"',
    ],
)
def test_annotations_speak_for_the_resource(annotation: str) -> None:
    found, reasons = outcome(suppress(annotated(annotation)))
    assert reasons == ["known and fine"]
    assert "dra/demo" not in found


def test_a_pod_template_annotation_speaks_for_the_template_only() -> None:
    note = "    metadata:\n      annotations:\n        karlint.dev/ignore.dra.demo: known and fine\n"
    text = DEPLOYMENT.replace("  template:\n", "  template:\n" + note)
    result = suppress(text, demo(IMAGE), demo(("metadata", "name")))
    assert [finding.at for finding in result.findings] == [("metadata", "name")]
    assert [finding.at for finding in result.suppressed] == [IMAGE]


def test_a_reason_may_hold_colons() -> None:
    _, reasons = outcome(suppress(annotated('karlint.dev/ignore: "dra/demo: see https://example.com/x"')))
    assert reasons == ["see https://example.com/x"]


@pytest.mark.parametrize(
    "text",
    [
        trail(DEPLOYMENT, "vllm:v1", "# karlint: ignore[dra/demo]"),
        annotated('karlint.dev/ignore: "dra/demo"'),
        annotated('karlint.dev/ignore.dra.demo: ""'),
    ],
)
def test_without_a_reason_nothing_is_suppressed(text: str) -> None:
    result = suppress(text)
    found, reasons = outcome(result)
    assert sorted(found) == ["core/suppression-without-reason", "dra/demo"]
    assert reasons == []
    hygiene = next(item for item in result.findings if item.rule.startswith("core/"))
    assert hygiene.severity is Severity.WARNING
    assert "no reason" in hygiene.message


def test_an_unused_comment_is_a_note_that_points_at_it() -> None:
    result = suppress(trail(DEPLOYMENT, "vllm:v1", "# karlint: ignore[dra/demo, quota/absent] why"))
    (finding,) = result.findings
    assert (finding.rule, finding.severity) == ("core/unused-suppression", Severity.NOTE)
    assert finding.location.span == Span(11, 27, 11, 72)
    assert "quota/absent" in finding.message
    assert "dra/demo" not in finding.message


def test_an_unused_annotation_is_a_note_that_points_at_its_key() -> None:
    result = suppress(annotated("karlint.dev/ignore.quota.absent: why"))
    finding = next(item for item in result.findings if item.rule == "core/unused-suppression")
    assert finding.location.span.line == 7
    assert finding.at == ("metadata", "annotations", "karlint.dev/ignore.quota.absent")


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("dra/dmeo", "dra/demo"),
        ("absent", "quota/absent"),
        ("drra/*", "dra/*"),
        ("zzz/unheard", "karlint rules"),
        ("*", "Name the rules"),
        ("", "karlint: ignore["),
    ],
)
def test_an_unknown_rule_is_a_warning_with_a_guess(name: str, hint: str) -> None:
    result = suppress(trail(DEPLOYMENT, "vllm:v1", f"# karlint: ignore[{name}] why"))
    finding = next(item for item in result.findings if item.rule.startswith("core/"))
    assert (finding.rule, finding.severity) == ("core/unknown-suppressed-rule", Severity.WARNING)
    assert hint in finding.help
    assert [item.rule for item in result.findings].count("dra/demo") == 1


def test_a_rule_that_did_not_run_makes_no_suppression_unused_or_unknown() -> None:
    text = trail(DEPLOYMENT, "namespace: prod", "# karlint: ignore[dra/off] why")
    assert outcome(suppress(text, known_rules={"dra/off"}))[0] == ["dra/demo"]
    failed = trail(DEPLOYMENT, "namespace: prod", "# karlint: ignore[dra/other] why")
    assert outcome(suppress(failed, unjudged={"dra/other"}))[0] == ["dra/demo"]
    excluded = suppress(failed, path_excludes=lambda rule_id, _path: rule_id == "dra/other")
    assert outcome(excluded)[0] == ["dra/demo"]


def test_hygiene_rules_follow_the_settings() -> None:
    text = trail(DEPLOYMENT, "namespace: prod", IGNORE)
    loud = suppress(text, severities={"core/unused-suppression": Severity.ERROR})
    assert {item.severity for item in loud.findings} == {Severity.ERROR}
    off = suppress(text, known_rules={"core/unused-suppression"})
    assert outcome(off)[0] == ["dra/demo"]


def test_findings_about_files_cannot_be_suppressed() -> None:
    text = "# karlint: ignore[core/syntax-error] no\n" + DEPLOYMENT
    broken = FileFinding("core/syntax-error", "deploy.yaml", Span(1, 1, 1, 2), "Broken.")
    result = suppress(text, files=[broken], rules=[*RULES, rule("core/syntax-error")])
    assert "core/syntax-error" in outcome(result)[0]


def test_a_shared_comment_of_a_list_is_judged_once() -> None:
    text = f"{IGNORE}\napiVersion: v1\nkind: List\nitems:\n" + "".join(
        f"  - {{apiVersion: v1, kind: ConfigMap, metadata: {{name: {name}}}}}\n" for name in "ab"
    )
    result = suppress(text, demo(("metadata",), rule_id="dra/other"))
    assert outcome(result)[0].count("core/unused-suppression") == 1
    both = suppress(text, demo(("metadata",)), demo(("metadata",), resource=1))
    assert outcome(both) == ([], ["known and fine"] * 2)
