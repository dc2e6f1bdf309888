"""A generator under @observe can be sent nothing: it has no asend(), and no athrow().

Laws: W5
"""

import asyncio

from langfuse import observe


@observe()
async def echo():
    answer = yield "first"
    yield answer


async def main():
    stream = echo()
    await anext(stream)
    assert not hasattr(stream, "asend") and not hasattr(stream, "athrow")


asyncio.run(main())
