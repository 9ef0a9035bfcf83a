"""Why an edit is not made."""

from __future__ import annotations


class RefusedError(Exception):
    """The text is left as it is. *reason* is a short phrase that goes on after "because"."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
