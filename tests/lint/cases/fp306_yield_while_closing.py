# options: select = ["FP306"]
"""Yields that run while the stream is being closed."""

import builtins
from contextlib import asynccontextmanager

import pytest


# ---------------------------------------------------------------- silence

async def an_ordinary_handler(source):
    try:
        yield 1
    except Exception as error:
        yield error


async def emptied_by_a_slice(source):
    buffer = ""
    try:
        async for part in source:
            buffer += part
            buffer = buffer[:0]
            yield part
    finally:
        if buffer:
            yield buffer


async def reraised_first(source):
    try:
        yield 1
    except BaseException as error:
        if isinstance(error, GeneratorExit):
            raise
        yield error


async def an_earlier_arm_reraises(source):
    try:
        yield 1
    except GeneratorExit:
        raise
    except BaseException as error:
        yield error


async def an_earlier_arm_of_several(source):
    try:
        yield 1
    except (KeyboardInterrupt, GeneratorExit):
        raise
    except:
        yield 0


async def no_yield_in_the_body(source):
    try:
        item = await source.get()
    except BaseException as error:
        yield error


async def clean_up_without_yield(source):
    try:
        yield 1
    finally:
        await source.aclose()


async def after_the_finally(source):
    try:
        yield 1
    finally:
        source.close()
    yield 2


async def a_generator_inside_the_finally(source):
    try:
        yield 1
    finally:
        def rest():
            yield 2

        for item in rest():
            source.put(item)


async def a_dead_yield(source):
    try:
        yield 1
    finally:
        if False:
            yield 2


async def the_handler_leaves_first(source):
    try:
        yield 1
    except BaseException as error:
        if not isinstance(error, Exception):
            raise
        yield error


@asynccontextmanager
async def a_manager(source):
    try:
        yield 1
    except BaseException:
        yield 2


@pytest.fixture
async def a_fixture():
    try:
        yield 1
    finally:
        yield 2


async def narrow(source):
    try:
        yield 1
    except ValueError:
        yield 2
    else:
        yield 3


# ---------------------------------------------------------------- violations

async def in_finally(source):
    try:
        yield 1
    finally:
        yield 2  # error: FP306


async def said_once_of_a_finally(source):
    try:
        yield 1
    finally:
        yield 2  # error: FP306
        while source.waiting:
            yield 3


async def said_once_of_a_handler(source):
    try:
        yield 1
    except BaseException as error:
        yield error  # error: FP306
        if source.open:
            yield 2


async def set_right_before_a_yield(source):
    failed = False
    try:
        failed = True
        yield 1
        failed = False
    finally:
        if failed:
            yield 2  # error: FP306
        yield 3


async def of_each_part(source):
    try:
        yield 1
    except BaseException as error:
        yield error  # error: FP306
    finally:
        yield 2  # error: FP306


async def in_a_nested_block_of_finally(source):
    try:
        yield 1
    finally:
        if source.open:
            async with source:
                yield source.summary()  # error: FP306


async def for_generator_exit(source):
    try:
        yield 1
    except GeneratorExit:
        yield 2  # error: FP306


async def for_everything(source):
    try:
        yield 1
    except:
        yield 2  # error: FP306


async def for_base_exception(source):
    try:
        async for item in source:
            yield item
    except BaseException as error:
        yield error  # error: FP306


async def in_a_tuple(source):
    try:
        yield 1
    except (ValueError, GeneratorExit):
        yield 2  # error: FP306


async def by_module_name(source):
    try:
        yield 1
    except builtins.BaseException:
        yield 2  # error: FP306


async def raising_after_the_yield(source):
    try:
        yield 1
    except BaseException as error:
        yield error  # error: FP306
        raise


async def in_a_loop(source):
    while True:
        try:
            yield 1
        except BaseException:
            yield 2  # error: FP306
            continue


async def an_earlier_arm_that_does_not_reraise(source):
    try:
        yield 1
    except GeneratorExit:
        source.close()
        yield 0  # error: FP306
    except BaseException:
        raise


async def replies_of_a_node(requests, ban):
    try:
        async for request in requests:
            yield request
    except BaseException as error:
        await ban(requests)
        if isinstance(error, Exception):  # closing is none
            yield "failed"
        else:
            raise


# ---------------------------------------------------------------- buffers

async def emptied_before_each_yield(lines):
    buffer = []
    try:
        async for line in lines:
            buffer.append(line)
            if len(buffer) == 10:
                full, buffer = buffer, []
                yield full
    finally:
        if buffer:
            yield buffer


async def cleared_before_the_yield(lines):
    text = ""
    try:
        async for line in lines:
            text += line
            full = text
            text = ""
            yield full
    finally:
        if text:
            yield text


async def filled_behind_the_yields(lines):
    rest = []
    try:
        async for line in lines:
            yield line
        rest.append("end")
    finally:
        if rest:
            print(rest)


async def filled_at_the_yield(lines):
    buffer = []
    try:
        async for line in lines:
            buffer.append(line)
            if len(buffer) == 10:
                yield buffer
                buffer = []
    finally:
        if buffer:
            yield buffer  # error: FP306


async def grown_at_the_yield(parts):
    text = ""
    try:
        async for part in parts:
            text += part
            yield part
    finally:
        if text:
            yield f"<all>{text}</all>"  # error: FP306
