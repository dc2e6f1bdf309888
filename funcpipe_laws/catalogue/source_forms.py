"""Laws of sources that are no generators: hand-written iterators, with an `aclose` or without."""

from __future__ import annotations

from funcpipe_laws.declared.law import law
from funcpipe_laws.experiments.bench import Bench
from funcpipe_laws.experiments.comparing import in_order
from funcpipe_laws.experiments.consumer import Plan, alone
from funcpipe_laws.experiments.probes import FORMS
from funcpipe_laws.experiments.scripts import ProbeError, Script
from funcpipe_laws.experiments.subjects import build, subject_of
from funcpipe_laws.experiments.subjects import over as subject_over

FORMS_EACH = 2
"""The same for each form of a source."""


_OF_CLOSING = {"aclose raises": ProbeError, "yields on": RuntimeError}
"""What closing a source of such a form raises; an operation may close it when it has enough."""


@law(
    "D9",
    "faults.sources_of_any_form",
    words="A source may be a hand-written iterator: its items arrive as those of a generator do, it"
    " is closed if it can be, and one that yields while it is closed delivers nothing.",
    symbols="run(c(class)) = run(c(generator)); after aclose: closed",
    takes=(),
    observes=("struck", "closed early"),
    shows_log=True,
    source="PEP 525",
    least=FORMS_EACH,
)
def sources_of_any_form(bench: Bench, over: str, short: Script, form: str, long: Script) -> None:
    """Four forms: with aclose(), without, with one that raises, and a generator that yields on."""
    whole = bench.run(build(bench, over, short))
    trace = bench.run(subject_over(bench, over, bench.source(short, form=form)))
    bench.saw("struck")
    got, wanted = (in_order(bench, over, one.items) for one in (trace, whole))
    surfaced = alone(trace.exception)
    # A library may demand an aclose(), if it says so; an exception may overtake items.
    refused = form == "no aclose" and isinstance(surfaced, AttributeError | TypeError)
    failed = isinstance(surfaced, _OF_CLOSING.get(form, ())) or (
        form != "aclose" and subject_of(bench, over).handles
    )
    bench.expect(
        refused or failed or (got, trace.ending) == (wanted, whole.ending),
        f"a generator: {wanted}; {FORMS[form]}: {trace.exception or got!r}",
        trace,
    )
    stream = subject_over(bench, over, bench.source(long, form=form))
    bench.needs_close(stream)
    early = bench.run(stream, Plan(take=1))
    if not early.count("end", "out"):
        bench.saw("closed early")
    open_still = early.unreleased(started=True) if form != "no aclose" else []
    bench.expect(not open_still, f"{FORMS[form]}: {', '.join(open_still)} stays open", early)
    emitted = early.count("emit", "out")
    bench.expect(emitted <= 1, f"{FORMS[form]}: {emitted} items after one was asked for", early)
    left = [t for t in early.leaks.tasks if "made by the loop" not in t]
    bench.expect(not left, f"{FORMS[form]}: {'; '.join(left)} still there", early)
