"""Explains an apiVersion that a target does not serve."""

from __future__ import annotations

from typing import TYPE_CHECKING

from karlint.model.source import Anchor
from karlint.schema.explain import similar
from karlint.schema.problem import Problem
from karlint.schema.served import group_of, is_alpha
from karlint.schema.tokens import has_token

if TYPE_CHECKING:
    from karlint.model.resource import ResourceRef
    from karlint.schema.served import Served


def not_served(served: Served, ref: ResourceRef, versions: list[str]) -> list[tuple[Problem, str, list[str]]]:
    """Return what to say about *ref* for the targets that do not serve it.

    Each sentence comes with the apiVersion to use instead ("" for none) and with the targets that it holds for. Nothing
    is said where it is not sure that a Kubernetes API is meant at all.
    """
    if not versions or has_token(ref.api_version) or has_token(ref.kind) or not _is_meant(served, ref, versions):
        return []
    grouped: dict[tuple[str, ...], list[str]] = {}
    for version in versions:
        grouped.setdefault(tuple(served.alternatives(version, ref.group, ref.kind)), []).append(version)
    return [(*_problem(served, ref, list(use), targets), targets) for use, targets in grouped.items()]


def _is_meant(served: Served, ref: ResourceRef, versions: list[str]) -> bool:
    """Tell manifests from other files that happen to have an apiVersion and a kind.

    The core group's "v1" is on many of these: kubeconfig's ``v1 Config``, OpenShift's ``v1 Template``, lists. So a kind
    that the core group never had counts only if it is another group's kind, or one of its own but for the case.
    """
    if ref.kind.endswith("List"):
        return False
    if ref.group:
        return True
    if any(served.alternatives(version, ref.group, ref.kind) for version in versions):
        return True
    return ref.kind.lower() in {kind.lower() for kind in served.kinds("")}


def _problem(served: Served, ref: ResourceRef, use: list[str], targets: list[str]) -> tuple[Problem, str]:
    kinds = served.kinds(ref.group)
    if ref.kind not in kinds and not use and (guess := similar(ref.kind, kinds)):
        message = f"Kubernetes has no kind {ref.kind} in {ref.api_version}."
        advice = f'Did you mean "{guess[0]}"?'
        return Problem("not-served", ("kind",), Anchor.VALUE, ref.api_version, message, advice), ""
    message = f"{ref.api_version} {ref.kind} is not served by Kubernetes {_joined(targets)}"
    same_group = [name for name in use if group_of(name) == ref.group]
    best = (same_group or use or [""])[0]
    if best:
        message += f"; use {best}"
        advice = "It is alpha, so it must be enabled in the API server." if is_alpha(best) else ""
    else:
        advice = _since_or_until(served, ref, targets)
    problem = Problem("not-served", ("apiVersion",), Anchor.VALUE, ref.api_version, f"{message}.", advice)
    return problem, "" if is_alpha(best) else best


def _since_or_until(served: Served, ref: ResourceRef, targets: list[str]) -> str:
    minors = served.minors(ref.api_version, ref.kind)
    if minors is None:
        return "No Kubernetes since 1.25 serves it."
    first, last = minors
    if all(int(version.partition(".")[2]) < first for version in targets):
        return f"Kubernetes 1.{first} is the first that serves it."
    return f"Kubernetes 1.{last} was the last that served it."


def _joined(versions: list[str]) -> str:
    return " and ".join([", ".join(versions[:-1]), versions[-1]]) if len(versions) > 1 else versions[0]
