# options: select = ["FP202"]
"""What ends a stream of a team's own Ok and Err, of which nothing says that they are Results."""

from elsewhere import Err, Ok


# ---------------------------------------------------------------- silence

async def no_sides(source):
    async for line in source:
        if not line:
            raise ValueError(line)
        yield line


async def declared(source) -> "AsyncIterator[str | Ok]":
    async for line in source:
        if not line:
            raise ValueError(line)
        yield Ok(line)


async def refused_before_the_first(source, limit):
    if limit < 0:
        raise ValueError(limit)
    async for line in source:
        yield Ok(line)


# ---------------------------------------------------------------- violations

async def ended(source):
    async for line in source:
        if not line:
            raise ValueError(line)  # error: FP202
        yield Ok(line)


async def ended_beside_an_err(source):
    async for line in source:
        if line is None:
            yield Err("nothing")
        elif not line:
            raise KeyError(line)  # error: FP202
