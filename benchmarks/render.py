"""What rendering and linting a repository costs, against its helm and kustomize processes alone.

    .venv/bin/python benchmarks/render.py --tree ../my-gitops-repo [--rounds 9]

The processes are run again with nothing around them in a pool of as many threads as there are CPUs: one for each chart,
kustomization, Application and Flux object, in the environment of whoever runs this, as one would build and template all
of it by hand; the same in the environment that karlint gives them, in which they are quicker; and only those that
karlint starts, which builds a kustomization once however many Applications deploy it. All take turns; the first round
warms caches up and is not counted. A ratio is the median of those of the rounds, so that it is not made by a machine
whose speed drifts. Seconds of CPU are given beside those on the clock: they say the same on a machine that others use.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))

from karlint import _proc
from karlint.cli.settings import Overrides, settings_for
from karlint.render import service
from karlint.rollout import render_tree

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future

    from karlint.model.unit import Unit
    from karlint.render import Built, Kitchen, Output

HERE = Path(__file__).resolve().parents[1]
TOOLS = HERE / "tools" / "bin"
Call = tuple[list[str], str, dict[str, str]]


def calls(tree: Path, *, shared: bool) -> tuple[list[Call], object]:
    """Return the processes that render *tree*, and what keeps their scratch directories.

    Those that karlint starts where *shared*; else one for each thing that is deployed, several times the same too.
    """
    seen: list[Call] = []
    run = _proc.run

    def recorded(argv: list[str], **how: Any) -> _proc.Done:
        seen.append((list(argv), str(how.get("cwd") or tree), dict(how["env"])))
        return run(argv, **how)

    os.chdir(tree)
    submitted = service._submitted

    def apart(unit: Unit, kitchen: Kitchen, pool: ThreadPoolExecutor, built: Built) -> Future[Output]:
        built.clear()
        return submitted(unit, kitchen, pool, built)

    _proc.run = recorded  # type: ignore[assignment]
    if not shared:
        service._submitted = apart
    try:
        deployed = render_tree(settings_for(Overrides(no_config=True)))
    finally:
        _proc.run, service._submitted = run, submitted
    return seen, deployed


def alone(todo: list[Call]) -> None:
    """Run the processes on all CPUs."""
    with ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
        list(
            pool.map(lambda one: subprocess.run(one[0], cwd=one[1], env=one[2], capture_output=True, check=False), todo)
        )


def by_hand(call: Call) -> Call:
    """Return a process in the environment of the caller."""
    argv, directory, env = call
    return argv, directory, {**os.environ, **{name: env[name] for name in env if name.startswith(("HELM", "XDG"))}}


def karlint() -> None:
    """Run karlint as a process of its own."""
    with tempfile.TemporaryFile() as sink:
        subprocess.run(
            [sys.executable, "-m", "karlint", "check", "--exit-zero", "--no-config"],
            env={**os.environ, "PYTHONPATH": str(HERE / "src")},
            stdout=sink,
            check=True,
        )


def cost(action: Callable[[], None]) -> tuple[float, float]:
    """Return the seconds on the clock and of CPU that *action* takes."""
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    action()
    wall, after = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    """Print medians and their ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tree", type=Path, action="append", required=True)
    parser.add_argument("--rounds", type=int, default=9)
    options = parser.parse_args()
    os.environ.setdefault("KARLINT_HELM", str(TOOLS / "helm"))
    os.environ.setdefault("KARLINT_KUSTOMIZE", str(TOOLS / "kustomize"))
    for tree in (path.resolve() for path in options.tree):
        todo, kept = calls(tree, shared=False)
        own, kept_too = calls(tree, shared=True)
        ways: dict[str, Callable[[], None]] = {
            f"{len(todo)} processes, one for each that is deployed, by hand": partial(alone, list(map(by_hand, todo))),
            f"the same {len(todo)} in karlint's environment": partial(alone, todo),
            f"{len(own)} that karlint starts, in its environment": partial(alone, own),
            "karlint": karlint,
        }
        subprocess.run([sys.executable, "-m", "compileall", "-q", str(HERE / "src")], check=True)
        rounds = [{name: cost(way) for name, way in ways.items()} for _ in range(options.rounds + 1)][1:]
        print(tree.name)
        for name in ways:
            wall, cpu = (statistics.median(taken[name][kind] for taken in rounds) for kind in (0, 1))
            times, cpu_times = (
                statistics.median(taken["karlint"][kind] / taken[name][kind] for taken in rounds) for kind in (0, 1)
            )
            compared = "" if name == "karlint" else f"; karlint takes {times:.2f} times as long, {cpu_times:.2f} of CPU"
            print(f"  {name}: {wall:.2f} s, {cpu:.2f} s of CPU{compared}")
        del kept, kept_too


if __name__ == "__main__":
    main()
