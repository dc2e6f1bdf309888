# options: select = ["FP102"]
"""Whole streams kept in a list, only to be gone through again."""

from collections.abc import AsyncIterator


# ---------------------------------------------------------------- silence

async def one_by_one(source):
    async for item in source:
        yield item


async def in_batches(source, size):
    batch = []
    async for item in source:
        batch.append(item)
        if len(batch) >= size:
            for ready in batch:
                yield ready
            batch = []
    for ready in batch:
        yield ready


async def used_as_a_list(source):
    items = [item async for item in source]
    print(len(items))
    for item in items:
        yield item


async def checked_first(source):
    items = []
    async for item in source:
        items.append(item)
    if not items:
        raise LookupError("no item")
    for item in items:
        yield item


async def sorted_first(source):
    items = []
    async for item in source:
        items.append(item)
    for item in sorted(items):
        yield item


async def used_again(source):
    items = []
    async for item in source:
        items.append(item)
    for item in items:
        yield item
    yield len(items)


async def the_list_is_somebody_elses(source, items):
    async for item in source:
        items.append(item)
    for item in items:
        yield item


async def a_set_drops_duplicates(source):
    for item in {item async for item in source}:
        yield item


async def lazily(source):
    return (item async for item in source)


# ---------------------------------------------------------------- violations

async def a_comprehension(source):
    async for item in source:  # error: FP102
        yield item


async def a_comprehension_with_work(source):
    for item in [item.strip() async for item in source if item]:  # error: FP102
        print(item)


async def two_loops(source):
    items = []
    async for item in source:  # error: FP102
        items.append(item)
    for item in items:
        yield item


async def two_loops_with_work(source):
    kept: list[str] = []
    async for item in source:  # error: FP102
        if item:
            kept.append(item)
    for line in kept:
        yield line.strip()


# ---------------------------------------------------------------- lists with a name

async def used_twice(source):
    rows = [row async for row in source]
    for row in rows:
        yield row
    print(rows)


async def out_of_a_session(session):
    async with session() as opened:
        rows = [row async for row in opened.rows()]
    for row in rows:
        print(row)


async def another_name_between(source, others):
    rows = [row async for row in source]
    for row in others:
        yield row
    for row in rows:
        yield row


async def named(source):
    rows = [row async for row in source]  # error: FP102
    for row in rows:
        print(row)


async def named_in_a_branch(source, is_wanted):
    if is_wanted:
        rows = [row.name async for row in source.rows() if row.name]  # error: FP102
        for row in rows:
            yield row
