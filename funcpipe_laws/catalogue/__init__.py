"""The laws, one module a family."""

from __future__ import annotations

from importlib import import_module

from funcpipe_laws.law import Law

FAMILIES = (
    "functor",
    "monad",
    "errors",
    "laziness",
    "purity",
    "replay",
    "independence",
    "protocol",
    "resources",
    "cancellation",
    "merging",
    "bounds",
    "memory",
    "time",
)


def laws() -> tuple[Law, ...]:
    """Every law, in the order of the families and of their definition."""
    modules = [import_module(f"{__name__}.{family}") for family in FAMILIES]
    return tuple(law for m in modules for law in vars(m).values() if isinstance(law, Law))
