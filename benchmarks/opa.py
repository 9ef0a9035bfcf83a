"""Times karlint's rules on an OPA server beside `opa eval` of the same rules over the same inputs.

    make tools && .venv/bin/python benchmarks/opa.py TREE

`opa eval` gets all documents in one process, which is the fastest way to ask OPA; karlint asks a server that has the
rules already, in batches, and makes findings of the answers. Rounds alternate; medians are printed.
"""

from __future__ import annotations

import argparse
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

import orjson

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "src"))

from karlint.config import Config, Settings  # noqa: E402
from karlint.engine import ServerOptions, Target  # noqa: E402
from karlint.engine.opa import BATCH_PACKAGE, OpaEngine, policies  # noqa: E402
from karlint.engine.opaserver import OpaServer  # noqa: E402
from karlint.prepared import load_rule_book, prepare  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Mapping

    from karlint.prepared import Prepared

OPA = ROOT / "tools" / "bin" / "opa"


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tree", type=Path)
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    book = load_rule_book()
    tree = str(arguments.tree)
    prepared = prepare(Settings.from_config(arguments.tree, Config(), paths=[tree], jobs=1, render=False), book)
    named = policies(book.rules.values(), prepared.libraries)
    with tempfile.TemporaryDirectory() as name, socket.socket() as one:
        scratch = Path(name)
        one.bind(("127.0.0.1", 0))
        port = one.getsockname()[1]
        one.close()
        for module, text in named.items():
            file = scratch / f"{module.replace('/', '_')}.rego"
            file.write_text(text, "utf-8")
        command = [str(OPA), "run", "--server", f"--addr=127.0.0.1:{port}", "--skip-version-check", str(scratch)]
        with subprocess.Popen([*command, "--log-level=error"], stderr=subprocess.DEVNULL) as server:
            try:
                _measure(prepared, named, f"http://127.0.0.1:{port}", scratch, arguments.rounds)
            finally:
                server.kill()
    return 0


def _measure(prepared: Prepared, named: Mapping[str, str], url: str, scratch: Path, rounds: int) -> None:
    targets = [Target(version) for version in prepared.versions]
    batches: list[dict[str, Any]] = []

    class Recording(OpaServer):
        """Keeps what is asked, so that `opa eval` is asked the same."""

        def value(self, package: str, document: str, question: Any) -> Any:
            if package == BATCH_PACKAGE:
                batches.append(question)
            return super().value(package, document, question)

    def ask(server: OpaServer) -> int:
        traits = ((resource, list(prepared.inventory.traits(resource))) for resource in prepared.resources)
        with OpaEngine(server, list(prepared.rules.values()), named, prepared.data, push=False) as engine:
            return len(list(engine.evaluate(traits, prepared.inventory.input_for, targets)))

    time.sleep(1)
    options = ServerOptions(url, push=False)
    found = ask(Recording(options))
    questions = sum(len(places) for batch in batches for places in batch["asked"].values())
    karlint = prepared.data["karlint"]
    own = {"inventory": prepared.data["inventory"], "facts": prepared.data["facts"], **karlint}
    commands = []
    for number, batch in enumerate(batches):
        (scratch / f"input{number}.json").write_bytes(orjson.dumps(batch))
        data = {"karlint_runs": {batch["run"]: own}}
        (scratch / f"data{number}.json").write_bytes(orjson.dumps(data))
        files = [*sorted(scratch.glob("*.rego")), scratch / f"data{number}.json"]
        commands.append(
            [str(OPA), "eval", "--format=json", f"--input={scratch}/input{number}.json"]
            + [part for file in files for part in ("--data", str(file))]
            + [f"data.{BATCH_PACKAGE}"]
        )
    times: dict[str, list[float]] = {"karlint": [], "opa eval": []}
    for _ in range(rounds):
        start = time.perf_counter()
        ask(OpaServer(options))
        times["karlint"].append(time.perf_counter() - start)
        start = time.perf_counter()
        for command in commands:
            subprocess.run(command, check=True, capture_output=True)
        times["opa eval"].append(time.perf_counter() - start)
    print(f"{len(prepared.resources)} resources, {questions} questions, {found} findings, {len(commands)} requests")
    for name, values in times.items():
        print(f"{name:<10} {median(values):.2f} s  {questions / median(values):,.0f} questions a second")
    print(f"ratio {median(times['opa eval']) / median(times['karlint']):.2f}")


if __name__ == "__main__":
    sys.exit(main())
