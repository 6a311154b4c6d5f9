"""A request that is not of the institution that was asked goes on to the one that is (Ley 19.880 art. 14, inciso 2).

The receiver is asked like the first one, with a case and a last day of its own, if it adhered. Otherwise its silence is
public. Nobody is asked twice in one round: two that name each other leave it with nobody, and the page says so.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Agency, Person
from documents.api import in_spanish
from jobs.api import enqueue
from participation.errors import AlreadyPassedOn, NotAllowed
from participation.models import Answer, Stage, StageEvent, Subject
from participation.operations.counting import OPEN_CASE
from participation.operations.judging import note
from participation.operations.roadmap import tell_supporters
from participation.operations.subjects import close, reopen, stems_of
from participation.queries.passing import Outcome, agency_called, outcome_of
from participation.queries.powers import may_moderate

REASONS = {
    Outcome.ASKED: gettext_lazy("%(giver)s dice que corresponde a %(name)s. Se le pide responder."),
    Outcome.ASKED_BEFORE: gettext_lazy("%(giver)s dice que corresponde a %(name)s, a la que ya se le preguntó."),
    Outcome.NOT_ADHERED: gettext_lazy(
        "%(giver)s dice que corresponde a %(name)s, que no se ha comprometido a responder."
    ),
    Outcome.NOT_HERE: gettext_lazy("%(giver)s dice que corresponde a otra institución: %(name)s."),
}


@transaction.atomic
def pass_on(*, answer: Answer, named: str, now: datetime) -> Outcome:
    """Take note of which institution the answer names, and ask it if it promised to answer."""
    receiver = agency_called(named)
    name = receiver.name if receiver else named[:200]
    told = f"answer:{answer.pk}"
    return _hand(answer, receiver, name, told, actor=f"agency:{answer.agency_id}", now=now)


@transaction.atomic
def name_receiver(*, answer: Answer, receiver: Agency, by: Person, now: datetime) -> Outcome:
    """A moderator says which institution of this site an answer meant. Raises NotAllowed and AlreadyPassedOn."""
    if not may_moderate(by, now):
        raise NotAllowed
    waiting = Answer.objects.select_for_update(of=("self",)).filter(pk=answer.pk, to_agency=None)
    found = waiting.filter(said=Answer.Said.TRANSFER).select_related("subject", "agency").first()
    if found is None or receiver.pk == found.agency_id:
        raise AlreadyPassedOn
    outcome = _hand(found, receiver, receiver.name, f"named:{found.pk}", actor=f"person:{by.pk}", now=now)
    note(kind="receiver.named", by=by, now=now, answer=found.pk, agency=receiver.code)
    return outcome


@in_spanish
def _hand(answer: Answer, receiver: Agency | None, name: str, told: str, *, actor: str, now: datetime) -> Outcome:
    """Hand the request on; `told`: what supporters are told where nobody else is asked."""
    answer.to_agency, answer.to_name = receiver, name
    answer.save(update_fields=["to_agency", "to_name"])
    outcome, subject = outcome_of(answer), answer.subject
    reason = str(REASONS[outcome]) % {"giver": answer.agency.name, "name": name or _("no dijo cuál")}
    StageEvent.objects.create(subject=subject, stage=Stage.TRANSFERRED, reason=reason[:500], at=now, by=actor)
    body = name or subject.body_name
    Subject.objects.filter(pk=subject.pk).update(
        stage=Stage.TRANSFERRED,
        agency=receiver,
        body_name=body,
        stems=stems_of(subject.title, body, subject.summary),
    )
    if outcome == Outcome.NOT_HERE:
        close(subject=subject, now=now)
    else:
        reopen(subject=subject)
    if outcome == Outcome.ASKED and receiver is not None:
        key = f"{OPEN_CASE}:{subject.pk}:{answer.round}:{receiver.pk}"
        payload = {"subject": subject.pk, "round": answer.round}
        enqueue(kind=OPEN_CASE, payload=payload, now=now, agency_id=receiver.pk, dedup_key=key)
    else:
        tell_supporters(subject=subject, what=told, now=now)
    return outcome
