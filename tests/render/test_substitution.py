"""Flux' substitution, against Flux' own library, and where the values in the result come from."""

from __future__ import annotations

import json
import random
import subprocess
from typing import TYPE_CHECKING

import pytest

from karlint.model.origin import Origin, Spot
from karlint.model.source import Anchor
from karlint.model.unit import Place, Variable
from karlint.render.envsubst import SubstitutionError, parse
from karlint.render.substitution import OTHERS, SubstitutedOrigins, fill, substitute_stream
from tests.conftest import ROOT, missing
from tests.render.gitopsrepo import read_values

if TYPE_CHECKING:
    from pathlib import Path

    from karlint.model.path import Path as Steps

VALUES = {"A": "hello world", "B": "", "C": "a/b/c.txt", "D": "éa", "N": "3", "M": "-2", "P": "*l", "Q": "hel*"}
VARIABLES = {name: Variable(value, Place("ks.yaml", 0, ("data", name))) for name, value in VALUES.items()}
TABLE = [
    ("plain", "plain"),
    ("${A}", "hello world"),
    ("$A $(A) {A}", "$A $(A) {A}"),
    ("$${A} $$", "${A} $"),
    ("${UNSET}|", "|"),
    ("${B:=x} ${B:-y} ${B:+z} ${A:+z}", "x y z hello world"),
    ("${B:=a${N}b}", "a3b"),
    ("${A:6} ${A:0:5} ${A:-5} ${A: -5:2}", "world hello hello world hello world"),
    (
        "${A/o/0} ${A//o/0} ${A/#hell/j} ${A/%world/moon} ${C//\\//-}",
        "hell0 world hell0 w0rld jo world hello moon a-b-c.txt",
    ),
    ("${C#*/} ${C##*/} ${C%.*} ${C%%/*}", "b/c.txt c.txt a/b/c a"),
    ("${A^} ${A^^} ${#A} ${#D}", "Hello world HELLO WORLD 11 3"),
]
ATOMS = [
    *[
        "${",
        "}",
        "$",
        "$$",
        "\\",
        "/",
        ":",
        "=",
        "-",
        "+",
        "?",
        "#",
        "%",
        "^",
        ",",
        "*",
        "[a-c]",
        "[^a]",
        ".",
        " ",
        "\n",
    ],
    *["A", "B", "C", "D", "N", "M", "P", "Q", "x", "l", "0", "1", "5", "o"],
    *["${A}", "${B:=d}", "${C//\\//-}", "${A:1:3}", "${A%l*}", "${A##*o}", "${#A}", "${A/#hel/x}", "${Z:-${N}}"],
]
OPERATORS = [":=", ":", ",", "^", "^^", "/", "//", "/#", "/%", "#", "##", "%", "%%", ":-", ""]


@pytest.fixture(scope="session")
def fluxref() -> Path:
    """Flux' substitution as a program, built by `make tools`."""
    binary = ROOT / "tools" / "bin" / "fluxref"
    if not binary.is_file():
        missing("tools/bin/fluxref", "run `make tools`")
    return binary


def by_flux(fluxref: Path, text: str) -> str | None:
    """Return what Flux makes of *text*; None where it refuses it."""
    asked = json.dumps({"text": text, "variables": VALUES})
    done = subprocess.run([fluxref], input=asked, capture_output=True, text=True, timeout=60, check=True)
    answer = json.loads(done.stdout)
    return None if "error" in answer else answer["text"]


def by_us(text: str) -> str | None:
    try:
        return fill(text, VARIABLES)
    except SubstitutionError:
        return None


@pytest.mark.parametrize(("text", "expected"), TABLE)
def test_the_forms_of_a_variable(text: str, expected: str) -> None:
    assert by_us(text) == expected


@pytest.mark.tools
def test_flux_agrees_on_the_table(fluxref: Path) -> None:
    for text, expected in TABLE:
        assert by_flux(fluxref, text) == expected


@pytest.mark.tools
def test_flux_agrees_on_anything(fluxref: Path) -> None:
    chance = random.Random(20260801)
    for _ in range(400):
        text = "".join(chance.choice(ATOMS) for _ in range(chance.randint(1, 9)))
        if chance.random() < 0.7:
            text = "${" + chance.choice("ABCDNMPQZ") + chance.choice(OPERATORS) + text + "}"
        assert by_us(text) == by_flux(fluxref, text), text


@pytest.mark.parametrize("text", ["${", "${}", "${A", "${A-x}", "${A:}", "${A/}", "${a-b}", "${" * 60 + "}" * 60])
def test_what_flux_refuses(text: str) -> None:
    with pytest.raises(SubstitutionError):
        parse(text)


def test_what_is_not_known_stays_a_token() -> None:
    unknown = VARIABLES | {"SECRET": Variable(None, Place("ks.yaml"))}
    assert fill("${SECRET} ${SECRET:=x} ${A} ${UNSET}", unknown) == "${SECRET} ${SECRET:=x} hello world "
    others = VARIABLES | {OTHERS: Variable(None, Place("ks.yaml"))}
    assert fill("${A} ${FROM_ELSEWHERE} ${B:=${FROM_ELSEWHERE}}", others) == (
        "hello world ${FROM_ELSEWHERE} ${B:=${FROM_ELSEWHERE}}"
    )


def test_each_document_is_filled_in_unless_it_says_no() -> None:
    kept = "kind: B\nmetadata:\n  annotations:\n    kustomize.toolkit.fluxcd.io/substitute: disabled\n  name: ${N}\n"
    below = "kind: C\nspec:\n  annotations:\n    kustomize.toolkit.fluxcd.io/substitute: disabled\n  name: ${N}\n"
    labelled = kept.replace("annotations", "labels").replace("disabled", '"disabled"')
    stream = "---\n".join(["kind: A\nreplicas: ${N}\n", kept, below, labelled])
    filled = substitute_stream(stream, VARIABLES)
    assert filled == "---\n".join(["kind: A\nreplicas: 3\n", kept, below.replace("${N}", "3"), labelled])


def test_a_name_that_flux_refuses() -> None:
    with pytest.raises(SubstitutionError, match="a-b"):
        substitute_stream("x: 1", {"a-b": Variable("1", Place("ks.yaml"))})


class Fixed:
    """Origins that are the paths themselves."""

    def locate(self, ordinal: int, at: Steps, anchor: Anchor) -> Origin:
        return Origin(Spot("base.yaml", ordinal, at, anchor=anchor, exact=True))


BEFORE = """\
spec:
  replicas: ${N}
  image: ghcr.io/acme/${UNKNOWN}:${A}
  name: plain
  fallback: ${B:=default}
  args: ${LIST}
  "${N}-key": value
"""


@pytest.mark.parametrize(
    ("at", "file", "place"),
    [
        (("spec", "replicas"), "ks.yaml", ("data", "N")),
        (("spec", "image"), "ks.yaml", ("data", "A")),
        (("spec", "name"), "base.yaml", ("spec", "name")),
        (("spec", "fallback"), "base.yaml", ("spec", "fallback")),
        (("spec", "args", 1), "ks.yaml", ("data", "LIST")),
        (("spec", "3-key"), "base.yaml", ("spec", "${N}-key")),
        (("spec",), "base.yaml", ("spec",)),
    ],
)
def test_the_place_to_edit_is_the_variables(at: Steps, file: str, place: Steps) -> None:
    variables = VARIABLES | {"LIST": Variable("[a, b]", Place("ks.yaml", 0, ("data", "LIST")))}
    origins = SubstitutedOrigins(Fixed(), lambda _: read_values(BEFORE)[0], variables)
    found = origins.locate(0, at, Anchor.VALUE)
    assert (found.primary.file, found.primary.at) == (file, place)
    assert found.primary.exact
    if file == "ks.yaml":
        assert [(step.file, step.exact) for step in found.via] == [("base.yaml", False)]
        assert found.via[0].why.endswith("is filled in here.")
    else:
        assert found.via == ()


def test_origins_of_a_document_that_is_not_filled_in() -> None:
    body = {"metadata": {"labels": {"kustomize.toolkit.fluxcd.io/substitute": "disabled"}}, "x": "${N}"}
    found = SubstitutedOrigins(Fixed(), lambda _: body, VARIABLES).locate(0, ("x",), Anchor.VALUE)
    assert found.primary.file == "base.yaml"


def test_the_key_may_be_a_variable() -> None:
    origins = SubstitutedOrigins(Fixed(), lambda _: read_values(BEFORE)[0], VARIABLES)
    found = origins.locate(0, ("spec", "3-key"), Anchor.KEY)
    assert found.primary.at == ("data", "N")
