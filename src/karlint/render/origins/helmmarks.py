"""Templates that say in their output which of their lines and actions wrote it.

Marks are text that neither Helm nor YAML takes for anything: comments at the ends of lines, and braille signs inside
of them. The chart is rendered once more with them; where the output without its marks is what was rendered before, they
are proof. A mark is ``L`` (the line's end is literal), ``A`` (the line, or its end, was put out by an action; ``F``
where more lines of it follow) or ``S`` and ``E`` (what stands between them was); then the place in a table; then the
keys of the ranges around it.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from typing import TYPE_CHECKING

from msgspec import Struct

from karlint.render.origins.helmexpr import Call, Const, Field, includes
from karlint.render.origins.helmtext import Output, Text

if TYPE_CHECKING:
    from karlint.render.origins.helmchart import Library
    from karlint.render.origins.helmtext import Action, Branch, Node, Template

_OPEN, _CLOSE = "\u283f", "\u283e"
_MARK = re.compile(rf"((?: |^)#)?{_OPEN}([LAFSE])(\d+)(?:;(\d+))?((?:@[A-Za-z0-9+/=]*)*){_CLOSE}")
HELPER = "templates/_karlint-marks.tpl"
"""The file that is added to the root chart."""

_DEFINE = r"""{{- define "karlint.mark" -}}
{{- $s := print .v -}}
{{- if kindIs "invalid" .v -}}{{- $s = "" -}}{{- end -}}
{{- $lines := splitList "\n" $s -}}
{{- if or (not (trim $s)) (and .w (gt (len $lines) 1)) -}}
{{- $s -}}
{{- else if gt (len $lines) 1 -}}
{{- $first := first $lines -}}
{{- $first -}}
{{- $rest := rest $lines -}}
{{- $entry := `^[ \t]*(-([ \t]|$)|("([^"\\\n]|\\.)*"|'[^'\n]*'|[^\s'"#][^#\n]*?):([ \t\r]|$)|[#}\]]|---)` -}}
{{- $plain := and (trim $first) (not (hasPrefix "---" $first)) -}}
{{- $goes := or (not (trim (first $rest))) (regexMatch $entry (first $rest)) (regexMatch `^\s*[|\x3e]` $first) -}}
{{- if and $plain $goes }} #<F{{ .i }};{{ len $first }}{{ .k }}>{{ end -}}
{{- $mark := printf "${1} #<A%s%s>${2}" .i .k -}}
{{- $separator := printf "(?m)^(---.*) #<A%s[^>]*>(\\r?)$" .i -}}
{{- $end := "(?m)(\\S)([ \\t]*\\r?)$" -}}
{{- $text := join "\n" $rest -}}
{{- $filled := regexFindAll `(?m)^[ \t]*\S` $text -1 -}}
{{- if and .c (eq (len $filled) (len (regexFindAll (printf "(?m)%s" $entry) $text -1))) -}}
{{- printf "\n%s" (regexReplaceAll $separator (regexReplaceAll $end $text $mark) "${1}${2}") -}}
{{- else -}}
{{- $held := "" -}}
{{- range $n, $line := $rest -}}
{{- if and $n (or (not (trim $line)) (regexMatch $entry $line)) -}}
{{- printf "\n%s" (regexReplaceAll $separator (regexReplaceAll $end $held $mark) "${1}${2}") -}}
{{- else if $n -}}
{{- printf "\n%s" $held -}}
{{- end -}}
{{- $held = $line -}}
{{- end -}}
{{- if .c }}{{ $held = regexReplaceAll $separator (regexReplaceAll $end $held $mark) "${1}${2}" }}{{ end -}}
{{- printf "\n%s" $held -}}
{{- end -}}
{{- else if .c -}}
{{- $s }} #<A{{ .i }};{{ len $s }}{{ .k }}>
{{- else -}}
<S{{ .i }}{{ .k }}>{{ $s }}<E{{ .i }}{{ .k }}>
{{- end -}}
{{- end -}}
"""
_BLOCK = frozenset({"nindent", "indent", "include", "trim", "tpl"})
_LITERAL = re.compile(r"^(?!---)\s*\S")
_ENTRY = re.compile(r"""^\s*(?:-\s+)*(?:(?:"[^"]*"|'[^']*'|[^\s#'"{}\[\],|>&*!%@`][^#]*?):(?:\s|$)|-(?:\s|$)|[#}\]])""")
_OPEN_QUOTE = re.compile(r""":\s+(?:"(?:[^"\\]|\\.)*|'(?:[^']|'')*)$""")


class Place(Struct, frozen=True):
    """What a mark stands for: an action (its output node), or a literal line, of a template."""

    template: Template
    line: int
    start: int
    output: Output | None = None
    define: Branch | None = None


class Mark(Struct, frozen=True):
    """A mark found in the output.

    Attributes:
        place: what it stands for.
        keys: of the ranges around it in its template or define, the outer first.
        start, end: the columns (from 0) of the line that it speaks for.
        whole: whether it speaks for all of its line.
        first: whether it speaks for the first of several lines that its action put out.
    """

    place: Place
    keys: tuple[str, ...]
    start: int
    end: int
    whole: bool
    first: bool = False


class Marker:
    """Puts marks into the templates of a chart, or into *only* one file of it, and reads them from its output."""

    def __init__(self, library: Library, defines: bool, only: str = "") -> None:
        self._only = only
        self._library = library
        self._places: list[Place] = []
        self._edits: list[tuple[int, int, str]] = []
        self._loops = 0
        self._defines = defines
        self._wanted: list[str] = []

    def files(self) -> dict[str, bytes]:
        """Return the marked text of all templates that hold an action, by file, and the helper that marks need.

        Defines that are included as whole lines get a marked copy, in the helper, for these includes; what else is
        made of their text stays as it is.
        """
        changed: dict[str, bytes] = {}
        for file in self._library.files():
            template = self._library.template(file)
            if template is None or not template.actions or file.endswith("NOTES.txt") or self._only not in {"", file}:
                continue
            if not file.rsplit("/", 1)[-1].startswith("_"):
                self._edits = []
                self._nodes(template, template.nodes, (), None)
                changed[file] = self._edited(template, 0, len(template.text)).encode()
        helper = _DEFINE.replace("<", _OPEN).replace(">", _CLOSE)
        for name in self._wanted:  # grows as it is walked
            found = self._library.define(name)
            if found is not None:
                helper += self._copy(name, *found)
        changed[self._library.root.file(HELPER)] = helper.encode()
        return changed

    def _copy(self, name: str, template: Template, branch: Branch) -> str:
        self._edits = []
        self._nodes(template, branch.body, (), branch)
        action = branch.action
        left, right = ("{{-" if action.left else "{{"), ("-}}" if action.right else "}}")
        end = next((other.end for other in template.actions_from(branch.end)), len(template.text))
        return f"{left} define {json.dumps(_marked(name))} {right}{self._edited(template, action.end, end)}\n"

    def _edited(self, template: Template, start: int, end: int) -> str:
        pieces: list[str] = []
        at = start
        for first, last, new in sorted(self._edits):
            pieces += (template.text[at:first], new)
            at = last
        return "".join([*pieces, template.text[at:end]])

    def _place(self, place: Place) -> int:
        self._places.append(place)
        return len(self._places) - 1

    def _nodes(self, template: Template, nodes: list[Node], keys: tuple[str, ...], define: Branch | None) -> None:
        for node in nodes:
            if isinstance(node, Text):
                self._text(template, node, keys, define)
            elif isinstance(node, Output):
                if not node.pipeline.names:
                    self._output(template, node, keys, define)
            elif node.branches[0].kind not in {"define", "block"}:
                for branch in node.branches:
                    inner = (*keys, self._range(branch)) if branch.kind == "range" else keys
                    self._nodes(template, branch.body, inner, define)

    def _range(self, branch: Branch) -> str:
        """Give the range a variable for its key, and return its name."""
        names = branch.pipeline.names
        if len(names) == 2:
            return names[0]
        self._loops += 1
        name = f"$karlint{self._loops}"
        action = branch.action
        at = action.at + action.inner.index("range") + len("range")
        self._edits.append((at, at, f" {name}, " if names else f" {name}, {name}v := "))
        return name

    def _text(self, template: Template, node: Text, keys: tuple[str, ...], define: Branch | None) -> None:
        at = node.start
        while at < node.end:
            stop = template.text.find("\n", at, node.end)
            ends = stop >= 0 or node.end == len(template.text) or _blank_after(template, node.end)
            stop = stop if stop >= 0 else node.end
            piece = template.text[at:stop].rstrip()
            if ends and piece.strip() and self._may_comment(template, template.line_of(at)):
                line = template.line_of(at)
                index = self._place(Place(template, line, at, None, define))
                end = at + len(piece)
                self._edits.append((end, end, f" #{_OPEN}L{index}{_key_actions(keys)}{_CLOSE}"))
            at = stop + 1

    def _may_comment(self, template: Template, line: int) -> bool:
        """Tell whether a comment at the end of *line* cannot cut a plain scalar of several lines in two."""
        text = template.lines[line - 1]
        if not _LITERAL.match(text) or _OPEN_QUOTE.search(text.rstrip()):
            return False
        following = next((other for other in template.lines[line:] if other.strip()), "")
        if not following or following.lstrip().startswith("{{") or _ENTRY.match(following):
            return True
        indent = len(text) - len(text.lstrip())
        return len(following) - len(following.lstrip()) <= indent and not _ENTRY.match(text)

    def _output(self, template: Template, node: Output, keys: tuple[str, ...], define: Branch | None) -> None:
        action = node.action
        index = self._place(Place(template, template.line_of(action.start), action.start, node, define))
        comment = "true" if _ends_line(template, action) else "false"
        raw = "true" if isinstance(node.pipeline.expr, Field) else "false"  # text of who knows what, put out as it is
        inner = self._included(template, node).strip()
        if action.keyword == "template":
            inner = "include" + inner.removeprefix("template")
            inner += " dict" if isinstance(node.pipeline.expr, Call) and len(node.pipeline.expr.args) < 2 else ""
        made = " ".join(f'(printf "@%s" ({key} | toString | b64enc))' for key in keys)
        new = f'include "karlint.mark" (dict "i" "{index}" "k" (print "" {made}) "c" {comment} "w" {raw} "v" ({inner}))'
        self._edits.append((action.at, action.at + len(action.inner), f" {new} "))

    def _included(self, template: Template, node: Output) -> str:
        """Return the inner text of *node*, marked copies named where it includes whole lines."""
        text, at = node.action.inner, node.action.at
        for call in includes(node.pipeline.expr) if self._defines else []:
            name = call.args[0]
            if isinstance(name, Const) and _is_block(node, call, template) and self._library.define(str(name.value)):
                text = text[: name.start - at] + json.dumps(_marked(str(name.value))) + text[name.end - at :]
                if name.value not in self._wanted:
                    self._wanted.append(str(name.value))
                break
        return text

    def read(self, line: str) -> tuple[str, list[Mark]]:
        """Return *line* without its marks, and these, in the order of the text: the inner comes before the outer."""
        marks: list[Mark] = []
        clean = ""
        at = 0
        opened: list[int] = []
        for match in _MARK.finditer(line):
            clean += line[at : match.start()]
            at = match.end()
            kind, index, size = match.group(2), int(match.group(3)), match.group(4)
            if index >= len(self._places):
                continue
            start, end = 0, len(clean)
            if kind == "S":
                opened.append(len(clean))
                continue
            if kind == "E":
                start = opened.pop() if opened else 0
            elif size is not None:
                start = max(0, _tail(clean, int(size)))
            whole = kind == "L" or (kind == "A" and size is None)
            marks.append(Mark(self._places[index], _keys(match.group(5)), start, end, whole, kind == "F"))
        return clean + line[at:], marks


def _marked(name: str) -> str:
    return f"karlint marks {name}"


def _tail(text: str, size: int) -> int:
    """Return where the last *size* bytes of *text* begin: Helm counts bytes."""
    return len(text.encode()[: max(0, len(text.encode()) - size)].decode("utf-8", "ignore"))


def _keys(text: str) -> tuple[str, ...]:
    try:
        return tuple(base64.b64decode(key).decode() for key in text.split("@")[1:])
    except (binascii.Error, UnicodeDecodeError):
        return ()


def _key_actions(keys: tuple[str, ...]) -> str:
    return "".join(f"@{{{{ {key} | toString | b64enc }}}}" for key in keys)


def _blank_after(template: Template, offset: int) -> bool:
    """Tell whether nothing is put out on the rest of the line: white space, comments and control actions only."""
    text = template.text
    for action in template.actions_from(offset):
        end = text.find("\n", offset)
        if (end >= 0 and end < action.start) or text[offset : action.start].strip():
            break
        if action.keyword not in {"comment", "end"} or action.right:
            return False
        offset = action.end
    end = text.find("\n", offset)
    return not text[offset : end if end >= 0 else len(text)].strip()


def _ends_line(template: Template, action: Action) -> bool:
    if action.right and template.text[action.end :].strip():
        return False
    return _blank_after(template, action.end)


def _is_block(output: Output, inner: Call, template: Template) -> bool:
    """Tell whether what *inner* includes becomes whole lines as it is: then marks at their ends change nothing."""
    expr, indented = output.pipeline.expr, False
    if output.pipeline.names or not _ends_line(template, output.action):
        return False
    while isinstance(expr, Call) and expr.name in _BLOCK:
        if expr is inner:
            line = template.lines[template.line_of(output.action.start) - 1]
            return indented or line.lstrip().startswith("{{")
        indented = indented or expr.name in {"nindent", "indent"}
        expr = expr.args[0] if expr.name == "tpl" and expr.args else expr.args[-1] if expr.args else None
    return False
