# options: select = ["FP301"]
"""Streams that methods make, closed by hand."""


class Rows:
    async def all(self):
        yield 1

    async def opened(self):
        return self.connection

    def handed(self):
        return self.all()


async def response(rows: Rows):
    opened = await rows.opened()
    try:
        async for row in opened:
            print(row)
    finally:
        await opened.aclose()


async def unknown(rows):
    stream = rows.all()
    try:
        async for row in stream:
            print(row)
    finally:
        await stream.aclose()


async def by_method(rows: Rows):
    stream = rows.all()
    try:
        async for row in stream:
            print(row)
    finally:
        await stream.aclose()  # error: FP301


async def by_helper():
    stream = Rows().handed()
    async for row in stream:
        print(row)
    await stream.aclose()  # error: FP301
