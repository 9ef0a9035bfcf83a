"""Each rendered value of a chart leads to the line of Git that a person edits."""

from __future__ import annotations

import os
import shutil
import tarfile
from pathlib import Path
from typing import Any

import pytest

from karlint.model.source import Anchor
from karlint.model.unit import HelmSource, Place, ValuesLayer
from karlint.render.origins.helm import HelmOrigins
from tests.conftest import ROOT, missing
from tests.render.helmproof import Bench, Tally, needed, parse, prove, prove_chart, scalars

CHARTS = Path(__file__).parent / "charts"


def binary(name: str) -> Path:
    """Return the real helm of that name."""
    path = ROOT / "tools" / "bin" / name
    if not path.is_file():
        missing(f"tools/bin/{name}", "run `make tools`")
    return path


@pytest.fixture(scope="session")
def helm() -> Path:
    return binary("helm")


@pytest.fixture(scope="session", params=["helm", "helm3"])
def each_helm(request: pytest.FixtureRequest) -> Path:
    return binary(str(request.param))


def layer(bench_root: Path, file: str) -> ValuesLayer:
    return ValuesLayer("file", Place(file), parse((bench_root / file).read_text())[0])


class Located:
    """A rendered chart, and short words for where its values come from."""

    def __init__(self, helm: Path, tmp: Path, source: HelmSource, tree: Path, verify: bool = True) -> None:
        self.bench = Bench(helm, tree, tmp, source)
        rendered = self.bench.render()
        assert rendered is not None, self.bench.error
        self.documents = parse(rendered.decode())
        self.origins = HelmOrigins(source, rendered, self.bench.tools(verify))

    def place(self, kind: str, name: str, *path: str | int, anchor: Anchor = Anchor.VALUE) -> str:
        """Return ``file:text of the line`` of the primary spot, with ``~`` before it where it is not exact."""
        spot = self.origin(kind, name, *path, anchor=anchor).primary
        return ("" if spot.exact else "~") + self.words(spot)

    def words(self, spot: Any) -> str:
        data = self.bench.read(spot.file) or b""
        span = spot.span or self.bench.positions(spot.file, data)(spot.ordinal, spot.at, spot.anchor).span
        return f"{spot.file}: {data.decode().splitlines()[span.line - 1].strip()}"

    def origin(self, kind: str, name: str, *path: str | int, anchor: Anchor = Anchor.VALUE) -> Any:
        ordinal = next(
            n for n, d in enumerate(self.documents) if d and d["kind"] == kind and d["metadata"]["name"] == name
        )
        return self.origins.locate(ordinal, path, anchor)


POD = ("spec", "template", "spec")
SERVER = (*POD, "containers", 0)
LLAMA = ("Deployment", "rel-llm-serving-llama")
MISTRAL = ("Deployment", "rel-llm-serving-mistral")


@pytest.fixture
def serving(helm: Path, tmp_path: Path) -> Located:
    return Located(helm, tmp_path, HelmSource("", "rel", "prod"), CHARTS / "serving")


@pytest.mark.tools
def test_places(serving: Located) -> None:
    values, deployment = "values.yaml: ", "templates/deployment.yaml: "
    expected: list[tuple[tuple[str | int, ...], str]] = [
        ((*LLAMA, "apiVersion"), deployment + "apiVersion: apps/v1"),
        ((*MISTRAL, "kind"), deployment + "kind: Deployment"),
        ((*LLAMA, "metadata", "labels", "helm.sh/chart"), "Chart.yaml: version: 0.3.1"),
        ((*LLAMA, "metadata", "labels", "app.kubernetes.io/version"), values + 'tag: ""'),
        ((*LLAMA, "metadata", "labels", "app.kubernetes.io/name"), values + 'nameOverride: ""'),
        (
            (*LLAMA, "metadata", "labels", "app.kubernetes.io/part-of"),
            "templates/_helpers.tpl: app.kubernetes.io/part-of: serving",
        ),
        (
            (*LLAMA, "metadata", "labels", "app.kubernetes.io/instance"),
            "templates/_helpers.tpl: app.kubernetes.io/instance: {{ .Release.Name }}",
        ),
        ((*MISTRAL, "metadata", "labels", "example.com/model"), values + "- name: mistral"),
        (
            (*LLAMA, "spec", "template", "metadata", "annotations", "example.com/owner"),
            values + "example.com/owner: '{{ .Values.global.team }}-{{ .Release.Name }}'",
        ),
        ((*LLAMA, *POD, "priorityClassName"), deployment + "priorityClassName: serving-low"),
        ((*SERVER, "image"), values + 'tag: ""'),
        ((*SERVER, "imagePullPolicy"), values + "pullPolicy: IfNotPresent"),
        ((*SERVER, "args", 0), values + "- name: llama"),
        ((*SERVER, "args", 2), values + 'args: ["--max-model-len=8192", "--enforce-eager"]'),
        ((*SERVER, "args", 3), values + "port: 8000"),
        ((*SERVER, "command", 1), deployment + 'command: ["vllm", "serve"]'),
        ((*SERVER, "env", 0, "name"), deployment + "- name: MODEL"),
        ((*SERVER, "env", 2, "value"), values + "value: info"),
        ((*SERVER, "resources", "limits", "nvidia.com/gpu"), values + "nvidia.com/gpu: 1"),
        ((*SERVER, "resources", "limits"), values + "limits:"),
        ((*SERVER, "livenessProbe", "initialDelaySeconds"), values + "initialDelaySeconds: 30"),
        (
            (*SERVER, "readinessProbe", "initialDelaySeconds"),
            "templates/_helpers.tpl: initialDelaySeconds: {{ .probe.initialDelaySeconds | default 5 }}",
        ),
        ((*SERVER, "readinessProbe", "httpGet", "path"), values + "path: /ready"),
        ((*POD, "nodeSelector", "nvidia.com/gpu.product"), values + "nvidia.com/gpu.product: A100"),
        ((*POD, "tolerations", 0, "operator"), values + "operator: Exists"),
        (("Service", "metrics", "metadata", "labels", "plain"), 'templates/service.yaml: plain: "yes"'),
        (("Service", "metrics", "metadata", "labels", "team"), values + "team: serving"),
        (
            ("Service", "metrics", "spec", "ports", 0, "port"),
            "templates/service.yaml: ports: [{ port: 9090, name: metrics }]",
        ),
        (("ConfigMap", "scripts", "data", "start.sh"), "templates/configmap.yaml: #!/bin/sh"),
        (("ConfigMap", "scripts", "data", "plain.sh"), "templates/configmap.yaml: echo one"),
        (("ConfigMap", "scripts", "data", "config.json"), "files/config.json: {"),
        (("ConfigMap", "scripts", "data", "team"), values + "team: serving"),
        (("ServiceAccount", "other", "metadata", "name"), "templates/static.yaml: name: other"),
        (
            ("CustomResourceDefinition", "others.example.com", "metadata", "name"),
            "crds/thing.yaml: name: others.example.com",
        ),
        (("StatefulSet", "rel-prefixcache", "spec", "replicas"), values + "size: 2"),
        (("StatefulSet", "rel-sessions", "spec", "replicas"), values + "size: 1"),
        (("StatefulSet", "rel-prefixcache", "metadata", "labels", "tier"), values + "tier: cache"),
        (("StatefulSet", "rel-sessions", "metadata", "labels", "team"), values + "team: serving"),
        (("StatefulSet", "rel-sessions", *SERVER, "image"), "charts/cache/values.yaml: image: valkey/valkey:8"),
        (
            ("StatefulSet", "rel-prefixcache", *SERVER, "resources", "limits", "memory"),
            "charts/cache/values.yaml: memory: 1Gi",
        ),
        (
            ("StatefulSet", "rel-prefixcache", *POD, "containers", 0, "name"),
            "charts/cache/templates/statefulset.yaml: - name: cache",
        ),
    ]
    found = []
    for path, _ in expected:
        whole = path if path[0] != "spec" else (*LLAMA, *path)
        found.append((path, serving.place(str(whole[0]), str(whole[1]), *whole[2:])))
    assert found == expected
    assert serving.origins.renders == 1


@pytest.mark.tools
def test_keys_and_absent_paths(serving: Located) -> None:
    limits = (*SERVER, "resources", "limits", "nvidia.com/gpu")
    assert serving.place(*LLAMA, *limits, anchor=Anchor.KEY) == "values.yaml: nvidia.com/gpu: 1"
    assert serving.place(*LLAMA, *SERVER, anchor=Anchor.VALUE) == "templates/deployment.yaml: - name: server"
    absent = serving.place(*LLAMA, *SERVER, "resources", "claims", 0, "name")
    assert absent == "~templates/deployment.yaml: resources:"


@pytest.mark.tools
def test_via_is_the_way_through_helpers(serving: Located) -> None:
    origin = serving.origin(*LLAMA, *SERVER, "readinessProbe", "httpGet", "path")
    assert [serving.words(spot) for spot in origin.via] == [
        "templates/_helpers.tpl: path: {{ .probe.path }}",
        'templates/deployment.yaml: {{- include "serving.probe" (dict "probe" $.Values.probes.readiness '
        '"port" $.Values.service.port) | nindent 12 }}',
    ]


@pytest.mark.tools
def test_the_last_layer_that_sets_a_value_is_its_place(helm: Path, tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    shutil.copytree(CHARTS / "serving", tree / "chart")
    (tree / "app.yaml").write_text(
        "kind: Application\n"
        "spec:\n"
        "  source:\n"
        "    helm:\n"
        "      parameters:\n"
        "        - name: image.pullPolicy\n"
        "          value: Always\n"
        "      values: |\n"
        "        service:\n"
        "          port: 9001\n"
        "      valuesObject:\n"
        "        sessions:\n"
        "          size: 7\n"
        "        global: {team: platform}\n"
    )
    helm_at = ("spec", "source", "helm")
    source = HelmSource(
        "chart",
        "rel",
        "prod",
        (
            layer(tree, "chart/ci/gpu-values.yaml"),
            ValuesLayer("text", Place("app.yaml", 0, (*helm_at, "values")), {"service": {"port": 9001}}),
            ValuesLayer(
                "inline",
                Place("app.yaml", 0, (*helm_at, "valuesObject")),
                {"sessions": {"size": 7}, "global": {"team": "platform"}},
            ),
            ValuesLayer(
                "set", Place("app.yaml", 0, (*helm_at, "parameters", 0, "value")), "Always", "image.pullPolicy"
            ),
        ),
    )
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    located = Located(helm, scratch, source, tree)
    qwen = ("Deployment", "rel-llm-serving-qwen")
    assert located.place(*qwen, *SERVER, "image") == "chart/ci/gpu-values.yaml: tag: v0.11.0"
    assert located.place(*qwen, *SERVER, "args", 1) == 'chart/ci/gpu-values.yaml: args: ["--dtype=bfloat16"]'
    assert located.place(*qwen, *SERVER, "args", 2) == "app.yaml: port: 9001"
    assert located.place(*qwen, *SERVER, "imagePullPolicy") == "app.yaml: value: Always"
    assert located.place("StatefulSet", "rel-sessions", "spec", "replicas") == "app.yaml: size: 7"
    assert located.place("StatefulSet", "rel-sessions", "metadata", "labels", "team") == (
        "app.yaml: global: {team: platform}"
    )
    assert located.place("StatefulSet", "rel-prefixcache", "spec", "replicas") == "chart/ci/gpu-values.yaml: size: 5"


@pytest.mark.tools
@pytest.mark.parametrize("values", ["", "ci/gpu-values.yaml"])
def test_mutation_proof_of_our_chart(each_helm: Path, values: str) -> None:
    tree = CHARTS / "serving"
    layers = (layer(tree, values),) if values else ()
    tally = prove_chart(each_helm, tree, HelmSource("", "rel", "prod", layers), 24, "serving")
    assert tally.sampled >= 18
    assert tally.exact >= 0.85 * tally.sampled, tally.vague
    assert tally.changed >= 0.95 * tally.exact, tally.misses


@pytest.mark.tools
def test_windows_line_ends_change_nothing(helm: Path, tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    shutil.copytree(CHARTS / "serving", tree)
    for file in ("templates/service.yaml", "templates/deployment.yaml", "values.yaml", "templates/_helpers.tpl"):
        text = (tree / file).read_bytes()
        (tree / file).write_bytes(text.replace(b"\n", b"\r\n"))
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    bench = Bench(helm, tree, scratch, HelmSource("", "rel", "prod"))
    tally = prove(bench, 16, "crlf")
    assert tally.exact >= 0.85 * tally.sampled, tally.vague
    assert tally.changed >= 0.95 * tally.exact, tally.misses


@pytest.mark.tools
def test_nothing_runs_before_something_is_located(serving: Located) -> None:
    assert serving.origins.renders == 0
    serving.place("ServiceAccount", "plain", "metadata", "name")
    assert serving.origins.renders == 0  # a template without actions is its own output


@pytest.mark.tools
def test_hostile_places_never_raise(serving: Located) -> None:
    for ordinal in (-1, 0, 3, 10_000):
        for path in ((), ("spec",), ("nowhere", 3, "x"), (0,), ("metadata", "labels", "")):
            for anchor in Anchor:
                spot = serving.origins.locate(ordinal, path, anchor).primary
                assert serving.bench.read(spot.file) is not None


@pytest.mark.tools
@pytest.mark.corpus
@pytest.mark.skipif(not os.environ.get("KARLINT_WHOLE_CORPUS"), reason="takes minutes: set KARLINT_WHOLE_CORPUS=1")
def test_mutation_proof_of_real_charts(each_helm: Path, corpus: Path, record_property: Any) -> None:
    total = Tally()
    for meta in sorted(corpus.rglob("Chart.yaml")):
        chart = meta.parent
        steps = chart.relative_to(corpus).parts
        tree = corpus.joinpath(*steps[:2]) if steps[0] == "charts" else chart
        inside = chart.relative_to(tree).as_posix().removeprefix(".")
        for values in [None, *sorted((chart / "ci").glob("*values.yaml"))]:
            own = () if values is None else (layer(tree, values.relative_to(tree).as_posix()),)
            layers = (*needed(chart), *own)
            total.add(prove_chart(each_helm, tree, HelmSource(inside, "rel", "prod", layers), 20, "/".join(steps)))
    for name in ("sampled", "exact", "changed", "alone"):
        record_property(name, getattr(total, name))
    print(f"sampled {total.sampled} exact {total.exact} changed {total.changed} alone {total.alone}")
    assert total.sampled > 400
    assert total.exact >= 0.85 * total.sampled, "\n".join(total.vague)
    assert total.changed >= 0.95 * total.exact, "\n".join(total.misses)


def test_scalars_are_walked_in_order() -> None:
    assert list(scalars({"a": [1, {"b": None}], "c": "x"})) == [(("a", 0), 1), (("c",), "x")]


@pytest.mark.tools
def test_mutation_proof_of_odd_templates(each_helm: Path) -> None:
    tally = prove_chart(each_helm, CHARTS / "odd", HelmSource("", "rel", "prod"), 25, "odd")
    assert tally.sampled >= 20
    assert tally.exact >= 0.95 * tally.sampled, tally.vague
    assert tally.changed >= 0.95 * tally.exact, tally.misses


@pytest.mark.tools
def test_places_in_odd_templates(helm: Path, tmp_path: Path) -> None:
    odd = Located(helm, tmp_path, HelmSource("", "rel", "prod"), CHARTS / "odd")
    labels = ("Deployment", "odd", "metadata", "labels")
    limits = ("Deployment", "odd", *SERVER, "resources", "limits")
    env = ("Deployment", "odd", *SERVER, "env")
    expected: dict[tuple[str | int, ...], str] = {
        (*labels, "a"): "values.yaml: a: one",
        (*labels, "odd"): 'values.yaml: "quoted.key/with-slash": odd',
        (*labels, "kind"): "templates/_lib.tpl: quick",
        (*labels, "which"): 'templates/all.yaml: which: {{ ternary "yes" "no" (eq .Values.mode "slow") }}',
        (*labels, "third"): "values.yaml: list: [ax, ay, ay, az]",
        (*limits, "cpu"): "values.yaml: base: {cpu: 1, memory: 1Gi}",
        (*limits, "memory"): "values.yaml: extra: {memory: 2Gi}",
        (*env, 2, "value"): "values.yaml: list: [ax, ay, ay, az]",
        (*env, 6, "value"): "values.yaml: pools: [{size: 5}]",
        (*env, 7, "value"): "values.yaml: script: |",
        ("ConfigMap", "notes", "metadata", "labels", "keep"): 'values.yaml: keep: "kept-by-parent"',
        ("ConfigMap", "notes", "metadata", "labels", "note"): "library/values.yaml: note: from the library",
        ("Deployment", "odd", *POD, "containers", 2, "image"): "values.yaml: image: a/b:1",
    }
    assert {path: odd.place(str(path[0]), str(path[1]), *path[2:]) for path in expected} == expected
    second = odd.origin("Deployment", "odd", *POD, "containers", 2, "image").primary
    assert second.at == ("sidecars", 1, "image")


@pytest.mark.tools
def test_a_chart_in_an_archive(helm: Path, tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    (tree / "charts").mkdir(parents=True)
    (tree / "Chart.yaml").write_text(
        "apiVersion: v2\nname: parent\nversion: 1.0.0\ndependencies:\n  - name: cache\n    version: 0.1.0\n"
    )
    (tree / "values.yaml").write_text("cache:\n  size: 7\n")
    with tarfile.open(tree / "charts" / "cache-0.1.0.tgz", "w:gz") as archive:
        archive.add(CHARTS / "serving" / "charts" / "cache", "cache")
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    packed = Located(helm, scratch, HelmSource("", "rel", "prod"), tree)
    cache = ("StatefulSet", "rel-cache")
    assert packed.place(*cache, "spec", "replicas") == "values.yaml: size: 7"
    assert packed.place(*cache, *SERVER, "image") == "~Chart.yaml: - name: cache"


@pytest.mark.tools
def test_without_rendering_again_places_are_near(helm: Path, tmp_path: Path) -> None:
    near = Located(helm, tmp_path, HelmSource("", "rel", "prod"), CHARTS / "serving", verify=False)
    assert near.place(*LLAMA, *POD, "priorityClassName").startswith("~templates/deployment.yaml: ")
    policy = near.place(*LLAMA, *SERVER, "imagePullPolicy")
    assert policy == "~templates/deployment.yaml: imagePullPolicy: {{ $.Values.image.pullPolicy }}"
    assert near.origins.renders == 0


@pytest.mark.tools
def test_manifests_that_are_parsed_and_printed_again(helm: Path, tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    (tree / "templates").mkdir(parents=True)
    (tree / "Chart.yaml").write_text("apiVersion: v2\nname: again\nversion: 1.0.0\n")
    (tree / "raw.yaml").write_text(
        "kind: ConfigMap\napiVersion: v1\nmetadata:\n  name: raw\n  labels: {tier: gold}\ndata:\n  a: 'one'\n"
    )
    (tree / "templates" / "all.yaml").write_text(
        '{{- $all := .Files.Get "raw.yaml" | fromYaml }}\n{{- $_ := set $all.data "b" "two" }}\n{{ toYaml $all }}\n'
    )
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    again = Located(helm, scratch, HelmSource("", "rel", "prod"), tree)
    assert again.place("ConfigMap", "raw", "data", "a") == "raw.yaml: a: 'one'"
    assert again.place("ConfigMap", "raw", "metadata", "labels", "tier") == "raw.yaml: labels: {tier: gold}"
    assert again.place("ConfigMap", "raw", "data", "b") == "~raw.yaml: kind: ConfigMap"
    assert again.origins.renders <= 3


@pytest.mark.tools
def test_lines_that_look_like_helms_lead_nowhere(helm: Path, tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    (tree / "templates").mkdir(parents=True)
    (tmp_path / "secret.yaml").write_text("kind: ConfigMap\n")
    (tree / "Chart.yaml").write_text("apiVersion: v2\nname: odd\nversion: 1.0.0\n")
    (tree / "templates" / "a.yaml").write_text(
        'kind: ConfigMap\napiVersion: v1\nmetadata: {name: a}\ndata:\n  x: {{ .Files.Get "../secret.yaml" | quote }}\n'
        "---\n# Source: odd/../../secret.yaml\nkind: ConfigMap\napiVersion: v1\nmetadata: {name: b}\n"
    )
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    spoofed = Located(helm, scratch, HelmSource("", "rel", "prod"), tree)
    assert spoofed.origin("ConfigMap", "b", "kind").primary.file in {"Chart.yaml", "templates/a.yaml"}
    assert spoofed.origin("ConfigMap", "a", "data", "x").primary.file == "templates/a.yaml"


@pytest.mark.tools
def test_a_values_file_that_nobody_has_read_yet(helm: Path, tmp_path: Path) -> None:
    source = HelmSource("", "rel", "prod", (ValuesLayer("file", Place("ci/gpu-values.yaml")),))
    located = Located(helm, tmp_path, source, CHARTS / "serving")
    qwen = ("Deployment", "rel-llm-serving-qwen")
    assert located.place(*qwen, *SERVER, "image") == "ci/gpu-values.yaml: tag: v0.11.0"
    assert located.place(*qwen, *SERVER, "readinessProbe", "httpGet", "path") == "values.yaml: path: /ready"


@pytest.mark.tools
def test_a_key_that_several_layers_have_has_no_exact_place(helm: Path, tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    (tree / "templates").mkdir(parents=True)
    (tree / "Chart.yaml").write_text("apiVersion: v2\nname: keys\nversion: 1.0.0\n")
    (tree / "values.yaml").write_text("env:\n  BOTH: a\n  BELOW: b\n")
    (tree / "prod.yaml").write_text("env:\n  BOTH: c\n  ABOVE: d\n")
    (tree / "templates" / "all.yaml").write_text(
        "kind: ConfigMap\napiVersion: v1\nmetadata: {name: keys}\nenv:\n"
        "  {{- range $name, $value := .Values.env }}\n  - name: {{ $name }}\n    value: {{ $value }}\n  {{- end }}\n"
        "copied:\n  {{- toYaml .Values.env | nindent 2 }}\n"
    )
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    keys = Located(helm, scratch, HelmSource("", "rel", "prod", (layer(tree, "prod.yaml"),)), tree)
    names = [keys.place("ConfigMap", "keys", "env", index, "name") for index in range(3)]
    assert names == ["prod.yaml: ABOVE: d", "values.yaml: BELOW: b", "~prod.yaml: BOTH: c"]
    assert keys.place("ConfigMap", "keys", "env", 2, "value") == "prod.yaml: BOTH: c"
    copied = [keys.place("ConfigMap", "keys", "copied", name, anchor=Anchor.KEY) for name in ("ABOVE", "BELOW", "BOTH")]
    assert copied == names


@pytest.mark.tools
def test_a_value_from_a_secret_leaves_the_others_as_they_are(helm: Path, tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    (tree / "templates").mkdir(parents=True)
    (tree / "Chart.yaml").write_text("apiVersion: v2\nname: mail\nversion: 1.0.0\n")
    (tree / "values.yaml").write_text("mail:\n  from: nobody\n  host: localhost\n")
    (tree / "prod.yaml").write_text("port: 25\n")
    (tree / "templates" / "all.yaml").write_text(
        "kind: ConfigMap\napiVersion: v1\nmetadata: {name: mail}\nfrom: {{ .Values.mail.from }}\n"
        "host: {{ .Values.mail.host }}\nport: {{ .Values.port }}\n"
    )
    secret = Place("release.yaml", 0, ("spec", "valuesFrom", 0))
    targeted = ValuesLayer("set", secret, target="mail.from", unknown=True)
    for number, (unknown, exact) in enumerate(((targeted, True), (ValuesLayer("text", secret, unknown=True), False))):
        scratch = tmp_path / str(number)
        scratch.mkdir()
        source = HelmSource("", "rel", "prod", (layer(tree, "prod.yaml"), unknown))
        bench = Bench(helm, tree, scratch, HelmSource("", "rel", "prod", (layer(tree, "prod.yaml"),)))
        origins = HelmOrigins(source, bench.render() or b"", bench.tools())
        found = [origins.locate(0, (key,), Anchor.VALUE).primary for key in ("from", "host", "port")]
        assert [(spot.file, spot.exact) for spot in found] == [
            ("values.yaml", False), ("values.yaml", exact), ("prod.yaml", exact)
        ]  # fmt: skip


@pytest.mark.tools
def test_long_values_that_are_folded_hide_no_lines(each_helm: Path, tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    (tree / "templates").mkdir(parents=True)
    (tree / "Chart.yaml").write_text("apiVersion: v2\nname: long\nversion: 1.0.0\n")
    words = " ".join(["word"] * 40)
    (tree / "values.yaml").write_text(
        f'plain: {words}\nquoted: "it\'s: {words}"\nblock: |\n  one\n  two words\nlist:\n  - {words}\n  - b: {words}\n'
        "    c: 1\nafter: 2\n"
    )
    (tree / "templates" / "all.yaml").write_text(
        "kind: ConfigMap\napiVersion: v1\nmetadata: {name: long}\n"
        "spec:\n  {{- toYaml .Values | nindent 2 }}\n  last: {{ .Values.after }}\nalone: {{ .Values.plain | toYaml }}\n"
        "inner: {{ include `inner` . | nindent 2 }}\n"
    )
    (tree / "templates" / "_inner.tpl").write_text(
        "{{ define `inner` }}\ndeep:\n  {{ toYaml .Values | nindent 2 }}{{ end }}\n"
    )
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    long = Located(each_helm, scratch, HelmSource("", "rel", "prod"), tree)
    [document] = [one for one in long.documents if one]
    found = {path: long.place("ConfigMap", "long", *path) for path, _ in scalars(document)}
    assert [path for path, place in found.items() if place.startswith("~")] == []
    assert (
        found["spec", "plain"] == found["inner", "deep", "plain"] == found["alone",] == f"values.yaml: plain: {words}"
    )
    assert found["spec", "list", 1, "c"] == "values.yaml: c: 1"
    assert found["spec", "after"] == "values.yaml: after: 2"
    assert found["spec", "quoted"].startswith("values.yaml: quoted: ")
    assert found["spec", "block"] == "values.yaml: block: |"
