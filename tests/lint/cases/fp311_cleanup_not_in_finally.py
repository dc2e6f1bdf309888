"""Clean-up that stands in handlers."""

import asyncio


# ---------------------------------------------------------------- silence

async def in_a_finally(engine, request):
    try:
        yield request
    except Exception:
        engine.abort(request)
        raise
    finally:
        engine.abort(request)


async def for_all(engine, request):
    try:
        yield request
    except BaseException:
        engine.abort(request)
        raise


async def for_closing_too(engine, request):
    try:
        yield request
    except (Exception, GeneratorExit):
        engine.abort(request)
        raise


async def no_yield_in_it(engine, request):
    try:
        await engine.add(request)
    except Exception:
        engine.abort(request)
        raise
    yield request


async def goes_on(engine, request):
    try:
        yield request
    except Exception:
        engine.abort(request)


async def a_coroutine(engine, request):
    try:
        return await engine.add(request)
    except Exception:
        engine.abort(request)
        raise


async def no_clean_up(engine, request):
    try:
        yield request
    except Exception:
        engine.log(request)
        raise


async def behind_alone(queue, tasks):
    while (item := await queue.get()) is not None:
        yield item
    await tasks.close()


# ---------------------------------------------------------------- violations

async def after_an_error_alone(engine, request):
    try:
        yield request
    except Exception as error:
        engine._abort(request)  # error: FP311
        raise error


async def behind_the_loop(self, queue):
    while True:
        try:
            item = await queue.get()
        except asyncio.CancelledError:
            await self._cleanup()
            raise
        if item is None:
            break
        yield item
    await self._cleanup()  # error: FP311
