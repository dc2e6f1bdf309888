"""A quotation that is open at the end is closed by the clean-up."""


async def quoted(parts):
    is_open = False
    try:
        async for part in parts:
            if part.is_quote and not is_open:
                is_open = True
                yield "<q>"
            yield part.text
    finally:
        if is_open:
            yield "</q>"  # error: FP306
        await parts.aclose()
