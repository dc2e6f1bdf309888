"""`python -m funcpipe_laws.endpoints.child`: sweeps in a process of their own, see `apart`."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from funcpipe_laws.apart.asking import Answerer, Lost, answer
from funcpipe_laws.declared.instance import NotFound
from funcpipe_laws.endpoints.reporting.record import sweep_record
from funcpipe_laws.endpoints.sweeping import steps
from funcpipe_laws.endpoints.sweeping.request import Request
from funcpipe_laws.endpoints.sweeping.sweep import sweep
from funcpipe_laws.finding.importing import import_named


def question(request: Request, **options: Any) -> dict[str, Any]:
    """A request to be swept, as it travels to the child."""
    fields = asdict(request)
    fields["headers"] = dict(request.headers)
    fields["body"] = request.body.decode("latin-1")
    return {"request": fields, **options}


def prepare(setting: dict[str, Any]) -> Answerer:
    """Import the application; the answerer sweeps one request."""
    target = setting["target"]
    app = application(target)

    def sweeps(asked: dict[str, Any]) -> Any:
        fields = asked["request"]
        fields["body"] = fields["body"].encode("latin-1")
        step = asked["step"]
        made = sweep(
            app,
            Request(**fields),
            step=None if step is None else steps.parse(step),
            loop=asked["loop"],
            seconds=asked["seconds"],
        )
        return sweep_record(made, target)

    return sweeps


def application(target: str) -> Any:
    """What `module:name` or `module:factory()` stands for. Raises `Lost` with the reason."""
    module_name, _, attribute = target.partition(":")
    try:
        module = import_named(module_name, target)
    except NotFound as exc:
        raise Lost(str(exc)) from None
    name = attribute.removesuffix("()") or "app"
    found: Any = module
    for part in name.split("."):
        found = getattr(found, part, None)
    if found is None or not callable(found):
        what = f"has no {name!r}" if found is None else f"{name!r} is not callable"
        raise Lost(f"{module_name} {what}; name the application as module:app or module:make_app()")
    if not attribute.endswith("()"):
        return found
    try:
        return found()
    except (Exception, SystemExit) as exc:
        raise Lost(f"{target} fails: {type(exc).__name__}: {exc}") from None


if __name__ == "__main__":
    answer(prepare)
