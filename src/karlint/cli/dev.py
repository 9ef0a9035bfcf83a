"""``karlint dev``: for those who write rules."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="For those who write rules.", no_args_is_help=True)

_REGO = """\
# METADATA
# title: Name the defect in a few words
# description: |
#   What it is, what happens because of it, and when to ignore it.
# related_resources:
#   - ref: https://kubernetes.io/docs/
#     description: what this source proves
# custom:
#   severity: warning
#   requirements: []
#   kinds: [workload]
#   message: Say in one sentence what is wrong with {{container}} and what will happen.
#   help: Say what to do about it.
#   fix: none
package {package}

findings contains {{"at": container.path, "args": {{"container": container.name}}}} if {{
	some template in input.workload.templates
	some container in template.containers
	container.name == "replace-this-condition"
}}
"""
_EXAMPLE = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {name}
spec:
  selector:
    matchLabels: {{app: {name}}}
  template:
    metadata:
      labels: {{app: {name}}}
    spec:
      containers:
        - name: {container}{expect}
          image: registry.example/{name}:1.0.0
"""


@app.command("new-rule")
def new_rule(
    rule: Annotated[
        str, typer.Argument(metavar="CATEGORY/NAME", help="Id of the rule; it names the defect: dra/claim-not-found.")
    ],
    policies: Annotated[Path, typer.Option(help="The policies directory.")] = Path("policies"),
) -> None:
    """Lay out the folder of a new rule.

    Its examples agree with its logic from the beginning, so that `make test` passes before you change either.
    """
    import re

    from karlint.errors import UsageError

    if not re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*/[a-z][a-z0-9]*(-[a-z0-9]+)*", rule):
        raise UsageError(f"{rule!r} is not CATEGORY/NAME in lower-case words", "For example dra/claim-not-found.")
    folder = policies / rule
    if folder.exists():
        raise UsageError(f"{folder} exists")
    (folder / "examples").mkdir(parents=True)
    package = "karlint.rules." + rule.replace("-", "_").replace("/", ".")
    name = rule.partition("/")[2]
    (folder / "rule.rego").write_text(_REGO.format(package=package), "utf-8")
    bad = _EXAMPLE.format(name=name, container="replace-this-condition", expect=f" # expect: {rule}")
    (folder / "examples" / "bad-first.yaml").write_text(bad, "utf-8")
    (folder / "examples" / "good-first.yaml").write_text(
        _EXAMPLE.format(name=name, container="main", expect=""), "utf-8"
    )
    typer.echo(f"Laid out {folder}. Next: write the logic, then `make test`.")


@app.command("docs")
def docs(
    directory: Annotated[Path, typer.Option(metavar="DIRECTORY", help="Where the documentation is.")] = Path("docs"),
    check: Annotated[bool, typer.Option("--check", help="Write nothing; fail when a page is not up to date.")] = False,
) -> None:
    """Write the pages of docs/ that are made from the rules.

    Each rule's page shows what karlint really prints for its first example, so it changes with the rule.
    """
    from karlint.cli.docs import pages

    made = pages(directory)
    left = set((directory / "rules").rglob("*.md")) - set(made)
    stale = sorted(
        left | {path for path, text in made.items() if not path.is_file() or path.read_text("utf-8") != text}
    )
    if check:
        for path in stale:
            typer.echo(f"{path} is not up to date", err=True)
        typer.echo("Run `karlint dev docs`." if stale else f"{len(made)} pages are up to date.", err=bool(stale))
        raise typer.Exit(1 if stale else 0)
    for path in stale:
        if path in left:
            path.unlink()
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(made[path], "utf-8")
    typer.echo(f"{len(made)} pages, {len(stale)} of them changed.")


@app.command("schemas")
def schemas(
    crds: Annotated[Path, typer.Argument(metavar="DIRECTORY", help="One folder of CRDs for each project.")],
    directory: Annotated[Path, typer.Option(metavar="DIRECTORY", help="Where the schemas are.")] = Path("schemas"),
    check: Annotated[bool, typer.Option("--check", help="Write nothing; fail when a file is not up to date.")] = False,
) -> None:
    """Write schemas/ anew from upstream's CRDs.

    schemas/sources.json names the projects; of two that define the same kind, the first counts.
    """
    import json

    from karlint.cli.crdfiles import read_crds
    from karlint.cli.schema import write_schemas
    from karlint.schema.importing import import_crds

    projects = [row["project"] for row in json.loads((directory / "sources.json").read_bytes())]
    made = import_crds(read_crds([str(crds / project) for project in projects]))
    left = {file.relative_to(directory).as_posix() for file in directory.glob("*/*.json")} - made.keys()
    stale = {
        name: text
        for name, text in made.items()
        if not (directory / name).is_file() or (directory / name).read_bytes() != text
    }
    if check:
        for name in sorted({*left, *stale}):
            typer.echo(f"{directory / name} is not up to date", err=True)
        raise typer.Exit(1 if left or stale else 0)
    for name in left:
        (directory / name).unlink()
    write_schemas(stale, directory)
    typer.echo(f"{len(made)} schemas, {len(stale)} of them changed, {len(left)} removed.")


@app.command("findings")
def findings(
    rule: Annotated[str, typer.Argument(metavar="CATEGORY/NAME", help="The rule whose findings to read.")],
    paths: Annotated[list[str], typer.Argument(metavar="PATH...", help="Real manifests, the more the better.")],
    versions: Annotated[
        list[str], typer.Option("-k", "--kubernetes-version", metavar="MINOR", help="Minor to lint for. Repeatable.")
    ] = [],  # noqa: B006 - typer copies it
    sample: Annotated[int, typer.Option(min=1, help="Read no more than this many, spread over all of them.")] = 40,
    context: Annotated[int, typer.Option(min=0, help="Lines of code around the marked one.")] = 6,
) -> None:
    """Print the findings of one rule with their code, for reading.

    How a rule is proven: read each one and ask whether it is true, and whether the message says so. A false one is a
    bug: its case becomes a good example.
    """
    import sys

    from msgspec.structs import replace

    from karlint.api import lint
    from karlint.cli.settings import Overrides, settings_for
    from karlint.report import render, source_lines
    from karlint.report.options import options_for

    chosen = Overrides(paths=tuple(paths), versions=tuple(versions), select=(rule,), no_config=True)
    report = lint(settings_for(chosen))
    found = [finding for finding in report.findings if finding.rule == rule]
    step = max(1, -(-len(found) // sample))
    shown = replace(report, findings=tuple(found[::step]), suppressed=(), failures=report.failures)
    options = replace(options_for(sys.stdout, {}), context=context)
    sys.stdout.buffer.write(render("text", shown, source_lines(report.root), options))
    files = len({finding.location.path for finding in found})
    typer.echo(f"{len(shown.findings)} of {len(found)} findings of {rule} in {files} files are shown.")
