"""Imported names are written out, so that regorus evaluates one rule of a package and not all."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest
import regorus

from karlint.engine.spelling import needed, spelled_out, with_short_packages
from tests.policies.realopa import policy_files

if TYPE_CHECKING:
    from pathlib import Path


LIB = """package lib.pods

names := [pod.name | some pod in input.pods]

# Fails wherever it is evaluated.
broken := to_number("x") + 1

f(x) := x + 1
"""


def module(body: str, imports: str = "import data.lib.pods") -> str:
    return f"package p\n\n{imports}\n\n{body}\n"


@pytest.mark.parametrize(
    ("body", "written"),
    [
        ("x := pods.names", "x := data.lib.pods.names"),
        ('x := pods["names"]', 'x := data.lib.pods["names"]'),
        ("x := pods.f(1)", "x := data.lib.pods.f(1)"),
        ("x := input.pods.names", "x := input.pods.names"),
        ('x := "pods.names"', 'x := "pods.names"'),
        ("x := `pods.names`", "x := `pods.names`"),
        ("x := 1 # pods.names", "x := 1 # pods.names"),
        ('x := {"a \\" pods.b": pods.names}', 'x := {"a \\" pods.b": data.lib.pods.names}'),
    ],
)
def test_what_is_written_out(body: str, written: str) -> None:
    assert spelled_out(module(body)) == module(written)


def test_alias() -> None:
    imported = "import data.lib.pods as made"
    assert spelled_out(module("x := made.names", imported)) == module("x := data.lib.pods.names", imported)


@pytest.mark.parametrize("body", ["x := y if { some pods in input; y := pods.names }", "f(pods) := pods.names"])
def test_what_may_be_a_variable_is_left(body: str) -> None:
    assert spelled_out(module(body)) == module(body)


def test_a_line_that_would_be_too_long_is_left() -> None:
    body = "x := [" + ", ".join(["pods.names"] * 70) + "]"
    assert len(body) < 1024
    assert spelled_out(module(body)) == module(body)


def test_the_rest_of_the_package_is_not_evaluated() -> None:
    text = module("x := pods.names")
    for wanted, policy in ((None, text), (["a"], spelled_out(text))):
        engine = regorus.Engine()
        engine.add_policy("lib", LIB)
        engine.add_policy("p", policy)
        engine.set_input_json('{"pods": [{"name": "a"}]}')
        if wanted is None:
            with pytest.raises(RuntimeError):
                engine.eval_rule_as_json("data.p.x")
        else:
            assert json.loads(engine.eval_rule_as_json("data.p.x")) == wanted


@pytest.mark.parametrize("file", policy_files(), ids=lambda file: f"{file.parent.name}/{file.name}")
def test_every_import_of_our_policies_can_be_written_out(file: Path) -> None:
    imports = re.findall(r"^import (data\.\S+)", file.read_text("utf-8"), re.MULTILINE)
    rest = re.sub(r"^import .*$", "", spelled_out(file.read_text("utf-8")), flags=re.MULTILINE)
    assert [path for path in imports if f"{path}." not in rest] == []


LIBRARIES = {
    "a": "package lib.a\n\nx := data.lib.b.y\n",
    "b": "package lib.b\n\ny := 1\n",
    "c": "package lib.c\n\nz := 1\n",
    "d": "package other\n\nw := 1\n",
}


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("package p\n\nimport data.lib.c\n", {"c"}),
        ("package p\n\nimport data.lib.a\n", {"a", "b"}),
        ("package p\n\nx := data.lib[input.name]\n", {"a", "b", "c"}),
        ("package p\n\nx := data.library\n", set()),
        ("package p\n", set()),
    ],
)
def test_needed_libraries(text: str, wanted: set[str]) -> None:
    assert needed(LIBRARIES, [text]).keys() == wanted


def test_packages_get_short_names() -> None:
    modules = {
        "a": "package lib.a\n\nx := data.lib.a.b.y\n",
        "b": "package lib.a.b\n\ny := 1\n",
        "r": "package rules.r\n\nimport data.lib.a\nimport data.lib.a.b as c\n\nz := [a.x, c.y, data.lib.abc]\n",
    }
    written, names = with_short_packages(modules)
    assert names == {"lib.a": "p0", "lib.a.b": "p1", "rules.r": "p2"}
    assert written == {
        "a": "package p0\n\nx := data.p1.y\n",
        "b": "package p1\n\ny := 1\n",
        "r": "package p2\n\nimport data.p0 as a\nimport data.p1 as c\n\nz := [a.x, c.y, data.lib.abc]\n",
    }


@pytest.mark.parametrize("use", ["data.lib[input.name].x", "data[input.name]", "count(data.lib)"])
def test_packages_keep_their_names_where_one_is_looked_up_by_name(use: str) -> None:
    modules = {"a": "package lib.a\n\nx := 1\n", "r": f"package rules.r\n\nz := {use}\n"}
    assert with_short_packages(modules) == (modules, {"lib.a": "lib.a", "rules.r": "rules.r"})


def test_our_packages_get_short_names() -> None:
    modules = {str(file): spelled_out(file.read_text("utf-8")) for file in policy_files()}
    written, _ = with_short_packages(modules)
    long = re.compile(r"^[^#\n]*data\.karlint\.(lib|rules)\.", re.MULTILINE)
    assert [name for name, text in written.items() if long.search(text)] == []
