"""Loops that leave a stream before its end."""


async def rows(pool):
    async with pool.connect() as connection:
        async for row in connection:
            yield row


async def breaks(pool):
    async for row in rows(pool):  # error: FP302
        if row.bad:
            break
    else:
        print("all good")


async def returns(pool):
    async for row in rows(pool):  # error: FP302
        for cell in row:
            return cell


async def raises(pool):
    async for row in rows(pool):  # error: FP302
        if row.bad:
            raise ValueError(row)


async def raises_in_a_handler(pool):
    async for row in rows(pool):  # error: FP302
        try:
            row.check()
        except ValueError:
            raise


async def in_a_match(pool):
    async for row in rows(pool):  # error: FP302
        match row:
            case [first, *_] if first:
                break


async def in_the_else_of_an_inner_loop(pool):
    async for row in rows(pool):  # error: FP302
        for cell in row:
            print(cell)
        else:
            break


async def in_a_try_outside(pool):
    try:
        async for row in rows(pool):  # error: FP302
            raise ValueError(row)
    except ValueError:
        pass


async def pulls_once(pool):
    first = await anext(rows(pool))  # error: FP302
    second = await anext(rows(pool), None)  # error: FP302
    third = await rows(pool).__anext__()  # error: FP302
    return first, second, third


async def wins_over_fp303(pool):
    async for row in rows(pool):  # error: FP302
        yield row
        if row.bad:
            return
