# options: select = ["FP308"]
"""Tracing spans that are open while the consumer runs."""

from contextlib import asynccontextmanager

import structlog
from fastapi import Depends
from opentelemetry import trace
from opentelemetry.trace import use_span
from structlog.contextvars import bound_contextvars
from structlog.contextvars import bound_contextvars as bound

tracer = trace.get_tracer(__name__)


# ---------------------------------------------------------------- silence

async def traced(request):
    with tracer.start_as_current_span("request"):
        yield request


TRACED = [Depends(traced, scope="function")]


async def around_one_item(source):
    while True:
        with tracer.start_as_current_span("item"):
            item = await anext(source)
        yield item


async def started_and_ended(source):
    span = tracer.start_span("items")
    try:
        async for item in source:
            yield item
    finally:
        span.end()


async def a_coroutine(source):
    with tracer.start_as_current_span("items"):
        return [item async for item in source]


@asynccontextmanager
async def a_manager(source):
    with tracer.start_as_current_span("items"):
        yield source


async def errors_mapped(source, mapped):
    with mapped():
        yield await anext(source)


# ---------------------------------------------------------------- violations

async def around_the_loop(source):
    with tracer.start_as_current_span("items"):
        async for item in source:
            yield item  # error: FP308


async def around_a_yield(source):
    with use_span(tracer.start_span("item")):
        yield await anext(source)  # error: FP308


async def bound_variables(source):
    with bound_contextvars(source="x"):
        yield await anext(source)  # error: FP308
    with structlog.contextvars.bound_contextvars(source="x"):
        yield await anext(source)  # error: FP308


def decorated(function):
    async def wrapper(*args):
        with tracer.start_as_current_span("call") as span:
            async for item in function(*args):
                yield item  # error: FP308

    return wrapper


async def variables_by_another_name(source):
    with bound(source="rows"):
        yield 1  # error: FP308
