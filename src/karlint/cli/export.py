"""``karlint export``: karlint's rules for other engines."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 - typer reads the annotations when it runs
from typing import Annotated

import typer

app = typer.Typer(help="Write karlint's rules for other engines.", no_args_is_help=True)


@app.command()
def opa(
    output: Annotated[Path, typer.Option("--output", "-o", metavar="DIRECTORY", help="Where to write.")],
) -> None:
    """Write the rules as an OPA bundle's files, for servers that `karlint check --opa-no-push` is to find them on.

    Load them as they are: `opa run --server DIRECTORY`, or `opa build --bundle DIRECTORY`.
    """
    from karlint.engine.opa import digest_of, policies
    from karlint.errors import EnvironmentProblem
    from karlint.prepared import load_rule_book

    book = load_rule_book()
    named = policies(book.rules.values(), {str(file): file.read_text("utf-8") for file in book.libraries})
    try:
        for name, text in named.items():
            file = output / f"{name}.rego"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, "utf-8")
    except OSError as error:
        raise EnvironmentProblem(f"{error.filename} cannot be written: {error.strerror}") from error
    typer.echo(f"Wrote {len(named)} modules to {output}, digest {digest_of(named)}.")


@app.command()
def gatekeeper(
    output: Annotated[Path, typer.Option("--output", "-o", metavar="DIRECTORY", help="Where to write.")],
    config: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Configuration whose parameters and severities are kept.")
    ] = None,
) -> None:
    """Write rules that judge one object as ConstraintTemplates with their constraints.

    The cluster then refuses what karlint tells of a commit. Rules that need more than the object are named, and why.
    """
    import orjson
    from msgspec.structs import replace

    from karlint.cli.settings import Overrides, settings_for
    from karlint.errors import EnvironmentProblem
    from karlint.model.rule import Severity
    from karlint.policy.gatekeeperexport import export as exported
    from karlint.policy.gatekeeperexport import exportable, modules_of
    from karlint.prepared import load_rule_book
    from karlint.rules import data_dir

    book = load_rule_book()
    configured = settings_for(Overrides(config=config)).config.rules
    libraries = {str(file): file.read_text("utf-8") for file in book.libraries}
    workload = (data_dir() / "policies" / "gatekeeper" / "workload.rego").read_text("utf-8")
    modules = modules_of(list(book.rules.values()), libraries, workload)
    left: dict[str, list[str]] = {}
    written = 0
    for rule in book.rules.values():
        settings = configured.get(rule.id)
        why = "is off" if settings and settings.severity == "off" else exportable(rule, modules)
        if why:
            left.setdefault(why, []).append(rule.id)
            continue
        severity = settings.severity if settings and isinstance(settings.severity, Severity) else rule.severity
        params = {name: schema["default"] for name, schema in rule.params.items()} | dict(
            settings.params if settings else {}
        )
        item = exported(replace(rule, severity=severity), modules, book.tables, params)
        file = output / f"{rule.id.replace('/', '-')}.yaml"
        try:
            output.mkdir(parents=True, exist_ok=True)
            # JSON is YAML, and needs no library to be written without a surprise.
            texts = [orjson.dumps(part, option=orjson.OPT_INDENT_2) for part in (item.template, item.constraint)]
            file.write_bytes(b"---\n" + b"\n---\n".join(texts) + b"\n")
        except OSError as error:
            raise EnvironmentProblem(f"{file} cannot be written: {error.strerror}") from error
        written += 1
    typer.echo(f"Wrote {written} templates with their constraints to {output}.")
    for why, rules in sorted(left.items()):
        typer.echo(f"Not exported, since it {why}: {', '.join(rules)}")
