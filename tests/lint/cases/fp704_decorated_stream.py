"""Decorators that retry or cache, on async generators."""

import functools
from contextlib import asynccontextmanager
from functools import cache, lru_cache as remembered

import backoff
import stamina
import tenacity
from async_lru import alru_cache
from cachetools import TTLCache, cached
from other import collected
from tenacity import retry, stop_after_attempt


# ---------------------------------------------------------------- silence

@retry(stop=stop_after_attempt(3))
async def a_coroutine(session):
    return await session.rows()


@cache
def a_plain_generator():
    yield 1


@functools.cache
def what_makes_one():
    async def inner():
        yield 1

    return inner


@retry
@asynccontextmanager
async def a_manager(session):
    yield session


@retry
@collected
async def collected_first(session):
    yield session


@stamina.retry(on=OSError)
async def of_another_library(session):
    yield session


def of_its_own(function):
    def retry(function):
        return function

    @retry
    async def inner():
        yield 1

    return inner


def rebound(retries):
    again = retry
    if retries:
        again = retry(stop=stop_after_attempt(retries))

    @again
    async def inner():
        yield 1

    return inner


# ---------------------------------------------------------------- violations

@retry  # error: FP704
async def plainly(session):
    yield session


@retry(stop=stop_after_attempt(3))  # error: FP704
async def called(session):
    yield session


@tenacity.retry(reraise=True)  # error: FP704
async def by_module(session):
    yield session


@backoff.on_exception(backoff.expo, OSError)  # error: FP704
async def of_backoff(session):
    yield session


@functools.cache  # error: FP704
async def kept():
    yield 1


@remembered(maxsize=8)  # error: FP704
async def kept_under_an_alias(key):
    yield key


@cached(TTLCache(1, 1))  # error: FP704
async def kept_for_a_while(key):
    yield key


again = retry(stop=stop_after_attempt(2))


@again  # error: FP704
async def by_a_name(session):
    yield session


class Client:
    @alru_cache  # error: FP704
    async def rows(self):
        yield 1

    @functools.cached_property  # error: FP704
    async def events(self):
        yield 1

    @retry  # error: FP704
    @staticmethod
    async def of_nobody():
        yield 1


def converse(session):
    again = retry(stop=stop_after_attempt(2))

    @again
    async def whole():
        return await session.whole()

    @again  # error: FP704
    async def streamed():
        yield session

    return whole, streamed
