"""Proof of origins: edit the place that is said to hold a value, build again, and see what became of it."""

from __future__ import annotations

import os
import random
import re
import subprocess
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from karlint.model.source import Anchor, SourceFile, Span
from karlint.model.unit import KustomizeSource
from karlint.render.origins.kustomize import KustomizeOrigins, Tree
from karlint.render.origins.kustomize_text import Embedding
from karlint.source import Limits, Positions
from karlint.source.text import UnreadableError, read_text
from karlint.source.yamltext import read_yaml

if TYPE_CHECKING:
    from collections.abc import Iterator

    from karlint.model.origin import Origin, Spot
    from karlint.model.path import Path as At

NAMES = ("kustomization.yaml", "kustomization.yml", "Kustomization")

# What rules look at. Everything below these keys counts.
_LOOKED_AT = re.compile(
    r"(^|/)(image|resources|livenessProbe|readinessProbe|startupProbe|replicas|labels|annotations|env|envFrom|args"
    r"|command|claims|resourceClaims|nodeSelector|tolerations|nodeGroups|flavors|queueName|matchLabels|selector)(/|$)"
)


def parse(content: bytes) -> list[Any]:
    """Documents of a YAML text by ordinal, None for those without content."""
    try:
        text = read_text(SourceFile("<text>", None, content), Limits())
    except UnreadableError:
        return []
    stream = read_yaml(text, Limits())
    values: list[Any] = [None] * len(stream.starts)
    for document in stream.documents:
        values[document.ordinal] = document.value
    return values


class Checkout:
    """A scratch copy of a repository."""

    def __init__(self, root: Path, kustomize: Path) -> None:
        self.root = root
        self._kustomize = kustomize
        self._positions: dict[str, Positions] = {}

    def read(self, path: str) -> bytes | None:
        file = self.root / path
        return file.read_bytes() if file.is_file() else None

    def below(self, directory: str) -> list[str]:
        found = (file for file in (self.root / directory).rglob("*") if file.is_file())
        return sorted(file.relative_to(self.root).as_posix() for file in found)

    def positions(self, path: str) -> Positions:
        if path not in self._positions:
            self._positions[path] = Positions(SourceFile(path, self.root / path))
        return self._positions[path]

    def build(self, directory: str) -> tuple[bytes | None, str]:
        """What kustomize makes of a directory, and what it complains about. No network, no plugins."""
        home = {"PATH": "/nonexistent", "HOME": "/nonexistent", "HTTPS_PROXY": "http://127.0.0.1:9", "HTTP_PROXY": ""}
        command = [str(self._kustomize), "build", "--load-restrictor", "LoadRestrictionsNone", directory or "."]
        try:
            done = subprocess.run(command, cwd=self.root, env=home, capture_output=True, timeout=60, check=False)
        except subprocess.TimeoutExpired:
            return None, "timeout"
        error = done.stderr.decode(errors="replace")
        return (done.stdout if done.returncode == 0 else None), error

    def fill(self, error: str) -> bool:
        """Make up a file that a generator lacks: some corpora leave out what is no manifest. Tells whether it did."""
        match = re.search(r"loading KV pairs.*open (\S+): no such file", error, re.DOTALL)
        if match is None or not Path(match[1]).is_relative_to(self.root):
            return False
        Path(match[1]).parent.mkdir(parents=True, exist_ok=True)
        Path(match[1]).write_text("made up\n")
        return True

    def span(self, spot: Spot) -> Span | None:
        if spot.at is None:
            return spot.span
        found = self.positions(spot.file).locate(spot.ordinal, spot.at, Anchor.VALUE)
        return found.span if found.exact else None

    @property
    def tree(self) -> Tree:
        def of_text(text: str) -> Positions:
            return Positions(SourceFile("<text>", None, text.encode()))

        embedding = Embedding(lambda path: parse(self.read(path) or b""), self.positions, of_text)
        return Tree(self.read, parse, self.below, embedded=embedding)

    def origins(self, directory: str, rendered: list[Any]) -> KustomizeOrigins:
        source = KustomizeSource(directory)
        return KustomizeOrigins(source, self.tree, rendered)


@dataclass
class Figures:
    """What was measured; *failed* holds what did not turn out as it was said."""

    roots: int = 0
    not_built: Counter[str] = field(default_factory=Counter)
    filled: int = 0
    located: int = 0
    exact: int = 0
    tried: int = 0
    changed: int = 0
    alone: int = 0
    refused: int = 0
    failed: list[str] = field(default_factory=list)
    vague: list[str] = field(default_factory=list)

    @property
    def share_exact(self) -> float:
        return self.exact / max(self.located, 1)

    @property
    def share_changed(self) -> float:
        return self.changed / max(self.tried, 1)

    def __str__(self) -> str:
        return (
            f"roots built {self.roots} (with {self.filled} files made up), not built {dict(self.not_built)}; "
            f"scalars located {self.located}, "
            f"exact {self.exact} ({self.share_exact:.1%}); edited {self.tried}, changed {self.changed} "
            f"({self.share_changed:.1%}), nothing else changed in the document {self.alone}; "
            f"refused by kustomize {self.refused}"
        )


def scalars(value: Any, at: At = ()) -> Iterator[tuple[At, Any]]:
    if isinstance(value, dict):
        for key, child in value.items():
            yield from scalars(child, (*at, key))
    elif isinstance(value, list):
        for index, child in enumerate(value):
            yield from scalars(child, (*at, index))
    else:
        yield at, value


def looked_at(document: Any) -> list[tuple[At, Any]]:
    if not isinstance(document, dict) or document.get("kind") == "CustomResourceDefinition":
        return []
    return [(at, value) for at, value in scalars(document) if _LOOKED_AT.search("/".join(map(str, at)))]


def edited(text: str, value: Any) -> str | None:
    """Another scalar for the one that is written as *text* and was rendered as *value*; None where none is known."""
    if text.startswith("*"):
        return "x"
    if match := re.fullmatch(r"(&\S+\s+)(.+)", text, re.DOTALL):
        inner = edited(match[2], value)
        return None if inner is None else match[1] + inner
    if text.startswith(("'", '"')) and len(text) > 1:
        inner = text[1:-1]
        return f"{text[0]}{edited(inner, value) if inner else 'x'}{text[-1]}"
    if text in ("true", "false"):
        return "false" if text == "true" else "true"
    if re.fullmatch(r"-?[0-9]+", text):
        return str(int(text) + 1)
    if match := re.fullmatch(r"([0-9]+)([A-Za-z%]+)", text):
        return f"{int(match[1]) + 1}{match[2]}"
    if "\n" in text:
        return text + "x"
    return text + "x" if text and value is not None else None


def replaced(lines: list[str], span: Span, new: str) -> str:
    start, end = lines[span.line - 1], lines[span.end_line - 1]
    middle = start[: span.column - 1] + new + end[span.end_column - 1 :]
    return "\n".join([*lines[: span.line - 1], middle, *lines[span.end_line :]]) + "\n"


def slice_of(lines: list[str], span: Span) -> str:
    if span.line == span.end_line:
        return lines[span.line - 1][span.column - 1 : span.end_column - 1]
    first, last = lines[span.line - 1][span.column - 1 :], lines[span.end_line - 1][: span.end_column - 1]
    return "\n".join([first, *lines[span.line : span.end_line - 1], last])


def measure(checkout: Checkout, directory: str, figures: Figures, samples: int, seed: int = 0) -> None:
    """Measure one kustomization: locate sampled scalars, edit the places that are exact, build again.

    Every second sample is a value that something else than the base's file sets, as long as there are some.
    """
    output, error = checkout.build(directory)
    while output is None and checkout.fill(error):
        figures.filled += 1
        output, error = checkout.build(directory)
    if output is None:
        figures.not_built[reason(error)] += 1
        return
    figures.roots += 1
    rendered = parse(output)
    origins = checkout.origins(directory, rendered)
    candidates = [(n, at, value) for n, document in enumerate(rendered) for at, value in looked_at(document)]
    random.Random(f"{seed}{directory}").shuffle(candidates)
    plain = [each for each in candidates if is_plain(origins.locate(each[0], each[1], Anchor.VALUE))]
    changed = [each for each in candidates if each not in plain]
    chosen = [*changed[: samples // 2], *plain][:samples]
    for ordinal, at, value in chosen:
        spot = origins.locate(ordinal, at, Anchor.VALUE).primary
        figures.located += 1
        where = f"{directory}: {rendered[ordinal].get('kind')} {'/'.join(map(str, at))} -> {spot}"
        if not spot.exact:
            figures.vague.append(where)
            continue
        figures.exact += 1
        _try(checkout, directory, figures, rendered, (ordinal, at, value), spot, where)


def is_plain(origin: Origin) -> bool:
    """Whether a value is the one of a manifest that is listed as a resource."""
    spot = origin.primary
    return (
        spot.at is not None and Path(spot.file).name not in NAMES and not any("patch" in way.why for way in origin.via)
    )


def _try(
    checkout: Checkout, directory: str, figures: Figures, rendered: list[Any], what: tuple[int, At, Any], spot: Spot,
    where: str,
) -> None:  # fmt: skip
    ordinal, at, value = what
    span = checkout.span(spot)
    if span is None:
        figures.tried += 1
        figures.failed.append(f"no such place: {where}")
        return
    file = checkout.root / spot.file
    before = file.read_bytes()
    lines = before.decode().splitlines()
    new = edited(slice_of(lines, span), value)
    if new is None:
        return
    file.write_text(replaced(lines, span, new))
    try:
        output, error = checkout.build(directory)
    finally:
        file.write_bytes(before)
    if output is None:
        figures.refused += 1
        figures.vague.append(f"refused ({error.strip()[-200:]}): {where}")
        return
    figures.tried += 1
    changed = differences(rendered, parse(output), ordinal)
    if at in changed:
        figures.changed += 1
        figures.alone += changed == {at}
        if changed != {at}:
            figures.vague.append(f"also {changed - {at}}: {where}")
    else:
        figures.failed.append(f"unchanged ({len(changed)} others): {where}")


_MISSING = object()


def differences(before: list[Any], after: list[Any], ordinal: int) -> set[At]:
    """The paths of the scalars of one document that are not what they were."""
    twin = _twin(before, after, ordinal)
    if twin is None:
        return set()
    old, new = dict(scalars(before[ordinal])), dict(scalars(twin))
    return {at for at in old.keys() | new.keys() if old.get(at, _MISSING) != new.get(at, _MISSING)}


def _twin(before: list[Any], after: list[Any], ordinal: int) -> Any:
    """The same document of another build, even if it is called differently there, or stands elsewhere."""
    identity = identify(before[ordinal])
    same = [each for each in after if identify(each) == identity]
    if same:
        return same[0]
    known = {identify(each) for each in before}
    new = [each for each in after if identify(each) not in known and identify(each)[:2] == identity[:2]]
    alike = {identity[2], identity[3]}
    near = [each for each in new if alike & set(identify(each)[2:])] or new
    return near[0] if len(near) == 1 or (near and len({identify(each) for each in near}) == 1) else None


def identify(document: Any) -> tuple[str, str, str, str]:
    metadata = document["metadata"]
    name = metadata.get("name", "")
    return document["apiVersion"], document["kind"], name, str(metadata.get("namespace"))


def reason(error: str) -> str:
    """A short name for why kustomize did not build."""
    for words, name in (
        ("no 'git' program on path", "remote base"),
        ("proxyconnect", "remote file"),
        ("HTTP", "remote file"),
        ("must specify --enable-helm", "helm chart"),
        ("to be of kind 'Component'", "component, no root"),
        ("expected kind", "component, no root"),
        ("no matches for Id", "patch without its target"),
        ("no such file", "file not in the tree"),
        ("doesn't exist", "file not in the tree"),
        ("is empty", "empty kustomization"),
        ("already registered", "same resource twice"),
        ("timeout", "timeout"),
    ):
        if words in error:
            return name
    return error.strip()[-120:] or "unknown"


def roots(tree: Path) -> list[str]:
    """Directories of all kustomizations below *tree*, but those of Flux, which are another kind of the same name."""
    found = set()
    for directory, _, files in os.walk(tree):
        if any(name in NAMES for name in files):
            found.add(Path(directory).relative_to(tree).as_posix())
    return sorted("" if each == "." else each for each in found)
