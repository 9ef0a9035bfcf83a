"""Our verdict on a custom resource is the one of upstream's definition, but for differences that are meant."""

from __future__ import annotations

import os
import random
import zlib
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest

from karlint.model.source import SourceFile
from karlint.prepared import resources_of
from karlint.schema import SchemaSet, default_version
from karlint.schema.tokens import holds_token
from karlint.source import Limits, load_file

from .build import resource
from .mutants import mutants, seeds
from .reference import Error, judge
from .upstream import CRDS, ROOT, SCHEMAS, Upstream, upstream_versions

if TYPE_CHECKING:
    from karlint.model.resource import Resource

CORPUS = ROOT.parent / "shared" / "corpus"
EVERYTHING = os.environ.get("KARLINT_FULL") == "1"
MUTANTS = 60 if EVERYTHING else 40
SAMPLE = 1 if EVERYTHING else 12  # every so many-th definition

# Their definitions take anything in spec, or know nothing but a status.
SHAPELESS = {"Experiment", "Suggestion", "Trial", "InferencePoolImport"}

pytestmark = pytest.mark.skipif(not CRDS.is_dir(), reason="upstream's definitions are not beside this checkout")


@cache
def by_kind() -> dict[tuple[str, str], Upstream]:
    return {(item.api_version, item.kind): item for item in upstream_versions()}


@cache
def schemas() -> SchemaSet:
    return SchemaSet([default_version()], [], SCHEMAS)


def ours(of: Resource) -> list[str]:
    verdict = schemas().validate(of)
    assert verdict.known
    return [
        str(finding.message)
        for finding in verdict.findings
        if finding.at[:1] != ("metadata",) and (finding.args or {})["problem"] not in {"rule", "deprecated"}
    ]


def deliberate(item: Upstream, mine: list[str], upstream: list[Error]) -> str:
    """Return why the verdicts differ, "" when they should not."""
    filled = {"PodCliqueSet": "roleName", "JobSet": "name"}.get(item.kind)
    if filled and upstream and all(keyword == f"required {filled}" for _, keyword in upstream):
        return "a webhook fills it in"
    if mine and all('has no field "workloadRef"' in message for message in mine):
        return "an alpha field of a pod, which the target no longer has"
    if mine and all('hostAliases[0] lacks the required field "ip"' in message for message in mine):
        return "pods without it were taken up to 1.27, when the definition was made"
    return ""


@pytest.mark.corpus
@pytest.mark.skipif(not CORPUS.is_dir(), reason="the shared corpus does not lie beside the checkout")
def test_corpus() -> None:
    differing, count, refused = [], 0, 0
    for item, found in corpus_resources():
        mine, theirs = ours(found), judge(item.schema, found.body, with_status=item.with_status)
        count += 1
        refused += bool(theirs)
        if bool(mine) != bool(theirs) and not deliberate(item, mine, theirs):
            differing.append((found.path, item.id, mine, theirs))
    print(f"{count} resources of the corpus, {refused} refused, {len(differing)} verdicts differ")
    assert differing == []
    assert count > 1500
    assert refused > 20


def corpus_resources() -> list[tuple[Upstream, Resource]]:
    """Return the custom resources of the corpus that are written in full."""
    found = []
    for file in sorted(CORPUS.rglob("*.y*ml")):
        if file.relative_to(CORPUS).parts[0] in {"charts", "unparseable"}:
            continue
        loaded = load_file(SourceFile(file.relative_to(CORPUS).as_posix(), file), Limits())
        for of in resources_of([loaded]):
            item = by_kind().get((of.ref.api_version, of.ref.kind))
            if item and not holds_token(of.body) and "sops" not in of.body:
                found.append((item, of))
    return found


@pytest.mark.parametrize("item", upstream_versions()[::SAMPLE], ids=lambda item: item.id)
def test_mutants(item: Upstream) -> None:
    rng = random.Random(zlib.crc32(item.id.encode()))
    bodies = seeds(item, rng)
    assert bodies, "no object was found that the definition takes"
    made = [("nothing", (), body) for body in bodies]
    made += mutants(item, bodies, rng, MUTANTS)
    differing: list[Any] = []
    refused = 0
    for done, at, body in made:
        mine, theirs = ours(resource(body)), judge(item.schema, body, with_status=item.with_status)
        refused += bool(theirs)
        if bool(mine) != bool(theirs) and not deliberate(item, mine, theirs):
            differing.append((done, at, mine, theirs))
    print(f"{item.id}: {len(made)} objects, {refused} refused, {len(differing)} verdicts differ")
    assert refused > len(made) / 4 or item.kind in SHAPELESS, "the mutants have to bite"
    assert len(differing) <= 0.02 * len(made), differing
