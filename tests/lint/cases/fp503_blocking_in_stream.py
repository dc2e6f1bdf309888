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


# ---------------------------------------------------------------- generators that wait

import subprocess
import time
from time import sleep as nap


class Pipe:
    def words(self):
        while True:
            yield self.end.recv()

    def parts(self, text):
        yield from text.split()

    def stop(self):
        self.end.recv()


pipe = Pipe()
other = Pipe() if pipe else None


def ticks():
    while True:
        nap(1)
        yield time.monotonic()


def ready(rows):
    for row in rows:
        yield row.get("recv")


def measured(rows):
    for row in rows:
        yield lambda: time.sleep(row)


async def slept():
    while True:
        await pipe.recv()
        yield 1


# ---- silence

async def of_what_is_ready(rows):
    for row in ready(rows):
        yield row


async def of_what_waits_later(rows):
    for row in measured(rows):
        yield row


async def of_words(text):
    for part in pipe.parts(text):
        yield part


async def of_another_class(text):
    for word in other.words():
        yield word


async def no_stream():
    for tick in ticks():
        print(tick)


async def nothing_is_yielded_in_the_loop():
    for tick in ticks():
        print(tick)
        break
    yield 1


# ---- violations

async def of_a_pipe():
    for word in pipe.words():  # error: FP503
        yield word


async def of_ticks():
    for tick in ticks():  # error: FP503
        yield tick


class Shell:
    def outputs(self, commands):
        for command in commands:
            yield subprocess.check_output(command)

    async def run(self, commands):
        for output in self.outputs(commands):  # error: FP503
            yield output
