"""Sync streams of Results are meant as well."""

from funcpipe_streams import IOGen, Ok


def doubled(source: IOGen[int]) -> IOGen[int]:
    def stream():
        for item in [item for item in source()]:  # error: FP101
            yield item
        for item in list(source()):  # error: FP101
            yield item
        for item in source():
            yield item
        yield Ok([number for number in range(3)])

    return stream
