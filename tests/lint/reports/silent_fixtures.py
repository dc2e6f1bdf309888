"""Fixtures of tests: the framework drives them."""

import anyio
import pytest


@pytest.fixture
async def server(port):
    async with anyio.create_task_group() as group:
        group.start_soon(port.listen)
        yield port
        group.cancel_scope.cancel()
