"""What a scalar means to the API server: the rules of sigs.k8s.io/yaml, which reads with go-yaml v2.

Facts: go.yaml.in/yaml/v2 (resolve.go) and sigs.k8s.io/yaml (yaml.go); compared with the real library by the tests.
"""

from __future__ import annotations

import base64
import binascii
import codecs
import math
import re
import struct
from datetime import date
from decimal import Decimal

Scalar = str | int | float | bool | None

_PREFIX = "tag:yaml.org,2002:"
STR_TAG = _PREFIX + "str"
BINARY_TAG = _PREFIX + "binary"
MERGE_TAG = _PREFIX + "merge"
_TIMESTAMP_TAG = _PREFIX + "timestamp"
_TYPED = {f"{_PREFIX}{name}": name for name in ("bool", "int", "float", "null", "timestamp")}

_NAMED: dict[str, Scalar] = {
    **dict.fromkeys(["y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"], True),
    **dict.fromkeys(["n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"], False),
    **dict.fromkeys(["", "~", "null", "Null", "NULL"], None),
    **dict.fromkeys([".nan", ".NaN", ".NAN"], math.nan),
    **dict.fromkeys([".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"], math.inf),
    **dict.fromkeys(["-.inf", "-.Inf", "-.INF"], -math.inf),
}
_NUMBER_STARTS = frozenset("+-0123456789.")

_INT = re.compile(
    r"(?P<sign>[-+]?)(?:0[xX](?P<hex>[0-9a-fA-F]+)|0[bB](?P<bin>[01]+)|0[oO]?(?P<oct>[0-7]+)|(?P<dec>0|[1-9][0-9]*))"
)
_BASES = {"hex": 16, "bin": 2, "oct": 8, "dec": 10}
_ODD_BINARY = re.compile(r"0b(?P<digits>[-+][01]+)")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_DOT_FLOAT = re.compile(r"\.[0-9]+(?:_[0-9]+)*(?:[eE][-+]?[0-9]+(?:_[0-9]+)*)?")
_DATE = r"(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})"
_CLOCK = r"(?P<hour>\d{1,2}):(?P<minute>\d{1,2}):(?P<second>\d{1,2})(?:[.,]\d+)?"
_ZONE = r"(?:Z|[-+](?P<zone_hour>\d{2}):(?P<zone_minute>\d{2}))"
_TIMESTAMP = re.compile(rf"{_DATE}(?:(?:[Tt]{_CLOCK}{_ZONE})|(?: {_CLOCK.replace('P<', 'P<local_')}))?", re.ASCII)
_INT64 = range(-(2**63), 2**63)
_UINT64 = range(2**64)
_EXACT_INTEGER = 1e21


class MeaninglessScalar(ValueError):  # noqa: N818 (it tells what the scalar is)
    """The text of a scalar does not fit its tag, or JSON cannot hold it. The message is a sentence for people."""


def resolve(tag: str | None, text: str, plain: bool) -> Scalar:
    """Return what the scalar *text* means.

    Args:
        tag: its tag in long form, as the parser gives it; None when it has none.
        text: its text, quotes and folding undone.
        plain: True when the parser says that its type may be told from its text.

    Raises:
        MeaninglessScalar: the text does not fit the tag.
    """
    if tag is None:
        return resolve_plain(text) if plain else text
    if tag == BINARY_TAG:
        return _binary(text)
    name = _TYPED.get(tag)
    if name is None:
        return text  # !!str, and every tag that nothing is known about
    return _typed(name, text)


def resolve_plain(text: str) -> Scalar:
    """Return what *text* means where nothing but the text tells."""
    if text in _NAMED:
        return _NAMED[text]
    if text[0] not in _NUMBER_STARTS:
        return text
    number = _number(text)
    return text if number is None else number


def json_number(value: float) -> int | float:
    """Return *value* as it comes out of Go's JSON encoder: without a fraction where there is none, so as an integer.

    The encoder pads the shortest digits with zeros: 2**60 as a float leaves it as 1152921504606847000.
    """
    if not value.is_integer() or abs(value) >= _EXACT_INTEGER:
        return value
    written = int(Decimal(repr(value)))
    return written if written in _INT64 or written in _UINT64 else value


def key_text(value: Scalar) -> str:
    """Return a mapping key as the JSON key that sigs.k8s.io/yaml makes of it.

    Raises:
        MeaninglessScalar: null and integers above the signed 64 bits are no keys to it.
    """
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int) and value in _INT64:
        return str(value)
    if isinstance(value, float):
        return _float_key(value)
    shown = "Null" if value is None else str(value)
    raise MeaninglessScalar(f"{shown} cannot be a key: the API server takes text, numbers and booleans only.")


def _number(text: str) -> int | float | None:
    """Return *text*, which starts like a number, as one; None when it is none after all."""
    if text[0] == ".":  # read as a Go literal, where underscores stand between digits only
        return _float(text) if _DOT_FLOAT.fullmatch(text) else None
    digits = text.replace("_", "")
    found = _INT.fullmatch(digits)
    if found:
        base = found.lastgroup or "dec"
        value = _integer(found["sign"], found[base], _BASES[base])
        if value in _INT64 or (value in _UINT64 and not found["sign"]):
            return value
    odd = _ODD_BINARY.fullmatch(digits)
    if odd:  # go-yaml cuts the prefix off and reads the rest, sign and all
        value = _integer(odd["digits"][0], odd["digits"][1:], 2)
        return value if value in _INT64 else None
    return _float(digits) if _FLOAT.fullmatch(digits) else None


def _integer(sign: str, digits: str, base: int) -> int:
    """Return the integer; beyond 64 bits any other, since Python refuses to convert thousands of digits."""
    significant = digits.lstrip("0") or "0"
    return int(sign + significant, base) if len(significant) <= 64 else 2**64


def _float(text: str) -> float | None:
    value = float(text)
    return None if math.isinf(value) else value


def _typed(name: str, text: str) -> Scalar:
    if name == "timestamp":
        if _is_timestamp(text):
            return text
        raise _unfit(text, name)
    if name == "float" and _is_timestamp(text):
        raise _unfit(text, name)
    value = resolve_plain(text)
    kinds: dict[str, type | tuple[type, ...]] = {"bool": bool, "int": int, "float": float, "null": type(None)}
    if name == "float" and isinstance(value, int) and not isinstance(value, bool) and value in _INT64:
        return float(value)
    if not isinstance(value, kinds[name]) or (name == "int" and isinstance(value, bool)):
        raise _unfit(text, name)
    return value


def _unfit(text: str, name: str) -> MeaninglessScalar:
    shown = text if len(text) <= 40 else text[:37] + "..."
    return MeaninglessScalar(f'"{shown}" is not what its tag !!{name} says.')


def _is_timestamp(text: str) -> bool:
    found = _TIMESTAMP.fullmatch(text)
    if not found:
        return False
    part = {name.removeprefix("local_"): int(value) for name, value in found.groupdict().items() if value}
    try:
        date(part["year"] or 2000, part["month"], part["day"])  # the year 0 is one to Go, and a leap year
    except ValueError:
        return False
    return (
        part.get("hour", 0) < 24
        and part.get("minute", 0) < 60
        and part.get("second", 0) < 60
        and part.get("zone_hour", 0) <= 24
        and part.get("zone_minute", 0) < 60
    )


def _one_replacement_a_byte(error: UnicodeError) -> tuple[str, int]:
    """Replace as Go's JSON encoder does, where Python's own handler puts one mark for a whole broken sequence."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return "\ufffd", error.start + 1


codecs.register_error("karlint-go", _one_replacement_a_byte)


def _binary(text: str) -> str:
    packed = text.replace("\n", "").replace("\r", "")
    if len(packed) % 4 == 0:
        try:
            return base64.b64decode(packed, validate=True).decode("utf-8", "karlint-go")
        except (binascii.Error, ValueError):
            pass  # told below, with the other way to be wrong
    raise MeaninglessScalar("This !!binary value is no base64.")


def _float_key(value: float) -> str:
    """Return what Go's FormatFloat(value, 'g', -1, 32) gives: the shortest text that reads back to the same float32."""
    if math.isnan(value):
        return ".nan"
    try:
        single = struct.unpack("f", struct.pack("f", value))[0]
    except OverflowError:
        single = math.copysign(math.inf, value)
    if math.isinf(single):
        return ".inf" if single > 0 else "-.inf"
    scientific = next(
        shown
        for precision in range(9)
        if struct.pack("f", float(shown := f"{single:.{precision}e}")) == struct.pack("f", single)
    )
    mantissa, _, exponent = scientific.partition("e")
    sign = "-" if mantissa.startswith("-") else ""
    digits = mantissa.lstrip("-").replace(".", "")
    return sign + _shortest(digits, int(exponent))


def _shortest(digits: str, exponent: int) -> str:
    """Write ``d.ddd * 10**exponent`` as Go does for 'g': plain for exponents from -4 to 5."""
    if exponent < -4 or exponent >= 6:
        fraction = f".{digits[1:]}" if len(digits) > 1 else ""
        return f"{digits[0]}{fraction}e{'-' if exponent < 0 else '+'}{abs(exponent):02d}"
    if exponent < 0:
        return "0." + "0" * (-exponent - 1) + digits
    whole = digits[: exponent + 1].ljust(exponent + 1, "0")
    return f"{whole}.{digits[exponent + 1 :]}" if len(digits) > exponent + 1 else whole
