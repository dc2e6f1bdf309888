"""What a rule's page leads to: the language's own pages, related rules of other linters, and how to
silence one finding."""

from __future__ import annotations

from funcpipe_lint.model.codes import RULES

_PEPS = {
    479: ("Change StopIteration handling inside generators", "pep-0479"),
    525: ("Asynchronous Generators", "pep-0525"),
    533: ("Deterministic cleanup for iterators", "pep-0533"),
    567: ("Context Variables", "pep-0567"),
    789: ("Preventing task-cancellation bugs by limiting yield", "pep-0789"),
}
_PRACTICES = (
    "[Asynchronous generators best practices](https://docs.python.org/3/library/asyncio-dev.html"
    "#asynchronous-generators-best-practices) in Python's documentation"
)
# Rules of other linters, by the codes that users know, and the names that ruff's pages have.
_RUFF = {
    "ASYNC119": "yield-in-context-manager-in-async-generator",
    "ASYNC210": "blocking-http-call-in-async-function",
    "ASYNC251": "blocking-sleep-in-async-function",
    "B023": "function-uses-loop-variable",
    "BLE001": "blind-except",
    "PLR1708": "stop-iteration-return",
    "RUF006": "asyncio-dangling-task",
}
_FLAKE8 = "https://flake8-async.readthedocs.io/en/latest/rules.html"

# The PEPs beside that on asynchronous generators, and the related rules, of each rule.
_PEPS_OF = {
    **dict.fromkeys(("FP301", "FP302", "FP303", "FP313", "FP314", "FP315", "FP316"), (533,)),
    **dict.fromkeys(("FP304", "FP307"), (533,)),
    "FP305": (789,),
    **dict.fromkeys(("FP308", "FP312"), (567,)),
    "FP505": (789,),
    **dict.fromkeys(("FP701", "FP703", "FP706"), (479,)),
}
_RULES_OF = {
    "FP205": ("ruff BLE001", "flake8-async ASYNC103"),
    "FP302": ("flake8-async ASYNC900",),
    "FP303": ("flake8-async ASYNC900",),
    "FP304": ("ruff ASYNC119", "flake8-async ASYNC119"),
    "FP305": ("flake8-async ASYNC101",),
    "FP306": ("flake8-async ASYNC102",),
    "FP307": ("ruff ASYNC119", "flake8-async ASYNC119"),
    "FP308": ("ruff ASYNC119", "flake8-async ASYNC119"),
    "FP404": ("ruff B023",),
    "FP503": ("ruff ASYNC210", "ruff ASYNC251"),
    "FP504": ("ruff RUF006", "flake8-async ASYNC300"),
    "FP701": ("ruff PLR1708",),
    "FP702": ("flake8-async ASYNC103",),
    "FP706": ("ruff PLR1708",),
}


def see_also(code: str) -> str:
    """The last sections of a rule's page; of a team's own rule, how to silence it alone."""
    silencing = (
        "## How to suppress\n"
        f"At the end of the line, with the reason: `# funcpipe: ignore[{code}] why it is right "
        "here`. For whole files: `per-file-ignores` in the configuration."
    )
    if code not in RULES:
        return silencing
    peps = [525, *_PEPS_OF.get(code, ())]
    lines = [f"- {_pep(number)}" for number in peps]
    lines.append(f"- {_PRACTICES}")
    related = ", ".join(_rule(named) for named in _RULES_OF.get(code, ()))
    if related:
        lines.append(f"- Related rules: {related}")
    return "## See also\n" + "\n".join(lines) + f"\n\n{silencing}"


def _pep(number: int) -> str:
    title, page = _PEPS[number]
    return f"[PEP {number}: {title}](https://peps.python.org/{page}/)"


def _rule(named: str) -> str:
    linter, _, code = named.partition(" ")
    page = f"https://docs.astral.sh/ruff/rules/{_RUFF[code]}/" if linter == "ruff" else ""
    return f"{linter} [{code}]({page or f'{_FLAKE8}#{code.lower()}'})"
