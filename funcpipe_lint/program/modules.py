"""The facts of files: read once a run, each with the digest of what was read.

What reads facts is imported once something has to be read: a run that knows the reports of all its
files asks for nothing but digests and stamps.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from functools import lru_cache, partial
from typing import NamedTuple, Protocol

from funcpipe_lint.model import Settings
from funcpipe_lint.program.facts.records import NOTHING, Facts
from funcpipe_lint.program.roots import Roots
from funcpipe_lint.read.source import Source, Stamp, UndecodableError, read_bytes, stamp_of

# No file that people write is longer, or takes more memory as a syntax tree: more is not read.
_LONGEST_FILE = 8_000_000
_LONGEST_DENSE_FILE = 1_000_000
_MOST_MEMORY = 1 << 30
# The facts of so many bytes of files are held at a time: they take twelve times as much memory.
_HELD = 20_000_000
_DEFINED = re.compile(rb"def[ \t]+(\w+)")


class Module(NamedTuple):
    """The facts of a file with what the stub beside it says of types; the digest of the bytes that
    they are of, and the stamps of both."""

    path: str
    digest: str
    facts: Facts
    stamp: Stamp | None = None


class Rows(Protocol):
    """Where what was read of files is kept from one run to the next."""

    stamps: dict[str, Stamp | None]
    """What files looked like a moment ago, for who asks next: a run asks twice for most."""

    def __hash__(self) -> int:
        """It is told from others by itself."""

    def held(self, path: str) -> bytes | None:
        """What was kept of a file."""

    def keep(self, path: str, row: Callable[[], bytes | None]) -> None:
        """Keeps of a file what it comes to when all that wait are let go, or at the end of the run;
        None: what was kept before."""

    def let_go(self) -> None:
        """Makes rows of all that wait."""


class Modules:
    """Reads the files of a program, and again those that change. A file that cannot be read, or is
    no Python, holds nothing that is known."""

    def __init__(self, roots: Roots, rows: Rows | None = None) -> None:
        self.roots = roots
        self._rows = rows
        self._modules: dict[str, Module] = {}
        self._facts: dict[str, tuple[str, Facts]] = {}
        """Those of a file by itself, with the digest of its bytes."""
        self._held = 0
        self._seen: dict[str, Stamp | None] = {}
        self._digests: dict[str, tuple[Stamp | None, str]] = {}
        self._defining: dict[tuple[str, bool], tuple[str, dict[bytes, list[str]]]] = {}
        self._states: dict[str, str] = {}

    def of(self, path: str) -> Module:
        """The facts of a file."""
        module = self._modules.get(path)
        stamp = self._stamp(path)
        if module is None or module.stamp != stamp:
            module = self._modules[path] = self._read(path)._replace(stamp=stamp)
        return module

    def of_text(self, path: str, raw: bytes, text: str) -> Facts:
        """The facts of a file as it is being checked, whatever is on the disk."""
        return self._typed(path, self._own(path, digest_of(raw), lambda: text))

    def stamp(self, path: str) -> Stamp | None:
        """The stamp of a file and of the stub beside it, as they were when first asked for."""
        if path not in self._seen:
            self._seen[path] = self._stamp(path)
        return self._seen[path]

    def _stamp(self, path: str) -> Stamp | None:
        stamp = stamp_of(path)
        stub = self._stub(path)
        return stamp if stamp is None or not stub else [*stamp, *(stamp_of(stub) or ())]

    def _stub(self, path: str) -> str:
        """The stub beside a file; empty where there is none."""
        stub = f"{path}i" if path.endswith(".py") else ""
        return stub if stub and self.roots.isfile(stub) else ""

    def digest(self, path: str) -> str:
        """The digest of a file and of the stub beside it, which need not be parsed for it; empty
        where it cannot be read."""
        stamp = self._stamp(path)
        if stamp is None:
            return ""
        known = self._modules.get(path)
        if known is not None and known.stamp == stamp:
            return known.digest
        found = self._digests.get(path)
        if found is None or found[0] != stamp:
            try:
                found = stamp, self._with_stub(path, digest_of(read_bytes(path)))
            except OSError:
                found = stamp, ""
            self._digests[path] = found
        return found[1]

    def _read(self, path: str) -> Module:
        try:
            raw = read_bytes(path)
        except OSError:
            return Module(path, "", NOTHING)
        digest = digest_of(raw)
        whole = self._with_stub(path, digest)
        if _is_beyond_people(raw):
            return Module(path, whole, NOTHING)
        facts = self._kept(path, digest, lambda: Source.decode(raw).text)
        return Module(path, whole, self._typed(path, facts))

    def _typed(self, path: str, facts: Facts) -> Facts:
        stub = self._stub(path)
        if not stub:
            return facts
        from funcpipe_lint.program.facts.stubs import typed

        return typed(facts, self.of(stub).facts, stub)

    def _with_stub(self, path: str, digest: str) -> str:
        stub = self._stub(path)
        return f"{digest} {self.digest(stub)}" if stub else digest

    def _kept(self, path: str, digest: str, text: Callable[[], str]) -> Facts:
        """The facts of a file by itself, as they were kept or as they are read now."""
        if self._rows is None:
            return self._own(path, digest, text)
        from funcpipe_lint.program.facts.kept import from_json, to_json

        body = None if path in self._facts else self._rows.held(path)
        facts = None if body is None else from_json(body, digest, text)
        if facts is None:
            facts = self._own(path, digest, text)
        else:
            self._make_room(len(body or b""))
            self._facts[path] = digest, facts
        self._rows.keep(path, partial(to_json, facts, digest))
        return facts

    def _own(self, path: str, digest: str, text: Callable[[], str]) -> Facts:
        from funcpipe_lint.program.facts.reading import facts_of

        held = self._facts.get(path)
        if held is None or held[0] != digest:
            try:
                body = text()
                self._make_room(len(body))
                held = digest, facts_of(body) or NOTHING
            except UndecodableError:
                held = digest, NOTHING
            self._facts[path] = held
        return held[1]

    def _make_room(self, size: int) -> None:
        """Lets go of what is held where another file of that size is too much."""
        self._held += size
        if self._held <= _HELD:
            return
        self._held = size
        self._facts.clear()
        self._modules.clear()
        if self._rows is not None:
            self._rows.let_go()

    def defining(self, word: str, package: str, *, is_any: bool = False) -> list[str]:
        """The files below a package's folder that define a function of that name, and hold what a
        stream may, or any. Each file is read once for all words; O(bytes of the package)."""
        state = self.state(package)
        key = package, is_any
        if key not in self._defining or self._defining[key][0] != state:
            found: dict[bytes, list[str]] = {}
            for path in _files_below(package):
                try:
                    raw = read_bytes(path)
                except OSError:
                    continue
                if is_any or (b"yield" in raw and b"async" in raw):
                    for name in set(_DEFINED.findall(raw)):
                        found.setdefault(name, []).append(path)
            self._defining[key] = state, found
        return self._defining[key][1].get(word.encode("utf-8", "surrogatepass"), [])

    def state(self, package: str) -> str:
        """What tells the files below a package's folder from those that were there before. O(files
        of the package), once until `refresh`."""
        if package not in self._states:
            stamps = {path: stamp_of(path) for path in _files_below(package)}
            if self._rows is not None:
                self._rows.stamps |= stamps
            told = repr(list(stamps.items()))
            self._states[package] = digest_of(told.encode("utf-8", "surrogatepass"))
        return self._states[package]


@lru_cache(maxsize=16)
def modules_for(settings: Settings, rows: Rows | None = None) -> Modules:
    """The modules that a run with some settings asks for, and what is kept of them: read once a
    process, until `forget`."""
    return Modules(Roots(settings.follow_imports, settings.python), rows)


def forget() -> None:
    """Whatever is known of files is known no more."""
    modules_for.cache_clear()


def digest_of(raw: bytes) -> str:
    """The digest of a file's bytes."""
    from hashlib import blake2b

    return blake2b(raw, digest_size=16).hexdigest()


def _files_below(folder: str) -> Iterator[str]:
    """The Python files below a folder, links left out, in order."""
    waiting = [folder]
    while waiting:
        try:
            with os.scandir(waiting.pop()) as scanned:
                entries = sorted(scanned, key=lambda entry: entry.name, reverse=True)
        except OSError:
            continue
        for entry in entries:
            try:
                if entry.is_dir(follow_symlinks=False):
                    if not entry.name.startswith(".") and entry.name != "__pycache__":
                        waiting.append(entry.path)
                elif entry.name.endswith(".py"):
                    yield entry.path
            except OSError:
                continue


def _is_beyond_people(raw: bytes) -> bool:
    if len(raw) <= _LONGEST_DENSE_FILE:
        return False
    from funcpipe_lint.read.syntax import memory_to_parse

    return len(raw) > _LONGEST_FILE or memory_to_parse(raw) > _MOST_MEMORY
