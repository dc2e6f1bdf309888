"""What people call the operations that laws know."""

from __future__ import annotations

from collections.abc import Mapping

from funcpipe_laws.finding.trying.conventions import TRIALS
from funcpipe_laws.finding.trying.named import NAMED, OF_FUNCTIONS, OF_SEVERAL, RELATED

RETRY = "retry"
WORDS: Mapping[str, str] = {
    **{name: name for name in (*TRIALS, *NAMED, *OF_SEVERAL, *RELATED, *OF_FUNCTIONS, RETRY)},
    **dict.fromkeys(("chain", "concatenate"), "concat"),
    **dict.fromkeys(("flat_map", "flatmap", "concat_map", "concatmap", "and_then"), "bind"),
    **dict.fromkeys(("parmap", "parallel_map", "map_parallel", "concurrent_map"), "par_map"),
    **dict.fromkeys(("map_concurrent", "map_concurrently", "pmap"), "par_map"),
    **dict.fromkeys(("batch", "batched", "batches", "chunks", "chunked"), "chunk"),
    **dict.fromkeys(("gather", "interleave", "merge_streams", "merged"), "merge"),
    **dict.fromkeys(("buffered", "prefetch"), "buffer"),
    **dict.fromkeys(("with_timeout", "timeouts"), "timeout"),
    **dict.fromkeys(("takewhile",), "take_while"),
    **dict.fromkeys(("dropwhile", "skip_while"), "drop_while"),
    **dict.fromkeys(("first_n", "limit", "head"), "take"),
    **dict.fromkeys(("skip",), "drop"),
    **dict.fromkeys(("where", "filtered", "select"), "filter"),
    **dict.fromkeys(("accumulate",), "scan"),
    **dict.fromkeys(("windows", "windowed", "sliding_window"), "window"),
    **dict.fromkeys(("ratelimit", "rate_limited"), "rate_limit"),
    **dict.fromkeys(("switchmap", "flat_map_latest", "switch_latest"), "switch_map"),
    **dict.fromkeys(("mergemap", "flat_map_concurrent", "concurrent_flat_map"), "merge_map"),
    **dict.fromkeys(("par_flat_map", "parallel_flat_map", "flat_map_merge"), "merge_map"),
    **dict.fromkeys(("map_unordered", "unordered_map", "unordered_par_map"), "par_map_unordered"),
    **dict.fromkeys(("parmap_unordered", "imap_unordered"), "par_map_unordered"),
    **dict.fromkeys(("fork", "split", "share", "broadcast", "fan_out", "fanout"), "tee"),
    **dict.fromkeys(("groupby",), "group_by"),
    **dict.fromkeys(("combinelatest", "zip_latest", "with_latest"), "combine_latest"),
    **dict.fromkeys(("retries", "with_retry", "with_retries", "retrying"), RETRY),
    **dict.fromkeys(("distinct_until_changed", "dedupe", "deduplicate"), "distinct"),
    **dict.fromkeys(("uniq", "unique_everseen", "dedup", "without_duplicates"), "unique"),
}
"""What people call an operation -> what laws call it."""

HANDLERS = dict.fromkeys(
    (
        *("catch", "catch_error", "catch_errors", "catching", "rescue", "recover", "recovering"),
        *("on_error", "on_exception", "handle_error", "handle_errors", "fallback", "materialize"),
        *("ignore_error", "ignore_errors", "ignore_exceptions", "suppress", "suppressed"),
        *("attempt", "resilient", "reconnect", "reconnecting"),
    ),
    "handle",
)
"""What people call an operator that is there to do something with an exception of its stream."""

PREFIXES = ("async_gen_", "async_iter_", "async_", "aiter_", "stream_", "a")
SUFFIXES = ("_async", "_stream", "_streams", "_aiter", "_iter")


def word_for(name: str, words: Mapping[str, str] = WORDS) -> str:
    """The operation that a name stands for, or an empty text."""
    last = name.rpartition(".")[2].lower()
    bare = [last, *map(last.removeprefix, PREFIXES), *map(last.removesuffix, SUFFIXES)]
    return next((words[one] for one in bare if one in words), "")
