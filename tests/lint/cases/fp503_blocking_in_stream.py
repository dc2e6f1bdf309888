# options: select = ["FP503"]
"""Async streams that run their blocking twin."""


# ---------------------------------------------------------------- silence

class Awaiting:
    def stream_chat(self, text):
        yield text

    async def astream_chat(self, text):
        async for part in self.client.astream_chat(text):
            yield part

    async def astream_all(self, text):
        for part in self.parts:
            yield part

    def parts(self):
        return [1, 2]

    async def again(self):
        for part in self.gain():
            yield part

    async def adapter(self):
        for part in self.dapter:
            yield part


class NotTheTwin:
    def stream_complete(self, text):
        yield text

    async def astream_chat(self, text):
        for part in self.stream_complete(text):
            yield part


# ---------------------------------------------------------------- violations

class Blocking:
    def stream_chat(self, text):
        yield text

    async def astream_chat(self, text):
        for part in self.stream_chat(text):  # error: FP503
            yield part

    def read(self):
        return iter(())

    async def aread(self):
        for part in self.read():  # error: FP503
            yield part


class Returning(Base):
    async def astream_chat(self, text):
        async def parts():
            for part in self.stream_chat(text):  # error: FP503
                yield part

        return parts()


class Inheriting(Base):
    async def astream(self, text):
        for part in self.stream(text):  # error: FP503
            yield part

    async def aiter_lines(self):
        def gen():
            for line in self.iter_lines():
                yield line

        for line in self.iter_lines():  # error: FP503
            yield line

        for line in gen():
            yield line
