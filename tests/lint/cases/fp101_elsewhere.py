# options: select = ["FP101"]
"""Code without any Result type that collects a stream, or has to."""


# ---------------------------------------------------------------- silence

async def one_by_one(source):
    async for item in source:
        yield item


async def a_page(source):
    items = [item async for item in source]
    yield items


async def sorted_first(source):
    items = [item async for item in source]
    for item in sorted(items):
        yield item


async def two_passes(source):
    items = [item async for item in source]
    for item in items:
        yield item
    for item in items:
        yield -item


async def in_a_loop_of_their_own(source, times):
    items = [item async for item in source]
    for _ in range(times):
        for item in items:
            yield item


async def the_session_ends_before(session, query):
    async with session() as rows:
        items = [row async for row in rows.run(query)]
    for item in items:
        yield item


async def all_or_nothing(source):
    try:
        items = [item async for item in source]
    except ValueError:
        items = []
    for item in items:
        yield item


async def released_between(connection):
    items = [item async for item in connection.rows()]
    await connection.release()
    for item in items:
        yield item


async def no_stream_itself(source):
    items = [item async for item in source]
    for item in items:
        print(item)


async def a_set_drops_duplicates(source):
    items = {item async for item in source}
    for item in items:
        yield item


async def batched(source, size):
    batch = []
    async for item in source:
        batch.append(item)
        if len(batch) == size:
            for each in batch:
                yield each
            batch = []


async def counted(source):
    items = []
    async for item in source:
        items.append(item)
    yield len(items)


def plainly(source):
    items = [item for item in source]
    for item in items:
        yield item


# ---------------------------------------------------------------- violations

async def collected(source):
    items = [item async for item in source()]  # error: FP101
    for item in items:
        yield item


async def annotated(source):
    items: list[int] = [item async for item in source()]  # error: FP101
    for item in items:
        yield item + 1


async def with_a_plain_statement_between(source):
    items = [item.strip() async for item in source() if item]  # error: FP101
    seen = 0
    for item in items:
        seen += 1
        yield seen, item


async def filled_by_a_loop(source):
    items = []
    async for item in source:  # error: FP101
        items.append(item)
    for item in items:
        yield item


async def gone_through_at_once(source):
    for item in [item async for item in source]:  # error: FP101
        yield item


async def of_each_page(pages):
    async for page in pages:
        rows = [row async for row in page.rows()]  # error: FP101
        for row in rows:
            yield row


class Reader:
    async def lines(self):
        lines = [line async for line in self.file]  # error: FP101
        for line in lines:
            yield line.rstrip()
