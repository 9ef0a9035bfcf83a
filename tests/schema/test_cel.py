"""CEL rules of definitions: which values they refuse, in which words, and which are left alone."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from karlint.schema.cel import NotCelError, parse
from karlint.schema.celrules import rule_schema

from .build import crd, findings, told, widget

ANY = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}


def messages(rule: str, value: Any, node: dict[str, Any] | None = None) -> list[tuple[Any, str]]:
    field = {**(node or ANY), "x-kubernetes-validations": [{"rule": rule, "message": "upstream's words"}]}
    schema = {"type": "object", "properties": {"spec": field}}
    return [(finding.at, str(finding.message)) for finding in findings(widget(value), crds=[crd(schema)])]


@pytest.mark.parametrize(
    ("rule", "right", "wrong", "words"),
    [
        ("!(has(self.a) && has(self.b))", {"a": 1}, {"a": 1, "b": 2}, '"a" and "b" must not be set together'),
        ("has(self.a) || has(self.b)", {"b": 1}, {}, '"a" or "b" must be set'),
        ("has(self.a) != has(self.b)", {"b": 1}, {"a": 1, "b": 1}, 'exactly one of "a" and "b" must be set'),
        ("has(self.a) == has(self.b)", {}, {"a": 1}, '"a" and "b" must be set together or not at all'),
        ("!has(self.a) || has(self.b)", {"b": 1}, {"a": 1}, 'if "a" is set, "b" must be set'),
        ("has(self.a) ? has(self.b) : true", {"b": 1}, {"a": 1}, 'if "a" is set, "b" must be set'),
        (
            "self.type == 'A' ? has(self.a) : !has(self.a)",
            {"type": "A", "a": 1},
            {"type": "B", "a": 1},
            'if "type" is "A", "a" must be set; if "type" is not "A", "a" must not be set',
        ),
        ("!(!has(self.a) && self.type == 'A')", {"type": "B"}, {"type": "A"}, 'if "type" is "A", "a" must be set'),
        ("self.type == 'A' || self.type == 'B'", {"type": "B"}, {"type": "C"}, '"type" must be "A" or "B"'),
        ("self.type in ['A', 'B']", {"type": "B"}, {"type": "C"}, '"type" must be one of "A", "B"'),
        ("!has(self.n) || self.n >= 1", {"n": 1}, {"n": 0}, '"n" must be at least 1'),
        ("0 < self.n && self.n <= 9", {"n": 9}, {"n": 0}, '"n" must be more than 0 and "n" must be at most 9'),
        ("!has(self.l) || self.l.size() > 0", {}, {"l": []}, '"l" must not be empty'),
        ("size(self.l) <= 2", {"l": "ab"}, {"l": "abc"}, 'the length of "l" must be at most 2'),
        ("has(self.a.b)", {"a": {"b": 1}}, {"a": {}}, '"a.b" must be set'),
        ("self.on", {"on": True}, {"on": False}, '"on" must be true'),
        ("self.name.matches('^a+$')", {"name": "aa"}, {"name": "b"}, '"name" must match ^a+$'),
        ("!self.url.startsWith('http://')", {"url": "x"}, {"url": "http://x"}, '"url" must not begin with "http://"'),
        ("self.s.endsWith('.') || self.s.contains('-')", {"s": "a-b"}, {"s": "a"}, None),
        (
            "(has(self.a)?1:0) + (has(self.b)?1:0) + (has(self.c)?1:0) <= 1",
            {"c": 1},
            {"a": 1, "c": 1},
            'at most one of "a", "b" and "c" may be set',
        ),
        (
            "[has(self.a), has(self.b)].filter(x, x == true).size() == 1",
            {"a": 1},
            {},
            'exactly one of "a" and "b" must be set',
        ),
        (
            "!self.l.exists(x, x == 'node')",
            {"l": ["a"]},
            {"l": ["node"]},
            'in each entry of "l", the value must not be "node"',
        ),
        ("has(self.__namespace__)", {"namespace": "x"}, {}, '"namespace" must be set'),
    ],
)
def test_a_rule(rule: str, right: Any, wrong: Any, words: str | None) -> None:
    assert messages(rule, right) == []
    ((at, message),) = messages(rule, wrong)
    assert at == ("spec",)
    assert words is None or message == f"In spec, {words}."


def test_a_rule_on_entries_points_to_the_entry() -> None:
    node = {"type": "array", "items": ANY}
    rule = "self.all(x, !has(x.key) ? x.operator == 'Exists' : true)"
    assert messages(rule, [{"key": "a"}, {"operator": "Equal"}], node) == [
        (("spec", 1), 'In spec[1], if "key" is not set, "operator" must be "Exists".')
    ]


def test_defaults_count_before_rules() -> None:
    fields = {"mode": {"type": "string", "default": "A"}, "a": {"type": "string"}}
    node = {"type": "object", "properties": fields}
    assert len(messages("self.mode != 'A' || has(self.a)", {}, node)) == 1


def test_rules_are_asked_only_of_what_is_otherwise_right() -> None:
    node = {"type": "object", "required": ["c"], "properties": {name: {"type": "string"} for name in "abc"}}
    rule = "!(has(self.a) && has(self.b))"
    assert [at for at, _ in messages(rule, {"a": "", "b": ""}, node)] == [("spec",)]
    assert messages(rule, {"a": "", "b": ""}, node)[0][1].startswith("spec lacks")
    assert messages(rule, {"a": "${A}", "b": "", "c": ""}, node) == []


@pytest.mark.parametrize(
    "rule",
    [
        "self == oldSelf",
        "self.a <= self.b",
        "duration(self.a) > duration('1s')",
        "quantity(self.a).isGreaterThan(quantity('0'))",
        "self.split('/')[0] == 'a'",
        "self.l.all(a, self.l.exists_one(b, a.n == b.n))",
        "self.l.all(x, x) ? has(self.a) : true",
        "self.a in self.b",
        "a.b",
        "",
        "((",
        "self.a ==",
        "self.a = 1",
        "'open",
        "self.1",
        "[1, 2",
        "-self.a > 1",
        "!" * 5000 + "self.a",
        "(" * 900 + "self.a",
    ],
)
def test_what_json_schema_cannot_say_is_left_alone(rule: str) -> None:
    assert rule_schema(rule) is None


def test_rules_of_the_wrong_form_are_left_alone() -> None:
    for rules in (None, 7, "x", [7], [{}], [{"rule": 7}], {"rule": "self.a"}):
        schema = {"type": "object", "properties": {"spec": {**ANY, "x-kubernetes-validations": rules}}}
        assert told(findings(widget({"b": 1}), crds=[crd(schema)])) == []


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [
                "self",
                ".a",
                "has(",
                ")",
                "(",
                "!",
                "&&",
                "||",
                "==",
                "?",
                ":",
                "'x'",
                "1",
                "[",
                "]",
                ",",
                " in ",
                ".size()",
                "+",
                "x",
            ]
        ),
        max_size=14,
    ).map("".join)
)
def test_no_text_brings_the_parser_down(text: str) -> None:
    try:
        parse(text)
    except NotCelError:
        assert rule_schema(text) is None
    else:
        rule_schema(text)
