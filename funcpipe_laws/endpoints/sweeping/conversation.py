"""The server's side of one request: what `receive` gives, what `send` takes, who leaves when."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from funcpipe_laws.endpoints.sweeping.request import Request
from funcpipe_laws.endpoints.sweeping.steps import Moment, Step
from funcpipe_laws.endpoints.sweeping.watching import Watch

Message = dict[str, Any]

SLACK = 1
"""Bodies that may be sent after the client has left: one may have been under way."""
NOTICE = 20
"""Rounds of the loop that a send to nobody takes."""
ENOUGH = 25
"""Bodies sent to nobody after which the server ends the visit."""


class ClientGone(ConnectionResetError):
    """What `send` raises on ASGI 2.4 when the client has left: an OSError, as the protocol says."""


class ProtocolError(RuntimeError):
    """The application has sent what the protocol forbids at this moment; servers raise this too."""


class Conversation:
    """One request and its response, with the step that ends it.

    `pause` is how long a slow send lasts; `reads` is how many sends a client that stays waits for.
    """

    def __init__(
        self, request: Request, step: Step, watch: Watch, *, pause: float, reads: int | None
    ) -> None:
        self.request, self.step, self.watch = request, step, watch
        self.pause, self.reads = pause, reads
        self.cancel: Callable[[], object] = lambda: None
        self.sends = self.receives = self.undelivered = 0
        self.status: int | None = None
        self.is_complete = self.is_gone = False
        self.misuse: list[str] = []
        self._gone = asyncio.get_running_loop().create_future()
        self._left_to_give = request.messages()

    def scope(self, state: dict[str, Any]) -> dict[str, Any]:
        """The scope of this request."""
        asgi = {"version": "3.0", "spec_version": self.step.spec}
        return {**self.request.scope, "asgi": asgi, "state": state.copy()}

    # The moments

    def begin(self) -> None:
        """The request is there; the client may have left already."""
        self.watch.note("client", "request", str(self.request))
        if self.step.moment == "start":
            self.depart()

    def depart(self) -> None:
        """The client leaves, or the server cancels its task."""
        if self.is_gone or self.is_complete:
            return
        self.is_gone = True
        if self.step.act == "cancelled":
            self.watch.note("app", "cancel")
            self.cancel()
        else:
            self.watch.note("client", "leaves")
        if not self._gone.done():
            self._gone.set_result(None)

    def _is_now(self, moment: Moment, number: int) -> bool:
        return (self.step.moment, self.step.number) == (moment, number)

    # What the application is given

    async def receive(self) -> Message:
        """The next piece of the request, then `http.disconnect` once there is no client."""
        self.receives += 1
        if self._is_now("at-receive", self.receives):
            self.depart()
        if not self.is_gone and self._left_to_give:
            await asyncio.sleep(0)
            return self._left_to_give.pop(0)
        await asyncio.shield(self._gone)
        await asyncio.sleep(0)
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        """Take one message of the response."""
        if self.is_gone:
            await self._send_to_nobody(message)
            return
        self._check(message)
        self.sends += 1
        number = self.sends
        self.watch.note("app", "send", message)
        if not await self._deliver(number):
            return
        self.watch.note("client", "gets", message)
        if message["type"] == "http.response.body" and not message.get("more_body", False):
            self.is_complete = True
            if not self._gone.done():
                self._gone.set_result(None)
        elif self._is_now("after-send", number) or number == self.reads:
            # After what the application does next of its own accord, up to its next await.
            asyncio.get_running_loop().call_soon(self.depart)

    async def _deliver(self, number: int) -> bool:
        """Take the time that a send takes; whether it came to the client."""
        if self._is_now("during-send", number):
            asyncio.get_running_loop().call_later(self.pause, self.depart)
            await asyncio.shield(self._gone)
            await self._fail_if_gone()
        elif self.step.act == "slow":
            await asyncio.sleep(self.pause)
        else:
            await asyncio.sleep(0)
        return not self.is_gone

    async def _send_to_nobody(self, message: Message) -> None:
        if message.get("type") == "http.response.body" and message.get("body"):
            self.undelivered += 1
            self.watch.note("app", "send to nobody", message)
        if self.undelivered >= ENOUGH:
            self.cancel()
        await self._fail_if_gone()

    async def _fail_if_gone(self) -> None:
        # Who waits for `http.disconnect` has it before the next body: the lenient order of the two.
        for _ in range(NOTICE):
            await asyncio.sleep(0)
        if self.step.spec == "2.4":
            raise ClientGone("the client has left")

    def _check(self, message: Message) -> None:
        kind = message.get("type")
        if kind == "http.response.start":
            if self.status is not None:
                self._forbid("answers twice: a second 'http.response.start'")
            self.status = message.get("status")
        elif kind == "http.response.body":
            if self.status is None:
                self._forbid("sends a body before 'http.response.start'")
            if self.is_complete:
                self._forbid("answers twice: a body after the last one")
        else:
            self._forbid(f"sends {kind!r}, which is no message of an HTTP response")

    def _forbid(self, what: str) -> None:
        self.misuse.append(what)
        raise ProtocolError(what)
