"""Law suites for async streams."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .census.examples import purity_example
    from .endpoints.disconnects import sweep_disconnects
    from .instance import Policy, ResultType, StreamInstance, known_failure
    from .law import Law, Verdict
    from .leaks.live import watch_streams
    from .offers import Consumer, Operator, Wrapper
    from .purity import assert_pure_construction
    from .result_types import result_type
    from .search import check
    from .suite import laws

_HOMES = {
    "Consumer": "offers",
    "Law": "law",
    "Operator": "offers",
    "Policy": "instance",
    "ResultType": "instance",
    "StreamInstance": "instance",
    "Verdict": "law",
    "Wrapper": "offers",
    "assert_pure_construction": "purity",
    "check": "search",
    "known_failure": "instance",
    "laws": "suite",
    "purity_example": "census.examples",
    "result_type": "result_types",
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
    "check",
    "known_failure",
    "laws",
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

    return getattr(import_module(f".{_HOMES[name]}", __name__), name)
