"""Real files: what the API server's library makes of each document, how many there are, and how long it takes."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

import orjson
import pytest

from karlint.model.source import SourceFile
from karlint.source import Limits, load_file, load_files
from tests.source.support import ask_reference, rules, same

if TYPE_CHECKING:
    from pathlib import Path

_SEPARATOR = re.compile(r"^(?=---(?:\s|\Z))", re.MULTILINE)

pytestmark = pytest.mark.corpus


@pytest.fixture(scope="module")
def files(corpus: Path) -> list[SourceFile]:
    found = sorted(file for file in corpus.rglob("*") if file.suffix in (".yaml", ".yml", ".json") and file.is_file())
    return [SourceFile(str(file.relative_to(corpus)), file) for file in found]


@pytest.mark.tools
def test_every_real_document_means_what_the_real_library_says(files: list[SourceFile]) -> None:
    compared = 0
    questions: list[tuple[str, int, bytes | None, str]] = []
    for file in files:
        loaded = load_file(file, Limits())
        text = file.read().decode("utf-8-sig")
        if loaded.skip_reason or any(rule != "core/duplicate-key" for rule in rules(loaded)):
            continue
        chunks = [chunk for chunk in _SEPARATOR.split(text) if chunk]
        if chunks and not chunks[0].startswith("---") and not re.sub(r"(?m)^\s*#.*$", "", chunks[0]).strip():
            chunks = chunks[1:]  # comments above the first --- make no document
        found = {item.document.ordinal: item.document.json for item in loaded.documents}
        if file.path.endswith(".json") or len(chunks) < max(found, default=-1) + 1:
            chunks = [text] if len(found) == 1 else []
        questions += [(file.path, ordinal, found.get(ordinal), chunk) for ordinal, chunk in enumerate(chunks)]
    answers = ask_reference([question[3] for question in questions])
    for (path, ordinal, value, _), answer in zip(questions, answers, strict=True):
        assert "error" not in answer, (path, ordinal, answer)
        mine = None if value is None else orjson.loads(value)
        assert same(mine, answer.get("json")), (path, ordinal)
        compared += mine is not None
    assert compared > 7_000


@pytest.mark.tools
def test_what_we_refuse_of_real_files_the_real_library_refuses(files: list[SourceFile]) -> None:
    refused = []
    for file in files:
        loaded = load_file(file, Limits())
        if loaded.skip_reason or "core/syntax-error" in rules(loaded):
            refused.append((file, loaded))
    accepted = []
    for file, loaded in refused:
        chunks = [chunk for chunk in _SEPARATOR.split(file.read().decode("utf-8-sig")) if chunk]
        if not any("error" in answer for answer in ask_reference(chunks)):
            accepted.append((file.path, loaded.skip_reason, loaded.findings))
    assert refused
    assert not accepted


def test_every_real_file_is_accounted_for(files: list[SourceFile]) -> None:
    loaded = load_files(files, Limits(), 2)
    assert [item.file for item in loaded] == files
    counts = Counter(rule for item in loaded for rule in rules(item))
    assert set(counts) <= {"core/syntax-error", "core/duplicate-key"}
    assert sum(counts.values()) < 40
    assert sum(len(document.heads) for item in loaded for document in item.documents) > 8_000
    for item in loaded:
        assert item.documents or item.findings or item.skip_reason or not _content(item.file), item.file.path


def _content(file: SourceFile) -> bool:
    text = file.read().decode("utf-8-sig")
    return any(line.strip() and not line.lstrip().startswith(("#", "---", "...")) for line in text.splitlines())
