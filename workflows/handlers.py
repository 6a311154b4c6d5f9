"""Job handlers of this room; registered in apps.ready()."""

from jobs.api import every, every_day, register_external, register_pure, set_case_lock
from workflows.basis import FELL
from workflows.commands.acts import seal_done, signature_done, signature_failed
from workflows.commands.basis import basis_fell
from workflows.commands.bringing import unauthorised
from workflows.commands.bulk import FORGET, OPEN_ROW, forget_sheets, open_row
from workflows.commands.codes import CodeHandler
from workflows.commands.deciding import END_DECIDED, LOOK_FOR_DECIDED, end_decided, look_for_decided
from workflows.commands.effects import EFFECT_DONE, effect_done, effect_failed
from workflows.commands.entry_orders import APPLY_ORDER, PLACE, apply_order, place_case
from workflows.commands.expiry import expire, warn
from workflows.commands.forgetting import FORGET_DRAFTS, forget_drafts
from workflows.commands.holidays import RECOUNT, SPREAD_HOLIDAY, recount_clocks, spread_holiday
from workflows.commands.incidents import (
    EVERY,
    LOOK,
    ROUND,
    TELL,
    look_at_case,
    look_for_stalled,
    tell_of_what_stands_still,
)
from workflows.commands.joinders import interim_act, joined_ended, principal_ended
from workflows.commands.lapsed_powers import (
    END_LAPSED,
    FOLLOW_ENDED,
    LOOK_FOR_LAPSED,
    end_one,
    follow_ended,
    look_for_lapsed,
)
from workflows.commands.linked import child_late, not_awaited, open_linked, subcase_ended
from workflows.commands.locking import lock_case
from workflows.commands.outages import CERTIFY, OUTAGE, SPREAD, certify_noted, note_outage, spread_outage
from workflows.commands.outside import ServiceHandler, unanswered
from workflows.commands.reporting import apply_event
from workflows.commands.reviewing import carry_out
from workflows.commands.separation import TELL as TELL_OF_CHALLENGE
from workflows.commands.separation import tell_of_challenge
from workflows.commands.versions import MOVE, move_case
from workflows.commands.waiting import day_came
from workflows.deadlines import TIMER, WARNING
from workflows.joinders import INTERIM, JOINED_ENDED, PRINCIPAL_ENDED
from workflows.needless import NOT_AWAITED
from workflows.reviewing import CARRY_OUT
from workflows.steps.linked import CHILD_ENDED, CHILD_LATE, OPEN_CASE
from workflows.steps.outside import UNANSWERED, UNAUTHORISED
from workflows.steps.waiting import APPLY
from workflows.steps.waiting import TIMER as WAIT_TIMER


def register() -> None:
    """Tell the job table which kinds this room attends and how a case is locked."""
    set_case_lock(lock_case)
    register_pure(TIMER, expire)
    register_pure(WARNING, warn)
    register_pure(SPREAD, spread_outage)
    register_pure(OUTAGE, note_outage, queue="bulk")
    register_pure(CERTIFY, certify_noted, queue="bulk")
    register_pure(SPREAD_HOLIDAY, spread_holiday)
    register_pure(RECOUNT, recount_clocks, queue="bulk")
    register_pure(TELL_OF_CHALLENGE, tell_of_challenge)
    register_pure(WAIT_TIMER, day_came)
    register_pure(APPLY, apply_event)
    _register_between_cases()
    register_pure(OPEN_ROW, open_row, queue="bulk")
    register_pure(FORGET, forget_sheets)
    register_pure(FORGET_DRAFTS, forget_drafts, queue="bulk")
    register_pure(LOOK_FOR_LAPSED, look_for_lapsed, queue="bulk")
    register_pure(FOLLOW_ENDED, follow_ended)
    register_pure(END_LAPSED, end_one)
    register_pure(MOVE, move_case, queue="bulk")
    register_pure(APPLY_ORDER, apply_order)
    register_pure(PLACE, place_case, queue="bulk")
    register_external(ServiceHandler())
    register_external(CodeHandler())
    register_pure(UNANSWERED, unanswered)
    register_pure(UNAUTHORISED, unauthorised)
    register_pure("workflows.signature_done", signature_done)
    register_pure("workflows.signature_failed", signature_failed)
    register_pure("workflows.seal_done", seal_done)
    register_pure("workflows.seal_failed", signature_failed)
    register_pure("workflows.effect_failed", effect_failed)
    register_pure(EFFECT_DONE, effect_done)
    register_pure(LOOK, look_at_case)
    register_pure(ROUND, look_for_stalled)
    every(EVERY, ROUND)
    register_pure(TELL, tell_of_what_stands_still)
    every(EVERY, TELL)
    for kind in (CERTIFY, FORGET, FORGET_DRAFTS, LOOK_FOR_LAPSED, LOOK_FOR_DECIDED):
        every_day(kind)


def _register_between_cases() -> None:
    """What one case tells another, and what ends one that was decided: each under its own lock."""
    register_pure(OPEN_CASE, open_linked)
    register_pure(CHILD_ENDED, subcase_ended)
    register_pure(CHILD_LATE, child_late)
    register_pure(NOT_AWAITED, not_awaited)
    register_pure(PRINCIPAL_ENDED, principal_ended)
    register_pure(JOINED_ENDED, joined_ended)
    register_pure(INTERIM, interim_act)
    register_pure(CARRY_OUT, carry_out)
    register_pure(LOOK_FOR_DECIDED, look_for_decided, queue="bulk")
    register_pure(END_DECIDED, end_decided, queue="bulk")
    register_pure(FELL, basis_fell)
