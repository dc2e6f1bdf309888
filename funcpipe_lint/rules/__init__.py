"""The rules by code. A literal table: reading it imports no rule, and no libcst."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple

from funcpipe_lint.model import Scope

if TYPE_CHECKING:
    from funcpipe_lint.rule import Rule


class Entry(NamedTuple):
    """Where a rule lives, and what selecting it has to know before it is loaded."""

    module: str
    scope: Scope
    strict_elsewhere: bool = False


RULES: dict[str, Entry] = {
    "FP101": Entry("fp101_materialised_stream", Scope.RESULT),
    "FP201": Entry("fp201_raw_yield", Scope.RESULT),
    "FP301": Entry("fp301_manual_aclose", Scope.RESULT, strict_elsewhere=True),
    "FP302": Entry("fp302_early_exit_leaves_stream_open", Scope.DEFAULT),
    "FP303": Entry("fp303_source_not_closed", Scope.DEFAULT),
}

# Reported by the suppressions and the engine; no class stands behind them.
UNUSED_SUPPRESSION = "FP001"
COULD_NOT_CHECK = "FP002"
KNOWN_CODES = (UNUSED_SUPPRESSION, COULD_NOT_CHECK, *RULES)


def load(code: str) -> Rule:
    """The rule with a code, its module imported on the first call."""
    module = import_module(f"{__name__}.{RULES[code].module}")
    rule: Rule = getattr(module, code)()
    return rule
