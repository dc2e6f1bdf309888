"""Managers around a yield that hold nothing."""

import contextlib


async def tolerant(source, is_quiet):
    quiet = contextlib.suppress(OSError) if is_quiet else contextlib.nullcontext()
    with quiet:
        async for item in source:
            yield item
