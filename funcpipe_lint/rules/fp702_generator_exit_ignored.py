"""FP702: a handler stops the GeneratorExit that closes a stream, and the stream yields again."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import libcst as cst

from funcpipe_lint.model import Edit, Fix, Scope
from funcpipe_lint.model.vocabulary import CLOSING
from funcpipe_lint.rule import Bad, Context, Finding, Good, Rule
from funcpipe_lint.rule.flow import Try, called, last_statement
from funcpipe_lint.rule.tree import descendants
from funcpipe_lint.rules.questions.handlers import Handler, catches, caught_kinds, may_catch
from funcpipe_lint.screen.declaration import Screen, Shape

# Calls that are given the exception, and certainly return.
_LOGS = re.compile(
    r"debug|info|warn|warning|error|exception|critical|log|print|repr|str|format|type"
)
# Calls that may well raise, whatever they are given.
_RAISES = re.compile(r"raise|rethrow|exit|abort|fail|throw", re.IGNORECASE)


class FP702(Rule):
    """A handler stops the GeneratorExit that closes a stream, and the stream yields again.

    ## What it does
    Reports a handler in an async generator that catches GeneratorExit (`except GeneratorExit`,
    `except BaseException`, a bare `except:`), neither raises nor returns, and is followed by
    another `yield`: further down, or in the next turn of a loop. Nothing is reported where a test
    on the way, or what a loop goes over, names something that the handler sets or calls, or that
    the `try` sets only where it yields no more (`last = item; break`), or where a call in the
    handler may raise.

    ## Why is this bad
    `aclose()`, and with it every `aclosing`, `break` and cancelled consumer, throws GeneratorExit
    at the `yield` where the stream stands. A stream that catches it and yields again makes
    `aclose()` fail with `RuntimeError: async generator ignored GeneratorExit`
    ([PEP 525](https://peps.python.org/pep-0525/#asynchronous-generator-object)), and what it holds
    stays open. An error in one item and the end of the consumer look the same to such a handler.

    ## Fix safety
    The handler re-raises. Safe where it names GeneratorExit alone, or does nothing else; unsafe for
    a broader handler with work in it, which is then not done when the stream is closed.

    ## Known problems
    A call in the handler that always raises, under a name that does not say so, is taken for one
    that returns. Related: FP306 reports a `yield` in the handler itself, ruff's BLE001 and E722
    broad handlers in general.
    """

    code = "FP702"
    name = "generator-exit-ignored"
    summary = "a stream catches GeneratorExit and yields again"
    scope = Scope.DEFAULT
    screen = Screen((Shape.CLOSING_STOPPED,))
    fix = "safe"
    visits = (cst.Try, cst.TryStar)
    bad = (
        Bad(
            """\
async def updates(feed):
    while True:
        try:
            yield await feed.get()
        except:  # error
            continue
""",
            """\
async def updates(feed):
    while True:
        try:
            yield await feed.get()
        except GeneratorExit:
            raise
        except:
            continue
""",
        ),
        Bad(
            """\
async def events(source):
    try:
        async for event in source:
            yield event
    except GeneratorExit:  # error
        print("the client has gone")
    yield "done"
""",
            """\
async def events(source):
    try:
        async for event in source:
            yield event
    except GeneratorExit:
        print("the client has gone")
        raise
    yield "done"
""",
        ),
    )
    good = (
        Good("""\
async def updates(feed):
    while True:
        try:
            yield await feed.get()
        except Exception:  # GeneratorExit is none
            continue
"""),
        Good("""\
async def events(source):
    try:
        async for event in source:
            yield event
    except GeneratorExit:
        print("the client has gone")  # and the stream ends
"""),
    )

    def check(self, node: Try, ctx: Context) -> Iterator[Finding]:
        if not ctx.functions.is_stream_function(ctx.tree.function(node)):
            return
        handler = _closing_handler(ctx, node)
        if handler is None or not ctx.flow.is_live(node) or not _is_thrown_in(ctx, node):
            return
        if not _falls_through(ctx, handler):
            return
        final = node.finalbody
        if final is not None and (ctx.flow.leaves_in(final) or ctx.flow.live_yields_in(final)):
            return
        again = _Behind(ctx, _changed(ctx, handler) | _set_at_the_end(ctx, node)).yields_after(
            handler
        )
        if again is None:
            return
        message = (
            "closing this stream ends in this handler, and the stream goes on to yield (line "
            f"{ctx.line(again)}): aclose() then fails with 'async generator ignored GeneratorExit'."
            " Re-raise it: except GeneratorExit: raise"
        )
        yield Finding(
            handler, message, notes=((again, "yields again here"),), fix=_fix(ctx, handler)
        )


def _closing_handler(ctx: Context, block: Try) -> Handler | None:
    """The handler of a `try` that GeneratorExit certainly reaches."""
    for handler in block.handlers:
        if catches(ctx.names, handler, CLOSING):
            return handler
        if may_catch(ctx.names, handler, GeneratorExit):
            return None
    return None


def _is_thrown_in(ctx: Context, block: Try) -> bool:
    """Whether GeneratorExit comes to the handlers of a `try`: a yield of its body lies in no other
    whose handlers may catch it."""
    for place in ctx.flow.live_yields_in(block.body):
        for above, child in ctx.tree.path(place):
            if above is block:
                return True
            others = above.handlers if isinstance(above, Try) and child is above.body else ()
            if any(may_catch(ctx.names, other, GeneratorExit) for other in others):
                break
    return False


def _falls_through(ctx: Context, handler: Handler) -> bool:
    """Whether a handler certainly comes to its end: nothing in it yields, raises or returns, and no
    call is given the exception, but to log it."""
    caught = handler.name.name if handler.name is not None else None
    name = caught.value if isinstance(caught, cst.Name) else None
    own: Iterator[cst.CSTNode] = ctx.tree.own(ctx.tree.owner(handler))
    for node in own:
        if not ctx.tree.is_inside(node, handler.body):
            continue
        if isinstance(node, cst.Yield | cst.Raise | cst.Return | cst.Assert):
            return False
        if isinstance(node, cst.Call):
            word = called(node)
            given = (n for arg in node.args for n in descendants(arg) if isinstance(n, cst.Name))
            is_given = any(n.value in (name, "exc_info") for n in given)
            if _RAISES.search(word) or (is_given and not _LOGS.fullmatch(word)):
                return False
    return True


def _changed(ctx: Context, handler: Handler) -> frozenset[str]:
    """The words of what a handler sets, calls or reads: a test of one of them may know that the
    stream is being closed."""
    words = {node.value for node in descendants(handler) if isinstance(node, cst.Name)}
    return frozenset(words - {"self", "cls"})


def _set_at_the_end(ctx: Context, block: Try) -> frozenset[str]:
    """The names that the body of a `try` binds only where it comes to no further yield: at each of
    its yields they are what they were before, and a test of one may know that it was left so."""
    owner = ctx.tree.owner(block)
    yields = ctx.flow.live_yields(owner) if isinstance(owner, cst.FunctionDef) else ()
    inside = {id(place) for place in ctx.flow.live_yields_in(block.body)}
    unset: set[str] = set()
    for name, bindings in ctx.names.bound_in(owner).items():
        bound = [each.node for each in bindings if ctx.tree.is_inside(each.node, block.body)]
        after = (
            id(yields[n]) in inside
            for node in bound
            for numbers in ctx.flow.live_yields_after(node)
            for n in numbers
        )
        if bound and not any(after):
            unset.add(name)
    return frozenset(unset)


@dataclass(frozen=True)
class _Behind:
    """What runs behind a handler, as far as no test on the way may know that it ran."""

    ctx: Context
    changed: frozenset[str]

    def yields_after(self, handler: Handler) -> cst.Yield | None:
        """The first yield that is certainly reachable behind a handler; None where there is none,
        or it is not certain."""
        last = last_statement(handler.body.body[-1]) if handler.body.body else handler
        is_broken, is_continued = isinstance(last, cst.Break), isinstance(last, cst.Continue)
        for above, child in self.ctx.tree.path(handler):
            if isinstance(above, cst.For | cst.While) and child is above.body:
                if not is_broken:
                    # What the handler calls may end what the loop goes over.
                    turn = above.iter if isinstance(above, cst.For) else above.test
                    if self._asks(turn):
                        return None
                    return self._first(above.body) or self._behind_loop(above)
                is_broken = False
            elif isinstance(above, cst.IndentedBlock) and not (is_broken or is_continued):
                for statement in above.body[self.ctx.tree.number(child) + 1 :]:
                    found = self._first(statement)
                    if found is not None:
                        return found
                    if self._may_leave(statement):
                        return None
        return None

    def _behind_loop(self, loop: cst.For | cst.While) -> cst.Yield | None:
        endless = isinstance(loop, cst.While) and self.ctx.tree.code(loop.test) in ("True", "1")
        return None if endless else self.yields_behind(loop)

    def yields_behind(self, loop: cst.CSTNode) -> cst.Yield | None:
        """The first yield in the statements below a loop in its block."""
        for statement in self.ctx.tree.siblings(loop)[self.ctx.tree.number(loop) + 1 :]:
            found = self._first(statement)
            if found is not None or self._may_leave(statement):
                return found
        return None

    def _first(self, part: cst.CSTNode) -> cst.Yield | None:
        """The first yield of a part that no test in it asks about."""
        for place in self.ctx.flow.live_yields_in(part):
            tests = (
                getattr(above, "test", None)
                for above, _ in self.ctx.tree.path(place)
                if self.ctx.tree.is_inside(above, part)
            )
            if not any(self._asks(test) for test in tests):
                return place
        return None

    def _may_leave(self, statement: cst.CSTNode) -> bool:
        """Whether a statement certainly leaves its block, or does under a test that may know."""
        if isinstance(last_statement(statement), cst.Return | cst.Raise | cst.Break | cst.Continue):
            return True
        return isinstance(statement, cst.If) and self._asks(statement.test)

    def _asks(self, test: cst.CSTNode | None) -> bool:
        return test is not None and any(
            isinstance(node, cst.Name) and node.value in self.changed for node in descendants(test)
        )


def _fix(ctx: Context, handler: Handler) -> Fix | None:
    """A `raise` at the end of a handler for GeneratorExit alone, or an arm of its own before a
    broader one."""
    if not isinstance(handler.body, cst.IndentedBlock) or not ctx.tree.is_faithful:
        return None
    if isinstance(handler, cst.ExceptStarHandler):
        return None
    start, _ = ctx.tree.span(handler)
    indent = ctx.edits.indentation(handler)
    body = list(handler.body.body)
    inner = ctx.edits.indentation(body[0])
    newline = ctx.tree.module.default_newline
    kinds = caught_kinds(handler) or []
    last = last_statement(body[-1])
    is_idle = len(body) == 1 and isinstance(last, cst.Pass | cst.Continue | cst.Break)
    title = "re-raise GeneratorExit"
    if len(kinds) == 1 and ctx.names.is_a(kinds[0], CLOSING[:1]):
        if isinstance(last, cst.Pass | cst.Continue | cst.Break):
            return Fix((ctx.edits.replace(last, "raise"),), True, title)
        return Fix((ctx.edits.after_line(body[-1], f"{inner}raise{newline}"),), True, title)
    arm = f"except GeneratorExit:{newline}{inner}raise{newline}{indent}"
    return Fix((Edit(start, start, arm),), is_idle, title)
