"""A walk marks that it is under way, by a context variable."""

from contextvars import ContextVar

walking = ContextVar("walking", default=False)


async def walk(site):
    for link in site.links:
        mark = walking.set(True)
        try:
            page = await site.load(link)
        finally:
            walking.reset(mark)
        yield page
