"""Rules on a real OPA server find what they find here; a server that fails never looks like a pass."""

from __future__ import annotations

import json
import signal
import urllib.request
from typing import TYPE_CHECKING, Any

import pytest
import trustme

from karlint.api import lint
from karlint.config import Config, Settings
from karlint.engine import ServerOptions
from karlint.engine.opa import OpaEngine, digest_of, policies
from karlint.errors import EnvironmentProblem, UsageError
from karlint.prepared import load_rule_book
from karlint.report import render_json
from karlint.rules import data_dir
from tests.cli.support import NO_LIMIT, Repository
from tests.engine.opaserver import AUTHORIZATION, TOKEN, free_port, pretending, running

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from karlint.model.report import Report

pytestmark = pytest.mark.tools


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The rules as files: a server that starts with them compiles them at once, instead of once for each."""
    top = tmp_path_factory.mktemp("bundle")
    for name, text in _named().items():
        file = top / f"{name}.rego"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
    return top


@pytest.fixture(scope="module")
def server(opa: Path, bundle: Path) -> Iterator[str]:
    """A server that all tests of this module share, as runs share a central one."""
    with running(opa, files=[bundle]) as (address, _):
        yield f"http://{address}"


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path / "repository")


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    found = tmp_path / "tree"
    found.mkdir()
    (found / "job.yaml").write_text(NO_LIMIT)
    return found


def report(root: Path, options: ServerOptions | None, **more: Any) -> Report:
    return lint(Settings.from_config(root, Config(), paths=[str(root)], jobs=1, opa=options, **more))


def ask(url: str, path: str) -> Any:
    with urllib.request.urlopen(f"{url}/v1/{path}") as answer:
        return json.load(answer)["result"]


def test_a_server_finds_what_we_find_in_every_example(server: str) -> None:
    """All examples as one tree: what matters is that both engines are asked the same."""
    here = report(data_dir() / "policies", None, versions=["1.34", "1.36"])
    there = report(data_dir() / "policies", ServerOptions(server), versions=["1.34", "1.36"])
    assert render_json(there) == render_json(here)
    rego = {rule.id for rule in here.rules.values() if rule.language == "rego"}
    assert len(rego & {item.rule for item in here.findings}) > len(rego) * 0.8


def test_a_server_finds_what_we_find_in_real_manifests(server: str, corpus: Path) -> None:
    root = corpus / "kubernetes-sigs__kueue"
    versions = ["1.33", "1.36"]
    here = render_json(report(root, None, versions=versions))
    assert render_json(report(root, ServerOptions(server), versions=versions)) == here
    assert b'"rule"' in here


def test_nothing_of_a_run_stays_on_the_server(server: str, tree: Path) -> None:
    assert report(tree, ServerOptions(server)).findings
    assert ask(server, "data/karlint_runs") == {}


def test_rules_are_stored_once(opa: Path, tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with running(opa) as (address, _):
        _stored_once(ServerOptions(f"http://{address}"), tree, monkeypatch)


def _stored_once(options: ServerOptions, tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert report(tree, options).findings

    def refuse(*_: object) -> None:
        raise AssertionError("the rules are there already")

    monkeypatch.setattr("karlint.engine.opaserver.OpaServer.put_policy", refuse)
    assert report(tree, options).findings


def test_exported_rules_need_no_push(opa: Path, tree: Path, repository: Repository) -> None:
    written = repository.run("export", "opa", "--output", "bundle")
    assert written.code == 0, written.all
    with running(opa, files=[repository.root / "bundle"]) as (address, _):
        found = report(tree, ServerOptions(f"http://{address}", push=False))
        assert [item.rule for item in found.findings] == ["dra/request-without-limit"]
        (repository.root / "bundle" / "karlint" / "release.rego").unlink()


@pytest.mark.parametrize(
    ("policy", "words"),
    [("", "has no rules of karlint"), ('package karlint.release\n\ndigest := "old"\n', "has other rules (old)")],
)
def test_a_stale_set_is_noticed(opa: Path, tree: Path, tmp_path: Path, policy: str, words: str) -> None:
    file = tmp_path / "old.rego"
    file.write_text(policy or "package nothing\n")
    with running(opa, files=[file]) as (address, _), pytest.raises(EnvironmentProblem) as caught:
        report(tree, ServerOptions(f"http://{address}", push=False))
    assert words in str(caught.value)


def test_token_and_tls(opa: Path, bundle: Path, tree: Path, tmp_path: Path) -> None:
    authority = trustme.CA()
    issued = authority.issue_cert("127.0.0.1")
    cert, key, trusted, policy = (tmp_path / name for name in ("cert.pem", "key.pem", "ca.pem", "authz.rego"))
    cert.write_bytes(b"".join(blob.bytes() for blob in issued.cert_chain_pems))
    key.write_bytes(issued.private_key_pem.bytes())
    authority.cert_pem.write_to_path(str(trusted))
    policy.write_text(AUTHORIZATION)
    options = ["--tls-cert-file", cert, "--tls-private-key-file", key]
    options += ["--authentication=token", "--authorization=basic"]
    with running(opa, *map(str, options), files=[policy, bundle]) as (address, _):
        url = f"https://{address}"
        assert report(tree, ServerOptions(url, TOKEN, str(trusted))).findings
        for wrong, words in (
            (ServerOptions(url, "other", str(trusted)), "does not let karlint in (401)"),
            (ServerOptions(url, "", str(trusted)), "does not let karlint in (401)"),
            (ServerOptions(url, TOKEN), "cannot be trusted"),
            (ServerOptions(f"http://{address}", TOKEN), "answered 400"),
        ):
            with pytest.raises(EnvironmentProblem) as caught:
                report(tree, wrong)
            assert words in str(caught.value)


def test_a_client_certificate(opa: Path, bundle: Path, tree: Path, tmp_path: Path) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    for name, issued in (("server", authority.issue_cert("127.0.0.1")), ("client", authority.issue_cert("karlint"))):
        (tmp_path / f"{name}.pem").write_bytes(b"".join(blob.bytes() for blob in issued.cert_chain_pems))
        (tmp_path / f"{name}.key").write_bytes(issued.private_key_pem.bytes())
    pairs = {"cert": "server.pem", "private-key": "server.key", "ca-cert": "ca.pem"}
    options = [f"--tls-{name}-file={tmp_path / file}" for name, file in pairs.items()]
    trusted, cert, key = (str(tmp_path / name) for name in ("ca.pem", "client.pem", "client.key"))
    with running(opa, *options, "--authentication=tls", files=[bundle]) as (address, _):
        url = f"https://{address}"
        assert report(tree, ServerOptions(url, "", trusted, cert, key)).findings
        with pytest.raises(EnvironmentProblem):
            report(tree, ServerOptions(url, "", trusted))


def test_a_server_that_dies_during_the_run_is_no_pass(
    opa: Path, bundle: Path, tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running(opa, files=[bundle]) as (address, process):
        url = f"http://{address}"
        report(tree, ServerOptions(url))
        answers = OpaEngine._answers

        def die_first(self: OpaEngine, *args: Any) -> Any:
            process.send_signal(signal.SIGKILL)
            process.wait()
            return answers(self, *args)

        monkeypatch.setattr(OpaEngine, "_answers", die_first)
        with pytest.raises(EnvironmentProblem, match="cannot be reached"):
            report(tree, ServerOptions(url))


def test_nobody_there_is_no_pass(tree: Path) -> None:
    with pytest.raises(EnvironmentProblem, match="cannot be reached"):
        report(tree, ServerOptions(f"http://127.0.0.1:{free_port()}"))


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ((200, b"<html>hello</html>"), "no OPA answer"),
        ((200, []), "no OPA answer"),
        ((200, b""), "no OPA answer"),
        ((404, b"nothing"), "answered 404"),
        ((500, b"oops"), "answered 500"),
        ((503, {"code": "busy", "message": "later"}), "answered 503"),
        ((403, {"code": "unauthorized", "message": "no"}), "does not let karlint in (403)"),
        (None, "did not answer within 0.5 s"),
    ],
)
def test_whatever_else_answers_is_no_pass(answer: tuple[int, Any] | None, words: str, tree: Path) -> None:
    with pretending(lambda *_: answer) as url, pytest.raises(EnvironmentProblem) as caught:
        report(tree, ServerOptions(url, timeout=0.5))
    assert words in str(caught.value)


def _named() -> dict[str, str]:
    book = load_rule_book()
    return policies(book.rules.values(), {str(file): file.read_text("utf-8") for file in book.libraries})


def _digest() -> str:
    return digest_of(_named())


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        ({}, "lost karlint's rules"),
        ({"answers": {}}, "were changed during the run"),
        ({"digest": "other", "answers": {}}, "were changed during the run"),
        ({"digest": "DIGEST", "answers": []}, "lost karlint's rules"),
    ],
)
def test_an_answer_of_the_wrong_shape_is_no_pass(answers: dict[str, Any], words: str, tree: Path) -> None:
    digest = _digest()
    body = {key: digest if value == "DIGEST" else value for key, value in answers.items()}

    def answer(_method: str, path: str, _body: bytes) -> tuple[int, Any]:
        return 200, {"result": digest if "release" in path else body}

    with pretending(answer) as url, pytest.raises(EnvironmentProblem) as caught:
        report(tree, ServerOptions(url))
    assert words in str(caught.value)


def test_a_rule_that_is_undefined_or_fails_is_a_failure_of_that_rule(tree: Path) -> None:
    digest = _digest()

    def answer(method: str, path: str, body: bytes) -> tuple[int, Any]:
        if method != "POST" or "release" in path:
            return 200, {"result": digest}
        asked = json.loads(body)["input"]["asked"]
        if "dra/request-without-limit" in asked:
            return 500, {
                "code": "internal_error",
                "message": "evaluation failed",
                "errors": [{"message": "eval_builtin"}],
            }
        return 200, {"result": {"digest": digest, "answers": {}}}

    with pretending(answer) as url:
        found = report(tree, ServerOptions(url))
    assert found.exit_code == 3
    reasons = {failure.rule: failure.message for failure in found.failures}
    assert reasons.pop("dra/request-without-limit") == "evaluation failed (eval_builtin)"
    assert set(reasons.values()) == {"findings is undefined"}


@pytest.mark.parametrize(
    "options",
    [
        ServerOptions("localhost:8181"),
        ServerOptions("ftp://localhost"),
        ServerOptions("http://localhost:99999"),
        ServerOptions("http://user:word@localhost"),
        ServerOptions("http://localhost/opa"),
        ServerOptions("http://localhost", ca_file="x"),
        ServerOptions("https://localhost", ca_file="/nowhere"),
        ServerOptions("https://localhost", cert_file=__file__),
    ],
)
def test_options_that_make_no_sense_are_wrong_usage(options: ServerOptions, tree: Path) -> None:
    with pytest.raises(UsageError):
        report(tree, options)


def test_the_command_line_ends_with_two(repository: Repository) -> None:
    repository.write("job.yaml", NO_LIMIT)
    url = f"http://127.0.0.1:{free_port()}"
    for ran in (repository.run("check", "--opa-url", url), repository.run("check", KARLINT_OPA_URL=url)):
        assert (ran.code, ran.out) == (2, "")
        assert "cannot be reached" in ran.err
    assert repository.run("check", "--opa-no-push").code == 2
    assert repository.run("check", "--opa-url", url, "--opa-token-file", "nowhere").code == 2
