"""The watch outside of pytest: for a script, or a service in staging."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import TracebackType

from funcpipe_laws.leaks.hooking.hooks import Hooks
from funcpipe_laws.leaks.model import Leak, Spot
from funcpipe_laws.leaks.reading import managers, stacks
from funcpipe_laws.leaks.reading.instructions import IS_READABLE
from funcpipe_laws.leaks.reporting import text
from funcpipe_laws.leaks.reporting.record import PlaceRecord, grouped
from funcpipe_laws.leaks.watch import Watch


@dataclass(frozen=True, slots=True)
class Suspended:
    """A stream that waits at a yield now."""

    place: Spot
    seconds: float
    """Since it was pulled last; before Python 3.12, since it was pulled first."""
    pending: tuple[str, ...]
    """What is left to clean up, innermost first, as source lines."""
    first_pulled: tuple[Spot, ...]

    def __str__(self) -> str:
        pending = "; ".join(self.pending) or "nothing"
        place = f"{self.place['function']} ({text.where(self.place)})"
        return f"{place}, for {self.seconds:.1f} s; pending: {pending}"


class StreamLeaks:
    """What was left behind so far: one record a place, however often it happens."""

    def __init__(self, on_leak: Callable[[Leak], object] | None) -> None:
        self._on_leak = on_leak
        self._places: dict[str, PlaceRecord] = {}
        self._watch = Watch(self._found)
        self._hooks: Hooks | None = None

    def __iter__(self) -> Iterator[PlaceRecord]:
        return iter(list(self._places.values()))

    def __len__(self) -> int:
        return len(self._places)

    def __bool__(self) -> bool:
        """Whether anything that counts as a failure was left."""
        return any(place["leak"]["level"] == "failure" for place in self)

    def __str__(self) -> str:
        """The places as `pytest --stream-leaks` lists them, failures first."""
        places = sorted(self, key=lambda one: one["leak"]["level"])
        return "\n".join(line for place in places for line in text.place(place))

    def suspended(self) -> list[Suspended]:
        """The streams that wait at a yield now, on any loop; the one that waits longest first.

        Being suspended is no leak: somebody may pull it again. O(streams alive).
        """
        now, found = time.monotonic(), []
        for record in self._watch.streams:
            stream = record()
            place = None if stream is None else managers.position(stream)
            if stream is None or place is None or not managers.is_suspended(stream):
                continue
            pending = managers.pending(stream)
            lines = [stacks.spot(record.code, handler.line)["text"] for handler, _ in pending]
            if not IS_READABLE:
                lines = ["not known on this interpreter"]
            found.append(
                Suspended(
                    stacks.spot(record.code, place.line),
                    now - record.since,
                    tuple(lines),
                    tuple(stacks.spots(record.first)),
                )
            )
        return sorted(found, key=lambda one: -one.seconds)

    def not_seen(self) -> list[str]:
        """What could not be looked at here, and why."""
        return self._watch.errors if self._hooks is None else self._hooks.not_seen()

    def _found(self, leak: Leak) -> None:
        [new] = grouped([leak])
        place = self._places.setdefault(leak["key"], new)
        if place is not new:
            place["count"] += 1
        if self._on_leak is not None:
            self._on_leak(leak)


class watch_streams:  # noqa: N801 - used like contextlib.aclosing
    """Watch what a program leaves behind: `with watch_streams() as leaks: asyncio.run(main())`.

    Inside of the block, every loop of asyncio, uvloop and trio in this process is watched, in any
    thread, if it was started inside too, or runs the code that enters the block. `leaks` is a
    `StreamLeaks`: it grows while the program runs, and can be read at any time, also after the
    block. A leak of a stream is known when it is dropped or its loop is shut down, one of a task
    when its loop is: enter before the loop is started and leave after it has ended, where that is
    possible.

    Parameters
    ----------
    on_leak:
        Called with each leak, as `pytest --stream-leaks` reports it (a dictionary), on the thread
        of its loop. It must not block. What it raises is noted in `leaks.not_seen()`.
    logger:
        Each place is logged once: failures as errors, warnings as warnings, notes for debugging.

    All hooks are as they were found when the block is left. While two blocks are open, also one of
    another thread, only the one entered last hears. Costs some microseconds a stream and a task,
    and nothing an item, save 0.3 microseconds for streams that have clean-up to run (Python 3.12).
    Raises nothing of its own.
    """

    def __init__(
        self,
        on_leak: Callable[[Leak], object] | None = None,
        *,
        logger: logging.Logger | None = None,
    ) -> None:
        self._on_leak, self._logger = on_leak, logger
        self._logged: set[str] = set()

    def __enter__(self) -> StreamLeaks:
        self._leaks = StreamLeaks(self._tell)
        self._hooks = self._leaks._hooks = Hooks(self._leaks._watch)
        return self._leaks

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._hooks.close()

    def _tell(self, leak: Leak) -> None:
        if self._logger is not None and leak["key"] not in self._logged:
            self._logged.add(leak["key"])
            level = {"failure": logging.ERROR, "warning": logging.WARNING, "note": logging.DEBUG}
            self._logger.log(level[leak["level"]], "%s", text.failure([leak]))
        if self._on_leak is not None:
            self._on_leak(leak)
