"""A team's own rules: the only code of theirs that is ever imported, and only when it is named."""

from __future__ import annotations

import hashlib
import re
import sys
import traceback
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from types import FunctionType, ModuleType
from typing import TYPE_CHECKING

from funcpipe_lint.model import ConfigError, Plugin, Scope
from funcpipe_lint.model.codes import register

if TYPE_CHECKING:
    from funcpipe_lint.rule import Rule

# What flake8 takes too. FP and digits are ours.
_CODE = re.compile(r"[A-Z]{1,3}[0-9]{3}")
# A change in these is a change of the linter's own version, or of the interpreter.
_NOT_THEIRS = frozenset(("funcpipe_lint", "libcst", *sys.stdlib_module_names))


def resolve(modules: Iterable[str], roots: tuple[str, ...]) -> tuple[Plugin, ...]:
    """The plugins of a configuration, imported and judged; raises ConfigError.

    The folders `roots` can be imported from, after everything else: nothing in them can take the
    place of an installed module.
    """
    return tuple(_resolved(module, roots) for module in dict.fromkeys(modules))


@cache
def _resolved(module: str, roots: tuple[str, ...]) -> Plugin:
    rules = _load(module, roots)
    for rule in rules:
        register(rule, module)
    codes = tuple(rule.code for rule in rules)
    return Plugin(module, roots, codes, _words(rules), fingerprint(module))


def _words(rules: Iterable[Rule]) -> tuple[str, ...]:
    from funcpipe_lint.screen.declaration import needs_stream

    screens = [rule.screen for rule in rules]
    elsewhere = [each for each in screens if not all(map(needs_stream, each.shapes))]
    return tuple(dict.fromkeys(word for each in elsewhere for word in each.words or ("",)))


def rules_of(plugins: Iterable[Plugin]) -> tuple[Rule, ...]:
    """The rules of some plugins, in a process that may not have imported them; raises
    ConfigError."""
    return tuple(rule for p in plugins for rule in _load(p.module, p.roots))


def fingerprint(module: str) -> str:
    """A digest of the source of an imported plugin and of what it imported besides the linter and
    the standard library: part of a cache key. What is imported later, in a function, is not in it.
    """
    digest = hashlib.sha256()
    for name, file in sorted(_sources(module)):
        digest.update(f"{name}\0".encode())
        digest.update(hashlib.sha256(Path(file).read_bytes()).digest())
    return digest.hexdigest()


def _sources(module: str) -> Iterator[tuple[str, str]]:
    """(name, file) of a plugin, of its package's modules, and of the modules they hold, onwards."""
    top = module.partition(".")[0]
    queue = [name for name in sys.modules if name.partition(".")[0] == top]
    seen = set(queue)
    while queue:
        name = queue.pop()
        found = sys.modules.get(name)
        file = getattr(found, "__file__", None)
        if found is None or not file or not Path(file).is_file():
            continue
        yield name, file
        for value in list(vars(found).values()):
            if isinstance(value, ModuleType):
                origin = value.__name__
            elif isinstance(value, type | FunctionType):
                origin = value.__module__
            else:
                continue
            if origin in seen or origin not in sys.modules:
                continue
            if origin.partition(".")[0] not in _NOT_THEIRS:
                seen.add(origin)
                queue.append(origin)


@cache
def _load(module: str, roots: tuple[str, ...]) -> tuple[Rule, ...]:
    rules = [kind() for kind in _classes(_imported(module, roots), module)]
    if not rules:
        raise ConfigError(
            f"plugin '{module}' holds no rule: import or define subclasses of"
            " funcpipe_lint.rule.Rule in it"
        )
    codes = [rule.code for rule in rules]
    for code in codes:
        if codes.count(code) > 1:
            both = " and ".join(type(r).__qualname__ for r in rules if r.code == code)
            raise ConfigError(f"plugin '{module}' has the code {code} twice: {both}")
    return tuple(rules)


def _imported(module: str, roots: tuple[str, ...]) -> ModuleType:
    from contextlib import redirect_stdout
    from importlib import import_module

    if not all(part.isidentifier() for part in module.split(".")):
        raise ConfigError(f"plugin '{module}' is no module: write a name such as team.rules")
    sys.path += [root for root in roots if root not in sys.path]
    try:
        with redirect_stdout(sys.stderr):  # what it prints must not end up in a report
            found = import_module(module)
    except ModuleNotFoundError as error:
        if error.name is None or not f"{module}.".startswith(f"{error.name}."):
            raise ConfigError(f"plugin '{module}' cannot be imported: {_said(error)}") from None
        if module.endswith(".py"):
            name = module.removesuffix(".py")
            raise ConfigError(f"plugin '{module}': write the module's name, {name}") from None
        places = " or ".join(roots)
        raise ConfigError(
            f"plugin '{module}' is not found: there is no module '{error.name}' below {places},"
            f" nor among the packages of {sys.executable}"
        ) from None
    except (Exception, SystemExit) as error:
        raise ConfigError(f"plugin '{module}' cannot be imported: {_said(error)}") from None
    _refuse_another(module, found, roots)
    return found


def _refuse_another(module: str, found: ModuleType, roots: tuple[str, ...]) -> None:
    """Two projects in one run may each have a module of this name; a process can hold only one."""
    from importlib.machinery import PathFinder

    top = module.partition(".")[0]
    own = PathFinder.find_spec(top, list(roots))
    loaded = getattr(sys.modules[top], "__spec__", None)
    if own is None or own.origin is None or loaded is None or own.origin == loaded.origin:
        return
    if loaded.origin and "site-packages" not in loaded.origin:
        raise ConfigError(
            f"plugin '{module}' is already loaded from {found.__file__}, so {own.origin} cannot"
            " be: give one of the two another name"
        )


def _said(error: BaseException) -> str:
    """An error on one line, with the place in the plugin that raised it."""
    text = " ".join(str(error).split())
    if isinstance(error, SyntaxError):
        return f"{error.filename}:{error.lineno}: {error.msg}"
    frames = traceback.extract_tb(error.__traceback__)
    theirs = [f for f in frames if "importlib" not in f.filename and f.filename != __file__]
    place = f"{theirs[-1].filename}:{theirs[-1].lineno}: " if theirs else ""
    return f"{place}{type(error).__name__}: {text}"


def _classes(module: ModuleType, name: str) -> Iterator[type[Rule]]:
    """The rule classes that a plugin's module defines or imports; raises ConfigError for one that
    cannot work. Abstract ones without a code are a team's own bases."""
    import inspect

    from funcpipe_lint.rule import Rule

    held = [value for value in vars(module).values() if isinstance(value, type)]
    for kind in dict.fromkeys(held):
        if not issubclass(kind, Rule):
            continue
        if kind.__module__.partition(".")[0] == "funcpipe_lint":
            continue
        if inspect.isabstract(kind) and not hasattr(kind, "code"):
            continue
        problem = next(_problems(kind), "")
        if problem:
            raise ConfigError(f"plugin '{name}': the rule {kind.__qualname__} {problem}")
        yield kind


def _problems(kind: type[Rule]) -> Iterator[str]:
    """What keeps a rule class from being run."""
    import inspect

    import libcst as cst

    from funcpipe_lint.screen.declaration import Screen, Shape, Words

    code = getattr(kind, "code", None)
    if not isinstance(code, str) or not _CODE.fullmatch(code):
        yield f"needs a code of one to three capitals and three digits, like MYC101, not {code!r}"
    elif code.startswith("FP"):
        yield f"has the code {code}: FP codes are the linter's own"
    if inspect.isabstract(kind):
        yield "has no `check` method"
    for key in ("name", "summary"):
        if not isinstance(getattr(kind, key, None), str):
            yield f"needs a `{key}`"
    visits = getattr(kind, "visits", None)
    if not isinstance(visits, tuple) or not visits:
        yield "needs `visits`, a tuple of libcst node types"
    elif wrong := [v for v in visits if not (isinstance(v, type) and issubclass(v, cst.CSTNode))]:
        yield f"visits {wrong[0]!r}, which is no libcst node type"
    scope: object = kind.scope
    if not isinstance(scope, Scope):
        yield f"needs a `scope` of funcpipe_lint.rule.Scope, not {scope!r}"
    screen: object = kind.screen
    if not isinstance(screen, Screen):
        yield "needs a `screen` that is a funcpipe_lint.rule.Screen"
    elif not _is_tuple_of(screen.shapes, Shape, Words) or not screen.shapes:
        yield "needs a `screen` whose shapes are a tuple of funcpipe_lint.rule.Shape or Words"
    elif not _is_tuple_of(screen.words, str):
        yield "needs a `screen` whose words are a tuple of words"


def _is_tuple_of(value: object, *kinds: type) -> bool:
    return isinstance(value, tuple) and all(isinstance(each, kinds) for each in value)
