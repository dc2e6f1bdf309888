"""What the linter knows of `funcpipe_streams` by name. It is never imported."""

from __future__ import annotations

KIT = "funcpipe_streams"
USING = (f"{KIT}.async_gen_using",)
CLOSING_HELPER = f"{KIT}.closing_stream"
# These drive a stream at once; every other function of the two prefixes describes one.
_DRIVERS = ("async_gen_fold", "async_gen_for_each", "async_gen_partition")


def describes(dotted: str) -> str:
    """Which kind of description a function of the kit returns: "async", "sync" or "" for none."""
    root, _, rest = dotted.partition(".")
    last = rest.rpartition(".")[2]
    if root != KIT or last in _DRIVERS:
        return ""
    if last.startswith("async_gen_"):
        return "async"
    return "sync" if last.startswith("io_gen_") else ""
