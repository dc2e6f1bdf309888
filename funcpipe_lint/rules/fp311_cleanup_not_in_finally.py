"""FP311: a stream cleans up on some ways out, and not when it is closed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import libcst as cst

from funcpipe_lint.model import Scope
from funcpipe_lint.model.vocabulary import CLOSING
from funcpipe_lint.rule import Bad, Context, Finding, Good, Rule, asked_once
from funcpipe_lint.rule.flow import Try, called
from funcpipe_lint.rules.questions.handlers import Handler, catches
from funcpipe_lint.screen.declaration import YIELD, Screen, Words

_CLEANS = re.compile(
    r"_*(?:a?close|abort|cancel|release|clean_?up|rollback|disconnect|stop|shutdown|unsubscribe"
    r"|unregister|terminate|kill|teardown|dispose|delete)(?:$|_\w*)"
)


class FP311(Rule):
    """A stream cleans up on some ways out, and not when it is closed.

    ## What it does
    Reports a clean-up call (`close`, `abort`, `cancel`, `_cleanup`, ...) in a stream function that
    stands in a handler that raises again, and in no `finally`: in `except Exception` around a
    `yield`, which closing the stream never reaches; or in a handler, and once more behind the loop
    that yields.

    ## Why is this bad
    A consumer that stops early closes the stream: GeneratorExit is thrown at the `yield`, which no
    `except Exception` catches, and nothing behind the loop runs. A cancelled consumer does the
    same. The request goes on, the connection stays open, though the author thought of a failure.

    ## Fix safety
    There is no fix: what is to be done on each way out only the author knows. A `finally` around
    the loop runs on all of them.

    ## Known problems
    What has to be done after a failure alone, as a rollback, may be meant so. Calls that clean
    up are known by their names.
    """

    code = "FP311"
    name = "cleanup-not-in-finally"
    summary = "a stream's clean-up does not run when it is closed"
    scope = Scope.STRICT
    screen = Screen((Words((YIELD, ("except",), ("raise",))),))
    visits = (cst.Call,)
    bad = (
        Bad("""\
async def generate(engine, prompt):
    request = engine.add(prompt)
    try:
        async for output in request:
            yield output
    except Exception:
        engine.abort(request)  # error
        raise
"""),
        Bad("""\
import asyncio


async def spoken(queue, tasks):
    while True:
        try:
            audio = await queue.get()
        except asyncio.CancelledError:
            await tasks.close()
            raise
        if audio is None:
            break
        yield audio
    await tasks.close()  # error
"""),
    )
    good = (
        Good("""\
async def generate(engine, prompt):
    request = engine.add(prompt)
    try:
        async for output in request:
            yield output
    finally:
        engine.abort(request)
"""),
        Good("""\
async def generate(engine, prompt):
    request = engine.add(prompt)
    try:
        async for output in request:
            yield output
    except BaseException:  # closing and cancelling too
        engine.abort(request)
        raise
"""),
    )

    def check(self, node: cst.Call, ctx: Context) -> Iterator[Finding]:
        function = ctx.tree.owner(node)
        if not ctx.functions.is_stream_function(function) or not _CLEANS.fullmatch(called(node)):
            return
        assert isinstance(function, cst.FunctionDef)
        same = _calls(ctx, function)[ctx.tree.code(node)]
        if not ctx.flow.is_live(node) or same.is_in_finally:
            return
        handler = _handler(ctx, node)
        if handler is not None:
            if _misses_closing(ctx, handler) and not _is_above(ctx, node, same.last):
                message = (
                    f"'{ctx.text(node)}' runs after an error alone: closing the stream at its "
                    "yield, or cancelling its consumer, passes this handler by. Put it into a "
                    "finally"
                )
                yield Finding(
                    node, message, notes=((handler, "closing the stream does not run this"),)
                )
            return
        twin = same.in_handler
        if twin is not None and _is_above(ctx, twin, _place(ctx, node)):
            message = (
                f"'{ctx.text(node)}' stands behind the loop, where it does not run when the stream "
                "is closed at its yield; a handler has it for other ways out (line "
                f"{ctx.line(twin)}). Put it into a finally around the loop"
            )
            yield Finding(node, message, notes=((twin, "and here for an error"),))


@dataclass(slots=True, eq=False)
class _Same:
    """The calls of a function that clean up by the same words."""

    is_in_finally: bool = False
    in_handler: cst.Call | None = None
    """The first of them in a handler that raises again."""
    last: dict[int, int] = field(default_factory=dict)
    """By block, the number of the last statement that holds one of them."""


@asked_once
def _calls(ctx: Context, function: cst.FunctionDef) -> dict[str, _Same]:
    """Those calls, by their words."""
    found: dict[str, _Same] = {}
    for call in ctx.tree.own(function, cst.Call):
        if not _CLEANS.fullmatch(called(call)):
            continue
        same = found.setdefault(ctx.tree.code(call), _Same())
        same.is_in_finally = same.is_in_finally or _is_in_finally(ctx, call)
        if same.in_handler is None and _handler(ctx, call) is not None:
            same.in_handler = call
        for block, number in _place(ctx, call).items():
            same.last[block] = max(number, same.last.get(block, 0))
    return found


def _place(ctx: Context, call: cst.Call) -> dict[int, int]:
    """The block that the statement of a call stands in, and its number there."""
    statement = ctx.tree.statement(call)
    return {id(ctx.tree.parent(statement)): ctx.tree.number(statement)}


def _is_in_finally(ctx: Context, call: cst.Call) -> bool:
    return any(isinstance(above, cst.Finally) for above, _ in ctx.tree.path(call))


def _handler(ctx: Context, call: cst.Call) -> Handler | None:
    """The handler that a call stands in, plainly, and that raises again at its end."""
    for above, _ in ctx.tree.path(call):
        if isinstance(above, cst.ExceptHandler):
            last = above.body.body[-1] if above.body.body else None
            statement = last.body[-1] if isinstance(last, cst.SimpleStatementLine) else None
            return above if isinstance(statement, cst.Raise) else None
        if isinstance(above, cst.If | cst.For | cst.While | cst.Try | cst.Match):
            return None
    return None


def _misses_closing(ctx: Context, handler: Handler) -> bool:
    """Whether a handler for Exception belongs to a `try` whose body yields, and no handler of it is
    for what closes a stream."""
    attempt = ctx.tree.parent(handler)
    if not isinstance(attempt, Try) or not catches(ctx.names, handler, ("builtins.Exception",)):
        return False
    if any(catches(ctx.names, each, (*CLOSING, *_CANCELLED)) for each in attempt.handlers):
        return False
    return attempt.finalbody is None and bool(ctx.flow.live_yields_in(attempt.body))


_CANCELLED = ("asyncio.CancelledError",)


def _is_above(ctx: Context, call: cst.Call, places: dict[int, int]) -> bool:
    """Whether a call stands in a loop that holds a yield, and one of some statements, by their
    blocks and numbers, below that loop."""
    return any(
        isinstance(loop, cst.For | cst.While)
        and places.get(id(ctx.tree.parent(loop)), -1) > ctx.tree.number(loop)
        and ctx.flow.live_yields_in(loop.body)
        for loop, _ in ctx.tree.path(call)
    )
