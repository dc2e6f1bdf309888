"""A database session is held while a log is followed."""


async def followed(sessions, log, run):
    async with sessions() as session:
        yield await session.get(run)  # error: FP304
        async for line in log.follow(run):
            yield line
