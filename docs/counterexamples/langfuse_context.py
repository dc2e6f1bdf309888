"""A generator under @observe does not see the context variables that its consumer sets.

Laws: W6
"""

import asyncio
from contextvars import ContextVar

from langfuse import observe

user = ContextVar("user", default=None)


@observe()
async def answers():
    yield user.get()
    yield user.get()


async def main():
    stream = answers()
    await anext(stream)
    user.set("Ada")
    assert await anext(stream) is None


asyncio.run(main())
