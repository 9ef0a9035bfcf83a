"""Files to documents: ordinals, heads, lines, encodings, templates, JSON, limits and hostile texts."""

from __future__ import annotations

import os
import stat
import time
from typing import TYPE_CHECKING, Any

import orjson
import pytest

from karlint.model.source import SourceFile, Span
from karlint.source import Head, Limits, Positions, load_file
from tests.source.support import load, rules, source, values

if TYPE_CHECKING:
    from pathlib import Path


def only(loaded: Any) -> Any:
    assert len(loaded.findings) == 1, loaded.findings
    return loaded.findings[0]


# ---- documents and heads ----


def test_empty_documents_are_counted_and_left_out() -> None:
    loaded = load("# nothing\n---\n---\na: 1\n---\n# c\n---\n\nb: 2\n...\n---\n")
    assert [(item.document.ordinal, item.document.line, item.document.json) for item in loaded.documents] == [
        (1, 4, b'{"a":1}'),
        (3, 9, b'{"b":2}'),
    ]
    assert not loaded.findings


@pytest.mark.parametrize("text", ["", "\n\n", "# only words\n", "---\n", "\ufeff", "---\n---\n"])
def test_a_file_without_content_has_no_documents(text: str) -> None:
    loaded = load(text)
    assert (loaded.documents, loaded.findings, loaded.skip_reason) == ((), (), None)


def test_a_written_null_is_a_document() -> None:
    assert values(load("~\n")) == [None]


def test_a_head_says_who_a_resource_is() -> None:
    text = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a, namespace: b, generateName: c-}\n"
    assert load(text).documents[0].heads == (Head((), "apps/v1", "Deployment", "b", "a", "c-"),)


@pytest.mark.parametrize(
    "text",
    ["a: 1", "[1]", "x", "apiVersion: v1", "kind: Pod", "apiVersion: 1\nkind: Pod", "apiVersion: v1\nkind: [Pod]",
     "apiVersion: ''\nkind: Pod", "apiVersion:\nkind: Pod", "- apiVersion: v1\n  kind: Pod"],
)  # fmt: skip
def test_what_is_no_manifest_has_no_head(text: str) -> None:
    assert [item.heads for item in load(text).documents] == [()]


@pytest.mark.parametrize("metadata", ["", "metadata:", "metadata: x", "metadata: {name: 1, namespace: [a]}"])
def test_a_head_bears_odd_metadata(metadata: str) -> None:
    assert load(f"apiVersion: v1\nkind: Pod\n{metadata}\n").documents[0].heads == (Head((), "v1", "Pod", "", "", ""),)


def test_lists_are_taken_apart() -> None:
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"}}
    inner = {"apiVersion": "v1", "kind": "List", "items": [3, pod]}
    typed = {"apiVersion": "apps/v1", "kind": "DeploymentList", "items": [{"metadata": {"name": "d"}}, pod]}
    whole = {"apiVersion": "v1", "kind": "List", "items": [pod, None, inner, {"no": "manifest"}, typed]}
    heads = load(orjson.dumps(whole)).documents[0].heads
    assert [(head.prefix, head.api_version, head.kind, head.name) for head in heads] == [
        (("items", 0), "v1", "Pod", "a"),
        (("items", 2, "items", 1), "v1", "Pod", "a"),
        (("items", 4, "items", 0), "apps/v1", "Deployment", "d"),
        (("items", 4, "items", 1), "v1", "Pod", "a"),
    ]


def test_a_kind_that_only_sounds_like_a_list_is_itself() -> None:
    heads = load("apiVersion: x/v1\nkind: AllowList\nitems: {a: 1}\n").documents[0].heads
    assert [head.kind for head in heads] == ["AllowList"]


# ---- what is wrong with a text ----


def test_documents_above_a_syntax_error_are_kept() -> None:
    loaded = load("a: 1\n---\nb: 2\n---\nc: [\n---\nd: 4\n")
    assert values(loaded) == [{"a": 1}, {"b": 2}]
    finding = only(loaded)
    assert finding.rule == "core/syntax-error"
    assert finding.span.line in (5, 6)


def test_documents_around_a_value_error_are_kept() -> None:
    loaded = load("a: 1\n---\nb: .nan\nc: {d: [e]}\n---\nd: 4\n")
    assert [(item.document.ordinal, item.document.json) for item in loaded.documents] == [
        (0, b'{"a":1}'),
        (2, b'{"d":4}'),
    ]
    assert (only(loaded).rule, only(loaded).span) == ("core/syntax-error", Span(3, 4, 3, 8))


@pytest.mark.parametrize(
    ("text", "words", "line", "column"),
    [
        ("a: 1\n\tb: 2\n", "A tab", 2, 1),
        ("a:\n  b: 1\n\tc: 2\n", "A tab", 3, 1),
        ("a: b: c\n", "A `: ` stands where no key can", 1, 5),
        ("a: 'x\n", "inside of a quoted value", 2, 1),
        ("a:\n  b: 1\n c: 2\n", "A key is expected", 3, 2),
        ("a: [1, 2\nb: 3\n", "A list in brackets lacks", 2, 2),
        ("a: {x: 1\nb: 3\n", "A mapping in braces lacks", 2, 2),
        ("a: @x\n", "No value can start with", 1, 4),
        ("a:\n- x\n- y\nz\n", "A key has no `:`", 5, 1),
        ("a: *b\n", "No anchor &b", 1, 4),
        ("a: &b [*b]\n", "contains itself", 1, 8),
        ("~: 1\n", "Null cannot be a key", 1, 1),
        ("a: \x07\n", "U+0007", 1, 4),
        ("a: !!int x\n", "!!int", 1, 4),
        ("a: .inf\n", "Infinity", 1, 4),
        ("a: [b?]\n", "A ? ends a value", 1, 5),
        ('a: "\\/"\n', "escape", 1, 5),
        ('a: "\\ud800"\n', "escape", 1, 7),
        ("%YAML 1.2\n---\na: 1\n", "YAML 1.1", 1, 1),
    ],
)
def test_a_syntax_error_has_words_and_a_place(text: str, words: str, line: int, column: int) -> None:
    finding = only(load(text))
    assert finding.rule == "core/syntax-error"
    assert words in finding.message
    assert finding.message.endswith(".")
    assert (finding.span.line, finding.span.column) == (line, column)


def test_a_repeated_key_is_told_where_it_stands_and_the_last_counts() -> None:
    loaded = load("a: 1\nb: {c: 1, d: 2, 'c': 3}\na: 2\n")
    assert values(loaded) == [{"a": 2, "b": {"c": 3, "d": 2}}]
    assert [(item.rule, item.span) for item in loaded.findings] == [
        ("core/duplicate-key", Span(2, 17, 2, 20)),
        ("core/duplicate-key", Span(3, 1, 3, 2)),
    ]
    assert '"a"' in loaded.findings[1].message
    assert "last one counts" in loaded.findings[1].message


@pytest.mark.parametrize("text", ["yes: 1\ntrue: 2\n", "1: a\n0x1: b\n", '"1": a\n1: b\n'])
def test_keys_that_become_the_same_are_repeated(text: str) -> None:
    assert rules(load(text)) == ["core/duplicate-key"]


@pytest.mark.parametrize(
    "text",
    [
        "x: &x {a: 1}\ny: {<<: *x, a: 2}\n",
        "x: &x {a: 1}\ny: {a: 2, <<: *x}\n",
        "x: &x {a: 1}\ny: {<<: *x, <<: {a: 3}}\n",
    ],
)
def test_a_key_that_covers_a_merged_one_is_not_repeated(text: str) -> None:
    assert not load(text).findings


def test_a_key_repeated_beside_a_merge_is() -> None:
    assert rules(load("x: &x {a: 1}\ny: {<<: *x, a: 2, a: 3}\n")) == ["core/duplicate-key"]
    assert rules(load("x: &x {a: 1}\ny: {a: 2, <<: *x, a: 3}\n")) == ["core/duplicate-key"]


# ---- templates ----


@pytest.mark.parametrize(
    "text",
    [
        "{{- if .x }}\na: 1\n{{- end }}\n",
        "kind: {{ .Values.kind }}\n",
        "a: {{ x }}:{{ y }}\n",
        'a: "{{ default "x" .y }}"\n',
        "{% for x in y %}\n- {{ x }}\n{% endfor %}\n",
        "a: 1\nb:\n  {{- toYaml .x | nindent 2 }}\nc: d\n",
        'a: 1\n---\n{{ include "x" . }}\nb: 1\n',
    ],
)
def test_a_template_is_skipped_and_not_wrong(text: str) -> None:
    loaded = load("apiVersion: v1\nkind: x\n---\n" + text)
    assert (loaded.documents, loaded.findings, loaded.skip_reason) == ((), (), "template, not rendered")


@pytest.mark.parametrize(
    "text",
    [
        "a: '{{ x }}'\nb: [\n",
        "a: |\n  {{ x }}\nb: c: d\n",
        "a: x {{ y }}\n b: 1\n",
        "# {{ x }}\na: b: c\n",
        "a: b: c\nd: '{{ x }}'\n",
    ],
)
def test_a_syntax_error_beside_an_action_is_one(text: str) -> None:
    loaded = load(text)
    assert rules(loaded) == ["core/syntax-error"]
    assert loaded.skip_reason is None


def test_an_action_in_text_is_text() -> None:
    assert values(load("a: '{{ x }}'\nb: x {{ y }}\n")) == [{"a": "{{ x }}", "b": "x {{ y }}"}]


# ---- encodings ----


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_encodings_that_yaml_allows_are_read(encoding: str, newline: str) -> None:
    loaded = load("a: é😀\nb: |\n  x\n  y\n".replace("\n", newline).encode(encoding))
    assert values(loaded) == [{"a": "é😀", "b": "x\ny\n"}]
    assert loaded.documents[0].document.line == 1


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"a: \xff\n", "UTF-8"),
        (b"a: \xed\xa0\x80\n", "UTF-8"),  # a lone surrogate
        ("a: é\n".encode("latin-1"), "UTF-8"),
        (b"\x00\x01\x02", "binary"),
        (b"a: 1\n\x00", "binary"),
        (b"\xff\xfea", "UTF-16"),
        (b"\xff\xfe\x00\xd8", "UTF-16"),
    ],
)
def test_what_is_no_text_is_unreadable(data: bytes, words: str) -> None:
    loaded = load(data)
    assert (only(loaded).rule, loaded.documents) == ("core/unreadable-file", ())
    assert words in only(loaded).message


def test_the_first_wrong_byte_has_a_place() -> None:
    assert only(load(b"a: 1\nb: \xc3\xa9\xff\n")).span == Span(2, 5, 2, 6)


def test_a_file_that_is_gone_is_unreadable(tmp_path: Path) -> None:
    finding = only(load_file(SourceFile("gone.yaml", tmp_path / "gone.yaml"), Limits()))
    assert (finding.rule, finding.path) == ("core/unreadable-file", "gone.yaml")
    assert str(tmp_path) not in finding.message


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.yaml")
    assert only(load_file(SourceFile("pipe.yaml", tmp_path / "pipe.yaml"), Limits())).rule == "core/unreadable-file"


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads every file")
def test_a_file_that_may_not_be_read_is_unreadable(tmp_path: Path) -> None:
    secret = tmp_path / "secret.yaml"
    secret.write_text("a: 1\n")
    secret.chmod(stat.S_IWUSR)
    assert "ermission" in only(load_file(SourceFile("secret.yaml", secret), Limits())).message


# ---- JSON ----


def test_json_is_read_as_json() -> None:
    text = '\t{"a":\t[1.50, -0, 1E2, true, null, "\\ud83d\\ude00\\/"],\r\n"b": 18446744073709551615}\n'
    for name in ("x.json", "x.yaml"):
        loaded = load(text, name)
        assert values(loaded) == [{"a": [1.5, 0, 100, True, None, "😀/"], "b": 2**64 - 1}]
        assert not loaded.findings


def test_json_values_may_follow_each_other() -> None:
    loaded = load('{"a":1}\n{"b":2}{"c":3}', "x.json")
    assert values(loaded) == [{"a": 1}, {"b": 2}, {"c": 3}]
    assert [(item.document.ordinal, item.document.line) for item in loaded.documents] == [(0, 1), (1, 2), (2, 2)]


def test_yaml_in_a_json_file_is_yaml_as_kubectl_has_it() -> None:
    assert values(load("a: 1\n", "x.json")) == [{"a": 1}]


def test_braces_of_yaml_are_yaml() -> None:
    assert values(load("{a: yes, b: 'x'}\n")) == [{"a": True, "b": "x"}]


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ('{"a": 1,}', 1, 9), ('{"a" 1}', 1, 6), ('{"a": }', 1, 7), ('{"a": 1', 1, 8), ("[1, 2", 1, 6),
        ("[1 2]", 1, 4), ("[,]", 1, 2),
        ('{\n  // c\n}', 2, 3), ('{"a": 01}', 1, 7), ('{"a": NaN}', 1, 7), ('{"a": "\n"}', 1, 7),
        ('{"a": 1}]', 1, 9),
        ('{"a": "\\x"}', 1, 8), ('{"a": "\\ud800"}', 1, 8), ('{"\\x": 1}', 1, 2), ("[1]]", 1, 4),
        ('{"a": tru}', 1, 7), ("{]", 1, 2), ('["a":1]', 1, 5),
    ],
)  # fmt: skip
def test_broken_json_is_told(text: str, line: int, column: int) -> None:
    finding = only(load(text, "x.json"))
    assert (finding.rule, finding.span.line) == ("core/syntax-error", line)
    assert abs(finding.span.column - column) <= (2 if "\\" in text else 0), finding


def test_repeated_keys_of_json_are_told() -> None:
    loaded = load('{"a": {"b": 1, "\\u0062": 2}, "c": {"b": 1}}', "x.json")
    assert values(loaded) == [{"a": {"b": 2}, "c": {"b": 1}}]
    assert (only(loaded).rule, only(loaded).span) == ("core/duplicate-key", Span(1, 16, 1, 24))


# ---- limits and hostile texts ----


def bomb(levels: int, width: int) -> str:
    lines = ["a0: &a0 [x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * width)}]" for n in range(1, levels)]
    return "\n".join(lines) + "\n"


HOSTILE = {
    "brackets": "[" * 60_000,
    "brackets after a key": "a: " + "[" * 200_000,
    "closed brackets": "[" * 30_000 + "]" * 30_000,
    "braces": "{a: " * 30_000,
    "dashes": "- " * 60_000 + "x\n",
    "dash lines": "".join(" " * n + "-\n" for n in range(2_000)),
    "mappings": "".join(" " * n + "a:\n" for n in range(2_000)),
    "question marks": "? " * 30_000,
    "alias bomb": bomb(10, 10),
    "wide alias bomb": bomb(4, 200),
    "deep alias chain": "a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}]\n" for n in range(1, 5_000)),
    "text bomb": "a: &a " + "x" * 1_000_000 + "\nb: [" + ", ".join(["*a"] * 2_000) + "]\n",
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("head", ["", "apiVersion: v1\nkind: Pod\n---\n"])
def test_a_hostile_text_passes_a_limit_and_harms_nobody(name: str, head: str) -> None:
    began = time.process_time()
    loaded = load(head + HOSTILE[name])
    assert "core/file-limit" in rules(loaded)
    assert set(rules(loaded)) <= {"core/file-limit", "core/syntax-error"}
    assert len(loaded.documents) == bool(head)
    assert all(finding.span is not None for finding in loaded.findings)
    assert Positions(source(head + HOSTILE[name])).locate(0, ("kind",)).span.line < 10
    assert time.process_time() - began < 5


def test_nothing_but_braces_is_no_yaml_and_takes_no_time() -> None:
    began = time.process_time()
    loaded = load("{" * 60_000)
    assert not loaded.documents
    assert loaded.findings or loaded.skip_reason
    assert time.process_time() - began < 2


def test_merges_that_multiply_are_no_bomb() -> None:
    text = "a0: &a0 {x: 1}\n"
    text += "".join(f"a{n}: &a{n} {{<<: [{', '.join([f'*a{n - 1}'] * 10)}]}}\n" for n in range(1, 12))
    assert values(load(text)) == [{f"a{n}": {"x": 1} for n in range(12)}]


@pytest.mark.parametrize("text", ["[" * 100_000, '{"a":' * 100_000, "[" * 500 + "]" * 500])
def test_deep_json_passes_a_limit(text: str) -> None:
    assert rules(load(text, "x.json")) == ["core/file-limit"]
    assert Positions(source(text, "x.json")).locate(0, (0,)).exact is False


def test_depth_is_counted_to_the_level() -> None:
    for depth, expected in ((100, []), (101, ["core/file-limit"])):
        for text in ("[" * depth + "]" * depth, "- " * depth + "x", "".join("  " * n + "a:\n" for n in range(depth))):
            assert rules(load(text)) == expected, text[:20]
            assert rules(load("[" * depth + "]" * depth, "x.json")) == expected


def test_no_limit_allows_what_the_encoder_cannot_do() -> None:
    limits = Limits(max_depth=100_000, max_alias_nodes=10**9)
    assert rules(load("[" * 5_000 + "]" * 5_000, limits=limits)) == ["core/file-limit"]
    assert rules(load("[" * 249 + "]" * 249, limits=limits)) == []
    assert rules(load(HOSTILE["deep alias chain"], limits=limits)) == ["core/file-limit"]


def test_brackets_in_text_are_no_nesting() -> None:
    text = f"a: |\n  {'[' * 60_000}\nb: '{'{' * 60_000}'\nc: {'-[' * 30_000}\n# {'[' * 60_000}\n"
    assert not load(text).findings


def test_aliases_may_stand_for_as_much_as_the_limit() -> None:
    text = "a: &a [1, 2, 3]\nb: [*a, *a]\n"  # four values each
    assert not load(text, limits=Limits(max_alias_nodes=8)).findings
    assert rules(load(text, limits=Limits(max_alias_nodes=7))) == ["core/file-limit"]


def test_aliases_of_one_document_are_counted_for_it_alone() -> None:
    text = "a: &a [1, 2, 3]\nb: [*a, *a]\n---\n" * 5
    assert not load(text, limits=Limits(max_alias_nodes=8)).findings


def test_too_many_documents_pass_a_limit() -> None:
    loaded = load("a: 1\n---\n" * 6, limits=Limits(max_documents=3))
    assert len(loaded.documents) == 3
    assert (only(loaded).rule, only(loaded).span.line) == ("core/file-limit", 6)
    loaded = load('{"a":1}' * 6, "x.json", limits=Limits(max_documents=3))
    assert (len(loaded.documents), rules(loaded)) == (3, ["core/file-limit"])


def test_a_large_file_is_not_read(tmp_path: Path) -> None:
    large = tmp_path / "large.yaml"
    large.write_bytes(b"a: 1\n" * 100)
    assert rules(load_file(SourceFile("large.yaml", large), Limits(max_bytes=499))) == ["core/file-limit"]
    assert rules(load(large.read_bytes(), limits=Limits(max_bytes=499))) == ["core/file-limit"]
    assert "core/file-limit" not in rules(load_file(SourceFile("large.yaml", large), Limits(max_bytes=500)))


@pytest.mark.parametrize(
    "text",
    [
        "a: " + "9" * 5_000,
        "a: -" + "1" * 400,
        "a: 0x" + "f" * 5_000,
        "a: 1e" + "9" * 5_000,
        "? " + "9" * 5_000 + "\n: a",
    ],
)
def test_huge_numbers_end_nothing(text: str) -> None:
    loaded = load(text)
    assert len(loaded.documents) == 1
    assert not loaded.findings
