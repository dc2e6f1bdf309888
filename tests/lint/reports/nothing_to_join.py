"""No source at all is an end."""


async def joined(sources):
    if not sources:
        raise StopAsyncIteration("no source")  # error: FP701
    for source in sources:
        async for item in source:
            yield item
