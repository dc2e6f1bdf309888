"""Streams that leave the manager of their resource."""

from contextlib import aclosing, asynccontextmanager, nullcontext

from starlette.responses import StreamingResponse


async def rows(connection):
    async for row in connection:
        yield row


# ---------------------------------------------------------------- silence

async def awaited(pool):
    async with pool.connect() as connection:
        return await connection.stream_all()


async def collected(pool):
    async with pool.connect() as connection:
        return [row async for row in rows(connection)]


async def of_something_else(pool, source):
    async with pool.connect() as connection:
        print(connection)
        return source.aiter_lines()


async def behind_it(pool):
    async with pool.connect() as connection:
        found = await connection.fetch()
    return rows(found)


async def all_at_once(pool, request):
    async with pool.connect() as client:
        response = await client.send(request, stream=False)
        return response.aiter_lines()


async def another_method(pool):
    async with pool.connect() as connection:
        return connection.describe()


async def holds_nothing(source):
    async with nullcontext(source) as items:
        return items.aiter_lines()


async def never(pool):
    async with pool.connect() as connection:
        print(connection)
        return
        return rows(connection)


@asynccontextmanager
async def manager(pool):
    async with pool.connect() as connection:
        yield rows(connection)
        return


def in_a_stream(pool):
    async def stream():
        async with pool.connect() as connection:
            async for row in rows(connection):
                yield row

    return stream()


# ---------------------------------------------------------------- violations

async def by_method(pool):
    async with pool.connect() as connection:
        return connection.iter_rows()  # error: FP309


async def by_function(pool):
    async with pool.connect() as connection:
        return rows(connection)  # error: FP309


async def of_a_part(client):
    async with client.get("/") as response:
        return response.content.iter_chunked(1024)  # error: FP309


async def with_more_to_do(pool, log):
    async with pool.connect() as connection:
        log(connection)
        return rows(connection)  # error: FP309


async def with_a_part_that_is_closed(client):
    async with client.stream("GET", "/") as response:
        return StreamingResponse(response.aiter_raw(), response.status)  # error: FP309


async def in_one_statement(pool, key):
    """Two managers, and arguments of the function's own."""
    async with pool.connect() as connection, connection.open(key) as cursor:
        return StreamingResponse(  # error: FP309
            rows(cursor),
            media_type=key,
        )


async def items(pool):
    async with pool.connect() as connection:
        return rows(connection)  # error: FP309


async def handed_on(client):
    async with client.stream("GET", "/") as response:
        return StreamingResponse(content=response.aiter_raw(), status_code=200)  # error: FP309


async def the_outer_one(pool):
    async with pool.connect() as connection:
        async with connection.lock() as held:
            print(held)
            return rows(connection)  # error: FP309
