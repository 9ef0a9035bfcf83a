"""Schemas of custom resources on the command line: --schema-location, schema_locations, `karlint schema import`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.cli.support import Repository

CRD = """\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.example.com}
spec:
  group: example.com
  scope: Namespaced
  names: {kind: Widget, plural: widgets}
  versions:
    - name: v1
      served: true
      storage: true
      schema:
        openAPIV3Schema:
          type: object
          description: Upstream's words.
          properties:
            spec: {type: object, properties: {size: {type: integer}}}
    - {name: v1alpha1, served: false, storage: false, schema: {openAPIV3Schema: {type: object}}}
"""
WIDGET = "apiVersion: example.com/v1\nkind: Widget\nmetadata: {name: w}\nspec: {size: big}\n"
FOUND = "spec.size must be an integer, but is the string"


def test_import_then_check(repository: Repository) -> None:
    repository.write("vendor/crd.yaml", CRD)
    repository.write("app/widget.yaml", WIDGET)
    ran = repository.run("schema", "import", "vendor", "--output", "schemas")
    assert (ran.code, ran.out) == (0, "Wrote 1 schema below schemas.\n")
    text = (repository.root / "schemas" / "example.com" / "widget_v1.json").read_text("utf-8")
    assert "words" not in text
    assert json.loads(text)["properties"]["spec"]["additionalProperties"] is False
    (repository.root / "vendor" / "crd.yaml").unlink()
    assert repository.run("check", "app").code == 0
    ran = repository.run("check", "app", "--schema-location", "schemas")
    assert ran.code == 1
    assert FOUND in ran.out
    repository.write(".karlint.yaml", "schema_locations: [schemas]\n")
    assert FOUND in repository.run("check", "app").out


def test_import_from_a_cluster_s_list(repository: Repository) -> None:
    indented = "\n".join(f"  {line}" for line in CRD.splitlines()).replace("  apiVersion", "- apiVersion", 1)
    repository.write("crds.yaml", f"apiVersion: v1\nkind: List\nitems:\n{indented}\n")
    ran = repository.run("schema", "import", "crds.yaml")
    assert (ran.code, ran.out) == (0, "Wrote 1 schema below schemas.\n")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: [", "crds.yaml:"),
        ("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n", "no CustomResourceDefinition with a schema"),
        (
            "kind: CustomResourceDefinition\napiVersion: apiextensions.k8s.io/v1\nspec: 7\n",
            "no CustomResourceDefinition",
        ),
        ("", "no CustomResourceDefinition"),
    ],
)
def test_import_of_something_else(repository: Repository, text: str, expected: str) -> None:
    repository.write("crds.yaml", text)
    ran = repository.run("schema", "import", "crds.yaml")
    assert ran.code == 2
    assert expected in ran.err
    assert "Traceback" not in ran.err


def test_import_where_nothing_can_be_written(repository: Repository) -> None:
    repository.write("crds.yaml", CRD)
    repository.write("schemas", "a file")
    ran = repository.run("schema", "import", "crds.yaml")
    assert ran.code == 2
    assert "cannot be written" in ran.err
    assert "no such file" in repository.run("schema", "import", "nowhere").err


def test_a_bad_schema_makes_the_run_incomplete(repository: Repository) -> None:
    repository.write("app/widget.yaml", WIDGET)
    repository.write("schemas/example.com/widget_v1.json", '{"type": "strin"}')
    ran = repository.run("check", "app", "--schema-location", "schemas")
    assert ran.code == 3
    assert "widget_v1.json is not used: it makes no sense" in " ".join(ran.out.split())
    assert "Traceback" not in ran.err


@pytest.mark.parametrize("location", ["nowhere", "https://example.com/{{.Group}}.json", "{{.Nothing}}.json"])
def test_a_location_that_makes_no_sense(repository: Repository, location: str) -> None:
    repository.write("app/widget.yaml", WIDGET)
    ran = repository.run("check", "app", "--schema-location", location)
    assert ran.code == 2
    assert location.partition("{")[0] in ran.err
    repository.write(".karlint.yaml", json.dumps({"schema_locations": [location]}))
    assert repository.run("check", "app").code == 2
