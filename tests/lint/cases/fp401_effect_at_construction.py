# options: select = ["FP401"]
"""Builders that act before anybody drives their stream."""

import asyncio
import contextlib
import datetime as dt
import os
import random
import socket
import subprocess
import time
import uuid
from collections.abc import AsyncIterator, Callable
from datetime import datetime

import httpx
import requests

from funcpipe_streams import AsyncGen, ErrInfo, Ok, Result

Items = AsyncIterator[Result[int, ErrInfo]]
COUNT = 0


# ---------------------------------------------------------------- silence

def effects_inside(path: str) -> AsyncGen[str]:
    async def stream():
        with open(path) as file:
            print(file)
            yield Ok(file.read())

    return stream


def effects_in_a_lambda(path: str) -> AsyncGen[str]:
    async def rows(file):
        yield Ok(file)

    return lambda: rows(open(path))


def effects_in_a_helper(path: str) -> AsyncGen[str]:
    def load():
        return open(path).read()

    async def stream():
        yield Ok(load())

    return stream


def pure_construction(items: list[int], policy) -> AsyncGen[int]:
    if not items:
        raise ValueError("items is empty")
    copy = tuple(items)
    width = policy.width
    label = "-".join(str(item) for item in copy)

    async def stream():
        for item in copy:
            yield Ok((item, width, label))

    return stream


def a_default_is_evaluated_elsewhere(seed: int = random.randrange(9)) -> AsyncGen[int]:
    async def stream():
        yield Ok(seed)

    return stream


def guarded(kind: type) -> AsyncGen[bool]:
    is_known = False
    with contextlib.suppress(TypeError):
        is_known = issubclass(kind, dict)

    async def stream():
        yield Ok(is_known)

    return stream


def no_builder(path: str) -> str:
    print(path)
    with open(path) as file:
        return file.read()


async def a_stream(path: str) -> Items:
    print(path)
    yield Ok(time.time())


def a_shadowed_name(open: Callable[[str], int]) -> AsyncGen[int]:
    first = open("x")

    async def stream():
        yield Ok(first)

    return stream


def another_random(random) -> AsyncGen[int]:
    number = random.random()

    async def stream():
        yield Ok(number)

    return stream


def a_nested_function_as_an_argument(path, register):
    print(path)

    async def on_event():
        yield path

    register(on_event)
    return path


# ---------------------------------------------------------------- violations

def opens(path: str) -> AsyncGen[str]:
    file = open(path)  # error: FP401

    async def stream():
        yield Ok(file.read())

    return stream


def prints(path: str):
    print(path)  # error: FP401

    async def stream() -> AsyncIterator[Result[str, ErrInfo]]:
        yield Ok(path)

    return stream


def reads_the_clock() -> AsyncGen[float]:
    started = time.monotonic()  # error: FP401
    now = datetime.now()  # error: FP401
    later = dt.datetime.now()  # error: FP401

    async def stream():
        yield Ok((started, now, later))

    return stream


def draws() -> AsyncGen[int]:
    number = random.randrange(6)  # error: FP401
    name = uuid.uuid4()  # error: FP401

    async def stream():
        yield Ok((number, name))

    return stream


def talks(url: str, session) -> AsyncGen[int]:
    page = requests.get(url)  # error: FP401
    other = httpx.get(url)  # error: FP401
    session.execute("select 1")  # error: FP401
    connection = socket.create_connection((url, 80))  # error: FP401
    subprocess.run(["true"])  # error: FP401

    async def stream():
        yield Ok((page, other, connection))

    return stream


def spawns(work) -> AsyncGen[int]:
    task = asyncio.create_task(work())  # error: FP401

    async def stream():
        yield Ok(await task)

    return stream


def takes(items) -> AsyncGen[int]:
    first = next(items)  # error: FP401

    async def stream():
        yield Ok(first)

    return stream


def enters(path) -> AsyncGen[str]:
    with path.open() as file:  # error: FP401
        text = file.read()

    async def stream():
        yield Ok(text)

    return stream


def counts() -> AsyncGen[int]:
    global COUNT  # error: FP401
    COUNT += 1

    async def stream():
        yield Ok(COUNT)

    return stream


async def awaits(fetch) -> AsyncGen[int]:  # error: FP401
    first = await fetch()

    async def stream():
        yield Ok(first)

    return stream


def returning_a_lambda(path) -> AsyncGen[str]:
    async def rows(file):
        yield Ok(file)

    file = open(path)  # error: FP401
    return lambda: rows(file)


def of_a_file_by_its_path(path) -> AsyncGen[str]:
    text = path.read_text()  # error: FP401

    async def stream():
        yield Ok(text)

    return stream


def of_an_open_file(path) -> AsyncGen[str]:
    file = path.open()  # error: FP401

    async def stream():
        yield Ok(file.name)

    return stream


def opens_under_a_guard(path: str) -> AsyncGen[str]:
    with contextlib.suppress(OSError):
        file = open(path)  # error: FP401

    async def stream():
        yield Ok(file.read())

    return stream
