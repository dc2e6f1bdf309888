"""A consumer that is cancelled while it awaits a call does not wait for the call's clean-up.

Laws: C2 D6
"""

import asyncio

import reactivex


async def call():
    try:
        await asyncio.sleep(3600)
    finally:
        await asyncio.sleep(0.1)


async def main():
    calls = [asyncio.ensure_future(call())]
    waiting = asyncio.ensure_future(reactivex.start_async(lambda: calls[0]))
    await asyncio.wait([waiting], timeout=0.1)
    waiting.cancel()
    await asyncio.wait([waiting])
    assert not calls[0].done()


asyncio.run(main())
