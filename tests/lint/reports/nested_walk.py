"""A walk marks that it is under way, by a context variable."""

from contextvars import ContextVar

walking = ContextVar("walking", default=False)


def walk(site):
    mark = walking.set(True)

    async def pages():
        try:
            async for page in site.pages():
                yield page
        finally:
            walking.reset(mark)  # error: FP312

    return pages()
