"""Replies are traced by a span that is current meanwhile."""


async def replies(tracer, question, model):
    span = tracer.start_span("reply")
    try:
        async for word in model(question):
            yield word
    finally:
        span.end()
