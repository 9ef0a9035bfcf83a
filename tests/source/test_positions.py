"""The text at a path's span is that path's value, whatever the YAML looks like; and it is the right one of its kind."""

from __future__ import annotations

import re
from random import Random
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings

from karlint.model.source import Anchor, SourceFile, Span
from karlint.source import Limits, Positions, load_file
from tests.source.support import load, same, source, values
from tests.source.yamltexts import Writer, documents

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path as FilePath

    from karlint.model.path import Path
    from karlint.model.source import Located

_ALIAS = re.compile(r"(?:^|[\s,\[{:])\*\S")

_INDENT_INDICATOR = re.compile(r"\s*[|>][-+]?[0-9]")


def paths(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    yield path, value
    entries: Any = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, child in entries:
        yield from paths(child, (*path, step))


def cut(lines: list[str], span: Span) -> str:
    """The text of *span*, with what stands before it in its line blanked, so that its indentation stays."""
    found = lines[span.line - 1 : span.end_line]
    assert found, span
    found[-1] = found[-1][: span.end_column - 1]
    found[0] = " " * (span.column - 1) + found[0][span.column - 1 :]
    at_end = span.end_line == len(lines) and span.end_column > len(lines[-1])
    return "\n".join(found) + ("" if at_end else "\n")


def check(file: SourceFile, sample: int | None = None) -> int:
    """Check every path of every document of *file*, or *sample* of each. Return how many were checked."""
    positions = Positions(file)
    checked = 0
    loaded = load_file(file, Limits())
    for item, value in zip(loaded.documents, values(loaded), strict=True):
        found = list(paths(value))
        if sample is not None and len(found) > sample:
            found = Random(0).sample(found, sample)
        for path, expected in found:
            at = positions.locate(item.document.ordinal, path, Anchor.VALUE)
            assert at.exact, (file.path, path)
            check_value(cut(positions.lines, at.span), expected, (file.path, path, at.span))
            check_key(positions, positions.locate(item.document.ordinal, path, Anchor.KEY), at, path)
            checked += 1
    return checked


def check_value(text: str, expected: Any, about: Any) -> None:
    if _ALIAS.search(text):
        return  # what the alias stands for stands elsewhere
    if not text.strip():
        assert expected is None, about
        return
    if _INDENT_INDICATOR.match(text):  # it counts from a parent that was cut away, so only the words can be compared
        text = re.sub(r"[0-9]", "", text, count=1)
        assert values(load(text))[0].split() == expected.split(), (about, text)
        return
    again = load(text)
    assert {finding.rule for finding in again.findings} <= {"core/duplicate-key"}, (about, text, again.findings)
    assert len(again.documents) <= 1, about
    value = values(again)[0] if again.documents else None
    if not same(value, expected):
        pytest.fail(f"{about}: {text[:500]!r} reads as {value!r:.500}, not {expected!r:.500}")


def check_key(positions: Positions, key: Located, value: Located, path: Path) -> None:
    assert key.exact
    if not path or isinstance(path[-1], int):
        assert key == value
        return
    text = cut(positions.lines, key.span).strip(" ").removesuffix("\n")
    if not text.startswith("*"):
        assert list(values(load(f"? {text}\n: 0\n"))[0]) == [path[-1]], (path, text)
    assert (key.span.end_line, key.span.end_column) <= (value.span.line, value.span.column)


@settings(deadline=None, suppress_health_check=list(HealthCheck), max_examples=300)
@given(documents)
def test_the_span_of_every_path_reads_as_its_value(text: str) -> None:
    check(source(text))


@settings(deadline=None, suppress_health_check=list(HealthCheck), max_examples=50)
@given(documents, documents)
def test_documents_of_a_stream_have_their_own_places(first: str, second: str) -> None:
    check(source(f"\ufeff{first.removeprefix('---')}---\n# nothing\n---\n{second.removeprefix('---')}"))


def test_generated_documents_are_not_all_refused() -> None:
    checked = [check(source(Writer(Random(seed)).document())) for seed in range(300)]
    assert sum(count > 3 for count in checked) > 200


@pytest.mark.corpus
def test_the_span_of_every_path_reads_as_its_value_in_real_files(corpus: FilePath) -> None:
    files = sorted(file for file in corpus.rglob("*") if file.suffix in (".yaml", ".yml", ".json"))
    checked = sum(check(SourceFile(str(file.relative_to(corpus)), file), sample=6) for file in files)
    assert checked > 40_000


MANIFEST = """\
# top
apiVersion: v1
kind: Pod
metadata: {name: "é😀", labels: {a: 1}}
spec:
  containers:
  - name: x   # c
    args: ["a", 'b',
           c]
    env: &e
      - {name: K, value: v}
    command:
      - |
        run
        it

  - name: y
    env: *e
    ports:
"""


@pytest.mark.parametrize(
    ("path", "anchor", "span", "exact"),
    [
        (("kind",), Anchor.VALUE, (3, 7, 3, 10), True),
        (("kind",), Anchor.KEY, (3, 1, 3, 5), True),
        (("metadata", "name"), Anchor.VALUE, (4, 18, 4, 22), True),
        (("metadata", "labels"), Anchor.VALUE, (4, 32, 4, 38), True),
        (("metadata", "labels", "a"), Anchor.KEY, (4, 33, 4, 34), True),
        (("spec",), Anchor.VALUE, (6, 3, 19, 11), True),
        (("spec", "containers", 0), Anchor.VALUE, (7, 5, 15, 11), True),
        (("spec", "containers", 0), Anchor.KEY, (7, 5, 15, 11), True),
        (("spec", "containers", 0, "args"), Anchor.VALUE, (8, 11, 9, 14), True),
        (("spec", "containers", 0, "env"), Anchor.VALUE, (10, 10, 11, 28), True),
        (("spec", "containers", 0, "command", 0), Anchor.VALUE, (13, 9, 15, 11), True),
        (("spec", "containers", 1, "env"), Anchor.VALUE, (18, 10, 18, 12), True),
        (("spec", "containers", 1, "env", 0, "value"), Anchor.VALUE, (11, 26, 11, 27), True),
        (("spec", "containers", 1, "ports"), Anchor.VALUE, (19, 11, 19, 11), True),
        (("spec", "containers", 1, "image"), Anchor.VALUE, (17, 5, 19, 11), False),
        (("spec", "containers", 1, "ports", 0, "x"), Anchor.VALUE, (19, 5, 19, 10), False),
        (("spec", "volumes", 3), Anchor.KEY, (5, 1, 5, 5), False),
        (("spec", 0), Anchor.VALUE, (5, 1, 5, 5), False),
        (("spec", "containers", 7), Anchor.VALUE, (6, 3, 6, 13), False),
        (("spec", "containers", -1), Anchor.VALUE, (6, 3, 6, 13), False),
        ((), Anchor.VALUE, (2, 1, 19, 11), True),
    ],
)
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_a_place_is_exact_to_the_column(
    path: Path, anchor: Anchor, span: tuple[int, ...], exact: bool, newline: str
) -> None:
    text = "\ufeff" + MANIFEST.replace("\n", newline)
    found = Positions(source(text)).locate(0, path, anchor)
    assert (found.span, found.exact) == (Span(*span), exact)


def test_a_merged_key_stands_in_the_mapping_that_is_merged() -> None:
    text = "a: &a {x: 1, w: 2}\nb: &b {x: 3}\nc:\n  w: 0\n  <<: [*b, *a]\n  z: 4\n"
    positions = Positions(source(text))
    assert positions.locate(0, ("c", "x"), Anchor.VALUE).span == Span(2, 11, 2, 12)
    assert positions.locate(0, ("c", "w"), Anchor.KEY).span == Span(1, 14, 1, 15)  # the merge below covers w: 0
    assert positions.locate(0, ("c", "z"), Anchor.VALUE).span == Span(6, 6, 6, 7)
    assert not positions.locate(0, ("c", "q"), Anchor.VALUE).exact


def test_of_two_keys_the_one_that_counts_is_located() -> None:
    assert Positions(source("a: 1\nb: 2\na: 3\n")).locate(0, ("a",), Anchor.VALUE).span == Span(3, 4, 3, 5)


def test_characters_that_only_yaml_takes_for_line_ends_do_not_move_lines() -> None:
    positions = Positions(source('a: "x\u2028y\x85z"\nb: 2\n'))
    assert positions.locate(0, ("b",), Anchor.VALUE).span == Span(2, 4, 2, 5)
    assert positions.lines[1] == "b: 2"


@pytest.mark.parametrize("name", ["x.json", "x.yaml"])
def test_json_has_places_too(name: str) -> None:
    text = '{\n\t"a": [1, {"b\\u0063": "\\ud83d\\ude00"}],\n\t"d": {}\n}\n'
    positions = Positions(source(text, name))
    assert positions.locate(0, ("a", 1, "bc"), Anchor.KEY).span == Span(2, 12, 2, 21)
    assert positions.locate(0, ("a", 1, "bc"), Anchor.VALUE).span == Span(2, 23, 2, 37)
    assert positions.locate(0, ("d",), Anchor.VALUE).span == Span(3, 7, 3, 9)
    assert positions.locate(0, ("e",), Anchor.VALUE) == positions.locate(0, ("e",), Anchor.KEY)


def test_an_escaped_quote_moves_nothing() -> None:
    positions = Positions(source('a: "it\\\'s" # c\nb: x\n'))
    assert positions.locate(0, ("a",), Anchor.VALUE).span == Span(1, 4, 1, 11)
    assert positions.locate(0, ("b",), Anchor.KEY).span == Span(2, 1, 2, 2)


def test_a_document_that_is_not_there_is_at_the_top() -> None:
    found = Positions(source("a: 1\n")).locate(4, ("a",), Anchor.VALUE)
    assert (found.span, found.exact) == (Span(1, 1, 1, 1), False)


def test_a_file_that_went_away_is_at_the_top(tmp_path: FilePath) -> None:
    found = Positions(SourceFile("gone.yaml", tmp_path / "gone.yaml")).locate(0, ("a",), Anchor.VALUE)
    assert (found.span, found.exact) == (Span(1, 1, 1, 1), False)
