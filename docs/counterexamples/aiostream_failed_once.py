"""A stream whose source raised once, when it was asked for an iterator, can never be run again.

Laws: D4 D5
"""

import asyncio

from aiostream import stream


class Rows:
    tries = 0

    def __aiter__(self):
        self.tries += 1
        if self.tries == 2:
            raise OSError("refused, once")
        return aiter(stream.just("a row"))


async def main():
    rows = stream.map(stream.iterate(Rows()), str)
    told = [await asyncio.gather(stream.list(rows), return_exceptions=True) for _ in range(3)]
    assert "OSError" in repr(told[1]) and "raised StopIteration" in repr(told[2])


asyncio.run(main())
