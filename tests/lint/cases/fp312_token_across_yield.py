"""Tokens of context variables, and yields."""

from contextlib import asynccontextmanager
from contextvars import ContextVar

from fastapi import Depends

active = ContextVar("active", default=False)


# ---------------------------------------------------------------- silence

async def numbered(request):
    token = active.set(True)
    try:
        yield request
    finally:
        active.reset(token)


NUMBERED = [Depends(numbered)]


async def around_each_step(source):
    async for item in source:
        token = active.set(True)
        try:
            shown = item.shown()
        finally:
            active.reset(token)
        yield shown


@asynccontextmanager
async def manager():
    token = active.set(True)
    try:
        yield
    finally:
        active.reset(token)


async def left_before_the_yield(source):
    async for item in source:
        with active.set(True):
            shown = item.shown()
        yield shown


async def a_manager_that_is_no_token(config, source):
    with config.set(True):
        yield source


@asynccontextmanager
async def manager_by_with():
    with active.set(True):
        yield


async def a_coroutine(source):
    token = active.set(True)
    try:
        return await source()
    finally:
        active.reset(token)


async def of_something_else(parser, state):
    mark = parser.set(state)
    yield mark
    parser.reset(state)


async def another_variable(other):
    token = active.set(True)
    yield token
    other.reset(token)


async def given(token):
    yield 1
    active.reset(token)


# ---------------------------------------------------------------- violations

async def in_a_finally(source):
    token = active.set(True)
    try:
        async for item in source:
            yield item
    finally:
        active.reset(token)  # error: FP312


async def behind(self):
    token = self.current.set(self)
    yield 1
    self.current.reset(token)  # error: FP312


async def around(source):
    token = active.set(True)

    async def stream():
        try:
            async for item in source:
                yield item
        finally:
            active.reset(token)  # error: FP312

    return stream()


async def by_with(source):
    with active.set(True):  # error: FP312
        async for item in source:
            yield item


async def by_with_among_others(source, log):
    with log.level("info"), active.set(True) as token:  # error: FP312
        yield token
