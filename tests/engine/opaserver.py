"""Real OPA servers for tests, and servers that are none."""

from __future__ import annotations

import json
import socket
import subprocess
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

TOKEN = "s3cret"
AUTHORIZATION = f'package system.authz\n\ndefault allow := false\n\nallow if input.identity == "{TOKEN}"\n'


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


@contextmanager
def running(opa: Path, *options: str, files: Sequence[Path] = ()) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """Run a server on a free port; give ``host:port`` and its process."""
    address = f"127.0.0.1:{free_port()}"
    command = [opa, "run", "--server", "--addr", address, "--skip-version-check", "--log-level", "error", *options]
    with subprocess.Popen([*map(str, command), *map(str, files)], stderr=subprocess.DEVNULL) as process:
        try:
            _wait_for(address, process)
            yield address, process
        finally:
            process.kill()


def _wait_for(address: str, process: subprocess.Popen[bytes]) -> None:
    host, _, port = address.partition(":")
    for _ in range(200):
        assert process.poll() is None, "OPA did not start"
        with socket.socket() as one:
            if one.connect_ex((host, int(port))) == 0:
                return
        time.sleep(0.05)
    raise AssertionError("OPA did not listen")


@contextmanager
def pretending(answer: Callable[[str, str, bytes], tuple[int, Any] | None]) -> Iterator[str]:
    """Run a server that answers as *answer* says of method, path and body: a status with JSON or bytes, or never."""
    done = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def _handle(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            said = answer(self.command, self.path, body)
            if said is None:
                done.wait(30)
                return
            status, value = said
            if status == 200 and self.command in ("PUT", "DELETE"):
                status = 204
            raw = value if isinstance(value, bytes) else json.dumps(value).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(raw) if status != 204 else 0))
            self.end_headers()
            if status != 204:
                self.wfile.write(raw)

        do_GET = do_PUT = do_POST = do_DELETE = _handle  # noqa: N815 - names that http.server looks for

        def log_message(self, *args: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        done.set()
        server.shutdown()
        server.server_close()
