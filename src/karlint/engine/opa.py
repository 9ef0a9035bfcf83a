"""Evaluates Rego rules on an OPA server: the same rules, the same input, many questions in one request.

The rules lie on the server under ``data.karlint``, with a digest that tells which set it is. What concerns one run (its
inventory, facts, parameters) lies under a name of its own and is put in place for each request, so that runs do not
disturb each other; it is removed when the run ends.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from typing import TYPE_CHECKING, Any

import orjson
from msgspec import Struct

from karlint.engine.embedded import Target, asked_of_graph, index_by_trait, raw_finding, spoken_of
from karlint.engine.opaserver import EvaluationError, OpaServer, ServerError
from karlint.model.encode import to_json
from karlint.model.report import RuleFailure

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

    from karlint.engine.embedded import Document
    from karlint.model.finding import RawFinding
    from karlint.model.resource import Resource
    from karlint.model.rule import Rule

BATCH_PACKAGE = "karlint.batch"
_ASK_PACKAGE = "karlint.ask"
RELEASE_PACKAGE = "karlint.release"
_RUNS = "karlint_runs"

_MOST_DOCUMENTS = 500
_MOST_BYTES = 8 << 20
"""A request holds no more documents, and about no more bytes: servers have limits (``decoding.max_length``)."""

# What is asked stands in a package of its own: whoever reads a package evaluates all of it.
_BATCH = """\
package {package}

digest := data.{release}.digest

answers := found if {{
	own := data.{runs}[input.run]
	found := data.{ask}.all with data.inventory as own.inventory
		with data.facts as own.facts
		with data.karlint.params as own.params
		with data.karlint.tables as own.tables
		with data.karlint.assume as own.assume
}}
"""
_CLAUSE = """\
all["{rule}"][i] := found if {{
	some i in input.asked["{rule}"]
	found := data.{rule_package}.findings with input as input.documents[i]
}}
"""
_PACKAGE = re.compile(r"^package\s+([\w.]+)", re.MULTILINE)
_USED = re.compile(r"\bdata\.(karlint\.lib\.\w+)")


class Question(Struct, frozen=True):
    """One evaluation: of *rule* on *resource*; *versions* is what a finding of it is said to hold for."""

    rule: Rule
    resource: Resource
    versions: tuple[str, ...]
    document: int


def policies(rules: Iterable[Rule], libraries: Mapping[str, str]) -> dict[str, str]:
    """Return all that a server needs, policy name to Rego, in an order in which each finds what it imports.

    Last come the batch helper and the digest, by which a run tells that the set is whole and its own.
    """
    rego = [rule for rule in rules if rule.language == "rego" and rule.logic is not None]
    texts = [*libraries.values(), *(rule.logic.read_text("utf-8") for rule in rego if rule.logic is not None)]
    modules: dict[str, list[str]] = {}
    for text in texts:
        modules.setdefault(_package(text), []).append(text)  # a library may be spread over several files
    ordered: dict[str, str] = {}
    for package in sorted(modules):
        _add_after_its_imports(package, modules, ordered)
    clauses = [_CLAUSE.format(rule=rule.id, rule_package=rule.package) for rule in sorted(rego, key=lambda r: r.id)]
    ordered[_ASK_PACKAGE] = f"package {_ASK_PACKAGE}\n\n" + "\n".join(clauses)
    ordered[BATCH_PACKAGE] = _BATCH.format(package=BATCH_PACKAGE, ask=_ASK_PACKAGE, release=RELEASE_PACKAGE, runs=_RUNS)
    named = {package.replace(".", "/"): text for package, text in ordered.items()}
    digest = hashlib.sha256(orjson.dumps(sorted(named.items()))).hexdigest()[:32]
    named[RELEASE_PACKAGE.replace(".", "/")] = f'package {RELEASE_PACKAGE}\n\ndigest := "{digest}"\n'
    return named


def _package(text: str) -> str:
    match = _PACKAGE.search(text)
    assert match is not None, "a module without a package was compiled"
    return match[1]


def _add_after_its_imports(package: str, modules: Mapping[str, Sequence[str]], ordered: dict[str, str]) -> None:
    texts = modules.get(package, ())
    if package in ordered or not texts:
        return
    ordered[package] = ""  # it has its turn; a library that needs this one in turn waits for it
    for used in sorted({name for text in texts for name in _USED.findall(text)} - {package}):
        _add_after_its_imports(used, modules, ordered)
    del ordered[package]
    ordered[package] = _joined(texts)


def _joined(texts: Sequence[str]) -> str:
    """Return the modules of one package as one: imports first, each once."""
    if len(texts) == 1:
        return texts[0]
    imports: dict[str, None] = {}
    bodies = []
    for text in texts:
        lines = text.splitlines()
        imports.update((line, None) for line in lines if line.startswith("import "))
        bodies.append("\n".join(line for line in lines if not line.startswith(("import ", "package "))))
    return "\n".join([f"package {_package(texts[0])}", "", *imports, *bodies]) + "\n"


def digest_of(named: Mapping[str, str]) -> str:
    """Return the digest that a set of :func:`policies` carries."""
    return named[RELEASE_PACKAGE.replace(".", "/")].rsplit('"', 2)[1]


class OpaEngine:
    """Karlint's rules on a server. Use it as a context: on leaving, what belongs to the run is removed from the server.

    Raises ServerError where the server cannot be used, or has other rules and must not be changed.
    """

    def __init__(
        self,
        server: OpaServer,
        rules: Sequence[Rule],
        named: Mapping[str, str],
        data: Mapping[str, Any],
        *,
        push: bool,
    ) -> None:
        """Make ready to evaluate *rules*; *named* is the whole set of :func:`policies`, *data* as for regorus."""
        self._server = server
        self._index = index_by_trait(rule for rule in rules if rule.language == "rego")
        self._named = named
        self._digest = digest_of(named)
        self._data = data
        self._push = push
        self._run = f"r{secrets.token_hex(16)}"

    def __enter__(self) -> OpaEngine:
        """Bring the server to where it can answer."""
        found = self._release()
        if found != self._digest:
            if not self._push:
                what = f"other rules ({found})" if found else "no rules of karlint"
                raise ServerError(
                    f"the OPA server has {what}, and this karlint needs {self._digest}",
                    "Load what `karlint export opa` writes, or let karlint push its rules.",
                )
            for name, text in self._named.items():
                self._server.put_policy(name, text)
        karlint = self._data["karlint"]
        own = {"inventory": self._data["inventory"], "facts": self._data["facts"], **karlint}
        self._server.put_data(f"{_RUNS}/{self._run}", orjson.loads(orjson.dumps(own)))
        return self

    def __exit__(self, *failure: object) -> None:
        """Remove the data of this run. A server that is gone has none."""
        try:
            self._server.delete_data(f"{_RUNS}/{self._run}")
        except ServerError:
            if failure[0] is None:
                raise
        finally:
            self._server.close()

    def _release(self) -> str:
        found = self._server.value(RELEASE_PACKAGE, "digest", {})
        return found if isinstance(found, str) else ""

    def evaluate(
        self,
        resources: Iterable[tuple[Resource, Collection[str]]],
        document: Document,
        targets: Sequence[Target],
    ) -> Iterator[RawFinding | RuleFailure]:
        """Yield what the rules say of *resources*, each with its traits; *document* makes the Rego input of one."""
        documents: list[Any] = []
        questions: list[Question] = []
        size = 0
        for resource, traits in resources:
            asked = {rule.id: rule for trait in traits for rule in self._index.get(trait, ())}
            rules = spoken_of(asked.values(), resource, traits)
            if not rules:
                continue
            base = orjson.loads(to_json(document(resource, asked_of_graph(rules))))
            for versions, extra, wanted in _rounds(rules, targets):
                documents.append({**base, **extra})
                questions += [Question(rule, resource, versions(rule), len(documents) - 1) for rule in wanted]
            size += len(resource.document.json)
            if len(documents) >= _MOST_DOCUMENTS or size >= _MOST_BYTES:
                yield from self._answers(documents, questions)
                documents, questions, size = [], [], 0
        if questions:
            yield from self._answers(documents, questions)

    def _answers(self, documents: list[Any], questions: Sequence[Question]) -> Iterator[RawFinding | RuleFailure]:
        try:
            found = self._ask(documents, questions)
        except EvaluationError as error:
            if len(questions) == 1:
                yield _failure(questions[0], str(error))
                return
            # One failure fails them all, so that whose it is shows when the rest is asked without it.
            middle = len(questions) // 2
            yield from self._answers(documents, questions[:middle])
            yield from self._answers(documents, questions[middle:])
            return
        for question in questions:
            answer = found.get(question.rule.id, {}).get(str(question.document))
            if answer is None:
                yield _failure(question, "findings is undefined")
            elif not isinstance(answer, list):
                yield _failure(question, "findings is not a set")
            else:
                for item in answer:
                    yield raw_finding(question.rule, question.resource, item, question.versions)

    def _ask(self, documents: list[Any], questions: Sequence[Question]) -> dict[str, dict[str, Any]]:
        numbers = {
            question.document: place for place, question in enumerate({q.document: q for q in questions}.values())
        }
        asked: dict[str, list[int]] = {}
        for question in questions:
            asked.setdefault(question.rule.id, []).append(numbers[question.document])
        sent = {"run": self._run, "documents": [documents[number] for number in numbers], "asked": asked}
        answer = self._server.value(BATCH_PACKAGE, "", sent)
        if not isinstance(answer, dict) or not isinstance(answer.get("answers"), dict):
            raise ServerError("the OPA server lost karlint's rules or data during the run", "Was it restarted?")
        if answer.get("digest") != self._digest:
            raise ServerError("the rules on the OPA server were changed during the run", "Another karlint, perhaps?")
        places = {str(place): str(number) for number, place in numbers.items()}
        return {
            rule: {places[place]: found for place, found in entries.items()}
            for rule, entries in answer["answers"].items()
        }


def _rounds(
    rules: Sequence[Rule], targets: Sequence[Target]
) -> Iterator[tuple[Callable[[Rule], tuple[str, ...]], dict[str, Any], list[Rule]]]:
    """Yield what is asked of one resource: the versions that a finding holds for, what the input holds besides, rules.

    As the embedded engine does it: rules that do not read the target are asked once.
    """

    def holding(rule: Rule) -> tuple[str, ...]:
        return tuple(target.version for target in targets if target.in_range(rule))

    def bounded(rule: Rule) -> tuple[str, ...]:
        return holding(rule) if len(targets) > 1 and (rule.since is not None or rule.until is not None) else ()

    plain = [rule for rule in rules if not rule.versioned and holding(rule)]
    if plain:
        yield bounded, {}, plain
    for target in targets:
        wanted = [rule for rule in rules if rule.versioned and target.in_range(rule)]
        if wanted:
            only = (target.version,) if len(targets) > 1 else ()
            extra = {"target": {"minor": target.minor, "version": target.version}}
            yield (lambda _rule, only=only: only), extra, wanted  # type: ignore[misc]


def _failure(question: Question, message: str) -> RuleFailure:
    return RuleFailure(question.rule.id, message, f"{question.resource.ref} in {question.resource.path}")
