"""Real frameworks: what their streaming responses leave open, and what mends it."""

from __future__ import annotations

import asyncio
import gc
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, StreamingResponse
from starlette.routing import Route, Router

from examples.closing_response import ClosingResponse
from funcpipe_laws.endpoints.disconnects import EndpointFaults, sweep_disconnects
from funcpipe_laws.endpoints.sweeping.sweep import Sweep
from tests.endpoints.parts import rows
from tests.endpoints.right import lines


def swept(app: Any, request: Any = "GET /", **options: Any) -> Sweep:
    """The sweep, whether it is clean or not."""
    try:
        return asyncio.run(sweep_disconnects(app, request, **options))
    except EndpointFaults as exc:
        return exc.sweep


def kinds(sweep: Sweep) -> set[str]:
    return {finding.fault.kind for finding in sweep.findings}


def routed(response: Any) -> Router:
    async def endpoint(request: Request) -> Any:
        return response()

    return Router([Route("/", endpoint)])


@pytest.mark.parametrize("spec", ["2.3", "2.4"])
@pytest.mark.parametrize("number", range(1, 6))
def test_starlette_leaves_its_body_open_at_each_of_five_chunks(spec: str, number: int) -> None:
    """Its own response leaves the generator open; the class of the example closes it."""
    step = f"{spec}-leaves-during-send-{number + 1}"
    found = swept(routed(lambda: StreamingResponse(rows())), step=step)
    assert kinds(found) <= {"open stream"}
    assert "rows" in found.findings[0].fault.message
    assert swept(routed(lambda: ClosingResponse(rows())), step=step).findings == []


def test_the_class_of_the_example_mends_every_step() -> None:
    """Direct, and around the nested form with its source closed."""
    for body in (rows, lines):
        clean = swept(routed(lambda body=body: ClosingResponse(body())))
        assert clean.findings == []
        assert len(clean.visits) == 66


def test_fastapi_inherits_the_response() -> None:
    """Its StreamingResponse is starlette's, and the class of the example works there."""
    app = FastAPI()

    @app.get("/open")
    async def opened() -> StreamingResponse:
        return StreamingResponse(rows())

    @app.get("/closed")
    async def closed() -> ClosingResponse:
        return ClosingResponse(rows())

    assert kinds(swept(app, "GET /open")) <= {"open stream"}
    assert swept(app, "GET /open").findings
    assert swept(app, "GET /closed").findings == []


def test_litestar_leaves_its_stream_open() -> None:
    """Its Stream does not close what it streams."""
    litestar = pytest.importorskip("litestar")

    @litestar.get("/")  # type: ignore[untyped-decorator]
    async def stream() -> Any:
        from litestar.response import Stream

        return Stream(rows())

    stream.fn.__annotations__["return"] = litestar.response.Stream
    found = swept(litestar.Litestar([stream]))
    assert kinds(found) <= {"open stream"}
    assert found.findings


# Django does not close the request's body when its task is cancelled: a ResourceWarning.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_django_runs_on_asyncios_own_loop() -> None:
    """Its handler uses threads; a page is clean, a stream is left open."""
    pytest.importorskip("django")
    from tests.endpoints.djangoapp import app

    page = swept(app, "GET /page", step="2.3-leaves-during-send-1")
    assert page.findings == []
    assert "asyncio's own loop" in page.loop
    for path in ("/stream", "/nested", "/closing"):
        found = swept(app, f"GET {path}", step="2.3-leaves-during-send-3")
        assert kinds(found) <= {"open stream"}
        assert found.findings
    gc.collect()


def test_an_application_with_threads_is_refused_by_the_simulated_loop_in_one_line() -> None:
    """It names what was asked for and the way out; on asyncio's own loop the answer is clean."""

    def plain(request: Request) -> JSONResponse:
        return JSONResponse({})

    app = Router([Route("/", plain)])
    refused = swept(app, loop="sim")
    (finding,) = refused.findings
    assert finding.fault.kind == "threads"
    assert "loop='stock'" in finding.fault.message
    clean = swept(app)
    assert clean.findings == []
    assert "asyncio's own loop" in clean.loop
    assert clean.answer is not None
    assert clean.answer.status == 200


def test_too_little_time_says_what_would_help() -> None:
    """An endpoint that is a plain function runs in a thread, and its stream sleeps in real time."""

    async def slow() -> Any:
        for number in range(5):
            yield str(number)
            await asyncio.sleep(1)

    def endpoint(request: Request) -> StreamingResponse:
        return StreamingResponse(slow())

    with pytest.raises(EndpointFaults, match="--stream-seconds") as raised:
        asyncio.run(sweep_disconnects(Router([Route("/", endpoint)]), "GET /", seconds=0.1))
    assert kinds(raised.value.sweep) == {"time is up"}


def test_the_page_of_an_error_is_looked_at_where_it_is_asked_for() -> None:
    """Starlette answers 500 and raises all the same; with `status` that is what was wanted."""

    async def fails(request: Request) -> JSONResponse:
        raise ValueError("no such row")

    app = Starlette(routes=[Route("/", fails)])
    assert kinds(swept(app)) == {"raises", "wrong status"}
    assert swept(app, {"path": "/", "status": 500}).findings == []
