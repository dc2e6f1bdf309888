"""`sweep_disconnects`, for tests: a clean endpoint returns, any other raises with a report."""

from __future__ import annotations

import threading
from typing import Any

from funcpipe_laws.endpoints.reporting import text
from funcpipe_laws.endpoints.sweeping import steps
from funcpipe_laws.endpoints.sweeping.request import Request, parse
from funcpipe_laws.endpoints.sweeping.sweep import SECONDS, SENDS, LoopKind, Sweep, sweep
from funcpipe_laws.endpoints.sweeping.visit import Application


class EndpointFaults(AssertionError):
    """An endpoint leaves something behind; `sweep` has all that was found."""

    def __init__(self, text: str, sweep: Sweep) -> None:
        super().__init__(text)
        self.sweep = sweep


async def sweep_disconnects(
    app: Application,
    request: Request | str | dict[str, Any],
    *,
    step: str | None = None,
    sends: int = SENDS,
    loop: LoopKind = "auto",
    seconds: float = SECONDS,
) -> Sweep:
    """Send a request once for every moment at which its client can leave, and see what is left.

    Parameters: an ASGI 3 application; a request as "GET /events", a table of its fields, or a
    `Request`; `step`, as a report named it, to see that one alone; how many sends are looked at;
    the loop: simulated, asyncio's own (`"stock"`) for what uses threads, or the second where the
    first is refused; and real seconds for all of it.

    Runs on a loop of its own, in a thread of its own, while the caller waits: the number of visits
    is linear in the sends and receives of the response. Raises `EndpointFaults`, with a diagram and
    a step to replay for each fault, and returns what was looked at if there is none. Everything
    that a visit leaves is ended before the next one.
    """
    plain = parse(request)
    found: list[Sweep | BaseException] = []

    def work() -> None:
        try:
            only = None if step is None else steps.parse(step)
            found.append(sweep(app, plain, step=only, sends=sends, loop=loop, seconds=seconds))
        except BaseException as exc:
            found.append(exc)

    # A loop cannot run inside another one; the caller's stands still meanwhile.
    thread = threading.Thread(target=work, name="sweep_disconnects")
    thread.start()
    thread.join()
    result = found[0]
    if isinstance(result, BaseException):
        raise result
    if result.findings:
        raise EndpointFaults(text.failure(result), result)
    return result
