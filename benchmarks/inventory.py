"""CPU time that the inventory and its reference graph take beyond loading, and whether memory grows with the resources.

The tree is a repository (default: a GitOps repository of the corpus beside the checkout, else examples/) as many times
over as it takes. Each size has a process of its own, so that peaks of memory do not mix.

    .venv/bin/python benchmarks/inventory.py [DIRECTORY] [--sizes 2500,5000,10000]
"""

from __future__ import annotations

import argparse
import multiprocessing
import resource as rlimits
import time
from pathlib import Path

from trees import CORPUS, EXAMPLES

from karlint.inventory import Inventory
from karlint.inventory.census import take_census
from karlint.model.source import SourceFile
from karlint.prepared import load_rule_book, resources_of
from karlint.source import Limits, load_file

_SUFFIXES = (".yaml", ".yml")
_DEFAULT = CORPUS / "gitops" / "redhat-ai-services__ai-accelerator"


def files_of(directory: Path) -> dict[str, bytes]:
    return {
        file.relative_to(directory).as_posix(): file.read_bytes()
        for file in sorted(directory.rglob("*"))
        if file.suffix in _SUFFIXES and file.is_file()
    }


def measure(directory: Path, wanted: int) -> None:
    tables = load_rule_book().tables
    files = files_of(directory)
    loaded, number, copy = [], 0, 0
    while number < wanted:
        for path, data in files.items():
            file = load_file(SourceFile(f"copy-{copy:03}/{path}", None, data), Limits())
            loaded.append(file)
            number += sum(len(item.heads) for item in file.documents) if file.skip_reason is None else 0
        copy += 1
    resources = resources_of(file for file in loaded if file.skip_reason is None)
    for resource in resources:
        _ = resource.body  # decoding counts as loading: rules need it too
    before, start = _peak(), time.process_time()
    inventory = Inventory(resources, tables)
    workloads = len(inventory.workloads)
    built = time.process_time()
    references = sum(len(inventory.graph.references(resource)) for resource in resources)
    graph = time.process_time()
    take_census(inventory, resources, tables, lambda _resource, _at: None, ())
    done = time.process_time()
    spent = (built - start, graph - built, done - graph)
    print(
        f"| {len(resources):,} | {copy} | {workloads:,} | {references:,} | "
        f"{' | '.join(f'{seconds:.2f} s' for seconds in spent)} | {(_peak() - before) / 1024:.0f} MiB |",
        flush=True,
    )


def _peak() -> int:
    return rlimits.getrusage(rlimits.RUSAGE_SELF).ru_maxrss


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("directory", nargs="?", type=Path, default=_DEFAULT if _DEFAULT.is_dir() else EXAMPLES)
    parser.add_argument("--sizes", default="2500,5000,10000")
    options = parser.parse_args()
    print(
        "| Resources | Copies | Workloads | References | Workloads normalised | All references | Census | Memory more |"
    )
    print("|---|---|---|---|---|---|---|---|")
    for size in options.sizes.split(","):
        process = multiprocessing.get_context("spawn").Process(target=measure, args=(options.directory, int(size)))
        process.start()
        process.join()


if __name__ == "__main__":
    main()
