"""Applications that a test run must survive: one line each, and the rest goes on."""

from __future__ import annotations

import asyncio
import ctypes
import os
import sys
import time

from tests.endpoints.parts import END, START, Message, Receive, Send, http


@http
async def exits(scope: Message, receive: Receive, send: Send) -> None:
    os._exit(3)


@http
async def leaves(scope: Message, receive: Receive, send: Send) -> None:
    sys.exit("enough")


@http
async def hangs(scope: Message, receive: Receive, send: Send) -> None:
    time.sleep(1_000)  # noqa: ASYNC251 - the case


@http
async def crashes(scope: Message, receive: Receive, send: Send) -> None:
    ctypes.string_at(0)


@http
async def never(scope: Message, receive: Receive, send: Send) -> None:
    await asyncio.Event().wait()


@http
async def spins(scope: Message, receive: Receive, send: Send) -> None:
    while True:  # noqa: ASYNC110 - the case
        await asyncio.sleep(0)


@http
async def twice(scope: Message, receive: Receive, send: Send) -> None:
    for _ in range(2):
        await send(START)
        await send(END)


@http
async def nothing(scope: Message, receive: Receive, send: Send) -> None:
    return


@http
async def half(scope: Message, receive: Receive, send: Send) -> None:
    await send(START)


@http
async def raises(scope: Message, receive: Receive, send: Send) -> None:
    raise ValueError("no such row")


@http
async def odd(scope: Message, receive: Receive, send: Send) -> None:
    await send({"type": "websocket.accept"})


@http
async def prints(scope: Message, receive: Receive, send: Send) -> None:
    print("to standard output")
    await send(START)
    await send(END)


async def fails_in_lifespan(scope: Message, receive: Receive, send: Send) -> None:
    await receive()
    raise RuntimeError("no database")


async def says_that_it_failed(scope: Message, receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "lifespan.startup.failed", "message": "Traceback:\nOSError: no disk"})


async def stuck_in_lifespan(scope: Message, receive: Receive, send: Send) -> None:
    if scope["type"] == "lifespan":
        await receive()
        await asyncio.Event().wait()


number = 7


def broken() -> object:
    raise KeyError("secret")


LINES = {
    "exits": "ended the process with code 3",
    "leaves": "exits: ends the process: SystemExit: enough",
    "hangs": "did not end within 8 seconds: it is at hangs",
    "crashes": "was killed by SIGSEGV: it is at crashes",
    "never": "never answers: it waits at never (tests/endpoints/bad_input.py:",
    "spins": "never answers: never comes to an end, without waiting: it waits at spins",
    "twice": "answers twice: a second 'http.response.start'",
    "nothing": "no answer: returns without an answer",
    "half": "no answer: returns in the middle of its answer",
    "raises": "raises ValueError: no such row (tests/endpoints/bad_input.py:",
    "odd": "sends 'websocket.accept', which is no message of an HTTP response",
    "fails_in_lifespan": "lifespan: fails in lifespan startup: RuntimeError: no database",
    "says_that_it_failed": "lifespan: fails in lifespan startup: OSError: no disk",
    "stuck_in_lifespan": "lifespan: never answers 'lifespan.startup'",
    "number": "'number' is not callable",
    "missing": "has no 'missing'; name the application as module:app",
    "broken()": "fails: KeyError: 'secret'",
}
"""Name -> what the line about it holds."""
