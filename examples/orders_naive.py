"""Revenue by customer from an order file, the way most async pipelines are written.

It prints the right figures, and `funcpipe-lint check examples/orders_naive.py` finds five ways in
which it will not: whole streams in memory, files that stay open, values outside the error channel.
"""

from __future__ import annotations

import asyncio
import csv
import sys
from collections import defaultdict
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from funcpipe_streams import Err, ErrInfo, Ok, Result

RATES = {"EUR": 1.0, "USD": 0.5, "GBP": 1.5}


@dataclass(frozen=True)
class Order:
    """One line of the file, in euros."""

    customer: str
    amount: float


@asynccontextmanager
async def opened(path: Path) -> AsyncIterator[TextIO]:
    """The file, open; closing it waits, as closing a remote one would."""
    file = await asyncio.to_thread(path.open, newline="")
    try:
        yield file
    finally:
        await asyncio.to_thread(file.close)


async def rows(path: Path) -> AsyncGenerator[dict[str, str], None]:
    """The lines of the file."""
    async with opened(path) as file:
        for row in csv.DictReader(file):
            yield row


async def orders(path: Path) -> AsyncGenerator[Result[Order, ErrInfo], None]:
    """The lines as orders; what cannot be read becomes an `Err`."""
    async for row in rows(path):
        rate = RATES.get(row["currency"])
        if rate is None:
            yield Err(ErrInfo(code="CURRENCY", msg=f"no rate for {row['currency']}"))
            continue
        try:
            amount = float(row["amount"])
        except ValueError:
            yield Err(ErrInfo(code="AMOUNT", msg=f"{row['amount']!r} is no amount"))
            continue
        yield Ok(Order(row["customer"], amount * rate))


async def counted(path: Path) -> AsyncGenerator[Result[Order, ErrInfo], None]:
    """The orders, after a heading."""
    found = [item async for item in orders(path)]
    yield f"{len(found)} lines"  # type: ignore[misc]
    for item in found:
        yield item


async def first_customer(path: Path) -> str:
    """Who ordered first."""
    async for row in rows(path):
        return row["customer"]
    return "nobody"


async def report(path: Path) -> None:
    """Print the figures."""
    totals: dict[str, float] = defaultdict(float)
    failed = []
    items = counted(path)
    try:
        async for item in items:
            match item:
                case Ok(order):
                    totals[order.customer] += order.amount
                case Err(error):
                    failed.append(f"{error.code}: {error.msg}")
    finally:
        await items.aclose()
    print(f"first order: {await first_customer(path)}")
    for customer, total in sorted(totals.items()):
        print(f"{customer:<10}{total:>10.2f}")
    print(*failed, sep="\n")


if __name__ == "__main__":
    default = Path(__file__).parent / "data" / "orders.csv"
    asyncio.run(report(Path(sys.argv[1]) if len(sys.argv) > 1 else default))
