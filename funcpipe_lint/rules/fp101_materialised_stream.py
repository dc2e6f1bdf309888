"""FP101: code that is meant to stream collects the stream first."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterator

import libcst as cst

from funcpipe_lint.model import Fix, Scope
from funcpipe_lint.rule import Bad, Context, Finding, Good, Rule
from funcpipe_lint.rule.flow import called
from funcpipe_lint.rule.tree import COLLECTING
from funcpipe_lint.rules.questions.accumulation import Accumulation, accumulation, replaying_loop
from funcpipe_lint.rules.questions.replaying import flowing, replay_of
from funcpipe_lint.rules.questions.shell import is_shell
from funcpipe_lint.screen.declaration import Screen, Shape

_COMPREHENSIONS = COLLECTING
_COLLECTED = ("builtins.list", "builtins.set", "builtins.tuple", "builtins.dict", "builtins.sorted")
# Of these, a stream comes out no longer than the argument says.
_BOUNDED = ("take", "islice", "head", "limit", "first")


class FP101(Rule):
    """A stream is collected into a container inside code that is meant to stream.

    ## What it does
    Reports, in stream functions, in builders and in functions outside the shell that take a
    description (nested functions included): async comprehensions of lists, sets and dicts;
    `async for` loops that do nothing but fill a collection that is read after the loop; and the
    collecting helpers of aiostream, asyncstdlib and the kit. A loop that yields, empties or leaves
    at a bound is none; nor is a generator expression, a `deque(maxlen=...)`, or a stream cut by
    `take` or `islice`.

    In a module without Result types, under the strict and invariants profiles or selected by its
    code: a list in an async generator that is made of a whole stream, read by one loop in the same
    block, which yields, and used by nothing else.

    ## Why is this bad
    The first item arrives after the last one was made, memory grows with the stream, and an
    unbounded stream never arrives at all.

    ## Fix safety
    Unsafe: items are handed on as they come, so effects of the source and of the consumer
    interleave. Offered where the collection is only iterated, right after it was filled.

    ## Known problems
    Operators that have to see the whole stream (sort, permutations) belong into `whole-stream`.
    """

    code = "FP101"
    name = "materialised-stream"
    summary = "a stream is collected where it should flow"
    scope = Scope.RESULT
    strict_elsewhere = True
    fix = "unsafe"
    visits = (*_COMPREHENSIONS, cst.For, cst.Call)
    screen = Screen((Shape.RESULT_WORDS,), elsewhere=(Shape.REPLAY, Shape.REPLAY_LOOP))
    yields_to = ("FP102", "FP502")
    bad = (
        Bad(
            """\
from funcpipe_streams import AsyncGen


def louder(words: AsyncGen[str]) -> AsyncGen[str]:
    async def stream():
        collected = []
        async for word in words():  # error
            collected.append(word)
        for word in collected:
            yield word.map(str.upper)

    return stream
""",
            """\
from funcpipe_streams import AsyncGen


def louder(words: AsyncGen[str]) -> AsyncGen[str]:
    async def stream():
        async for word in words():
            yield word.map(str.upper)

    return stream
""",
        ),
        Bad(
            """\
async def words(source):
    found = [word async for word in source]  # error
    for word in found:
        yield word.strip()
""",
            """\
async def words(source):
    async for word in source:
        yield word.strip()
""",
        ),
        Bad("""\
from funcpipe_streams import AsyncGen


async def longest(words: AsyncGen[str]) -> int:
    return max(len(w) for w in [word async for word in words()])  # error
"""),
    )
    good = (
        Good("""\
from funcpipe_streams import AsyncGen


def louder(words: AsyncGen[str]) -> AsyncGen[str]:
    async def stream():
        async for word in words():
            yield word.map(str.upper)

    return stream
"""),
        Good("""\
from funcpipe_streams import AsyncGen, Ok


def batches(numbers: AsyncGen[int], size: int) -> AsyncGen[list[int]]:
    async def stream():
        batch = []
        async for number in numbers():
            batch.append(number)
            if len(batch) >= size:
                yield Ok(batch)
                batch = []
        if batch:
            yield Ok(batch)

    return stream
"""),
    )

    def check(self, node: cst.CSTNode, ctx: Context) -> Iterator[Finding]:
        if isinstance(node, cst.For):
            found = self._loop(node, ctx)
        elif isinstance(node, cst.Call):
            found = self._helper(node, ctx)
        else:
            found = self._comprehension(node, ctx)
        if found is None or not self._is_streaming(node, ctx) or not ctx.flow.is_live(node):
            return
        if ctx.streams.is_result_module or self._is_replayed(node, ctx):
            yield found

    def _is_replayed(self, node: cst.CSTNode, ctx: Context) -> bool:
        """Whether an async generator collects a stream for nothing but a loop that yields."""
        if not ctx.functions.is_stream_function(ctx.tree.function(node)):
            return False
        if isinstance(node, cst.ListComp) and isinstance(around := ctx.tree.parent(node), cst.For):
            loop: cst.For | None = around if around.iter is node else None
        elif isinstance(node, cst.For | cst.ListComp):
            found = replay_of(node, ctx)
            loop = None if found is None else found.loop
        else:
            loop = None
        return loop is not None and bool(ctx.flow.live_yields_in(loop.body))

    def _is_streaming(self, node: cst.CSTNode, ctx: Context) -> bool:
        """Whether some function around is meant to stream and none has to see everything."""
        around = [f for f in ctx.tree.functions(node) if isinstance(f, cst.FunctionDef)]
        for function in around:
            if any(fnmatch.fnmatch(function.name.value, g) for g in ctx.settings.whole_stream):
                return False
        return any(
            ctx.functions.is_stream_function(f)
            or ctx.streams.is_builder(f)
            or (ctx.streams.takes_description(f) and not is_shell(ctx, node))
            or (ctx.functions.is_sync_stream_function(f) and ctx.streams.yields_results(f))
            for f in around
        )

    def _comprehension(self, node: cst.CSTNode, ctx: Context) -> Finding | None:
        first = getattr(node, "for_in", None)
        if not isinstance(first, cst.CompFor):
            return None
        sync = ctx.streams.stream_call(first.iter)
        is_sync_stream = sync is not None and sync.source == "description"
        if first.asynchronous is None and not is_sync_stream:
            return None
        if _is_bounded(first.iter):
            return None
        message = (
            f"this comprehension holds every item of '{ctx.text(first.iter)}' before the first one "
            "goes on. Loop over the stream, or use a generator expression"
        )
        return Finding(node, message, fix=self._flowing_comprehension(node, ctx))

    def _loop(self, loop: cst.For, ctx: Context) -> Finding | None:
        found = accumulation(loop, ctx)
        if found is None or _is_bounded(loop.iter):
            return None
        if loop.asynchronous is None and ctx.streams.stream_call(loop.iter) is None:
            return None
        message = (
            f"this loop collects every item of '{ctx.text(loop.iter)}' in '{found.name}' before "
            f"the first one is used (line {ctx.line(found.read)}). Use each item in the loop"
        )
        return Finding(
            loop,
            message,
            notes=((found.read, f"'{found.name}' is read here"),),
            fix=self._flowing_loop(found, loop, ctx),
        )

    def _helper(self, call: cst.Call, ctx: Context) -> Finding | None:
        if ctx.names.is_a(call.func, ctx.settings.collectors):
            what = called(call)
        elif ctx.names.is_a(call.func, _COLLECTED) and call.args:
            source = ctx.streams.stream_call(call.args[0].value)
            if source is None or source.source != "description" or source.colour != "sync":
                return None
            what = called(call)
        else:
            return None
        if call.args and _is_bounded(call.args[0].value):
            return None
        message = (
            f"'{what}' holds every item of the stream before the first one goes on. "
            "Loop over the stream instead"
        )
        return Finding(call, message)

    def _flowing_comprehension(self, node: cst.CSTNode, ctx: Context) -> Fix | None:
        """`for x in [y async for y in s]` becomes `async for x in s`."""
        named = replay_of(node, ctx) if isinstance(node, cst.ListComp) else None
        if named is not None:
            return flowing(named, ctx)
        loop = ctx.tree.parent(node)
        first = getattr(node, "for_in", None)
        if not isinstance(loop, cst.For) or loop.iter is not node or loop.asynchronous is not None:
            return None
        if not isinstance(node, cst.ListComp) or not isinstance(first, cst.CompFor):
            return None
        is_plain = not first.ifs and first.inner_for_in is None and first.asynchronous is not None
        if not is_plain or not _is_same_name(node.elt, first.target) or not ctx.tree.is_faithful:
            return None
        if ctx.edits.drops_comment(node, first.iter):
            return None
        edits = (
            ctx.edits.insert_before(loop, "async "),
            ctx.edits.replace(node, ctx.edits.whole(first.iter)),
        )
        return Fix(edits, False, "use each item as it comes")

    def _flowing_loop(self, found: Accumulation, loop: cst.For, ctx: Context) -> Fix | None:
        """The collecting loop goes; the one that only reads it out takes its source."""
        replay = replaying_loop(found, loop, ctx)
        if replay is None or not ctx.tree.is_faithful:
            return None
        start, _ = ctx.tree.span(found.opening)
        begin, _ = ctx.tree.span(replay)
        if "#" in ctx.tree.text[start:begin]:
            return None  # a comment would be lost
        word = "async " if loop.asynchronous else ""
        edits = (
            ctx.edits.between(found.opening, replay, word),
            ctx.edits.replace(replay.iter, ctx.edits.whole(loop.iter)),
        )
        return Fix(edits, False, "use each item as it comes")


def _is_bounded(source: cst.BaseExpression) -> bool:
    """Whether a stream is cut to a length: `take(n, s)`, `islice(s, n)`, `s[:n]`."""
    if isinstance(source, cst.Subscript):
        return True
    words = called(source).split("_")
    return isinstance(source, cst.Call) and any(word in _BOUNDED for word in words)


def _is_same_name(left: cst.BaseExpression, right: cst.BaseAssignTargetExpression) -> bool:
    return isinstance(left, cst.Name) and isinstance(right, cst.Name) and left.value == right.value
