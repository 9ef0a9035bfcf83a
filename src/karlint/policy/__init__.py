"""Policies of the user's own, run as they are: conftest's conventions, Gatekeeper's templates, rule folders."""

from karlint.policy.load import UserPolicies, load_policies
from karlint.policy.run import run_policies

__all__ = ["UserPolicies", "load_policies", "run_policies"]
