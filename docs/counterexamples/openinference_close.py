"""Under @tracer.llm a generator is pulled by a bare loop: no close and no throw gets through to it.

Laws: W3 W5 D10
"""

import asyncio

from openinference.instrumentation import OITracer, TraceConfig
from opentelemetry.trace import NoOpTracer

log = []


@OITracer(NoOpTracer(), config=TraceConfig()).llm
async def answers():
    try:
        yield 1
    finally:
        log.append("closed")


async def main():
    await anext(stream := answers())
    await stream.aclose()
    assert log == []


asyncio.run(main())
