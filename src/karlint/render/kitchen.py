"""What every renderer needs: the tree, the tools, the sandbox and its bounds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from karlint import _proc

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from karlint.render.kustgraph import Graph
    from karlint.render.sandbox import Sandbox
    from karlint.render.tools import Tools


@dataclass(frozen=True, slots=True)
class Kitchen:
    """Where units are rendered.

    Attributes:
        root: absolute real path of the tree.
        kube_version: the target, as ``--kube-version`` takes it; "" to leave it to helm.
    """

    root: Path
    tools: Tools
    sandbox: Sandbox
    graph: Graph
    kube_version: str = ""

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
