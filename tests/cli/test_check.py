"""Options of ``karlint check``: what is linted, by which rules, and where the reports go."""

from __future__ import annotations

import json

import pytest

from tests.cli.support import DEPLOYMENT, NO_LIMIT, WARNING, Repository

BOTH = NO_LIMIT.replace("name: train\n  n", "name: train # karlint: ignore[dra/claim-not-found]\n  n")


def test_sarif_to_a_file_keeps_text_on_the_terminal(repository: Repository) -> None:
    repository.write("app.yaml", NO_LIMIT)
    ran = repository.run("check", "--format", "sarif", "--output", "reports/out.sarif")
    assert (ran.code, ran.found()) == (1, ["dra/request-without-limit"])
    run = json.loads((repository.root / "reports" / "out.sarif").read_text("utf-8"))["runs"][0]
    assert [result["ruleId"] for result in run["results"]] == ["dra/request-without-limit"]


def test_quiet_leaves_the_text_out_when_all_goes_to_files(repository: Repository) -> None:
    repository.write("app.yaml", NO_LIMIT)
    ran = repository.run("check", "-q", "-f", "sarif", "-o", "out.sarif", "-f", "json", "-o", "out.json")
    assert (ran.code, ran.all) == (1, "")
    assert json.loads((repository.root / "out.json").read_text("utf-8"))["exit_code"] == 1
    assert (repository.root / "out.sarif").stat().st_size > 0


def test_one_format_to_a_file_and_another_to_the_terminal(repository: Repository) -> None:
    repository.write("app.yaml", NO_LIMIT)
    ran = repository.run("check", "-f", "text", "-f", "json", "-o", "out.txt")
    assert "dra/request-without-limit" in (repository.root / "out.txt").read_text("utf-8")
    assert json.loads(ran.out)["findings"][0]["rule"] == "dra/request-without-limit"


def test_a_category_names_the_sarif_run(repository: Repository) -> None:
    repository.write("app.yaml", NO_LIMIT)
    ran = repository.run("check", "-f", "sarif", "--sarif-category", "prod")
    assert json.loads(ran.out)["runs"][0]["automationDetails"]["id"].startswith("prod")


def test_standard_input_is_linted_like_a_file(repository: Repository) -> None:
    ran = repository.run("check", "-", stdin=DEPLOYMENT + "---\n" + NO_LIMIT)
    assert (ran.code, ran.found()) == (1, ["dra/request-without-limit"])
    assert "<stdin>:30:24" in ran.out
    assert "2 documents, 2 resources" in ran.out


def test_standard_input_and_files_together(repository: Repository) -> None:
    repository.write("app.yaml", NO_LIMIT)
    ran = repository.run("check", "-", "app.yaml", stdin=NO_LIMIT)
    assert ran.found() == ["dra/request-without-limit"] * 2


@pytest.mark.parametrize(
    ("args", "found"),
    [
        ([], ["core/suppression-without-reason", "dra/request-without-limit"]),
        (["--select", "dra"], ["dra/request-without-limit"]),
        (["--select", "dra/*"], ["dra/request-without-limit"]),
        (["--select", "dra/request-without-limit", "--ignore", "dra"], []),
        (["--select", "core"], ["core/suppression-without-reason"]),
        (["--ignore", "dra"], ["core/suppression-without-reason"]),
        (["--ignore", "dra", "--ignore", "core/suppression-without-reason"], []),
    ],
    ids=lambda value: " ".join(value) or "none",
)
def test_select_and_ignore(repository: Repository, args: list[str], found: list[str]) -> None:
    repository.write("app.yaml", BOTH)
    assert repository.run("check", *args).found() == found


def test_excludes_of_command_line_and_configuration_add_up(repository: Repository) -> None:
    for directory in ("a", "b", "c"):
        repository.write(f"{directory}/app.yaml", NO_LIMIT)
    repository.write(".karlint.yaml", "exclude: [a/]\n")
    ran = repository.run("check", "--exclude", "b/")
    assert ran.found() == ["dra/request-without-limit"]
    assert "c/app.yaml" in ran.out


def test_configuration_is_found_upwards_and_can_be_replaced(repository: Repository) -> None:
    repository.write(".karlint.yaml", "rules: {dra/request-without-limit: warning}\n")
    repository.write("other.yml", "rules: {dra/request-without-limit: off}\n")
    repository.write("apps/app.yaml", NO_LIMIT)
    ran = repository.run("check", ".", cwd="apps")
    assert ran.code == 0
    assert "warning[dra/request-without-limit] apps/app.yaml" in ran.out
    assert repository.run("check", ".", "--config", "../other.yml", cwd="apps").found() == []
    assert repository.run("check", ".", "--no-config", cwd="apps").code == 1


def test_a_rule_can_be_off_in_a_directory(repository: Repository) -> None:
    repository.write(".karlint.yaml", "rules: {dra/request-without-limit: {exclude: [dev/]}}\n")
    repository.write("dev/app.yaml", NO_LIMIT)
    repository.write("prod/app.yaml", NO_LIMIT)
    ran = repository.run("check")
    assert ran.found() == ["dra/request-without-limit"]
    assert "prod/app.yaml" in ran.out


def test_an_accelerator_of_the_configuration_is_one(repository: Repository) -> None:
    repository.write("app.yaml", NO_LIMIT.replace("nvidia.com/gpu", "example.com/npu"))
    assert "1 workload, 0 with accelerators" in repository.run("check").out
    repository.write(".karlint.yaml", "accelerators: [{name: example.com/npu, vendor: example}]\n")
    assert "1 workload, 1 with accelerators" in repository.run("check").out


OLD_CLASS = "apiVersion: resource.k8s.io/v1\nkind: DeviceClass\nmetadata: {name: gpu.example.com}\nspec: {}\n"


def test_several_versions_in_one_run_say_for_which_a_finding_holds(repository: Repository) -> None:
    repository.write("class.yaml", OLD_CLASS)
    assert repository.run("check", "-k", "1.35").found() == []
    ran = repository.run("check", "-k", "1.33", "-k", "1.35")
    assert len(ran.found()) == 1
    assert "versions: Kubernetes 1.33" in ran.out
    assert "Kubernetes 1.33, 1.35" in ran.out.splitlines()[-1]


# ---- colours ----


@pytest.mark.parametrize(
    ("args", "environ", "colored"),
    [
        ([], {}, False),
        (["--color", "always"], {}, True),
        (["--color", "always"], {"NO_COLOR": "1"}, True),
        (["--color", "never"], {"FORCE_COLOR": "1"}, False),
        ([], {"FORCE_COLOR": "1"}, True),
        ([], {"FORCE_COLOR": "0"}, False),
        ([], {"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
    ],
)
def test_colours(repository: Repository, args: list[str], environ: dict[str, str], colored: bool) -> None:
    repository.write("app.yaml", NO_LIMIT)
    assert ("\x1b[" in repository.run("check", *args, **environ).out) is colored


def test_files_are_never_coloured(repository: Repository) -> None:
    repository.write("app.yaml", NO_LIMIT)
    repository.run("check", "-f", "text", "-o", "out.txt", "--color", "always")
    assert "\x1b[" not in (repository.root / "out.txt").read_text("utf-8")


def test_suppressed_findings_are_shown_on_demand(repository: Repository) -> None:
    repository.write("app.yaml", NO_LIMIT.replace("1}", "1} # karlint: ignore[dra/request-without-limit] injected"))
    assert repository.run("check").found() == []
    ran = repository.run("check", "--show-suppressed")
    assert (ran.code, ran.found()) == (0, ["dra/request-without-limit"])
    assert "ignored: injected" in ran.out


def test_the_text_of_a_secret_stays_where_it_is(repository: Repository) -> None:
    secret = "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: [hunter2]\n"
    repository.write("secret.yaml", secret)
    for output in ("text", "json", "sarif"):
        ran = repository.run("check", "-f", output)
        assert ran.code == 1, "the list is no valid stringData"
        assert "hunter2" not in ran.all


def test_a_warning_alone_is_reported_and_passes(repository: Repository) -> None:
    repository.write("app.yaml", WARNING)
    assert "1 warning in 1 file" in repository.run("check").out


@pytest.mark.parametrize(
    ("args", "code", "said"),
    [
        (["--render", "always"], 2, "The chart chart is rendered by helm, which is not found."),
        (["--render", "auto"], 0, "helm is not installed, so this was not rendered"),
        (["--render", "never"], 0, "no findings"),
        (["--render", "auto", "--no-render"], 0, "no findings"),
        (["--render", "sometimes"], 2, "--render does not know 'sometimes'"),
    ],
)
def test_what_a_missing_helm_means(repository: Repository, args: list[str], code: int, said: str) -> None:
    repository.write("app.yaml", DEPLOYMENT)
    repository.write("chart/Chart.yaml", "apiVersion: v2\nname: chart\nversion: 1.0.0\n")
    repository.write("chart/templates/app.yaml", NO_LIMIT)
    ran = repository.run("check", *args, PATH="")
    assert ran.code == code
    assert said in " ".join(ran.all.split())
    assert ("helm is not installed" in ran.all) is ("auto" in args and "--no-render" not in args)


def test_echo_passes_on_what_is_clean_byte_for_byte(repository: Repository) -> None:
    text = "\ufeff# héllo\r\n" + DEPLOYMENT.replace("\n", "\r\n") + "---\n\n...\n"
    ran = repository.run("check", "-", "--echo", stdin=text)
    assert (ran.code, ran.out) == (0, text)
    assert "no findings" in ran.err


@pytest.mark.parametrize(
    ("stdin", "args", "code"),
    [
        (NO_LIMIT, [], 1),
        (DEPLOYMENT + "---\n" + NO_LIMIT, ["--fail-on", "error"], 1),
        (WARNING, ["--fail-on", "warning"], 1),
        ("a: [", [], 1),
        ("", [], 2),
        ("# nothing\n---\n", [], 2),
        ("a: 1\n", ["--exit-zero"], 2),
    ],
)
def test_echo_prints_nothing_where_something_is_wrong(
    repository: Repository, stdin: str, args: list[str], code: int
) -> None:
    ran = repository.run("check", "-", "--echo", *args, stdin=stdin)
    assert (ran.code, ran.out) == (code, "")
    assert ran.err


def test_echo_passes_on_what_is_below_the_threshold(repository: Repository) -> None:
    ran = repository.run("check", "-", "--echo", stdin=WARNING)
    assert (ran.code, ran.out) == (0, WARNING)
    assert "warning[" in ran.err
    ran = repository.run("check", "-", "--echo", "--exit-zero", "-f", "json", stdin=NO_LIMIT)
    assert (ran.code, ran.out) == (0, NO_LIMIT)
    assert json.loads(ran.err)["findings"][0]["rule"] == "dra/request-without-limit"


@pytest.mark.parametrize("paths", [[], ["app.yaml"], ["-", "app.yaml"]])
def test_echo_needs_a_pipe_alone(repository: Repository, paths: list[str]) -> None:
    repository.write("app.yaml", DEPLOYMENT)
    assert repository.run("check", *paths, "--echo", stdin=DEPLOYMENT).code == 2
