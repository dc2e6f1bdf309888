"""Words of an engine in another process, sent on as they come."""

import asyncio

from starlette.responses import StreamingResponse

END = object()


class Engine:
    """Speaks to its process through a pipe."""

    def __init__(self, pipe):
        self.pipe = pipe

    def words(self, question):
        self.pipe.send(question)
        while (word := self.pipe.recv()) is not None:
            yield word


engine = Engine(None)


async def answer(question):
    async def lines():
        words = engine.words(question)
        while (word := await asyncio.to_thread(next, words, END)) is not END:
            yield f"data: {word}"
        yield "data: end"

    return StreamingResponse(lines())
