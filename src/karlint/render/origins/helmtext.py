"""Go templates as text: their actions, what these enclose, and the lines between them."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING

from msgspec import Struct, field

from karlint.render.origins.helmexpr import Call, Const, Pipeline, parse_pipeline

if TYPE_CHECKING:
    from collections.abc import Iterator

_KEYWORD = re.compile(r"^\s*(if|else|with|range|end|define|block|template|break|continue)\b")
_ELSE = re.compile(r"^\s*else\s+(if|with)\b")


class Action(Struct, frozen=True):
    """One ``{{ ... }}``.

    Attributes:
        start, end: its place in the text, delimiters included.
        inner, at: what stands between delimiters and trim marks, and where that begins.
        left, right: whether it trims the white space before and after it.
        keyword: "if", "end", ...; "comment"; "" for what puts out a value or sets a variable.
    """

    start: int
    end: int
    inner: str
    at: int
    left: bool
    right: bool
    keyword: str


class Output(Struct, frozen=True):
    """An action that puts out a value, or sets a variable where *pipeline* names one."""

    action: Action
    pipeline: Pipeline


class Text(Struct, frozen=True):
    """Literal text from *start* to *end*, what its neighbours trim left out."""

    start: int
    end: int


class Branch(Struct):
    """One arm of a control structure: ``if``, ``with``, ``range``, ``define`` or ``else`` (with no pipeline)."""

    kind: str
    action: Action
    pipeline: Pipeline
    body: list[Node] = field(default_factory=list)
    end: int = 0


class Control(Struct):
    """A control structure from *start* to *end* and its arms."""

    start: int
    end: int
    branches: list[Branch]


Node = Text | Output | Control
_OPENING = {"if", "with", "range", "define", "block"}
_MAX_NESTING = 100
_NOTHING = Pipeline((), False, None)


def scan_actions(text: str) -> list[Action]:
    """Return the actions of *text* in order. An unclosed one ends the scan: Helm would not render the file."""
    actions: list[Action] = []
    at = 0
    while (start := text.find("{{", at)) >= 0:
        inner = start + 2
        left = text.startswith("-", inner) and text[inner + 1 : inner + 2].isspace()
        inner += 1 if left else 0
        stripped = _after_space(text, inner)
        comment = text.startswith("/*", stripped)
        stop = _comment_end(text, stripped) if comment else _action_end(text, inner)
        if stop < 0:
            break
        right = text[stop - 1] == "-" and text[stop - 2].isspace() and stop - 1 > inner
        body = text[inner : stop - 1 if right else stop]
        word = _KEYWORD.match(body)
        keyword = "comment" if comment else word.group(1) if word else ""
        actions.append(Action(start, stop + 2, body, inner, left, right, keyword))
        at = stop + 2
    return actions


_SPACE = re.compile(r"\s*")


def _after_space(text: str, at: int) -> int:
    match = _SPACE.match(text, at)
    return match.end() if match else at


def _comment_end(text: str, start: int) -> int:
    close = text.find("*/", start)
    return text.find("}}", close) if close >= 0 else -1


_INSIDE = re.compile(r'"(?:\\.|[^"\\\n])*"|`[^`]*`|\'(?:\\.|[^\'\\\n])*\'|\}\}')


def _action_end(text: str, start: int) -> int:
    for match in _INSIDE.finditer(text, start):
        if match.group() == "}}":
            return match.start()
    return -1


def _nesting(actions: list[Action]) -> int:
    depth = deepest = 0
    for action in actions:
        depth += (action.keyword in _OPENING) - (action.keyword == "end")
        deepest = max(depth, deepest)
    return deepest


class Template:
    """A template file, read once: its nodes, and its defines by name."""

    def __init__(self, file: str, text: str) -> None:
        self.file = file
        self.text = text
        self.actions = scan_actions(text)
        if _nesting(self.actions) > _MAX_NESTING:
            self.actions = []  # read as plain text: nothing is said of what it puts out
        self.defines: dict[str, Branch] = {}
        self.nodes = self._parse()
        self._action_starts = [action.start for action in self.actions]
        self._starts = [0, *(m.end() for m in re.finditer("\n", text))]
        self.lines = text.split("\n")

    def line_of(self, offset: int) -> int:
        """Return the line of *offset*, from 1."""
        return bisect_right(self._starts, offset)

    def column_of(self, offset: int) -> int:
        """Return the column of *offset*, from 1."""
        return offset - self._starts[self.line_of(offset) - 1] + 1

    def actions_from(self, offset: int) -> Iterator[Action]:
        """Yield the actions that begin at *offset* or later."""
        for index in range(bisect_left(self._action_starts, offset), len(self.actions)):
            yield self.actions[index]

    def end_of_action(self, offset: int) -> int:
        """Return where the action that *offset* lies in ends; *offset* itself where it lies in none."""
        index = bisect_left(self._action_starts, offset) - 1
        return max(self.actions[index].end, offset) if index >= 0 else offset

    def line_start(self, line: int) -> int:
        """Return where *line* begins."""
        return self._starts[line - 1]

    def _parse(self) -> list[Node]:
        root: list[Node] = []
        stack: list[tuple[Control, list[Node]]] = []
        nodes = root
        at = 0
        for action in self.actions:
            stop = at + len(self.text[at : action.start].rstrip()) if action.left else action.start
            if stop > at:
                nodes.append(Text(at, stop))
            at = action.end
            if action.right:
                at = _after_space(self.text, at)
            word = action.keyword
            if word in _OPENING:
                control = Control(action.start, 0, [self._branch(word, action)])
                nodes.append(control)
                stack.append((control, nodes))
                nodes = control.branches[0].body
            elif word == "else" and stack:
                control = stack[-1][0]
                control.branches[-1].end = action.start
                nested = _ELSE.match(action.inner)
                control.branches.append(self._branch(nested.group(1) if nested else "else", action))
                nodes = control.branches[-1].body
            elif word == "end" and stack:
                control, nodes = stack.pop()
                control.branches[-1].end = action.start
                control.end = action.end
            elif word in {"", "template"}:
                nodes.append(Output(action, _output(action)))
        if at < len(self.text):
            nodes.append(Text(at, len(self.text)))
        for control, _ in stack:  # not closed: Helm refuses it, and so nothing is asked of it
            control.end = control.branches[-1].end = len(self.text)
        return root

    def _branch(self, kind: str, action: Action) -> Branch:
        inner = action.inner
        nested = _ELSE.match(inner)
        word = nested or _KEYWORD.match(inner)
        skip = word.end() if word else 0
        pipeline = _NOTHING if kind == "else" else parse_pipeline(inner[skip:], action.at + skip)
        branch = Branch(kind, action, pipeline)
        name = pipeline.expr
        if kind in {"define", "block"} and isinstance(name, Const):
            self.defines[str(name.value)] = branch
        return branch


def _output(action: Action) -> Pipeline:
    """Return the pipeline of an output; ``template "x" .`` is read as the include that it is."""
    if action.keyword != "template":
        return parse_pipeline(action.inner, action.at)
    skip = action.inner.index("template") + len("template")
    inner = parse_pipeline("include" + action.inner[skip:], action.at + skip - len("include"))
    return inner if isinstance(inner.expr, Call) else _NOTHING


def outputs(nodes: list[Node]) -> list[Output]:
    """Return all outputs below *nodes*, defines left out."""
    found: list[Output] = []
    for node in nodes:
        if isinstance(node, Output):
            found.append(node)
        elif isinstance(node, Control) and node.branches[0].kind != "define":
            for branch in node.branches:
                found += outputs(branch.body)
    return found
