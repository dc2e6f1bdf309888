"""FP313: a stream goes through one that it alone is left with, and never closes it."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from funcpipe_lint.model import Scope
from funcpipe_lint.rule import Bad, Context, Finding, Good, Rule
from funcpipe_lint.rule.bindings import Binding
from funcpipe_lint.screen.declaration import LOOP, YIELD, Screen, Words


class FP313(Rule):
    """A stream goes through one that it alone is left with, and never closes it.

    ## What it does
    Reports `async for item in given: ... yield ...` over a parameter of an async generator that
    mentions the parameter nowhere else, where a function of the same file hands over its last
    reference: it binds the stream to a local name, returns `generator(name)`, and does nothing with
    the name but look at it (`hasattr`, `isinstance`).

    ## Why is this bad
    Whoever closes the outer stream cannot reach the inner one, and nobody else holds it: its
    `finally` blocks run when the garbage collector finds it, in another task, or not at all. The
    connection behind it stays busy until then.

    ## Fix safety
    There is no fix: the parameter may have no `aclose`. Where it has, `async with aclosing(given)
    as items:` around the loop closes it with the outer stream.

    ## Known problems
    Whether the inner stream holds anything is not known: one that holds nothing needs no closing.
    """

    code = "FP313"
    name = "given-stream-left-open"
    summary = "a stream never closes the one that it was handed for good"
    scope = Scope.STRICT
    yields_to = ("FP302", "FP303")
    screen = Screen((Words((LOOP, YIELD), with_users=True),))
    visits = (cst.For,)
    bad = (
        Bad("""\
async def checked(chunks):
    async for chunk in chunks:  # error
        if chunk.error:
            raise ValueError(chunk.error)
        yield chunk


async def create(client, request):
    reply = await client.send(request)
    return checked(reply)
"""),
        Bad("""\
async def numbered(lines):
    number = 0
    async for line in lines:  # error
        number += 1
        yield number, line


def opened(source):
    lines = source.lines()
    return numbered(lines)
"""),
    )
    good = (
        Good("""\
from contextlib import aclosing


async def checked(chunks):
    async with aclosing(chunks) as items:
        async for chunk in items:
            if chunk.error:
                raise ValueError(chunk.error)
            yield chunk


async def create(client, request):
    reply = await client.send(request)
    return checked(reply)
"""),
        Good("""\
async def numbered(lines):
    number = 0
    async for line in lines:
        number += 1
        yield number, line


async def shown(source):
    async with source.lines() as lines:  # the caller closes it
        async for number, line in numbered(lines):
            print(number, line)
"""),
    )

    def check(self, node: cst.For, ctx: Context) -> Iterator[Finding]:
        function = ctx.tree.owner(node)
        if node.asynchronous is None or not isinstance(node.iter, cst.Name):
            return
        if not ctx.functions.is_stream_function(function) or not ctx.flow.live_yields_in(node.body):
            return
        assert isinstance(function, cst.FunctionDef)
        given = ctx.names.only(node.iter.value, node)
        if given is None or given.kind != "parameter" or given.scope is not function:
            return
        if not ctx.functions.is_plainly_called(function) or _is_mentioned(ctx, given, node.iter):
            return
        giver = next(_givers(ctx, function, given), None)
        if giver is None or not ctx.flow.is_live(node):
            return
        name = node.iter.value
        message = (
            f"'{name}' stays open when this stream is closed early: line {ctx.line(giver)} hands it"
            f" over and keeps no reference. Write async with aclosing({name}) as items: around the "
            "loop"
        )
        yield Finding(node, message, notes=((giver, "nobody else can close it from here on"),))


def _uses(ctx: Context, binding: Binding) -> Iterator[cst.Name]:
    """Where a name is used, that of a keyword or an attribute left out."""
    is_own = binding.kind == "parameter"  # any other may be bound for a module, by `global`
    whole = binding.scope if is_own else ctx.tree.module
    for use in ctx.tree.named_in(binding.name, whole):
        above = ctx.tree.parent(use)
        is_label = isinstance(above, cst.Arg) and above.keyword is use
        is_label = is_label or (isinstance(above, cst.Attribute) and above.attr is use)
        if not is_label and ctx.names.only(binding.name, use) is binding:
            yield use


def _is_mentioned(ctx: Context, given: Binding, iterated: cst.Name) -> bool:
    """Whether a parameter is used for anything but the loop."""
    return any(
        use is not iterated and not ctx.tree.is_inside(use, given.node) for use in _uses(ctx, given)
    )


def _givers(ctx: Context, function: cst.FunctionDef, given: Binding) -> Iterator[cst.Call]:
    """The returned calls of a function that are given the last reference to a stream."""
    params = [*function.params.posonly_params, *function.params.params]
    position = next((at for at, param in enumerate(params) if param is given.node), -1)
    for name in ctx.tree.named(function.name.value):
        call = ctx.tree.parent(name)
        if not isinstance(call, cst.Call) or call.func is not name:
            continue
        if not isinstance(ctx.tree.parent(call), cst.Return) or not ctx.flow.is_live(call):
            continue
        if ctx.functions.definition(name) is not function:
            continue
        argument = _argument(call, position, given.name)
        if isinstance(argument, cst.Name) and _is_last(ctx, call, argument):
            yield call


def _argument(call: cst.Call, position: int, name: str) -> cst.BaseExpression | None:
    if any(arg.star for arg in call.args):
        return None
    for number, arg in enumerate(call.args):
        if number == position if arg.keyword is None else arg.keyword.value == name:
            return arg.value
    return None


def _is_last(ctx: Context, call: cst.Call, argument: cst.Name) -> bool:
    """Whether a local name, bound to what a call gave, goes out of sight with a `return`, and is
    otherwise only looked at; no `with` or `try` of the function outlives it."""
    owner = ctx.tree.owner(call)
    if not isinstance(owner, cst.FunctionDef) or any(ctx.flow.managers(call)):
        return False
    if ctx.functions.is_generator(owner):
        return False
    binding = ctx.names.only(argument.value, argument)
    if binding is None or binding.scope is not owner or binding.kind not in ("assign", "annotate"):
        return False
    value = binding.value.expression if isinstance(binding.value, cst.Await) else binding.value
    if not isinstance(value, cst.Call):
        return False
    for use in _uses(ctx, binding):
        above = ctx.tree.parent(use)
        if use is argument or ctx.tree.is_inside(use, binding.node):
            continue
        if isinstance(above, cst.Return):
            continue
        looked = ctx.tree.parent(above) if isinstance(above, cst.Arg) else None
        if not isinstance(looked, cst.Call) or not ctx.names.is_a(looked.func, _LOOKING):
            return False
    return True


_LOOKING = (
    *("builtins.hasattr", "builtins.isinstance", "builtins.callable", "builtins.type"),
    *("inspect.isasyncgen", "inspect.isawaitable"),
)
