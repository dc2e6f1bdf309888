"""Laws of `using`: every acquisition is released, once, in order, before control comes back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from funcpipe_laws.bench import Bench, Plan
from funcpipe_laws.instance import Stream
from funcpipe_laws.law import law
from funcpipe_laws.probes import Script
from funcpipe_laws.trace import Trace


def _held(bench: Bench, source: Script, layers: Sequence[str]) -> Stream:
    return bench.wrap(bench.op.using(bench.resource(), lambda _: bench.source(source)), layers)


@law(
    "S5",
    "resources.release_on_cancel",
    words="Cancelled at any point, a stream releases what it had acquired, exactly once, before the"
    " cancelled task ends.",
    symbols="for all k: cancel at k => released = acquired",
    takes=("using",),
    observes=("cancel", "acquired", "release"),
    shows_log=True,
)
def release_on_cancel(bench: Bench, source: Script) -> None:
    """Cancel at every iteration of the loop in turn."""
    for trace in bench.cancel_sweep(lambda: _held(bench, source, ())):
        _released_once(bench, trace)


def _released_once(bench: Bench, trace: Trace) -> None:
    acquired = Counter(e.run for e in trace.of("r", "acquired"))
    released = Counter(e.run for e in trace.of("r", "release"))
    bench.expect(
        acquired == released,
        f"acquired {acquired.total()} times, released {released.total()} times",
        trace,
    )


@law(
    "S14",
    "resources.close_reaches_inside",
    words="When aclose() of the outermost stream returns, every source and resource inside,"
    " whatever combinators lie between, has been closed.",
    symbols="after aclose(c(using(r, s))): nothing open",
    takes=("using",),
    observes=("acquired", "closed early"),
    shows_log=True,
    source="PEP 533",
)
def close_reaches_inside(bench: Bench, source: Script, layers: Sequence[str], take: int) -> None:
    """Take some items, close, and look at the log at that moment."""
    stream = _held(bench, source, layers)
    bench.needs_close(stream)
    trace = bench.run(stream, Plan(take=take))
    if trace.count("end", "out") == 0 and trace.count("acquired", "r"):
        bench.saw("closed early")
    open_still = trace.unreleased()
    bench.expect(not open_still, f"still open after aclose(): {', '.join(open_still)}", trace)
    generators = trace.leaks.generators
    bench.expect(not generators, f"still open after aclose(): {'; '.join(generators)}", trace)
