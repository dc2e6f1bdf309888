"""The screen of each rule. Written by `make docs` from the classes of the rules."""

from funcpipe_lint.screen import Screen, Shape

SCREENS: dict[str, Screen] = {
    "FP101": Screen((Shape.ASYNC_COMPREHENSION, Shape.ASYNC_FOR, Shape.RESULT_WORDS)),
    "FP102": Screen((Shape.REPLAY,), elsewhere=(Shape.REPLAY_LOOP,)),
    "FP103": Screen(
        (Shape.ASYNC_FOR, Shape.ASYNC_COMPREHENSION, Shape.COLLECTION), requires="shell"
    ),
    "FP201": Screen((Shape.ASYNC_GENERATOR, Shape.GENERATOR)),
    "FP202": Screen(
        (Shape.ASYNC_GENERATOR | Shape.RESULT_WORDS, Shape.GENERATOR | Shape.RESULT_WORDS),
        words=("raise",),
    ),
    "FP203": Screen(
        (Shape.ASYNC_GENERATOR | Shape.RESULT_WORDS, Shape.GENERATOR | Shape.RESULT_WORDS)
    ),
    "FP204": Screen((Shape.RESULT_WORDS,)),
    "FP205": Screen(
        (Shape.ASYNC_GENERATOR | Shape.RESULT_WORDS, Shape.GENERATOR | Shape.RESULT_WORDS),
        words=("except",),
        elsewhere=(Shape.ASYNC_GENERATOR | Shape.SWALLOWED,),
    ),
    "FP301": Screen((Shape.HAND_CLOSED,), words=("aclose",)),
    "FP302": Screen((Shape.CALL_LEFT | Shape.RESULT_WORDS, Shape.CALL_PULLED | Shape.RESULT_WORDS)),
    "FP303": Screen((Shape.CALL_YIELD | Shape.RESULT_WORDS,)),
    "FP304": Screen((Shape.RESOURCE_YIELD,)),
    "FP305": Screen(
        (Shape.SCOPE_YIELD,),
        words=(
            "timeout",
            "timeout_at",
            "TaskGroup",
            "timeout",
            "timeout_at",
            "CancelScope",
            "move_on_after",
            "move_on_at",
            "fail_after",
            "fail_at",
            "CancelScope",
            "move_on_after",
            "move_on_at",
            "fail_after",
            "fail_at",
            "create_task_group",
            "open_nursery",
        ),
    ),
    "FP306": Screen((Shape.CLOSING_YIELD,)),
    "FP307": Screen(
        (Shape.LOCK_YIELD,),
        words=(
            "lock",
            "Lock",
            "LOCK",
            "mutex",
            "Mutex",
            "MUTEX",
            "semaphore",
            "Semaphore",
            "SEMAPHORE",
            "condition",
            "Condition",
            "CONDITION",
            "limiter",
            "Limiter",
            "LIMITER",
        ),
    ),
    "FP308": Screen(
        (Shape.SPAN_YIELD,),
        words=("span", "observation", "bound_contextvars", "tracer"),
        setting="spans",
    ),
    "FP401": Screen((Shape.BUILDER_ACTS,)),
    "FP402": Screen((Shape.BUILDER_ONE_SHOT,)),
    "FP403": Screen((Shape.BUILDER_SHARES,)),
    "FP404": Screen((Shape.LATE_BINDING,)),
    "FP405": Screen(
        (Shape.AWAITED_STREAM,), words=("AsyncIterator", "AsyncGenerator", "AsyncIterable")
    ),
    "FP501": Screen(
        (Shape.QUEUE,),
        words=(
            "Queue",
            "LifoQueue",
            "PriorityQueue",
            "create_memory_object_stream",
            "open_memory_channel",
        ),
        setting="queues",
    ),
    "FP502": Screen((Shape.FAN_OUT,)),
    "FP503": Screen((Shape.TWIN_LOOP,)),
    "FP504": Screen((Shape.SPAWN,)),
    "FP601": Screen((Shape.RESULT_WORDS,)),
    "FP602": Screen((Shape.DISCARDED_CALL,)),
    "FP603": Screen((Shape.UNCLOSABLE,), words=("AsyncIterator", "AsyncIterable")),
    "FP701": Screen((Shape.STOP_RAISED,)),
    "FP702": Screen((Shape.CLOSING_STOPPED,)),
    "FP703": Screen((Shape.NEXT_IN_THREAD,)),
    "FP704": Screen((Shape.DECORATED_STREAM,), words=("tenacity", "backoff", "retrying", "cache")),
    "FP705": Screen((Shape.WRONG_LOOP,)),
}
