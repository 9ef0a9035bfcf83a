"""Works out where the value of a template's action comes from, without rendering it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct, field
from msgspec.structs import replace

from karlint.render.origins.helmexpr import Call, Const, Expr, Field
from karlint.render.origins.helmfuncs import call
from karlint.render.origins.helmtext import Branch, Control, Output, Text
from karlint.render.origins.helmval import (
    NOTHING,
    UNKNOWN,
    FromFile,
    FromRun,
    FromText,
    FromValues,
    Val,
    child,
    descend,
    mixed,
    text_of,
    truth,
    whole,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from karlint.render.origins.helmchart import Chart, Library
    from karlint.render.origins.helmtext import Node, Template

_MAX_DEPTH = 15
_MAX_ITEMS = 200
_MAX_STEPS = 20_000
"""Work for one question: defines that call themselves would go on for ever. What lies beyond is unknown."""


class Env(Struct, frozen=True):
    """What names stand for at a place of a template.

    Attributes:
        chart: whose template is rendered.
        dot: the current ``.``.
        names: variables; ``$`` is the root of the template or define.
        keys: keys of the surrounding ranges that are known, the outer first.
    """

    chart: Chart
    template: Template
    dot: Val
    names: dict[str, Val] = field(default_factory=dict)

    def at(self, dot: Val) -> Env:
        """Return it with another dot."""
        return replace(self, dot=dot, names=dict(self.names))


class Evaluator:
    """Evaluates expressions of one chart's templates."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._depth = 0
        self._steps = 0

    def begin(self) -> None:
        """Begin a new question, with its whole share of work."""
        self._steps = self._depth = 0

    def value(self, expr: Expr | None, env: Env) -> Val:
        """Return what *expr* gives; never raises."""
        self._steps += 1
        if expr is None or self._steps > _MAX_STEPS:
            return Val()
        if isinstance(expr, Const):
            return Val(expr.value, (FromText(env.template.file, expr.start, expr.end),))
        if isinstance(expr, Field):
            return self._field(expr, env)
        if expr.name == "method" and expr.on is not None:
            return self._method(expr, env)
        args = tuple(self.value(argument, env) for argument in expr.args)
        if expr.name == "include":
            return self._include(args, env)
        if expr.name in {"fromYaml", "fromJson", "mustFromJson"} and len(args) == 1:
            return self._parsed(args[0])
        return call(expr.name, args)

    def _field(self, expr: Field, env: Env) -> Val:
        if expr.base is None:
            base = env.dot
        elif isinstance(expr.base, str):
            base = env.names.get(expr.base, Val())
        else:
            base = self.value(expr.base, env)
        return descend(base, expr.names)

    def _method(self, expr: Call, env: Env) -> Val:
        on = expr.on.names if expr.on is not None else ()
        args = [self.value(argument, env) for argument in expr.args]
        if "Files" in on and args and isinstance(args[0].value, str) and ".." not in args[0].value.split("/"):
            file = env.chart.file(args[0].value)
            text = self._library.content(file) if expr.on is not None and on[-1:] == ("Get",) else None
            return Val(UNKNOWN if text is None else text, (FromFile(file),))
        if "Capabilities" in on or "Files" in on:
            return Val(UNKNOWN, (FromRun("capabilities"),))
        return mixed(args)

    def _parsed(self, text: Val) -> Val:
        """Return the structure in a file's text; that of a text from elsewhere is not followed."""
        source = text.sources[0] if len(text.sources) == 1 else None
        if not isinstance(source, FromFile) or not isinstance(text.value, str):
            return mixed([text])
        documents = self._library.parse(text.value)
        root = FromFile(source.file, ())
        return Val(documents[0], (root,), root) if len(documents) == 1 else mixed([text])

    def _include(self, args: tuple[Val, ...], env: Env) -> Val:
        found = self._library.define(text_of(args[0].value)) if args and args[0].known else None
        if found is None or self._depth >= _MAX_DEPTH:
            return mixed(args[1:])
        template, branch = found
        dot = args[1] if len(args) > 1 else NOTHING
        return self.body(branch.body, Env(env.chart, template, dot, {"$": dot}))

    def body(self, nodes: Sequence[Node], env: Env) -> Val:
        """Return the text that *nodes* put out as a value."""
        self._depth += 1
        parts = self._parts(nodes, env) if self._depth < _MAX_DEPTH else [Val()]
        self._depth -= 1
        parts = [part for part in parts if part.value != ""]
        values = [whole(part) for part in parts]
        if any(value is UNKNOWN for value in values):
            return replace(mixed(parts), pieces=tuple(parts)) if len(parts) > 1 else mixed(parts)
        if len(parts) == 1 and not isinstance(values[0], str):
            return parts[0]
        text = "".join(text_of(value) for value in values)
        made = mixed([part for part in parts if text_of(part.value).strip() or part.kids is not None], text.strip())
        return replace(made, pieces=tuple(parts)) if "\n" in text else made

    def _parts(self, nodes: Sequence[Node], env: Env) -> list[Val]:
        parts: list[Val] = []
        for node in nodes:
            if self._steps > _MAX_STEPS:
                return [Val()]
            if isinstance(node, Text):
                parts.append(self._literal(node, env))
            elif isinstance(node, Output):
                if not self.assign(node, env):
                    parts.append(self.value(node.pipeline.expr, env))
            elif node.branches[0].kind != "define":
                parts += self._arms(node, env)
        return parts

    def _literal(self, node: Text, env: Env) -> Val:
        text = env.template.text[node.start : node.end]
        start = node.start + len(text) - len(text.lstrip())
        source = (FromText(env.template.file, start, start + len(text.strip())),) if text.strip() else ()
        return Val(text, source)

    def assign(self, node: Output, env: Env) -> bool:
        """Set the variable that *node* sets; return whether it is such an action."""
        if not node.pipeline.names:
            return False
        env.names[node.pipeline.names[0]] = self.value(node.pipeline.expr, env)
        return True

    def _arms(self, control: Control, env: Env) -> list[Val]:
        """Return what the arms of *control* put out that may run; of several that may, a mixture."""
        runs = self._running(control, env)
        parts: list[Val] = []
        for branch, _ in runs:
            outer = _assigned(Control(0, 0, [branch])) & env.names.keys()
            for inner in self._rounds(branch, env):
                parts += self._parts(branch.body, inner)
                env.names.update({name: inner.names[name] for name in outer})
        if len(runs) == 1 and runs[0][1]:
            return parts
        return [mixed(parts)] if parts else []

    def _running(self, control: Control, env: Env) -> list[tuple[Branch, bool]]:
        """Return the arms that may run, and whether each surely does."""
        found: list[tuple[Branch, bool]] = []
        for branch in control.branches:
            state = True if branch.kind == "else" else truth(self.value(branch.pipeline.expr, env))
            if state is not False:
                found.append((branch, state is True and not found))
            if state:
                break
        return found

    def _rounds(self, branch: Branch, env: Env) -> list[Env]:
        if branch.kind != "range":
            return [self.enter(branch, env, None)]
        value = whole(self.value(branch.pipeline.expr, env))
        keys = sorted(value) if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else []
        if not isinstance(value, dict | list) or len(value) > _MAX_ITEMS:
            return [self.enter(branch, env, None)]
        return [self.enter(branch, env, key) for key in keys]

    def enter(self, branch: Branch, env: Env, key: str | int | None) -> Env:
        """Return the names inside of *branch*; *key* is that of the round of a range, None where it is not known."""
        if branch.kind == "else":
            return env
        val = self.value(branch.pipeline.expr, env)
        names = branch.pipeline.names
        inner = env.at(env.dot)
        if branch.kind == "range":
            part = mixed([val]) if key is None else self._part(val, key)
            name = _key(val, key)
            values = [name, part] if len(names) == 2 else [part]
            inner = env.at(part)
            inner.names.update(zip(names, values, strict=False))
            return inner
        if names:
            inner.names[names[0]] = val
        return (
            env.at(val)
            if branch.kind == "with" and not names
            else replace(inner, dot=val if branch.kind == "with" else env.dot)
        )

    def _part(self, val: Val, key: str | int) -> Val:
        value = whole(val)
        if isinstance(value, list) and isinstance(key, str) and key.isdigit():
            return child(val, int(key))
        if not isinstance(value, dict | list) and isinstance(key, str) and key.isdigit() and val.kids is not None:
            return child(val, int(key))
        return child(val, key)

    def environment(self, nodes: Sequence[Node], offset: int, env: Env, keys: list[str]) -> Env:
        """Return the names at *offset* below *nodes*; *keys* are those of the ranges around it, and are used up."""
        for node in nodes:
            if isinstance(node, Text) or (isinstance(node, Output) and node.action.start >= offset):
                continue
            if isinstance(node, Output):
                self.assign(node, env)
            elif node.start < offset < node.end:
                for branch in node.branches:
                    if branch.action.end <= offset <= branch.end:
                        key = keys.pop(0) if branch.kind == "range" and keys else None
                        return self.environment(branch.body, offset, self.enter(branch, env, key), keys)
                return env
            elif node.end <= offset and node.branches[0].kind != "define":
                self._assignments(node, env)
        return env

    def _assignments(self, control: Control, env: Env) -> None:
        """Do the assignments to outer variables in a control structure that lies before the place asked for."""
        if not _assigned(control):
            return
        runs = self._running(control, env)
        for branch, sure in runs:
            for name in _assigned(Control(0, 0, [branch])) & env.names.keys():
                before = env.names[name]
                inner = self.enter(branch, env, None)
                self._walk(branch.body, inner)
                after = inner.names[name]
                certain = sure and branch.kind != "range"
                env.names[name] = after if certain else mixed([before, after])

    def _walk(self, nodes: Sequence[Node], env: Env) -> None:
        for node in nodes:
            if isinstance(node, Output):
                self.assign(node, env)
            elif isinstance(node, Control):
                self._assignments(node, env)


def _key(val: Val, key: str | int | None) -> Val:
    if key is None:
        return mixed([val])
    if isinstance(val.here, FromValues):
        return Val(key, (FromValues(val.here.chart, (*val.here.path, key), key=True),))
    return Val(key)


def _assigned(control: Control) -> set[str]:
    found: set[str] = set()
    for branch in control.branches:
        for node in branch.body:
            if isinstance(node, Output) and node.pipeline.names and not node.pipeline.declares:
                found.update(node.pipeline.names)
            elif isinstance(node, Control):
                found |= _assigned(node)
    return found
