"""The rules by code. Reading their table imports no rule, and no libcst."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from funcpipe_lint.model import ConfigError, RuleEntry
from funcpipe_lint.model.table import RULES as RULES

if TYPE_CHECKING:
    from funcpipe_lint.rule import Rule


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
    module = import_module(f"funcpipe_lint.rules.{RULES[code].module}")
    rule: Rule = getattr(module, code)()
    return rule


def names() -> dict[str, str]:
    """The codes by the names of their rules, such as source-not-closed. No rule is imported."""
    ours = {rule.module[6:].replace("_", "-"): code for code, rule in RULES.items()}
    return {rule.name: code for code, (rule, _) in _registered.items()} | ours


def entry(code: str) -> RuleEntry | None:
    """Where a rule is on; None for the two that no class stands behind."""
    if code not in _registered:
        return RULES.get(code)
    rule, plugin = _registered[code]
    return RuleEntry(plugin, rule.scope, rule.strict_elsewhere)
