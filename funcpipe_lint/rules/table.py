"""Where each rule lives and is on. Written by `make docs` from the classes of the rules."""

from funcpipe_lint.model import RuleEntry, Scope

RULES: dict[str, RuleEntry] = {
    "FP101": RuleEntry("fp101_materialised_stream", Scope.RESULT),
    "FP102": RuleEntry("fp102_materialised_then_replayed", Scope.DEFAULT, strict_elsewhere=True),
    "FP103": RuleEntry("fp103_materialised_or_driven_outside_shell", Scope.STRICT),
    "FP201": RuleEntry("fp201_raw_yield", Scope.RESULT),
    "FP202": RuleEntry("fp202_raise_in_result_stream", Scope.RESULT),
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
    "FP401": RuleEntry("fp401_effect_at_construction", Scope.RESULT, strict_elsewhere=True),
    "FP402": RuleEntry("fp402_one_shot_description", Scope.RESULT, strict_elsewhere=True),
    "FP403": RuleEntry("fp403_shared_mutable_state", Scope.RESULT, strict_elsewhere=True),
    "FP404": RuleEntry("fp404_late_binding", Scope.RESULT, strict_elsewhere=True),
    "FP405": RuleEntry("fp405_awaited_builder", Scope.STRICT, strict_elsewhere=True),
    "FP501": RuleEntry("fp501_unbounded_queue", Scope.RESULT, strict_elsewhere=True),
    "FP502": RuleEntry("fp502_unbounded_fan_out", Scope.RESULT, strict_elsewhere=True),
    "FP503": RuleEntry("fp503_blocking_in_stream", Scope.STRICT),
    "FP504": RuleEntry("fp504_orphan_task", Scope.DEFAULT),
    "FP601": RuleEntry("fp601_description_iterated", Scope.RESULT),
    "FP602": RuleEntry("fp602_stream_discarded", Scope.DEFAULT),
    "FP603": RuleEntry("fp603_unclosable_annotation", Scope.STRICT),
}
