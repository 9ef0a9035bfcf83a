"""Values that are not known before something else fills them in."""

from __future__ import annotations

import re
from typing import Any

# ``${GPUS}`` (Flux, envsubst), ``{{ .Values.gpus }}`` (Helm, Argo CD), ``ENC[...]`` (SOPS). ``$(NAME)`` is not one of
# them: Kubernetes itself expands that, in strings only, and sees the string before.
_TOKEN = re.compile(r"\$\{.*\}|\{\{.*\}\}|^ENC\[", re.DOTALL)


def has_token(text: object) -> bool:
    """Return True for a string that holds a template token."""
    return isinstance(text, str) and _TOKEN.search(text) is not None


def holds_token(value: Any) -> bool:
    """Return True when *value* or anything in it, keys included, holds a template token."""
    if isinstance(value, dict):
        return any(has_token(key) or holds_token(item) for key, item in value.items())
    if isinstance(value, list):
        return any(holds_token(item) for item in value)
    return has_token(value)
