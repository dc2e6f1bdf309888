"""The screen of each rule. Written by `make docs` from the classes of the rules."""

from funcpipe_lint.screen.declaration import Named, Screen, Shape, Words

SCREENS: dict[str, Screen] = {
    "FP101": Screen((Shape.RESULT_WORDS,), elsewhere=(Shape.REPLAY, Shape.REPLAY_LOOP)),
    "FP102": Screen((Shape.REPLAY,), elsewhere=(Shape.REPLAY_LOOP,)),
    "FP103": Screen(
        (Shape.ASYNC_FOR, Shape.ASYNC_COMPREHENSION, Words(beside=((Named((), "collectors"),),))),
        requires="shell",
    ),
    "FP201": Screen(
        (Shape.RESULT_WORDS | Shape.ASYNC_GENERATOR, Shape.RESULT_WORDS | Shape.GENERATOR),
        elsewhere=(Shape.SIDE_YIELDED,),
    ),
    "FP202": Screen(
        (Shape.RESULT_WORDS | Shape.ASYNC_GENERATOR, Shape.RESULT_WORDS | Shape.GENERATOR),
        words=("raise",),
        elsewhere=(Shape.SIDE_YIELDED,),
    ),
    "FP203": Screen(
        (Shape.RESULT_WORDS | Shape.ASYNC_GENERATOR, Shape.RESULT_WORDS | Shape.GENERATOR)
    ),
    "FP204": Screen((Shape.RESULT_WORDS,)),
    "FP205": Screen(
        (Shape.RESULT_WORDS | Shape.ASYNC_GENERATOR, Shape.RESULT_WORDS | Shape.GENERATOR),
        words=("except",),
        elsewhere=(Words((("yield",), Named(("asyncio.CancelledError",)))), Shape.SIDE_YIELDED),
    ),
    "FP301": Screen((Words(beside=((("aclose",),),)),)),
    "FP302": Screen((Shape.RESULT_WORDS | Shape.CALL_LEFT, Shape.RESULT_WORDS | Shape.CALL_PULLED)),
    "FP303": Screen((Shape.RESULT_WORDS | Shape.CALL_YIELD,)),
    "FP304": Screen((Words((("yield",), ("with",)), passed_to="using"),)),
    "FP305": Screen(
        (Shape.SCOPE_YIELD,),
        words=(
            "timeout",
            "timeout_at",
            "TaskGroup",
            "CancelScope",
            "move_on_after",
            "move_on_at",
            "fail_after",
            "fail_at",
            "create_task_group",
            "open_nursery",
        ),
    ),
    "FP306": Screen((Shape.CLOSING_YIELD,)),
    "FP307": Screen((Shape.LOCK_YIELD,)),
    "FP308": Screen(
        (Words((("yield",), ("with",)), with_drivers=True),),
        words=(
            "span",
            "observation",
            "bound_contextvars",
            "tracer",
            "isolation_scope",
            "new_scope",
        ),
        setting="spans",
    ),
    "FP309": Screen(
        (
            Words((("async with",), ("return",), ("iter", "stream"))),
            Words((("async with",), ("return",)), beside=((("yield",),),)),
        )
    ),
    "FP310": Screen(
        (
            Words(
                (
                    ("yield",),
                    Named(
                        (
                            "httpx.AsyncClient",
                            "httpx2.AsyncClient",
                            "aiohttp.ClientSession",
                            "openai.AsyncOpenAI",
                            "openai.AsyncAzureOpenAI",
                            "anthropic.AsyncAnthropic",
                            "groq.AsyncGroq",
                            "ollama.AsyncClient",
                            "mistralai.Mistral",
                        ),
                        "clients",
                    ),
                )
            ),
        )
    ),
    "FP311": Screen((Words((("yield",), ("except",), ("raise",))),)),
    "FP312": Screen((Words((("yield",), ("reset", "set")), with_drivers=True),)),
    "FP313": Screen((Words((("async for",), ("yield",)), with_users=True),)),
    "FP314": Screen(
        (
            Words(
                beside=((("__anext__",), ("self",)),),
                members=("aclose", "close", "__aexit__", "__getattr__", "__getattribute__"),
            ),
        )
    ),
    "FP315": Screen(
        (
            Words(
                beside=(
                    (
                        Named(
                            (
                                "starlette.responses.StreamingResponse",
                                "fastapi.responses.StreamingResponse",
                                "sse_starlette.sse.EventSourceResponse",
                                "sse_starlette.EventSourceResponse",
                            ),
                            "responses",
                        ),
                    ),
                )
            ),
        )
    ),
    "FP316": Screen((Words(beside=((("run_until_complete",), ("next",)),)),)),
    "FP401": Screen((Shape.BUILDER,)),
    "FP402": Screen((Shape.BUILDER,)),
    "FP403": Screen((Shape.BUILDER,)),
    "FP404": Screen((Shape.BUILDER,)),
    "FP405": Screen(
        (Words((("-> AsyncIterator",), ("return",))),),
        words=("AsyncIterator", "AsyncGenerator", "AsyncIterable"),
    ),
    "FP501": Screen(
        (
            Words(
                (
                    Named(
                        (
                            "asyncio.Queue",
                            "asyncio.LifoQueue",
                            "asyncio.PriorityQueue",
                            "anyio.create_memory_object_stream",
                            "trio.open_memory_channel",
                        ),
                        "queues",
                    ),
                )
            ),
            Shape.BUILDER,
        ),
        words=(
            "Queue",
            "LifoQueue",
            "PriorityQueue",
            "create_memory_object_stream",
            "open_memory_channel",
        ),
        setting="queues",
    ),
    "FP502": Screen(
        (
            Words(
                beside=(
                    (("async for",),),
                    (
                        Named(
                            (
                                "asyncio.create_task",
                                "asyncio.ensure_future",
                                "a.start_soon",
                                "asyncio.gather",
                            ),
                            "spawners",
                        ),
                    ),
                )
            ),
        )
    ),
    "FP503": Screen((Words((("yield",), ("for",))),)),
    "FP504": Screen((Shape.SPAWN,)),
    "FP505": Screen((Words((Named(("builtins.TimeoutError",)), ("next",), ("except",))),)),
    "FP506": Screen(
        (
            Words(
                (
                    Named(("asyncio.create_task", "asyncio.ensure_future")),
                    ("next",),
                    ("cancel", "wait"),
                )
            ),
        )
    ),
    "FP507": Screen(
        (
            Words(
                (
                    ("yield",),
                    Named(("asyncio.create_task", "asyncio.ensure_future"), "spawners"),
                    ("cancel",),
                )
            ),
        )
    ),
    "FP508": Screen((Shape.STREAM_SHARED,)),
    "FP509": Screen((Words((("put_nowait",), ("get",))),)),
    "FP510": Screen(
        (
            Words(
                (
                    ("yield",),
                    ("threadsafe",),
                    Named(("threading.Thread", "asyncio.to_thread", "a.run_in_executor")),
                )
            ),
        )
    ),
    "FP511": Screen(
        (
            Words(
                (
                    ("yield",),
                    Named(("asyncio.create_task", "asyncio.ensure_future"), "spawners"),
                    ("finally",),
                    ("put", "send"),
                )
            ),
        )
    ),
    "FP601": Screen((Shape.RESULT_WORDS,)),
    "FP602": Screen((Shape.DISCARDED_CALL,)),
    "FP603": Screen((Words((("yield",), ("->",), Named(("AsyncIterable", "AsyncIterator")))),)),
    "FP701": Screen((Shape.STOP_RAISED,)),
    "FP702": Screen((Shape.CLOSING_STOPPED,)),
    "FP703": Screen((Shape.NEXT_IN_THREAD,)),
    "FP704": Screen((Shape.DECORATED_STREAM,), words=("tenacity", "backoff", "retrying", "cache")),
    "FP705": Screen((Shape.WRONG_LOOP,)),
    "FP706": Screen((Words((("yield",), ("next",))),)),
    "FP707": Screen((Words((("async for",), ("yield",), ("except", "with"))),)),
}
