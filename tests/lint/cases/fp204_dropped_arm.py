# options: select = ["FP204"]
"""Results of which one side is forgotten."""

from collections.abc import AsyncIterator, Iterator

from funcpipe_streams import AsyncGen, Err, ErrInfo, Ok, Result

Items = AsyncIterator[Result[int, ErrInfo]]


# ---------------------------------------------------------------- silence

def both(item: Result[int, ErrInfo]) -> int:
    match item:
        case Ok(value):
            return value
        case Err(error):
            return len(error.msg)


def by_keyword(item: Result[int, ErrInfo]) -> int:
    match item:
        case Ok(value=value):
            return value
        case Err():
            return 0


def otherwise(item: Result[int, ErrInfo]) -> int:
    match item:
        case Ok(value):
            return value
        case other:
            return len(str(other))


def a_wildcard_that_works(item) -> int:
    match item:
        case Ok(value):
            return value
        case _:
            return 0


def alternatives(item) -> int:
    match item:
        case Ok() | Err():
            return 1


def an_err_arm_with_and_without_guard(item) -> int:
    match item:
        case Ok(value):
            return value
        case Err(error) if error.code == "X":
            return 1
        case Err():
            return 2


def other_classes(item) -> int:
    match item:
        case int():
            return 1
        case str():
            return 2


async def passed_on_later(source: Items) -> Items:
    async for item in source:
        if isinstance(item, Ok):
            print(item.value)
        yield item


async def otherwise_yielded(source: Items) -> Items:
    async for item in source:
        if isinstance(item, Ok):
            yield Ok(item.value + 1)
        else:
            yield item


async def yielded_before(source: Items) -> Items:
    async for item in source:
        if isinstance(item, Err):
            yield item
        if isinstance(item, Ok):
            yield Ok(item.value + 1)


async def tap_ok(source: Items, action) -> Items:
    async for item in source:
        match item:
            case Ok(value):
                action(value)
        yield item


async def filter_ok(source: Items) -> Items:
    async for item in source:
        if isinstance(item, Ok):
            yield item


async def partition_values(source: Items) -> Items:
    async for item in source:
        if isinstance(item, Ok):
            yield item


def the_end_of_the_match_is_handled(item: Result[int, ErrInfo]) -> int:
    match item:
        case Ok(value):
            return value
    return 0


async def no_results(source) -> AsyncIterator[int]:
    async for item in source:
        if isinstance(item, Ok):
            yield item.value


# ---------------------------------------------------------------- violations

async def only_ok(source: Items) -> Items:
    async for item in source:
        match item:  # error: FP204
            case Ok(value):
                yield Ok(value + 1)


async def only_err(source: Items) -> Items:
    async for item in source:
        match item:  # error: FP204
            case Err() as failure:
                yield failure


async def only_a_guarded_err(source: Items) -> Items:
    async for item in source:
        match item:  # error: FP204
            case Ok():
                yield item
            case Err(error) if error.code == "X":
                yield item


async def a_wildcard_that_drops(source: Items) -> Items:
    async for item in source:
        match item:  # error: FP204
            case Ok(value):
                yield Ok(value)
            case _:
                pass


async def only_the_ok_test(source: Items) -> Items:
    async for item in source:
        if isinstance(item, Ok):  # error: FP204
            yield Ok(item.value + 1)


def in_a_builder(source: AsyncGen[int]) -> AsyncGen[int]:
    async def stream():
        async for item in source():
            if isinstance(item, Ok):  # error: FP204
                yield Ok(item.value + 1)

    return stream


def sync(source) -> Iterator[Result[int, ErrInfo]]:
    for item in source:
        match item:  # error: FP204
            case Ok(value):
                yield Ok(value + 1)
