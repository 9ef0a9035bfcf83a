"""Times karlint and its peers on the same tree, in turn, as whole processes. ``make bench`` prepares what it needs.

The tools take turns (A B C A B C ...), so that a machine that gets slower or faster does so for all of them. One round
warms caches up and is thrown away. What a tool prints goes to benchmarks/.work/out/, so that one can see what it did.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import sys
import tempfile
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from measure import Cost, run, tree_memory
from peers import ROOT, WORK, Tool, missing, tools
from trees import Tree, small_file, tree

_MIB = 1024 * 1024


@dataclass(slots=True)
class Row:
    """All runs of one tool on one tree."""

    tool: Tool
    once: bool
    costs: list[Cost] = field(default_factory=list)
    memory: int | None = None

    @property
    def failed(self) -> bool:
        """Whether any run ended as only a failed one does, so that its time says nothing."""
        return any(not cost.killed and cost.exit_code not in self.tool.done for cost in self.costs)

    @property
    def killed(self) -> bool:
        """Whether the time limit ended it, so that its time is a lower bound only."""
        return any(cost.killed for cost in self.costs)

    def median(self, name: str) -> float:
        """Return the median of the field *name* of all runs."""
        return float(statistics.median(getattr(cost, name) for cost in self.costs))


def main() -> int:
    """Measure, print tables, write the JSON file; return the exit code."""
    options = _options()
    for name in missing():
        print(f"not measured, since it is not there: {name} (run `make bench`)", file=sys.stderr)
    report: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory(prefix="karlint-bench-") as scratch:
        cases = {
            "tree": lambda: tree(options.tree, options.copies, Path(scratch)),
            "file": lambda: small_file(Path(scratch)),
        }
        for case in options.case or list(cases):
            subject = cases[case]()
            rows = _measure(subject, options)
            print(_table(subject, rows, options))
            report.append(_as_json(subject, rows, options))
    options.json.parent.mkdir(parents=True, exist_ok=True)
    options.json.write_text(json.dumps({"machine": _machine(), "cases": report}, indent=2) + "\n", encoding="utf-8")
    print(f"as JSON: {options.json}\nwhat the tools printed: {WORK / 'out'}")
    return 1 if any(row["failed"] for case in report for row in case["tools"]) else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--tree", type=Path, help="directory to lint (default: the corpus beside the checkout, or examples/)"
    )
    parser.add_argument(
        "--copies", type=int, default=100, help="how often examples/ is repeated when there is no corpus"
    )
    parser.add_argument("--rounds", type=int, default=5, help="timed rounds after the warm-up (default 5)")
    parser.add_argument("--case", action="append", choices=["tree", "file"], help="measure only this (default: both)")
    parser.add_argument("--only", action="append", metavar="TOOL", help="measure only this tool; repeatable")
    parser.add_argument("--slow-limit", type=float, default=300, help="seconds for a slow peer on a tree (default 300)")
    parser.add_argument("--json", type=Path, default=WORK / "results.json", help="where the figures go as JSON")
    options = parser.parse_args()
    if options.rounds < 1:
        parser.error("--rounds must be at least 1")
    return options


def _measure(subject: Tree, options: argparse.Namespace) -> list[Row]:
    whole_tree = subject.paths == (".",)
    chosen = [tool for tool in tools(subject.paths) if not options.only or tool.name in options.only]
    rows = [Row(tool, once=whole_tree and tool.once) for tool in chosen]
    if not rows:
        raise SystemExit(f"no such tool: {', '.join(options.only)}")
    repeated = [row for row in rows if not row.once]
    for turn in range(options.rounds + 1):
        for row in repeated:
            _say(subject, row, f"round {turn}" if turn else "warm-up")
            cost = run(row.tool.command, subject.directory, _out(subject, row.tool))
            if turn:
                row.costs.append(cost)
    for row in rows:
        if row.once:
            _say(subject, row, "once")
            row.costs.append(run(row.tool.command, subject.directory, _out(subject, row.tool), options.slow_limit))
        else:
            _say(subject, row, "memory")
            row.memory = tree_memory(row.tool.command, subject.directory)
    return rows


def _out(subject: Tree, tool: Tool) -> Path:
    directory = WORK / "out" / subject.name.replace(" ", "-")
    directory.mkdir(parents=True, exist_ok=True)
    return directory / f"{tool.name.replace(' ', '')}.txt"


def _say(subject: Tree, row: Row, what: str) -> None:
    if sys.stderr.isatty():
        print(f"\r\033[K{subject.name}: {row.tool.name}, {what}", end="", file=sys.stderr, flush=True)


def _table(subject: Tree, rows: list[Row], options: argparse.Namespace) -> str:
    size = f"{subject.files:,} YAML and JSON files, {subject.size / 1e6:.1f} MB"
    head = f"{subject.name}: {size}; {options.rounds} rounds in turn"
    columns = (
        "tool           wall (s)   min - max         user (s)  sys (s)   peak RSS   all processes   x karlint   exit"
    )
    base = next((row for row in rows if row.tool.name == "karlint" and not row.failed), None)
    lines = [_line(row, base) for row in rows]
    clear = "\r\033[K" if sys.stderr.isatty() else ""
    return "\n".join([f"{clear}{head}", _machine_line(), "", columns, *lines, ""])


def _line(row: Row, base: Row | None) -> str:
    if row.failed:
        return f"{row.tool.name:<14} failed with exit code {row.costs[-1].exit_code}: no time is given"
    walls = [cost.wall for cost in row.costs]
    times = f"{row.median('wall'):8.3f}   {min(walls):6.3f} - {max(walls):<8.3f}"
    used = f"{row.median('user'):8.3f} {row.median('system'):8.3f}"
    peak = f"{max(cost.peak_rss for cost in row.costs) / _MIB:6.0f} MiB"
    memory = f"{row.memory / _MIB:9.0f} MiB" if row.memory else "            -"
    ratio = f"{row.median('wall') / base.median('wall'):9.2f}" if base else "        -"
    if row.killed:
        ratio = ">" + ratio[1:]
        lower = f"killed after {walls[0]:.0f} s, so all of this is a lower bound"
        return f"{row.tool.name:<14} {lower:<44}   {peak}   {memory}   {ratio}"
    note = "   (one run, no warm-up)" if row.once else ""
    return f"{row.tool.name:<14} {times}  {used}   {peak}   {memory}   {ratio}   {row.costs[-1].exit_code:>4}{note}"


def _as_json(subject: Tree, rows: list[Row], options: argparse.Namespace) -> dict[str, Any]:
    return {
        "tree": subject.name,
        "files": subject.files,
        "bytes": subject.size,
        "rounds": options.rounds,
        "tools": [
            {
                "tool": row.tool.name,
                "command": [_portable(word) for word in row.tool.command],
                "failed": row.failed,
                "killed": row.killed,
                "memory_of_all_processes": row.memory,
                "runs": [asdict(cost) for cost in row.costs],
            }
            for row in rows
        ],
    }


def _portable(word: str) -> str:
    """Return *word* without the place of this checkout, so that results can be shown around."""
    return word.replace(str(ROOT), ".")


def _machine() -> dict[str, Any]:
    return {
        "cpus": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
    }


def _machine_line() -> str:
    machine = _machine()
    return f"{machine['cpus']} CPUs, {machine['system']}, Python {machine['python']}"


if __name__ == "__main__":
    raise SystemExit(main())
