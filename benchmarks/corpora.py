"""The published packages that the linter's speed is measured on, fetched once below a folder."""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Sequence
from pathlib import Path
from zlib import crc32

# What the linter was made faster on: about 20,000 files, of which some 870 hold streams.
PACKAGES = (
    *("aiohttp", "aioreactive", "aiostream", "anthropic", "anyio", "asyncstdlib", "dask"),
    *("distributed", "fastapi", "faust-streaming", "google-genai", "haystack-ai", "httpx"),
    *("langchain-core", "langgraph", "litellm", "llama-index-core", "mcp", "openai"),
    *("pydantic-ai-slim", "redis", "starlette", "streamable", "trio"),
)
# Needs a later Python than the others: its files are only read.
LATER = ("homeassistant", "3.14")
# Packages, with versions, whose files nobody looked at while it was made faster.
LISTED = Path(__file__).with_name("corpora.txt")
DRAWN = 3
# A corpus is drawn of so many packages.
_EACH = 11


def fetched(cache: Path) -> Path:
    """The corpus that the linter was made faster on, unpacked below a folder."""
    later, version = LATER
    wanted = [(PACKAGES, []), ((later,), ["--python-version", version])]
    return _unpacked(cache / "corpus", wanted)


def drawn(cache: Path, seed: int) -> dict[str, Path]:
    """Three corpora of the packages that are listed and have not been looked at, unpacked below a
    folder. Another seed draws others; no package is in two of them."""
    lines = LISTED.read_text(encoding="utf-8").splitlines()
    listed = [line for line in lines if line and "#" not in line]
    random.Random(seed).shuffle(listed)
    chosen = [listed[place * _EACH : (place + 1) * _EACH] for place in range(DRAWN)]
    return {
        f"drawn {place}": _unpacked(cache / f"drawn-{_digest(names)}", [(names, [])])
        for place, names in enumerate(chosen, 1)
    }


def _digest(names: Sequence[str]) -> str:
    return f"{crc32(' '.join(names).encode()):08x}"


def _unpacked(folder: Path, wanted: Sequence[tuple[Sequence[str], Sequence[str]]]) -> Path:
    """The Python files of packages, given with what pip needs for them."""
    if (folder / ".complete").exists():
        return folder
    wheels = folder.with_name(f"{folder.name}-wheels")
    download = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
    download += ["--disable-pip-version-check", "--only-binary=:all:", "--dest", str(wheels)]
    for names, options in wanted:
        subprocess.run([*download, *options, *names], check=True)
    for wheel in wheels.glob("*.whl"):
        with zipfile.ZipFile(wheel) as archive:
            sources = [member for member in archive.namelist() if member.endswith(".py")]
            archive.extractall(folder, sources)
    shutil.rmtree(wheels)
    (folder / ".complete").touch()
    return folder
