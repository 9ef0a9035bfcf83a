"""Templates are read without helm; whatever they hold, in bounded time."""

from __future__ import annotations

import time
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from karlint.model.unit import Place, ValuesLayer
from karlint.render.origins.helmchart import Chart, Library, Tree
from karlint.render.origins.helmeval import Env, Evaluator
from karlint.render.origins.helmexpr import Call, Const, Field, parse_pipeline
from karlint.render.origins.helmspots import skeleton
from karlint.render.origins.helmtext import Output, Template, Text
from karlint.render.origins.helmval import UNKNOWN, FromText, FromValues, top, whole
from karlint.render.origins.helmvalues import Values, set_path


def evaluated(text: str, values: Any = None, **files: str) -> Any:
    """Return what the last action of *text* gives."""
    tree = Tree(lambda file: files[file].encode() if file in files else None, lambda _: list(files), _documents)
    chart = Chart("", "", "odd", {"name": "odd", "version": "1.2.3"}, values or {})
    library = Library(tree, chart)
    template = Template("templates/a.yaml", text)
    library._templates["templates/a.yaml"] = template
    library.owners["templates/a.yaml"] = chart
    dot = top(chart, values or {}, "rel", "prod")
    evaluator = Evaluator(library)
    last = [node for node in template.nodes if isinstance(node, Output)][-1]
    env = evaluator.environment(template.nodes, last.action.start, Env(chart, template, dot, {"$": dot}), [])
    return evaluator.value(last.pipeline.expr, env)


def _documents(text: str) -> list[Any]:
    return list(yaml.safe_load_all(text))


def sources(text: str, values: Any = None) -> list[Any]:
    """Return paths of values and texts of literals that the last action of *text* is made of."""
    found = evaluated(text, values).sources
    return [s.path if isinstance(s, FromValues) else text[s.start : s.end] for s in found if _told(s)]


def _told(source: Any) -> bool:
    return isinstance(source, FromValues | FromText)


def test_actions_and_what_they_trim() -> None:
    template = Template("t", 'a: {{ "}}" }}\n  {{- /* {{ no }} */ -}}\n\n b {{`}}`}}')
    assert [action.keyword for action in template.actions] == ["", "comment", ""]
    texts = [template.text[node.start : node.end] for node in template.nodes if isinstance(node, Text)]
    assert texts == ["a: ", "b "]


def test_what_a_line_puts_out_looks_like() -> None:
    text = "  (a) {{ .x }}: b\n{{- if (and .a\n   (or .b .c)) }}  [d]: {{ .e }}\n    ( not .z )\n  key: 1"
    template = Template("t", text)
    assert skeleton(template, 1).fullmatch("(a) 7: b")
    assert not skeleton(template, 1).fullmatch("(a) 7: c")
    assert not skeleton(template, 2).fullmatch("")
    assert skeleton(template, 3).fullmatch("[d]: 1")  # what an action goes on with is no text
    assert skeleton(template, 4).fullmatch("( not .z )")
    assert skeleton(template, 5).fullmatch("key: 1")


def test_pipelines() -> None:
    assert parse_pipeline("$a, $b := .x.y | default 1", 0).names == ("$a", "$b")
    assert parse_pipeline(".x.y | default 1", 0).expr == Call("default", (Const(1, 15, 16), Field(None, ("x", "y"))))
    assert parse_pipeline("(f .a).b", 0).expr == Field(Call("f", (Field(None, ("a",)),)), ("b",))
    assert parse_pipeline('.Files.Get "x"', 0).expr == Call(
        "method", (Const("x", 11, 14),), Field(None, ("Files", "Get"))
    )


@pytest.mark.parametrize(
    ("text", "value", "expected"),
    [
        ("{{ .Values.a.b }}", "x", [("a", "b")]),
        ('{{ .Values.none | default "lit" }}', "lit", ['"lit"', ("none",)]),
        ('{{ printf "%s:%d" .Values.a.b .Values.n }}', "x:3", ['"%s:%d"', ("a", "b"), ("n",)]),
        ("{{ $x := .Values.a }}{{ $x.b | quote }}", "x", [("a", "b")]),
        ("{{ $x := 1 }}{{ if .Values.n }}{{ $x = .Values.n }}{{ end }}{{ $x }}", 3, [("n",)]),
        ("{{ with .Values.a }}{{ end }}{{ (index .Values.l 1).k }}", "v", [("l", 1, "k")]),
        ('{{ get (merge .Values.over .Values.a) "b" }}', "y", [("over", "b")]),
        ("{{ ternary .Values.n .Values.a.b (eq .Values.n 3) }}", 3, [("n",)]),
        ('{{ dig "a" "b" "d" .Values }}', "x", [("a", "b")]),
        (
            '{{ define "d" }}{{ .v }}-{{ .w }}{{ end }}{{ include "d" (dict "v" .Values.n "w" .Values.a.b) }}',
            "3-x",
            None,
        ),
    ],
)
def test_where_values_come_from(text: str, value: Any, expected: Any) -> None:
    values = {"a": {"b": "x"}, "n": 3, "l": [{}, {"k": "v"}], "over": {"b": "y"}}
    assert whole(evaluated(text, values)) == value
    if expected is not None:
        assert sources(text, values) == expected


@pytest.mark.parametrize(
    "text",
    [
        '{{ define "a" }}{{ include "a" . }}{{ include "a" . }}{{ end }}{{ include "a" . }}',
        '{{ define "a" }}{{ range .Values.l }}{{ include "a" $ }}{{ end }}{{ end }}{{ include "a" . }}',
        '{{ $x := "ab" }}' + '{{ $x = printf "%s%s" $x $x }}' * 60 + "{{ $x }}",
        '{{ $x := dict "a" 1 }}' + '{{ $x = dict "a" $x "b" $x }}' * 60 + "{{ toYaml $x }}",
        "{{ if true }}" * 5000 + "{{ .Values.a }}",
        "{{ " + "(" * 5000 + ".Values.a" + ")" * 5000 + " }}",
        "{{ .Values.a " + "| quote " * 5000 + "}}",
        "{{" * 5000 + " x }}",
    ],
)
def test_hostile_templates_end(text: str) -> None:
    started = time.monotonic()
    template = Template("t", text)
    if any(isinstance(node, Output) for node in template.nodes):
        evaluated(text, {"l": list(range(100))})
    assert time.monotonic() - started < 5


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.sampled_from(["{{", "}}", "-", " ", ".a", "$x", ":=", "|", "(", ")", '"', "`", "if", "end", "\n", "x"]))
)
def test_any_text_is_read(pieces: list[str]) -> None:
    text = "".join(pieces)
    template = Template("t", text)
    assert all(text[action.start : action.start + 2] == "{{" for action in template.actions)
    for line in range(1, len(template.lines) + 1):
        assert template.line_of(template.line_start(line)) == line


def test_set_paths() -> None:
    assert set_path("a.b[0].c") == ("a", "b", 0, "c")
    assert set_path(r"nodeSelector.nvidia\.com/gpu") == ("nodeSelector", "nvidia.com/gpu")


def test_layers_are_merged_as_helm_does() -> None:
    chart = Chart("", "", "odd", {}, {"a": {"b": 1, "c": 2}, "l": [1, 2], "gone": {"x": 1}})
    sub = Chart("charts/s", "s", "odd/charts/s", {}, {"own": 1, "size": 2, "global": {"g": 0}}, chart)
    chart.children.append(sub)
    layers = (
        ValuesLayer("inline", Place("v"), {"a": {"b": 9}, "l": [3], "gone": None, "global": {"g": 5}}),
        ValuesLayer("set", Place("p"), 7, "s.size"),
        ValuesLayer("set", Place("q"), 4, "l[0]"),
    )
    values = Values(chart, layers)
    assert values.of(chart) == {"a": {"b": 9, "c": 2}, "l": [4], "s": {"size": 7}, "global": {"g": 5}}
    assert values.of(sub) == {"own": 1, "size": 7, "global": {"g": 5}}
    places = {
        ("a", "b"): "v",
        ("l", 0): "q",
        ("global", "g"): "v",
    }
    for path, file in places.items():
        setting = values.setting(chart, path)
        assert setting is not None
        assert setting.layer is not None
        assert setting.layer.place.file == file
    assert values.setting(chart, ("gone", "x")) is None
    size, own = values.setting(sub, ("size",)), values.setting(sub, ("own",))
    assert size is not None
    assert size.layer is layers[1]
    assert own is not None
    assert own.chart is sub
    shared = values.setting(sub, ("global", "g"))
    assert shared is not None
    assert shared.layer is layers[0]


def test_what_an_item_of_a_list_lacks_is_in_no_layer_below() -> None:
    chart = Chart("", "", "odd", {}, {"models": [{"name": "example", "type": "big"}], "k": {"type": "big"}})
    values = Values(chart, (ValuesLayer("inline", Place("v"), {"models": [{"name": "mine"}], "k": {"name": "mine"}}),))
    assert values.setting(chart, ("models", 0, "type")) is None
    kept = values.setting(chart, ("k", "type"))  # mappings are merged
    assert kept is not None
    assert kept.layer is None


def test_the_unknown_stays_unknown() -> None:
    assert evaluated("{{ genSelfSignedCert .Values.a }}", {"a": "x"}).value is UNKNOWN


def test_what_an_unknown_layer_may_override_is_not_sure() -> None:
    chart = Chart("", "", "odd", {}, {"a": 1, "b": 2, "c": 3})
    layers = (
        ValuesLayer("inline", Place("v"), {"b": 5}),
        ValuesLayer("inline", Place("secret"), None, unknown=True),
        ValuesLayer("set", Place("p"), 7, "c"),
    )
    values = Values(chart, layers)
    found = {key: values.setting(chart, (key,)) for key in "abc"}
    assert {key: values.sure(setting) for key, setting in found.items() if setting} == {
        "a": False,
        "b": False,
        "c": True,
    }
