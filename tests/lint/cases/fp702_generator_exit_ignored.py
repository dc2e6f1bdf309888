"""Handlers that stop what closes a stream."""

import asyncio
from contextlib import asynccontextmanager

from other import RETRIED


# ---------------------------------------------------------------- silence

async def not_caught(source):
    while True:
        try:
            yield await source()
        except Exception:
            continue


async def cancelled_alone(source):
    while True:
        try:
            yield await source()
        except asyncio.CancelledError:
            continue


async def the_end(source):
    try:
        async for item in source:
            yield item
    except BaseException:
        print("closed")


async def raised_again(source):
    while True:
        try:
            yield await source()
        except BaseException:
            print("closed")
            raise


async def raised_first(source):
    while True:
        try:
            yield await source()
        except GeneratorExit:
            raise
        except BaseException:
            continue


async def raised_under_a_test(source):
    while True:
        try:
            yield await source()
        except BaseException as error:
            if isinstance(error, GeneratorExit):
                raise
            continue


async def returned(source):
    while True:
        try:
            yield await source()
        except GeneratorExit:
            return


async def broken_out_of(source):
    while True:
        try:
            yield await source()
        except GeneratorExit:
            break


async def nothing_yielded_in_it(source):
    while True:
        try:
            item = await source()
        except BaseException:
            continue
        yield item


async def kept_for_later(source):
    failure = None
    try:
        async for item in source:
            yield item
    except BaseException as error:
        failure = error
    if failure is not None:
        raise failure
    yield "done"


async def kept_in_a_flag(source):
    is_closed = False
    try:
        async for item in source:
            yield item
    except BaseException:
        is_closed = True
    if not is_closed:
        yield "done"


async def kept_in_an_attribute(self, source):
    while not self.closed:
        try:
            yield await source()
        except BaseException:
            self.closed = True


async def handed_on(source, report):
    while True:
        try:
            yield await source()
        except BaseException as error:
            report(error)


async def raises_elsewhere(source):
    while True:
        try:
            yield await source()
        except BaseException:
            source.raise_pending()


async def caught_further_in(source):
    try:
        try:
            yield await source()
        except BaseException:
            print("closed")
    except BaseException:
        print("never")
    print("the end")


async def may_be_caught_before(source):
    while True:
        try:
            yield await source()
        except RETRIED:
            raise
        except BaseException:
            continue


async def left_by_the_finally(source):
    while True:
        try:
            yield await source()
        except BaseException:
            pass
        finally:
            return


async def yields_in_the_handler(source):
    while True:
        try:
            yield await source()
        except BaseException:
            yield "FP306"


@asynccontextmanager
async def manager(source):
    while True:
        try:
            yield source
        except BaseException:
            continue


async def never_yields_again(source):
    try:
        yield 1
    except BaseException:
        pass
    return
    yield 2


async def a_coroutine(source):
    while True:
        try:
            await source()
        except BaseException:
            continue


def plain(source):
    while True:
        try:
            yield source()
        except BaseException:
            continue


async def in_another_function(source):
    async def inner():
        try:
            yield 1
        except BaseException:
            pass

    async for item in inner():
        yield item


# ---------------------------------------------------------------- violations

async def next_turn(source):
    while True:
        try:
            yield await source()
        except BaseException:  # error: FP702
            continue


async def bare(source):
    for item in source:
        try:
            yield item
        except:  # error: FP702
            pass


async def below(source):
    try:
        async for item in source:
            yield item
    except GeneratorExit:  # error: FP702
        pass
    yield "done"


async def with_work(source, log):
    try:
        async for item in source:
            yield item
    except BaseException as error:  # error: FP702
        log.exception("failed: %s", error)
    yield "done"


async def one_of_several(source):
    async for item in source:
        try:
            yield item
        except (asyncio.CancelledError, GeneratorExit):  # error: FP702
            print("closed")


async def behind_the_loop(source):
    for item in source:
        try:
            yield item
        except GeneratorExit:  # error: FP702
            break
    yield "done"


async def after_other_handlers(source):
    while True:
        try:
            yield await source()
        except OSError:
            return
        except GeneratorExit:  # error: FP702
            print("closed")


async def under_another_test(source, verbose):
    try:
        yield 1
    except BaseException:  # error: FP702
        source.close()
    if verbose:
        yield 2


async def with_a_finally(source):
    while True:
        try:
            yield await source()
        except GeneratorExit:  # error: FP702
            print("closed")
        finally:
            print("turned")


async def tasks_of_a_worker(consumer):
    async for handle in consumer:
        try:
            yield handle
        except GeneratorExit:
            consumer.finish()  # the loop ends
        handle.done()


async def the_last_is_kept_back(source, log):
    result = None
    async with source:
        try:
            async for item in source:
                if item.is_last:
                    result = item
                    break
                yield item
        except GeneratorExit:
            log("closed")  # nothing is kept back at any yield of the try
    if result is not None:
        yield result


async def the_latest_is_kept(source, log):
    latest = None
    try:
        async for item in source:
            latest = item
            yield item
    except GeneratorExit:  # error: FP702
        log("closed")
    if latest is not None:
        yield latest


async def kept_in_an_earlier_turn(sources, log):
    result = None
    for source in sources:
        try:
            async for item in source:
                if item.is_last:
                    result = item
                    break
                yield item
        except GeneratorExit:  # error: FP702
            log("closed")
        if result is not None:
            yield result
