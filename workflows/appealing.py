"""Which acts of a case may be appealed or clarified, by whom and until when (Ley 19.880 arts. 59 and 62; R66)."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.api import powers_held
from accounts.models import Mandate, Person
from documents.api import new_code
from documents.models import Document
from legaltime.api import Place, Term, due_date, local_date
from notifications.api import notifications_of
from procedures.api import Appeals, Bundle, RuleError, bundle_of
from workflows.access import own_cases
from workflows.errors import CommandRefused, NotAllowed
from workflows.models import Case, CaseParty, Draft
from workflows.regime import appeal_length
from workflows.withholding import parties_of

APPEAL, CLARIFICATION = "law_appeal", "law_clarification"
ACTS = (Document.Kind.RESOLUTION, Document.Kind.DECREE)


class NotAppealable(CommandRefused):
    """No appeal of this kind against this act, or no longer."""


@dataclass(frozen=True)
class Appealable:
    """An act of the case, and until when this person may appeal against it."""

    act: Document
    until: date | None
    """None while the act was not notified to the person: their time has not begun."""
    is_filed: bool = False
    """Whether they already appealed against it."""

    def is_open(self, today: date) -> bool:
        """Whether there is still time, and they have not appealed."""
        return not self.is_filed and (self.until is None or today <= self.until)


def acts_of(case: Case, person: Person) -> Iterator[Appealable]:
    """Acts in force that this person may appeal against, the latest first; none of an appeal's own (art. 59)."""
    bundle = bundle_of(case.version)
    if bundle.law is None or bundle.law.appeals is None or case.original_id is not None:
        return
    place = Place(commune=case.agency.commune, zone=case.agency.time_zone)
    length = Term(_business_days(case, bundle, bundle.law.appeals), "business_days")
    reached, filed = _one_with(case, person), _appealed(case, person)
    for act in _acts(case):
        told = notifications_of(case.file).filter(document=act, person__in=reached).first()
        starts_on = told.effective_on if told else _silence_date(case, act)
        until = due_date(starts_on=starts_on, term=length, place=place).date if starts_on else None
        yield Appealable(act, until, act.pk in filed)


def _appealed(case: Case, person: Person) -> set[int]:
    """Ids of the acts of the case against which the person, or whoever they act for, already appealed."""
    own = parties_of(case, person)
    whose = Q(person=person) | Q(person__in=own.values("person")) | Q(organisation__in=own.values("organisation"))
    appeals = CaseParty.objects.filter(whose, case__original=case, kind=CaseParty.Kind.APPLICANT)
    return set(appeals.exclude(case__about=None).values_list("case__about", flat=True))


def _one_with(case: Case, person: Person) -> set[int]:
    """The person, with who acts for them here and whom they act for: to notify one is to notify the other (art. 22)."""
    pairs = parties_of(case, person).values_list("person", "representative")
    return {person.pk, *(pk for pair in pairs for pk in pair if pk)}


def _business_days(case: Case, bundle: Bundle, rules: Appeals) -> int:
    """Those that rule the case (R78); where the rule that decides it fails, the longest, in favour of the person."""
    try:
        return appeal_length(case, bundle)[0]
    except RuleError:
        return max(rules.amount, *(way.amount for way in rules.amounts))


def _acts(case: Case) -> Iterator[Document]:
    in_force = Document.objects.filter(file=case.file, state=Document.State.IN_FORCE).exclude(definition_id="")
    for act in in_force.order_by("-pk"):
        if act.kind in ACTS or (act.definition_id == "law_silence_act" and case.outcome == Case.Outcome.DEEMED_NO):
            yield act


def _silence_date(case: Case, act: Document) -> date | None:
    """From the certificate of a negative silence the terms run by themselves (art. 65)."""
    return act.issued_on if act.definition_id == "law_silence_act" else None


@transaction.atomic
def begin(*, case: Case, act_id: int, start_id: str, by: Person, now: datetime, locale: str = "es") -> Draft:
    """Open the draft of an appeal or a request for clarification. Raises NotAllowed, NotAppealable."""
    if not own_cases(by).filter(pk=case.pk).exists():
        raise NotAllowed
    act = next((act for act in _acts(case) if act.pk == act_id), None)
    if act is None or not bundle_of(case.version).has_step(start_id):
        raise NotAppealable
    found = Draft.objects.filter(original=case, about=act, person=by, step_id=start_id, filed_at=None).first()
    if found is not None:
        return found
    draft = Draft(
        ref=new_code(),
        agency=case.agency,
        offering=case.offering,
        version=case.version,
        person=by,
        mandate=_power(case, by, local_date(now, case.agency.time_zone)),
        original=case,
        about=act,
        step_id=start_id,
        salt=secrets.token_bytes(16),
        locale=locale,
        answers={"acto": name_of(act)},
        created_at=now,
        changed_at=now,
    )
    check(draft, now)
    draft.save()
    return draft


def _power(case: Case, by: Person, on: date) -> Mandate | None:
    """The power by which somebody acts in the case for another, who is then the one that appeals (art. 22; R43)."""
    own = parties_of(case, by)
    represented = None if own.filter(person=by).exists() else own.order_by("pk").first()
    if represented is None:
        return None
    held = powers_held(by, on, case.version.procedure.code).order_by("-is_solemn", "pk")
    if represented.organisation is not None:
        return held.filter(grantor_organisation=represented.organisation).first()
    return held.filter(grantor_person=represented.person).first()


def name_of(act: Document) -> str:
    """The act as an appeal names it."""
    number = _(" N° %(number)s") % {"number": act.number} if act.number else ""
    day = f", {act.issued_on:%d/%m/%Y}" if act.issued_on else ""
    return f"{act.title}{number}{day}"


def check(draft: Draft, now: datetime) -> None:
    """Refuse an appeal out of time, or a second one. Raises NotAppealable; a clarification may come at any time."""
    case = draft.original
    if case is None or draft.step_id != APPEAL:
        return
    today = local_date(now, case.agency.time_zone)
    found = next((entry for entry in acts_of(case, draft.person) if entry.act.pk == draft.about_id), None)
    if found is None:
        raise NotAppealable(_("Contra este acto no procede recurso."))
    if found.is_filed:
        raise NotAppealable(_("Ya presentaste un recurso contra este acto."))
    if not found.is_open(today):
        assert found.until is not None
        late = _("El plazo para recurrir contra este acto venció el %(day)s.")
        raise NotAppealable(late % {"day": f"{found.until:%d/%m/%Y}"})
