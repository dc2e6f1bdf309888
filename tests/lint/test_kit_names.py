"""What the linter takes for granted about the kit's own streams is so."""

from __future__ import annotations

import inspect

import funcpipe_streams
from funcpipe_lint import streams


def test_coroutine_functions_are_no_builders() -> None:
    """Awaiting one is right; the names are held here because the linter never imports the kit."""
    coroutines = {
        name
        for name in funcpipe_streams.__all__
        if name.startswith("async_gen_")
        and inspect.iscoroutinefunction(getattr(funcpipe_streams, name))
    }
    assert coroutines == set(streams._NOT_BUILDERS)
