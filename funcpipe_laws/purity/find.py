"""The builders of a package, found by reading it: nothing is imported here."""

from __future__ import annotations

import importlib.machinery
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from funcpipe_laws.declared.instance import NotFound
from funcpipe_laws.simulation.loops.tasks import shown
from funcpipe_lint.check.builders import Builder, Unread, builders_in
from funcpipe_lint.check.single import check_file
from funcpipe_lint.config.resolver import Resolver
from funcpipe_lint.model import ConfigError, Settings

_RULE = "FP401"


@dataclass(frozen=True, slots=True)
class Found:
    """A builder, and what rule FP401 says of its lines."""

    module: str
    qualname: str
    path: str
    line: int
    is_inner: bool
    effects: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """How it is named in a run: package.module:function."""
        return f"{self.module}:{self.qualname}"

    @property
    def place(self) -> str:
        """Its file and line."""
        return f"{shown(self.path)}:{self.line}"


@dataclass(slots=True)
class Package:
    """What was read of a package or module, and what could not be."""

    name: str
    builders: list[Found] = field(default_factory=list)
    files: int = 0
    unread: list[str] = field(default_factory=list)


def find(name: str) -> Package:
    """The builders of `package` or `package.module`, in order of file and line.

    Raises `NotFound` where there is no such package, or the linter's configuration is not usable.
    """
    package = Package(name)
    resolver = Resolver({"select": [_RULE]})
    try:
        for module, path in _modules(name):
            package.files += 1
            settings = resolver.config_for(str(path)).settings
            try:
                found = builders_in(str(path), settings)
            except Unread as exc:
                package.unread.append(f"{shown(str(path))} {exc}")
                continue
            if found:
                package.builders += _with_effects(module, path, found, settings)
    except ConfigError as exc:
        raise NotFound(str(exc)) from None
    return package


def _with_effects(
    module: str, path: Path, found: list[Builder], settings: Settings
) -> Iterator[Found]:
    report = check_file(settings, str(path))
    said = [v for v in report.violations if v.code == _RULE]
    for builder in found:
        inner = [other for other in found if _is_within(other, builder)]
        effects = [
            f"by its source, {violation.message.partition(':')[0]} (line {violation.line})"
            for violation in said
            if builder.line <= violation.line <= builder.last_line
            and not any(other.line <= violation.line <= other.last_line for other in inner)
        ]
        place = (module, builder.qualname, str(path), builder.line, builder.is_inner)
        yield Found(*place, tuple(effects))


def _is_within(inner: Builder, outer: Builder) -> bool:
    is_another = inner is not outer
    return is_another and outer.line <= inner.line and inner.last_line <= outer.last_line


def _modules(name: str) -> Iterator[tuple[str, Path]]:
    """(dotted name, file) of a module, and of all below it if it is a package."""
    here = str(Path.cwd())
    search: list[str] | None = [here, *sys.path]
    spec = None
    parts = name.split(".")
    if not all(part.isidentifier() for part in parts):
        raise NotFound(f"{name!r} is not the name of a package or module, such as shop.streams")
    for number in range(1, len(parts) + 1):
        dotted = ".".join(parts[:number])
        # The finder of paths does not import the packages above, as `find_spec` would.
        spec = importlib.machinery.PathFinder.find_spec(dotted, search)
        if spec is None:
            raise NotFound(f"no module named {dotted!r} on sys.path or below the current folder")
        search = list(spec.submodule_search_locations or ())
    assert spec is not None
    if not spec.submodule_search_locations:
        if spec.origin is None or not spec.origin.endswith(".py"):
            raise NotFound(f"{name} has no source that could be read")
        yield name, Path(spec.origin)
        return
    # A package without an `__init__` may name a folder twice.
    for folder in dict.fromkeys(map(Path, spec.submodule_search_locations)):
        for path in sorted(folder.rglob("*.py")):
            below = path.relative_to(folder).with_suffix("").parts
            if all(part.isidentifier() for part in below):
                below = below[:-1] if below[-1] == "__init__" else below
                yield ".".join([name, *below]), path
