"""Classes with `__anext__`."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Generic, TypeVar

from elsewhere import Base, closable

T = TypeVar("T")


# ---------------------------------------------------------------- silence

class Counter:
    def __aiter__(self):
        return self

    async def __anext__(self):
        raise StopAsyncIteration


class OfAQueue:
    async def __anext__(self):
        return await self.queue.get()


class Closed:
    async def __anext__(self):
        return await self.inner.__anext__()

    async def aclose(self):
        await self.inner.aclose()


class AManager:
    async def __anext__(self):
        return await self.inner.__anext__()

    async def __aexit__(self, *error):
        await self.inner.aclose()


class ClosedBelow(Closed):
    async def __anext__(self):
        return await anext(self.inner)


class OfAnUnknownBase(Base):
    async def __anext__(self):
        return await anext(self.inner)


class _Private:
    async def __anext__(self):
        return await anext(self.inner)


class Delegating:
    async def __anext__(self):
        return await anext(self.inner)

    def __getattr__(self, name):
        return getattr(self.inner, name)


class PullsAnother:
    async def __anext__(self):
        return await anext(source)


@closable
class MadeClosable:
    async def __anext__(self):
        return await anext(self.inner)


# ---------------------------------------------------------------- violations

@dataclass(frozen=True)
class Rows:
    inner: AsyncIterator[str]

    async def __anext__(self):  # error: FP314
        return await self.inner.__anext__()


class Names(AsyncIterator[str]):
    def __init__(self, inner):
        self.inner = inner

    async def __anext__(self):  # error: FP314
        row = await self.inner.__anext__()
        return row.name


class Typed(Generic[T]):
    async def __anext__(self) -> T:  # error: FP314
        while True:
            item = await anext(self._items)
            if item is not None:
                return item

    def unrelated(self):
        return None
