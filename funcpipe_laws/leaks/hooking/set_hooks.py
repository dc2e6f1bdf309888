"""The hooks that a running loop has set for its thread, wrapped where they are."""

from __future__ import annotations

import sys
from typing import Any

from funcpipe_laws.leaks.hooking.monitoring import Monitor
from funcpipe_laws.leaks.hooking.patches import Patches
from funcpipe_laws.leaks.watch import Watch


class SetHooks:
    """In place from its making to `close`, which must be called on the same thread."""

    def __init__(self, patches: Patches, watch: Watch, monitor: Monitor, loop: object) -> None:
        self._before = first, final = sys.get_asyncgen_hooks()

        def on_first(stream: Any) -> None:
            patches.hear(monitor.first_pull, loop, stream, sys._getframe(1))
            if first is not None:
                first(stream)

        def on_final(stream: Any) -> None:
            patches.hear(watch.dropped, stream)
            if final is not None:
                final(stream)

        self._ours = on_first
        sys.set_asyncgen_hooks(on_first, on_final)

    def close(self) -> None:
        """As they were found, unless somebody else has set theirs since."""
        if sys.get_asyncgen_hooks().firstiter is self._ours:
            sys.set_asyncgen_hooks(*self._before)
