"""A mapped function that raises CancelledError leaves who awaits the result waiting for ever.

Laws: E6
"""

import asyncio

import reactivex
from reactivex import operators


def cancelled(item):
    raise asyncio.CancelledError


async def one():
    return 1


async def main():
    source = reactivex.start_async(lambda: asyncio.ensure_future(one()))
    result = source.pipe(operators.map(cancelled), operators.to_future())
    await asyncio.wait([result], timeout=0.2)
    assert not result.done()


asyncio.run(main())
