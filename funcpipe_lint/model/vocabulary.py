"""Names that rules, and the screens before them, know: cancel scopes, locks, what starts a task."""

from __future__ import annotations

import re

SCOPES = (
    "asyncio.timeout",
    "asyncio.timeout_at",
    "asyncio.TaskGroup",
    "async_timeout.timeout",
    "async_timeout.timeout_at",
    *(
        f"{library}.{word}"
        for library in ("anyio", "trio")
        for word in ("CancelScope", "move_on_after", "move_on_at", "fail_after", "fail_at")
    ),
    "anyio.create_task_group",
    "trio.open_nursery",
)
# What enters other managers, and by what.
EXIT_STACKS = ("contextlib.AsyncExitStack", "contextlib.ExitStack")
STACK_ENTERS = frozenset({"enter_async_context", "enter_context"})
# Loops over attempts, each of which is entered by `with`.
RETRYING = ("tenacity.Retrying", "tenacity.AsyncRetrying")
# Async managers that hold nothing.
HARMLESS_MANAGERS = ("contextlib.nullcontext", "contextlib.suppress")
SPAWNERS = ("asyncio.create_task", "asyncio.ensure_future")
QUEUES = ("asyncio.Queue", "asyncio.LifoQueue", "asyncio.PriorityQueue")
CHANNELS = ("anyio.create_memory_object_stream", "trio.open_memory_channel")
# What puts an item into a local container, which holds it from then on.
FILLS = frozenset({"add", "append", "appendleft", "extend", "insert", "setdefault", "update"})
# What puts an item into one.
FEEDS = frozenset({"put", "put_nowait", "send", "send_nowait"})
# Parts of the names of what makes a tracing span, or variables, current.
SPAN_WORDS = ("span", "observation", "bound_contextvars", "tracer", "isolation_scope", "new_scope")
SPAN_NAMES = (
    *("start_as_current_span", "start_as_current_observation", "use_span", "as_current_span"),
    "bound_contextvars",
)
# Whatever they are called here: what they set lasts until the `with` is left.
KNOWN_SPANS = ("logfire.span", "sentry_sdk.isolation_scope", "sentry_sdk.new_scope")
SPANS = re.compile(rf"{'|'.join(SPAN_NAMES)}|trace_\w*span")
# Sync managers that hold a resource.
OPENERS = ("builtins.open", "io.open", "socket.socket", "socket.create_connection")
OPENING_METHODS = frozenset({"open", "connect", "socket"})
# Managers that hold no resource, by whatever way the name came here.
CLOSING_WORDS = frozenset({"aclosing", "closing", "closing_stream", "scope"})
# What closes something, by its name; to tell of a closing (`record_connection_closed`) is none.
CLOSES = re.compile(
    r"(?!_*(?:record|log|report|notify|emit|publish|track|count|mark|on)_(?:\w*_)?closed$)\w*close"
)
# What a class has that can be closed, or may have.
CLOSERS = ("aclose", "close", "__aexit__", "__getattr__", "__getattribute__")
# Functions that wait without an event loop, and methods that are named so in plain code.
BLOCKING = (
    *("time.sleep", "builtins.input", "urllib.request.urlopen", "socket.create_connection"),
    *(f"subprocess.{word}" for word in ("run", "call", "check_call", "check_output")),
    *(f"requests.{word}" for word in ("get", "post", "put", "patch", "delete", "request")),
    *(
        f"{library}.{word}"
        for library in ("httpx", "httpx2")
        for word in ("get", "post", "request", "stream")
    ),
)
BLOCKING_METHODS = frozenset(
    {"recv", "recv_bytes", "recv_string", "recv_pyobj", "recv_json", "recvfrom", "iter_content"}
)
# Clients whose connections stay open until somebody closes them.
CLIENTS = (
    *(
        "httpx.AsyncClient",
        "httpx2.AsyncClient",
        "aiohttp.ClientSession",
        "openai.AsyncOpenAI",
        "openai.AsyncAzureOpenAI",
    ),
    *("anthropic.AsyncAnthropic", "groq.AsyncGroq", "ollama.AsyncClient", "mistralai.Mistral"),
)
# Responses that go through a stream and leave it open when the client leaves.
RESPONSES = (
    *("starlette.responses.StreamingResponse", "fastapi.responses.StreamingResponse"),
    *("sse_starlette.sse.EventSourceResponse", "sse_starlette.EventSourceResponse"),
)
# What starts several tasks at once.
STARTERS = ("asyncio.gather",)
# What runs a function in a thread and does not wait for it.
DETACHED = ("threading.Thread", "asyncio.to_thread")
# Parts of the names of what runs a function in a thread.
THREADS = ("to_thread", "run_in_threadpool", "run_in_executor", "run_sync")
# Decorators that retry or cache what they decorate, each under its import.
RETRIES = ("tenacity.retry", "backoff.on_exception", "backoff.on_predicate", "retrying.retry")
CACHES = (
    *("functools.cache", "functools.lru_cache", "functools.cached_property"),
    *("cachetools.cached", "cachetools.cachedmethod"),
    *("async_lru.alru_cache", "aiocache.cached"),
)
REPEATING = frozenset(name.rpartition(".")[2] for name in (*RETRIES, *CACHES))
# Builtins that return what `async for` cannot go through.
PLAIN_ITERABLES = (
    *("range", "enumerate", "zip", "map", "filter", "reversed", "sorted", "list", "tuple", "set"),
    *("dict", "frozenset", "iter"),
)
# What waits for room, or for a task.
BOUNDS = re.compile("acquire|wait|gather|join|as_completed|limit|throttle|reserve|sleep")
# One task for each of these is a server's shape, not a stream's.
PEERS = re.compile("conn|client|peer|sock|source|listener|server|session|worker")
# What an event loop is called where nothing else tells.
LOOP_NAMES = frozenset({"loop", "_loop", "event_loop"})
# What catches the GeneratorExit that closing a stream throws into it.
CLOSING = ("builtins.GeneratorExit", "builtins.BaseException")
# The word has to begin: "clock" and "block" end in "lock" as well.
LOCK_WORDS = tuple(
    form
    for word in ("lock", "mutex", "semaphore", "condition", "limiter")
    for form in (word, word.capitalize(), word.upper())
)
LOCK = re.compile(rf"(?:^|_|(?<=[a-z0-9])(?=[A-Z]))(?:{'|'.join(LOCK_WORDS)})$")
# Words in the name of a decorator that makes something else of a generator.
TRANSFORMING = ("contextmanager", "context_manager", "fixture", "channel", "property", "hookimpl")
# Decorators of frameworks that drive a generator as a context manager.
DRIVERS = ("trio_util.trio_async_generator", "dishka.provide", "dishka.Provider.provide")
# What takes the function that gives a parameter: a generator is driven as a context manager.
DEPENDENCIES = ("fastapi.Depends", "fastapi.Security", "fast_depends.Depends")
# Decorators that hand the function on as it is.
TRANSPARENT = frozenset(
    [
        "staticmethod",
        "classmethod",
        "abstractmethod",
        "override",
        "final",
        "wraps",
        "deprecated",
        "no_type_check",
    ]
)
STREAM_TYPES = ("AsyncIterator", "AsyncGenerator", "AsyncIterable")
# Of what is annotated as one of these, an argument is the type.
UNIONS = frozenset({"Union", "Optional", "Annotated", "Final", "ClassVar"})
UNCLOSABLE = frozenset({"AsyncIterator", "AsyncIterable"})
# Parts of the names of all types of streams, sync ones too.
SYNC_TYPES = ("Iterator", "Generator", "Iterable")


def is_transforming(decorator: str) -> bool:
    """Whether a decorator of that name makes something else than a stream of a generator."""
    lower = decorator.lower()
    return any(word in lower for word in TRANSFORMING)


def last_words(dotted: tuple[str, ...]) -> tuple[str, ...]:
    """The last word of each dotted name."""
    return tuple(name.rpartition(".")[2] for name in dotted)
