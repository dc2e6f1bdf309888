"""What a test, or a service, leaves behind: streams left open, tasks left running, errors lost.

`reading` tells from a generator's bytecode what it has still to do, `hooking` hears of generators,
tasks and coroutines, `watch` judges, `reporting` tells; `plugin` is `pytest --stream-leaks`, `live`
the same for programs. Nothing of this loads until it is asked for.
"""
