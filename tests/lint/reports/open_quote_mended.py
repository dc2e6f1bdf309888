"""A quotation that is open at the end is closed by the clean-up."""


async def quoted(parts):
    is_open = False
    try:
        async for part in parts:
            if part.is_quote and not is_open:
                is_open = True
                yield "<q>"
            yield part.text
        if is_open:
            yield "</q>"
    finally:
        await parts.aclose()
