"""A pytest plugin: every asynchronous test of the run takes place on uvloop."""

from __future__ import annotations

import asyncio
import warnings
from typing import Any

import pytest
import uvloop


@pytest.fixture(scope="session")
def event_loop_policy() -> Any:
    """What makes the loops of the tests."""
    return _policy()


def pytest_configure() -> None:
    """The loops that tests make themselves, with `asyncio.run`, too."""
    with warnings.catch_warnings():
        # Python 3.14 warns of policies, which it still has.
        warnings.simplefilter("ignore", DeprecationWarning)
        asyncio.set_event_loop_policy(_policy())


def _policy() -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return uvloop.EventLoopPolicy()
