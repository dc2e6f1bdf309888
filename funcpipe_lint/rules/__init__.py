"""The rules by code. A literal table: reading it imports no rule, and no libcst."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple

from funcpipe_lint.model import ConfigError, Scope

if TYPE_CHECKING:
    from funcpipe_lint.rule import Rule


class Entry(NamedTuple):
    """Where a rule lives, and what selecting it has to know before it is loaded."""

    module: str
    scope: Scope
    strict_elsewhere: bool = False


RULES: dict[str, Entry] = {
    "FP101": Entry("fp101_materialised_stream", Scope.RESULT),
    "FP102": Entry("fp102_materialised_then_replayed", Scope.DEFAULT, True),
    "FP103": Entry("fp103_materialised_or_driven_outside_shell", Scope.STRICT),
    "FP201": Entry("fp201_raw_yield", Scope.RESULT),
    "FP202": Entry("fp202_raise_in_result_stream", Scope.RESULT),
    "FP203": Entry("fp203_error_short_circuit", Scope.RESULT),
    "FP204": Entry("fp204_dropped_arm", Scope.RESULT),
    "FP205": Entry("fp205_lost_item", Scope.RESULT, True),
    "FP301": Entry("fp301_manual_aclose", Scope.RESULT, strict_elsewhere=True),
    "FP302": Entry("fp302_early_exit_leaves_stream_open", Scope.DEFAULT),
    "FP303": Entry("fp303_source_not_closed", Scope.DEFAULT),
    "FP304": Entry("fp304_resource_across_yield", Scope.RESULT, True),
    "FP305": Entry("fp305_cancel_scope_across_yield", Scope.DEFAULT),
    "FP306": Entry("fp306_yield_while_closing", Scope.DEFAULT),
    "FP307": Entry("fp307_lock_across_yield", Scope.DEFAULT, True),
    "FP308": Entry("fp308_span_across_yield", Scope.STRICT),
    "FP401": Entry("fp401_effect_at_construction", Scope.RESULT, True),
    "FP402": Entry("fp402_one_shot_description", Scope.RESULT, True),
    "FP403": Entry("fp403_shared_mutable_state", Scope.RESULT, True),
    "FP404": Entry("fp404_late_binding", Scope.RESULT, True),
    "FP405": Entry("fp405_awaited_builder", Scope.STRICT, True),
    "FP501": Entry("fp501_unbounded_queue", Scope.RESULT, True),
    "FP502": Entry("fp502_unbounded_fan_out", Scope.RESULT, True),
    "FP503": Entry("fp503_blocking_in_stream", Scope.STRICT),
    "FP504": Entry("fp504_orphan_task", Scope.DEFAULT),
    "FP601": Entry("fp601_description_iterated", Scope.RESULT),
    "FP602": Entry("fp602_stream_discarded", Scope.DEFAULT),
    "FP603": Entry("fp603_unclosable_annotation", Scope.STRICT),
}

# Reported by the suppressions and the engine; no class stands behind them.
UNUSED_SUPPRESSION = "FP001"
COULD_NOT_CHECK = "FP002"
KNOWN_CODES = (UNUSED_SUPPRESSION, COULD_NOT_CHECK, *RULES)


_registered: dict[str, tuple[Rule, str]] = {}


def register(rule: Rule, plugin: str) -> None:
    """Makes a plugin's rule known to this process; raises ConfigError where its code is taken."""
    _, other = _registered.setdefault(rule.code, (rule, plugin))
    if other != plugin:
        raise ConfigError(
            f"the plugins '{other}' and '{plugin}' both have a rule {rule.code}: change one"
        )


def registered() -> tuple[str, ...]:
    """The codes of the plugins' rules that this process has loaded."""
    return tuple(_registered)


def load(code: str) -> Rule:
    """The rule with a code, its module imported on the first call."""
    if code in _registered:
        return _registered[code][0]
    module = import_module(f"{__name__}.{RULES[code].module}")
    rule: Rule = getattr(module, code)()
    return rule


def entry(code: str) -> Entry | None:
    """Where a rule is on; None for the two that no class stands behind."""
    if code not in _registered:
        return RULES.get(code)
    rule, plugin = _registered[code]
    return Entry(plugin, rule.scope, rule.strict_elsewhere)
