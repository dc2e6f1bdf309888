"""Revenue by customer from an order file, as descriptions of streams.

It prints what `orders_naive.py` prints, holds one line in memory, and has closed the file whenever
a caller has its answer, however early the caller stops.
"""

from __future__ import annotations

import asyncio
import csv
import sys
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from funcpipe_streams import (
    AsyncGen,
    Err,
    ErrInfo,
    Ok,
    Result,
    async_gen_and_then,
    async_gen_using,
    closing_stream,
    lift_async_item,
)

RATES = {"EUR": 1.0, "USD": 0.5, "GBP": 1.5}
Row = dict[str, str]


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


def rows(path: Path) -> AsyncGen[Row]:
    """The lines of the file, open while they are read."""

    def lines(file: TextIO) -> AsyncGen[Row]:
        async def stream() -> AsyncIterator[Result[Row, ErrInfo]]:
            for row in csv.DictReader(file):
                yield Ok(row)

        return stream

    return async_gen_using(lambda: opened(path), lines)


async def as_order(row: Row) -> Result[Order, ErrInfo]:
    """The line as an order."""
    rate = RATES.get(row["currency"])
    if rate is None:
        return Err(ErrInfo(code="CURRENCY", msg=f"no rate for {row['currency']}"))
    try:
        amount = float(row["amount"])
    except ValueError:
        return Err(ErrInfo(code="AMOUNT", msg=f"{row['amount']!r} is no amount"))
    return Ok(Order(row["customer"], amount * rate))


def orders(path: Path) -> AsyncGen[Order]:
    """The lines as orders; what cannot be read stays in its place as an `Err`."""
    return async_gen_and_then(rows(path), lift_async_item(as_order))


async def first_customer(path: Path) -> str:
    """Who ordered first."""
    async with closing_stream(rows(path)()) as items:
        async for item in items:
            if isinstance(item, Ok):
                return item.value["customer"]
    return "nobody"


async def report(path: Path) -> None:
    """Print the figures."""
    totals: dict[str, float] = defaultdict(float)
    failed = []
    async with closing_stream(orders(path)()) as items:
        async for item in items:
            match item:
                case Ok(order):
                    totals[order.customer] += order.amount
                case Err(error):
                    failed.append(f"{error.code}: {error.msg}")
    print(f"first order: {await first_customer(path)}")
    for customer, total in sorted(totals.items()):
        print(f"{customer:<10}{total:>10.2f}")
    print(*failed, sep="\n")


if __name__ == "__main__":
    default = Path(__file__).parent / "data" / "orders.csv"
    asyncio.run(report(Path(sys.argv[1]) if len(sys.argv) > 1 else default))
