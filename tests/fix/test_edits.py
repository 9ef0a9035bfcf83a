"""Each operation on each way to write a document: the text afterwards, to the byte, or the reason to leave it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from karlint.fix import RefusedError, mend
from karlint.model.fix import Change, Operation, OperationKind


def op(kind: str, *at: str | int, value: Any = None, name: str = "") -> Operation:
    return Operation(OperationKind(kind), at, value, name)


def mended(text: str, *operations: Operation, path: str = "a.yaml", ordinal: int = 0) -> str:
    return mend(path, text, [Change(path, ordinal, operations)]).text


@dataclass(frozen=True)
class Case:
    name: str
    before: str
    operation: Operation
    after: str
    path: str = "a.yaml"

    def __str__(self) -> str:
        return self.name


CASES = [
    # set
    Case("plain", "a: 1 # one\nb: 2\n", op("set", "a", value=3), "a: 3 # one\nb: 2\n"),
    Case("plain by text", "a: x\n", op("set", "a", value="y z"), "a: y z\n"),
    Case("text that reads as a number", "a: x\n", op("set", "a", value="8"), 'a: "8"\n'),
    Case("text that reads as true", "a: x\n", op("set", "a", value="on"), 'a: "on"\n'),
    Case("text that reads as a date", "a: x\n", op("set", "a", value="2024-01-02"), 'a: "2024-01-02"\n'),
    Case("text that reads as base 60", "a: x\n", op("set", "a", value="1:30"), 'a: "1:30"\n'),
    Case("double quotes stay", 'a: "x"\n', op("set", "a", value="y"), 'a: "y"\n'),
    Case("single quotes stay", "a: 'x'\n", op("set", "a", value="it's"), "a: 'it''s'\n"),
    Case("single quotes cannot hold a break", "a: 'x'\n", op("set", "a", value="1\n2"), 'a: "1\\n2"\n'),
    Case("text to number", 'a: "8"\n', op("set", "a", value=8), "a: 8\n"),
    Case("whole float", "a: 1\n", op("set", "a", value=8.0), "a: 8\n"),
    Case("null", "a: 1\n", op("set", "a", value=None), "a: null\n"),
    Case("nothing", "a:\nb: 1\n", op("set", "a", value=2), "a: 2\nb: 1\n"),
    Case("nothing in an item", "a:\n-\n- 1\n", op("set", "a", 0, value=2), "a:\n- 2\n- 1\n"),
    Case("in a flow mapping", "a: {b: 1, c: x}\n", op("set", "a", "c", value="p,q"), 'a: {b: 1, c: "p,q"}\n'),
    Case("in a flow list", "a: [1, 2]\n", op("set", "a", 1, value=True), "a: [1, true]\n"),
    Case("anchor that nothing uses", "a: &x 1\n", op("set", "a", value=2), "a: &x 2\n"),
    Case("carriage returns", "a: 1\r\nb: 2\r\n", op("set", "a", value=3), "a: 3\r\nb: 2\r\n"),
    Case("json", '{"a": "x"}', op("set", "a", value="y"), '{"a": "y"}', "a.json"),
    Case("folded plain", "a: x\n  y\nb: 1\n", op("set", "a", value="z"), "a: z\nb: 1\n"),
    Case("scalar to mapping", "a: x # c\nb: 1\n", op("set", "a", value={"k": 1}), "a: # c\n  k: 1\nb: 1\n"),
    Case("flow to flow", "a: [1]\n", op("set", "a", value=[]), "a: []\n"),
    Case("mapping to scalar", "a:\n  b: 1\n  c: 2\nd: 1\n", op("set", "a", value=1), "a: 1\nd: 1\n"),
    Case("emoji", "a: 🎉\nb: '🎉' # 🎉\n", op("set", "b", value="é"), "a: 🎉\nb: 'é' # 🎉\n"),
    # add
    Case("key", "a:\n  b: 1 # one\nc: 2\n", op("add", "a", "d", value=3), "a:\n  b: 1 # one\n  d: 3\nc: 2\n"),
    Case("key at the end of the text", "a: 1", op("add", "b", value=2), "a: 1\nb: 2"),
    Case("key below carriage returns", "a: 1\r\n", op("add", "b", value=2), "a: 1\r\nb: 2\r\n"),
    Case(
        "key after a comment of its own line",
        "a:\n  b: 1\n  # more\nc: 2\n",
        op("add", "a", "d", value=3),
        "a:\n  b: 1\n  d: 3\n  # more\nc: 2\n",
    ),
    Case("key after nothing", "a:\n  b:\nc: 1\n", op("add", "a", "d", value=3), "a:\n  b:\n  d: 3\nc: 1\n"),
    Case(
        "key after a block scalar",
        "a:\n  b: |\n    x\n    y\n\nc: 1\n",
        op("add", "a", "d", value=3),
        "a:\n  b: |\n    x\n    y\n  d: 3\n\nc: 1\n",
    ),
    Case("key in an item", "a:\n- b: 1\n- c: 1\n", op("add", "a", 0, "d", value=3), "a:\n- b: 1\n  d: 3\n- c: 1\n"),
    Case(
        "mapping in the indentation of the text",
        "a:\n    b: 1\n",
        op("add", "c", value={"d": {"e": 1}}),
        "a:\n    b: 1\nc:\n    d:\n        e: 1\n",
    ),
    Case(
        "with what is missing above",
        "resources:\n  requests:\n    nvidia.com/gpu: 8\n",
        op("add", "resources", "limits", "nvidia.com/gpu", value=8),
        "resources:\n  requests:\n    nvidia.com/gpu: 8\n  limits:\n    nvidia.com/gpu: 8\n",
    ),
    Case("into nothing", "a:\nb: 1\n", op("add", "a", "c", value=1), "a:\n  c: 1\nb: 1\n"),
    Case("into braces", "a: {} # c\nb: 1\n", op("add", "a", "c", value=1), "a: # c\n  c: 1\nb: 1\n"),
    Case("into braces of an item", "a:\n- {}\n", op("add", "a", 0, "c", value=1), "a:\n- {c: 1}\n"),
    Case("flow key", "a: {b: 1}\n", op("add", "a", "c", value="x"), "a: {b: 1, c: x}\n"),
    Case("flow key with spaces", "a: { b: 1 } # c\n", op("add", "a", "c", value="x"), "a: { b: 1, c: x } # c\n"),
    Case(
        "flow key over lines",
        "a: {\n  b: 1, # one\n  c: 2 # two\n}\n",
        op("add", "a", "d", value=3),
        "a: {\n  b: 1, # one\n  c: 2, # two\n  d: 3\n}\n",
    ),
    Case("flow key after a comma", "a: {\n  b: 1,\n}\n", op("add", "a", "d", value=3), "a: {\n  b: 1,\n  d: 3,\n}\n"),
    Case("item", "a:\n- 1 # one\nb: 1\n", op("add", "a", 1, value=2), "a:\n- 1 # one\n- 2\nb: 1\n"),
    Case(
        "item that is a mapping",
        "a:\n  -   b: 1\n      c: 2\n",
        op("add", "a", 1, value={"b": [1, {"x": 2}], "c": {}}),
        "a:\n  -   b: 1\n      c: 2\n  - b:\n      - 1\n      - x: 2\n    c: {}\n",
    ),
    Case("flow item", "a: [1, 2]\n", op("add", "a", 2, value=3), "a: [1, 2, 3]\n"),
    Case("into brackets", "a: []\n", op("add", "a", 0, value={"b": 1}), "a:\n- b: 1\n"),
    Case("json key", '{"a": {"b": 1}}', op("add", "a", "c", value="x"), '{"a": {"b": 1, "c": "x"}}', "a.json"),
    Case(
        "tight json value",
        '{"a":{"b":1}}',
        op("add", "a", "c", value={"d": [1, 2]}),
        '{"a":{"b":1,"c":{"d":[1,2]}}}',
        "a.json",
    ),
    Case(
        "above a comment of the same depth",
        "a:\n  b: 1\n  # of b\n# of c\nc: 1\n",
        op("add", "a", "x", value=1),
        "a:\n  b: 1\n  x: 1\n  # of b\n# of c\nc: 1\n",
    ),
    Case(
        "below a comment of what is above",
        "a:\n  b:\n    c: 1\n    # of b\n  # of a\n",
        op("add", "a", "x", value=1),
        "a:\n  b:\n    c: 1\n    # of b\n  x: 1\n  # of a\n",
    ),
    Case("tight json key", '{"a":{"b":1}}', op("add", "a", "c", value=1), '{"a":{"b":1,"c":1}}', "a.json"),
    Case(
        "json key over lines",
        '{\n  "a": 1\n}\n',
        op("add", "b", value={"c": [1]}),
        '{\n  "a": 1,\n  "b": {"c": [1]}\n}\n',
        "a.json",
    ),
    Case("anchored mapping", "a: &x\n  b: 1\n", op("add", "a", "c", value=1), "a: &x\n  b: 1\n  c: 1\n"),
    # remove
    Case("entry", "a: 1\n# of b\nb: 2 # two\nc: 3\n", op("remove", "b"), "a: 1\n# of b\nc: 3\n"),
    Case("entry at the end", "a: 1\nb: 2", op("remove", "b"), "a: 1\n"),
    Case("entry over lines", "a:\n  b:\n  - x: 1\n    y: 2\n  c: 1\n", op("remove", "a", "b"), "a:\n  c: 1\n"),
    Case("first entry of an item", "a:\n- b: 1\n  c: 2\n", op("remove", "a", 0, "b"), "a:\n- c: 2\n"),
    Case("only entry", "a: # c\n  b: 1 # one\nd: 1\n", op("remove", "a", "b"), "a: {} # c\nd: 1\n"),
    Case("only entry of an item", "a:\n- b: 1\n", op("remove", "a", 0, "b"), "a:\n- {}\n"),
    Case("item before others", "a:\n- 1\n# of two\n- 2\n", op("remove", "a", 0), "a:\n# of two\n- 2\n"),
    Case("only item", "a:\n- 1\nb: 1\n", op("remove", "a", 0), "a: []\nb: 1\n"),
    Case("flow entry", "a: {b: 1, c: 2}\n", op("remove", "a", "b"), "a: {c: 2}\n"),
    Case("last flow entry", "a: {b: 1, c: 2}\n", op("remove", "a", "c"), "a: {b: 1}\n"),
    Case("only flow entry", "a: { b: 1 }\n", op("remove", "a", "b"), "a: {}\n"),
    Case("flow item", "a: [1, 2]\n", op("remove", "a", 1), "a: [1]\n"),
    Case("block scalar", "a: |\n  x\n\nb: 1\n", op("remove", "a"), "\nb: 1\n"),
    # wrap
    Case(
        "entries of an item",
        "r:\n- name: gpu # n\n  # of c\n  class: c # c\n\n  count: 2\n# end\n",
        Operation(OperationKind.WRAP, ("r", 0), ["class", "count"], "exactly"),
        "r:\n- name: gpu # n\n  # of c\n  exactly:\n    class: c # c\n\n    count: 2\n# end\n",
    ),
    Case(
        "the first entries of an item",
        "r:\r\n- class: c\r\n  sel:\r\n  - cel: |\r\n      x\r\n  name: gpu\r\n",
        Operation(OperationKind.WRAP, ("r", 0), ["class", "sel"], "exactly"),
        "r:\r\n- exactly:\r\n    class: c\r\n    sel:\r\n    - cel: |\r\n        x\r\n  name: gpu\r\n",
    ),
    Case(
        "flow entries",
        "r: [{name: gpu, class: c, count: 2}]\n",
        Operation(OperationKind.WRAP, ("r", 0), ["class", "count"], "exactly"),
        "r: [{name: gpu, exactly: {class: c, count: 2}}]\n",
    ),
    # unwrap
    Case(
        "the entries of an entry",
        "d:\n- name: h # h\n  basic:\n    # of x\n    x: 1 # x\n\n    y:\n    - |\n      t\n  z: 1\n# end\n",
        op("unwrap", "d", 0, "basic"),
        "d:\n- name: h # h\n  # of x\n  x: 1 # x\n\n  y:\n  - |\n    t\n  z: 1\n# end\n",
    ),
    Case(
        "the entries of the first entry of an item",
        "d:\r\n- basic:\r\n      x: 1\r\n      y: 2\r\n  name: h\r\n",
        op("unwrap", "d", 0, "basic"),
        "d:\r\n- x: 1\r\n  y: 2\r\n  name: h\r\n",
    ),
    Case("flow out of flow", "d: {n: h, b: { x: 1, y: 2 }}\n", op("unwrap", "d", "b"), "d: {n: h, x: 1, y: 2}\n"),
    Case("flow out of block", "d:\n  b: { x: 1, y: 2 } # b\n", op("unwrap", "d", "b"), "d:\n  x: 1\n  y: 2 # b\n"),
    Case("json out of json", '{"a": {"b": {"x": 1}}}', op("unwrap", "a", "b"), '{"a": {"x": 1}}', "a.json"),
    # rename
    Case("key's name", "a:\n  b: 1 # b\n", op("rename", "a", "b", name="limits"), "a:\n  limits: 1 # b\n"),
    Case("quoted key", '"a": 1\n', op("rename", "a", name="b"), '"b": 1\n'),
    Case("flow key's name", "x: {a: 1}\n", op("rename", "x", "a", name="b"), "x: {b: 1}\n"),
    Case("json key's name", '{"a": 1}', op("rename", "a", name="b/c"), '{"b/c": 1}', "a.json"),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_text_changes_so_and_no_more(case: Case) -> None:
    assert mended(case.before, case.operation, path=case.path) == case.after


REFUSED = [
    ("alias", "a: &x 1\nb: *x\n", op("set", "b", value=2), "an alias stands there"),
    ("anchor that is used", "a: &x 1\nb: *x\n", op("set", "a", value=2), "stands for it"),
    ("inside of what an alias stands for", "a: &x\n  c: 1\nb: *x\n", op("set", "a", "c", value=2), "stands for it"),
    ("removing what an alias stands for", "a:\n  c: &x 1\nb: *x\n", op("remove", "a"), "a part of it"),
    ("merged", "a: &x\n  c: 1\nb:\n  <<: *x\n", op("set", "b", "c", value=2), "merged"),
    ("block scalar", "a: |\n  x\n", op("set", "a", value="y"), "several lines"),
    ("template token", "a: ${GPUS}\n", op("set", "a", value=2), "template"),
    ("quoted template token", 'a: "{{ x }}"\n', op("set", "a", value=2), "template"),
    ("not there", "a: 1\n", op("set", "b", value=2), "not in the text"),
    ("there already", "a: 1\n", op("add", "a", value=2), "already"),
    ("no list", "a: 1\n", op("add", "b", 0, value=2), "no list|nothing to add"),
    ("below a scalar", "a: 1\n", op("add", "a", "b", value=2), "nothing to add|no mapping"),
    ("lost comment", "a:\n  b: 1 # c\n  d: 1\n", op("set", "a", value=2), "comment"),
    ("twice", "a: 1\na: 2\n", op("set", "a", value=3), "twice|not in the text"),
    ("name that is there", "a: 1\nb: 2\n", op("rename", "a", name="b"), "already"),
    ("name of an item", "a:\n- 1\n", op("rename", "a", 0, name="b"), "name|already"),
    (
        "entries apart",
        "r: {a: 1, b: 2, c: 3}\n",
        Operation(OperationKind.WRAP, ("r",), ["a", "c"], "d"),
        "stand between",
    ),
    ("beside others of the name", "d: {b: {x: 1}, x: 2}\n", op("unwrap", "d", "b"), "no room"),
    ("a comment of what goes away", "d:\n  b: # c\n    x: 1\n", op("unwrap", "d", "b"), "comment"),
    ("whole document", "a: 1\n", op("set", value=2), "as a whole"),
    ("only entry of all", "a: 1\n", op("remove", "a"), "nothing would be left"),
]


@pytest.mark.parametrize(("text", "operation", "reason"), [case[1:] for case in REFUSED], ids=[c[0] for c in REFUSED])
def test_the_text_is_left_where_more_would_change(text: str, operation: Operation, reason: str) -> None:
    with pytest.raises(RefusedError, match=reason):
        mended(text, operation)


def test_several_operations_are_edits_of_the_first_text() -> None:
    text = "a:\n- 1\n- 2\n- 3\nb: {}\n"
    change = Change("a.yaml", 0, (op("remove", "a", 0), op("set", "a", 1, value=4), op("add", "b", "c", value=1)))
    done = mend("a.yaml", text, [change])
    assert done.text == "a:\n- 2\n- 4\nb:\n  c: 1\n"
    assert [(text[edit.start : edit.end], edit.text) for edit in done.edits] == [
        ("- 1\n", ""),
        ("3", "4"),
        (" {}", "\n  c: 1"),
    ]


def test_only_the_named_document_changes() -> None:
    text = "a: 1\n---\n# empty\n---\na: 1\n"
    assert mended(text, op("set", "a", value=2), ordinal=2) == "a: 1\n---\n# empty\n---\na: 2\n"


def test_a_text_that_says_something_else_than_expected_is_left() -> None:
    change = Change("a.yaml", 0, (op("set", "a", value=2),), ((("a",), 5),))
    with pytest.raises(RefusedError, match="something else"):
        mend("a.yaml", "a: 1\n", [change])


def test_one_is_not_true() -> None:
    change = Change("a.yaml", 0, (op("set", "a", value=2),), ((("a",), True),))
    with pytest.raises(RefusedError, match="something else"):
        mend("a.yaml", "a: 1\n", [change])
