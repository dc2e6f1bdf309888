"""A test that passes, and leaves a file open: `pytest --stream-leaks` fails it."""

from __future__ import annotations

import asyncio
from pathlib import Path

from examples.orders_naive import first_customer

ORDERS = Path(__file__).parent / "data" / "orders.csv"


def test_first_customer() -> None:
    """The answer is right; the stream that it came from is still suspended."""
    assert asyncio.run(first_customer(ORDERS)) == "ada"
