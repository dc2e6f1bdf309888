"""Ratios of running times that survive a noisy machine.

Subject and baseline run alternately, in one process; each pair gives a ratio, and the median of the
ratios is the figure. What slows the machine for a while slows both halves of a pair; the time that
other processes take does not count.
"""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable
from typing import Any, NamedTuple

__all__ = ["Ratio", "Row", "compare"]


class Row(NamedTuple):
    """A subject, what it is measured against, and the ratio that it must keep."""

    name: str
    subject: Callable[[], Any]
    baseline: Callable[[], Any]
    target: float


class Ratio:
    """Median of the pair ratios, with the quartiles as a measure of noise."""

    def __init__(self, ratios: list[float], baseline_seconds: list[float]) -> None:
        self.low, self.median, self.high = statistics.quantiles(ratios, n=4)
        self.baseline_seconds = statistics.median(baseline_seconds)


def compare(subject: Callable[[], object], baseline: Callable[[], object], pairs: int) -> Ratio:
    """Time `subject` against `baseline` in `pairs` alternating pairs, the order swapped each time.

    Each runs once before, unmeasured; the cyclic collector is off while a half is measured.
    """
    subject()
    baseline()
    ratios, seconds = [], []
    for pair in range(max(2, pairs)):
        if pair % 2:
            base = _seconds(baseline)
            ratios.append(_seconds(subject) / base)
        else:
            took = _seconds(subject)
            base = _seconds(baseline)
            ratios.append(took / base)
        seconds.append(base)
    return Ratio(ratios, seconds)


def _seconds(run: Callable[[], object]) -> float:
    gc.collect()
    gc.disable()
    try:
        start = time.process_time()
        run()
        return time.process_time() - start
    finally:
        gc.enable()
