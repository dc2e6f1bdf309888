"""Streams that make clients, and close them or not."""

import contextlib

import aiohttp
import httpx
from elsewhere import registry
from openai import AsyncOpenAI


# ---------------------------------------------------------------- silence

async def in_a_with(urls):
    async with httpx.AsyncClient() as client:
        for url in urls:
            yield await client.get(url)


async def entered_later(urls):
    client = httpx.AsyncClient()
    async with client:
        for url in urls:
            yield await client.get(url)


async def closed_at_the_end(urls):
    client = httpx.AsyncClient()
    try:
        for url in urls:
            yield await client.get(url)
    finally:
        await client.aclose()


async def on_a_stack(urls):
    async with contextlib.AsyncExitStack() as stack:
        client = httpx.AsyncClient()
        await stack.enter_async_context(client)
        yield await client.get(urls[0])


async def given_away(urls):
    client = httpx.AsyncClient()
    registry.add(client)
    yield await client.get(urls[0])


async def yielded(urls):
    client = httpx.AsyncClient()
    yield client


async def kept(self, urls):
    client = self.client = httpx.AsyncClient()
    yield await client.get(urls[0])


async def captured(urls):
    client = httpx.AsyncClient()

    async def end():
        await client.aclose()

    registry.at_exit(end)
    yield await client.get(urls[0])


async def rebound(urls, client=None):
    client = client or httpx.AsyncClient()
    yield await client.get(urls[0])


async def its_close_handed_on(urls):
    client = aiohttp.ClientSession()
    registry.at_exit(client.close)
    yield await client.get(urls[0])


async def no_stream(url):
    client = httpx.AsyncClient()
    return await client.get(url)


async def another_client(url):
    client = registry.AsyncClient()
    yield await client.get(url)


# ---------------------------------------------------------------- violations

async def never(urls):
    client = httpx.AsyncClient(timeout=5)  # error: FP310
    for url in urls:
        yield await client.get(url)


async def after_an_error_alone(messages):
    client: AsyncOpenAI = AsyncOpenAI()  # error: FP310
    try:
        stream = await client.chat.completions.create(messages=messages, stream=True)
        async for chunk in stream:
            yield chunk
    except ValueError as error:
        raise LookupError from error


class Reader:
    async def lines(self, url):
        session = aiohttp.ClientSession()  # error: FP310
        reply = await session.get(url)
        async for line in reply.content:
            yield line
