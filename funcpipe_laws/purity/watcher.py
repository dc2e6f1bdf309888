"""What a builder does besides building, as the interpreter and an event loop see it."""

from __future__ import annotations

import asyncio
import contextvars
import linecache
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import wraps
from types import FrameType
from typing import Any

from funcpipe_laws.purity.pinpoint import line_where
from funcpipe_laws.simulation.loops.sim import Context, SimLoop, Ts
from funcpipe_laws.simulation.loops.tasks import Site, is_foreign

AUDITED = {
    "open": "opened a file",
    "import": "imported a module",
    "time.sleep": "slept",
    "_thread.start_new_thread": "started a thread",
    "subprocess.Popen": "started a process",
    "os.system": "ran a shell command",
    "os.remove": "removed a file",
    "os.mkdir": "made a folder",
    "os.putenv": "set an environment variable",
    "sqlite3.connect": "opened a database",
    "urllib.Request": "made a request",
    "socket.__new__": "made a socket",
    "socket.connect": "connected a socket",
    "socket.bind": "bound a socket",
    "socket.getaddrinfo": "looked up a host name",
    "builtins.input": "asked for input",
}
"""Audit event -> what it means that a builder raised it."""


@dataclass(frozen=True, slots=True)
class Impurity:
    """Something that a builder did, and where."""

    what: str
    site: Site

    def __str__(self) -> str:
        line = linecache.getline(self.site[0], self.site[1]).strip()
        return f"{self.what}, in {self.site}" + (f"\n    {line}" if line else "")


class EffectPrevented(Exception):
    """An effect of a builder that was not let happen."""


_PREVENTED = frozenset(AUDITED) - {"import", "open", "socket.__new__", "time.sleep"}
_PREVENTED -= {"_thread.start_new_thread"}


def _would_change(event: str, args: tuple[Any, ...]) -> bool:
    """Whether an audit event stands for something that leaves a trace outside of the process."""
    if event == "open":
        return len(args) > 1 and isinstance(args[1], str) and bool(set(args[1]) & set("wax+"))
    return event in _PREVENTED


class Watcher:
    """Collects what happens on this thread while it is entered."""

    def __init__(self, builder: Callable[..., Any], prevents: bool = False) -> None:
        self.builder, self.prevents = builder, prevents
        code = getattr(builder, "__code__", None)
        name = getattr(builder, "__qualname__", repr(builder))
        place = (code.co_filename, code.co_firstlineno) if code else ("?", 0)
        self.home = Site((*place, name))
        self.found: list[Impurity] = []
        self.thread = threading.get_ident()

    def add(self, what: str, site: Site) -> None:
        """Note it, once."""
        impurity = Impurity(what, site)
        if impurity not in self.found:
            self.found.append(impurity)

    def watched(self, name: str, arg: Any) -> Any:
        """A function that notes its calls in place of the argument, if that is a function."""
        if not callable(arg) or isinstance(arg, type):
            return arg

        @wraps(arg, updated=())
        def called(*args: Any, **kwargs: Any) -> Any:
            if _ACTIVE.get(self.thread) is self:
                self.add(f"called {name}", _offender() or self.home)
            return arg(*args, **kwargs)

        return called

    def building(self, args: Sequence[Any], named: Mapping[str, Any]) -> Callable[[], Any]:
        """The call of the builder; frames outside of it are not searched for an offender."""

        def build() -> Any:
            return self.builder(*args, **named)

        return build

    def __enter__(self) -> None:
        _install_hook()
        _ACTIVE[self.thread] = self
        # Python 3.11 has no audit event for it.
        start = self._start = threading.Thread.start

        def noted(thread: threading.Thread) -> None:
            if _ACTIVE.get(threading.get_ident()) is self:
                self.add("started a thread", _offender() or self.home)
            start(thread)

        threading.Thread.start = noted  # type: ignore[method-assign,assignment]

    def __exit__(self, *exc_info: object) -> None:
        threading.Thread.start = self._start  # type: ignore[method-assign]
        del _ACTIVE[self.thread]

    def audit(self, event: str, args: tuple[Any, ...]) -> None:
        """One audit event of this thread."""
        meaning = AUDITED.get(event)
        if meaning is None or (event == "open" and _importing()):
            return
        detail = f": {args[0]!r}" if args and isinstance(args[0], (str, bytes, int)) else ""
        self.add(meaning + detail, _offender() or self.home)
        if self.prevents and _would_change(event, args):
            raise EffectPrevented(meaning + detail)

    def twice(self, build: Callable[[], Any]) -> Any:
        """Build without a running loop, then inside one; what the first call built."""
        try:
            built = self.in_own_context(build)
        except RuntimeError as exc:
            if "event loop" not in str(exc):
                raise
            built = self.in_a_loop(build)
            self.add("needs a running event loop", self.home)
            return built
        self.in_a_loop(build)
        return built

    def in_own_context(self, build: Callable[[], Any]) -> Any:
        """Build, and note which context variables that set."""
        context = contextvars.copy_context()
        before = dict(context.items())
        built = context.run(build)
        for variable, value in context.items():
            if before.get(variable, _UNSET) is not value:
                site = self._where_set(build, variable) or self.home
                self.add(f"set the context variable {variable.name!r}", site)
        return built

    @staticmethod
    def _where_set(build: Callable[[], Any], variable: contextvars.ContextVar[Any]) -> Site | None:
        def again() -> Site | None:
            before = variable.get(_UNSET)
            return line_where(build, lambda: variable.get(_UNSET) is not before)

        return contextvars.copy_context().run(again)

    def in_a_loop(self, build: Callable[[], Any]) -> Any:
        """Build inside a running loop, and note what that scheduled."""
        make: Any = _WatchedLoop
        loop = make(self)

        async def main() -> Any:
            with loop.noting():
                return build()

        try:
            return loop.run_until_complete(main())
        finally:
            for task in asyncio.all_tasks(loop):
                task.cancel()
            loop.run_until_complete(asyncio.sleep(0))
            loop.close()


class _WatchedLoop(SimLoop):
    """Notes tasks and callbacks that are made while it is told to."""

    def __init__(self, watcher: Watcher) -> None:
        super().__init__()
        self.watcher = watcher
        self._noting = False

    @contextmanager
    def noting(self) -> Iterator[None]:
        """Inside, whatever is scheduled counts."""
        self._noting = True
        try:
            yield
        finally:
            self._noting = False

    def create_task(self, coro: Any, **options: Any) -> Any:
        if self._noting:
            self.watcher.add("started a task", _offender() or self.watcher.home)
            with self.quietly():
                return super().create_task(coro, **options)
        return super().create_task(coro, **options)

    @contextmanager
    def quietly(self) -> Iterator[None]:
        """Inside, nothing counts: a task's own first callback is not one more effect."""
        self._noting, before = False, self._noting
        try:
            yield
        finally:
            self._noting = before

    def call_soon(
        self, callback: Callable[[*Ts], object], *args: *Ts, context: Context | None = None
    ) -> Any:
        if self._noting:
            self.watcher.add("scheduled a callback", _offender() or self.watcher.home)
        return super().call_soon(callback, *args, context=context)

    def call_at(
        self,
        when: float,
        callback: Callable[[*Ts], object],
        *args: *Ts,
        context: Context | None = None,
    ) -> Any:
        if self._noting:
            self.watcher.add("set a timer", _offender() or self.watcher.home)
        return super().call_at(when, callback, *args, context=context)


_ACTIVE: dict[int, Watcher] = {}
"""Thread -> who watches it."""
_installed = False


def _install_hook() -> None:
    """Once a process: an audit hook cannot be removed, so it must cost next to nothing."""
    global _installed
    if not _installed:
        sys.addaudithook(_hook)
        _installed = True


def _hook(event: str, args: tuple[Any, ...]) -> None:
    if _ACTIVE:
        watcher = _ACTIVE.get(threading.get_ident())
        if watcher is not None:
            watcher.audit(event, args)


_UNSET = object()


def _offender() -> Site | None:
    """The innermost frame of the code under test: neither the standard library's nor ours."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        name = frame.f_code.co_filename
        if not is_foreign(name):
            return Site((name, frame.f_lineno, frame.f_code.co_qualname))
        if name == __file__ and frame.f_code.co_qualname == "Watcher.building.<locals>.build":
            return None
        frame = frame.f_back
    return None


def _importing() -> bool:
    """Whether a file is being opened by the import system, which has reported itself."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        if frame.f_code.co_filename.startswith("<frozen importlib"):
            return True
        frame = frame.f_back
    return False
