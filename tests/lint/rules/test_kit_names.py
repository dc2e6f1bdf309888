"""What the linter says of funcpipe_streams by name is what that package does."""

from __future__ import annotations

import inspect

import pytest

import funcpipe_streams
from funcpipe_lint.config.settings import settings_for
from funcpipe_lint.model.reference import CLOSING_HELPER, describes

FUNCTIONS = [
    name for name in funcpipe_streams.__all__ if inspect.isfunction(getattr(funcpipe_streams, name))
]
RETURNED = {"async": "AsyncGen[", "sync": "IOGen["}


@pytest.mark.parametrize("name", [n for n in FUNCTIONS if n.startswith(("async_gen_", "io_gen_"))])
def test_builders(name: str) -> None:
    """A function counts as a builder exactly if it is annotated to return a description."""
    returned = str(inspect.signature(getattr(funcpipe_streams, name)).return_annotation)
    colour = describes(f"funcpipe_streams.{name}")
    assert returned.startswith(RETURNED.get(colour, "")), returned
    assert bool(colour) == returned.startswith(tuple(RETURNED.values())), returned


def test_names_exist() -> None:
    """Every name of the kit that the default configuration and the fixes use is exported."""
    settings = settings_for({})
    named = (settings.results, settings.oks, settings.errs, settings.descriptions)
    known = [
        n for group in (*named, settings.sync_descriptions, settings.collectors) for n in group
    ]
    for dotted in (*known, CLOSING_HELPER):
        root, _, name = dotted.partition(".")
        if root == "funcpipe_streams":
            assert hasattr(funcpipe_streams, name), dotted
