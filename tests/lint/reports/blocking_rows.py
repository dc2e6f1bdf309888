"""Rows of a blocking cursor, from a thread."""

from fastapi.concurrency import run_in_threadpool


async def rows(cursor):
    while True:
        try:
            row = await run_in_threadpool(next, cursor)  # error: FP703
            yield row
        except StopIteration:
            break
