"""Whether an operator is there to do something with an exception of its stream.

By what it does: it raises another one from it, or delivers something in its place. One that ends as
if nothing had been may be wrong: of that, its name, a parameter or its documentation has to speak.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import AsyncGenerator, Callable
from typing import Any

from funcpipe_laws.declared.instance import StreamInstance, Value
from funcpipe_laws.finding.trying.conventions import Function, parameters_of
from funcpipe_laws.finding.trying.trial import delivered

PARTS = frozenset(
    (
        *("safe", "safely", "tolerant", "tolerate", "tolerating", "guard", "guarded", "forgiving"),
        *("ignore", "ignoring", "suppress", "suppressing", "swallow", "swallowing", "lenient"),
        *("rescue", "recover", "recovering", "fallback", "default", "defaults", "else", "instead"),
        *("catch", "catching", "handle", "handling", "handler", "except", "attempt", "attempts"),
        *("error", "errors", "exception", "exceptions", "exc", "fail", "failure", "failures"),
        *("resilient", "robust", "reconnect", "reconnecting", "resume", "resuming", "restart"),
        *("retry", "retries", "retrying", "tries", "quiet", "quietly", "protected", "unfailing"),
    )
)
"""Parts of names of what has to do with exceptions."""
SAYS_SO = re.compile(
    r"ignor|swallow|suppress|fall(s|ing)? back|recover|reconnect|resum|tolerat|best.effort"
    r"|never (fail|rais)|instead of (fail|rais)|(skip|log|drop)\w* .*(error|exception|failure)"
    r"|(error|exception|failure)s? .*(logged|skipped|dropped|end)",
    re.IGNORECASE | re.DOTALL,
)
"""What documentation says of one that does not let an exception through."""


class _Failed(Exception):
    """What a stream raises that is tried."""


KINDS = (_Failed, TimeoutError, OSError, LookupError)


def handles(function: Function, make: Callable[..., Any], instance: StreamInstance) -> bool:
    """Whether `function`, made into an operator on one stream by `make`, handles an exception."""
    usual = delivered(lambda: make(_source(instance, None)), instance)
    for kind in KINDS:
        failure = kind("of the source")
        raised: list[BaseException] = []
        got = delivered(lambda f=failure: make(_source(instance, f)), instance, raised)  # type: ignore[misc]
        if got is None:
            if raised[0].__cause__ is failure:
                return True
            continue
        told = any(_holds(item, failure) for item in got)
        if (got != usual and not told) or _speaks_of_it(function):
            return True
    return False


def _source(instance: StreamInstance, failure: BaseException | None) -> Any:
    async def run() -> AsyncGenerator[Any, None]:
        yield instance.make_item(Value(instance.usual))
        if failure is not None:
            raise failure

    return instance.embed(run)


def _holds(item: Any, failure: BaseException) -> bool:
    """Whether an item is the exception, or has it inside."""
    parts = item if isinstance(item, list | tuple) else [item]
    inside = [value for part in parts for value in getattr(part, "__dict__", {}).values()]
    return any(each is failure for each in (*parts, *inside))


def _speaks_of_it(function: Function) -> bool:
    name = getattr(function, "__name__", "")
    words = {part for one in (name, *parameters_of(function)) for part in one.lower().split("_")}
    return bool(words & PARTS) or SAYS_SO.search(inspect.getdoc(function) or "") is not None
