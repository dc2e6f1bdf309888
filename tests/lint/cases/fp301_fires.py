"""Streams that are closed by hand."""

from collections.abc import AsyncIterator


async def numbers():
    yield 1


async def exact():
    stream = numbers()
    try:
        async for item in stream:
            # kept
            yield item
    finally:
        await stream.aclose()  # error: FP301


async def exact_in_a_block(flag):
    if flag:
        stream = numbers()
        try:
            async for item in stream:
                print(item)
            else:
                print("end")
        finally:
            await stream.aclose()  # error: FP301


async def with_a_handler():
    stream = numbers()
    try:
        async for item in stream:
            yield item
    except OSError:
        await stream.aclose()  # error: FP301
        raise


async def used_after():
    stream = numbers()
    try:
        async for item in stream:
            yield item
    finally:
        await stream.aclose()  # error: FP301
    print(stream)


async def not_adjacent():
    stream = numbers()
    print(stream)
    try:
        async for item in stream:
            yield item
    finally:
        await stream.aclose()  # error: FP301


async def a_comment_would_be_lost():
    stream = numbers()
    try:
        async for item in stream:
            yield item
    finally:
        # why it is closed
        await stream.aclose()  # error: FP301


async def by_builtin(source):
    stream = aiter(source)
    async for item in stream:
        yield item
    await stream.aclose()  # error: FP301


async def by_protocol(source):
    stream = source.__aiter__()
    first = await stream.__anext__()
    try:
        yield first
    finally:
        close = getattr(stream, "aclose", None)  # error: FP301
        if close:
            await close()


async def by_protocol_after_other_work(source, log):
    stream = source.__aiter__()
    try:
        while True:
            yield await stream.__anext__()
    finally:
        log.write("closing")
        close = getattr(stream, "aclose", None)  # error: FP301
        if close:
            await close()


async def by_protocol_in_a_handler(source):
    stream = source.__aiter__()
    try:
        while True:
            yield await stream.__anext__()
    except OSError:
        close = getattr(stream, "aclose", None)  # error: FP301
        if close:
            await close()


async def by_annotation(source):
    stream: AsyncIterator[int] = source.open()
    try:
        yield await anext(stream)
    finally:
        await stream.aclose()  # error: FP301


async def by_comprehension():
    stream = numbers()
    found = [item async for item in stream]
    await stream.aclose()  # error: FP301
    return found
