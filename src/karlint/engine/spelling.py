"""Writes out imported names in Rego, since regorus evaluates a whole package for one rule behind an import.

For ``import data.lib.pods`` and ``pods.containers``, regorus looks up ``data.lib.pods`` first, which evaluates every
rule of that package and of those below it (``Interpreter::ensure_module_evaluated``); for ``data.lib.pods.containers``
it evaluates this one. Both mean the same in Rego, and cost the same in OPA, so that sources keep the short form.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_IMPORT = re.compile(r"^import[ \t]+(data(?:\.\w+)+)(?:[ \t]+as[ \t]+(\w+))?[ \t]*(?:#[^\n]*)?$", re.MULTILINE)
_TOKEN = re.compile(r'^import[ \t][^\n]*|#[^\n]*|"(?:\\.|[^"\\\n])*"|`[^`]*`|(?<![\w.])[A-Za-z_]\w*', re.MULTILINE)
_PACKAGE = re.compile(r"^package[ \t]+(\S+)", re.MULTILINE)
_NO_CODE = re.compile(r'#[^\n]*|"(?:\\.|[^"\\\n])*"|`[^`]*`')
_PLAIN = re.compile(r"\w+(?:\.\w+)*")
_LONGEST_LINE = 1024
"""Columns of a line that regorus reads."""


def spelled_out(text: str) -> str:
    """Return the Rego module *text* with ``alias.`` of its imports replaced by the whole path.

    A name that also stands alone somewhere is left, since it may be a variable. So is a module whose lines would get
    too long.
    """
    imports = {found[2] or found[1].rpartition(".")[2]: found[1] for found in _IMPORT.finditer(text)}
    if not imports:
        return text
    alone = {found[0] for found in _TOKEN.finditer(text) if found[0] in imports and not _goes_on(text, found)}
    written = _TOKEN.sub(lambda found: found[0] if found[0] in alone else imports.get(found[0], found[0]), text)
    return written if max(map(len, written.splitlines()), default=0) <= _LONGEST_LINE else text


def with_short_packages(modules: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """Return *modules* (name to Rego) with packages called p0, p1 and so on, and what each package is called now.

    At the first look at a rule of another package, or at data, regorus writes out the path of every package there is:
    short paths make that half as dear. Where a path above a package is used for itself, such as ``data.lib[name]``, the
    packages keep their names.
    """
    named = {found[1] for text in modules.values() if (found := _PACKAGE.search(text)) and _PLAIN.fullmatch(found[1])}
    above = {package[:end] for package in named for end in range(len(package)) if package[end] == "."} - named
    by_name = re.compile(rf"(?<![\w.])data(?:\.(?:{'|'.join(map(re.escape, above))}))?(?![\w.])")
    if not named or any(by_name.search(_NO_CODE.sub("", text)) for text in modules.values()):
        return dict(modules), {package: package for package in named}
    short = {package: f"p{number}" for number, package in enumerate(sorted(named))}
    longest_first = sorted(map(re.escape, named), key=len, reverse=True)
    paths = re.compile(rf"(?<![\w.])data\.({'|'.join(longest_first)})(?!\w)")
    return {name: _with_short_packages(text, paths, short) for name, text in modules.items()}, short


def _with_short_packages(text: str, paths: re.Pattern[str], short: Mapping[str, str]) -> str:
    text = _IMPORT.sub(lambda found: f"import {found[1]} as {found[2] or found[1].rpartition('.')[2]}", text)
    text = _PACKAGE.sub(lambda found: f"package {short.get(found[1], found[1])}", text, count=1)
    return paths.sub(lambda found: f"data.{short[found[1]]}", text)


def needed(libraries: Mapping[str, str], texts: Iterable[str]) -> dict[str, str]:
    """Return those of *libraries* (file name to text) whose package *texts*, or one of the libraries so needed, name.

    A library is left out only where its package is named nowhere; one without a package is kept, for its error.
    """
    packages = {name: found[1] if (found := _PACKAGE.search(text)) else "" for name, text in libraries.items()}
    kept: dict[str, str] = {}
    todo = list(texts)
    while todo:
        text = todo.pop()
        for name, package in packages.items():
            if name not in kept and _names(text, package):
                kept[name] = libraries[name]
                todo.append(libraries[name])
    return {name: text for name, text in libraries.items() if name in kept}


def _names(text: str, package: str) -> bool:
    """Tell whether a module may speak of *package*: by its path, or by a path above it that it looks below of."""
    parent = package.rpartition(".")[0]
    return f"data.{package}" in text or (
        bool(parent) and re.search(rf"data\.{re.escape(parent)}(?![\w.])", text) is not None
    )


def _goes_on(text: str, name: re.Match[str]) -> bool:
    return text[name.end() : name.end() + 1] in {".", "["}
