"""The reference implementation of async streams: pure descriptions, deterministic release."""

from funcpipe_streams.concurrent import async_gen_buffer, async_gen_gather, async_gen_par_map
from funcpipe_streams.description import AsyncGen
from funcpipe_streams.release import closing_stream
from funcpipe_streams.resource import async_gen_using
from funcpipe_streams.result import Err, ErrInfo, Ok, Result, assert_never
from funcpipe_streams.shell import async_gen_fold, collect
from funcpipe_streams.stream import (
    async_gen_and_then,
    async_gen_empty,
    async_gen_from_aiter,
    async_gen_from_iterable,
    async_gen_map,
    async_gen_return,
    lift_async_item,
)

__all__ = [
    "AsyncGen",
    "Err",
    "ErrInfo",
    "Ok",
    "Result",
    "assert_never",
    "async_gen_and_then",
    "async_gen_buffer",
    "async_gen_empty",
    "async_gen_fold",
    "async_gen_from_aiter",
    "async_gen_from_iterable",
    "async_gen_gather",
    "async_gen_map",
    "async_gen_par_map",
    "async_gen_return",
    "async_gen_using",
    "closing_stream",
    "collect",
    "lift_async_item",
]
