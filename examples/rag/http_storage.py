"""Inputs that a web server delivers, over connections that break."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from hashlib import blake2b
from random import Random

from examples.rag.http_client import unexpected_status
from examples.rag.ports import AsyncResponse, HttpClientCap
from funcpipe_streams import (
    AsyncGen,
    Err,
    ErrInfo,
    Ok,
    Result,
    RetryPolicy,
    async_gen_from_aiter,
    async_gen_map_err,
    async_gen_using,
    closing_stream,
)

CODES = {"TimeoutError": "STALLED"}


def async_stream_http_lines(url: str, client: HttpClientCap) -> AsyncGen[bytes]:
    """The lines of a resource; the connection is open while the stream runs.

    What goes wrong ends the stream with an `Err`: `STALLED`, `CONNECTION`, or `HTTP_` and a status.
    """

    def body(opened: Result[AsyncResponse, ErrInfo]) -> AsyncGen[bytes]:
        match opened:
            case Ok(response) if response.status_code == 200:
                return async_gen_map_err(
                    async_gen_from_aiter(response.aiter_lines, catch=(OSError,)),
                    lambda e: ErrInfo(CODES.get(e.code, "CONNECTION"), f"{url}: {e.msg}", e.cause),
                )
            case Ok(response):
                return _failing(unexpected_status(response.status_code, url))
            case Err(error):
                return _failing(ErrInfo(error.code, f"{url}: {error.msg}", error.cause))

    return async_gen_using(lambda: client.stream("GET", url), body)


def _failing(error: ErrInfo) -> AsyncGen[bytes]:
    async def stream() -> AsyncGenerator[Result[bytes, ErrInfo], None]:
        yield Err(error)

    return stream


def resumed(lines: AsyncGen[bytes], policy: RetryPolicy) -> AsyncGen[bytes]:
    """Run a stream of lines again when it breaks off, and go on behind the last line it gave.

    A run that gets further than all before starts the count of attempts anew. The lines that were
    given already are read again and compared by their hash: if they differ, the stream ends with an
    `Err` of the code `CHANGED`, since going on would mix two versions. O(1) memory.
    """

    async def stream() -> AsyncGenerator[Result[bytes, ErrInfo], None]:
        random = Random()
        given, given_hash, failures = 0, blake2b(), 0
        while True:
            behind, position, again = given, 0, blake2b()
            broken: ErrInfo | None = None
            async with closing_stream(lines()) as run:
                async for item in run:
                    if isinstance(item, Err):
                        broken = item.error  # and the run's last item
                        continue
                    position += 1
                    if position > behind:
                        given_hash.update(item.value)
                        given, failures = position, 0
                        yield item
                        continue
                    again.update(item.value)
                    if position == behind and again.digest() != given_hash.digest():
                        position = 0
                        break
            if broken is None:
                if position < behind:
                    yield Err(ErrInfo("CHANGED", "the input changed between two attempts"))
                return
            failures += 1
            retriable = policy.codes is None or broken.code in policy.codes
            if failures == policy.attempts or not retriable:
                yield Err(broken)
                return
            await asyncio.sleep(policy.delay_after(failures, random))

    return stream


class HttpStorage:
    """Inputs by their URL. A broken connection is opened again as the policy says."""

    def __init__(self, client: HttpClientCap, policy: RetryPolicy) -> None:
        self._client = client
        self._policy = policy

    @asynccontextmanager
    async def open_input(self, path: str) -> AsyncIterator[AsyncGen[bytes]]:
        """The resource; each attempt to read it opens, and closes, its own connection."""
        yield async_gen_map_err(
            resumed(async_stream_http_lines(path, self._client), self._policy),
            lambda error: ErrInfo("INPUT", f"{error.msg} ({error.code})", error.cause),
        )

    def size(self, path: str) -> int | None:
        """None: asking would be one request more on a connection that may be bad."""
        return None
