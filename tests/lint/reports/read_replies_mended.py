"""What a server sends goes through one generator that gives its errors other names."""


class Failed(Exception):
    """Of whatever server."""


async def renamed(parts):
    try:
        async for part in parts:
            yield part
    except OSError as error:
        raise Failed from error
    finally:
        close = getattr(parts, "aclose", None)
        if close is not None:
            await close()


def renaming(send):
    async def call(*words):
        reply = await send(*words)
        if hasattr(reply, "__aiter__"):
            return renamed(reply)
        return reply

    return call
