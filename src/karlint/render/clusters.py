"""Which cluster something lands in, as far as the layout of the repository tells."""

from __future__ import annotations

_KEEPERS = {"clusters", "environments", "envs", "overlays"}


def entry_directory(file: str) -> str:
    """Return the directory of a cluster or environment that *file* lies in; "" where the layout does not say.

    >>> entry_directory("clusters/prod/flux-system/gotk-sync.yaml"), entry_directory("apps/llm.yaml")
    ('clusters/prod', '')
    """
    steps = file.split("/")[:-1]
    for index, step in enumerate(steps[:-1]):
        if step in _KEEPERS:
            return "/".join(steps[: index + 2])
    return ""


def common_directory(one: str, other: str) -> str:
    """Return the deepest directory that holds both directories.

    >>> common_directory("kubernetes/main/flux", "kubernetes/main/apps")
    'kubernetes/main'
    """
    shared = []
    for left, right in zip(one.split("/"), other.split("/"), strict=False):
        if left != right:
            break
        shared.append(left)
    return "/".join(shared)
