"""A database session is held while a log is followed."""


async def followed(sessions, log, run):
    async with sessions() as session:
        found = await session.get(run)
    yield found
    async for line in log.follow(run):
        yield line
