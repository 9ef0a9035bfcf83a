"""Files that a kustomization uses as something else than a resource: patches, inputs of generators, values."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING, Any

from karlint.discover import reasons

if TYPE_CHECKING:
    from collections.abc import Iterator

_FLUX = re.compile(rb"""^(?:apiVersion|"apiVersion"):\s*["']?kustomize\.toolkit\.fluxcd\.io/""", re.MULTILINE)
_TELLING = re.compile(
    rb"patches|Generator|helmChart|replacements|configurations|openapi|crds|transformers|generators|validators"
)

_LISTED = re.compile(rb"""^\s*-\s+["']?([\w./-]+)["']?\s*(?:#.*)?$""", re.MULTILINE)
_LISTED_INLINE = re.compile(rb"""["']?(?:resources|bases|components)["']?\s*:\s*\[([^\]]*)\]""")
_CHANGING = re.compile(
    rb"""^\s*[{,]?\s*["']?(?:patches\w*|commonLabels|labels|components|transformers|replacements|vars)["']?\s*:""",
    re.MULTILINE,
)


def is_flux_resource(data: bytes) -> bool:
    """Return whether *data* is Flux's resource of the same kind, which is a manifest whatever its file is called."""
    return _FLUX.search(data) is not None


def may_refer(data: bytes) -> bool:
    """Return whether a kustomization may name files that are no resources: a cheap test that saves most parses."""
    return _TELLING.search(data) is not None


def listed(data: bytes) -> Iterator[str]:
    """Yield what a kustomization lists, as written: resources, bases, components, and words that name no file.

    Read off the text, since parsing every kustomization of a tree would cost more than all else that discovery does.
    """
    for match in _LISTED.finditer(data):
        yield match[1].decode()
    for match in _LISTED_INLINE.finditer(data):
        for item in match[1].split(b","):
            yield item.strip().strip(b"\"'").decode("utf-8", "replace")


def changes(data: bytes) -> bool:
    """Return whether a kustomization adds to the resources that it lists: labels, or patches of any kind.

    A namespace, a prefix or another image replaces what a resource says of itself; it fills no gap that matters here.
    """
    return _CHANGING.search(data) is not None


def references(value: Any) -> Iterator[tuple[str, str]]:
    """Yield ``(path as written, reason)`` for each such file that the kustomization *value* names.

    Fields: https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/. Anything of another shape than
    kustomize expects is passed over: kustomize itself will complain about it.
    """
    if not isinstance(value, dict):
        return
    for key in ("patches", "patchesJson6902"):
        yield from _paths(value.get(key), ("path",), reasons.KUSTOMIZE_PATCH)
    yield from _paths(value.get("patchesStrategicMerge"), (), reasons.KUSTOMIZE_PATCH)
    yield from _paths(value.get("replacements"), ("path",), reasons.KUSTOMIZE_INPUT)
    for key in ("configurations", "crds", "transformers", "generators", "validators"):
        yield from _paths(value.get(key), (), reasons.KUSTOMIZE_INPUT)
    yield from _paths([value.get("openapi")], ("path",), reasons.KUSTOMIZE_INPUT)
    for key in ("configMapGenerator", "secretGenerator"):
        yield from _generator_inputs(value.get(key))
    for key in ("helmCharts", "helmChartInflationGenerator"):
        yield from _paths(value.get(key), ("valuesFile", "values", "additionalValuesFiles"), reasons.HELM_VALUES)


def resolve(kustomization: str, reference: str) -> str | None:
    """Return the path that *reference* means in the file *kustomization*, from the root; None when it leaves it."""
    path = posixpath.normpath(posixpath.join(posixpath.dirname(kustomization), reference))
    return None if path.startswith(("../", "/")) or path in ("..", ".") else path


def _generator_inputs(generators: Any) -> Iterator[tuple[str, str]]:
    for path, reason in _paths(generators, ("files", "env", "envs"), reasons.KUSTOMIZE_INPUT):
        yield path.partition("=")[2] or path, reason  # "key=path", or the path alone


def _paths(entries: Any, keys: tuple[str, ...], reason: str) -> Iterator[tuple[str, str]]:
    """Yield the strings among *entries*, and the strings under *keys* of the maps among them."""
    for entry in entries if isinstance(entries, list) else []:
        found = [entry, *(entry.get(key) for key in keys)] if isinstance(entry, dict) else [entry]
        for item in found:
            for text in item if isinstance(item, list) else [item]:
                # An inline patch has several lines; a path has one.
                if isinstance(text, str) and text and "\n" not in text:
                    yield text, reason
