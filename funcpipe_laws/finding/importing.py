"""From the name of a module to the module, or to one line that says what was meant."""

from __future__ import annotations

import difflib
import importlib
import sys
from pathlib import Path
from types import ModuleType, TracebackType

from funcpipe_laws.declared.instance import NotFound
from funcpipe_laws.simulation.loops.tasks import shown


def import_named(name: str, target: str) -> ModuleType:
    """The module of that name, imported; `target` is how the user has written it.

    Raises `NotFound`, with a hint, for what is no module, is not there, or does not import.
    """
    if name.endswith(".py") or "/" in name:
        dotted = ".".join(Path(name).with_suffix("").parts)
        raise NotFound(f"{target!r} is a path; name the module instead: {dotted}")
    if not all(part.isidentifier() for part in name.split(".")):
        raise NotFound(f"{target!r} is not package.module or package.module:NAME")
    here = str(Path.cwd())
    if here not in sys.path and "" not in sys.path:
        # `pytest` does not search the working directory; `python -m pytest` does.
        sys.path.insert(0, here)
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as exc:
        if exc.name is not None and (name == exc.name or name.startswith(exc.name + ".")):
            raise NotFound(f"no module named {name!r}{_near_module(name)}") from None
        raise NotFound(f"{name} does not import: {exc}") from None
    except (Exception, SystemExit) as exc:
        text = " ".join(str(exc).split())
        place = _last_line_of(exc)
        raise NotFound(f"{name} does not import: {type(exc).__name__}: {text}{place}") from None


def _last_line_of(exc: BaseException) -> str:
    if isinstance(exc, SyntaxError):
        return ""
    trace = exc.__traceback__
    while trace is not None and trace.tb_next is not None and not _is_ours(trace.tb_next):
        trace = trace.tb_next
    return f" ({shown(trace.tb_frame.f_code.co_filename)}:{trace.tb_lineno})" if trace else ""


def _is_ours(trace: TracebackType) -> bool:
    """Whether the next line is in this package, and so none that the user can mend."""
    return str(trace.tb_frame.f_globals.get("__name__", "")).startswith("funcpipe_laws.declared")


def _near_module(name: str) -> str:
    parent, _, last = name.rpartition(".")
    try:
        places = list(importlib.import_module(parent).__path__) if parent else [str(Path.cwd())]
    except (ImportError, AttributeError):
        return f" (nor {parent!r})" if parent else ""
    found = {p.stem for place in places for p in Path(place).glob("*") if p.stem.isidentifier()}
    near = difflib.get_close_matches(last, sorted(found), 1)
    prefix = f"{parent}." if parent else ""
    return (
        f"; did you mean {prefix}{near[0]}?" if near else " on sys.path or below the current folder"
    )
