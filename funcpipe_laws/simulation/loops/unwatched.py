"""Code that leaves streams open on purpose, and counts on its own what is left."""

from __future__ import annotations

depth = 0
"""In how many such blocks this process is; what happens meanwhile is nobody's leak."""


class unwatched:  # noqa: N801 - used like contextlib.suppress
    """A block that `--stream-leaks` and `watch_streams` do not look at."""

    def __enter__(self) -> None:
        global depth
        depth += 1

    def __exit__(self, *exc_info: object) -> None:
        global depth
        depth -= 1
