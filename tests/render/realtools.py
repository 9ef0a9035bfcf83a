"""What helm and kustomize print for a unit, asked by hand: in a copy of the tree, with arguments put together here.

Nothing of how karlint renders is used, only the unit: which chart with which values, which directory with which edits.
Edits are made where Argo CD and Flux make them, in the kustomization of the directory, with ``kustomize edit``. The
tools reach no network.
"""

from __future__ import annotations

import functools
import json
import os
import re
import shutil
import subprocess
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import yaml

from karlint.model.unit import DirectorySource, HelmSource, KustomizeSource

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from karlint.model.unit import Edit, Unit, ValuesLayer, Variable

KUSTOMIZATIONS = ("kustomization.yaml", "kustomization.yml", "Kustomization")
_SECONDS = 900
"""Much more than anything takes, for a machine that is put to sleep meanwhile."""
_SIMPLE = {"namespace": "namespace", "namePrefix": "nameprefix", "nameSuffix": "namesuffix"}
_TARGET = {
    "group": "group",
    "version": "version",
    "kind": "kind",
    "name": "name",
    "namespace": "namespace",
    "labelSelector": "label-selector",
    "annotationSelector": "annotation-selector",
}
_SUBSTITUTE = "kustomize.toolkit.fluxcd.io/substitute"


@functools.cache
def nowhere() -> tuple[str, ...]:
    """Return what a command is put behind to have no network; nothing where the system does not let us."""
    without = ("unshare", "--map-root-user", "--net")
    try:
        done = subprocess.run([*without, "true"], capture_output=True, timeout=20, check=False)
    except OSError:
        return ()
    return without if done.returncode == 0 else ()


class CannotSayError(Exception):
    """A unit holds what the tools cannot be told by hand."""


@dataclass(frozen=True)
class Ran:
    """What a tool printed; *text* is None where it gave up, with *words*."""

    text: bytes | None
    words: str = ""


@dataclass
class RealTools:
    """The tools over a copy of a tree, which is as it was after each call.

    Attributes:
        root: the copy.
        scratch: an empty directory.
        helm, kustomize, fluxref: the programs.
        kube_version: what charts are told where a unit does not say.
    """

    root: Path
    scratch: Path
    helm: Path
    kustomize: Path
    fluxref: Path
    kube_version: str
    _number: int = 0
    _built: set[str] = field(default_factory=set)

    def rendered(self, unit: Unit) -> Ran:
        """Return what *unit* renders to. Raises CannotSayError."""
        source = unit.source
        if isinstance(source, DirectorySource):
            texts = [(self.root / file).read_bytes() for file in source.files]
            return Ran(b"---\n".join(text if text.endswith(b"\n") or not text else text + b"\n" for text in texts))
        if isinstance(source, HelmSource):
            return self.template(source)
        done = self.build(source)
        if done.text is None or unit.variables is None:
            return done
        return Ran(self.substituted(done.text, unit.variables))

    # ---- helm ----

    def template(self, source: HelmSource) -> Ran:
        """Return what ``helm template`` prints, and of that what post-renderers make."""
        self.dependencies(source.chart)
        layers = [layer for layer in source.layers if not layer.unknown]
        own = self.root / source.chart / "values.yaml"
        if source.own_values:
            done = self.run(self.template_command(source, layers))
        else:
            # Flux packs the chart with the values files merged, in the place of its own.
            packed = [layer for layer in layers if layer.kind == "file"]
            with Restored(own):
                own.write_text(yaml.safe_dump(_merged_all(self._values_of(layer) for layer in packed)), "utf-8")
                done = self.run(self.template_command(source, [layer for layer in layers if layer.kind != "file"]))
        if done.text is None or not source.post:
            return done
        home = self._fresh("post")
        (home / "chart.yaml").write_bytes(done.text)
        (home / "kustomization.yaml").write_text("resources: [chart.yaml]\n")
        return self._edited(home, source.post, ())

    def template_command(self, source: HelmSource, layers: Sequence[ValuesLayer]) -> list[str]:
        """Return the command line; inline values are written to files."""
        command = [str(self.helm), "template", source.release, str(self.root / source.chart)]
        if source.namespace:
            command += ["--namespace", source.namespace]
        command += ["--kube-version", source.kube_version or self.kube_version]
        for version in source.api_versions:
            command += ["--api-versions", version]
        for layer in layers:
            command += self._layer(layer)
        wanted = {
            "--include-crds": source.include_crds,
            "--no-hooks": source.skip_hooks,
            "--skip-tests": source.skip_tests,
            "--skip-schema-validation": source.skip_schema_validation,
        }
        return command + [flag for flag, is_wanted in wanted.items() if is_wanted]

    def _layer(self, layer: ValuesLayer) -> list[str]:
        if layer.kind == "file":
            return ["--values", str(self.root / layer.place.file)]
        if layer.kind in {"inline", "text"}:
            file = self._fresh("values") / "values.yaml"
            text = layer.values if isinstance(layer.values, str) else yaml.safe_dump(layer.values or {})
            file.write_text(text, "utf-8")
            return ["--values", str(file)]
        if layer.kind == "set-json":
            return ["--set-json", f"{layer.target}={json.dumps(layer.values)}"]
        value = str(layer.values)
        if isinstance(layer.values, bool) or layer.values is None:
            value = json.dumps(layer.values)
        if not value.startswith("{"):
            value = re.sub(r"(?<!\\),", r"\,", value)
        return [f"--{layer.kind}", f"{layer.target}={value}"]

    def _values_of(self, layer: ValuesLayer) -> dict[str, Any]:
        return yaml.safe_load((self.root / layer.place.file).read_text("utf-8")) or {}

    def dependencies(self, chart: str) -> Ran | None:
        """Build the dependencies of *chart*, if some are charts of the tree; None where there is nothing to do."""
        if chart in self._built:
            return None
        self._built.add(chart)
        names = [name for name in ("Chart.yaml", "requirements.yaml") if (self.root / chart / name).is_file()]
        entries = [
            entry for name in names for entry in (read(self.root / chart / name) or {}).get("dependencies") or []
        ]
        near = [entry["repository"][7:] for entry in entries if str(entry.get("repository")).startswith("file://")]
        for path in near:
            self.dependencies(os.path.relpath(os.path.realpath(self.root / chart / path), self.root))
        if not near:
            return None
        done = self.run([str(self.helm), "dependency", "build", str(self.root / chart)])
        return (
            done
            if done.text is not None
            else self.run([str(self.helm), "dependency", "update", str(self.root / chart)])
        )

    # ---- kustomize ----

    def build(self, source: KustomizeSource) -> Ran:
        """Return what ``kustomize build`` prints once the edits are made in the directory. Raises CannotSayError."""
        home = self.root / source.directory
        flags = ("--load-restrictor=LoadRestrictionsNone",) if source.any_path else ()
        if source.generated:
            made = home / "kustomization.yaml"
            with Restored(made):
                done = self.run([str(self.kustomize), "create", "--autodetect", "--recursive"], home)
                if done.text is None:
                    return done
                return self._edited(home, source.edits, flags)
        own = next((home / name for name in KUSTOMIZATIONS if (home / name).is_file()), None)
        if own is None or not source.edits:
            return self._build(home, flags)
        with Restored(own):
            return self._edited(home, source.edits, flags)

    def _edited(self, home: Path, edits: Sequence[Edit], flags: Sequence[str]) -> Ran:
        """Return what is built in *home* once *edits* are made in its kustomization; what else they need is removed."""
        made: list[Path] = []
        try:
            for command in (command for edit in edits for command in _commands(edit, home, made)):
                done = self.run([str(self.kustomize), "edit", *command], home)
                if done.text is None:
                    return done
            return self._build(home, flags)
        finally:
            for file in made:
                file.unlink()

    def _build(self, home: Path, flags: Sequence[str]) -> Ran:
        charts = ("--enable-helm", f"--helm-command={self.helm}")
        return self.run([str(self.kustomize), "build", *flags, *charts, str(home)])

    # ---- Flux ----

    def substituted(self, stream: bytes, variables: Mapping[str, Variable]) -> bytes:
        """Return *stream* with variables filled in by Flux' own library; those that are not known stay as written."""
        known = {name: variable.value for name, variable in variables.items() if variable.value is not None}
        documents = re.split(r"^---\n", stream.decode(), flags=re.MULTILINE)
        return "---\n".join(self._filled(text, known, variables) for text in documents).encode()

    def _filled(self, text: str, known: Mapping[str, str], variables: Mapping[str, Variable]) -> str:
        metadata = (yaml.load(text, yaml.CSafeLoader) or {}).get("metadata") or {}
        if any((metadata.get(key) or {}).get(_SUBSTITUTE) == "disabled" for key in ("labels", "annotations")):
            return text
        kept: list[str] = []

        def keep(found: re.Match[str]) -> str:
            if found[1] in known or ("*" not in variables and found[1] not in variables):
                return found[0]
            kept.append(found[0])
            return f"\ue000{len(kept) - 1}\ue001"

        asked = json.dumps({"text": re.sub(r"(?<!\$)\$\{(\w+)[^{}]*\}", keep, text), "variables": known})
        done = subprocess.run([self.fluxref], input=asked, capture_output=True, text=True, timeout=60, check=True)
        answer = json.loads(done.stdout)
        if "error" in answer:
            raise AssertionError(answer["error"])
        return re.sub("\ue000(\\d+)\ue001", lambda found: kept[int(found[1])], answer["text"])

    # ---- both ----

    def run(self, command: Sequence[str], cwd: Path | None = None, stdin: bytes = b"") -> Ran:
        """Run a tool without a network, a home, or a cluster."""
        home = self.scratch / "home"
        home.mkdir(exist_ok=True)
        env = {"PATH": os.environ.get("PATH", ""), "HOME": str(home), "KUBECONFIG": os.devnull, "TMPDIR": str(home)}
        env |= {"HTTPS_PROXY": "http://127.0.0.1:9", "HTTP_PROXY": "http://127.0.0.1:9", "GIT_TERMINAL_PROMPT": "0"}
        where = cwd or self.scratch
        done = subprocess.run(
            [*nowhere(), *command], cwd=where, env=env, input=stdin, capture_output=True, timeout=_SECONDS, check=False
        )
        return Ran(None if done.returncode else done.stdout, done.stderr.decode(errors="replace"))

    def _fresh(self, name: str) -> Path:
        self._number += 1
        made = self.scratch / f"{name}-{self._number}"
        made.mkdir()
        return made


class Restored:
    """Leaves a file as it was, or away where it was not there."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._before = file.read_bytes() if file.is_file() else None

    def __enter__(self) -> None:
        return None

    def __exit__(self, *_: object) -> None:
        if self._before is not None:
            self._file.write_bytes(self._before)
        else:
            self._file.unlink(missing_ok=True)


def pristine(tree: Path, into: Path) -> Path:
    """Copy *tree*, which may be read-only, into the directory *into*, under its own name."""
    target = into / tree.name
    shutil.copytree(tree, target, symlinks=True, copy_function=shutil.copyfile)
    for path in (target, *target.rglob("*")):
        if path.is_dir() and not path.is_symlink():
            path.chmod(0o755)
    return target


def read(file: Path) -> Any:
    """Return what the first document of a file says; None where that cannot be read."""
    try:
        return next(iter(yaml.load_all(file.read_text("utf-8"), yaml.CSafeLoader)), None)
    except (OSError, ValueError, yaml.YAMLError):
        return None


def _merged_all(values: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for one in values:
        found = _merged(found, one)
    return found


def _merged(below: dict[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    found = dict(below)
    for key, value in above.items():
        old = found.get(key)
        found[key] = _merged(old, value) if isinstance(old, dict) and isinstance(value, dict) else value
    return found


def _label(entry: Mapping[str, Any]) -> list[str]:
    pairs = [f"{key}:{value}" for key, value in entry["pairs"].items()]
    if entry.get("includeSelectors"):
        return ["--force", *pairs]
    templates = ["--include-templates"] if entry.get("includeTemplates") else []
    return ["--without-selector", *templates, "--force", *pairs]


def _commands(edit: Edit, home: Path, made: list[Path]) -> Iterator[list[str]]:
    """Yield what ``kustomize edit`` is told in *home* to make *edit*; files that it takes are added to *made*."""
    if edit.field in _SIMPLE:
        yield ["set", _SIMPLE[edit.field], "--", edit.value]
    elif edit.field == "commonAnnotations":
        yield from (["add", "annotation", "--force", f"{key}:{value}"] for key, value in edit.value.items())
    elif edit.field == "transformers":
        for text in edit.value:
            made.append(home / f"transformer-{len(made)}.yaml")
            made[-1].write_text(text, "utf-8")
            yield ["add", "transformer", made[-1].name]
    else:
        yield from (_command(edit.field, entry) for entry in edit.value)


def _command(kind: str, entry: Any) -> list[str]:
    if kind == "components":
        return ["add", "component", entry]
    if kind == "images":
        tag = f":{entry['newTag']}" if "newTag" in entry else ""
        digest = f"@{entry['digest']}" if "digest" in entry else ""
        return ["set", "image", f"{entry['name']}={entry.get('newName', '*')}{tag}{digest}"]
    if kind == "replicas":
        return ["set", "replicas", f"{entry['name']}={entry['count']}"]
    if kind == "labels":
        return ["add", "label", *_label(entry)]
    if kind == "patches" and not entry.keys() - {"patch", "path", "target"}:
        where = [f"--{_TARGET[key]}={value}" for key, value in (entry.get("target") or {}).items()]
        return ["add", "patch", *(f"--{key}={entry[key]}" for key in ("patch", "path") if key in entry), *where]
    raise CannotSayError(f"kustomize edit cannot be told of {kind} with {sorted(entry)}")
