"""The real OPA, asked many questions in one process: what a rule finds in a resource, what a fact says of a tree."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson

from tests.conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

POLICIES = ROOT / "policies"

_HELPER = """
answers[i] := value if {{
	some i, question in data.differential.questions
	question.package == "{package}"
	value := data.{package}.{document} with input as question.input{tree}
}}
"""
# Small trees are swapped in for each question; a large one is loaded as data, since it is converted at each swap.
_TREE = """
		with data.inventory as data.differential.trees[question.tree].inventory
		with data.facts as data.differential.trees[question.tree].facts"""


@dataclass(frozen=True)
class Question:
    """One evaluation: the package, its document ("findings" of a rule, "value" of a fact), the input, the tree."""

    package: str
    document: str
    input: Any = None
    tree: int = 0


@dataclass(frozen=True)
class Answers:
    """What OPA answered, in the order of the questions, and the lines of each file that it ran and that it did not."""

    values: list[Any]
    covered: Mapping[str, set[int]]
    uncovered: Mapping[str, set[int]]


def policy_files() -> list[Path]:
    """Every Rego file that karlint ships, and nothing else: OPA would take examples and tables for data."""
    files = [file for file in sorted(POLICIES.rglob("*.rego")) if not file.name.endswith("_test.rego")]
    return [file for file in files if file.parent.name != "gatekeeper"]  # whose input is Gatekeeper's


def ask(
    opa: Path,
    scratch: Path,
    questions: Sequence[Question],
    karlint: Mapping[str, Any],
    trees: Sequence[Mapping[str, Any]],
    *,
    coverage: bool = False,
) -> Answers:
    """Evaluate *questions* over *trees* (each ``inventory`` and ``facts``) in one process.

    *karlint* is ``data.karlint``. A document that is undefined is an error, as it is for karlint.
    """
    single = trees[0] if len(trees) == 1 else {}
    asked = [{"package": q.package, "input": q.input, "tree": q.tree} for q in questions]
    shared = {"questions": asked, "trees": [] if single else trees}
    (scratch / "data.json").write_bytes(orjson.dumps({**single, "karlint": karlint, "differential": shared}))
    packages = {(q.package, q.document) for q in questions}
    helper = [
        _HELPER.format(package=package, document=document, tree="" if single else _TREE)
        for package, document in sorted(packages)
    ]
    (scratch / "helper.rego").write_text("package differential\n" + "".join(helper), "utf-8")
    # Named relative to the root: of an absolute name, the coverage report makes two.
    files = [scratch / "data.json", scratch / "helper.rego", *(file.relative_to(ROOT) for file in policy_files())]
    command = [str(opa), "eval", "--format", "json", "--strict-builtin-errors", *(["--coverage"] if coverage else [])]
    command += [part for file in files for part in ("--data", str(file))]
    done = subprocess.run([*command, "data.differential.answers"], cwd=ROOT, capture_output=True, check=False)
    answer = orjson.loads(done.stdout)
    assert "errors" not in answer, answer["errors"]
    values = answer["result"][0]["expressions"][0]["value"]
    undefined = [q for number, q in enumerate(questions) if str(number) not in values]
    assert not undefined, f"no {undefined[0].document} in {undefined[0].package} for {undefined[0].input}"
    files = answer.get("coverage", {}).get("files", {})
    return Answers(
        [values[str(number)] for number in range(len(questions))],
        {name: _lines(file.get("covered", ())) for name, file in files.items()},
        {name: _lines(file.get("not_covered", ())) for name, file in files.items()},
    )


def _lines(stretches: Iterable[Mapping[str, Any]]) -> set[int]:
    return {line for part in stretches for line in range(part["start"]["row"], part["end"]["row"] + 1)}
