"""Cancelling an execution that has an abort signal leaves its resolvers running.

Leak: undone-task
"""

import asyncio

from graphql import AbortController, build_schema, execute, parse


async def hang(_info):
    await asyncio.sleep(3600)


async def main():
    schema, query = build_schema("type Query { a: Int }"), parse("{ a }")
    signal = AbortController().signal
    running = asyncio.ensure_future(execute(schema, query, {"a": hang}, abort_signal=signal))
    await asyncio.wait([running], timeout=0.1)
    running.cancel()
    await asyncio.wait([running])
    assert "hang" in [task.get_coro().__name__ for task in asyncio.all_tasks()]


asyncio.run(main())
