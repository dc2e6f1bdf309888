"""Laws of any operation that has a list model: what it delivers."""

from __future__ import annotations

from funcpipe_laws.bench import Bench
from funcpipe_laws.instance import Failure
from funcpipe_laws.law import law
from funcpipe_laws.probes import Script
from funcpipe_laws.subjects import SUBJECTS, build, expected, in_order
from funcpipe_laws.trace import same


@law(
    "A1",
    "operators.content",
    words="An operation delivers what its list model says of the items of its source: all of it,"
    " in order, failed items at their place.",
    symbols="run(c(s)) = model(run(s))",
    takes=(),
    observes=("ok", "failed in", "many"),
)
def content(bench: Bench, modelled: str, lengthy: Script, limit: int) -> None:
    """Short sources and long ones, small limits and large ones."""
    wanted = expected(bench, modelled, lengthy, limit)
    if wanted is None:
        return
    if SUBJECTS[modelled].source:
        bench.saw("many", len(lengthy.items) >= 40)
        bench.saw("failed in", sum(isinstance(step, Failure) for step in lengthy.items))
    trace = bench.run(build(bench, modelled, lengthy, limit))
    items = in_order(modelled, trace.items)
    bench.expect(
        same(tuple(items), tuple(wanted)) and trace.exception is None,
        f"{trace.exception or items!r}, not {wanted}",
        trace,
    )
