"""From an ApplicationSet to Applications, as Argo CD's generators and templates make them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from karlint.model.unit import HelmSource, KustomizeSource, Place
from karlint.render.applicationset import applications_of, expand_applicationset
from karlint.render.applicationset_templates import UnresolvedError, normalize, render
from karlint.render.selectors import selects
from tests.render.gitopsrepo import HERE, Repo, declare

if TYPE_CHECKING:
    from pathlib import Path

    from karlint.model.unit import Expansion

FILES = {
    "apps/llm/kustomization.yaml": "",
    "apps/tei/kustomization.yaml": "",
    "apps/old/kustomization.yaml": "",
    "apps/.hidden/kustomization.yaml": "",
    "apps/llm/base/x.yaml": "",
    "clusters/prod/config.json": '{"name": "prod", "cluster": {"server": "https://prod"}, "size": 3, "on": true}',
    "clusters/dev/config.yaml": "- {name: dev, cluster: {server: https://dev}}\n- {name: qa}\n",
    "charts/llm/Chart.yaml": "name: llm\n",
    "conf/x.json": '{"name": "x", "path": {"basename": "other"}, "values": {"tier": "written"}}',
}
SOURCE = {"repoURL": HERE, "path": "{{path}}", "targetRevision": "HEAD"}
GO_SOURCE = {"repoURL": HERE, "path": "{{ .path.path }}"}


def template(name: str, source: dict[str, Any] | None = None, **spec: Any) -> dict[str, Any]:
    return {"metadata": {"name": name}, "spec": {"project": "ai", "source": source or SOURCE, **spec}}


def made(root: Path, generators: Any, spec: dict[str, Any]) -> Any:
    body = {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "ApplicationSet",
        "metadata": {"name": "all", "namespace": "argocd"},
        "spec": {"generators": generators, **spec},
    }
    return declare(body, "set.yaml"), Repo(root, FILES).world


def expanded(root: Path, generators: Any, shape: dict[str, Any], **more: Any) -> Expansion:
    return expand_applicationset(*made(root, generators, {"template": shape, **more}))


def names(root: Path, generators: Any, shape: dict[str, Any], **more: Any) -> list[str]:
    found, missing = applications_of(*made(root, generators, {"template": shape, **more}))
    assert missing == []
    return [item.name for item in found]


def reason(found: Expansion) -> str:
    assert found.units == ()
    (missing,) = found.not_rendered
    return missing.reason


def git(*directories: Any, **more: Any) -> dict[str, Any]:
    listed = [{"path": item} if isinstance(item, str) else item for item in directories]
    return {"git": {"repoURL": HERE, "revision": "HEAD", "directories": listed, **more}}


def files(*patterns: str, **more: Any) -> dict[str, Any]:
    return {"git": {"repoURL": HERE, "files": [{"path": item} for item in patterns], **more}}


def test_directories_of_the_repository(tmp_path: Path) -> None:
    generators = [git("apps/*", {"path": "apps/old", "exclude": True})]
    found = expanded(tmp_path, generators, template("{{path.basename}}-{{path[0]}}"))
    assert [(unit.id, unit.source) for unit in found.units] == [
        ("Application argocd/llm-apps", KustomizeSource("apps/llm")),
        ("Application argocd/tei-apps", KustomizeSource("apps/tei")),
    ]
    assert {unit.declared for unit in found.units} == {Place("set.yaml", 0, ("spec", "template"))}


def test_directories_with_go_templates(tmp_path: Path) -> None:
    shape = template("{{ index .path.segments 0 }}-{{.path.basenameNormalized}}-{{ .values.tier }}", GO_SOURCE)
    generators = [git("apps/l*", values={"tier": "{{ .path.basename | upper }}"})]
    assert names(tmp_path, generators, shape, goTemplate=True) == ["apps-llm-LLM"]


def test_a_prefix_keeps_two_paths_apart(tmp_path: Path) -> None:
    shape = template("{{app.path.basename}}-{{path.basename}}")
    generators = [{"matrix": {"generators": [git("apps/llm", pathParamPrefix="app"), git("clusters/*")]}}]
    assert names(tmp_path, generators, shape) == ["llm-dev", "llm-prod"]


def test_files_of_the_repository(tmp_path: Path) -> None:
    shape = template("{{name}}-{{path.filenameNormalized}}-{{size}}-{{on}}-{{cluster.server}}")
    assert names(tmp_path, [files("clusters/**/config.json")], shape) == ["prod-config.json-3-true-https://prod"]
    go = template("{{.name}}-{{.path.basename}}-{{ .size }}-{{ .on }}", GO_SOURCE)
    assert names(tmp_path, [files("clusters/*.json")], go, goTemplate=True) == ["prod-prod-3-true"]
    several = template("{{name}}")
    assert names(tmp_path, [files("clusters/dev")], several) == ["dev", "qa"]


def test_a_list_keeps_the_places_of_its_elements(tmp_path: Path) -> None:
    generators = [{"list": {"elements": [{"app": "llm", "values": {"tag": "v1"}}, {"app": "tei"}]}}]
    helm = {"parameters": [{"name": "tag", "value": "{{values.tag}}"}, {"name": "x", "value": "a-{{app}}"}]}
    shape = template("{{app}}", {"repoURL": HERE, "path": "charts/llm", "helm": helm})
    first, second = expanded(tmp_path, generators, shape).units
    assert isinstance(first.source, HelmSource)
    assert isinstance(second.source, HelmSource)
    element = ("spec", "generators", 0, "list", "elements", 0, "values", "tag")
    inside = ("spec", "template", "spec", "source", "helm", "parameters")
    assert [(layer.values, layer.place.at) for layer in first.source.layers] == [
        ("v1", element),
        ("a-llm", (*inside, 1, "value")),
    ]
    assert [(layer.values, layer.place.at) for layer in second.source.layers] == [
        ("{{values.tag}}", (*inside, 0, "value")),
        ("a-tei", (*inside, 1, "value")),
    ]


def parameter(root: Path, generator: dict[str, Any], value: str, go: bool) -> tuple[Any, Place]:
    """Return the value and the place of a parameter of the one Application that *generator* makes."""
    helm = {"parameters": [{"name": "x", "value": value}]}
    shape = template("llm", {"repoURL": HERE, "path": "charts/llm", "helm": helm})
    (unit,) = expanded(root, [generator], shape, goTemplate=go).units
    assert isinstance(unit.source, HelmSource)
    (layer,) = unit.source.layers
    return layer.values, layer.place


IN_TEMPLATE = Place("set.yaml", 0, ("spec", "template", "spec", "source", "helm", "parameters", 0, "value"))


@pytest.mark.parametrize("go", [False, True])
def test_a_value_stands_with_the_generator_that_it_is_of(tmp_path: Path, go: bool) -> None:
    """Of two that give the same name the first wins in a matrix with goTemplate, and the last in a merge."""
    lists: list[dict[str, Any]] = [{"list": {"elements": [{"app": "a", "tag": tag}]}} for tag in ("v1", "v2")]
    value = "{{ .tag }}" if go else "{{tag}}"
    merged = {"merge": {"mergeKeys": ["app"], "generators": lists}}
    at = ("spec", "generators", 0, "merge", "generators", 1, "list", "elements", 0, "tag")
    assert parameter(tmp_path, merged, value, go) == ("v2", Place("set.yaml", 0, at))
    if go:
        at = ("spec", "generators", 0, "matrix", "generators", 0, "list", "elements", 0, "tag")
        assert parameter(tmp_path, {"matrix": {"generators": lists}}, value, go) == ("v1", Place("set.yaml", 0, at))


@pytest.mark.parametrize("go", [False, True])
def test_what_a_generator_works_out_does_not_stand_in_its_file(tmp_path: Path, go: bool) -> None:
    named = "{{ .path.basename }}" if go else "{{path.basename}}"
    assert parameter(tmp_path, files("conf/x.json"), named, go) == ("conf", IN_TEMPLATE)
    tier = "{{ .values.tier }}" if go else "{{values.tier}}"
    made = files("conf/x.json", values={"tier": "{{ .name }}-y" if go else "{{name}}-y"})
    assert parameter(tmp_path, made, tier, go) == ("x-y", IN_TEMPLATE)
    given = files("conf/x.json", values={"tier": "gold"})
    at = ("spec", "generators", 0, "git", "values", "tier")
    assert parameter(tmp_path, given, tier, go) == ("gold", Place("set.yaml", 0, at))
    assert parameter(tmp_path, files("conf/x.json"), tier, go) == (
        "written",
        Place("conf/x.json", 0, ("values", "tier")),
    )


def test_elements_as_yaml(tmp_path: Path) -> None:
    generators = [{"list": {"elements": [], "elementsYaml": "- {app: a}\n- {app: b}\n"}}]
    assert names(tmp_path, generators, template("{{app}}")) == ["a", "b"]
    assert names(tmp_path, generators, template("{{.app}}", GO_SOURCE), goTemplate=True) == ["a", "b"]


def test_a_matrix_passes_parameters_on(tmp_path: Path) -> None:
    generators = [
        {
            "matrix": {
                "generators": [
                    {"list": {"elements": [{"env": "dev"}, {"env": "prod"}]}},
                    files("clusters/{{env}}/config.*"),
                ]
            }
        }
    ]
    assert names(tmp_path, generators, template("{{env}}-{{name}}")) == ["dev-dev", "dev-qa", "prod-prod"]


def test_a_merge_overrides_by_key(tmp_path: Path) -> None:
    generators = [
        {
            "merge": {
                "mergeKeys": ["app"],
                "generators": [
                    {"list": {"elements": [{"app": "a", "tag": "1"}, {"app": "b", "tag": "1"}]}},
                    {"list": {"elements": [{"app": "b", "tag": "2"}, {"app": "c", "tag": "3"}]}},
                ],
            }
        }
    ]
    assert names(tmp_path, generators, template("{{app}}-{{tag}}")) == ["a-1", "b-2"]
    assert names(tmp_path, generators, template("{{.app}}-{{.tag}}", GO_SOURCE), goTemplate=True) == ["a-1", "b-2"]


def test_a_selector_keeps_some(tmp_path: Path) -> None:
    generators = [
        {
            "list": {"elements": [{"app": "a", "tier": "gpu"}, {"app": "b", "tier": "cpu"}, {"app": "c"}]},
            "selector": {"matchExpressions": [{"key": "tier", "operator": "NotIn", "values": ["cpu"]}]},
        }
    ]
    assert names(tmp_path, generators, template("{{app}}")) == ["a", "c"]


@pytest.mark.parametrize(
    ("selector", "expected"),
    [
        (None, True),
        ({"matchLabels": {"a": "1"}}, True),
        ({"matchLabels": {"a": "2"}}, False),
        ({"matchExpressions": [{"key": "a", "operator": "In", "values": ["1", "2"]}]}, True),
        ({"matchExpressions": [{"key": "b", "operator": "Exists"}]}, False),
        ({"matchExpressions": [{"key": "b", "operator": "DoesNotExist"}]}, True),
        ({"matchExpressions": [{"key": "b", "operator": "Nonsense"}, 3]}, False),
    ],
)
def test_selectors(selector: Any, expected: bool) -> None:
    assert selects(selector, {"a": "1"}) is expected


def test_the_template_of_a_generator_wins(tmp_path: Path) -> None:
    own = {"metadata": {}, "spec": {"destination": {"server": "https://gpu"}}}
    generators = [{"list": {"elements": [{"path": "apps/llm"}], "template": own}}]
    (unit,) = expanded(tmp_path, generators, template("x", destination={"server": "https://cpu"})).units
    assert unit.cluster == "https://gpu"


def test_a_template_patch_changes_some(tmp_path: Path) -> None:
    patch = "spec:\n  source:\n    kustomize:\n      namePrefix: {{ .app }}-\n"
    generators = [{"list": {"elements": [{"app": "llm"}]}}]
    shape = template("{{.app}}", {"repoURL": HERE, "path": "apps/llm"})
    (unit,) = expanded(tmp_path, generators, shape, goTemplate=True, templatePatch=patch).units
    assert isinstance(unit.source, KustomizeSource)
    (edit,) = unit.source.edits
    assert (edit.value, edit.place) == ("llm-", Place("set.yaml", 0, ("spec", "templatePatch")))


@pytest.mark.parametrize(
    ("generators", "expected"),
    [
        ([{"clusters": {}}], "generator asks the cluster"),
        ([{"scmProvider": {}}], "generator asks a service"),
        ([{"matrix": {"generators": [{"clusters": {}}, git("apps/*")]}}], "generator asks the cluster"),
        ([{"git": {"repoURL": "https://git.example/acme/other", "directories": [{"path": "*"}]}}],
         "generator over another repository"),
        ([{"list": {"elements": ["patch-me"]}}], "malformed generator"),
        ([{"list": {"elements": [{"app": 1}]}}], "malformed generator"),
        ([{"merge": {"generators": [git("a"), git("b")]}}], "malformed generator"),
        ([{"matrix": {"generators": [git("a")]}}], "malformed generator"),
        ([{}], "unknown generator"),
        ([], "no generators"),
        ([files("clusters/dev/config.yaml"), {}], "unknown generator"),
    ],
)  # fmt: skip
def test_generators_that_need_more_than_the_repository(tmp_path: Path, generators: Any, expected: str) -> None:
    assert expected in {item.reason for item in expanded(tmp_path, generators, template("x")).not_rendered}


def test_a_template_that_is_too_much_says_so(tmp_path: Path) -> None:
    shape = template("{{ range .x }}{{ end }}", GO_SOURCE)
    found = expanded(tmp_path, [git("apps/llm")], shape, goTemplate=True)
    assert reason(found) == "template that is not worked out"
    unnamed = expanded(tmp_path, [git("apps/llm")], template("{{nothing}}"))
    assert reason(unnamed) == "template that is not worked out"


PARAMS = {"app": "llm", "n": 3, "deep": {"list": ["a", "b"], "on": True}, "dotted.name": "x"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{{ .app }}/{{.deep.on}}/{{ .n }}", "llm/true/3"),
        ("a {{- .app -}} b", "allmb"),
        ("{{/* words */}}{{ .none }}", "<no value>"),
        ('{{ index .deep.list 1 }}{{ index .deep "on" }}', "btrue"),
        ('{{ .none | default "x" | quote }}', '"x"'),
        ("{{ default .app .none }}", "llm"),
        ('{{ printf "%s-%d" .app .n }}', "llm-3"),
        ("{{ (index .deep.list 0) | upper }}", "A"),
        ('{{ .app | replace "l" `1` }}', "11m"),
        ('{{ normalize "A_b" }}', "a-b"),
        ('{{ index . "dotted.name" }}', "x"),
    ],
)
def test_go_templates(text: str, expected: str) -> None:
    assert render(text, PARAMS, go=True) == expected


@pytest.mark.parametrize(
    "text",
    ["{{ if .app }}x{{ end }}", "{{ .app", "{{ .app | sha256sum }}", "{{ .deep }}", "{{ $x := 1 }}",
     "{{ index .app 9 }}", "{{ .app.more }}", "{{ }}", "{{ (.deep).on }}", "{{ printf \"%q\" .app }}"],
)  # fmt: skip
def test_go_templates_that_are_refused(text: str) -> None:
    with pytest.raises(UnresolvedError):
        render(text, PARAMS, go=True)


def test_missing_keys_can_be_errors() -> None:
    with pytest.raises(UnresolvedError):
        render("{{ .none }}", PARAMS, go=True, strict=True)


def test_plain_templates() -> None:
    assert render("{{ app }}-{{unknown}}-{{ dotted.name }}", PARAMS, go=False) == "llm-{{unknown}}-x"
    assert normalize("-Team_A/b.") == "team-a-b"
