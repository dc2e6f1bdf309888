"""What has changed since a revision, and what depends on it by its imports.

Imports are read from the text, not run: a module that is named only in a string is not followed.
"""

from __future__ import annotations

import os
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

from funcpipe_gate.config import Config, GateError
from funcpipe_lint.config.changed import changed_since
from funcpipe_lint.config.discover import discover
from funcpipe_lint.config.resolver import Resolver
from funcpipe_lint.model import ConfigError

_IMPORT = re.compile(
    r"^[ \t]*(?:from[ \t]+([.\w]+)[ \t]+import[ \t]*(\([^)]*\)|[^\n#;]*)"
    r"|(?:lazy[ \t]+)?import[ \t]+([^\n#;]+))",
    re.MULTILINE,
)
_FROM_LAZY = re.compile(r"^([ \t]*)lazy[ \t]+(?=from\b)", re.MULTILINE)
_WORD = re.compile(r"\w+")


def affected(config: Config, revision: str) -> frozenset[str] | None:
    """The real paths of the files that have changed, and of those that import them, directly or
    not; None where the configuration itself has changed, for then everything is to be looked at.

    Raises GateError with what git says where it cannot tell.
    """
    try:
        changed = changed_since(revision)
        targets, _ = discover([str(config.root)], Resolver(with_plugins=False))
    except ConfigError as error:
        raise GateError(str(error)) from None
    if config.file is not None and os.path.realpath(config.file) in changed:
        return None
    return _with_importers(config, changed, [target.path for target in targets])


def _with_importers(
    config: Config, changed: frozenset[str], files: Iterable[str]
) -> frozenset[str]:
    real = {path: os.path.realpath(path) for path in files if path.endswith((".py", ".pyi"))}
    modules = _modules(config, real.values())
    importers: dict[str, set[str]] = defaultdict(set)
    for path in real.values():
        for imported in _imported(path, modules):
            importers[imported].add(path)
    found, left = set(changed), list(changed)
    while left:
        for path in importers[left.pop()] - found:
            found.add(path)
            left.append(path)
    return frozenset(found)


def _modules(config: Config, paths: Iterable[str]) -> dict[str, set[str]]:
    """Files by each dotted name that they may be imported by."""
    above = [config.root, config.root / "src", *(config.root / p for p in config.pythonpath)]
    roots = {os.path.realpath(folder) + os.sep for folder in above}
    names: dict[str, set[str]] = defaultdict(set)
    for path in paths:
        for root in roots:
            if path.startswith(root):
                names[_dotted(path[len(root) :])].add(path)
    return names


def _dotted(relative: str) -> str:
    name = ".".join(Path(relative).with_suffix("").parts)
    return name.removesuffix("__init__").rstrip(".")


def _imported(path: str, modules: dict[str, set[str]]) -> Iterator[str]:
    try:
        text = Path(path).read_bytes().decode("utf-8", "replace").replace("\\\n", " ")
    except OSError:
        return
    text = _FROM_LAZY.sub(r"\1", text)
    for base, names, plain in _IMPORT.findall(text):
        if base:
            yield from _from(path, base, _WORD.findall(names), modules)
        for one in plain.split(","):
            words = one.split()
            yield from _reached(words[0] if words else "", modules)


def _from(path: str, base: str, names: list[str], modules: dict[str, set[str]]) -> Iterator[str]:
    if not base.startswith("."):
        for name in ("", *names):
            yield from _reached(f"{base}.{name}".rstrip("."), modules)
        return
    parts = base.lstrip(".")
    folder = Path(path).parents[len(base) - len(parts) - 1].joinpath(*parts.split("."))
    for one in (folder, *(folder / name for name in names)):
        for file in (one.with_name(f"{one.name}.py"), one / "__init__.py"):
            yield str(file)


def _reached(name: str, modules: dict[str, set[str]]) -> Iterator[str]:
    """The files of a module and of the packages that it is in, which its import runs."""
    while name:
        yield from modules.get(name, ())
        name = name.rpartition(".")[0]
