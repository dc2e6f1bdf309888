"""What a stranger may put beside the code: configurations, baselines, letters that nobody sees."""

from __future__ import annotations


def deep(opening: str, closing: str, depth: int = 5_000) -> str:
    """One in the other, a value in the innermost."""
    return opening * depth + "1" + closing * depth


def record(count: str) -> str:
    """A baseline with one record."""
    entry = f'{{"code": "FP303", "line": "x", "count": {count}}}'
    return f'{{"version": 1, "violations": {{"leaky.py": [{entry}]}}}}'


# What follows the section's head in a pyproject.toml that cannot be read, whatever table it is in.
CONFIGURATIONS = {
    "deep arrays": f"[tool.other]\nx = {deep('[', ']')}",
    "deep inline tables": f"[tool.other]\nx = {deep('{a = ', '}')}",
    "deep arrays of plugin-settings": f"plugin-settings = {{ x = {deep('[', ']')} }}",
    "a huge integer": f"[tool.other]\nx = {'9' * 5_000}",
    "a key of a million parts": "[tool.other]\n" + "a." * 1_000_000 + "a = 1",
    "many keys of many parts": "[tool.other]\n" + f"{'a.' * 999}b = 1\n" * 99,
    "many keys below a table of many parts": f"[{'a.' * 999}b]\n" + "x = 1\n" * 60_000,
    "no UTF-8": "[tool.other]\nx = '\udcff'",
    "NUL in a path": 'extend = "a\\u0000b"',
    "NUL in another": 'baseline = "a\\u0000b"',
    "a device": 'extend = "/dev/zero"',
    "a value of many lines": 'discipline = """' + "\n" * 10_000 + '"""',
    "3 MB": "#" * 3_000_000,
}

# Files that are named as a baseline and are none.
BASELINES = {
    "deep": deep("[", "]", 100_000),
    "a count without end": record("Infinity"),
    "a count that is none": record("NaN"),
    "a huge count": record("9" * 5_000),
    "a deep version": f'{{"version": {deep("[", "]", 300)}, "violations": {{}}}}',
    "a list": "[]",
    "no UTF-8": '"\udcff"',
    "UTF-32": "\udcff\udcfe\0\0",
}

# What a terminal or a CI service would obey, or nobody would see, and how it is shown.
HIDDEN = {
    "\x1b[2J": r"\x1b[2J",
    "\x07": r"\x07",
    "\x9b31m": r"\x9b31m",
    "\b\b": r"\x08\x08",
    "\x7f": r"\x7f",
    "\u202e": r"\u202e",
    "\u2066": r"\u2066",
    "\u200b": r"\u200b",
    "\u00ad": r"\xad",
    "\u2028": r"\u2028",
    "\x85": r"\x85",
    "\ufeff": r"\ufeff",
    "\u3164": r"\u3164",
    "\ufe0f": r"\ufe0f",
    "\U000e0041": r"\U000e0041",
    "\U000e0100": r"\U000e0100",
    "##[error]": r"\x23#[error]",
    "##vso[task.complete]": r"\x23#vso[task.complete]",
}
