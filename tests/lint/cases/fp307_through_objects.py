# options: select = ["FP307"]
"""Locks that an object takes by hand when it is entered, and those that nobody has to give back."""


class Guard:
    def __init__(self, lock):
        self._lock = lock

    async def __aenter__(self):
        await self._lock.acquire()
        return self

    async def __aexit__(self, *error):
        self._lock.release()


class Turn:
    def __init__(self, lock):
        self._lock = lock

    async def __aenter__(self):
        await self._lock.__aenter__()

    async def __aexit__(self, *error):
        await self._lock.__aexit__(*error)


class Rate:
    def __init__(self, limiter):
        self._limiter = limiter

    async def __aenter__(self):
        await self._limiter.acquire()  # a token, which nobody gives back

    async def __aexit__(self, *error):
        return None


class Started:
    def __init__(self, lock):
        self._lock = lock

    async def __aenter__(self):
        await self._lock.acquire()
        try:
            self.count = 1
        finally:
            self._lock.release()

    async def __aexit__(self, *error):
        self._lock.release()


class Failing:
    def __init__(self, lock):
        self._lock = lock

    async def __aenter__(self):
        await self._lock.acquire()
        try:
            await self.connect()
        except BaseException:
            self._lock.release()
            raise

    async def __aexit__(self, *error):
        self._lock.release()


async def of_guard(lock):
    async with Guard(lock):
        yield 1  # error: FP307


async def of_turn(lock):
    async with Turn(lock):
        yield 1  # error: FP307


async def of_failing(lock):
    async with Failing(lock):
        yield 1  # error: FP307


async def of_rate(limiter):
    async with Rate(limiter):
        yield 1


async def of_started(lock):
    async with Started(lock):
        yield 1


async def copied(lock):
    async with Guard(lock) as guard:
        items = list(guard.items)
    for item in items:
        yield item
