"""Which acts of a case may be appealed or clarified, by whom and until when (Ley 19.880 arts. 59 and 62; R66)."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.models import Case as WhenCase
from django.db.models import Q, QuerySet, When
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.api import powers_held
from accounts.models import Mandate, Person
from documents.api import name_of, new_code
from documents.models import Document
from legaltime.api import Place, Term, due_date, local_date
from notifications.api import notifications_of
from notifications.models import NotificationRecord
from procedures.api import Appeals, Bundle, RuleError, bundle_of
from procedures.models import ProcedureVersion
from workflows import powers, reviewing
from workflows.errors import CommandRefused, NotAllowed, PowerEnded, SolemnPowerNeeded
from workflows.models import Case, CaseParty, Draft
from workflows.regime import appeal_length
from workflows.representation import told_to
from workflows.withholding import parties_of

APPEAL, CLARIFICATION = "law_appeal", "law_clarification"
REVIEWS = ("law_appeal_act", reviewing.BY_SUPERIOR)
"""The acts that resolve an appeal, also as copies in the file of what was appealed against; against the superior's, the
last one, there is no appeal (art. 59)."""
ACTS = (Document.Kind.RESOLUTION, Document.Kind.DECREE)


_NOT_INTERESTED = gettext_lazy(
    "Solo puede hacerlo una persona interesada en el caso. Quien denuncia un hecho no lo es por eso (Ley 19.880, arts. "
    "21, 59 y 62)."
)


class NotAppealable(CommandRefused):
    """No appeal of this kind against this act, or no longer."""


@dataclass(frozen=True)
class Appealable:
    """An act of the case, and until when an interested person may appeal against it."""

    act: Document
    party: CaseParty
    """Whose appeal it would be."""
    until: date | None
    """None while the act was not notified to them: their time has not begun."""
    is_filed: bool = False
    """Whether they already appealed against it."""

    def is_open(self, today: date) -> bool:
        """Whether there is still time, and they have not appealed."""
        return not self.is_filed and (self.until is None or today <= self.until)


def acts_of(case: Case, person: Person) -> Iterator[Appealable]:
    """Acts in force against which this person may appeal, and for whom, the latest first; none of an appeal's own.

    Each interested person that they are or act for has their own appeal and their own time (arts. 21, 22, 59). Who has
    not appealed may do so against what decided the appeal of another: it is the first act that harms them (art. 15).
    """
    bundle = bundle_of(case.version)
    if bundle.law is None or bundle.law.appeals is None or case.original_id is not None:
        return
    place = Place(commune=case.agency.commune, zone=case.agency.time_zone)
    length = Term(_business_days(case, bundle, bundle.law.appeals), "business_days")
    parties = list(interested(case, person))
    filed = {party.pk: _appealed(case, party) for party in parties}
    for act in _acts(case) if parties else ():
        is_review, records = act.definition_id == REVIEWS[0], _notified(case, act)
        for party in parties:
            if is_review and _has_appealed(act, party):
                continue
            told = next(iter(told_to(party, records)), None)
            starts_on = told.effective_on if told else _silence_date(case, act)
            until = due_date(starts_on=starts_on, term=length, place=place).date if starts_on else None
            yield Appealable(act, party, until, act.pk in filed[party.pk])


def interested(case: Case, person: Person) -> QuerySet[CaseParty]:
    """Whom somebody is or acts for in the case, themselves first; who only informed is not interested (art. 21)."""
    found = parties_of(case, person).exclude(kind=CaseParty.Kind.INFORMER).select_related("person", "organisation")
    return found.prefetch_related("past_representations").order_by(
        WhenCase(When(person=person, then=0), default=1), "pk"
    )


def pending(case: Case) -> QuerySet[Case]:
    """The appeals against acts of the case that nobody has decided yet."""
    return Case.objects.filter(original=case, submissions__step_id=APPEAL, finished=None).exclude(about=None)


def _appealed(case: Case, party: CaseParty) -> set[int]:
    """Ids of the acts of the case against which an interested person already appealed, by whoever filed it."""
    whose = Q(person=party.person_id) if party.person_id else Q(organisation=party.organisation_id)
    appeals = Case.objects.filter(original=case, submissions__step_id=APPEAL).exclude(about=None)
    theirs = CaseParty.objects.filter(whose, case__in=appeals, kind=CaseParty.Kind.APPLICANT)
    return set(theirs.values_list("case__about", flat=True))


def _business_days(case: Case, bundle: Bundle, rules: Appeals) -> int:
    """Those that rule the case (R78); where the rule that decides it fails, the longest, in favour of the person."""
    try:
        return appeal_length(case, bundle)[0]
    except RuleError:
        return max(rules.amount, *(way.amount for way in rules.amounts))


def why_no_more(case: Case, person: Person) -> str:
    """Why somebody whom an appeal touched has no appeal left here, and what they have; "" where none was resolved.

    Nor where it only sent the application back: that was decided anew, by an act that has its own appeals (art. 59).
    """
    reviews = Document.objects.filter(file=case.file, state=Document.State.IN_FORCE, definition_id__in=REVIEWS)
    latest = reviews.select_related("copy_of").order_by("-pk").first() if case.original_id is None else None
    if latest is None or not reviewing.decides(latest) or not interested(case, person).exists():
        return ""
    if latest.definition_id != REVIEWS[0]:
        return _(
            "La decisión es del superior y agotó la vía administrativa: contra ella no hay otro recurso en la "
            "institución (Ley 19.880, art. 59). Puedes acudir a los tribunales de justicia (art. 54) o, si se dio una "
            "de sus cuatro causas, pedir la revisión extraordinaria por escrito en la institución (art. 60)."
        )
    if all(_has_appealed(latest, party) for party in interested(case, person)):
        return _(
            "Ya usaste tu recurso, y no se presenta otro contra lo que lo resolvió (Ley 19.880, art. 59). Puedes "
            "acudir a los tribunales de justicia (art. 54) o, si se dio una de sus cuatro causas, pedir la revisión "
            "extraordinaria por escrito en la institución (art. 60)."
        )
    return ""


def _has_appealed(act: Document, party: CaseParty) -> bool:
    """Whether an interested person already appealed against an act, one that it changed, or a copy in another file."""
    whose = Q(person=party.person_id) if party.person_id else Q(organisation=party.organisation_id)
    theirs = CaseParty.objects.filter(whose, kind=CaseParty.Kind.APPLICANT, case__submissions__step_id=APPEAL)
    return theirs.filter(case__about__in=reviewing.line_of(act)).exists()


def _notified(case: Case, act: Document) -> list[NotificationRecord]:
    """To whom an act was notified; what resolved an appeal is, in the file of that appeal."""
    if act.definition_id != REVIEWS[0] or act.copy_of is None:
        return list(notifications_of(case.file).filter(document=act))
    return list(notifications_of(act.copy_of.file).filter(document=act.copy_of))


def _acts(case: Case) -> Iterator[Document]:
    in_force = Document.objects.filter(file=case.file, state=Document.State.IN_FORCE).select_related("copy_of__file")
    in_force = in_force.exclude(definition_id__in=["", *REVIEWS[1:]])
    for act in in_force.order_by("-pk"):
        if act.definition_id == REVIEWS[0] and not reviewing.decides(act):
            continue
        if act.kind in ACTS or (act.definition_id == "law_silence_act" and case.outcome == Case.Outcome.DEEMED_NO):
            yield act


def _silence_date(case: Case, act: Document) -> date | None:
    """From the certificate of a negative silence the terms run by themselves (art. 65)."""
    return act.issued_on if act.definition_id == "law_silence_act" else None


@transaction.atomic
def begin(
    *,
    case: Case,
    act_id: int,
    start_id: str,
    by: Person,
    now: datetime,
    locale: str = "es",
    party_id: int | None = None,
) -> Draft:
    """Open the draft of an appeal or a request for clarification, of one of the interested persons that `by` acts for.

    Theirs first where `party_id` names none. Raises NotAllowed, NotAppealable, PowerEnded, SolemnPowerNeeded.
    """
    party = _party(case, by, party_id)
    act = next((act for act in _acts(case) if act.pk == act_id), None)
    if act is None or not bundle_of(case.version).has_step(start_id):
        raise NotAppealable
    begun = Draft.objects.filter(original=case, about=act, person=by, party=party, step_id=start_id, filed_at=None)
    found = begun.first()
    if found is not None:
        return found
    mandate = _power(case, party, by, local_date(now, case.agency.time_zone))
    draft = _draft(case, act, start_id, now)
    draft.person, draft.party, draft.mandate, draft.locale = by, party, mandate, locale
    check(draft, now)
    draft.save()
    return draft


def _draft(case: Case, act: Document, start_id: str, now: datetime) -> Draft:
    """What is begun against an act of the case, whoever begins it."""
    return Draft(
        ref=new_code(),
        agency=case.agency,
        offering=case.offering,
        version=case.version,
        original=case,
        about=act,
        step_id=start_id,
        salt=secrets.token_bytes(16),
        answers=_named(case.version, start_id, act),
        created_at=now,
        changed_at=now,
    )


def _named(version: ProcedureVersion, start_id: str, act: Document) -> dict[str, str]:
    """The act by its name, under the version of the law's blocks whose form asks for it."""
    asks = any(field.id == "acto" for field in bundle_of(version).fields_of(start_id))
    return {"acto": name_of(act)} if asks else {}


def _party(case: Case, by: Person, party_id: int | None) -> CaseParty:
    """Whose appeal it is. Raises NotAllowed when `by` is not, nor acts for, an interested person of that id."""
    mine = interested(case, by)
    found = (mine if party_id is None else mine.filter(pk=party_id)).first()
    if found is None:
        raise NotAllowed(str(_NOT_INTERESTED) if parties_of(case, by).exists() else "")
    return found


def _power(case: Case, party: CaseParty, by: Person, on: date) -> Mandate | None:
    """The power by which somebody acts for another, who is then the one that appeals (art. 22; R43).

    None where they appeal for themselves, and where an official noted that they represent the other without a power
    kept here. Raises PowerEnded where there was a power that ended, SolemnPowerNeeded where the procedure asks for one.
    """
    if party.person == by:
        return None
    given = Q(grantor_person=party.person) if party.organisation is None else Q(grantor_organisation=party.organisation)
    held = powers_held(by, on, case.version.procedure.code).filter(given).order_by("-is_solemn", "pk").first()
    if held is not None:
        return held
    if Mandate.objects.filter(given, representative=by, is_misnamed=False).exists():
        raise PowerEnded
    source = powers.solemn_source(case.version)
    if source:
        raise SolemnPowerNeeded(source)
    return None


def check(draft: Draft, now: datetime) -> None:
    """Refuse an appeal out of time, a second one, and whoever has no part in the case any more.

    A clarification may come at any time (art. 62). Raises NotAppealable, NotAllowed, PowerEnded, SolemnPowerNeeded.
    """
    case = draft.original
    if case is None:
        return
    today = local_date(now, case.agency.time_zone)
    who = draft.attendance.person if draft.attendance is not None else draft.person
    party = draft.party = _party(case, who, draft.party_id)
    _power(case, party, who, today)
    if draft.step_id != APPEAL:
        return
    entries = (entry for entry in acts_of(case, who) if entry.party == party)
    found = next((entry for entry in entries if entry.act.pk == draft.about_id), None)
    if found is None:
        raise NotAppealable(_("Contra este acto no procede recurso."))
    if found.is_filed:
        raise NotAppealable(_("Ya presentaste un recurso contra este acto."))
    if not found.is_open(today):
        assert found.until is not None
        late = _("El plazo para recurrir contra este acto venció el %(day)s.")
        raise NotAppealable(late % {"day": f"{found.until:%d/%m/%Y}"})
