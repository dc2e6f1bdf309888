"""The reference under the law suite, with its policies declared."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import replace
from typing import Any

import funcpipe_streams as streams
from funcpipe_laws import Policy, StreamInstance, laws, result_type
from funcpipe_laws.checking.suite import BoundLaw
from funcpipe_streams import AsyncGen, ErrInfo, Result, RetryPolicy, TimeoutPolicy


def retry(
    plan: Callable[[], Awaitable[Result[Any, ErrInfo]]],
    *,
    attempts: int,
    delays: Sequence[float] = (),
    retry_on: Collection[str] | None = None,
) -> AsyncGen[Any]:
    """The policy as the laws pass it."""
    codes = None if retry_on is None else frozenset(retry_on)
    policy = RetryPolicy(attempts=attempts, delays=tuple(delays), codes=codes)
    return streams.async_gen_from_plan(streams.async_retry(plan, policy))


REFERENCE = StreamInstance(
    name="funcpipe_streams",
    pure=streams.async_gen_return,
    map=streams.async_gen_map,
    bind=streams.async_gen_and_then,
    using=streams.async_gen_using,
    lift=streams.lift_async_item,
    empty=streams.async_gen_empty,
    merge=streams.async_gen_gather,
    par_map=streams.async_gen_par_map,
    buffer=streams.async_gen_buffer,
    chunk=streams.async_gen_chunk,
    retry=retry,
    timeout=lambda gen, seconds: streams.async_gen_timeout(gen, TimeoutPolicy(per_item=seconds)),
    result=replace(result_type(streams.Ok, streams.Err), error_for=lambda code: ErrInfo(code, "")),
    policy=Policy(
        in_step=True,
        exceptions="raise",
        merge_exceptions="raise",
        fairness=8,
        read_ahead=1,
        snapshots_arguments=True,
        stop_iteration="raise",
        one_task_a_source=True,
        frees_without_collector=True,
    ),
)


def hidden(operation: Any) -> Any:
    """The operation, its description behind a user's own function: nothing is fused."""

    def hiding(*arguments: Any, **options: Any) -> AsyncGen[Any]:
        gen = operation(*arguments, **options)
        return lambda: gen()

    return hiding


UNFUSED = replace(
    REFERENCE,
    name="funcpipe_streams, unfused",
    pure=hidden(streams.async_gen_return),
    map=hidden(streams.async_gen_map),
    bind=hidden(streams.async_gen_and_then),
    using=hidden(streams.async_gen_using),
    lift=lambda fn: hidden(streams.lift_async_item(fn)),
    merge=None,
    par_map=None,
    buffer=None,
    chunk=None,
    retry=None,
    timeout=None,
)


SYNC = StreamInstance(
    name="funcpipe_streams, synchronous",
    kind="sync",
    pure=streams.io_gen_return,
    map=streams.io_gen_map,
    bind=streams.io_gen_and_then,
    using=streams.io_gen_using,
    empty=streams.io_gen_empty,
    result=REFERENCE.result,
    policy=Policy(
        in_step=True, exceptions="raise", stop_iteration="raise", frees_without_collector=True
    ),
)

PLANS = StreamInstance(
    name="funcpipe_streams, plans",
    kind="value",
    pure=streams.async_pure,
    map=streams.async_map,
    bind=streams.async_and_then,
    using=streams.async_using,
    lift=streams.lift_async,
    result=REFERENCE.result,
    policy=Policy(exceptions="raise", stop_iteration="raise", frees_without_collector=True),
)


@laws(REFERENCE)
def test_reference(law: BoundLaw) -> None:
    """Every operation is offered, so every law must have held."""
    assert law.verdict is not None and law.verdict.status == "held"


@laws(UNFUSED)
def test_unfused_form(law: BoundLaw) -> None:
    """The laws hold of the generators that fusion replaces."""


@laws(SYNC)
def test_synchronous_streams(law: BoundLaw) -> None:
    """The laws that make sense without a loop."""


@laws(PLANS)
def test_plans(law: BoundLaw) -> None:
    """The laws that make sense of one value."""
