"""What every renderer needs: the tree, the tools, the sandbox and its bounds."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from karlint import _proc

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from karlint.render.kustgraph import Graph
    from karlint.render.sandbox import Sandbox
    from karlint.render.tools import Tools

_FILE = "file://"


class Kitchen(Struct, frozen=True):
    """Where units are rendered.

    Attributes:
        root: absolute real path of the tree.
        metadata: returns what the Chart.yaml of a directory says, with what a requirements.yaml adds.
        kube_version: the target, as ``--kube-version`` takes it; "" to leave it to helm.
        do_without: True to leave unrendered what a tool is missing for; False to give up then.
    """

    root: Path
    tools: Tools
    sandbox: Sandbox
    graph: Graph
    metadata: Callable[[str], Mapping[str, Any]]
    kube_version: str = ""
    do_without: bool = False

    def dependencies(self, chart: str) -> Iterator[tuple[str, str]]:
        """Yield name and directory of the dependencies that *chart* names by ``file://``."""
        entries = self.metadata(chart).get("dependencies")
        for entry in entries if isinstance(entries, list) else []:
            name, repository = (entry.get("name"), entry.get("repository")) if isinstance(entry, dict) else ("", "")
            if isinstance(name, str) and isinstance(repository, str) and repository.startswith(_FILE):
                path = posixpath.normpath(posixpath.join(chart, repository.removeprefix(_FILE)))
                yield name, "" if path == "." else path

    def run(self, argv: Sequence[str], scratch: Path) -> _proc.Done:
        """Run a renderer in *scratch*, within the bounds."""
        bounds = self.sandbox.bounds
        return _proc.run(
            argv,
            cwd=scratch,
            env=self.sandbox.env,
            timeout_s=bounds.seconds,
            memory_bytes=bounds.memory_bytes,
            output_bytes=bounds.output_bytes,
        )
