"""Law suites for async streams."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from funcpipe_laws.checking.check import check
    from funcpipe_laws.checking.suite import laws
    from funcpipe_laws.declared.instance import Policy, ResultType, StreamInstance, known_failure
    from funcpipe_laws.declared.law import Law, Verdict
    from funcpipe_laws.declared.offers import Consumer, Operator, Wrapper, branches
    from funcpipe_laws.endpoints.disconnects import sweep_disconnects
    from funcpipe_laws.finding.result_types import result_type
    from funcpipe_laws.finding.trying import models
    from funcpipe_laws.leaks.live import watch_streams
    from funcpipe_laws.purity.construction import assert_pure_construction
    from funcpipe_laws.purity.examples import purity_example

_HOMES = {
    "Consumer": "declared.offers",
    "Law": "declared.law",
    "Operator": "declared.offers",
    "Policy": "declared.instance",
    "ResultType": "declared.instance",
    "StreamInstance": "declared.instance",
    "Verdict": "declared.law",
    "Wrapper": "declared.offers",
    "assert_pure_construction": "purity.construction",
    "branches": "declared.offers",
    "check": "checking.check",
    "known_failure": "declared.instance",
    "laws": "checking.suite",
    "models": "finding.trying.models",
    "purity_example": "purity.examples",
    "result_type": "finding.result_types",
    "sweep_disconnects": "endpoints.disconnects",
    "watch_streams": "leaks.live",
}
__all__ = [
    "Consumer",
    "Law",
    "Operator",
    "Policy",
    "ResultType",
    "StreamInstance",
    "Verdict",
    "Wrapper",
    "assert_pure_construction",
    "branches",
    "check",
    "known_failure",
    "laws",
    "models",
    "purity_example",
    "result_type",
    "sweep_disconnects",
    "watch_streams",
]


def __getattr__(name: str) -> Any:
    """Load what is asked for: hypothesis must not load with the package."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    module = import_module(f".{_HOMES[name]}", __name__)
    return module if name == "models" else getattr(module, name)
