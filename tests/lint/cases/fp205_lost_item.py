# options: select = ["FP205"]
"""Broad handlers that swallow an item of a stream of Results."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Iterator

from funcpipe_streams import AsyncGen, Err, ErrInfo, Ok, Result

Items = AsyncIterator[Result[int, ErrInfo]]


# ---------------------------------------------------------------- silence

async def narrow(source) -> Items:
    async for line in source:
        try:
            item = json.loads(line)
        except json.JSONDecodeError:
            continue
        yield Ok(item)


async def becomes_an_err(source) -> Items:
    async for line in source:
        try:
            item = json.loads(line)
        except Exception as error:
            yield Err(ErrInfo("JSON", str(error)))
            continue
        yield Ok(item)


async def assigned(source) -> Items:
    async for line in source:
        try:
            item = Ok(json.loads(line))
        except Exception as error:
            item = Err(ErrInfo("JSON", str(error)))
        yield item


async def raised_again(source) -> Items:
    async for line in source:
        try:
            item = json.loads(line)
        except Exception:
            logging.exception("line")
            raise
        yield Ok(item)


async def clean_up_around(source, handle) -> Items:
    async for item in source:
        yield item
    try:
        await handle.close()
    except Exception:
        logging.exception("close")


async def in_finally(source, handle) -> Items:
    try:
        async for item in source:
            yield item
    finally:
        try:
            await handle.close()
        except Exception:
            pass


async def no_results(source) -> AsyncIterator[int]:
    async for line in source:
        try:
            yield json.loads(line)
        except Exception:
            continue


async def in_an_inner_function(source) -> Items:
    def parsed(line):
        try:
            return json.loads(line)
        except Exception:
            pass

    async for line in source:
        yield Ok(parsed(line))


async def not_the_item(source, metrics) -> Items:
    async for item in source:
        yield item
        try:
            metrics.count()
        except Exception:
            logging.exception("metrics")


async def cancellation_goes_on(source) -> AsyncIterator[int]:
    try:
        async for item in source:
            yield item
    except asyncio.CancelledError:
        logging.info("cancelled")
        raise


async def cancellation_ends_the_stream(source) -> AsyncIterator[int]:
    try:
        async for item in source:
            yield item
    except asyncio.CancelledError:
        return


async def cancellation_becomes_an_item(source) -> AsyncIterator[int]:
    try:
        async for item in source:
            yield item
    except asyncio.CancelledError:
        yield -1


async def cancellation_is_remembered(source) -> AsyncIterator[int]:
    is_whole = True
    try:
        async for item in source:
            yield item
    except asyncio.CancelledError:
        is_whole = False
    yield int(is_whole)


async def of_a_task_that_has_ended(tasks) -> AsyncIterator[int]:
    for task in tasks:
        try:
            yield task.result()  # nothing is awaited: the cancellation is the task's own
        except asyncio.CancelledError:
            pass


async def around_a_helper_task(source, task) -> AsyncIterator[int]:
    try:
        await task
    except asyncio.CancelledError:
        pass
    yield source


async def given_to_somebody_else(source, parse, dead_letters) -> Items:
    async for line in source:
        try:
            item = parse(line)
        except Exception:
            await dead_letters.put(line)
            continue
        yield Ok(item)


# ---------------------------------------------------------------- violations

async def skipped(source) -> Items:
    async for line in source:
        try:
            item = json.loads(line)
        except Exception:  # error: FP205
            continue
        yield Ok(item)


async def logged(source) -> Items:
    async for line in source:
        try:
            yield Ok(json.loads(line))
        except Exception:  # error: FP205
            logging.exception("line")


async def bare(source) -> Items:
    async for line in source:
        try:
            item = json.loads(line)
            yield Ok(item)
        except:  # error: FP205
            pass


async def base_exception(source) -> Items:
    async for line in source:
        try:
            item = json.loads(line)
        except (ValueError, Exception):  # error: FP205
            logging.exception("line")
        else:
            yield Ok(item)


def in_a_builder(source: AsyncGen[str]) -> AsyncGen[int]:
    async def stream():
        async for line in source():
            try:
                yield line.map(int)
            except Exception:  # error: FP205
                continue

    return stream


def sync(source) -> Iterator[Result[int, ErrInfo]]:
    for line in source:
        try:
            yield Ok(int(line))
        except Exception:  # error: FP205
            continue


async def swallowed_cancellation(source) -> AsyncIterator[int]:
    while True:
        try:
            yield await source.get()
        except asyncio.CancelledError:  # error: FP205
            logging.info("cancelled")


async def swallowed_at_the_end(source) -> AsyncIterator[int]:
    try:
        async for item in source:
            yield item
    except (asyncio.CancelledError, GeneratorExit):  # error: FP205
        pass
