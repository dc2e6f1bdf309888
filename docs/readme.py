"""The pictures in README.md: real output of the commands, between the markers that name them."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from funcpipe_laws import discover
from funcpipe_laws.catalogue import laws
from funcpipe_laws.report import text
from funcpipe_laws.search import check_law

ROOT = Path(__file__).parent.parent


def finding() -> str:
    """The first finding of FP303 in the naive example."""
    command = ["check", "--select", "FP303", "--quiet", "examples/orders_naive.py"]
    answer = subprocess.run(
        [sys.executable, "-m", "funcpipe_lint", *command],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    return f"```text\n$ funcpipe-lint check examples/orders_naive.py\n{answer.stdout.strip()}\n```"


def broken_law() -> str:
    """S14 on the naive streams."""
    target = "examples.naive_streams"
    [law] = [law for law in laws() if law.id == "S14"]
    [found] = discover.resolve(target)
    verdict = check_law(law, found.instance)
    shown = text.failure(verdict, target=target, width=100)
    # Relative paths: what is drawn must not depend on where the checkout lies.
    shown = shown.replace(f"{ROOT}/", "")
    plain = "\n".join(line.rstrip() for line in shown.splitlines())
    return f"```text\n$ pytest --laws {target}\n{plain}\n```"


def instance() -> str:
    """The example of an instance, whole."""
    return f"```python\n{(ROOT / 'examples' / 'test_own_names.py').read_text().strip()}\n```"


PICTURES: dict[str, Callable[[], str]] = {
    "finding": finding,
    "law": broken_law,
    "instance": instance,
}


def readme(current: str) -> str:
    """README.md with every picture drawn anew."""
    for name, picture in PICTURES.items():
        pattern = rf"(<!-- {name}: [^\n]*-->\n).*?(<!-- end -->)"
        places = list(re.finditer(pattern, current, flags=re.DOTALL))
        if len(places) != 1:
            raise SystemExit(f"README.md: expected one picture named {name!r}, not {len(places)}")
        [place] = places
        drawn = f"{place[1]}{picture()}\n{place[2]}"
        current = current[: place.start()] + drawn + current[place.end() :]
    return current
