"""``karlint check``: lint, report, and say by the exit code how it went."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 - typer reads the annotations when it runs
from typing import Annotated

import typer

from karlint.cli.fixes import check_fix_options, mended
from karlint.cli.outputs import (
    FORMATS,
    Output,
    OutputOptions,
    check_color,
    check_rendering,
    pair_outputs,
    pass_on,
    write_reports,
)
from karlint.cli.settings import Overrides, only_new, server_options, settings_for, user_policies
from karlint.errors import UsageError


def check(  # noqa: PLR0913, PLR0917 - each parameter is an option that users know from other linters
    paths: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="PATH", help="Files, directories, or - for standard input. Default: the Git repository."
        ),
    ] = None,
    kubernetes_version: Annotated[
        list[str] | None,
        typer.Option(
            "--kubernetes-version", "-k", metavar="MINOR", help="Minor to lint for, e.g. 1.35. Repeat it for several."
        ),
    ] = None,
    format_: Annotated[
        list[str] | None,
        typer.Option(
            "--format", "-f", metavar="FORMAT", help=f"One of {', '.join(FORMATS)}. Repeat it, with an --output each."
        ),
    ] = None,
    output: Annotated[
        list[Path] | None,
        typer.Option(
            "--output", "-o", metavar="FILE", help="File for the --format in the same place; text stays here."
        ),
    ] = None,
    fail_on: Annotated[
        str | None,
        typer.Option(
            metavar="SEVERITY", help="Fail from this severity on: error, warning, note or never. Default: error."
        ),
    ] = None,
    exit_zero: Annotated[bool, typer.Option("--exit-zero", help="Exit with 0 although there are findings.")] = False,
    select: Annotated[
        list[str] | None,
        typer.Option(metavar="RULE", help="Run only this rule or category (dra/claim-not-found, dra). Repeatable."),
    ] = None,
    ignore: Annotated[
        list[str] | None, typer.Option(metavar="RULE", help="Do not run this rule or category. Repeatable.")
    ] = None,
    exclude: Annotated[
        list[str] | None, typer.Option(metavar="PATTERN", help="Leave paths out, as in .gitignore. Repeatable.")
    ] = None,
    schema_location: Annotated[
        list[str] | None,
        typer.Option(metavar="DIR", help="Schemas of custom resources: DIR/GROUP/KIND_VERSION.json. Repeatable."),
    ] = None,
    config: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Configuration. Default: the nearest .karlint.yaml, up to the root."),
    ] = None,
    no_config: Annotated[bool, typer.Option("--no-config", help="Read no configuration file.")] = False,
    jobs: Annotated[
        int | None, typer.Option("--jobs", "-j", min=1, metavar="N", help="Processes. Default: one for each CPU.")
    ] = None,
    color: Annotated[
        str, typer.Option(metavar="WHEN", help="auto, always or never; NO_COLOR and FORCE_COLOR are heeded.")
    ] = "auto",
    baseline: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Findings that are known (`karlint baseline`). Default: the configuration's."
        ),
    ] = None,
    diff_base: Annotated[
        str | None,
        typer.Option(metavar="REF", help="Report what is new since this commit, also in what it renders to."),
    ] = None,
    policy: Annotated[
        list[str] | None,
        typer.Option(metavar="PATH", help="Rego of your own: conftest's or Gatekeeper's. Repeatable."),
    ] = None,
    policy_data: Annotated[
        list[str] | None, typer.Option(metavar="PATH", help="Documents for its `data`. Repeatable.")
    ] = None,
    policy_namespace: Annotated[
        list[str] | None, typer.Option(metavar="PACKAGE", help="Run the rules of this package only. Repeatable.")
    ] = None,
    opa_url: Annotated[
        str | None,
        typer.Option(envvar="KARLINT_OPA_URL", metavar="URL", help="Evaluate the Rego rules on this OPA server."),
    ] = None,
    opa_no_push: Annotated[
        bool, typer.Option("--opa-no-push", help="The server has the rules already (`karlint export opa`).")
    ] = False,
    opa_token_file: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Bearer token; else the variable KARLINT_OPA_TOKEN.")
    ] = None,
    opa_ca_file: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Certificates to trust. Default: the system's.")
    ] = None,
    opa_cert_file: Annotated[Path | None, typer.Option(metavar="FILE", help="Client certificate.")] = None,
    opa_key_file: Annotated[Path | None, typer.Option(metavar="FILE", help="Key of the client certificate.")] = None,
    opa_timeout: Annotated[float, typer.Option(metavar="SECONDS", min=0.1, help="For one request to OPA.")] = 30.0,
    show_suppressed: Annotated[
        bool, typer.Option("--show-suppressed", help="Report suppressed findings too, with their reasons.")
    ] = False,
    sarif_category: Annotated[
        str, typer.Option(metavar="NAME", help="Category of the SARIF run, where several are uploaded for one commit.")
    ] = "",
    render: Annotated[
        str,
        typer.Option(
            metavar="WHEN", help="always, auto (do without a helm or kustomize that is not installed) or never."
        ),
    ] = "always",
    no_render: Annotated[
        bool,
        typer.Option("--no-render", help="Lint files as they stand, as --render never: run no helm and no kustomize."),
    ] = False,
    allow_network: Annotated[
        bool, typer.Option("--allow-network", help="Let kustomize fetch remote bases. Default: nothing is fetched.")
    ] = False,
    fix: Annotated[bool, typer.Option("--fix", help="Mend what can be mended safely; the rest is reported.")] = False,
    unsafe_fixes: Annotated[
        bool, typer.Option("--unsafe-fixes", help="Mend also what may change behaviour; with --fix or --diff.")
    ] = False,
    diff: Annotated[
        bool, typer.Option("--diff", help="Print what --fix would change, as a unified diff; nothing is written.")
    ] = False,
    echo: Annotated[
        bool,
        typer.Option("--echo", help="With -: print the input again if it passes; reports go to standard error."),
    ] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No text when all formats go to files.")] = False,
) -> None:
    """Lint manifests and report what is found.

    \b
    Examples:
      karlint check                          the whole repository
      karlint check clusters/prod -k 1.35    one directory, for one minor
      karlint check -f sarif -o out.sarif    a SARIF file, and text here
      karlint check --diff                   what --fix would change
      helm template chart | karlint check -  what a pipe brings
    """
    check_color(color)
    check_rendering(render)
    if echo and paths != ["-"]:
        raise UsageError("--echo passes on what a pipe brings, so it needs - and no other path")
    check_fix_options(fix=fix, unsafe=unsafe_fixes, diff=diff, formats=format_ or [])
    outputs = pair_outputs(format_ or [], output or [], quiet=quiet)
    settings = settings_for(
        Overrides(
            paths=tuple(paths or ()),
            versions=tuple(kubernetes_version or ()),
            fail_on=fail_on,
            select=tuple(select or ()),
            ignore=tuple(ignore or ()),
            exclude=tuple(exclude or ()),
            schema_locations=tuple(schema_location or ()),
            config=config,
            no_config=no_config,
            jobs=jobs,
            policies=user_policies(policy or [], policy_data or [], policy_namespace or []),
            opa=server_options(
                opa_url, opa_token_file, (opa_ca_file, opa_cert_file, opa_key_file), opa_timeout, push=not opa_no_push
            ),
            render=not no_render and render != "never",
            do_without=render == "auto",
            network=allow_network,
        )
    )
    from karlint.api import lint  # the pipeline is not loaded to print a usage error

    narrowed = diff_base is not None or baseline is not None or bool(settings.config.baseline)
    chosen = (lambda found: only_new(found, settings, diff_base, baseline)) if narrowed else None
    if fix or diff:
        report = mended(settings, chosen, unsafe=unsafe_fixes, diff=diff)
    else:
        report = lint(settings)
        report = chosen(report) if chosen else report
    options = OutputOptions(color, show_suppressed, sarif_category, to_stderr=echo)
    if not diff:
        write_reports(report, outputs or [Output("text", None)], options, stdin=settings.stdin)
    code = 0 if exit_zero and report.exit_code == 1 else report.exit_code
    if echo and settings.stdin is not None:
        pass_on(report, settings.stdin, passed=code == 0)
    raise typer.Exit(code)
