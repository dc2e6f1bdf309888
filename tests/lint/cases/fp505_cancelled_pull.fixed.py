"""Pulls that a timeout cancels."""

import asyncio
from asyncio import wait_for


# ---------------------------------------------------------------- silence

async def leaves(iterator):
    while True:
        try:
            yield await asyncio.wait_for(anext(iterator), 1)
        except TimeoutError:
            break


async def fails(iterator):
    while True:
        try:
            yield await asyncio.wait_for(anext(iterator), 1)
        except asyncio.TimeoutError as error:
            raise LookupError from error


async def once(iterator):
    try:
        return await asyncio.wait_for(anext(iterator), 1)
    except TimeoutError:
        return None


async def of_a_queue(queue):
    while True:
        try:
            yield await asyncio.wait_for(queue.get(), 1)
        except TimeoutError:
            continue


async def made_anew(source):
    while True:
        iterator = aiter(source)
        try:
            yield await asyncio.wait_for(anext(iterator), 1)
        except TimeoutError:
            continue


async def made_anew_by_the_handler(source):
    iterator = aiter(source)
    while True:
        try:
            yield await asyncio.wait_for(anext(iterator), 1)
        except TimeoutError:
            iterator = aiter(source)


async def kept_as_a_task(iterator):
    pull = asyncio.ensure_future(anext(iterator))
    while True:
        try:
            yield await asyncio.wait_for(asyncio.shield(pull), 1)
        except TimeoutError:
            continue


async def other_errors(iterator):
    while True:
        try:
            yield await asyncio.wait_for(anext(iterator), 1)
        except ValueError:
            continue


async def without_a_timeout(iterator):
    while True:
        try:
            yield await anext(iterator)
        except TimeoutError:
            continue


# ---------------------------------------------------------------- violations

async def goes_on(iterator):
    pull = None
    try:
        while True:
            try:
                pull = pull or asyncio.ensure_future(iterator.__anext__())
                if not (await asyncio.wait({pull}, timeout=1))[0]:
                    raise asyncio.TimeoutError
                ready, pull = pull, None
                item = ready.result()  # error: FP505
            except asyncio.TimeoutError:
                yield "waiting"
                continue
            except StopAsyncIteration:
                break
            yield item
    finally:
        if pull is not None:
            pull.cancel()
            await asyncio.gather(pull, return_exceptions=True)


async def in_a_scope(self):
    while self.open:
        try:
            async with asyncio.timeout(1):
                yield await anext(self.iterator)  # error: FP505
        except TimeoutError:
            print("waiting")


async def as_a_task(iterator):
    for _ in range(3):
        try:
            await wait_for(asyncio.create_task(anext(iterator)), 1)  # error: FP505
        except (ValueError, TimeoutError):
            pass
