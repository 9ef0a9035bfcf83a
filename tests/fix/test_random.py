"""Random operations on random documents: what is meant happens, and nothing else does."""

from __future__ import annotations

import os
import random
import re
from collections import Counter
from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from karlint.fix import RefusedError, mend, spliced
from karlint.fix.mend import read
from karlint.model.fix import Change, Operation, OperationKind
from karlint.model.intended import intended, same, value_at
from tests.fix.randomdocs import Writer, paths_of

if TYPE_CHECKING:
    from collections.abc import Iterator

EXAMPLES = int(os.environ.get("KARLINT_FIX_EXAMPLES", "300"))
_COMMENT = re.compile(r"# ~\d+")
_seen: Counter[str] = Counter()
"""How often each operation was done, and how often it was refused."""


def operations(writer: Writer, value: Any) -> Iterator[Operation]:
    rng = writer.rng
    paths = paths_of(value)
    at = rng.choice(paths)
    yield Operation(OperationKind.SET, at, writer.value(2))
    yield Operation(OperationKind.REMOVE, at)
    if isinstance(at[-1], str):
        yield Operation(OperationKind.RENAME, at, name=rng.choice(("new", "on", "x y", "a/b", "é")))
    mappings = [path for path in [(), *paths] if isinstance(value_at(value, path), dict) and value_at(value, path)]
    whole = rng.choice(mappings)
    keys = list(value_at(value, whole))
    first = rng.randrange(len(keys))
    if whole:
        yield Operation(OperationKind.WRAP, whole, keys[first : rng.randint(first + 1, len(keys))], "wrapped")
    inner = [path for path in mappings if path and isinstance(path[-1], str)]
    if inner:
        yield Operation(OperationKind.UNWRAP, rng.choice(inner))
    container = rng.choice([(), *paths])
    inside = value_at(value, container)
    if isinstance(inside, list):
        yield Operation(OperationKind.ADD, (*container, len(inside)), writer.value(2))
    else:
        yield Operation(OperationKind.ADD, (*container, "new"), writer.value(2))
        yield Operation(OperationKind.ADD, (*container, "far", "new"), writer.value(1))


@given(st.integers(0, 2**32))
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
def test_the_value_is_the_intended_one_and_the_rest_of_the_text_is_as_it_was(seed: int) -> None:
    writer = Writer(random.Random(seed))
    first, second = writer.document(), Writer(writer.rng).document()
    text = first + ("" if first.endswith("\n") else "\n") + "---\n" + second.removeprefix("---")
    before = read("a.yaml", text)
    if before.problems or 0 not in before.values:
        return
    for operation in operations(writer, before.values[0]):
        try:
            done = mend("a.yaml", text, [Change("a.yaml", 0, (operation,))])
        except RefusedError:
            _seen[f"{operation.kind.value} refused"] += 1
            continue
        _seen[f"{operation.kind.value} done"] += 1
        after = read("a.yaml", done.text)
        assert same(after.values[0], intended(before.values[0], operation))
        assert {k: v for k, v in after.values.items() if k} == {k: v for k, v in before.values.items() if k}
        assert spliced(text, done.edits) == done.text
        kept, position, place = [], 0, 0
        for edit in done.edits:  # what lies between the edits stands in the new text, in its order
            kept.append(text[position : edit.start])
            position = edit.end
        for part in (*kept, text[position:]):
            place = done.text.index(part, place) + len(part)
        if operation.kind is not OperationKind.REMOVE:
            assert _COMMENT.findall(done.text) == _COMMENT.findall(text)


def test_each_operation_is_done_often() -> None:
    """The refusals that make editing safe must not be all that the test above sees."""
    print(dict(sorted(_seen.items())))
    for kind in OperationKind:
        done, refused = _seen[f"{kind.value} done"], _seen[f"{kind.value} refused"]
        assert done > (done + refused) / 10, kind


@given(st.integers(0, 2**32))
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
def test_several_operations_in_a_row_do_what_each_of_them_means(seed: int) -> None:
    writer = Writer(random.Random(seed))
    text = writer.document()
    before = read("a.yaml", text)
    if before.problems or 0 not in before.values:
        return
    aim, done = before.values[0], []
    for _ in range(writer.rng.randint(2, 4)):
        if not paths_of(aim):
            break
        operation = writer.rng.choice(list(operations(writer, aim)))
        try:
            aim, done = intended(aim, operation), [*done, operation]
        except RefusedError:
            continue
    try:
        mended = mend("a.yaml", text, [Change("a.yaml", 0, tuple(done))])
    except RefusedError:
        return
    assert same(read("a.yaml", mended.text).values[0], aim)
    assert spliced(text, mended.edits) == mended.text


@given(st.integers(0, 2**32))
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
def test_plain_documents_are_never_refused(seed: int) -> None:
    writer = Writer(random.Random(seed), plain=True)
    text = writer.document()
    before = read("a.yaml", text)
    assert not before.problems, text
    value = before.values[0]
    for at in paths_of(value):
        old = value_at(value, at)
        if not isinstance(old, dict | list):
            new = writer.scalar()
            done = mend("a.yaml", text, [Change("a.yaml", 0, (Operation(OperationKind.SET, at, new),))])
            assert len(done.edits) == (0 if done.text == text else 1)
            assert sum(edit.end - edit.start for edit in done.edits) <= len(str(old)) * 6 + 2  # no more than the value
        if isinstance(old, dict):
            mend("a.yaml", text, [Change("a.yaml", 0, (Operation(OperationKind.ADD, (*at, "new"), 1),))])
        if isinstance(old, list):
            mend("a.yaml", text, [Change("a.yaml", 0, (Operation(OperationKind.ADD, (*at, len(old)), 1),))])
