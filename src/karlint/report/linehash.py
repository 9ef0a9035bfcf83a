"""The line hash by which GitHub code scanning tells that an alert is an old one.

The upload action computes it when a result lacks it, and warns when a result carries another value; results that reach
GitHub through its API get none. So this is the action's own algorithm, done over from its published behaviour: a
64-bit polynomial hash, multiplier 37, of the 100 UTF-16 code units that follow the start of the line, with blanks and
tabs left out, line ends made LF, an end marker after the text and zeros after that; and a count of equal hashes.
"""

from __future__ import annotations

import re
from array import array
from collections import Counter
from itertools import accumulate

_BLOCK = 100
_FACTOR = 37
_MASK = (1 << 64) - 1
_OUT = pow(_FACTOR, _BLOCK, 1 << 64)
_END = 0xFFFF
_LF = ord("\n")
_LINE_END = re.compile(r"\r\n?")
_BLANKS = str.maketrans("", "", " \t")


def line_hashes(text: str) -> list[str]:
    """Return ``hash:occurrence`` for each line of *text*, an empty last line included."""
    bare = _LINE_END.sub("\n", text).translate(_BLANKS)
    units = array("H", bare.encode("utf-16-le" if _little_endian() else "utf-16-be", "surrogatepass"))
    units.append(_END)
    starts = [0, *(index + 1 for index, unit in enumerate(units) if unit == _LF)]
    units.extend([0] * _BLOCK)
    sums = list(accumulate(units, lambda total, unit: (total * _FACTOR + unit) & _MASK, initial=0))
    seen: Counter[int] = Counter()
    result = []
    for start in starts:
        value = (sums[start + _BLOCK] - sums[start] * _OUT) & _MASK
        seen[value] += 1
        result.append(f"{value:x}:{seen[value]}")
    return result


def _little_endian() -> bool:
    return array("H", b"\x01\x00")[0] == 1
