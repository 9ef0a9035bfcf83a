"""Mends findings: from symbolic operations to the least edit of the text that does what they say."""

from karlint.fix.mend import Mended, mend, spliced
from karlint.model.refused import RefusedError

__all__ = ["Mended", "RefusedError", "mend", "spliced"]
