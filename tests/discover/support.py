"""Trees of files, and what discovery makes of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml

from karlint.discover import DiscoverOptions, Discovery, discover

if TYPE_CHECKING:
    from pathlib import Path

MANIFEST = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n"


def read_yaml(data: bytes) -> Any:
    try:
        return next(yaml.safe_load_all(data), None)
    except yaml.YAMLError as error:
        raise ValueError(str(error)) from error


def plant(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
    return root


def manifests(root: Path, *names: str) -> Path:
    return plant(root, dict.fromkeys(names, MANIFEST))


def repository(root: Path) -> Path:
    (root / ".git" / "info").mkdir(parents=True)
    return root


def run(root: Path, *paths: str, exclude: tuple[str, ...] = (), respect_gitignore: bool = True) -> Discovery:
    options = DiscoverOptions(exclude, respect_gitignore)
    return discover(root, [str(root / path) for path in paths], options, None, read_yaml)


def linted(discovery: Discovery) -> list[str]:
    return [file.path for file in discovery.files]


def reasons(discovery: Discovery) -> dict[str, str]:
    return {item.path: item.reason for item in discovery.skipped}
