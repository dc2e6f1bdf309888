"""A resource in a plain async generator, as users of any stream library write it.

None of the libraries here has an operation for it; what the laws ask is whether the library's
operations, put around such a generator, close it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any


def held(
    embed: Callable[[Callable[[], AsyncIterator[Any]]], Any], open_stream: Callable[[Any], Any]
) -> Callable[[Callable[[], Any], Callable[[Any], Any]], Any]:
    """The `using` of a library whose descriptions are made by one function and run by another."""

    def using(cm_thunk: Callable[[], Any], make_stream: Callable[[Any], Any]) -> Any:
        async def items() -> AsyncIterator[Any]:
            async with cm_thunk() as resource:
                stream = open_stream(make_stream(resource))
                try:
                    async for item in stream:
                        yield item
                finally:
                    if hasattr(stream, "aclose"):
                        await stream.aclose()

        return embed(items)

    return using
