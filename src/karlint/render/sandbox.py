"""The surroundings of a renderer: a scratch directory that goes away, and an environment that tells it nothing."""

from __future__ import annotations

import itertools
import os
import weakref
from types import MappingProxyType
from typing import TYPE_CHECKING

from msgspec import Struct

from karlint._interrupt import in_one_piece
from karlint._proc import unless_stopped
from karlint._scratch import Scratch

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_NOWHERE = "http://127.0.0.1:9"
"""The discard port, where nothing listens: what would go out fails at once."""

_KEPT = ("LANG", "LC_ALL", "TZ", "SYSTEMROOT")
_KEPT_FOR_NETWORK = (
    *("PATH", "HOME", "USER", "SSH_AUTH_SOCK", "SSL_CERT_FILE", "SSL_CERT_DIR"),
    *("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy"),
    *("DOCKER_CONFIG", "HELM_REGISTRY_CONFIG", "HELM_REPOSITORY_CONFIG", "GIT_SSH_COMMAND", "GIT_CONFIG_GLOBAL"),
)


class Bounds(Struct, frozen=True):
    """What a single rendering may take.

    Attributes:
        seconds: wall clock.
        memory_bytes: resident memory of the renderer.
        output_bytes: what it prints.
    """

    seconds: float = 60.0
    memory_bytes: int = 2 << 30
    output_bytes: int = 64 << 20


class Sandbox:
    """A scratch directory for one run, and the environment of every renderer in it. A context manager.

    Nothing of our own environment is passed on but the locale: no tokens, no cluster, no plugins, no home. With
    *network*, what a client needs to reach and to authenticate with a registry or a Git server is passed on too.
    """

    def __init__(self, network: bool = False, bounds: Bounds | None = None) -> None:
        self.network = network
        self.bounds = bounds or Bounds()
        with in_one_piece():  # or there would be a directory that nobody removes
            scratch = Scratch()
            # When nobody needs it any more, however the run ends: origins are worked out up to its last line.
            self._cleanup = weakref.finalize(self, scratch.remove)
        self.directory = scratch.directory
        self.env: Mapping[str, str] = MappingProxyType(self._environment())
        self._numbers = itertools.count(1)

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Remove the scratch directory."""
        self._cleanup()

    def make(self, name: str) -> Path:
        """Return a new empty directory; *name* tells a person what it is for.

        Raises InterruptedError in a run that ends: what is made while the scratch directory is removed would stay.
        """
        made = self.directory / f"{name}-{next(self._numbers)}"  # asked for by several threads
        with unless_stopped():
            made.mkdir()
        return made

    def _environment(self) -> dict[str, str]:
        kept = (*_KEPT, *_KEPT_FOR_NETWORK) if self.network else _KEPT
        env = {name: os.environ[name] for name in kept if name in os.environ}
        home = self.directory / "home"
        places = {
            "XDG_CACHE_HOME": "cache",
            "XDG_CONFIG_HOME": "config",
            "XDG_DATA_HOME": "data",
            "HELM_CACHE_HOME": "helm/cache",
            "HELM_CONFIG_HOME": "helm/config",
            "HELM_DATA_HOME": "helm/data",
            "HELM_PLUGINS": "helm/plugins",
            "KUSTOMIZE_PLUGIN_HOME": "kustomize",
            "TMPDIR": "tmp",
        }
        for name, place in places.items():
            (home / place).mkdir(parents=True, exist_ok=True)
            env[name] = str(home / place)
        env |= {
            "KUBECONFIG": os.devnull,
            "GIT_TERMINAL_PROMPT": "0",
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_ASKPASS": "true",
            "NO_COLOR": "1",
            # Renderers are Go programs that live for a moment: what they would collect costs more than it takes. Where
            # they do take much, the collector sets in well before we would stop them.
            "GOGC": "off",
            "GOMEMLIMIT": str(self.bounds.memory_bytes // 2),
        }
        env.setdefault("HOME", str(home))
        if not self.network:
            empty = home / "bin"
            empty.mkdir(exist_ok=True)
            env |= dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy", "ALL_PROXY"), _NOWHERE)
            # Without git nothing can be cloned; renderers are called by their absolute path.
            env |= {"PATH": str(empty), "NO_PROXY": "", "no_proxy": "", "GIT_ALLOW_PROTOCOL": "file"}
        return env
