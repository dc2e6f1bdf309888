# options: profile = "invariants", extend-select = ["FP205"]
"""Selected by its code, the rule reports all of its forms beside the invariants."""

import asyncio


# ---------------------------------------------------------------- silence

async def let_go_on(source):
    try:
        async for line in source:
            yield line
    except asyncio.CancelledError:
        raise


# ---------------------------------------------------------------- violations

async def swallowed(source):
    try:
        async for line in source:
            yield line
    except asyncio.CancelledError:  # error: FP205
        pass
