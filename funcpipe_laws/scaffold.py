"""An explicit test file from what was found by name: the start for a team that wants to edit it."""

from __future__ import annotations

from collections.abc import Sequence

from .discover import Found

HEAD = '''\
"""The laws of async streams on {module}.

Written by `python -m funcpipe_laws init {module}`, and yours to edit: adapt operations with a
lambda, declare policies, waive a law: `waivers={{"S14": known_failure("issue 12")}}`.
"""

from funcpipe_laws import {names}

import {module} as streams
'''

INSTANCE = """
{constant} = StreamInstance(
    name="{target}",
    kind="{kind}",
{operations}    policy=Policy(),
    waivers={{}},
)


@laws({constant})
def test_{function}(law): ...
"""


def scaffold(found: Sequence[Found]) -> str:
    """The source of a test file with one instance and one test function for each find."""
    module = found[0].target.partition(":")[0]
    names = ["Policy", "StreamInstance", "laws"]
    if any(one.constructors for one in found):
        names.append("result_type")
    parts = [HEAD.format(module=module, names=", ".join(names))]
    for one in found:
        kind = one.instance.kind
        lines = [f"    {operation}=streams.{name},\n" for operation, name in one.operations]
        if one.constructors:
            pair = ", ".join(f"streams.{name}" for name in one.constructors)
            lines.append(f"    result=result_type({pair}),\n")
        parts.append(
            INSTANCE.format(
                constant={"stream": "STREAMS", "sync": "SYNC_STREAMS", "value": "VALUES"}[kind],
                function={"stream": "streams", "sync": "sync_streams", "value": "values"}[kind],
                target=one.target,
                kind=kind,
                operations="".join(lines),
            )
        )
    return "\n".join(parts)
