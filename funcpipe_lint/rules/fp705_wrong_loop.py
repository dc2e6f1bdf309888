"""FP705: `async for` over what is no async iterable."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

import libcst as cst

from funcpipe_lint.model import Edit, Fix, Scope
from funcpipe_lint.model.vocabulary import PLAIN_ITERABLES
from funcpipe_lint.rule import Bad, Context, Finding, Good, Rule
from funcpipe_lint.rule.tree import COLLECTING
from funcpipe_lint.screen.declaration import Screen, Shape

_BUILTINS = tuple(f"builtins.{name}" for name in PLAIN_ITERABLES)
_DISPLAYS: dict[type, str] = {
    cst.List: "a list",
    cst.Set: "a set",
    cst.Dict: "a dict",
    cst.ListComp: "a list",
    cst.SetComp: "a set",
    **dict.fromkeys(COLLECTING[2:], "a dict"),
}


class _Iterable(NamedTuple):
    """What a loop goes through, where that is certainly of the wrong kind."""

    kind: str
    is_awaited: bool = False
    """Whether it is a coroutine, which has to be awaited."""


class FP705(Rule):
    """`async for` over what is no async iterable.

    ## What it does
    Reports `async for` over a call of a plain generator of the file, of a coroutine of the file
    that is not awaited, of `range`, `zip` and other builtins, and over lists and other displays.
    Comprehensions count.

    ## Why is this bad
    It fails at the first item: `TypeError: 'async for' requires an object with __aiter__ method,
    got generator`. Code that is rarely run keeps such a loop for years, and a broad handler around
    it hides it.

    ## Fix safety
    Safe: the word `async` goes; the loop failed before. There is no fix for a coroutine: what it
    returns is not known.

    ## Known problems
    A generator method that yields nothing, and a coroutine method, stand for what subclasses do: a
    loop over `self.rows()` is not reported for them.
    """

    code = "FP705"
    name = "wrong-loop"
    summary = "async for over what is no async iterable"
    scope = Scope.DEFAULT
    screen = Screen((Shape.WRONG_LOOP,))
    fix = "safe"
    visits = (cst.For, cst.CompFor)
    bad = (
        Bad(
            """\
def partials(client):
    for part in client.parts():
        yield part


async def shown(client):
    async for part in partials(client):  # error
        yield part.text
""",
            """\
def partials(client):
    for part in client.parts():
        yield part


async def shown(client):
    for part in partials(client):
        yield part.text
""",
        ),
        Bad(
            """\
async def rows(pool):
    async with pool.connect() as connection:
        return await connection.fetch()


async def shown(pool):
    async for row in rows(pool):  # error
        print(row)
""",
        ),
    )
    good = (
        Good("""\
def partials(client):
    for part in client.parts():
        yield part


async def shown(client):
    for part in partials(client):
        yield part.text
"""),
        Good("""\
class Reader:
    async def rows(self):
        raise NotImplementedError  # subclasses are async generators

    async def shown(self):
        async for row in self.rows():
            print(row)
"""),
    )

    def check(self, node: cst.For | cst.CompFor, ctx: Context) -> Iterator[Finding]:
        found = _not_async(ctx, node) if node.asynchronous is not None else None
        if found is None or not ctx.flow.is_live(node):
            return
        advice = "Await the call" if found.is_awaited else "Write for"
        message = f"'async for' over {found.kind}: this is a TypeError at the first item. {advice}"
        yield Finding(node, message, fix=None if found.is_awaited else _fix(ctx, node))


def _not_async(ctx: Context, node: cst.For | cst.CompFor) -> _Iterable | None:
    value = node.iter
    if type(value) in _DISPLAYS:
        return _Iterable(_DISPLAYS[type(value)])
    if not isinstance(value, cst.Call):
        return None
    if isinstance(value.func, cst.Name) and ctx.names.is_a(value.func, _BUILTINS):
        return _Iterable(f"'{ctx.short_call(value)}', which is no async iterable")
    function = ctx.functions.definition(value.func)
    if function is None or not ctx.functions.is_plainly_called(function):
        return None
    if ctx.functions.is_stub(function) or _stands_for_others(ctx, function, value):
        return None
    if ctx.functions.is_generator(function) and function.asynchronous is None:
        return _Iterable(f"the plain generator '{ctx.short_call(value)}'")
    is_coroutine = function.asynchronous is not None and not ctx.functions.is_generator(function)
    if is_coroutine and not ctx.functions.may_be_overridden(value.func):
        return _Iterable(f"the coroutine '{ctx.short_call(value)}'", is_awaited=True)
    return None


def _stands_for_others(ctx: Context, function: cst.FunctionDef, call: cst.Call) -> bool:
    """Whether a method may be overridden, and yields nothing itself."""
    return ctx.functions.may_be_overridden(call.func) and not ctx.flow.live_yields(function)


def _fix(ctx: Context, node: cst.For | cst.CompFor) -> Fix | None:
    """The word `async` goes, unless a comment stands behind it."""
    start, _ = ctx.tree.span(node)
    word = re.match(r"async[ \t\r\n\\]+(?=for\b)", ctx.tree.text[start:])
    if word is None or not ctx.tree.is_faithful:
        return None
    return Fix((Edit(start, start + word.end(), ""),), True, "iterate it with for")
