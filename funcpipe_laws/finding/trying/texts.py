"""Operators that want items of one kind: numbers, lists, pairs, text, bytes, JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from funcpipe_laws.declared.instance import StreamInstance
from funcpipe_laws.declared.offers import Operator
from funcpipe_laws.finding.trying.named import on_items
from funcpipe_laws.finding.trying.unnamed import delivered_of

TEXT = ("data: a\n\n", "b\n", "c", "", "d\ne\n", "event: f\ndata: g\n\n")
"""Lines and server-sent events; some chunks end in the middle of a line."""
JSON = ('{"a": 1}\n', "[2]\n", '"b"\n', '{"c": null}\n', "3\n")
KINDS: Mapping[str, Sequence[Any]] = {
    "numbers": (0, 1, 2, 3, -1, 5),
    "lists": ([0], [1, 2], [], [None], [3]),
    "pairs": ((0, 1), (2, 3), ("a", None), (4, 0), (1, 2)),
    "text": TEXT,
    "bytes": tuple(text.encode() for text in TEXT),
    "json": JSON,
    "json_bytes": tuple(text.encode() for text in JSON),
}
"""What items hold that are no values of any kind -> the values."""

LINES = frozenset(
    ("lines", "iter_lines", "aiter_lines", "read_lines", "split_lines", "splitlines", "line_reader")
)
"""What people call a function that gives the lines of chunks of text."""


def reads_lines(name: str) -> bool:
    """Whether it is called a reader of lines."""
    return name.rpartition(".")[2].lower() in LINES


def lines_of(name: str, operator: Operator, instance: StreamInstance) -> Operator:
    """The same with a model, if it is called a reader of lines and gives all lines that have ended:
    the last one counts as a line too, as it does in a file and in `httpx`."""
    values: Sequence[Any] = instance.values or (0,)
    if not reads_lines(name) or not isinstance(values[0], str | bytes):
        return operator
    empty = type(instance.usual)()
    newline = TEXT[1][1:] if isinstance(empty, str) else TEXT[1][1:].encode()
    whole = [chunk for chunk in values if chunk.endswith(newline)]
    got = delivered_of(operator, instance, [whole])
    for keeps in (False, True):
        if got == empty.join(whole).splitlines(keeps):

            def model(values: list[Any], keeps: bool = keeps) -> list[Any]:
                lines: list[Any] = empty.join(values).splitlines(keeps)
                return lines

            return Operator(operator.make, streams=1, model=on_items(model, instance))
    return operator
