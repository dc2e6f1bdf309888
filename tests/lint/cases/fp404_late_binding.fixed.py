# options: select = ["FP404"]
"""Descriptions that all see the last turn of a loop."""

from collections.abc import AsyncIterator

from funcpipe_streams import AsyncGen, ErrInfo, Ok, Result

Items = AsyncIterator[Result[int, ErrInfo]]


async def rows(path) -> Items:
    yield Ok(path)


def described(path) -> AsyncGen[int]:
    return lambda: rows(path)


# ---------------------------------------------------------------- silence

def bound_as_a_default(paths) -> list[AsyncGen[int]]:
    return [lambda path=path: rows(path) for path in paths]


def by_a_builder(paths) -> list[AsyncGen[int]]:
    return [described(path) for path in paths]


def no_description(paths):
    return [lambda: path.upper() for path in paths]


async def used_at_once(paths):
    for path in paths:
        source = lambda: rows(path)
        async for item in source():
            print(item)


def returned_from_the_loop(paths) -> AsyncGen[int]:
    for path in paths:
        if path:
            return lambda: rows(path)
    return lambda: rows("")


def left_right_after(paths):
    found = []
    for path in paths:
        found.append(lambda: rows(path))
        break
    return found


def nothing_captured(paths) -> list[AsyncGen[int]]:
    return [lambda: rows("fixed") for path in paths]


def its_own_parameter(paths):
    return [lambda path: rows(path) for path in paths]


def each_in_a_function(paths):
    found = []
    for path in paths:
        def make(name):
            return lambda: rows(name)

        found.append(make(path))
    return found


# ---------------------------------------------------------------- violations

def in_a_comprehension(paths) -> list[AsyncGen[int]]:
    return [lambda path=path: rows(path) for path in paths]  # error: FP404


def in_a_dictionary(paths):
    return {path: lambda path=path: rows(path) for path in paths}  # error: FP404


def appended(paths) -> list[AsyncGen[int]]:
    found = []
    for path in paths:
        found.append(lambda path=path: rows(path))  # error: FP404
    return found


def a_function_in_the_loop(paths) -> list[AsyncGen[int]]:
    found = []
    for path in paths:
        async def stream(path=path) -> Items:
            yield Ok(path)  # error: FP404

        found.append(stream)
    return found


def stored(paths, table):
    for path in paths:
        table[path] = lambda path=path: rows(path)  # error: FP404


def by_unpacking(pairs):
    return [lambda name=name, path=path: rows((name, path)) for name, path in pairs]  # error: FP404


def yielded(paths):
    for path in paths:
        yield lambda path=path: rows(path)  # error: FP404
