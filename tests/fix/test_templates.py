"""A chart's template is mended where its line is literal, and rendering everything shows that nothing else moves."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from karlint.api import lint
from karlint.config import Config, RenderConfig
from karlint.fixing import run_fixes
from tests.cli.support import Repository
from tests.fix.test_rendered import CHART, TOLERANT, laid_out
from tests.fix.test_runs import settings
from tests.render.gitopsrepo import HERE

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.tools

META = {"Chart.yaml": CHART["Chart.yaml"], "values.yaml": "gpus: 1\nextra: true\nnames: [one, two]\n"}
JOB = """\
# the nodes' taint
apiVersion: batch/v1
kind: Job
metadata:
  name: {{ .Release.Name }}
spec:
  template:
    spec:
      restartPolicy: Never
      tolerations:
        - key: nvidia.com/gpus  # of all nodes
          operator: Exists
      containers:
        - name: train
          image: registry.example/train:1.0.0
          resources:
            limits:
              nvidia.com/gpu: {{ .Values.gpus }}
"""
RIGHT = JOB.replace("nvidia.com/gpus", "nvidia.com/gpu")
NO_LIMIT = JOB.replace("            limits:\n              nvidia.com/gpu: {{ .Values.gpus }}\n", "").replace(
    "/gpus  #", "/gpu  #"
)
LIMIT = "            limits:\n              nvidia.com/gpu: 1\n"
UNKNOWN = "train.example.com/v1"
WANTED = "            requests:\n              nvidia.com/gpu: 1\n"
TAINT = "      tolerations:\n        - key: nvidia.com/gpus  # of all nodes\n          operator: Exists\n"
HELPER = """\
{{- define "train.taints" -}}
tolerations:
  - key: nvidia.com/gpus  # of all nodes
    operator: Exists
{{- end }}
"""
INCLUDED = JOB.replace(TAINT, '      {{- include "train.taints" . | nindent 6 }}\n')
GIT = f"""\
apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata: {{name: here, namespace: flux-system}}
spec: {{url: {HERE}, interval: 1m}}
"""


def release(name: str, **values: Any) -> str:
    source = {"kind": "GitRepository", "name": "here", "namespace": "flux-system"}
    spec = {"interval": "1m", "chart": {"spec": {"chart": "./chart", "sourceRef": source}}, "values": values}
    body = {"apiVersion": "helm.toolkit.fluxcd.io/v2", "kind": "HelmRelease", "spec": spec}
    return json.dumps({**body, "metadata": {"name": name, "namespace": "ml"}})


def mended(
    root: Path, files: dict[str, str], monkeypatch: pytest.MonkeyPatch, *, unsafe: bool = False, **more: Any
) -> dict[str, str]:
    """Return the files that ``--fix`` changes, with what they are then. See that a second run changes nothing more."""
    laid_out(root, files, "helm", monkeypatch)
    for name, text in files.items():
        (root / name).write_text(text, "utf-8", newline="")
    outcome = run_fixes(settings(root, **more), unsafe=unsafe, write=True)
    now = {name: (root / name).read_bytes().decode("utf-8") for name in files}
    assert {file.path: file.after.decode() for file in outcome.files} == {n: t for n, t in now.items() if t != files[n]}
    assert not outcome.files or run_fixes(settings(root, **more), unsafe=unsafe, write=True).files == ()
    return {name: text for name, text in now.items() if text != files[name]}


def test_a_literal_value_is_set_and_its_comment_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = {**META, "templates/job.yaml": JOB}
    root = laid_out(tmp_path, files, "helm", monkeypatch)
    (shown,) = run_fixes(settings(root), unsafe=False, write=False).files
    assert (root / "templates" / "job.yaml").read_bytes() == shown.before
    assert mended(root, files, monkeypatch) == {"templates/job.yaml": RIGHT}
    assert shown.after.decode() == RIGHT


def test_line_ends_stay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = NO_LIMIT.replace("/gpu  #", "/gpus  #") + WANTED
    files = {**META, "templates/job.yaml": before.replace("\n", "\r\n")}
    after = NO_LIMIT + WANTED + LIMIT
    assert mended(tmp_path, files, monkeypatch) == {"templates/job.yaml": after.replace("\n", "\r\n")}


def test_a_line_that_the_values_fill_in_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = {**META, "templates/job.yaml": JOB.replace("nvidia.com/gpus", 'nvidia.com/{{ "gpus" }}')}
    assert mended(tmp_path, files, monkeypatch) == {}


def test_a_template_without_actions_is_mended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = {**META, "templates/job.yaml": TOLERANT}
    assert mended(tmp_path, files, monkeypatch) == {
        "templates/job.yaml": TOLERANT.replace("nvidia.com/gpus", "nvidia.com/gpu")
    }
    files = {**META, "templates/job.yaml": NO_LIMIT.replace("{{ .Release.Name }}", "train") + WANTED}
    root = tmp_path / "other"
    assert mended(root, files, monkeypatch) == {"templates/job.yaml": files["templates/job.yaml"] + LIMIT}


def test_an_entry_is_added_behind_literal_siblings_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = NO_LIMIT + WANTED + "          {{- if .Values.extra }}\n          tty: true\n          {{- end }}\n"
    after = text.replace(WANTED, WANTED + LIMIT)
    assert mended(tmp_path / "a", {**META, "templates/job.yaml": text}, monkeypatch) == {"templates/job.yaml": after}
    filled = NO_LIMIT + WANTED.replace(": 1", ": {{ .Values.gpus }}")
    assert mended(tmp_path / "b", {**META, "templates/job.yaml": filled}, monkeypatch) == {}


def test_a_key_is_renamed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = {**META, "templates/job.yaml": RIGHT.replace("restartPolicy", "restartPolcy")}
    assert mended(tmp_path, files, monkeypatch) == {}
    assert mended(tmp_path, files, monkeypatch, unsafe=True) == {"templates/job.yaml": RIGHT}


def test_a_condition_around_the_line_does_not_matter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = {
        **META,
        "templates/job.yaml": JOB.replace(TAINT, "      {{- if .Values.extra }}\n" + TAINT + "      {{- end }}\n"),
    }
    after = files["templates/job.yaml"].replace("nvidia.com/gpus", "nvidia.com/gpu")
    assert mended(tmp_path, files, monkeypatch) == {"templates/job.yaml": after}


@pytest.mark.parametrize("api", ["batch/v1", UNKNOWN])
def test_a_range_is_mended_where_all_rounds_want_it(tmp_path: Path, api: str, monkeypatch: pytest.MonkeyPatch) -> None:
    chosen = f'{{{{ ternary "batch/v1" "{api}" (eq . "one") }}}}'
    body = JOB.replace("{{ .Release.Name }}", "{{ . }}").replace("batch/v1", chosen).replace(".Values", "$.Values")
    text = "{{- range .Values.names }}\n---\n" + body + "{{- end }}\n"
    after = {"templates/job.yaml": text.replace("nvidia.com/gpus", "nvidia.com/gpu")}
    files = {**META, "templates/job.yaml": text}
    assert mended(tmp_path, files, monkeypatch) == ({} if api == UNKNOWN else after)


def test_rounds_within_a_resource_are_mended_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    resources = "          resources:\n" + WANTED
    body = NO_LIMIT.replace("          resources:\n", "")
    container = body[body.index("        - name: train") :].replace("train\n", "{{ . }}\n", 1)
    head = body[: body.index("        - name: train")]
    text = f"{head}{{{{- range .Values.names }}}}\n{container}{resources}{{{{- end }}}}\n"
    text = text.replace("{{- range", "        {{- range").replace("{{- end", "        {{- end")
    after = text.replace(WANTED, WANTED + LIMIT)
    assert mended(tmp_path, {**META, "templates/job.yaml": text}, monkeypatch) == {"templates/job.yaml": after}


@pytest.mark.parametrize("api", ["batch/v1", UNKNOWN])
def test_a_helper_is_mended_where_all_that_include_it_want_it(
    tmp_path: Path, api: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = {
        **META,
        "templates/_helpers.tpl": HELPER,
        "templates/one.yaml": INCLUDED,
        "templates/two.yaml": INCLUDED.replace(".Name }}", ".Name }}-2").replace("batch/v1", api),
    }
    after = {"templates/_helpers.tpl": HELPER.replace("gpus", "gpu")}
    assert mended(tmp_path, files, monkeypatch) == ({} if api == UNKNOWN else after)


def test_what_a_helper_brings_keeps_its_own_indentation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = "requests:\n  nvidia.com/gpu: 1\n"
    helper = '{{- define "train.resources" -}}\n# of a node\n%s{{- end }}\n'
    call = '            {{- include "train.resources" . | nindent 12 }}\n'
    files = {
        **META,
        "templates/_helpers.tpl": helper % wanted,
        "templates/job.yaml": f"{NO_LIMIT}{call}",
    }
    after = helper % f"{wanted}limits:\n  nvidia.com/gpu: 1\n"
    assert mended(tmp_path, files, monkeypatch) == {"templates/_helpers.tpl": after}


def test_a_copy_of_a_remote_chart_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = {f"chart/{name}": text for name, text in {**META, "templates/job.yaml": JOB}.items()}
    app = json.loads(release("a"))
    app["spec"]["chart"]["spec"] = {"chart": "train", "version": "0.1.0", "sourceRef": {"kind": "HelmRepository"}}
    files["a.yaml"] = json.dumps(app)
    assert mended(tmp_path / "flux", files, monkeypatch) == {}
    source = {"repoURL": "https://charts.example", "chart": "train", "targetRevision": "0.1.0"}
    spec = {"project": "ml", "destination": {"namespace": "ml", "name": "in-cluster"}, "source": source}
    app = {"apiVersion": "argoproj.io/v1alpha1", "kind": "Application", "metadata": {"name": "a"}, "spec": spec}
    root = tmp_path / "argo"
    assert mended(root, {**files, "a.yaml": json.dumps(app)}, monkeypatch) == {}
    assert "placement/toleration-without-effect" in {finding.rule for finding in lint(settings(root)).findings}


def test_a_template_that_lies_elsewhere_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    elsewhere = tmp_path / "elsewhere.yaml"
    elsewhere.write_text(JOB, "utf-8")
    root = laid_out(tmp_path / "tree", META, "helm", monkeypatch)
    (root / "templates").mkdir()
    (root / "templates" / "job.yaml").symlink_to(elsewhere)
    assert run_fixes(settings(root), unsafe=False, write=True).files == ()
    assert elsewhere.read_text("utf-8") == JOB


@pytest.mark.parametrize("api", ["batch/v1", UNKNOWN])
def test_a_chart_is_mended_where_all_its_releases_want_it(
    tmp_path: Path, api: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    templates = {**META, "templates/job.yaml": JOB.replace("batch/v1", "{{ .Values.api }}")}
    files = {f"chart/{name}": text for name, text in templates.items()}
    files |= {"git.yaml": GIT, "a.yaml": release("a", api="batch/v1"), "b.yaml": release("b", api=api)}
    config = Config(render=RenderConfig(repositories=(HERE,)))
    after = {"chart/templates/job.yaml": RIGHT.replace("batch/v1", "{{ .Values.api }}")}
    root = tmp_path / "whole"
    assert mended(root, files, monkeypatch, config=config) == ({} if api == UNKNOWN else after)
    assert lint(settings(root, config=config)).environments == ("HelmRelease ml/a", "HelmRelease ml/b")
    # Where only one of them is asked for, nobody says whether the other wants it, too.
    root = tmp_path / "part"
    assert mended(root, files, monkeypatch, config=config, paths=(str(root / "a.yaml"),)) == {}
    root = tmp_path / "chart-alone"
    asked = (str(root / "chart"),)
    assert mended(root, files, monkeypatch, config=config, paths=asked) == ({} if api == UNKNOWN else after)


def test_a_release_that_cannot_be_rendered_may_want_something_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = JOB.replace("{{ .Values.gpus }}", '{{ required "how many" .Values.count }}')
    files = {f"chart/{name}": text for name, text in {**META, "templates/job.yaml": text}.items()}
    files |= {"git.yaml": GIT, "a.yaml": release("a", count=1), "b.yaml": release("b")}
    config = Config(render=RenderConfig(repositories=(HERE,)))
    assert mended(tmp_path, files, monkeypatch, config=config) == {}


@pytest.mark.parametrize("repository", ["", "https://charts.example", "file://../sub"])
def test_a_subchart_that_helm_fetches_is_left(tmp_path: Path, repository: str, monkeypatch: pytest.MonkeyPatch) -> None:
    listed = f"dependencies:\n  - name: sub\n    version: 0.1.0\n    repository: '{repository}'\n"
    files = {
        "Chart.yaml": META["Chart.yaml"] + listed,
        "charts/sub/Chart.yaml": META["Chart.yaml"].replace("train", "sub"),
        "charts/sub/values.yaml": META["values.yaml"],
        "charts/sub/templates/job.yaml": JOB,
    }
    after = {} if repository else {"charts/sub/templates/job.yaml": RIGHT}
    assert mended(tmp_path, files, monkeypatch) == after


def test_what_changes_more_than_meant_is_taken_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: sum\ndata:\n  sum: {{ %s | sha256sum }}\n"
    files = {**META, "templates/job.yaml": JOB}
    files["templates/config.yaml"] = config % '.Files.Get "templates/job.yaml"'
    assert mended(tmp_path / "a", files, monkeypatch) == {"templates/job.yaml": RIGHT}  # Files holds no templates
    files["templates/config.yaml"] = config % '(include (print $.Template.BasePath "/job.yaml") .)'
    assert mended(tmp_path / "b", files, monkeypatch) == {}


def test_a_value_and_a_line_of_one_chart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = {
        **META,
        "values.yaml": META["values.yaml"] + "taint: nvidia.com/gpus\n",
        "templates/a.yaml": JOB,
        "templates/b.yaml": JOB.replace("nvidia.com/gpus", "{{ .Values.taint }}").replace(".Name }}", ".Name }}-b"),
    }
    assert mended(tmp_path, files, monkeypatch) == {
        "values.yaml": files["values.yaml"].replace("gpus\n", "gpu\n"),
        "templates/a.yaml": RIGHT,
    }


@pytest.mark.parametrize("form", ["json", "sarif"])
def test_reports_point_to_the_template(tmp_path: Path, form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    laid_out(tmp_path, {**META, "templates/job.yaml": JOB}, "helm", monkeypatch)
    said = json.loads(Repository(tmp_path).run("check", "--format", form).out)
    if form == "json":
        (edit,) = said["findings"][0]["fix"]["edits"]
        assert (edit["path"], edit["start"]["line"], edit["text"]) == ("templates/job.yaml", 11, "nvidia.com/gpu")
    else:
        (change,) = said["runs"][0]["results"][0]["fixes"][0]["artifactChanges"]
        (replacement,) = change["replacements"]
        assert change["artifactLocation"]["uri"] == "templates/job.yaml"
        assert replacement["deletedRegion"]["startLine"] == 11
        assert replacement["insertedContent"] == {"text": "nvidia.com/gpu"}
