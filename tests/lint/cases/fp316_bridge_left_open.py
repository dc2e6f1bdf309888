"""Plain code that drives an async iterator."""

import asyncio


# ---------------------------------------------------------------- silence

def closed(stream):
    loop = asyncio.new_event_loop()
    iterator = stream.__aiter__()
    try:
        while True:
            yield loop.run_until_complete(iterator.__anext__())
    except StopAsyncIteration:
        return
    finally:
        loop.run_until_complete(iterator.aclose())


def all_of_the_loop(stream):
    loop = asyncio.new_event_loop()
    iterator = aiter(stream())
    first = loop.run_until_complete(anext(iterator))
    loop.run_until_complete(loop.shutdown_asyncgens())
    loop.close()
    return first


def given(loop, iterator):
    return loop.run_until_complete(anext(iterator))


def handed_on(loop, stream):
    iterator = stream.__aiter__()
    first = loop.run_until_complete(iterator.__anext__())
    return first, iterator


def gone_on_with_by_a_finalizer(loop, make, request):
    generator = make()

    def finalizer():
        loop.run_until_complete(generator.__anext__())

    request.addfinalizer(finalizer)
    return loop.run_until_complete(generator.__anext__())


class Bridge:
    def __next__(self):
        return self.loop.run_until_complete(self.iterator.__anext__())


def whose_loop_goes_on(iterator, keep):
    loop = asyncio.new_event_loop()
    keep(loop)
    return loop.run_until_complete(anext(iterator))


def on_a_loop_of_others(iterator):
    loop = asyncio.get_event_loop()
    try:
        return loop.run_until_complete(anext(iterator))
    finally:
        loop.close()


def a_coroutine(loop, make):
    return loop.run_until_complete(make())


# ---------------------------------------------------------------- violations

def never(stream):
    loop = asyncio.new_event_loop()
    iterator = stream.__aiter__()
    try:
        while True:
            try:
                yield loop.run_until_complete(iterator.__anext__())  # error: FP316
            except StopAsyncIteration:
                return
    finally:
        loop.close()


def first(loop, stream):
    return loop.run_until_complete(  # error: FP316
        anext(stream())
    )
