"""Executors on other machines, by what `--executor` names: `dask:HOST:PORT`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from typing import TYPE_CHECKING

from funcpipe_lint import __version__
from funcpipe_lint.model import ConfigError

if TYPE_CHECKING:
    from distributed import Client

_CONNECT_SECONDS = 10
_WORKER_SECONDS = 30


@contextmanager
def connected(name: str) -> Iterator[Executor]:
    """The executor of a name, closed at the end; raises ConfigError where it cannot be used."""
    kind, _, address = name.partition(":")
    if kind != "dask" or not address.rpartition(":")[2].isdigit():
        raise ConfigError(f"--executor {name}: write dask:HOST:PORT, as in dask:10.0.0.5:8786")
    try:
        from distributed import Client
    except ImportError:
        raise ConfigError(
            f"--executor {name}: needs distributed: pip install 'funcpipe-kit[dask]'"
        ) from None
    try:
        client = Client(  # type: ignore[no-untyped-call]
            address, timeout=_CONNECT_SECONDS, set_as_default=False
        )
    except (OSError, ValueError, TypeError) as error:
        said = " ".join(str(error).split())
        raise ConfigError(f"--executor {name}: no scheduler answers there: {said}") from None
    with client:
        _compare_releases(client, name)
        yield client.get_executor(pure=False)  # type: ignore[no-untyped-call]


def _compare_releases(client: Client, name: str) -> None:
    """Raises ConfigError unless there is a worker, and each has this release of the linter."""
    try:
        client.wait_for_workers(1, timeout=_WORKER_SECONDS)
    except TimeoutError:
        raise ConfigError(f"--executor {name}: the scheduler has no workers") from None
    for worker, release in client.run(_asking()).items():
        if release != __version__:
            has = f"has funcpipe-kit {release}" if release else "has no funcpipe-kit"
            raise ConfigError(
                f"--executor {name}: the worker {worker} {has}; this is {__version__}"
            )


def _asking() -> Callable[[], str]:
    # A function in a function travels as code: the worker need not know this module.
    def release() -> str:
        from importlib import import_module

        try:
            return str(import_module("funcpipe_lint").__version__)
        except ImportError:
            return ""

    return release
