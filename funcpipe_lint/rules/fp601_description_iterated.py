"""FP601: a description is taken for a run, or a run for a description."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from funcpipe_lint.model import Fix, Scope
from funcpipe_lint.model.reference import KIT
from funcpipe_lint.rule import Bad, Context, Finding, Good, Rule
from funcpipe_lint.screen.declaration import Screen, Shape

_AWAITERS = tuple(
    f"asyncio.{word}" for word in ("create_task", "ensure_future", "wait_for", "shield", "run")
)
# The kit's functions whose first argument is no description, and those that take many of them.
_SOURCES = frozenset(("return", "empty", "from_iterable", "from_aiter", "from_plan", "using"))
_OF_MANY = frozenset(("gather", "concat"))


class FP601(Rule):
    """A description is taken for a run, or a run for a description.

    ## What it does
    Finds a description of a stream that is iterated, awaited or made a task without being called,
    and the run of a stream that is handed to a parameter which takes a description.

    ## Why is this bad
    A description is a function: iterating it is a `TypeError` at run time. A run in a
    description's place is one as soon as it is called.

    ## Fix safety
    Safe: the program fails as it is. The call is added after a description that is iterated, and
    taken away from the run of a function that takes no argument.

    ## Known problems
    Only parameters, names and functions whose annotation or definition is in the file are known.
    """

    code = "FP601"
    name = "description-iterated"
    summary = "a description of a stream is used as its run, or the other way round"
    scope = Scope.RESULT
    fix = "safe"
    visits = (cst.For, cst.CompFor, cst.Await, cst.Call)
    screen = Screen((Shape.RESULT_WORDS,))
    bad = (
        Bad(
            """\
from funcpipe_streams import AsyncGen


async def show(rows: AsyncGen[str]):
    async for row in rows:  # error
        print(row)
""",
            """\
from funcpipe_streams import AsyncGen


async def show(rows: AsyncGen[str]):
    async for row in rows():
        print(row)
""",
        ),
        Bad(
            """\
from funcpipe_streams import Ok, async_gen_map


async def numbers():
    yield Ok(1)


doubled = async_gen_map(numbers(), lambda number: number * 2)  # error
""",
            """\
from funcpipe_streams import Ok, async_gen_map


async def numbers():
    yield Ok(1)


doubled = async_gen_map(numbers, lambda number: number * 2)
""",
        ),
    )
    good = (
        Good("""\
from funcpipe_streams import AsyncGen


async def show(rows: AsyncGen[str]):
    async for row in rows():
        print(row)
"""),
        Good("""\
from funcpipe_streams import Ok, async_gen_map


async def numbers():
    yield Ok(1)


doubled = async_gen_map(numbers, lambda number: number * 2)
"""),
    )

    def check(
        self, node: cst.For | cst.CompFor | cst.Await | cst.Call, ctx: Context
    ) -> Iterator[Finding]:
        if not ctx.flow.is_live(node):
            return
        if isinstance(node, cst.For | cst.CompFor):
            yield from _iterated(ctx, node)
        elif isinstance(node, cst.Await):
            yield from _awaited(ctx, node, node.expression)
        elif ctx.names.is_a(node.func, _AWAITERS) and node.args:
            yield from _awaited(ctx, node, node.args[0].value)
        else:
            yield from _passed(ctx, node)


def _iterated(ctx: Context, loop: cst.For | cst.CompFor) -> Iterator[Finding]:
    found = ctx.streams.description(loop.iter)
    if found is None:
        return
    text = ctx.text(loop.iter)
    word = "async for" if found.colour == "async" else "for"
    is_right = (loop.asynchronous is not None) == (found.colour == "async")
    fix = None
    if is_right and ctx.tree.is_faithful and isinstance(loop.iter, cst.Name | cst.Call):
        edit = ctx.edits.insert_after(loop.iter, "()")
        fix = Fix((edit,), True, "call the description")
    message = (
        f"'{text}' describes a stream and is not one: this is a TypeError. Call it: "
        f"{word} ... in {text}():"
    )
    yield Finding(loop if isinstance(loop, cst.For) else loop.iter, message, fix=fix)


def _awaited(ctx: Context, node: cst.CSTNode, value: cst.BaseExpression) -> Iterator[Finding]:
    if ctx.streams.description(value) is not None:
        what = "describes a stream"
    elif ctx.streams.async_stream_call(value) is not None:
        what = "is a stream"
    else:
        return
    message = (
        f"'{ctx.text(value)}' {what}, and cannot be awaited: this is a TypeError. Iterate it with "
        "'async for'"
    )
    yield Finding(node, message)


def _passed(ctx: Context, call: cst.Call) -> Iterator[Finding]:
    """Runs handed to parameters that take descriptions."""
    for arg, takes in _arguments(ctx, call):
        run = ctx.streams.stream_call(arg.value)
        if run is None or not takes:
            continue
        text = ctx.text(arg.value)
        fix = None
        is_thunk = not run.call.args
        if (
            is_thunk
            and ctx.tree.is_faithful
            and not ctx.edits.drops_comment(run.call, run.call.func)
        ):
            edit = ctx.edits.replace(run.call, ctx.edits.whole(run.call.func))
            fix = Fix((edit,), True, "pass the description itself")
        message = (
            f"'{text}' is one run of a stream, and '{ctx.text(call.func)}' takes a description, "
            "which it calls itself: pass the function, or a lambda that makes the run"
        )
        yield Finding(arg.value, message, fix=fix)


def _arguments(ctx: Context, call: cst.Call) -> Iterator[tuple[cst.Arg | cst.BaseElement, bool]]:
    """Each argument of a call, and whether its parameter certainly takes a description."""
    if any(arg.star for arg in call.args):
        return
    function = ctx.functions.definition(call.func)
    if function is None:
        yield from _given_to_kit(ctx, call)
        return
    plain = _plain_parameters(ctx, call.func, function)
    by_name = {param.name.value: param for param in (*plain, *function.params.kwonly_params)}
    for position, arg in enumerate(call.args):
        param = by_name.get(arg.keyword.value) if arg.keyword else None
        if arg.keyword is None and position < len(plain):
            param = plain[position]
        note = param.annotation.annotation if param is not None and param.annotation else None
        kind = ctx.annotations.stream_type(note, function)
        yield arg, kind is not None and kind.is_description


def _given_to_kit(ctx: Context, call: cst.Call) -> Iterator[tuple[cst.Arg | cst.BaseElement, bool]]:
    """The descriptions that a function of the kit is given: its first argument, or what that
    lists."""
    found = ctx.names.candidates(call.func)
    words = {_after_prefix(name) for name in found}
    if not words or "" in words or words & _SOURCES:
        return
    if not call.args or call.args[0].keyword is not None:
        return
    first = call.args[0]
    if words <= _OF_MANY and isinstance(first.value, cst.List | cst.Tuple):
        yield from ((each, True) for each in first.value.elements)
    elif not words & _OF_MANY:
        yield first, True


def _after_prefix(dotted: str) -> str:
    """What one of the kit's functions does: "map" of both `async_gen_map` and `io_gen_map`."""
    root, _, rest = dotted.partition(".")
    head, _, word = rest.rpartition(".")[2].partition("_gen_")
    return word if root == KIT and head in ("async", "io") else ""


def _plain_parameters(
    ctx: Context, called: cst.BaseExpression, function: cst.FunctionDef
) -> list[cst.Param]:
    """The parameters that take a call's positional arguments, the first of a method left out where
    the call binds it."""
    plain = [*function.params.posonly_params, *function.params.params]
    if not isinstance(called, cst.Attribute) or ctx.functions.has_decorator(
        function, "staticmethod"
    ):
        return plain
    holder = called.value
    binding = ctx.names.only(holder.value, holder) if isinstance(holder, cst.Name) else None
    is_of_class = binding is not None and isinstance(binding.node, cst.ClassDef)
    if is_of_class and not ctx.functions.has_decorator(function, "classmethod"):
        return plain
    return plain[1:]
