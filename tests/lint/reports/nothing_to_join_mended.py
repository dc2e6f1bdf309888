"""No source at all is an end."""


async def joined(sources):
    for source in sources:
        async for item in source:
            yield item
