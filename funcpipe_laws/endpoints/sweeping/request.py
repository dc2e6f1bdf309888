"""Requests that are sent to an application, as they are written in code or in configuration."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
PIECE = 1_000
"""Bytes of a body that one `http.request` message carries."""


class BadRequest(ValueError):
    """A request that cannot be sent; the text is one line."""


@dataclass(frozen=True, slots=True)
class Request:
    """One request.

    Parameters: the path, with its query string if it has one; the method; headers; the body, which
    is sent in pieces of 1,000 bytes; and the status that a full answer has. Without `status`, an
    answer below 400 is taken: the page of an error would show nothing of the endpoint.
    """

    path: str = "/"
    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    status: int | None = None

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def scope(self) -> dict[str, Any]:
        """The connection scope of ASGI, without what the server adds."""
        path, _, query = self.path.partition("?")
        headers = {"host": "testserver", **{k.lower(): v for k, v in self.headers.items()}}
        if self.body:
            headers.setdefault("content-length", str(len(self.body)))
        return {
            "type": "http",
            "http_version": "1.1",
            "method": self.method,
            "scheme": "http",
            "path": path,
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "root_path": "",
            "headers": [(k.encode("latin-1"), v.encode("latin-1")) for k, v in headers.items()],
            "client": ("testclient", 50_000),
            "server": ("testserver", 80),
        }

    def messages(self) -> list[dict[str, Any]]:
        """The body as the messages that carry it."""
        pieces = [self.body[i : i + PIECE] for i in range(0, len(self.body), PIECE)] or [b""]
        last = len(pieces) - 1
        return [
            {"type": "http.request", "body": piece, "more_body": number < last}
            for number, piece in enumerate(pieces)
        ]


def parse(written: object) -> Request:
    """A request from "GET /path", "/path", a table of its fields, or a `Request`.

    Raises `BadRequest` for anything else, with the value and what would be right.
    """
    if isinstance(written, Request):
        return written
    if isinstance(written, str):
        return _from_text(written)
    if isinstance(written, Mapping):
        return _from_table(written)
    raise BadRequest(f"{written!r} is not a request such as 'GET /events' or {{path = '/events'}}")


def _from_text(text: str) -> Request:
    method, _, path = text.strip().rpartition(" ")
    method = method.strip().upper() or "GET"
    if method not in METHODS:
        raise BadRequest(f"request {text!r}: {method} is none of {', '.join(METHODS)}")
    if not path.startswith("/"):
        raise BadRequest(f"request {text!r}: its path has to begin with /, as in 'GET /events'")
    return Request(path, method)


_KINDS: dict[str, type] = {"path": str, "method": str, "body": str, "headers": dict, "status": int}


def _from_table(table: Mapping[Any, Any]) -> Request:
    names = [f.name for f in fields(Request)]
    for key, value in table.items():
        if key not in names:
            near = difflib.get_close_matches(str(key), names, 1)
            hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(names)}"
            raise BadRequest(f"a request has no key {key!r}; {hint}")
        if type(value) is not _KINDS[key]:
            raise BadRequest(f"request: {key} = {value!r} is not of type {_KINDS[key].__name__}")
    headers = table.get("headers", {})
    for name, value in headers.items():
        if not isinstance(value, str):
            raise BadRequest(f"request: the header {name} = {value!r} is not text")
    plain = _from_text(f"{table.get('method', 'GET')} {table.get('path', '')}")
    body = table.get("body", "").encode()
    return Request(plain.path, plain.method, headers, body, table.get("status"))
