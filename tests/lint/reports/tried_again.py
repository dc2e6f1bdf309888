"""Objects of a store; a throttled request is tried again."""

from tenacity import retry, stop_after_attempt

again = retry(stop=stop_after_attempt(4))


@again  # error: FP704
async def objects(store):
    async for page in store.pages():
        yield page
