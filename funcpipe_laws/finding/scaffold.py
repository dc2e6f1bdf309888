"""An explicit test file from what was found by name: the start for a team that wants to edit it."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from pathlib import Path

from funcpipe_laws.declared.config import ConfigError
from funcpipe_laws.declared.instance import NotFound
from funcpipe_laws.finding.discover import NAMES, Found
from funcpipe_laws.finding.trying.fit import merge_takes

HEAD = '''\
"""The laws of async streams on {module}.

Written by `pytest --laws {module} --laws-init=FILE`, and yours to edit: adapt operations with a
lambda, declare policies, waive a law: `waivers={{"S14": known_failure("issue 12")}}`.
"""

{any}from funcpipe_laws import {names}

import {module} as streams
'''

AWAITING = '''

def awaiting(f: Any) -> Any:
    """A plain function as a coroutine function."""

    async def awaited(value: Any) -> Any:
        return f(value)

    return awaited
'''

INSTANCE = """
{constant} = StreamInstance(
    name="{target}",
    kind="{kind}",
{operations}    policy=Policy({policy}),
    waivers={{}},
)


@laws({constant})
def test_{function}(law: object) -> None: ...
"""


ON_ITERABLES = {
    "pure": "lambda value: lambda: {}(value)",
    "map": "lambda s, f: lambda: {}(s(), f)",
    "bind": "lambda s, f: lambda: {}(s(), lambda value: f(value)())",
    "using": "lambda acquire, make: lambda: {}(acquire, lambda held: make(held)())",
    "lift": "lambda fn: lambda value: lambda: {}(fn)(value)",
    "empty": "lambda: lambda: {}()",
    "par_map": "lambda s, fn, concurrency: lambda: {}(s(), fn, concurrency)",
    "buffer": "lambda s, size: lambda: {}(s(), size)",
    "chunk": "lambda s, size: lambda: {}(s(), size)",
    "timeout": "lambda s, seconds: lambda: {}(s(), seconds)",
    "retry": "lambda make, **options: lambda: {}(make, **options)",
}


def _call(found: Found, operation: str, name: str) -> str:
    """An operation as an expression, adapted to thunks if it takes async iterables."""
    on_iterables = operation in found.on_iterables
    function = f"streams.{name}"
    if operation in found.adapters:
        text = found.adapters[operation]
        return text.format(function) if text else function
    if operation == "merge":
        each, bounded = merge_takes(found.originals[operation])
        if not on_iterables and not each and bounded:
            return function
        sources = "(s() for s in sources)" if on_iterables else "sources"
        given = f"*{sources}" if each else f"list({sources})"
        given += ", max_buffer=max_buffer" if bounded else ""
        call = f"{function}({given})"
        bound = ", max_buffer=1" if bounded else ""
        return f"lambda sources{bound}: {'lambda: ' if on_iterables else ''}{call}"
    return ON_ITERABLES[operation].format(function) if on_iterables else function


def _missing(found: Found) -> list[str]:
    """The operations that were not found, as a comment: laws about them are not offered."""
    known = {
        **NAMES[found.instance.kind],
        **({"tee": ()} if found.instance.kind == "stream" else {}),
    }
    missing = [name for name in known if not found.instance.offers(name)]
    words = textwrap.wrap(f"Not found: {', '.join(missing)}.", 92)
    return [f"    # {line}\n" for line in words] if missing else []


def _others(found: Found) -> list[str]:
    """Operators and consumers, and those functions that are not checked yet, as comments."""
    lines = []
    instance = found.instance
    for maker, given in (("Operator", instance.operators), ("Consumer", instance.consumers)):
        plain = [name for name in given if _is_plain(found, name)]
        entries = [f'        "{name}": {maker}(streams.{name}),\n' for name in plain]
        if entries:
            lines.append(f"    {maker.lower()}s={{\n{''.join(entries)}    }},\n")
    if instance.values is not None:
        lines.append(f"    values={instance.values!r},\n")
    left = [s for s in found.sightings if not s.checked_as or not _is_written(found, s.name)]
    lines += [f"    # {one.name}: {one.reason or 'found as ' + one.checked_as}\n" for one in left]
    return lines


def _is_plain(found: Found, name: str) -> bool:
    """Whether a function is written down as it is, with nothing given to it besides its stream."""
    return "." not in name and any(
        s.name == name and s.checked_as in ("operator", "source", "consumer")
        for s in found.sightings
    )


def _is_written(found: Found, name: str) -> bool:
    return _is_plain(found, name) or ("." not in name and name in dict(found.operations).values())


def scaffold(found: Sequence[Found]) -> str:
    """The source of a test file with one instance and one test function for each find.

    Raises `NotFound` for an instance that is written down already.
    """
    for one in found:
        if not one.sightings and not one.operations:
            raise NotFound(f"{one.target} is an instance already: put @laws(...) on a test of it")
    module = found[0].target.partition(":")[0]
    names = ["Policy", "StreamInstance", "laws"]
    for one in found:
        for name in ("Operator", "Consumer"):
            given = getattr(one.instance, f"{name.lower()}s")
            if any(_is_plain(one, each) for each in given) and name not in names:
                names.append(name)
    if any(one.constructors for one in found):
        names.append("result_type")
    adapters = [text for one in found for text in one.adapters.values()]
    if any("branches(" in text for text in adapters):
        names.append("branches")
    awaiting = any("awaiting(" in text for text in adapters)
    listed = ", ".join(sorted(names, key=_as_isort))
    any_type = "from typing import Any\n\n" if awaiting else ""
    parts = [HEAD.format(module=module, names=listed, any=any_type)]
    if awaiting:
        parts.append(AWAITING)
    for one in found:
        kind = one.instance.kind
        lines = [
            f"    {op}={_call(one, op, name)},\n" for op, name in one.operations if "." not in name
        ]
        if one.constructors:
            pair = ", ".join(f"streams.{name}" for name in one.constructors)
            lines.append(f"    result=result_type({pair}),\n")
        lines += [*_missing(one), *_others(one)]
        # Import sorters want one blank line between imports and what is no definition.
        template = INSTANCE.removeprefix("\n") if len(parts) == 1 else INSTANCE
        parts.append(
            template.format(
                constant={"stream": "STREAMS", "sync": "SYNC_STREAMS", "value": "VALUES"}[kind],
                function={"stream": "streams", "sync": "sync_streams", "value": "values"}[kind],
                target=one.target,
                kind=kind,
                policy="in_step=True" if one.instance.policy.in_step else "",
                operations="".join(lines),
            )
        )
    return "\n".join(parts)


def _as_isort(name: str) -> tuple[bool, str]:
    """Classes before functions, as import sorters have it."""
    return name[0].islower(), name


def write(found: Sequence[Found], path: Path) -> None:
    """Write the test file; raises `ConfigError` if it is there already or cannot be written."""
    text = scaffold(found)
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise ConfigError(f"{path} is there already: name another file, or remove it") from None
    except OSError as exc:
        raise ConfigError(f"{path} cannot be written: {exc.strerror}") from None
