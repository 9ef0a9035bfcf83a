"""Reads files that a repository names: no more of one than a file of its kind can have."""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

MOST_BYTES = 64 << 20


def read_bytes(file: Path, most: int = MOST_BYTES) -> bytes:
    """Return what *file* holds. Raises OSError, also for one of more than *most* bytes: a link may lead to a device."""
    with file.open("rb") as stream:
        data = stream.read(most + 1)
    if len(data) > most:
        raise OSError(errno.EFBIG, os.strerror(errno.EFBIG), str(file))
    return data
