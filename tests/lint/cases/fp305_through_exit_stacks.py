# options: select = ["FP304", "FP305", "FP307", "FP308"]
"""What an exit stack enters is open from there on, as what `async with` enters."""

import asyncio
import contextlib
from contextlib import AsyncExitStack, ExitStack

import anyio
from opentelemetry import trace

tracer = trace.get_tracer(__name__)


# ---------------------------------------------------------------- silence


async def before_it_is_entered(socket):
    with ExitStack() as stack:
        yield socket.hello
        stack.enter_context(tracer.start_as_current_span("read"))
        await socket.ping()


async def handed_on(socket, keep):
    with ExitStack() as stack:
        stack.enter_context(tracer.start_as_current_span("read"))
        keep(stack.pop_all())
        yield socket.hello


async def left_before(socket):
    with ExitStack() as stack:
        stack.enter_context(tracer.start_as_current_span("read"))
        stack.close()
        yield socket.hello


async def perhaps(socket, is_traced):
    with ExitStack() as stack:
        if is_traced:
            stack.enter_context(tracer.start_as_current_span("read"))
        yield socket.hello


async def of_another_kind(pool, socket):
    with pool.borrowed() as stack:
        stack.enter_context(tracer.start_as_current_span("read"))
        yield socket.hello


# ---------------------------------------------------------------- findings


async def scope(socket):
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(asyncio.timeout(5))
        yield socket.hello  # error: FP305


async def scope_by_another_name(socket):
    async with contextlib.AsyncExitStack() as kept:
        group = await kept.enter_async_context(anyio.create_task_group())
        group.start_soon(socket.ping)
        while True:
            yield await socket.receive()  # error: FP305


async def lock(socket, locks):
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(locks.read_lock)
        yield socket.hello  # error: FP307


async def span(socket):
    with ExitStack() as stack:
        stack.enter_context(tracer.start_as_current_span("read"))
        yield socket.hello  # error: FP308


async def span_that_is_awaited(socket):
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(tracer.start_as_current_span("read"))
        yield socket.hello  # error: FP304


async def resource(path):
    with ExitStack() as stack:
        file = stack.enter_context(open(path))
        yield file.name  # error: FP304
