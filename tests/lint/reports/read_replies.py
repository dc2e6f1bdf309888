"""What a server sends goes through one generator that gives its errors other names."""


class Failed(Exception):
    """Of whatever server."""


async def renamed(parts):
    try:
        async for part in parts:  # error: FP313
            yield part
    except OSError as error:
        raise Failed from error


def renaming(send):
    async def call(*words):
        reply = await send(*words)
        if hasattr(reply, "__aiter__"):
            return renamed(reply)
        return reply

    return call
