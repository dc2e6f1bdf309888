"""One experiment again, on the simulated loop or on the stock one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from funcpipe_laws.declared.instance import StreamInstance
from funcpipe_laws.declared.law import Broken, Law
from funcpipe_laws.experiments.bench import Bench
from funcpipe_laws.simulation.schedule import Chooser, Schedule


def replay(
    law: Law,
    instance: StreamInstance,
    inputs: Mapping[str, Any],
    schedule: Chooser,
    *,
    stock: bool = False,
) -> Bench:
    """Run one experiment; raises what the law raises."""
    bench = Bench(instance, schedule, loop="stock" if stock else "sim")
    law.check(bench, **inputs)
    return bench


def confirms(
    law: Law,
    instance: StreamInstance,
    reason: str,
    inputs: Mapping[str, Any],
    picks: tuple[int, ...],
) -> bool:
    """Whether the stock loop, at the same schedule, breaks the law for the same reason."""
    try:
        replay(law, instance, inputs, Schedule(picks), stock=True)
    except Exception as exc:
        broken = isinstance(exc, Broken)
        return broken and _without_addresses(str(exc)) == _without_addresses(reason)
    return False


def _without_addresses(reason: str) -> str:
    """Reasons that name an object compare equal though the object is another one."""
    return re.sub(r"0x[0-9a-f]+", "0x", reason)
