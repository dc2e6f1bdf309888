"""The application's start and end, as a server asks for them before the first request."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any

from funcpipe_laws.endpoints.sweeping.visit import Application, described


class Lifespan:
    """One start and one end of an application on a loop that is not running."""

    def __init__(self, loop: Any, app: Application) -> None:
        self.loop, self.app = loop, app
        self.state: dict[str, Any] = {}
        self._inbox: asyncio.Queue[str] = asyncio.Queue()
        self._has_looked = self._is_started = False
        self._answers: dict[str, asyncio.Future[str]] = {}
        self._task: asyncio.Task[None] | None = None

    def start(self) -> str:
        """Ask the application to start; why it could not, or nothing.

        An application that raises before it has looked at a message has no lifespan.
        """
        self._answers = {n: self.loop.create_future() for n in ("startup", "shutdown")}
        self._task = self.loop.create_task(self._serve(), name="lifespan")
        failure = self._ask("startup")
        self._is_started = not failure
        return failure

    def stop(self) -> str:
        """Ask it to end; why it could not, or nothing. What it does not end is cancelled."""
        assert self._task is not None
        is_asked = self._is_started and not self._task.done()
        failure = self._ask("shutdown") if is_asked else ""
        if not self._task.done():
            self._task.cancel()
            with suppress(SystemExit):
                self.loop.advance(self._task)
        return failure

    def _ask(self, what: str) -> str:
        self._inbox.put_nowait(what)
        try:
            outcome = self.loop.advance(self._answers[what])
        except SystemExit as exc:
            return f"exits in lifespan {what}: {described(exc)}"
        if outcome != "done":
            return f"never answers 'lifespan.{what}'"
        answer = self._answers[what].result()
        return f"fails in lifespan {what}: {answer}" if answer else ""

    async def _serve(self) -> None:
        asgi = {"version": "3.0", "spec_version": "2.0"}
        scope = {"type": "lifespan", "asgi": asgi, "state": self.state}
        failure = ""
        try:
            await self.app(scope, self._receive, self._send)
        except (KeyboardInterrupt, asyncio.CancelledError):
            raise
        except BaseException as exc:
            if self._has_looked or isinstance(exc, SystemExit):
                failure = described(exc)
        for answer in self._answers.values():
            if not answer.done():
                answer.set_result(failure)

    async def _receive(self) -> dict[str, Any]:
        self._has_looked = True
        return {"type": f"lifespan.{await self._inbox.get()}"}

    async def _send(self, message: dict[str, Any]) -> None:
        _, what, how = f"{message.get('type')}..".split(".")[:3]
        answer = self._answers.get(what)
        if answer is not None and not answer.done():
            text = str(message.get("message") or "no reason given").strip()
            answer.set_result(text.splitlines()[-1] if how == "failed" else "")
