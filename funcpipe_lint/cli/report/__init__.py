"""One module for each output format.

Formats for programs have `render(violations, crashes, files, texts)`, and are loaded by name.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import import_module
from typing import TYPE_CHECKING

from funcpipe_lint.model import Crash, Violation

if TYPE_CHECKING:
    from funcpipe_lint.check.source_lines import Texts

    Render = Callable[[Sequence[Violation], Sequence[Crash], int, Texts], str]


def load(form: str) -> Render:
    """The `render` of an output format."""
    render: Render = import_module(f"{__name__}.{form}").render
    return render
