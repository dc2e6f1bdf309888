"""Answers a question; each question makes a client."""

from openai import AsyncOpenAI


class TooMuch(Exception):
    """The budget is spent."""


async def answered(key, question):
    model = AsyncOpenAI(api_key=key)
    try:
        words = await model.responses.create(input=question, stream=True)
        async for word in words:
            yield word.delta
    except ValueError as error:
        raise TooMuch from error
    finally:
        await model.close()
