"""A task reads what a program complains of."""

import asyncio


async def output(program, log):
    complaints = asyncio.create_task(log(program.stderr))  # error: FP504
    rest = ""
    while part := await program.stdout.read(512):
        rest += part.decode(complaints="replace")
        while "\n" in rest:
            line, rest = rest.split("\n", 1)
            yield line
    await complaints
