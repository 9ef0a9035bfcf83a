"""Makes text out of a repository safe to print: a manifest is whatever the author of a pull request wants it to be."""

from __future__ import annotations

import re

_INVISIBLE = (
    "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"  # control characters, escape sequences among them
    "\u00ad\u061c\u180e\u200b\u200e\u200f"  # soft hyphen, marks, zero-width space
    "\u202a-\u202e\u2060-\u2069"  # bidirectional controls: they make text read otherwise than it is
    "\u2028\u2029\ufeff\ufff9-\ufffb"
    "\ud800-\udfff"  # lone surrogates: file names that are not UTF-8
    "\U000e0000-\U000e007f"  # tags
)
_BLOCK = re.compile(f"[{_INVISIBLE}]")
_LINE = re.compile(f"[{_INVISIBLE}\t\r\n]")
_SGR = r"(?:\x1b\[[0-9;]*m|\s)*"
_COMMAND_AT_START = re.compile(rf"^({_SGR}):(?=:)")
_COMMAND_ANYWHERE = re.compile(r"##(?=\[|vso\[)")


def one_line(text: str) -> str:
    """Return *text* on one line, with everything that does not show, or shows as something else, escaped."""
    return _LINE.sub(_escape, text)


def code_line(text: str, tab: int = 4) -> str:
    """Return a line of source as it can be shown: tabs as blanks up to the next stop, the invisible escaped."""
    return _BLOCK.sub(_escape, text.rstrip("\r\n").expandtabs(tab)).replace("\r", "\\r").replace("\n", "\\n")


def _escape(match: re.Match[str]) -> str:
    code = ord(match.group(0))
    named = {0x09: "\\t", 0x0A: "\\n", 0x0D: "\\r"}
    if code in named:
        return named[code]
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def defuse(line: str) -> str:
    """Return an output line that no CI runner takes for a command.

    GitHub's runner reads ``::name::`` at the start of a line, blanks before it allowed, and ``##[name]`` anywhere;
    that of Azure Pipelines reads ``##vso[``.
    """
    return _COMMAND_ANYWHERE.sub("# #", _COMMAND_AT_START.sub(r"\1: ", line))


def encodable(text: str) -> str:
    """Return *text* with lone surrogates escaped, so that it can be encoded as UTF-8."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
