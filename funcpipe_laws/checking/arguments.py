"""The options of `python -m funcpipe_laws`, and their help."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from funcpipe_laws.declared.profile import PROFILES, named

_PROG = "python -m funcpipe_laws"
_INSTANCES = f"""\
A module needs no preparation: its operations are found by name (async_gen_map,
async_gen_and_then, ...). For other names write an instance:

    from funcpipe_laws import StreamInstance
    MINE = StreamInstance(name="mine", map=my_map, bind=my_flat_map)

    {_PROG} check package.module:MINE
"""
_EXAMPLES = f"""\
examples:
  {_PROG} check shop.streams
  {_PROG} check shop.streams --law functor
  {_PROG} check shop.streams --profile ci --report laws.html
"""
_EXIT_CODES = """\
exit codes:
  0  every law that was checked holds
  1  a law is broken, or an operation that was required was not checked
  2  a module cannot be imported, or the command line or the configuration is
     wrong
"""


def parser() -> argparse.ArgumentParser:
    """The parser of all commands; `command` is the name of the one that was given."""
    top = argparse.ArgumentParser(
        prog=_PROG,
        description="Check the laws of async streams on a library's operations.",
        epilog=f"{_INSTANCES}\n{_EXAMPLES}\n{_EXIT_CODES}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = top.add_subparsers(required=True, metavar="COMMAND", dest="command")
    _check(commands)
    _replay(commands)
    _init(commands)
    _list(commands)
    return top


def _added(commands: Any, name: str, what: str, description: str, epilog: str) -> Any:
    return commands.add_parser(
        name,
        help=what,
        description=description,
        epilog=epilog,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )


def _check(commands: Any) -> None:
    check = _added(
        commands,
        "check",
        "check all laws on modules and print a table",
        "Check all laws on the operations of modules, and print a table and the minimal\n"
        "counterexample of each law that is broken.",
        f"{_EXAMPLES}\n{_EXIT_CODES}",
    )
    check.add_argument(
        "targets",
        nargs="*",
        metavar="MODULE[:INSTANCE]",
        help="default: modules of [tool.funcpipe-laws] in pyproject.toml",
    )
    check.add_argument(
        "--law",
        action="append",
        default=[],
        metavar="ID",
        help="only this law, by id or slug, or this family (functor, resources, ...); repeatable",
    )
    check.add_argument(
        "--profile", type=named, metavar=f"{{{','.join(PROFILES)}}}", help="how much to try"
    )
    check.add_argument(
        "--known-failures",
        type=Path,
        metavar="FILE",
        help="laws known not to hold, one `target law reason` a line; each must fail",
    )
    check.add_argument(
        "--strict",
        action=argparse.BooleanOptionalAction,
        help="fail for every function that looks like one on streams and was not checked;"
        " the default with --profile ci",
    )
    check.add_argument(
        "--require",
        metavar="NAMES",
        default="",
        help="fail unless these operations, such as map,merge, were found",
    )
    check.add_argument(
        "--report",
        action="append",
        default=[],
        type=Path,
        metavar="FILE",
        help="also write a .json, .md or .html file; repeatable",
    )


def _replay(commands: Any) -> None:
    replay = _added(
        commands,
        "replay",
        "show one counterexample again",
        "Run one counterexample again and show it step by step. A failure prints the\n"
        "whole command.",
        "exit codes:\n  0  the law holds for these inputs now\n  1  it is broken\n"
        "  2  the module or the law is not known, or the inputs cannot be read\n",
    )
    replay.add_argument("target", metavar="MODULE[:INSTANCE]", help="whose operation it is")
    replay.add_argument("law", metavar="LAW", help="a law's id, such as S14")
    replay.add_argument("inputs", metavar="INPUTS", help="as a failure printed them")
    replay.add_argument(
        "--schedule",
        default="[]",
        metavar="'[0, 1, ...]'",
        help="which of the tasks that are ready runs next, each time; as a failure printed it",
    )
    replay.add_argument(
        "--stock", action="store_true", help="run on asyncio's own event loop, not on the simulated"
    )


def _init(commands: Any) -> None:
    init = _added(
        commands,
        "init",
        "print or write a test file that names all operations",
        "Print a test file that names all operations of a module, or write it.",
        f"examples:\n  {_PROG} init shop.streams\n"
        f"  {_PROG} init shop.streams tests/test_laws.py\n\n"
        "exit codes:\n  0  it was printed or written\n"
        "  2  the module has no operation, or the file cannot be written\n",
    )
    init.add_argument("target", metavar="MODULE", help="whose operations are named")
    init.add_argument("file", metavar="FILE", nargs="?", type=Path, help="write it here")


def _list(commands: Any) -> None:
    _added(
        commands,
        "list",
        "list the laws",
        "List all laws: id, name, and what each says.",
        "exit codes:\n  0  they were printed\n",
    )
