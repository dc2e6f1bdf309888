"""Streamed responses and the bodies that they are given."""

import asyncio

import elsewhere
from fastapi.responses import StreamingResponse
from sse_starlette.sse import EventSourceResponse as Events


async def plain():
    for number in range(3):
        yield number


async def locked(lock):
    async with lock:
        yield 1


async def timed():
    async with asyncio.timeout(3):
        yield 1


async def before(pool):
    async with pool.connect() as connection:
        rows = await connection.all()
    for row in rows:
        yield row


async def held(pool):
    async with pool.connect() as connection:
        async for row in connection.rows():
            yield row


async def stopped(job):
    try:
        while True:
            yield await job.line()
    finally:
        await job.stop()


async def noted(job):
    try:
        yield await job.line()
    finally:
        job.note("end")


# ---------------------------------------------------------------- silence

def of_nothing_held():
    return StreamingResponse(plain())


def released_before(pool):
    return StreamingResponse(before(pool))


def of_a_lock(lock):
    return StreamingResponse(locked(lock))


def noted_only(job):
    return StreamingResponse(noted(job))


def of_elsewhere(job):
    return elsewhere.StreamingResponse(stopped(job))


def unknown(job):
    return StreamingResponse(job.lines())


def of_bytes():
    return StreamingResponse(iter([b"1"]))


# ---------------------------------------------------------------- violations

def of_a_session(pool):
    return StreamingResponse(held(pool), media_type="text/csv")  # error: FP315


async def of_a_job(job):
    response = Events(stopped(job))  # error: FP315
    return response


def by_keyword(job):
    return StreamingResponse(status_code=200, content=stopped(job))  # error: FP315
