"""The parser: libyaml, one event at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from karlint.errors import EnvironmentProblem

try:
    from yaml.cyaml import CParser  # type: ignore[attr-defined]
except ImportError:  # PyYAML can be built without libyaml
    CParser = None  # type: ignore[misc, assignment]

if TYPE_CHECKING:
    from collections.abc import Callable

HARD_DEPTH = 250
"""No document is read deeper than this: the JSON encoder gives up a little below."""


def parser_events(text: str) -> Callable[[], Any]:
    """Return what gives the parser's events of *text*, one a call. It raises YAMLError where the text is no YAML.

    Raises:
        EnvironmentProblem: PyYAML was built without libyaml.
    """
    if CParser is None:
        raise EnvironmentProblem("PyYAML lacks libyaml.", "Install a wheel of PyYAML, or build it with libyaml-dev.")
    next_event: Callable[[], Any] = CParser(text).get_event
    return next_event
