"""FP307: a lock is held while the consumer of a stream runs."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from funcpipe_lint.model import Scope
from funcpipe_lint.rule import Bad, Context, Finding, Good, Rule
from funcpipe_lint.rules.questions.managers import (
    entered_elsewhere,
    held,
    is_driven_as_manager,
    is_lock,
)
from funcpipe_lint.screen.declaration import Screen, Shape


class FP307(Rule):
    """A lock is held while the consumer of a stream runs.

    ## What it does
    Reports a `yield` while a lock, mutex, semaphore, condition or limiter is held, known by the
    last word of its name, also where a context manager of the project holds it. A stream that goes
    on reading under its lock, in a loop that awaits or over a generator of the same file, may have
    to keep its source to itself (one reader a connection): that is reported only when the rule is
    selected by its code, or under the strict profile.

    ## Why is this bad
    The consumer runs while the lock is held, for as long as it likes: it may take the same lock
    and hang, or stop pulling and keep everybody else out until the stream is collected.

    ## Fix safety
    There is no fix: what has to be copied under the lock is a question of meaning. A lock that
    orders turns (one speaker, one request on a connection) belongs to the caller: `async with
    speaker.turn() as items:`, where `turn` is an `asynccontextmanager` that holds the lock.

    ## Known problems
    A lock that is meant to be held is reported as well; name it in `locks` (globs over what is
    written, as `self._turn_lock`), or say why in a suppression. A decorator that makes a context
    manager of a generator is named in `managers`, what takes a dependency (as FastAPI's `Depends`)
    in `dependencies`.
    """

    code = "FP307"
    name = "lock-across-yield"
    summary = "a stream yields while it holds a lock"
    scope = Scope.DEFAULT
    strict_elsewhere = True
    visits = (cst.FunctionDef,)
    screen = Screen((Shape.LOCK_YIELD,))
    bad = (
        Bad("""\
class Store:
    async def items(self):
        async with self._lock:
            for item in self._items:
                yield item  # error
"""),
        Bad("""\
async def flow(token_lock, request):
    async with token_lock:
        response = yield request  # error
        if response.status_code == 401:
            yield request
"""),
    )
    good = (
        Good("""\
class Store:
    async def items(self):
        async with self._lock:
            items = list(self._items)
        for item in items:
            yield item
"""),
        Good("""\
async def events(clock, source):
    async with clock:
        async for event in source:
            yield event
"""),
    )

    def check(self, node: cst.FunctionDef, ctx: Context) -> Iterator[Finding]:
        if not ctx.functions.is_stream_function(node) or is_driven_as_manager(ctx, node):
            return
        reported: set[cst.CSTNode] = set()
        for place in ctx.flow.live_yields(node):
            for block, item, manager, _ in held(ctx, place):
                if not is_lock(ctx, manager):
                    continue
                if self.code not in ctx.settings.everywhere and _guards_reading(ctx, block):
                    break
                if item not in reported:
                    reported.add(item)
                    message = (
                        f"the consumer runs while '{ctx.text(manager)}' (line {ctx.line(item)}) "
                        "is held, for as long as it likes: copy what is needed under the lock and "
                        "yield after it; if it is to have the lock for its turn, hand it out by a "
                        "context manager"
                    )
                    notes = ((item, "the lock is taken here"),)
                    elsewhere = entered_elsewhere(ctx, manager)
                    yield Finding(place, message, cause=place, notes=notes, elsewhere=elsewhere)
                break


def _guards_reading(ctx: Context, block: cst.With) -> bool:
    """Whether one of the yields under a lock reads on: the lock is there for all of it."""
    return any(_reads_on(ctx, block, place) for place in ctx.flow.live_yields_in(block.body))


def _reads_on(ctx: Context, block: cst.With, place: cst.CSTNode) -> bool:
    """Whether a loop that suspends, or whose items a generator makes one by one, leads from the
    lock's block to the yield."""
    for above, _ in ctx.tree.path(place):
        if above is block:
            break
        if isinstance(above, cst.For | cst.While) and ctx.flow.awaits_in(above):
            return True
        if isinstance(above, cst.For) and _is_generator_call(ctx, above.iter):
            return True
    return False


def _is_generator_call(ctx: Context, source: cst.BaseExpression) -> bool:
    """Whether a loop goes through what a generator function of the file makes."""
    function = ctx.functions.definition(source.func) if isinstance(source, cst.Call) else None
    return (
        function is not None
        and ctx.functions.is_generator(function)
        and ctx.functions.is_plainly_called(function)
    )
