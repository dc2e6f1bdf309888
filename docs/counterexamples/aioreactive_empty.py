"""The empty observable never ends for one who iterates over it.

Laws: A1 C1 C7 C8 I1 I2 I5 I9 O2 P4 R1 R3 X1 X3 D7
"""

import asyncio

import aioreactive as rx


async def main():
    items = rx.AsyncIteratorObserver(rx.empty())
    _, waiting = await asyncio.wait({asyncio.ensure_future(anext(items))}, timeout=0.3)
    assert waiting


asyncio.run(main())
