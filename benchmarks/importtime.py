"""Says where the time before the first line of work goes: the imports of a karlint command, slowest first.

``.venv/bin/python benchmarks/importtime.py [ARGUMENT ...]``, e.g. ``check pod.yaml``; ``--version`` is the default.
"""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass

_SHOWN = 25


@dataclass(frozen=True, slots=True)
class Import:
    """One line of ``-X importtime``: microseconds of the module alone, and with all that it imported."""

    name: str
    depth: int
    own: int
    total: int


def main() -> int:
    """Print the report; return the exit code."""
    arguments = sys.argv[1:] or ["--version"]
    command = [sys.executable, "-X", "importtime", "-m", "karlint", *arguments]
    done = subprocess.run(command, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    if done.returncode not in (0, 1):
        told = [line for line in done.stderr.splitlines() if not line.startswith("import time:")]
        print(f"karlint {' '.join(arguments)} ended with exit code {done.returncode}", *told, sep="\n", file=sys.stderr)
        return 2
    imports = parse(done.stderr)
    print(f"karlint {' '.join(arguments)}: {len(imports)} modules, {sum(item.own for item in imports) / 1000:.1f} ms")
    _print_top("by package, what it and no other package cost", _by_package(imports))
    _print_top("by module, with all that it imported", {item.name: item.total for item in imports})
    return 0


def parse(text: str) -> list[Import]:
    """Return the imports that the interpreter reported in *text*, in its order; other lines are left out."""
    found = []
    for line in text.splitlines():
        fields = line.removeprefix("import time:").split("|")
        if not line.startswith("import time:") or len(fields) != 3 or not fields[0].strip().isdigit():
            continue
        name = fields[2].rstrip()
        found.append(Import(name.strip(), (len(name) - len(name.lstrip()) - 1) // 2, int(fields[0]), int(fields[1])))
    return found


def _by_package(imports: list[Import]) -> dict[str, int]:
    packages: dict[str, int] = {}
    for item in imports:
        package = item.name.partition(".")[0]
        package = "(standard library)" if package in sys.stdlib_module_names else package
        packages[package] = packages.get(package, 0) + item.own
    return packages


def _print_top(title: str, microseconds: dict[str, int]) -> None:
    print(f"\n{title}")
    for name, value in sorted(microseconds.items(), key=lambda pair: -pair[1])[:_SHOWN]:
        print(f"{value / 1000:9.1f} ms  {name}")


if __name__ == "__main__":
    raise SystemExit(main())
