# options: select = ["FP403"]
"""Shared state in a module without Results: an object's own outlives the run that changes it."""


# ---------------------------------------------------------------- silence

class Proxy:
    def __getattr__(self, name):
        found = getattr(self.inner, name)

        def wrapped(*args):
            for item in found(*args):
                if self.first is None:
                    self.first = item
                yield item

        return wrapped


class Feed:
    @classmethod
    def opened(cls):
        async def stream():
            cls.count += 1
            yield cls.count

        return stream


# ---------------------------------------------------------------- violations

def a_counter():
    count = 0

    async def stream():
        nonlocal count
        count += 1  # error: FP403
        yield count

    return stream


class Source:
    def numbered(self, state):
        async def stream():
            state.count += 1  # error: FP403
            yield state.count

        return stream
