# options: profile = "invariants", select = ["FP20"]
"""Items lost in streams of a team's own Ok and Err; where none are, nothing is."""

import asyncio
import json
import logging

from elsewhere import Err, Ok


# ---------------------------------------------------------------- silence

async def no_sides(source):
    async for line in source:
        try:
            yield json.loads(line)
        except Exception:
            continue


async def a_cancellation_is_no_item(source):
    try:
        async for line in source:
            yield line
    except asyncio.CancelledError:
        pass


# ---------------------------------------------------------------- violations

async def skipped(source):
    async for line in source:
        try:
            item = json.loads(line)
        except Exception:  # error: FP205
            continue
        yield Ok(item)


async def logged(source):
    async for line in source:
        try:
            yield Ok(json.loads(line))
        except Exception:  # error: FP205
            logging.exception("line")
