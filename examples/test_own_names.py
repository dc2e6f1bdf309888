"""The laws on combinators of your own, under names of their own: run this file with pytest."""

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import Any

from funcpipe_laws import StreamInstance, laws

Stream = Callable[[], AsyncGenerator[Any, None]]


def transform(source: Stream, function: Callable[[Any], Any]) -> Stream:
    async def stream() -> AsyncGenerator[Any, None]:
        async with aclosing(source()) as items:
            async for item in items:
                yield function(item)

    return stream


STREAMS = StreamInstance(name="mine", map=transform)


@laws(STREAMS)
def test_streams(law: object) -> None:
    """One test a law; what `mine` does not offer is skipped, and says so."""
