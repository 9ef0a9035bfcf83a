"""Is this URL the repository that is being linted?"""

from __future__ import annotations

import os
import posixpath
import re
from pathlib import Path as FilePath
from typing import TYPE_CHECKING

from msgspec import Struct, field

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_SCP = re.compile(r"^(?:[^@/]+@)?([^:/]+):(?!//)(.+)$")
_URL = re.compile(r"^[a-z][a-z0-9+.-]*://(?:[^@/]*@)?([^/]*)/?(.*)$")
_REMOTE = re.compile(r"^\s*url\s*=\s*(.+?)\s*$")
_TOKEN = re.compile(r"\$\{|\{\{")
_ENOUGH = 0.8


def plain_url(url: str) -> str:
    """Return host and path of a Git URL, in lower case: what the ways to write it have in common.

    >>> plain_url("git@github.com:Acme/gitops.git"), plain_url("https://token@github.com/acme/gitops/")
    ('github.com/acme/gitops', 'github.com/acme/gitops')
    """
    text = url.strip().lower()
    found = _URL.match(text) or _SCP.match(text)
    host, path = (found.group(1), found.group(2)) if found else ("", text)
    return f"{re.sub(r':[0-9]+$', '', host)}/{path.strip('/').removesuffix('.git').strip('/')}".lstrip("/")


def remotes_of(root: FilePath) -> tuple[str, ...]:
    """Return the URLs of the Git remotes of the checkout that holds *root*, read without running Git."""
    for directory in (root, *root.parents):
        found = directory / ".git"
        if found.is_dir() or found.is_file():
            return _remotes(found)
    return ()


def _remotes(git: FilePath) -> tuple[str, ...]:
    try:
        if git.is_file():  # a worktree or a submodule: the file says where its Git directory is
            git = git.parent / git.read_text(errors="replace").removeprefix("gitdir:").strip()
            common = git / "commondir"
            if common.is_file():
                git = FilePath(os.path.normpath(git / common.read_text(errors="replace").strip()))
        lines = (git / "config").read_text(errors="replace").splitlines()
    except (OSError, ValueError):
        return ()
    urls, inside = [], False
    for line in lines:
        if line.lstrip().startswith("["):
            inside = line.lstrip().startswith("[remote ")
        elif inside and (found := _REMOTE.match(line)):
            urls.append(found.group(1))
    return tuple(urls)


class Recogniser(Struct):
    """Tells this repository's URLs from those of others.

    A URL is this repository's if it is one of *known*. Beyond that there is evidence only: the URL ends in the name of
    a known one, or of the checkout's directory (a fork, a mirror, a move); or, where nothing is known since there are
    no remotes, four of five paths that the repository's Applications and Flux objects ask of that URL are there, and
    one of them lies at least two directories deep.

    Attributes:
        exists: tells whether a path is in the tree.
        known: URLs of the Git remotes, and those that the configuration lists.
        directory: name of the checkout's directory.
    """

    exists: Callable[[str], bool]
    known: tuple[str, ...] = ()
    directory: str = ""
    _claims: dict[str, set[str]] = field(default_factory=dict)

    def learn(self, claims: Iterable[tuple[str, str]]) -> None:
        """Take note of which paths are asked of which URLs: evidence for the ones to come."""
        for url, path in claims:
            self._claims.setdefault(plain_url(url), set()).add(_normal(path))

    def is_here(self, url: str, path: str) -> bool:
        """Return whether *url*, when it is asked for *path*, is this repository."""
        if not url or _TOKEN.search(url):
            return False
        plain = plain_url(url)
        known = {plain_url(other) for other in self.known}
        if plain in known:
            return True
        name = plain.rpartition("/")[2]
        directory = self.directory.lower()
        if name and (any(other.rpartition("/")[2] == name for other in known) or _ends_in(directory, name)):
            return True
        return not known and self.exists(_normal(path)) and self._is_likely(plain, _normal(path))

    def _is_likely(self, plain: str, path: str) -> bool:
        asked = self._claims.get(plain, set()) | {path}
        there = [other for other in asked if self.exists(other)]
        deep = any("/" in other for other in there)
        return deep and len(there) >= _ENOUGH * len(asked)


def _normal(path: str) -> str:
    return posixpath.normpath("/" + path).lstrip("/")


def _ends_in(directory: str, name: str) -> bool:
    return directory == name or (directory.endswith(name) and not directory[-len(name) - 1].isalnum())
