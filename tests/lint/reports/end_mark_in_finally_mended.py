"""The end of a feed is announced from `finally`."""


async def feed(room, user):
    room.enter(user)
    try:
        async for note in room.notes():
            yield f"note: {note}"
    finally:
        room.leave(user)
    yield "end"
