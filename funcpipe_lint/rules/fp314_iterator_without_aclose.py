"""FP314: a class iterates a stream that it holds, and cannot be closed."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from funcpipe_lint.model import Fix, Scope
from funcpipe_lint.model.vocabulary import CLOSERS
from funcpipe_lint.rule import Bad, Context, Finding, Good, Rule
from funcpipe_lint.rule.flow import called
from funcpipe_lint.screen.declaration import Screen, Words


class FP314(Rule):
    """A class iterates a stream that it holds, and cannot be closed.

    ## What it does
    Reports `async def __anext__` of a public class that pulls an attribute of its own (`await
    self._items.__anext__()`, `await anext(self._items)`), where neither the class nor a base of it
    has `aclose`, `close` or `__aexit__`. A class with a base that the file does not show is left
    alone.

    ## Why is this bad
    `async with aclosing(wrapper)` raises AttributeError, and a loop that is left early leaves the
    stream inside open: nobody outside the class can reach it.

    ## Fix safety
    Unsafe: the new `aclose` closes the attribute, which may be an iterator without `aclose`. It is
    safe where the class itself binds the attribute to a run of an async generator.

    ## Known problems
    A class that shares its stream with others on purpose has nothing to close.
    """

    code = "FP314"
    name = "iterator-without-aclose"
    summary = "a class iterates a stream that it holds and cannot be closed"
    scope = Scope.STRICT
    fix = "safe"
    screen = Screen(
        (Words(beside=((("__anext__",), ("self",)),), members=CLOSERS),),
        without_streams=(("__anext__",), ("class",)),
    )
    visits = (cst.FunctionDef,)
    bad = (
        Bad(
            """\
async def numbers(count):
    for number in range(count):
        yield number


class Doubled:
    def __init__(self, count):
        self._numbers = numbers(count)

    def __aiter__(self):
        return self

    async def __anext__(self):  # error
        return 2 * await self._numbers.__anext__()
""",
            """\
async def numbers(count):
    for number in range(count):
        yield number


class Doubled:
    def __init__(self, count):
        self._numbers = numbers(count)

    def __aiter__(self):
        return self

    async def __anext__(self):
        return 2 * await self._numbers.__anext__()

    async def aclose(self):
        await self._numbers.aclose()
""",
        ),
        Bad(
            """\
class Names:
    async def __anext__(self):  # error
        row = await anext(self.rows)
        return row.name

    def __aiter__(self):
        return self

    def __init__(self):
        self.rows = rows()


async def rows():
    yield 1
""",
            """\
class Names:
    async def __anext__(self):
        row = await anext(self.rows)
        return row.name

    async def aclose(self):
        await self.rows.aclose()

    def __aiter__(self):
        return self

    def __init__(self):
        self.rows = rows()


async def rows():
    yield 1
""",
        ),
    )
    good = (
        Good("""\
class Doubled:
    def __init__(self, numbers):
        self._numbers = numbers

    def __aiter__(self):
        return self

    async def __anext__(self):
        return 2 * await self._numbers.__anext__()

    async def aclose(self):
        await self._numbers.aclose()
"""),
        Good("""\
import asyncio


class Channel:
    def __init__(self):
        self._queue = asyncio.Queue(8)

    def __aiter__(self):
        return self

    async def __anext__(self):
        return await self._queue.get()
"""),
    )

    def check(self, node: cst.FunctionDef, ctx: Context) -> Iterator[Finding]:
        klass = ctx.tree.owner(node)
        if node.name.value != "__anext__" or not isinstance(klass, cst.ClassDef):
            return
        if klass.name.value.startswith("_") or not ctx.functions.is_plainly_called(node):
            return
        pulled = _pulled(ctx, node)
        if pulled is None or _may_be_closed(ctx, klass):
            return
        message = (
            f"'{klass.name.value}' cannot be closed: aclosing() fails on it, and a loop that is "
            f"left early leaves 'self.{pulled}' open. Give it an aclose() that closes "
            f"'self.{pulled}'"
        )
        yield Finding(node.name, message, fix=_fix(ctx, klass, node, pulled))


def _pulled(ctx: Context, function: cst.FunctionDef) -> str | None:
    """The attribute of `self` that a method pulls."""
    for call in ctx.tree.own(function, cst.Call):
        value: cst.BaseExpression | None = None
        if isinstance(call.func, cst.Attribute) and called(call) == "__anext__":
            value = call.func.value
        elif ctx.names.is_a(call.func, ("builtins.anext",)) and call.args:
            value = call.args[0].value
        owner = value.value if isinstance(value, cst.Attribute) else None
        if isinstance(owner, cst.Name) and owner.value == "self":
            return called(cst.ensure_type(value, cst.Attribute))
    return None


# Bases without a way to close.
_PLAIN = (
    *("builtins.object", "abc.ABC", "typing.Generic", "typing.AsyncIterator"),
    *("typing.AsyncIterable", "collections.abc.AsyncIterator", "collections.abc.AsyncIterable"),
)


def _may_be_closed(ctx: Context, klass: cst.ClassDef) -> bool:
    """Whether a class, or a base of it, has a method that closes it, or a base that is unknown."""
    seen: list[cst.ClassDef] = []
    waiting = [klass]
    while waiting:
        one = waiting.pop()
        if one in seen:
            continue
        seen.append(one)
        if one.keywords or any(name in ctx.names.bound_in(one) for name in CLOSERS):
            return True
        if not all(_adds_fields(ctx, decorator) for decorator in one.decorators):
            return True
        for base in one.bases:
            head = base.value.value if isinstance(base.value, cst.Subscript) else base.value
            if ctx.names.is_a(head, _PLAIN):
                continue
            binding = ctx.names.only(head.value, one) if isinstance(head, cst.Name) else None
            if binding is None or not isinstance(binding.node, cst.ClassDef):
                return True
            waiting.append(binding.node)
    return False


def _adds_fields(ctx: Context, decorator: cst.Decorator) -> bool:
    """Whether a decorator gives a class no method that closes it."""
    made_by = decorator.decorator
    head = made_by.func if isinstance(made_by, cst.Call) else made_by
    return ctx.names.is_a(head, ("dataclasses.dataclass", "typing.final", "attrs.define"))


def _fix(ctx: Context, klass: cst.ClassDef, method: cst.FunctionDef, pulled: str) -> Fix | None:
    """An `aclose` below `__anext__`."""
    if not ctx.tree.is_faithful or not isinstance(method.body, cst.IndentedBlock):
        return None
    outer = ctx.edits.indentation(method)
    inner = ctx.edits.indentation(method.body.body[0])
    newline = ctx.tree.module.default_newline
    lines = f"async def aclose(self):{newline}{inner}await self.{pulled}.aclose()"
    added = ctx.edits.insert_after(method, f"{newline}{newline}{outer}{lines}")
    return Fix((added,), _is_generator(ctx, klass, pulled), "give the class an aclose()")


def _is_generator(ctx: Context, klass: cst.ClassDef, attribute: str) -> bool:
    """Whether a class binds an attribute to nothing but runs of async generators of the file."""
    found = []
    for target in ctx.tree.of(cst.AssignTarget):
        if not isinstance(target.target, cst.Attribute) or called(target.target) != attribute:
            continue
        assign = ctx.tree.parent(target)
        found.append(assign.value if isinstance(assign, cst.Assign) else None)
    sources = [ctx.streams.async_stream_call(value) for value in found]
    return bool(found) and all(s is not None and s.source == "generator" for s in sources)
