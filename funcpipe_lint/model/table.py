"""Where each rule lives and is on. Written by `make docs` from the classes of the rules."""

from funcpipe_lint.model import RuleEntry, Scope

RULES: dict[str, RuleEntry] = {
    "FP101": RuleEntry("fp101_materialised_stream", Scope.RESULT, strict_elsewhere=True),
    "FP102": RuleEntry("fp102_materialised_then_replayed", Scope.DEFAULT, strict_elsewhere=True),
    "FP103": RuleEntry("fp103_materialised_or_driven_outside_shell", Scope.STRICT, by_type=True),
    "FP201": RuleEntry("fp201_raw_yield", Scope.RESULT, strict_elsewhere=True),
    "FP202": RuleEntry("fp202_raise_in_result_stream", Scope.RESULT, strict_elsewhere=True),
    "FP203": RuleEntry("fp203_error_short_circuit", Scope.RESULT),
    "FP204": RuleEntry("fp204_dropped_arm", Scope.RESULT),
    "FP205": RuleEntry("fp205_lost_item", Scope.RESULT, strict_elsewhere=True),
    "FP301": RuleEntry("fp301_manual_aclose", Scope.RESULT, strict_elsewhere=True),
    "FP302": RuleEntry("fp302_early_exit_leaves_stream_open", Scope.DEFAULT),
    "FP303": RuleEntry("fp303_source_not_closed", Scope.DEFAULT),
    "FP304": RuleEntry("fp304_resource_across_yield", Scope.RESULT, strict_elsewhere=True),
    "FP305": RuleEntry("fp305_cancel_scope_across_yield", Scope.DEFAULT),
    "FP306": RuleEntry("fp306_yield_while_closing", Scope.DEFAULT),
    "FP307": RuleEntry("fp307_lock_across_yield", Scope.DEFAULT, strict_elsewhere=True),
    "FP308": RuleEntry("fp308_span_across_yield", Scope.STRICT),
    "FP309": RuleEntry(
        "fp309_stream_outlives_manager",
        Scope.STRICT,
        without_streams=(("return",), ("async",), ("iter", "stream")),
    ),
    "FP310": RuleEntry("fp310_client_never_closed", Scope.STRICT),
    "FP311": RuleEntry("fp311_cleanup_not_in_finally", Scope.STRICT),
    "FP312": RuleEntry("fp312_token_across_yield", Scope.STRICT),
    "FP313": RuleEntry("fp313_given_stream_left_open", Scope.STRICT),
    "FP314": RuleEntry(
        "fp314_iterator_without_aclose", Scope.STRICT, without_streams=(("__anext__",), ("class",))
    ),
    "FP315": RuleEntry("fp315_response_leaves_stream_open", Scope.STRICT),
    "FP316": RuleEntry(
        "fp316_bridge_left_open", Scope.STRICT, without_streams=(("run_until_complete",), ("next",))
    ),
    "FP401": RuleEntry("fp401_effect_at_construction", Scope.RESULT, strict_elsewhere=True),
    "FP402": RuleEntry("fp402_one_shot_description", Scope.RESULT, strict_elsewhere=True),
    "FP403": RuleEntry("fp403_shared_mutable_state", Scope.RESULT, strict_elsewhere=True),
    "FP404": RuleEntry("fp404_late_binding", Scope.RESULT, strict_elsewhere=True),
    "FP405": RuleEntry("fp405_awaited_builder", Scope.STRICT, strict_elsewhere=True, by_type=True),
    "FP501": RuleEntry("fp501_unbounded_queue", Scope.RESULT, strict_elsewhere=True),
    "FP502": RuleEntry("fp502_unbounded_fan_out", Scope.RESULT, strict_elsewhere=True),
    "FP503": RuleEntry("fp503_blocking_in_stream", Scope.STRICT),
    "FP504": RuleEntry("fp504_orphan_task", Scope.DEFAULT),
    "FP505": RuleEntry(
        "fp505_cancelled_pull", Scope.STRICT, without_streams=(("next",), ("TimeoutError",))
    ),
    "FP506": RuleEntry(
        "fp506_pull_left_behind",
        Scope.STRICT,
        without_streams=(("next",), ("create_task", "ensure_future")),
    ),
    "FP507": RuleEntry("fp507_lost_producer_error", Scope.STRICT),
    "FP508": RuleEntry("fp508_shared_stream", Scope.STRICT),
    "FP509": RuleEntry(
        "fp509_lost_end_mark", Scope.STRICT, without_streams=(("put_nowait",), ("get",))
    ),
    "FP510": RuleEntry("fp510_unstoppable_thread", Scope.STRICT),
    "FP511": RuleEntry("fp511_close_waits_for_task", Scope.STRICT),
    "FP601": RuleEntry("fp601_description_iterated", Scope.RESULT),
    "FP602": RuleEntry("fp602_stream_discarded", Scope.DEFAULT, by_type=True),
    "FP603": RuleEntry("fp603_unclosable_annotation", Scope.STRICT),
    "FP701": RuleEntry(
        "fp701_stop_iteration_raised",
        Scope.DEFAULT,
        without_streams=(("StopIteration",), ("async",)),
    ),
    "FP702": RuleEntry("fp702_generator_exit_ignored", Scope.DEFAULT),
    "FP703": RuleEntry(
        "fp703_next_in_a_thread",
        Scope.DEFAULT,
        without_streams=(
            ("next",),
            ("to_thread", "run_in_threadpool", "run_in_executor", "run_sync"),
        ),
    ),
    "FP704": RuleEntry("fp704_decorated_stream", Scope.DEFAULT),
    "FP705": RuleEntry("fp705_wrong_loop", Scope.DEFAULT),
    "FP706": RuleEntry("fp706_bare_pull", Scope.STRICT),
    "FP707": RuleEntry("fp707_repeated_items", Scope.STRICT),
}
