"""Where the file is found, and what its values become."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from msgspec.structs import replace

from karlint.config import Accelerator, Config, RuleConfig, load_config
from karlint.errors import ConfigError, UsageError
from karlint.model.rule import Severity
from karlint.source import Limits
from tests.config.support import load, read

FULL = """\
kubernetes_versions: ["1.34", "1.35"]
fail_on: warning
exclude: [vendor/, "*.gen.yaml"]
profiles: [strict]
rules:
  dra/one: off
  dra/two: note
  dra/three:
    severity: error
    params: {max_seconds: 600}
    exclude: [dev/]
  dra/four: {}
  dra/five: "off"
assume:
  kueue.x-k8s.io/LocalQueue: [team-a, team-b]
  Secret: "*"
accelerators:
- {name: example.com/npu, vendor: example}
- {name: example.com/gpu, vendor: example, product_label: example.com/product}
limits: {max_depth: 64}
"""


def schema() -> dict[str, Any]:
    file = Path(__file__).resolve().parents[2] / "schemas" / "karlint-config.schema.json"
    loaded: dict[str, Any] = json.loads(file.read_text("utf-8"))
    return loaded


def test_every_field(tmp_path: Path) -> None:
    assert replace(load(tmp_path, FULL), origin=None) == Config(
        kubernetes_versions=("1.34", "1.35"),
        fail_on=Severity.WARNING,
        exclude=("vendor/", "*.gen.yaml"),
        rules={
            "dra/one": RuleConfig("off"),
            "dra/two": RuleConfig(Severity.NOTE),
            "dra/three": RuleConfig(Severity.ERROR, {"max_seconds": 600}, ("dev/",)),
            "dra/four": RuleConfig(),
            "dra/five": RuleConfig("off"),
        },
        profiles=("strict",),
        assume={"kueue.x-k8s.io/LocalQueue": ("team-a", "team-b"), "Secret": "*"},
        accelerators=(
            Accelerator("example.com/npu", "example"),
            Accelerator("example.com/gpu", "example", "example.com/product"),
        ),
        limits={"max_depth": 64},
    )


@pytest.mark.parametrize("text", ["", "# nothing yet\n", "{}\n"])
def test_an_empty_file_is_the_defaults(tmp_path: Path, text: str) -> None:
    assert replace(load(tmp_path, text), origin=None) == Config()


def test_never_fails(tmp_path: Path) -> None:
    assert Config().fail_on is Severity.ERROR
    assert load(tmp_path, "fail_on: never\n").fail_on is None


def test_no_file_is_the_defaults(tmp_path: Path) -> None:
    assert load_config(tmp_path, None, read) == Config()


def test_the_search_goes_up_to_the_root_and_no_further(tmp_path: Path) -> None:
    root, start = tmp_path / "repo", tmp_path / "repo" / "a" / "b"
    start.mkdir(parents=True)
    (tmp_path / ".karlint.yaml").write_text("fail_on: note\n")
    assert load_config(root, None, read, start) == Config()
    (root / ".karlint.yml").write_text("fail_on: warning\n")
    assert load_config(root, None, read, start).fail_on is Severity.WARNING
    (root / "a" / ".karlint.yaml").write_text("fail_on: never\n")
    assert load_config(root, None, read, start).fail_on is None
    assert load_config(root, None, read).fail_on is Severity.WARNING
    assert load_config(root, None, read, tmp_path).fail_on is Severity.WARNING


def test_two_files_in_one_directory_are_an_error(tmp_path: Path) -> None:
    (tmp_path / ".karlint.yml").write_text("")
    with pytest.raises(ConfigError, match=r"^\.karlint\.yml:1:1: there is a \.karlint\.yaml too"):
        load(tmp_path, "")


def test_a_named_file_wins_and_must_exist(tmp_path: Path) -> None:
    load(tmp_path, "fail_on: note\n")
    other = tmp_path / "ci" / "strict.yaml"
    with pytest.raises(UsageError, match="no such configuration file"):
        load_config(tmp_path, other, read)
    other.parent.mkdir()
    other.write_text("fail_on: warning\n")
    assert load_config(tmp_path, other, read).fail_on is Severity.WARNING
    other.write_text("fail_on: loud\n")
    with pytest.raises(ConfigError, match=r"^ci/strict\.yaml:1:10: "):
        load_config(tmp_path, other, read)


def test_a_file_that_is_no_configuration_by_its_size(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"^\.karlint\.yaml:1:1: is larger"):
        load(tmp_path, "#" * 1_000_001)


def test_schema_and_types_name_the_same_keys() -> None:
    published = schema()
    jsonschema.Draft202012Validator.check_schema(published)
    rule, accelerator = published["$defs"]["rule"], published["$defs"]["accelerator"]
    fields = set(Config.__struct_fields__) - {"origin"}
    assert set(published["properties"]) == fields
    assert set(rule["properties"]) == set(RuleConfig.__struct_fields__)
    assert set(accelerator["properties"]) == set(Accelerator.__struct_fields__)
    required = set(Accelerator.__struct_fields__[: -len(Accelerator.__struct_defaults__)])
    assert set(accelerator["required"]) == required


def test_the_limits_are_those_of_the_source_room() -> None:
    named = schema()["properties"]["limits"]["properties"]
    assert set(named) == set(Limits.__struct_fields__)


def test_the_schemas_severities_are_the_models() -> None:
    published = schema()
    severities = [severity.value for severity in Severity]
    assert published["properties"]["fail_on"]["enum"] == [*severities, "never"]
    assert published["properties"]["fail_on"]["default"] == Config().fail_on
    assert published["$defs"]["ruleSeverity"]["enum"] == [*severities, "off", False]


def test_the_schema_is_closed_and_described_throughout() -> None:
    published = schema()

    def objects(node: Any) -> list[dict[str, Any]]:
        if isinstance(node, list):
            return [found for item in node for found in objects(item)]
        if not isinstance(node, dict):
            return []
        own = [node] if "properties" in node else []
        return own + [found for item in node.values() for found in objects(item)]

    found = [item for item in objects(published) if isinstance(item["properties"], dict)]
    assert len(found) == 7
    for item in found:
        assert item["additionalProperties"] is False
        for name, entry in item["properties"].items():
            referred = published["$defs"].get(entry.get("$ref", "").rpartition("/")[2], {})
            assert entry.get("description") or referred.get("description"), name
