"""Which model server a container runs, read from its command line and its image.

The launcher beats the image, since images are often rebuilt under other names and often run something else. Engines,
their launchers, images and ports are data: ``policies/tables/servers.json``.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from karlint.inventory.commandline import is_unknown, literal_env, segments_of, sets_env, tokens_of
from karlint.model.workload import ModelServer

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["ServerTable", "server_of", "tokens_of"]

_FLAG = re.compile(r"^--?([A-Za-z][A-Za-z0-9_.-]*)(?:=(.*))?$", re.DOTALL)
_BEFORE_PROGRAMS = frozenset({"if", "then", "elif", "else", "while", "until", "do", "!", "{", "(", "exec", "time"})
_CONFIG_FLAGS = ("config", "ts-config")
"""Flags that name a file with more settings, the port among them."""


class _Launcher(Struct, frozen=True):
    words: tuple[str, ...]
    engine: str


class ServerTable(Struct, frozen=True):
    """The table of model servers, compiled for use.

    Attributes:
        engines: engine to its row, as in the JSON file.
        launchers: first word of a launcher to all launchers that begin with it.
        images: matches an image of any engine; the group that matched is the engine's name.
        not_servers: matches images that only pretend to serve a model.
        speaks_of: programs whose arguments name a launcher without running it.
    """

    engines: Mapping[str, Mapping[str, Any]]
    launchers: Mapping[str, tuple[_Launcher, ...]]
    images: re.Pattern[str]
    not_servers: re.Pattern[str]
    speaks_of: frozenset[str]

    @classmethod
    def read(cls, raw: Mapping[str, Any]) -> ServerTable:
        """Compile *raw*, the content of ``servers.json``."""
        engines: Mapping[str, Mapping[str, Any]] = raw["engines"]
        launchers: dict[str, tuple[_Launcher, ...]] = {}
        for engine, row in engines.items():
            for text in row["launchers"]:
                words = tuple(text.split())
                launchers[words[0]] = (*launchers.get(words[0], ()), _Launcher(words[1:], engine))
        named = {engine: "|".join(row["images"]) for engine, row in engines.items() if row["images"]}
        images = "|".join(f"(?P<{engine}>{pattern})" for engine, pattern in named.items())
        unlike = raw["not_servers"]
        return cls(engines, launchers, re.compile(images), re.compile(unlike["images"]), frozenset(unlike["speaks_of"]))


_compiled: list[tuple[Mapping[str, Any], ServerTable]] = []


def _table(raw: Mapping[str, Any]) -> ServerTable:
    """Return *raw* compiled; the last one is kept, since one table serves a whole run."""
    if not _compiled or _compiled[0][0] is not raw:
        _compiled[:] = [(raw, ServerTable.read(raw))]
    return _compiled[0][1]


def server_of(
    container: Mapping[str, Any],
    role: str,
    table: Mapping[str, Any],
    commands: Sequence[tuple[str, ...]] | None = None,
) -> ModelServer | None:
    """Return the model server that *container* runs; None for none, or for one that does not listen.

    Args:
        container: the container as written.
        role: "main", "init", "sidecar" or "ephemeral"; only main containers and sidecars serve.
        table: the content of ``policies/tables/servers.json``.
        commands: what ``segments_of`` says of the container, where the caller has it.
    """
    if role in ("init", "ephemeral"):
        return None
    image = container.get("image")
    image = image.partition("@")[0] if isinstance(image, str) else ""
    servers = _table(table)
    has_command = bool(container.get("command") or container.get("args"))
    by_image = servers.images.search(image) if image else None
    if (not has_command and by_image is None) or servers.not_servers.search(image):
        return None
    segments = segments_of(container) if commands is None else commands
    if any(_follows(segment) for segment in segments):
        return None
    image_engine = by_image.lastgroup if by_image else None
    launched = _launched(segments, servers)
    if launched is not None:
        engine, words = launched
        return _server(engine, words, container, servers, engine == image_engine)
    if image_engine is None or container.get("command"):
        return None
    words = segments[0] if segments else ()
    if not _keeps_entrypoint(words, servers.engines[image_engine]):
        return None
    return _server(image_engine, words, container, servers, True)


def _launched(segments: Sequence[tuple[str, ...]], table: ServerTable) -> tuple[str, tuple[str, ...]] | None:
    """Return the engine whose launcher one of *segments* runs, and the words after the launcher."""
    for segment in segments:
        for index, word in enumerate(segment):
            for launcher in table.launchers.get(word.rpartition("/")[2], ()):
                end = index + 1 + len(launcher.words)
                if segment[index + 1 : end] == launcher.words and _program(segment) not in table.speaks_of:
                    return launcher.engine, segment[end:]
    return None


def _program(segment: Sequence[str]) -> str:
    """Return the program that a piece of a shell script runs, behind words such as ``then`` and ``exec``."""
    return next((word for word in segment if word not in _BEFORE_PROGRAMS), "")


def _follows(segment: Sequence[str]) -> bool:
    """Tell whether a command of the container joins a group that another pod leads: it opens no HTTP port."""
    joined = " ".join(segment) if len(segment) < 400 else ""
    if "multi-node-serving.sh worker" in joined:
        return True
    if "start" in segment and any(word.rpartition("/")[2] == "ray" for word in segment):
        return any(word.startswith("--address") for word in segment)
    return False


def _keeps_entrypoint(words: Sequence[str], row: Mapping[str, Any]) -> bool:
    if not words:
        return bool(row.get("no_args", True))
    return re.search(row.get("image_args", "^-"), words[0]) is not None


def _server(
    engine: str, words: Sequence[str], container: Mapping[str, Any], table: ServerTable, own_image: bool
) -> ModelServer | None:
    row = table.engines[engine]
    flags = _flags(words, row)
    rank = flags.get("node-rank")
    if "headless" in flags or (rank is not None and rank.isdigit() and int(rank) > 0):
        return None
    return ModelServer(engine, _port(flags, words, container, row, own_image), flags)


def _flags(words: Sequence[str], row: Mapping[str, Any]) -> dict[str, str | None]:
    aliases: Mapping[str, str] = row.get("aliases", {})
    flags: dict[str, str | None] = {}
    if row.get("positional") and words and words[0][:1] != "-":
        flags[row["positional"]] = _known(words[0])
    for index, word in enumerate(words):
        found = _FLAG.match(word)
        if found is None:
            continue
        name = found[1].replace("_", "-")
        value = found[2]
        if value is None:
            after = words[index + 1] if index + 1 < len(words) else "-"
            value = after if after[:1] != "-" or after[1:2].isdigit() else ""
        flags[aliases.get(name, name)] = _known(value)
    return flags


def _known(value: str) -> str | None:
    return None if is_unknown(value) else value


def _port(
    flags: Mapping[str, str | None],
    words: Sequence[str],
    container: Mapping[str, Any],
    row: Mapping[str, Any],
    own_image: bool,
) -> int | None:
    """Return the HTTP port: the flag, else the variable, else the engine's default."""
    for name in row["port_flags"]:
        if name in flags:
            return _as_port(flags[name])
    if any(name in flags for name in _CONFIG_FLAGS) or any(is_unknown(w) and w[:1] != "-" for w in _loose(words)):
        return None
    variable = row.get("port_env")
    if variable and sets_env(container, variable):
        value = literal_env(container, variable)
        return _as_port(value.rpartition(":")[2] if value else value, default=row["port"] if value else None)
    default: int | None = row.get("image_port", row["port"]) if own_image else row["port"]
    return default


def _loose(words: Sequence[str]) -> list[str]:
    """Return words that are no flag and no flag's value: a ``$EXTRA_ARGS`` among them may hold any flag."""
    return [
        word
        for index, word in enumerate(words)
        if index and word[:1] != "-" and (words[index - 1][:1] != "-" or "=" in words[index - 1])
    ]


def _as_port(value: str | None, default: int | None = None) -> int | None:
    if value is None or not value.isdecimal():
        return default
    number = int(value)
    return number if 0 < number < 65536 else None
