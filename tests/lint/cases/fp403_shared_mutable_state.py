# options: select = ["FP403"]
"""State that one run of a description leaves to the next."""

from collections.abc import AsyncIterator

from funcpipe_streams import AsyncGen, ErrInfo, Ok, Result

Items = AsyncIterator[Result[int, ErrInfo]]


# ---------------------------------------------------------------- silence

def its_own_state() -> AsyncGen[int]:
    async def stream():
        count = 0
        seen = []
        for _ in range(3):
            count += 1
            seen.append(count)
            yield Ok(len(seen))

    return stream


def bound_inside_first(seen: list[int]) -> AsyncGen[int]:
    async def stream():
        seen = []
        seen.append(1)
        yield Ok(len(seen))

    return stream


def read_only(weights: dict[str, int]) -> AsyncGen[int]:
    async def stream():
        yield Ok(weights["a"])
        yield Ok(weights.get("b", 0))
        yield Ok(sum(weights.values()))

    return stream


def unknown_methods(metrics, clock) -> AsyncGen[int]:
    async def stream():
        metrics.record("started")
        clock.tick()
        yield Ok(1)

    return stream


def its_own_parameter() -> AsyncGen[int]:
    async def numbers(seen):
        seen.append(1)
        yield Ok(len(seen))

    return lambda: numbers([])


def a_copy() -> AsyncGen[int]:
    start = [1]

    async def stream():
        mine = [*start]
        mine.append(2)
        yield Ok(len(mine))

    return stream


def no_builder():
    seen = []

    def add(item):
        seen.append(item)
        return seen

    return add(1)


def state_of_an_inner_helper() -> AsyncGen[int]:
    async def stream():
        seen = []

        def add(item):
            seen.append(item)

        add(1)
        yield Ok(len(seen))

    return stream


def mutated_before_the_description() -> AsyncGen[int]:
    table = {}
    table["a"] = 1

    async def stream():
        yield Ok(table["a"])

    return stream


# ---------------------------------------------------------------- violations

def a_counter() -> AsyncGen[int]:
    count = 0

    async def stream():
        nonlocal count
        count += 1  # error: FP403
        yield Ok(count)

    return stream


def a_list() -> AsyncGen[int]:
    seen = []

    async def stream():
        seen.append(1)  # error: FP403
        yield Ok(len(seen))

    return stream


def a_dictionary(totals: dict[str, int]) -> AsyncGen[int]:
    async def stream():
        totals["a"] = 1  # error: FP403
        totals["a"] += 1  # the same state: one cause, one finding
        yield Ok(totals["a"])

    return stream


def an_augmented_item(totals) -> AsyncGen[int]:
    async def stream():
        totals["a"] += 1  # error: FP403
        yield Ok(totals["a"])

    return stream


def a_method(totals: dict[str, int]) -> AsyncGen[int]:
    async def stream():
        totals.update(b=2)  # error: FP403
        yield Ok(totals["a"])

    return stream


def a_deletion(totals) -> AsyncGen[int]:
    async def stream():
        del totals["b"]  # error: FP403
        yield Ok(totals["a"])

    return stream


def an_attribute(state) -> AsyncGen[int]:
    async def stream():
        state.count += 1  # error: FP403
        state.last = 2
        yield Ok(state.count)

    return stream


def a_set() -> AsyncGen[int]:
    seen = set()

    async def stream():
        for number in range(3):
            if number not in seen:
                seen.add(number)  # error: FP403
                yield Ok(number)

    return stream


def through_a_lambda() -> AsyncGen[int]:
    queue = [1, 2, 3]

    async def stream():
        while queue:
            yield Ok(queue.pop())  # error: FP403

    return lambda: stream()
