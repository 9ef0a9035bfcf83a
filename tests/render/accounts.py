"""A tree rendered by karlint, held against what the real tools make of it, and an account of what was left out."""

from __future__ import annotations

import functools
import os
import posixpath
import re
import subprocess
import sys
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path as FilePath
from typing import TYPE_CHECKING, Any

from karlint.model.unit import DirectorySource, HelmSource
from karlint.render import render_each
from karlint.schema import default_version
from tests.render.conftest import built
from tests.render.helmproof import parse
from tests.render.realtools import KUSTOMIZATIONS, CannotSayError, RealTools, pristine, read
from tests.render.trees import rendered

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    import pytest

    from karlint.deployed import Deployed
    from karlint.model.unit import NotRendered, Unit
    from karlint.render import Output


SECONDS = 600
"""For each rendering: a machine that is put to sleep meanwhile must not turn a test red."""
_URL = re.compile(r"^\s+url: oci://(\S+)$", re.MULTILINE)
_NAME = re.compile(r"^  name: (?:&\S+ )?(\S+)$", re.MULTILINE)
GAVE_UP = "the renderer gave up"
_AGAIN = 2
"""How often what differs is rendered again by the real tool, to see whether it differs from itself."""


@dataclass
class Tally:
    """What was counted, and what is wrong."""

    equal: Counter[str] = field(default_factory=Counter)
    by_flux: Counter[str] = field(default_factory=Counter)
    unsteady: Counter[str] = field(default_factory=Counter)
    not_compared: Counter[str] = field(default_factory=Counter)
    not_rendered: Counter[str] = field(default_factory=Counter)
    checked: Counter[str] = field(default_factory=Counter)
    unequal: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        lines = []
        for title, counts in (
            ("equal to the last byte", self.equal),
            ("of these as Flux' own library builds the object", self.by_flux),
            ("differs from itself from run to run, equal where it does not", self.unsteady),
            ("not compared", self.not_compared),
            ("not rendered", self.not_rendered),
            ("accounted for", self.checked),
        ):
            lines.append(f"{title}: {counts.total()}")
            lines += [f"  {count:5} {name}" for name, count in sorted(counts.items())]
        return "\n".join([*lines, *self.unequal, *self.left_out])


@dataclass(frozen=True)
class Look:
    """What karlint made of a tree.

    Attributes:
        outputs: of each unit that was tried, by its id; failures too.
        printed: what ``karlint render`` prints.
    """

    tree: Path
    deployed: Deployed
    outputs: Mapping[str, Output]
    printed: bytes


def both(tree: Path, scratch: Path, patch: pytest.MonkeyPatch) -> tuple[Look, RealTools]:
    """Return what karlint makes of *tree*, and the real tools, each with a copy of its own below *scratch*."""
    for name in ("ours", "theirs", "scratch"):
        (scratch / name).mkdir(parents=True)
    ours = pristine(tree, scratch / "ours")
    if not (ours / ".karlint.yaml").exists():
        (ours / ".karlint.yaml").write_text(f"render: {{timeout_seconds: {SECONDS}}}\n")
    programs = built("helm"), built("kustomize"), built("fluxref")
    real = RealTools(pristine(tree, scratch / "theirs"), scratch / "scratch", *programs, default_version())
    return look_at(ours, patch), real


def look_at(tree: Path, monkeypatch: pytest.MonkeyPatch) -> Look:
    """Render *tree*, once by the command line, and once to learn which units there are."""
    outputs: dict[str, Output] = {}

    def recorded(*args: Any) -> Iterator[list[Output]]:
        with closing(render_each(*args)) as several:
            for some in several:
                outputs.update((output.unit.id, output) for output in some)
                yield some

    with monkeypatch.context() as patched:
        patched.setattr("karlint.delivery.render_each", recorded)
        deployed = rendered(tree)
    command = [sys.executable, "-m", "karlint", "render", "--jobs", "2"]
    done = subprocess.run(command, cwd=tree, capture_output=True, timeout=300, check=False)
    assert done.returncode == (1 if deployed.not_rendered else 0), done.stderr.decode()
    return Look(tree, deployed, outputs, done.stdout)


# ---- equality ----


def compare(look: Look, real: RealTools, tally: Tally) -> None:
    """Compare each unit of *look* with what the real tools print for it."""
    parts = look.deployed.parts
    names = [part.output.unit.id for part in parts]
    printed = sections(look.printed, names)
    for part in parts:
        unit = part.output.unit
        ours = printed.get(unit.id)
        if ours is None:
            tally.unequal.append(f"{look.tree.name}: {unit.id} is rendered, and not printed")
            continue
        kind = kind_of(unit)
        try:
            done = real.rendered(unit)
        except CannotSayError as error:
            tally.not_compared[f"{kind}: {error}"] += 1
            continue
        if done.text is None:
            tally.unequal.append(f"{look.tree.name}: {unit.id}: only karlint renders it: {done.words[-400:]}")
            continue
        theirs = done.text if len(parts) == 1 else framed(done.text)
        if ours == theirs:
            tally.equal[kind] += 1
            continue
        moving: set[int] = set()
        different = differing(ours, theirs)
        for _ in range(_AGAIN):
            again = real.rendered(unit).text or b""
            moving |= differing(theirs, again if len(parts) == 1 else framed(again))
        if different <= moving:
            tally.unsteady[f"{kind}: {unit.id}"] += 1
        else:
            tally.unequal.append(f"{look.tree.name}: {unit.id}: {_shown(ours, theirs, different - moving)}")


def sections(printed: bytes, names: Sequence[str]) -> dict[str, bytes]:
    """Return what was *printed* of each of the units called *names*: told apart by a comment above each, if several."""
    if len(names) == 1:
        return {names[0]: printed}
    marks = {f"# Rendered: {name}\n".encode(): name for name in names}
    found: dict[str, list[bytes]] = {}
    name = ""
    for line in printed.splitlines(keepends=True):
        if line in marks:
            name = marks[line]
            assert name not in found, "a unit is printed twice"
            found[name] = []
        else:
            found[name].append(line)
    return {name: b"".join(lines) for name, lines in found.items()}


def framed(text: bytes) -> bytes:
    """Return *text* as one of several: it begins with a separator and ends with a line end."""
    return (b"" if text.startswith(b"---") else b"---\n") + text + (b"" if text.endswith(b"\n") or not text else b"\n")


def differing(one: bytes, other: bytes) -> set[int]:
    """Return the numbers, from 0, of the lines that differ, and -1 where one has more lines than the other."""
    sides = one.splitlines(keepends=True), other.splitlines(keepends=True)
    found = {number for number, (left, right) in enumerate(zip(*sides, strict=False)) if left != right}
    return found | ({-1} if len(sides[0]) != len(sides[1]) else set())


def _shown(ours: bytes, theirs: bytes, lines: set[int]) -> str:
    mine, real = ours.splitlines(), theirs.splitlines()
    first = min(lines - {-1}, default=min(len(mine), len(real)))
    here = slice(first, first + 2)
    return f"{len(mine)} lines of {len(real)}; line {first + 1}: {mine[here]} where {real[here]} is right"


def kind_of(unit: Unit) -> str:
    """Return what sort of unit it is, for counts."""
    source = unit.source
    if isinstance(source, DirectorySource):
        return "plain manifests of an Application"
    words = ["helm template" if isinstance(source, HelmSource) else "kustomize build"]
    words += ["of an Argo CD or Flux object"] if unit.declared is not None else []
    if isinstance(source, HelmSource):
        words += ["with values"] if source.layers else []
        words += ["and post-renderers"] if source.post else []
    else:
        fields = sorted({edit.field for edit in source.edits})
        words += [f"with {', '.join(fields)}"] if fields else []
        words += ["of generated kustomizations"] if source.generated else []
        words += ["and variables"] if unit.variables is not None else []
    return " ".join(words)


# ---- accounts ----


def account(look: Look, real: RealTools, tally: Tally) -> None:
    """See that nothing of the tree is left out, and that what karlint did not render cannot be rendered."""
    told = {item.what for item in look.deployed.not_rendered}
    reported = {name: output for name, output in look.outputs.items() if output.failure is not None and name in told}
    inputs = {path for part in look.deployed.parts for path in part.output.inputs}
    homes = {_home(output.unit) for output in reported.values()}
    failed = {path for output in reported.values() for path in output.inputs}
    for sort, files in (("chart", charts(look.tree)), ("kustomization", kustomizations(look.tree))):
        for file in files:
            how = "rendered" if file in inputs else "reported" if file in failed else "left out"
            if how == "left out" and (read(look.tree / file) or {}).get("kind") == "Component":
                how = "is a component that nothing takes in"
            if how == "reported" and posixpath.dirname(file) not in homes:
                how = "is a part of what is reported, and linted as it stands"
            tally.checked[f"{sort} {how}"] += 1
            if how == "left out":
                tally.left_out.append(f"{look.tree.name}: {file} is left out")
    for name, output in reported.items():
        _gave_up(name, output, look, real, tally)
    for item in look.deployed.not_rendered:
        if item.what not in reported:
            assert item.reason != GAVE_UP, item
            _refused(item, look, tally)


def _gave_up(name: str, output: Output, look: Look, real: RealTools, tally: Tally) -> None:
    """Note a unit that was tried in vain; the real tool must fail as well."""
    assert output.failure is not None
    reason = output.failure.reason or GAVE_UP
    try:
        done = real.rendered(output.unit)
    except CannotSayError as error:
        tally.not_rendered[f"{reason}, not tried: {error}"] += 1
        return
    tally.not_rendered[f"{reason}: the tool fails too"] += done.text is None
    if done.text is not None:
        tally.left_out.append(f"{look.tree.name}: {name}: {reason}, and yet the tool builds it")


def _refused(item: NotRendered, look: Look, tally: Tally) -> None:
    """Note what an object asks for that is not here; where it names something, that must not be in the tree."""
    value = value_at(look.tree, item)
    if item.reason == "path is not in the repository":
        there = isinstance(value, str) and (look.tree / value.lstrip("/")).exists()
        how = "it is not there"
    elif item.reason == "chart from a remote repository":
        names = set(chart_names(value, look.tree))
        there = not names.isdisjoint(names_of_charts(look.tree))
        how = "no chart of the tree is called so" if names else "not known which"
    else:
        there, how = False, "not looked into"
    tally.not_rendered[f"{item.reason}: {how}"] += not there
    if there:
        tally.left_out.append(f"{look.tree.name}: {item.what}: {item.reason}, and yet {value} is there")


def value_at(tree: Path, item: NotRendered) -> Any:
    """Return the value that *item* points at; None where there is none."""
    try:
        value = parse((tree / item.place.file).read_text("utf-8"))[item.place.ordinal]
        for step in item.place.at:
            value = value[step]
    except (OSError, ValueError, LookupError, TypeError):
        return None
    return value


def chart_names(value: Any, tree: Path) -> Iterator[str]:
    """Yield what the chart is called that *value* names: the end of a path, or of the URL of what it refers to."""
    if isinstance(value, str) and value:
        yield posixpath.basename(value)
    elif isinstance(value, dict) and isinstance(value.get("name"), str):
        yield from (posixpath.basename(url) for url in _registries(tree).get(value["name"], ()))


@functools.cache
def _registries(tree: Path) -> dict[str, set[str]]:
    """Return the URLs of the OCIRepositories of *tree* by their names."""
    found: dict[str, set[str]] = {}
    for top, _, files in os.walk(tree):
        for name in files:
            text = (FilePath(top) / name).read_text("utf-8", "replace") if name.endswith(".yaml") else ""
            for document in text.split("\n---") if "kind: OCIRepository" in text else ():
                url, own = _URL.search(document), _NAME.search(document)
                if url is not None and own is not None:
                    found.setdefault(own[1], set()).add(url[1])
    return found


def _home(unit: Unit) -> str:
    return unit.source.chart if isinstance(unit.source, HelmSource) else unit.source.directory


def names_of_charts(tree: Path) -> set[str]:
    """Return the names of the charts that lie in *tree*."""
    return {str((read(tree / file) or {}).get("name")) for file in _files(tree, ("Chart.yaml",))}


def charts(tree: Path) -> Iterator[str]:
    """Yield the Chart.yaml of each chart that stands for itself: no library, and not packed into another chart."""
    found = set(_files(tree, ("Chart.yaml",)))
    for file in sorted(found):
        above, inside, _ = file.rpartition("/charts/")
        if (read(tree / file) or {}).get("type") != "library" and not (inside and f"{above}/Chart.yaml" in found):
            yield file


def kustomizations(tree: Path) -> list[str]:
    """Return the kustomization files of *tree*."""
    return sorted(_files(tree, KUSTOMIZATIONS))


def _files(tree: Path, names: Sequence[str]) -> Iterator[str]:
    for top, _, files in os.walk(tree):
        for name in set(files) & set(names):
            yield os.path.relpath(os.path.join(top, name), tree)  # noqa: PTH118
