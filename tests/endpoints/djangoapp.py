"""A Django application with async views, as small as it can be."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

import django
from django.conf import settings
from django.core.asgi import get_asgi_application
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import path

from tests.endpoints.parts import rows


async def page(request: HttpRequest) -> HttpResponse:
    """An ordinary async view."""
    return HttpResponse("hello")


async def stream(request: HttpRequest) -> StreamingHttpResponse:
    """The rows as they are."""
    return StreamingHttpResponse(rows())


async def nested(request: HttpRequest) -> StreamingHttpResponse:
    """The idiom that everybody copies."""

    async def lines() -> AsyncGenerator[bytes, None]:
        async for row in rows():
            yield row + b"\n"

    return StreamingHttpResponse(lines())


async def closing(request: HttpRequest) -> StreamingHttpResponse:
    """The same, with its source closed."""

    async def lines() -> AsyncGenerator[bytes, None]:
        async with aclosing(rows()) as source:
            async for row in source:
                yield row + b"\n"

    return StreamingHttpResponse(lines())


urlpatterns: list[Any] = [
    path("page", page),
    path("stream", stream),
    path("nested", nested),
    path("closing", closing),
]
if not settings.configured:
    settings.configure(ROOT_URLCONF=__name__, ALLOWED_HOSTS=["*"], SECRET_KEY="test", DEBUG=False)
    django.setup(set_prefix=False)
app = get_asgi_application()
