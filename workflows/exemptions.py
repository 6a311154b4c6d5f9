"""Exemptions from electronic means: asked for by a case, decided by its act, and ended by the person (DS4 28 to 34)."""

from __future__ import annotations

from django.db.models import Case as ByState
from django.db.models import QuerySet, Value, When

from accounts.models import Person
from procedures.api import Condition, display_value, evaluate
from workflows import reviewing
from workflows.answers import answers_of
from workflows.joinders import outcome_of
from workflows.models import Case, CaseParty, Exemption
from workflows.runtime import Run

DECIDED = {
    Case.Outcome.APPROVED: Exemption.State.GRANTED,
    Case.Outcome.DEEMED_YES: Exemption.State.GRANTED,
    Case.Outcome.REJECTED: Exemption.State.REFUSED,
    Case.Outcome.DEEMED_NO: Exemption.State.REFUSED,
}
"""What the outcome of the case says about what was asked for; any other decides nothing."""
IN_ORDER = (Exemption.State.GRANTED, Exemption.State.ASKED, Exemption.State.REFUSED)
"""Which of several counts: one that rules, else one that waits for its answer, else a refused one."""


def ask(run: Run, step_id: str) -> None:
    """Note what a new application asks for, where its procedure is the form of DS4 art. 32.

    Only natural persons are exempted: an application of an organisation asks for nothing here.
    """
    if run.bundle.exemption is None or step_id != run.bundle.start.id:
        return
    parties = run.case.parties.filter(kind=CaseParty.Kind.APPLICANT, person__isnull=False)
    party = parties.select_related("person").order_by("pk").first()
    if party is not None:
        asked = Exemption(case=run.case, agency=run.agency, person=party.person, asked_at=run.now)
        _read(run, asked)
        asked.save(force_insert=True)


def settle(run: Run) -> None:
    """Let the end of the case decide it: its act granted or refused it, or an appeal against the refusal was upheld."""
    if run.bundle.exemption is None:
        return
    asked, state = _decided(run.case)
    if asked is None:
        return
    if asked.case_id == run.case.pk:
        _read(run, asked)
    asked.state, asked.decided_at = state, run.now
    asked.save()
    run.record(f"exemption.{state.value}", {})


def fell(run: Run, *, again: bool) -> None:
    """The act that granted or refused it fell; `again`: the case will be decided anew, and it waits once more."""
    decided = Exemption.objects.filter(case=run.case, state__in=(Exemption.State.REFUSED, Exemption.State.GRANTED))
    if again:
        decided.update(state=Exemption.State.ASKED, decided_at=None)
    else:
        decided.filter(state=Exemption.State.GRANTED).update(state=Exemption.State.DROPPED)


def _decided(case: Case) -> tuple[Exemption | None, Exemption.State]:
    """The exemption about which the end of a case says something, and what it says."""
    if case.original_id is None:
        found = Exemption.objects.filter(case=case, state=Exemption.State.ASKED).first()
        return found, DECIDED.get(Case.Outcome(outcome_of(case)), Exemption.State.DROPPED)
    refused = Exemption.objects.filter(case=case.original_id, state=Exemption.State.REFUSED)
    gives = outcome_of(case) in (Case.Outcome.UPHELD, Case.Outcome.PARTLY) and reviewing.grants(case)
    return (refused.first() if gives else None), Exemption.State.GRANTED


def _read(run: Run, asked: Exemption) -> None:
    """Take from the answers, as they stand, what is asked for."""
    asks = run.bundle.exemption
    assert asks is not None

    def holds(condition: Condition) -> bool:
        return evaluate(condition, run.case.data, run.bundle)

    step_id, _, field_id = asks.address.partition(".")
    given = answers_of(run.case, step_id).get(field_id)
    asked.on_paper = holds(asks.paper)
    asked.medium = (
        Exemption.Medium.LETTER if holds(asks.letter) else Exemption.Medium.OFFICE if holds(asks.office) else ""
    )
    asked.address = display_value(run.bundle.field(asks.address), given)[:300] if given else ""


def end(*, exemption: Exemption, run: Run) -> None:
    """Put an end to it, and to any other before that agency: the person is dealt with electronically (DS4 art. 28)."""
    exemption.state, exemption.ended_at = Exemption.State.ENDED, run.now
    held = Exemption.objects.filter(person=exemption.person_id, agency=exemption.agency_id)
    held.filter(state=Exemption.State.GRANTED).update(state=exemption.state, ended_at=run.now)
    run.record("exemption.ended", {})


# Reading


def exemptions_of(person: Person) -> QuerySet[Exemption]:
    """All that the person asked for, the latest first."""
    found = person.exemptions.select_related("agency", "case").defer("case__flow_class")
    return found.order_by("-asked_at", "-pk")


def standing(person_id: int, agency_id: int) -> Exemption | None:
    """What counts about a person before an agency: a granted exemption, else one asked for, else a refused one."""
    ranked = ByState(*(When(state=state, then=Value(place)) for place, state in enumerate(IN_ORDER)))
    found = Exemption.objects.filter(person=person_id, agency=agency_id, state__in=IN_ORDER)
    return found.select_related("agency", "case").defer("case__flow_class").order_by(ranked, "-asked_at", "-pk").first()
