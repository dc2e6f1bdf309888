"""A consumer that is cancelled just while it is being woken."""

from __future__ import annotations

import asyncio
import sys
from types import FrameType
from typing import Any

from funcpipe_streams.running.feeding import Tasks


async def cancelled_at(step: int) -> tuple[bool, list[dict[str, Any]]]:
    """A consumer cancelled at a step of waking it, as the handler of Ctrl-C does it; whether there
    was such a step, and what the loop had to say."""
    loop = asyncio.get_running_loop()
    said: list[dict[str, Any]] = []
    loop.set_exception_handler(lambda _, context: said.append(context))
    consumer = loop.create_task(Tasks().arrival(until=0))
    left = step

    def trace(frame: FrameType, event: str, _: object) -> Any:
        nonlocal left
        if frame.f_code is not Tasks._wake.__code__:
            return None
        frame.f_trace_opcodes = True
        sys.settrace(trace)  # Python 3.12 heeds the line above from then on
        if event == "opcode":
            left -= 1
            if left == 0:
                consumer.cancel()
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        await asyncio.wait([consumer])
    finally:
        sys.settrace(before)
    return left <= 0, said


def test_a_consumer_cancelled_while_it_is_woken() -> None:
    """Whichever step Ctrl-C comes between, nothing is raised or logged besides."""
    step = 1
    while True:
        there_is, said = asyncio.run(cancelled_at(step))
        assert said == [], f"at step {step}"
        if not there_is:
            break
        step += 1
    assert step > 10
