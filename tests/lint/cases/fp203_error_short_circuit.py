# options: select = ["FP203"]
"""One Err that ends the stream, or vanishes from it."""

from collections.abc import AsyncIterator, Iterator

from funcpipe_streams import AsyncGen, Err, ErrInfo, Ok, Result

Items = AsyncIterator[Result[int, ErrInfo]]


# ---------------------------------------------------------------- silence

async def passed_on(source: Items) -> Items:
    async for item in source:
        if isinstance(item, Err):
            yield item
            continue
        yield Ok(item.value + 1)


async def passed_on_by_match(source: Items) -> Items:
    async for item in source:
        match item:
            case Ok(value):
                yield Ok(value + 1)
            case Err() as failure:
                yield failure


async def unknown_test(source: Items) -> Items:
    async for item in source:
        if item.stop:
            return
        yield item


async def take_while_ok(source: Items) -> Items:
    async for item in source:
        if isinstance(item, Err):
            return
        yield item


async def until_error(source: Items) -> Items:
    async for item in source:
        yield item
        if isinstance(item, Err):
            break


async def circuit_breaker(source: Items) -> Items:
    async for item in source:
        if isinstance(item, Err):
            return
        yield item


def short_circuit(source: AsyncGen[int]) -> AsyncGen[int]:
    async def stream():
        async for item in source():
            if isinstance(item, Err):
                return
            yield item

    return stream


async def folded(source: Items) -> Result[int, ErrInfo]:
    total = 0
    async for item in source:
        if isinstance(item, Err):
            return item
        total += item.value
    return Ok(total)


async def the_ok_side_ends(source: Items) -> Items:
    async for item in source:
        if isinstance(item, Ok):
            return
        yield item


async def an_inner_loop_ends(source: Items) -> Items:
    async for item in source:
        if isinstance(item, Err):
            for known in range(3):
                if known == 2:
                    break
            yield item
        else:
            yield item


async def an_inner_function_returns(source: Items) -> Items:
    async for item in source:
        if isinstance(item, Err):
            def describe():
                return item.error

            yield Err(describe())
        else:
            yield item


async def the_end_of_the_source(source: Items) -> Items:
    while True:
        try:
            item = await anext(source)
        except StopAsyncIteration:
            return
        yield item


async def stored_for_later(source: Items) -> Items:
    failures = []
    async for item in source:
        if isinstance(item, Err):
            failures.append(item)
            continue
        yield item
    for failure in failures:
        yield failure


async def no_results(source) -> AsyncIterator[int]:
    async for item in source:
        if isinstance(item, Err):
            return
        yield item.value


async def rebound(source: Items) -> Items:
    async for item in source:
        if isinstance(item, Err):
            item = Ok(0)
            yield item
            continue
        yield item


async def asked_to_stop(source: Items, stop_on_error: bool) -> Items:
    async for item in source:
        if isinstance(item, Err):
            yield item
            if stop_on_error:
                return
        else:
            yield item


def by_policy(source, policy) -> Iterator[Result[int, ErrInfo]]:
    if policy == "fail_fast":

        def stream() -> Iterator[Result[int, ErrInfo]]:
            for item in source:
                if isinstance(item, Err):
                    raise LookupError(item.error)
                yield item

        return stream()
    return source


# ---------------------------------------------------------------- violations

async def returns(source: Items) -> Items:
    async for item in source:
        if isinstance(item, Err):
            return  # error: FP203
        yield item


async def breaks(source: Items) -> Items:
    async for item in source:
        match item:
            case Ok(value):
                yield Ok(value)
            case Err():
                break  # error: FP203


async def raises(source: Items) -> Items:
    async for item in source:
        match item:
            case Ok(value):
                yield Ok(value)
            case Err(error=error):
                raise RuntimeError(error)  # error: FP203


async def after_yielding_it(source: Items) -> Items:
    async for item in source:
        yield item
        if isinstance(item, Err):
            return  # error: FP203


async def yields_then_returns(source: Items) -> Items:
    async for item in source:
        if isinstance(item, Err):
            yield item
            return  # error: FP203
        yield item


async def by_method(source: Items) -> Items:
    async for item in source:
        if item.is_err():
            break  # error: FP203
        yield item


async def in_the_else_of_an_ok_test(source: Items) -> Items:
    async for item in source:
        if isinstance(item, Ok):
            yield item
        else:
            return  # error: FP203


async def negated(source: Items) -> Items:
    async for item in source:
        if not isinstance(item, Ok):
            return  # error: FP203
        yield item


async def dropped(source: Items) -> Items:
    async for item in source:
        if isinstance(item, Err):
            continue  # error: FP203
        yield item


async def dropped_by_an_arm(source: Items) -> Items:
    async for item in source:
        match item:
            case Ok(value):
                yield Ok(value)
            case Err():
                pass  # error: FP203


async def under_a_condition(source: Items) -> Items:
    async for item in source:
        if isinstance(item, Err):
            if item.error.code == "STOP":
                return  # error: FP203
            yield item
        else:
            yield item


def in_a_builder(source: AsyncGen[int]) -> AsyncGen[int]:
    async def stream():
        async for item in source():
            if isinstance(item, Err):
                return  # error: FP203
            yield item

    return stream


def sync(source) -> Iterator[Result[int, ErrInfo]]:
    for item in source:
        if isinstance(item, Err):
            return  # error: FP203
        yield item


async def counted_only(items) -> AsyncIterator[Result[int, ErrInfo]]:
    failed = 0
    async for item in items:
        if isinstance(item, Err):
            failed += 1
            print("failed", failed)
            continue  # error: FP203
        yield Ok(item.value)
