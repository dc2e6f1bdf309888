"""The facts of files: read once a run, each with the digest of what was read."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from typing import NamedTuple

from funcpipe_lint.program.facts.expressions import UNKNOWN
from funcpipe_lint.program.facts.keeping import Kept
from funcpipe_lint.program.facts.reading import facts_of
from funcpipe_lint.program.facts.records import NOTHING, Facts, Function
from funcpipe_lint.program.roots import Roots
from funcpipe_lint.read.source import Source, Stamp, UndecodableError, read_bytes, stamp_of
from funcpipe_lint.read.syntax import UNPARSABLE, parse

# More is not read: no file that people write is longer.
_LONGEST_FILE = 8_000_000
# How many files' facts are held at a time.
_HELD = 4_000
# Parameters of types, `t"..."`, `except A, B:`.
_NEWER = (
    re.compile(
        r"^([ \t]*(?:async[ \t]+def|def|class|type)[ \t]+\w+)"
        r"(\[[^\]\n]*(?:\[[^\]\n]*\][^\]\n]*)*\])()",
        re.MULTILINE,
    ),
    re.compile(r"""(?<!\w)()([rR]?[tT][rR]?)((?=["']))"""),
    re.compile(r"^([ \t]*except[ \t]+[\w.]+)((?:[ \t]*,[ \t]*[\w.]+)+)([ \t]*:)", re.MULTILINE),
)
# Each of them takes another parse.
_LONGEST_RETRIED = 200_000
# Lines of a later Python that are left out, one after the other.
_MOST_LINES = 20
_DEFINED = re.compile(rb"def[ \t]+(\w+)")


class Module(NamedTuple):
    """The facts of a file, the digest of the bytes that they are of, and the file's stamp."""

    path: str
    digest: str
    facts: Facts
    stamp: Stamp | None = None


class Modules:
    """Reads the files of a program, and again those that change. A file that cannot be read, or is
    no Python, holds nothing that is known."""

    def __init__(self, roots: Roots) -> None:
        self.roots = roots
        self.kept: Kept | None = None
        """What keeps facts of unchanged files between runs."""
        self._modules: dict[str, Module] = {}
        self._digests: dict[str, tuple[Stamp | None, str]] = {}
        self._defining: dict[str, tuple[str, dict[str, list[str]]]] = {}
        self._states: dict[str, str] = {}

    def of(self, path: str) -> Module:
        """The facts of a file."""
        module = self._modules.get(path)
        stamp = stamp_of(path)
        if module is None or module.stamp != stamp:
            if len(self._modules) >= _HELD:
                self._modules.clear()
            module = self._modules[path] = self._read(path)._replace(stamp=stamp)
        return module

    def of_text(self, path: str, raw: bytes, text: str) -> Module:
        """The facts of a file as it is being checked, whatever is on the disk."""
        digest = digest_of(raw)
        module = self._modules.get(path)
        if module is None or module.digest != digest:
            module = Module(path, digest, _facts(text), stamp_of(path))
            self._modules[path] = module
        return module

    def digest(self, path: str) -> str:
        """The digest of a file, which need not be parsed for it; empty where it cannot be read."""
        stamp = stamp_of(path)
        known = self._modules.get(path)
        if known is not None and known.stamp == stamp:
            return known.digest
        found = self._digests.get(path)
        if found is None or found[0] != stamp:
            try:
                found = stamp, digest_of(read_bytes(path))
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
        if len(raw) > _LONGEST_FILE:
            return Module(path, digest, NOTHING)
        facts = None if self.kept is None else self.kept.known(path, digest)
        if facts is None:
            try:
                facts = _facts(Source.decode(raw).text)
            except UndecodableError:
                facts = NOTHING
            if self.kept is not None:
                self.kept.keep(path, digest, facts)
        if path.endswith(".py") and self.roots.isfile(f"{path}i"):
            facts = _typed(facts, self.of(f"{path}i").facts)
        return Module(path, digest, facts)

    def defining(self, word: str, package: str) -> list[str]:
        """The files below a package's folder that define a function of that name, and hold what a
        stream may. Each file is read once for all words; O(bytes of the package)."""
        state = self.state(package)
        if package not in self._defining or self._defining[package][0] != state:
            found: dict[str, list[str]] = {}
            for path in _files_below(package):
                try:
                    raw = read_bytes(path)
                except OSError:
                    continue
                if b"yield" in raw and b"async" in raw:
                    for name in {each.decode("utf-8", "replace") for each in _DEFINED.findall(raw)}:
                        found.setdefault(name, []).append(path)
            self._defining[package] = state, found
        return self._defining[package][1].get(word, [])

    def state(self, package: str) -> str:
        """What tells the files below a package's folder from those that were there before. O(files
        of the package), once until `refresh`."""
        if package not in self._states:
            every = [[path, stamp_of(path)] for path in _files_below(package)]
            self._states[package] = digest_of(repr(every).encode("utf-8", "surrogatepass"))
        return self._states[package]


def _facts(text: str) -> Facts:
    return _parsed(text) or _parsed(_in_older_python(text)) or NOTHING


def _parsed(text: str) -> Facts | None:
    try:
        return facts_of(text, parse(text))
    except UNPARSABLE:
        return None


def _in_older_python(text: str) -> str:
    """A text of a later Python without what it says of types, with plain strings for templates,
    with one exception a handler, and without the lines that are still refused; every other
    character stays where it is."""
    for pattern in _NEWER:
        text = pattern.sub(lambda found: found[1] + " " * len(found[2]) + found[3], text)
    left_out: set[int] = set()
    for _ in range(_MOST_LINES if len(text) < _LONGEST_RETRIED else 0):
        try:
            parse(text)
        except SyntaxError as error:
            lines = text.split("\n")
            at = (error.lineno or 0) - 1
            if not 0 <= at < len(lines) or at in left_out:
                break
            line = lines[at]
            indent = line[: len(line) - len(line.lstrip())]
            # Behind a line that is left out stands the rest of what began there, such as a string.
            instead = "#" if at - 1 in left_out else f"{indent}pass #"
            lines[at] = instead.ljust(len(line), "x")
            if len(lines[at]) > len(line):
                break
            left_out.add(at)
            text = "\n".join(lines)
        except UNPARSABLE:
            break
        else:
            break
    return text


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


def _typed(facts: Facts, stub: Facts) -> Facts:
    """The facts of a file with the types that the stub beside it gives."""
    types = {_place(each, stub): each for each in stub.functions}
    functions = []
    for function in facts.functions:
        beside = types.get(_place(function, facts))
        if beside is not None and function.returns == UNKNOWN:
            function = function._replace(returns=beside.returns)
        functions.append(function)
    return facts._replace(functions=functions)


def _place(function: Function, facts: Facts) -> tuple[str, str, int]:
    owner = "" if function.owner < 0 else facts.classes[function.owner].name
    return owner, function.name, function.outer
