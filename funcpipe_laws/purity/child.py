"""`python -m funcpipe_laws.purity.child`: builders in a process of their own, see `apart`."""

from __future__ import annotations

import getpass
import os
import tempfile
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from funcpipe_laws.apart.asking import Answerer, Lost, answer
from funcpipe_laws.declared.instance import NotFound
from funcpipe_laws.finding.importing import import_named


def prepare(setting: dict[str, Any]) -> Answerer:
    """Import the modules with factories; the answerer imports a module, or tries a builder."""
    # Kept from run to run: the tables that texts are made from take a second to build.
    storage = Path(tempfile.gettempdir(), f"funcpipe-hypothesis-{getpass.getuser()}")
    os.environ.setdefault("HYPOTHESIS_STORAGE_DIRECTORY", str(storage))
    from funcpipe_laws.purity.trial import tried, warm_up

    warm_up()
    for module in setting["examples"]:
        try:
            import_named(module, module)
        except NotFound as exc:
            raise Lost(f"purity-examples: {exc}") from None
    # Modules may look for their files where the run was started; builders may not leave any.
    home, elsewhere = Path.cwd(), setting["folder"]

    def tries(name: str) -> Any:
        if ":" not in name:
            with suppress(NotFound):  # The trial says so.
                import_named(name, name)
            return None
        os.chdir(elsewhere)
        try:
            return asdict(tried(name))
        finally:
            os.chdir(home)

    return tries


if __name__ == "__main__":
    answer(prepare)
