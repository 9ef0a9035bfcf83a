"""Finds what is in the paths that ``--policy`` names."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from karlint.errors import PolicyError, UsageError
from karlint.policy.conftest import conftest_rules
from karlint.policy.gatekeeper import CONSTRAINTS, TEMPLATES, gatekeeper_rules
from karlint.policy.modules import read_module

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from karlint.policy.model import Module, UserRule

ReadDocuments = Callable[[Path], list[Any]]
"""Reads the documents of a YAML or JSON file. Raises ValueError for one that does not parse."""

_DATA_SUFFIXES = (".yaml", ".yml", ".json")
_MOST_BYTES = 10 << 20
_OWN = "karlint."
"""Packages that begin so are karlint's: its rules and libraries, or rule folders of the user's."""


class UserPolicies(Struct, frozen=True):
    """What the user's policies are.

    Attributes:
        rules: those in conftest's and Gatekeeper's manner.
        remarks: what was left out, and why.
        folders: directories of rule folders, laid out as karlint's own.
    """

    rules: tuple[UserRule, ...]
    remarks: tuple[str, ...]
    folders: tuple[Path, ...] = ()


def load_policies(
    paths: Sequence[Path], data_paths: Sequence[Path], namespaces: Sequence[str], read: ReadDocuments
) -> UserPolicies:
    """Return the policies in *paths*, files or directories: Rego in conftest's manner, and Gatekeeper's templates.

    Args:
        paths: each is a set of its own: what lies in one does not see the other.
        data_paths: documents for ``data``, as conftest's ``--data`` reads them.
        namespaces: packages whose rules are run; empty for all.
        read: reads YAML.

    Raises:
        UsageError: a path is not there, or holds no policy.
        PolicyError: a policy or its data is wrong.
    """
    data = _data(data_paths, read)
    rules: list[UserRule] = []
    remarks: list[str] = []
    folders = tuple(path for path in paths if holds_rule_folders(path))
    for path in paths:
        found = list(_rules_of(path, data, read, remarks))
        kept = [rule for rule in found if rule.constraint or not namespaces or rule.package in namespaces]
        if not kept and not remarks and path not in folders:
            what = f"no rule in a package called {' or '.join(namespaces)}" if found else "no policy"
            raise UsageError(
                f"{path} holds {what}",
                "Rules are called deny, violation or warn; templates are Gatekeeper's, with constraints beside them.",
            )
        rules += kept
    _check_ids(rules)
    return UserPolicies(tuple(rules), tuple(remarks), folders)


def modules_and_data(
    path: Path, data_paths: Sequence[Path], read: ReadDocuments
) -> tuple[list[Module], dict[str, Any]]:
    """Return the modules in *path*, tests among them, that are not of rule folders, and their data."""
    files = _files([path], (".rego",), "PATH")
    modules = [read_module(str(file), _text(file)) for file in files]
    return [module for module in modules if not module.package.startswith(_OWN)], _data(data_paths, read)


def _data(paths: Sequence[Path], read: ReadDocuments) -> dict[str, Any]:
    data: dict[str, Any] = {}
    for file in _files(paths, _DATA_SUFFIXES, "--policy-data"):
        for document in _documents(file, read):
            _merge(data, document, file)
    return data


def _rules_of(path: Path, data: Mapping[str, Any], read: ReadDocuments, remarks: list[str]) -> Iterator[UserRule]:
    modules: list[tuple[Module, Path]] = []
    documents: list[tuple[Any, Path]] = []
    for file in _files([path], (".rego", *_DATA_SUFFIXES), "--policy"):
        if file.suffix == ".rego":
            modules.append((read_module(str(file), _text(file)), file))
        else:
            documents += [(document, file) for document in _documents(file, read) if _is_gatekeeper(document)]
    others = [(module, file) for module, file in modules if not module.package.startswith(_OWN)]
    yield from conftest_rules(others, data)
    yield from gatekeeper_rules(documents, remarks)


def holds_rule_folders(path: Path) -> bool:
    """Tell whether *path* has rule folders: ``category/rule/rule.rego`` of karlint's packages, or a JSON Schema."""
    logic = [*path.glob("*/*/rule.rego"), *path.glob("*/*/rule.schema.json")]
    return any(file.suffix == ".json" or f"package {_OWN}rules." in _text(file) for file in logic)


def _is_gatekeeper(document: Any) -> bool:
    group = str(document.get("apiVersion", "")).partition("/")[0] if isinstance(document, dict) else ""
    return group in (TEMPLATES, CONSTRAINTS)


def _files(paths: Iterable[Path], suffixes: tuple[str, ...], option: str) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            yield from sorted(
                file for file in path.rglob("*") if file.suffix in suffixes and file.is_file() and not file.is_symlink()
            )
        elif path.is_file():
            yield path
        else:
            raise UsageError(f"{option}: {path} is not there")


def _text(file: Path) -> str:
    try:
        if file.stat().st_size > _MOST_BYTES:
            raise PolicyError(f"{file}: is larger than {_MOST_BYTES:,} bytes, so it is no policy")
        return file.read_text("utf-8")
    except OSError as error:
        raise PolicyError(f"{file} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise PolicyError(f"{file} is no UTF-8 text") from error


def _documents(file: Path, read: ReadDocuments) -> list[Any]:
    try:
        return read(file)
    except ValueError as error:
        raise PolicyError(f"{file}: {error}") from error


def _merge(data: dict[str, Any], document: Any, file: Path) -> None:
    """Merge a document into ``data``, mappings into mappings, as OPA loads several files."""
    if not isinstance(document, dict):
        raise PolicyError(f"{file}: data must be a mapping")
    for key, value in document.items():
        known = data.get(key)
        if isinstance(known, dict) and isinstance(value, dict):
            _merge(known, value, file)
        elif key in data and known != value:
            raise PolicyError(f"{file}: {key} is set by another data file too")
        else:
            data[key] = value


def _check_ids(rules: Sequence[UserRule]) -> None:
    seen: dict[str, UserRule] = {}
    for rule in rules:
        other = seen.setdefault(rule.rule.id, rule)
        if other is not rule:
            raise PolicyError(
                f"{rule.rule.logic}: its rule {rule.document} of {rule.package} would be called {rule.rule.id}, "
                f"as one of {other.rule.logic} is"
            )
