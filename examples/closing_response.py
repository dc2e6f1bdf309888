"""A streaming response that closes its body, whichever way the response ends.

Starlette's own one leaves the body's async generator open when the client leaves between two
chunks: its clean-up is left to the garbage collector. Use this class in its place, for FastAPI too.
"""

from typing import Any

import anyio
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send


class ClosingResponse(StreamingResponse):
    """`StreamingResponse`, whose body is closed when the response has ended."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            close: Any = getattr(self.body_iterator, "aclose", None)
            if close is not None:
                with anyio.CancelScope(shield=True):  # A cancelled task closes as well.
                    await close()
