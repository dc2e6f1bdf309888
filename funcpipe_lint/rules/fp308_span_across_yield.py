"""FP308: a tracing span is current while the consumer of a stream runs."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from funcpipe_lint.model import Scope
from funcpipe_lint.model.vocabulary import SPAN_WORDS
from funcpipe_lint.rule import Bad, Context, Finding, Good, Rule
from funcpipe_lint.rules.questions.managers import held, is_driven_as_manager, is_span
from funcpipe_lint.screen.declaration import WITH, YIELD, Screen, Words


class FP308(Rule):
    """A tracing span is current while the consumer of a stream runs.

    ## What it does
    Finds a `yield` inside a tracing span that is the current one (`start_as_current_span`,
    `use_span`, `bound_contextvars`).

    ## Why is this bad
    The span is kept in a context variable. While the stream is suspended, the consumer's own
    spans become children of it, and where another task closes the stream, resetting the variable
    fails with "created in a different Context".

    ## Fix safety
    There is no fix: the calls inside have to be given the span.

    ## Known problems
    The managers are known by their names: `start_as_current_span`, `use_span`,
    `bound_contextvars`, `logfire.span`, `sentry_sdk.isolation_scope` and their like. The key
    `spans` names more. What drives a generator as a context manager, as FastAPI's dependencies, is
    no stream: the keys `managers` and `dependencies` name more of it.
    """

    code = "FP308"
    name = "span-across-yield"
    summary = "a stream yields inside the current tracing span"
    scope = Scope.STRICT
    visits = (cst.FunctionDef,)
    screen = Screen((Words((YIELD, WITH), with_drivers=True),), SPAN_WORDS, setting="spans")
    bad = (
        Bad("""\
from opentelemetry import trace

tracer = trace.get_tracer(__name__)


async def rows(source):
    with tracer.start_as_current_span("rows"):
        async for row in source:
            yield row  # error
"""),
        Bad("""\
from structlog.contextvars import bound_contextvars


async def rows(source):
    with bound_contextvars(source="rows"):
        async for row in source:
            yield row  # error
"""),
    )
    good = (
        Good("""\
from opentelemetry import trace

tracer = trace.get_tracer(__name__)


async def rows(source):
    span = tracer.start_span("rows")
    try:
        async for row in source:
            yield row
    finally:
        span.end()
"""),
        Good("""\
from opentelemetry import trace

tracer = trace.get_tracer(__name__)


async def rows(source):
    while True:
        with tracer.start_as_current_span("row"):
            row = await anext(source)
        yield row
"""),
    )

    def check(self, node: cst.FunctionDef, ctx: Context) -> Iterator[Finding]:
        if not ctx.functions.is_stream_function(node) or is_driven_as_manager(ctx, node):
            return
        reported: set[cst.CSTNode] = set()
        for place in ctx.flow.live_yields(node):
            for _, item, manager, is_async in held(ctx, place):
                if is_async or not is_span(ctx, manager):
                    continue
                if item not in reported:
                    reported.add(item)
                    message = (
                        f"'{ctx.text(manager)}' (line {ctx.line(item)}) stays current while the "
                        "consumer runs, and is reset in the wrong context when another task "
                        "closes the stream: start the span and end it in 'finally', without "
                        "making it current"
                    )
                    notes = ((item, "the span is made current here"),)
                    yield Finding(place, message, cause=place, notes=notes)
                break
