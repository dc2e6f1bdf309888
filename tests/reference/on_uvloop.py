"""A pytest plugin: every asynchronous test of the run takes place on uvloop."""

from __future__ import annotations

import asyncio

import pytest
import uvloop


@pytest.fixture(scope="session")
def event_loop_policy() -> asyncio.AbstractEventLoopPolicy:
    """What makes the loops of the tests."""
    policy: asyncio.AbstractEventLoopPolicy = uvloop.EventLoopPolicy()
    return policy


def pytest_configure() -> None:
    """The loops that tests make themselves, with `asyncio.run`, too."""
    asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())
