"""Rows of a blocking cursor, from a thread."""

from fastapi.concurrency import run_in_threadpool

END = object()


async def rows(cursor):
    while (row := await run_in_threadpool(next, cursor, END)) is not END:
        yield row
