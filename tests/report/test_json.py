"""The JSON report conforms to its published schema, whatever is in it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest
from msgspec.structs import replace

from karlint.model.finding import Location
from karlint.model.source import Span
from karlint.report import render_json

from .build import CLEAN, EMPTY, REPORT, finding

if TYPE_CHECKING:
    from karlint.model.report import Report

SCHEMA = json.loads((Path(__file__).parents[2] / "schemas" / "karlint-report.schema.json").read_text("utf-8"))
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)
HOSTILE = replace(
    REPORT,
    findings=(finding(1, 1, 2, message="\ud800\x1b\u202e", location=Location("a\udcff.yaml", Span(1, 1, 1, 2))),),
)


def test_the_schema_is_a_schema_and_every_object_in_it_is_closed_and_described() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    objects = list(_objects(SCHEMA))
    assert len(objects) > 8
    for found in objects:
        assert "additionalProperties" in found
        for name, field in found.get("properties", {}).items():
            assert {"description", "$ref"} & set(field), name


def _objects(node: Any) -> Any:
    if isinstance(node, dict):
        if node.get("type") == "object":
            yield node
        for child in node.values():
            yield from _objects(child)
    elif isinstance(node, list):
        for child in node:
            yield from _objects(child)


@pytest.mark.parametrize("report", [REPORT, EMPTY, CLEAN, HOSTILE], ids=["full", "empty", "clean", "hostile"])
def test_reports_conform(report: Report) -> None:
    shown = json.loads(render_json(report))
    assert [error.message for error in VALIDATOR.iter_errors(shown)] == []
    assert len(shown["findings"]) == len(report.findings)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda shown: shown.update(extra=1),
        lambda shown: shown.pop("complete"),
        lambda shown: shown["findings"][0].update(reason="x"),
        lambda shown: shown["suppressed"][0].pop("reason"),
        lambda shown: shown["findings"][0].update(severity="info"),
        lambda shown: shown["findings"][0]["location"]["start"].update(line=0),
        lambda shown: shown["findings"][0].update(fingerprint="12"),
    ],
)
def test_the_schema_refuses_what_is_no_report(spoil: Any) -> None:
    shown = json.loads(render_json(REPORT))
    spoil(shown)
    assert not VALIDATOR.is_valid(shown)


def test_the_envelope_says_how_the_run_went() -> None:
    shown = json.loads(render_json(REPORT))
    assert (shown["schema"], shown["exit_code"], shown["complete"], shown["fail_on"]) == (1, 3, False, "error")
    quiet = json.loads(render_json(replace(REPORT, failures=(), fail_on=None)))
    assert (quiet["exit_code"], quiet["complete"], quiet["fail_on"]) == (0, True, None)


def test_no_machine_path_is_in_it() -> None:
    assert b"/repository" not in render_json(REPORT)
