"""`@pytest.mark.stream_leaks("allow", reason=...)`."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from funcpipe_laws.declared.config import ConfigError

_SHAPE = '@pytest.mark.stream_leaks("allow", reason="...")'


def reason(item: pytest.Item) -> str:
    """Why an item may leave things behind; empty if it may not. Raises `ConfigError`."""
    found = ""
    for mark in item.iter_markers("stream_leaks"):
        why = mark.kwargs.get("reason")
        if mark.args != ("allow",) or set(mark.kwargs) != {"reason"} or not isinstance(why, str):
            raise ConfigError(f"{item.nodeid}: the mark is written {_SHAPE}")
        if not why.strip():
            raise ConfigError(f"{item.nodeid}: a mark needs a reason: {_SHAPE}")
        found = found or why.strip()
    return found


def owners(item: pytest.Item) -> list[str]:
    """The nodes that carry the marks which hold for an item; cases of one function are one."""
    return sorted(set(_owners(item)))


def _owners(item: pytest.Item) -> Iterator[str]:
    for node, _ in item.iter_markers_with_node("stream_leaks"):
        yield node.nodeid.partition("[")[0] if node is item else node.nodeid
