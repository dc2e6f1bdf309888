"""`python -m funcpipe_laws.census.child`: builders in a process of their own, see `apart`."""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from funcpipe_laws.apart import Answerer, Lost, answer
from funcpipe_laws.importing import import_named
from funcpipe_laws.instance import NotFound

from .trial import tried


def prepare(setting: dict[str, Any]) -> Answerer:
    """Import the modules with factories; the answerer tries one builder."""
    for module in setting["examples"]:
        try:
            import_named(module, module)
        except NotFound as exc:
            raise Lost(f"purity-examples: {exc}") from None
    home, elsewhere = Path.cwd(), tempfile.mkdtemp(prefix="purity-")

    def tries(name: str) -> Any:
        # Modules may look for their files where the run was started; builders may not leave any.
        with suppress(NotFound):  # The trial says so.
            import_named(name.partition(":")[0], name)
        os.chdir(elsewhere)
        try:
            return asdict(tried(name))
        finally:
            os.chdir(home)

    return tries


if __name__ == "__main__":
    answer(prepare)
