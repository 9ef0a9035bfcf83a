"""Our reader means the same by a text as the API server: the table, and the real library on the table and beyond it."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.source.support import ask_reference, load, rules, same, values
from tests.source.table import DOCUMENTS, REFUSED, SCALARS, STRICTER
from tests.source.yamltexts import broken_documents, documents, scalars

CASES = [(f"v: {text}\n", REFUSED if value is REFUSED else {"v": value}) for text, value in SCALARS if text != "- 1"]
CASES += DOCUMENTS

_SEPARATOR = re.compile(r"^(?:---|\.\.\.)", re.MULTILINE)  # the library reads the first document only


_ODD = re.compile(
    r"![^ ]*[\[\]{},]|:[,\]}]|[&!]\S*[ \t]+[&!]"
)  # see STRICTER: libyaml is right to refuse some of these

_TAG_BEFORE_COMMA = re.compile(r"![^\s]*[\[\]{},]")  # to go-yaml the comma belongs to the tag


def ours(text: str) -> Any:
    loaded = load(text)
    errors = set(rules(loaded)) - {"core/duplicate-key"}
    assert errors <= {"core/syntax-error"}, (text, loaded)
    if errors or loaded.skip_reason is not None:
        return REFUSED
    found = values(loaded)
    assert len(found) <= 1, (text, found)
    return found[0] if found else None


@pytest.mark.parametrize(("text", "value"), CASES, ids=[repr(text) for text, _ in CASES])
def test_a_text_means_what_the_table_says(text: str, value: Any) -> None:
    assert same(ours(text), value)


@pytest.mark.tools
def test_the_table_is_what_the_real_library_says() -> None:
    wrong = []
    for (text, value), answer in zip(CASES, ask_reference([text for text, _ in CASES]), strict=True):
        theirs = REFUSED if "error" in answer else answer.get("json")
        if not (theirs is value is REFUSED or same(value, theirs)):
            wrong.append((text, value, answer))
    assert not wrong


def test_the_table_is_no_list_of_one_kind() -> None:
    assert len(SCALARS) > 200
    assert len(DOCUMENTS) > 60
    assert 30 < sum(value is REFUSED for _, value in CASES) < len(CASES) / 2


def compare(texts: list[str]) -> None:
    """Hold each text to the real library: the same value, or refused by both; repeated keys seen by both."""
    for text, answer in zip(texts, ask_reference(texts), strict=True):
        theirs = REFUSED if "error" in answer else answer.get("json")
        mine = ours(text)
        if mine is REFUSED and _ODD.search(text):
            continue
        assert (mine is theirs is REFUSED) or same(mine, theirs), (text, mine, answer)
        if mine is not REFUSED and "<<" not in text:  # to the strict reader, covering a merged key is a repetition
            assert ("core/duplicate-key" in rules(load(text))) == ("strict" in answer), (text, answer)


SLOW = settings(deadline=None, suppress_health_check=list(HealthCheck), max_examples=40)


@pytest.mark.tools
@SLOW
@given(st.lists(scalars, min_size=20, max_size=60))
def test_generated_scalars_mean_what_the_real_library_says(found: list[str]) -> None:
    texts = [text for text in found if "\n" not in text and "\r" not in text]
    compare([f"v: {text}\n" for text in texts])
    compare([f"v: ! {text}\n" for text in texts if text[:1].isalnum()])
    compare([f"{text}: v\n" for text in texts if re.fullmatch(r"[-+.\w~=]+", text)])


@pytest.mark.tools
@SLOW
@given(st.lists(documents, min_size=20, max_size=60))
def test_generated_documents_mean_what_the_real_library_says(texts: list[str]) -> None:
    compare(texts)


@pytest.mark.tools
@SLOW
@given(st.lists(broken_documents, min_size=50, max_size=100))
def test_nothing_is_read_that_the_real_library_refuses_or_reads_as_something_else(found: list[str]) -> None:
    texts = [text for text in found if not _SEPARATOR.search(text) and not text.lstrip().startswith("{")]
    texts = [text for text in texts if not _TAG_BEFORE_COMMA.search(text)]
    for text, answer in zip(texts, ask_reference(texts), strict=True):
        mine = ours(text)
        if mine is not REFUSED and "core/duplicate-key" not in rules(load(text)):  # of 1 and 1.0 Go picks one by chance
            assert same(mine, answer.get("json")), (text, mine, answer)
            assert "error" not in answer, (text, mine, answer)


@pytest.mark.parametrize("text", STRICTER)
def test_what_follows_a_document_is_read_too(text: str) -> None:
    assert ours(text) is REFUSED
