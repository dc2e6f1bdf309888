"""HTTP, by httpx2."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import asynccontextmanager

import httpx2

from examples.rag.lines import split_lines
from examples.rag.ports import AsyncResponse
from funcpipe_streams import Err, ErrInfo, Ok, Result, closing_stream


class HttpxClient:
    """One pool of connections; open while its `async with` block runs."""

    def __init__(self, *, stall_seconds: float = 10.0) -> None:
        self._stall_seconds = stall_seconds
        self._client = httpx2.AsyncClient(timeout=stall_seconds, follow_redirects=True)

    async def __aenter__(self) -> HttpxClient:
        await self._client.__aenter__()
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        await self._client.aclose()

    @asynccontextmanager
    async def stream(self, method: str, url: str) -> AsyncIterator[Result[AsyncResponse, ErrInfo]]:
        """Send a request; an answer, or an `Err` if none has begun to arrive."""
        try:
            response = await self._client.send(self._client.build_request(method, url), stream=True)
        except httpx2.HTTPError as error:
            yield Err(self._failure(error))
            return
        try:
            yield Ok(_Response(response, self))
        finally:
            await response.aclose()

    async def post_json(self, url: str, body: Mapping[str, object]) -> Result[object, ErrInfo]:
        """Send a JSON document; the JSON of an answer with status 200, else an `Err`."""
        try:
            response = await self._client.post(url, json=body)
        except httpx2.HTTPError as error:
            return Err(self._failure(error))
        if response.status_code != 200:
            return Err(unexpected_status(response.status_code, url))
        try:
            return Ok(response.json())
        except ValueError as error:
            return Err(ErrInfo("ANSWER", f"{url}: the answer is no JSON: {error}", error))

    def _failure(self, error: httpx2.HTTPError) -> ErrInfo:
        converted = self.as_os_error(error)
        code = "STALLED" if isinstance(converted, TimeoutError) else "CONNECTION"
        return ErrInfo(code, str(converted), error)

    def as_os_error(self, error: httpx2.HTTPError) -> OSError:
        """The error as what callers know without knowing httpx2."""
        if isinstance(error, httpx2.TimeoutException):
            return TimeoutError(f"nothing came for {self._stall_seconds:g} s")
        return ConnectionError(str(error) or type(error).__name__)


class _Response:
    def __init__(self, response: httpx2.Response, client: HttpxClient) -> None:
        self._response = response
        self._client = client

    @property
    def status_code(self) -> int:
        return self._response.status_code

    def aiter_lines(self) -> AsyncGenerator[bytes, None]:
        return split_lines(self._blocks())

    async def _blocks(self) -> AsyncGenerator[bytes, None]:
        try:
            async with closing_stream(self._response.aiter_bytes()) as blocks:
                async for block in blocks:
                    yield block
        except httpx2.HTTPError as error:
            raise self._client.as_os_error(error) from error


def unexpected_status(status: int, url: str) -> ErrInfo:
    """What an answer says that is not the one asked for."""
    return ErrInfo(f"HTTP_{status}", f"{url}: {status} {httpx2.codes.get_reason_phrase(status)}")
