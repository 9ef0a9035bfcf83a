"""An OPA server, spoken to through opa-python-client, which leaves much to its callers.

Its exceptions have no common base, evaluation is never retried, and a document that is undefined is an empty answer. So
everything goes through here, where each way to fail becomes one of two: the server cannot be used
(:class:`ServerError`), or one evaluation failed (:class:`EvaluationError`). Source of facts: https://www.openpolicyagent.org/docs/rest-api.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from msgspec import Struct

from karlint.errors import EnvironmentProblem, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    from opa_client.opa import OpaClient

    Answer = TypeVar("Answer")

_TRIES = 3
_PAUSE = 0.3
_DEFAULT_PORTS = {"http": 80, "https": 443}


class ServerError(EnvironmentProblem):
    """The server is not there, does not let us in, is too slow, or is no OPA."""


class EvaluationError(Exception):
    """The server could not evaluate what it was asked; the text is its own."""


class ServerOptions(Struct, frozen=True):
    """Where the server is and how to speak to it.

    Attributes:
        url: ``http://host:port`` or ``https://host:port``.
        token: bearer token; "" for none.
        ca_file: certificates to trust; "" for the system's.
        cert_file, key_file: client certificate and its key; "" for none.
        timeout: seconds that one request may take.
        push: False where the server has karlint's rules already and is not to be changed but for the data of the run.
    """

    url: str
    token: str = ""
    ca_file: str = ""
    cert_file: str = ""
    key_file: str = ""
    timeout: float = 30.0
    push: bool = True


class OpaServer:
    """One server. Raises ServerError from every method, and UsageError for options that make no sense."""

    def __init__(self, options: ServerOptions) -> None:
        """Make ready to ask; nothing is sent yet."""
        self._shown = options.url
        self._timeout = options.timeout
        self._client = _client(options)

    def close(self) -> None:
        """Close the connection."""
        self._client.close_connection()

    def put_policy(self, name: str, text: str) -> None:
        """Store the Rego *text* as the policy *name*. Raises ServerError where OPA does not compile it."""
        self._ask(lambda: self._client.update_policy_from_string(text, name, rego_compat=False), f"storing {name}")

    def put_data(self, path: str, value: Any) -> None:
        """Store *value* as the document at *path*, with slashes."""
        self._ask(lambda: self._client.update_or_create_data(value, path), f"storing data.{path.replace('/', '.')}")

    def delete_data(self, path: str) -> None:
        """Remove the document at *path*."""
        self._ask(lambda: self._client.delete_data(path), f"removing data.{path.replace('/', '.')}")

    def value(self, package: str, document: str, question: Any) -> Any:
        """Return *document* of *package* (dotted) for the input *question*; None where it is undefined.

        Raises:
            EvaluationError: a built-in failed, or documents conflict.
        """
        strict: Any = {"strict-builtin-errors": "true"}
        answer = self._ask(
            lambda: self._client.query_rule(question, package, document, query_params=strict),
            f"evaluating data.{package}.{document}",
        )
        if not isinstance(answer, dict):
            raise ServerError(f"{self._shown} answered with something that is no OPA answer", "Is it an OPA server?")
        return answer.get("result")

    def _ask(self, request: Callable[[], Answer], what: str) -> Answer:
        """Do *request*; once more where the connection broke or the server was busy for a moment."""
        import requests  # noqa: PLC0415 - only a run with a server pays for it
        from opa_client import errors  # noqa: PLC0415

        others: tuple[type[Exception], ...] = tuple(
            found for found in vars(errors).values() if isinstance(found, type) and issubclass(found, Exception)
        )

        for left in range(_TRIES - 1, -1, -1):
            try:
                return request()
            except requests.exceptions.SSLError as error:
                raise ServerError(
                    f"{self._shown} cannot be trusted: {_short(error)}", "Name its certificates with --opa-ca-file."
                ) from error
            except requests.exceptions.Timeout as error:
                raise ServerError(
                    f"{self._shown} did not answer within {self._timeout:g} s while {what}", "See --opa-timeout."
                ) from error
            except requests.exceptions.HTTPError as error:
                if error.response is not None and error.response.status_code in (429, 502, 503, 504) and left:
                    time.sleep(_PAUSE * (_TRIES - left))
                    continue
                raise self._refused(error, what) from error
            except requests.exceptions.ConnectionError as error:
                if left:
                    time.sleep(_PAUSE * (_TRIES - left))
                    continue
                raise ServerError(f"{self._shown} cannot be reached: {_short(error)}", "Is it running?") from error
            except others as error:
                raise ServerError(f"{self._shown} refused {what}: {_short(_client_message(error))}") from error
            except (requests.exceptions.RequestException, ValueError, KeyError, AttributeError, TypeError) as error:
                # What is no JSON, or JSON of another shape, ends in whatever the client happens to raise.
                raise ServerError(
                    f"{self._shown} answered with something that is no OPA answer while {what}: {_short(error)}",
                    "Is it an OPA server?",
                ) from error
        raise AssertionError("the last try returns or raises")

    def _refused(self, error: Any, what: str) -> Exception:
        status = error.response.status_code
        reason = _opa_message(error.response)
        if status in (401, 403):
            return ServerError(
                f"{self._shown} does not let karlint in ({status}) while {what}{reason}",
                "The token is taken from KARLINT_OPA_TOKEN or --opa-token-file.",
            )
        if status in (400, 500) and reason and what.startswith("evaluating"):
            return EvaluationError(reason.removeprefix(": "))
        return ServerError(f"{self._shown} answered {status} while {what}{reason}")


def _client(options: ServerOptions) -> OpaClient:
    try:
        parts = urlsplit(options.url)
        port = parts.port
    except ValueError as error:
        raise UsageError(f"--opa-url: {error}", "Write it as http://localhost:8181.") from None
    if parts.scheme not in _DEFAULT_PORTS or not parts.hostname:
        raise UsageError(f"--opa-url: {options.url!r} is no URL of a server", "Write it as http://localhost:8181.")
    if parts.path not in ("", "/") or parts.query or parts.username is not None:
        raise UsageError(
            f"--opa-url: {options.url!r} is more than a scheme, a host and a port",
            "A token goes into KARLINT_OPA_TOKEN.",
        )
    if (options.ca_file or options.cert_file) and parts.scheme != "https":
        raise UsageError("certificates need an https URL", f"Write --opa-url https://{parts.hostname}:...")
    if bool(options.cert_file) != bool(options.key_file):
        raise UsageError("--opa-cert-file and --opa-key-file belong together")
    for name, file in (("ca", options.ca_file), ("cert", options.cert_file), ("key", options.key_file)):
        _readable(name, file)
    try:
        from opa_client.opa import OpaClient  # noqa: PLC0415 - 0.3 s that only a run with a server needs
    except ImportError as error:
        raise EnvironmentProblem(f"opa-python-client is not installed: {error}", "pip install karlint[opa]") from error
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    # The client takes a file of certificates where its signature says a flag (requests' `verify`).
    verify: Any = (options.ca_file or True) if parts.scheme == "https" else False
    cert = (options.cert_file, options.key_file) if options.cert_file else None
    client = OpaClient(
        host=host,
        port=port or _DEFAULT_PORTS[parts.scheme],
        ssl=verify,
        cert=cert,
        token=options.token or None,
        retries=0,
        timeout=options.timeout,
    )
    if options.ca_file:
        _trust_only(client, options.url)
    return client


def _trust_only(client: OpaClient, url: str) -> None:
    """Let the certificates that were named win over REQUESTS_CA_BUNDLE, which requests prefers to a session's own."""
    from requests.utils import get_environ_proxies  # noqa: PLC0415

    client._session.proxies = get_environ_proxies(url)
    client._session.trust_env = False


def _readable(name: str, file: str) -> None:
    if not file:
        return
    try:
        with open(file, "rb"):  # noqa: PTH123 - a name from the command line, opened to see whether it can be
            pass
    except OSError as error:
        raise UsageError(f"--opa-{name}-file: {file}: {error.strerror}") from error


def _opa_message(response: Any) -> str:
    """Return what an OPA error says, after a colon; "" for the answer of something else."""
    try:
        body = response.json()
        errors = [item["message"] for item in body.get("errors", ())]
        return f": {body['message']}" + (f" ({'; '.join(errors[:3])})" if errors else "")
    except (ValueError, KeyError, TypeError, AttributeError):
        return ""


def _client_message(error: Exception) -> str:
    """Return what one of the client's own exceptions says, with the first of the compiler's complaints."""
    details = [item.get("message", "") for item in getattr(error, "errors", ()) if isinstance(item, dict)]
    return "; ".join([str(getattr(error, "message", error)), *details[:3]])


def _short(error: object) -> str:
    text = " ".join(str(error).split())
    return text if len(text) <= 200 else text[:197] + "..."
