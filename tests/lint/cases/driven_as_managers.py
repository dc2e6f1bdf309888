# options: managers = ["team.streams.channelled"]
"""Generators that are driven as context managers, and some that are not."""

import functools
from contextlib import asynccontextmanager

import trio
from dishka import provide
from fastapi import Depends
from team.streams import channelled, logged
from trio_util import trio_async_generator


def background(function):
    @functools.wraps(function)
    @asynccontextmanager
    async def manager(*args):
        async with trio.open_nursery() as nursery:
            yield function(*args), nursery

    return manager


def counted(function):
    @functools.wraps(function)
    async def counting(*args):
        async for item in function(*args):
            yield item

    return counting


@background
async def ticks(seconds):
    with trio.move_on_after(seconds):
        yield trio.current_time()


@trio_async_generator
async def squares(count):
    async with trio.open_nursery():
        yield count


@channelled
async def team_ticks(seconds):
    with trio.move_on_after(seconds):
        yield 1


@provide
async def provided(lock):
    async with lock:
        yield 1


async def session(lock):
    async with lock:
        yield 1


async def transaction(seconds):
    with trio.move_on_after(seconds):
        yield 1


async def endpoint(session=Depends(session), other=Depends(transaction)):
    return session, other


@counted
async def counted_ticks(seconds):
    with trio.move_on_after(seconds):
        yield 1  # error: FP305


@logged
async def logged_ticks(seconds):
    with trio.move_on_after(seconds):
        yield 1  # error: FP305


async def locked(lock):
    async with lock:
        yield 1  # error: FP307


async def reads_on_elsewhere(lock, source):
    async with lock:
        yield 1
        async for item in source:
            yield item
