"""What of a file stands for something elsewhere in the program: records, and what files have none,
by their bytes. Nothing of the program is imported for it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from funcpipe_lint.model import Link
from funcpipe_lint.screening.prefilter import ASYNC_FOR

# A question, the answer that it had, and what tells that it still has it without asking again.
Dependency = Sequence[Any]
# The rules that speak of a link.
SPEAKING = {"stream": ("FP302", "FP303"), "scope": ("FP305",)}
_ITERATES = re.compile(rb"y" + ASYNC_FOR + rb"|anext")


class Links(NamedTuple):
    """The links of a file, and what they depend on."""

    links: tuple[Link, ...] = ()
    dependencies: tuple[Dependency, ...] = ()


def may_link(raw: bytes) -> bool:
    """Whether a file may go through a stream, pull from one, or yield inside of something."""
    return _ITERATES.search(raw) is not None or (b"yield" in raw and b"with" in raw)
