"""How images are written for kustomize."""

from __future__ import annotations


def parse_image(text: str) -> dict[str, str]:
    """Return an image override as an entry of a kustomization's ``images``.

    >>> parse_image("llm=ghcr.io/acme/llm:v2")
    {'name': 'llm', 'newName': 'ghcr.io/acme/llm', 'newTag': 'v2'}
    >>> parse_image("ghcr.io/acme/llm@sha256:00")
    {'name': 'ghcr.io/acme/llm', 'digest': 'sha256:00'}
    """
    name, equals, new = text.partition("=")
    image, tag, digest = _split(new if equals else name)
    entry = {"name": name if equals else image}
    if equals and image and image != "*":
        entry["newName"] = image
    if tag and tag != "*":
        entry["newTag"] = tag
    if digest and digest != "*":
        entry["digest"] = digest
    return entry


def _split(image: str) -> tuple[str, str, str]:
    """Return name, tag and digest; a colon before the last slash is a port."""
    image, _, digest = image.partition("@")
    head, slash, last = image.rpartition("/")
    name, _, tag = last.partition(":")
    return head + slash + name, tag, digest
