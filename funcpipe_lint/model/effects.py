"""Names of what acts on the world, and of what changes a container."""

from __future__ import annotations

EFFECTS = (
    *(f"builtins.{word}" for word in ("open", "print", "input", "next", "anext")),
    *(
        "io.open",
        "gzip.open",
        "bz2.open",
        "lzma.open",
        "os.scandir",
        "os.listdir",
        "tempfile.mkdtemp",
    ),
    *(f"tempfile.{word}" for word in ("TemporaryFile", "NamedTemporaryFile", "TemporaryDirectory")),
    *(f"asyncio.{word}" for word in ("create_task", "ensure_future", "run")),
    *(f"subprocess.{word}" for word in ("run", "call", "check_call", "check_output", "Popen")),
    *(
        f"{library}.{verb}"
        for library in ("requests", "httpx", "httpx2")
        for verb in (
            "get",
            "post",
            "put",
            "patch",
            "delete",
            "head",
            "options",
            "request",
            "stream",
        )
    ),
    "urllib.request.urlopen",
    "socket.socket",
    "socket.create_connection",
    *(
        f"time.{word}"
        for word in ("time", "time_ns", "monotonic", "monotonic_ns", "perf_counter", "sleep")
    ),
    *(
        f"random.{word}"
        for word in [
            "random",
            "randint",
            "randrange",
            "choice",
            "choices",
            "shuffle",
            "sample",
            "uniform",
            "gauss",
            "getrandbits",
            "randbytes",
            "triangular",
            "seed",
        ]
    ),
    *(f"secrets.{word}" for word in ("token_hex", "token_bytes", "token_urlsafe", "choice")),
    "uuid.uuid1",
    "uuid.uuid4",
    *(f"datetime.datetime.{word}" for word in ("now", "utcnow", "today")),
    "datetime.date.today",
)
ACTING = frozenset({"execute", "post", "send", "commit", "connect"})
ACTING |= {"open", "read_text", "read_bytes", "write_text", "write_bytes", "unlink", "mkdir"}
# `match.start()` is a value; a statement `worker.start()` is an effect.
STARTING = frozenset({"start"})
# What can be gone through once.
ONE_SHOT = (
    *(
        f"builtins.{word}"
        for word in ("iter", "aiter", "map", "filter", "zip", "enumerate", "reversed", "open")
    ),
    *("io.open", "gzip.open", "bz2.open", "lzma.open", "csv.reader", "csv.DictReader"),
    *("os.scandir", "glob.iglob", "re.finditer"),
    *(
        f"itertools.{word}"
        for word in (
            "chain",
            "islice",
            "takewhile",
            "dropwhile",
            "starmap",
            "accumulate",
            "batched",
        )
    ),
)
# Methods that only containers have, and those whose meaning depends on the type.
FILLING = frozenset(
    ("append", "appendleft", "extend", "extendleft", "popleft", "popitem", "setdefault")
)
FILLING_CONTAINERS = frozenset(
    ("add", "update", "pop", "remove", "discard", "insert", "clear", "sort", "reverse")
)
