"""Streams that are tried again."""

import asyncio

import httpx
import httpx2
import tenacity


async def numbers():
    yield 1


# ---------------------------------------------------------------- silence

async def nothing_goes_on(client):
    for _ in range(3):
        try:
            async for event in client.events():
                yield event
            return
        except OSError:
            raise


async def until_it_is_there(client):
    while True:
        try:
            async with client.stream("GET", "/events") as response:
                response.raise_for_status()
                async for line in response.aiter_lines():
                    yield line
                break
        except httpx.HTTPStatusError as error:  # before the first line
            if error.response.status_code != 404:
                raise
            await asyncio.sleep(1)


async def until_the_successor_has_it(client):
    while True:
        try:
            async with client.stream("GET", "/events") as response:
                response.raise_for_status()
                async for line in response.aiter_lines():
                    yield line
                break
        except httpx2.HTTPStatusError as error:  # before the first line
            if error.response.status_code != 404:
                raise
            await asyncio.sleep(1)


async def under_a_lock_of_its_own(client, lock):
    async for attempt in tenacity.AsyncRetrying():
        with lock:
            async for event in client.events():
                yield event
        print(attempt)


async def each_page(client, pages):
    for page in pages:
        try:
            async for row in client.rows(page):
                yield row
        except OSError:
            print("page is lost")


async def from_an_offset(client):
    offset = 0
    while True:
        try:
            async for event in client.events(offset):
                offset = event.offset
                yield event
            break
        except OSError:
            await asyncio.sleep(1)


async def from_a_field(self):
    while True:
        try:
            async for event in self.client.events(self.offset):
                self.offset = event.offset
                yield event
            break
        except OSError:
            await asyncio.sleep(1)


async def only_before_the_first(client):
    begun = False
    for _ in range(3):
        try:
            async for event in client.events():
                begun = True
                yield event
            return
        except OSError:
            if begun:
                raise


async def without_those_seen(client):
    seen = set()
    for _ in range(3):
        try:
            async for event in client.events():
                if event.id in seen:
                    continue
                seen.add(event.id)
                yield event
            return
        except OSError:
            pass


async def the_connection_alone(client):
    for _ in range(3):
        try:
            stream = await client.open()
            break
        except OSError:
            await asyncio.sleep(1)
    async for event in stream:
        yield event


async def for_ever(client):
    while True:
        try:
            async for event in client.events():  # a feed: it has no first item
                yield event
        except OSError:
            await asyncio.sleep(1)


# ---------------------------------------------------------------- violations

async def from_the_beginning(client):
    for attempt in range(3):
        try:
            async for event in client.events():  # error: FP707
                yield event
            return
        except OSError:
            if attempt == 2:
                raise
            await asyncio.sleep(1)


async def left_by_else(client):
    while True:
        try:
            async for event in client.events():  # error: FP707
                yield event.text
        except OSError:
            continue
        else:
            break


async def left_below(urls, get):
    for url in urls:
        try:
            async for part in get(url):  # error: FP707
                yield part
        except OSError:
            continue
        return


async def the_second_pass_is_empty(events):
    for _ in range(3):
        try:
            async for event in events:  # error: FP707
                yield event
            return
        except OSError:
            await asyncio.sleep(1)


async def of_one_run():
    source = numbers()
    while True:
        try:
            async for number in source:  # error: FP707
                yield number
            break
        except ValueError:
            print("again")


async def also_when_the_line_breaks(client):
    while True:
        try:
            async with client.stream("GET", "/events") as response:
                response.raise_for_status()
                async for line in response.aiter_lines():  # error: FP707
                    yield line
                break
        except httpx.HTTPStatusError:
            await asyncio.sleep(1)
        except (httpx.HTTPStatusError, httpx.ReadError):
            await asyncio.sleep(1)
