"""Policies as data: how often to try again, how long to wait, how fast to go.

Time is the loop's clock, and chance comes from a generator that is passed in: with a simulated loop
and a seeded generator, a test of a policy takes no time and gives the same every time. No timeout
is left open while a stream's consumer works.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable
from dataclasses import dataclass
from math import inf
from random import Random
from typing import Any, TypeVar

from funcpipe_streams.concurrent import at_least_one
from funcpipe_streams.plan import AsyncPlan
from funcpipe_streams.result import Err, ErrInfo, Result
from funcpipe_streams.running.description import AsyncGen, Generated, open_stream
from funcpipe_streams.running.driving import noticed
from funcpipe_streams.running.release import closing_stream

__all__ = [
    "RateLimit",
    "RetryPolicy",
    "TimeoutPolicy",
    "async_gen_rate_limit",
    "async_gen_timeout",
    "async_retry",
    "async_timeout",
]

T = TypeVar("T")


def _number(name: str, value: Any) -> float:
    if not isinstance(value, int | float):
        raise TypeError(f"{name} must be a number, not {value!r}")
    return value


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """When a failed plan is run again.

    Parameters: `attempts` is how often it is run at most, the first time included. `delays` are the
    seconds to wait after the first failure, the second, and so on; the last one repeats, and with
    none there is no wait. `jitter` is the part of each delay that is left to chance: with 0.5 a
    delay of 2 s becomes one between 1 and 2 s. `codes` are the error codes that are worth another
    attempt; None means all.

    Raises `ValueError` or `TypeError` that names the parameter and the value.
    """

    attempts: int
    delays: tuple[float, ...] = ()
    jitter: float = 0.0
    codes: frozenset[str] | None = None

    def __post_init__(self) -> None:
        at_least_one("attempts", self.attempts)
        delays: Any = self.delays
        if not isinstance(delays, tuple):
            raise TypeError(f"delays must be a tuple of seconds, as (0.5, 2), not {delays!r}")
        for delay in delays:
            if not 0 <= _number("delays", delay) < inf:
                raise ValueError(f"delays must be seconds, finite and not negative: {delay}")
        if not 0 <= _number("jitter", self.jitter) <= 1:
            raise ValueError(f"jitter must be between 0 and 1, not {self.jitter}")
        codes: Any = self.codes
        if codes is not None and not isinstance(codes, frozenset | set):
            raise TypeError(f"codes must be a set, as frozenset({{'BUSY'}}), not {codes!r}")

    @classmethod
    def exponential(
        cls,
        *,
        attempts: int,
        first: float,
        factor: float = 2.0,
        ceiling: float = inf,
        jitter: float = 0.0,
        codes: frozenset[str] | None = None,
    ) -> RetryPolicy:
        """Delays that grow by `factor` from `first` up to `ceiling` seconds."""
        delays = tuple(
            min(ceiling, first * factor**n) for n in range(at_least_one("attempts", attempts) - 1)
        )
        return cls(attempts=attempts, delays=delays, jitter=jitter, codes=codes)

    def delay_after(self, failures: int, random: Random | None) -> float:
        """Seconds to wait after that many failures in a row."""
        if not self.delays:
            return 0.0
        delay = self.delays[min(failures, len(self.delays)) - 1]
        return delay * (1 - self.jitter * random.random()) if random is not None else delay


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeoutPolicy:
    """How long to wait, in seconds: for each item, and for the whole of a run; None is no limit.

    Raises `ValueError` if both are None or one is not above 0.
    """

    per_item: float | None = None
    total: float | None = None

    def __post_init__(self) -> None:
        if self.per_item is None and self.total is None:
            raise ValueError("a TimeoutPolicy needs per_item or total seconds")
        for name, seconds in (("per_item", self.per_item), ("total", self.total)):
            if seconds is not None and not _number(name, seconds) > 0:
                raise ValueError(f"{name} must be above 0 seconds, not {seconds}")


@dataclass(frozen=True, slots=True, kw_only=True)
class RateLimit:
    """A token bucket: `per_second` items in the long run, at most `burst` of them at once.

    Raises `ValueError` if `per_second` is not above 0 or `burst` is below 1.
    """

    per_second: float
    burst: int = 1

    def __post_init__(self) -> None:
        if not 0 < _number("per_second", self.per_second) < inf:
            raise ValueError(f"per_second must be above 0 and finite, not {self.per_second}")
        at_least_one("burst", self.burst)


def async_retry(
    plan: AsyncPlan[T], policy: RetryPolicy, *, random: Random | None = None
) -> AsyncPlan[T]:
    """Run a plan again while it fails with an error that the policy names; the last result counts.

    Every attempt is a fresh run. An exception is a defect and surfaces at once; a cancellation ends
    the wait and surfaces. For the items of a stream: `lift_async_item` or `async_gen_par_map` over
    `lambda x: async_retry(lambda: fn(x), policy)()`.

    Raises `ValueError` if the policy has jitter and no `random` generator is passed.
    """
    if policy.jitter and random is None:
        raise ValueError("a policy with jitter needs a generator: random=Random(seed)")

    async def retried() -> Result[T, ErrInfo]:
        failures = 0
        while True:
            result = await plan()
            failures += 1
            if (
                not isinstance(result, Err)
                or failures == policy.attempts
                or (policy.codes is not None and result.error.code not in policy.codes)
            ):
                return result
            delay = policy.delay_after(failures, random)
            if delay:
                await asyncio.sleep(delay)

    return retried


def async_timeout(plan: AsyncPlan[T], policy: TimeoutPolicy) -> AsyncPlan[T]:
    """Cancel a plan that takes longer than the policy allows; the result is then `Err`.

    The plan's clean-up is awaited first. The error's code is `TIMEOUT`. A cancellation from outside
    and a `TimeoutError` of the plan's own surface unchanged.
    """
    limit = min(policy.per_item or inf, policy.total or inf)

    async def limited() -> Result[T, ErrInfo]:
        try:
            return await _until(asyncio.get_running_loop().time() + limit, plan())
        except _Expired:
            return _timed_out(limit)

    return limited


class _Expired(Exception):
    """The time that was allowed is over."""


async def _until(when: float, awaitable: Awaitable[T]) -> T:
    """Await something, cancelled at that time of the loop's clock; `_Expired` says that it was.

    A timer is set only if there is a suspension: one for each item of a source that is always ready
    would stay in the loop, which drops cancelled timers when it goes round.
    """
    try:
        async with asyncio.timeout(None) as scope:
            limit = when if when < inf else None
            return await noticed(_awaited(awaitable), lambda: scope.reschedule(limit))
    except TimeoutError:
        if not scope.expired():
            raise
    raise _Expired


async def _awaited(awaitable: Awaitable[T]) -> T:
    return await awaitable


def async_gen_timeout(gen: AsyncGen[T], policy: TimeoutPolicy) -> AsyncGen[T]:
    """End a stream that lets its consumer wait for longer than the policy allows.

    The source is cancelled and closed; then one `Err` with the code `TIMEOUT` ends the stream.
    `per_item` counts from the pull, so that a slow consumer costs a source nothing; `total` counts
    from the first pull. A cancellation from outside and a `TimeoutError` of the source's own
    surface unchanged.
    """
    return Generated(_limited, gen, policy)


async def _limited(
    gen: AsyncGen[T], policy: TimeoutPolicy
) -> AsyncGenerator[Result[T, ErrInfo], None]:
    loop = asyncio.get_running_loop()
    end = loop.time() + (policy.total or inf)
    async with closing_stream(open_stream(gen)) as stream:
        while True:
            started = loop.time()
            limit = min(end, started + (policy.per_item or inf))
            try:
                item = await _until(limit, stream.__anext__())
            except StopAsyncIteration:
                return
            except _Expired:
                break
            yield item
    yield _timed_out(policy.total if limit == end and policy.total else policy.per_item)


def _timed_out(seconds: float | None) -> Err[ErrInfo]:
    return Err(ErrInfo("TIMEOUT", f"took longer than {seconds} s"))


def async_gen_rate_limit(gen: AsyncGen[T], limit: RateLimit) -> AsyncGen[T]:
    """Pull a source no faster than the limit allows, errors included.

    Every run has a bucket of its own, full at the first pull. Before `async_gen_par_map` it limits
    how often the function is called.
    """
    return Generated(_paced, gen, limit)


async def _paced(gen: AsyncGen[T], limit: RateLimit) -> AsyncGenerator[Result[T, ErrInfo], None]:
    loop = asyncio.get_running_loop()
    # The time at which the bucket would be empty; being in the future means that it is overdrawn.
    empty_at = loop.time() - limit.burst / limit.per_second
    async with closing_stream(open_stream(gen)) as stream:
        while True:
            empty_at = max(empty_at, loop.time() - limit.burst / limit.per_second)
            empty_at += 1 / limit.per_second
            wait = empty_at - loop.time()
            if wait > 0:
                await asyncio.sleep(wait)
            try:
                item = await stream.__anext__()
            except StopAsyncIteration:
                return
            yield item
