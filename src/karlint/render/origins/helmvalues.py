"""Values as Helm merges them, and which file or object of the tree sets each."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from karlint.model.path import Path
    from karlint.model.unit import ValuesLayer
    from karlint.render.origins.helmchart import Chart

MISSING = object()
"""What a look-up gives where nothing is set."""

_STEP = re.compile(r"((?:\\.|[^.\\\[\]])+)|\[(\d+)\]")
_SETS = {"set", "set-string", "set-json"}


class Setting(Struct, frozen=True):
    """Where a value is set: a layer, or the values.yaml of *chart* where *layer* is None; and its path in there."""

    layer: ValuesLayer | None
    chart: Chart | None
    at: Path


def set_path(target: str) -> Path:
    """Return the path that a ``--set`` target names: ``a.b[0].c``; a dot after a backslash belongs to a key."""
    steps: list[str | int] = []
    for match in _STEP.finditer(target):
        key, index = match.groups()
        steps.append(int(index) if index is not None else re.sub(r"\\(.)", r"\1", key))
    return tuple(steps)


def dig(value: Any, path: Sequence[str | int]) -> Any:
    """Return what stands at *path* of *value*, or MISSING."""
    for step in path:
        in_list = isinstance(value, list) and isinstance(step, int) and 0 <= step < len(value)
        if in_list or (isinstance(value, dict) and step in value):
            value = value[step]
        else:
            return MISSING
    return value


def leaves(value: Any, path: Path = ()) -> Iterator[Path]:
    """Yield the paths of the scalars of *value*."""
    if isinstance(value, dict | list):
        for step, item in value.items() if isinstance(value, dict) else enumerate(value):
            yield from leaves(item, (*path, step))
    else:
        yield path


class Values:
    """The values of a chart and its subcharts under some layers."""

    def __init__(self, root: Chart, layers: Sequence[ValuesLayer]) -> None:
        self._layers = tuple(layer for layer in layers if not layer.unknown)
        unknown = [number for number, layer in enumerate(layers) if layer.unknown and not layer.target]
        self._targets = [set_path(layer.target) for layer in layers if layer.unknown and layer.target]
        self._beaten = tuple(layers[: unknown[-1]]) if unknown else ()
        self._unknown = bool(unknown)
        merged: Any = _copy(root.values)
        for layer in self._layers:
            if layer.kind in _SETS:
                _put(merged, set_path(layer.target), layer.values)
            elif isinstance(layer.values, dict):
                merged = _merge(merged, layer.values)
        self._merged: dict[int, Any] = {id(root): merged}

    def of(self, chart: Chart) -> Any:
        """Return the merged values that *chart* sees as ``.Values``."""
        known = self._merged.get(id(chart))
        if known is None:
            above = self.of(chart.parent) if chart.parent is not None else {}
            own = above.get(chart.key)
            known = _merge(_copy(chart.values), own if isinstance(own, dict) else {})
            if isinstance(above.get("global"), dict):
                known["global"] = _merge(known.get("global"), above["global"])
            self._merged[id(chart)] = known
        return known

    def sure(self, setting: Setting) -> bool:
        """Tell whether no layer of which nothing is known may say otherwise."""
        layer = setting.layer
        above = setting.chart.keys if layer is None and setting.chart is not None else ()
        at = set_path(layer.target) if layer is not None and layer.kind in _SETS else (*above, *setting.at)
        if any(at[: len(target)] == target[: len(at)] for target in self._targets):
            return False
        if layer is None:
            return not self._unknown
        return all(layer is not beaten for beaten in self._beaten)

    def setting(self, chart: Chart, path: Path) -> Setting | None:
        """Return what sets ``.Values`` + *path* of *chart*; None where nothing does."""
        for layer, owner, prefix, values in self._sources(chart, path):
            full = (*prefix, *path)
            if layer is not None and layer.kind in _SETS:
                target = set_path(layer.target)
                if full[: len(target)] == target or target[: len(full)] == full:
                    return Setting(layer, owner, ())
                continue
            found = _reach(values, full)
            if found is MISSING:
                continue
            return Setting(layer, owner, full) if found else None
        return None

    def is_shared(self, chart: Chart, path: Path) -> bool:
        """Tell whether several layers have the key that ends *path*: renamed in one of them, it stays with another."""
        having = 0
        for layer, _, prefix, values in self._sources(chart, path):
            full = (*prefix, *path)
            if layer is not None and layer.kind in _SETS:
                target = set_path(layer.target)
                having += full[: len(target)] == target or target[: len(full)] == full
                continue
            found = _reach(values, full)
            if found is False:
                break
            having += found is True
        return having > 1

    def _sources(
        self, chart: Chart, path: Path
    ) -> Iterator[tuple[ValuesLayer | None, Chart | None, tuple[str, ...], Any]]:
        """Yield layer, chart, prefix and values of all that may set *path* of *chart*, the winner first."""
        lineage = list(chart.lineage())
        keys = chart.keys
        prefixes = [keys] if not (keys and path[:1] == ("global",)) else [(), keys]
        for prefix in prefixes:
            for layer in reversed(self._layers):
                yield layer, None, prefix, layer.values
        for depth, owner in enumerate(lineage):
            for prefix in [keys[depth:]] if len(prefixes) == 1 or depth == len(keys) else [(), keys[depth:]]:
                yield None, owner, prefix, owner.values


def _reach(values: Any, path: Path) -> Any:
    """Return True where *values* has *path*, False where it has something else on the way, else MISSING.

    A list replaces that of the layers below as a whole: what its items lack is nowhere.
    """
    lacking: Any = MISSING
    for step in path:
        if isinstance(values, dict):
            if step not in values:
                return lacking
            values = values[step]
        elif isinstance(values, list) and isinstance(step, int) and step < len(values):
            values = values[step]
            lacking = False
        else:
            return False
    return True


def _merge(below: Any, above: Any) -> Any:
    """Return *above* laid over *below*: mappings are joined, null takes a key away, all else replaces."""
    if not isinstance(below, dict) or not isinstance(above, dict):
        return _copy(above)
    merged = dict(below)
    for key, value in above.items():
        if value is None and key in merged:
            del merged[key]
        else:
            merged[key] = _merge(merged.get(key), value)
    return merged


def _copy(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _copy(item) for key, item in value.items()}
    return [_copy(item) for item in value] if isinstance(value, list) else value


def _put(values: Any, path: Path, value: Any) -> None:
    """Set *path* of *values* as ``--set`` does; lists grow, what stands in the way is replaced."""
    for step, after in zip(path, (*path[1:], None), strict=True):
        if isinstance(step, int):
            if not isinstance(values, list) or step > len(values) + 1000:
                return
            values.extend([None] * (step + 1 - len(values)))
            here = values[step]
        elif isinstance(values, dict):
            here = values.get(step)
        else:
            return
        if after is None:
            values[step] = value
        else:
            wanted = list if isinstance(after, int) else dict
            if not isinstance(here, wanted):
                here = values[step] = wanted()
            values = here
