"""The duty to answer, worked out as a case in the engine: opening it, reading its answer, contesting a "no"."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import Person
from documents.api import in_spanish
from jobs.api import enqueue
from legaltime.api import local_date
from participation.errors import NothingToContest, NotSupporter
from participation.models import Answer, Contest, Kind, Stage, Subject
from participation.operations.counting import OPEN_CASE
from participation.operations.passing import pass_on
from participation.operations.roadmap import set_stage, tell_supporters
from participation.operations.subjects import commitment_of, reopen
from participation.operations.telling import tell_institution
from participation.queries.answers import objections
from participation.queries.carrying import carried_support_of
from participation.queries.passing import previous_of
from participation.queries.powers import ZONE
from participation.rules.few import together
from participation.rules.thresholds import contests_needed
from workflows.api import open_of_own_motion
from workflows.models import AgencyFact

Said = Answer.Said
STAGE_AFTER = {
    Said.YES: Stage.PLANNED,
    Said.EXISTS: Stage.LIVE,
    Said.NO: Stage.REFUSED,
    Said.SIMPLIFY: Stage.STUDY,
}
"""Where each answer leaves the subject on the roadmap."""
ORIGIN = "citizen support"


@transaction.atomic
@in_spanish
def ask(*, subject: Subject, round: int, now: datetime) -> Answer | None:
    """Open the case in which the agency must answer; None where no agency here adhered, which the page then says.

    What was settled meanwhile is not asked.
    """
    if subject.closed_at is not None:
        return None
    commitment = commitment_of(subject)
    reason = (
        _("Cruzó el umbral de apoyos: la institución debe responder.")
        if commitment
        else _("Cruzó el umbral de apoyos: se le pide a la institución que responda.")
    )
    set_stage(subject=subject, stage=Stage.RECEIVED, reason=reason, actor="system:participation", now=now)
    found = _asked(subject, round)
    if commitment is None or found is not None:
        return found
    previous = previous_of(subject.pk, round, commitment.agency_id)
    told = facts_of(subject, round, previous)
    case = open_of_own_motion(offering=commitment.offering, told=told, origin=ORIGIN, now=now)
    answer = Answer.objects.create(
        subject=subject,
        agency=commitment.agency,
        round=round,
        case=case,
        asked_at=now,
        due_on=case.due_on,
        supports=subject.count.total,
        previous=previous,
    )
    if previous is not None:
        tell_supporters(subject=subject, what=f"passed:{answer.pk}", now=now)
    return answer


def _asked(subject: Subject, round: int) -> Answer | None:
    """The answer of this round that is owed, or that the institution now responsible gave already."""
    asked = Answer.objects.filter(subject=subject, round=round)
    return asked.filter(Q(answered_at=None) | Q(agency=subject.agency_id)).first()


def facts_of(subject: Subject, round: int, previous: Answer | None = None) -> dict[str, Any]:
    """What the case is opened with, by the meaning of its questions (art. 30)."""
    count = subject.count
    asked, rest = together(list(count.by_kind.items()))
    kinds = [f"{Kind(kind).label}: {number}" for kind, number in asked]
    kinds += [_("Otras: %(n)s") % {"n": rest}] if rest else []
    total = _("%(total)s personas con identidad verificada apoyan esta petición.") % {"total": count.total}
    lines = [total, "; ".join(kinds)]
    if round > 1:
        earlier = subject.answers.filter(round=round - 1, answered_at__isnull=False).order_by("pk").last()
        lines.append(_("Objetan la respuesta anterior: «%(text)s»") % {"text": earlier.text if earlier else ""})
    if previous is not None:
        giver = {"agency": previous.agency.name, "text": previous.text}
        lines.append(_("%(agency)s la derivó a esta institución (Ley 19.880, art. 14): «%(text)s»") % giver)
    address = settings.PUBLIC_URL + reverse("participation:subject", args=[subject.code])
    lines.append(_("Petición y evidencia: %(address)s") % {"address": address})
    return {
        "names": _("Personas que apoyan la petición (%(total)s)") % {"total": count.total},
        "medium": subject.agency.email if subject.agency else "",
        "facts": "\n".join(lines),
        "petition": subject.title,
        "sensitive_authorisation": False,
    }


@transaction.atomic
def settle(*, now: datetime) -> int:
    """Take over the answers of cases that ended; how many. What a case answered is the fact that it registered."""
    waiting = Answer.objects.filter(answered_at=None, case__finished__isnull=False)
    rows = waiting.select_related("subject", "agency").defer("case__flow_class")
    return sum(_settle(answer, now) for answer in rows)


@transaction.atomic
def escalate(*, now: datetime) -> int:
    """Tell those who publish for an institution, and the supporters, that its answer is late: once each; how many."""
    late = Answer.objects.filter(answered_at=None, escalated_at=None, due_on__lt=local_date(now, ZONE))
    told = 0
    for answer in late.select_related("subject", "agency"):
        if Answer.objects.filter(pk=answer.pk, escalated_at=None).update(escalated_at=now):
            tell_institution(answer=answer, now=now)
            tell_supporters(subject=answer.subject, what=f"late:{answer.pk}", now=now)
            told += 1
    return told


@in_spanish
def _settle(answer: Answer, now: datetime) -> bool:
    fact = AgencyFact.objects.filter(source_case_id=answer.case_id, withdrawn_at=None).order_by("-pk").first()
    said = str(fact.values.get("answer", "")) if fact else ""
    if fact is None or said not in Said.values:
        return False
    values = fact.values
    by_date = values.get("by")
    answer.said, answer.text, answer.answered_at = said, str(values.get("text") or ""), now
    answer.code = str(values.get("reason") or "")[:60]
    answer.by_date = date.fromisoformat(by_date) if by_date else None
    answer.save(update_fields=["said", "text", "code", "by_date", "answered_at"])
    if said == Said.TRANSFER:
        pass_on(answer=answer, named=str(values.get("to") or ""), now=now)
        return True
    words = _("La institución respondió: %(said)s.") % {"said": Said(said).label}
    stage = STAGE_AFTER[Said(said)]
    set_stage(subject=answer.subject, stage=stage, reason=words, actor=f"agency:{answer.agency_id}", now=now)
    tell_supporters(subject=answer.subject, what=f"answer:{answer.pk}", now=now)
    return True


@transaction.atomic
def contest(*, answer: Answer, by: Person, now: datetime) -> bool:
    """A supporter objects to a "no"; whether it is now asked again. Raises NothingToContest and NotSupporter."""
    subject = Subject.objects.select_for_update(of=("self",)).get(pk=answer.subject_id)
    if answer.said != Said.NO or answer.round != 1 or subject.answers.filter(round=2).exists():
        raise NothingToContest
    if carried_support_of(by, subject) is None:
        raise NotSupporter
    Contest.objects.get_or_create(answer=answer, person=by, defaults={"at": now})
    if objections(answer) < contests_needed(answer.supports):
        return False
    reopen(subject=subject)
    enqueue(
        kind=OPEN_CASE,
        payload={"subject": subject.pk, "round": 2},
        now=now,
        agency_id=subject.agency_id,
        dedup_key=f"{OPEN_CASE}:{subject.pk}:2",
    )
    return True
