"""Objects of a store; a throttled request is tried again."""

from tenacity import retry, stop_after_attempt

again = retry(stop=stop_after_attempt(4))


@again
async def first_page(store):
    return await store.page(0)


async def objects(store):
    page = await first_page(store)
    while page is not None:
        yield page
        page = await page.following()
