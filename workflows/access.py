"""Who may see a case and who may act in it. Lists start from `cases_for`; pages from `case_for`."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.conf import settings
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from accounts.api import has_capability, roles_of
from accounts.models import AgencyCapability, Membership, Person
from legaltime.api import local_date, now
from procedures.models import RoleBinding
from workflows.errors import Abstained, IsParty, NotAllowed, ReceivesNothing
from workflows.models import Attendance, Case, CaseParty, Submission
from workflows.representing import lapsed
from workflows.rules import Separation
from workflows.separation import able, kept_out


def is_official(person: Person) -> bool:
    """Whether the person was ever appointed anywhere: decides the navigation, never an authorisation."""
    return person.memberships.exists()


def own_cases(person: Person) -> QuerySet[Case]:
    """Cases in which the person is an interested person or represents one by a power that has not ended."""
    return Case.objects.filter(pk__in=parts_of(person).values("case"))


def parts_of(person: Person) -> QuerySet[CaseParty]:
    """Whom somebody is or acts for today in every case (Ley 19.880 art. 22; R43)."""
    acts = Q(~lapsed(local_date(now(), settings.TIME_ZONE)), representative=person)
    return CaseParty.objects.filter(Q(person=person) | acts, left_at=None)


def filed_by(case: Case, person: Person) -> bool:
    """Whether the case is the person's own application, or one that they represent."""
    return parts_of(person).filter(case=case, kind=CaseParty.Kind.APPLICANT).exists()


def is_interested(case: Case, person: Person) -> bool:
    """Whether the person, or whom they represent, is an interested person: who only informs is not (art. 21)."""
    return parts_of(person).filter(case=case).exclude(kind=CaseParty.Kind.INFORMER).exists()


def correctable_by(person: Person) -> QuerySet[Case]:
    """Cases whose correction the person may answer: of whoever applied, or represents them (Ley 19.880 art. 31).

    The answer opens with all that was filed, so no other interested person has part in it. Where nobody applied,
    because the case was opened otherwise, its interested persons answer, but not who informed. Once somebody whose
    identity is kept back answered, nobody else does.
    """
    theirs = parts_of(person)
    applied = theirs.filter(kind=CaseParty.Kind.APPLICANT).values("case")
    others = theirs.exclude(kind=CaseParty.Kind.INFORMER).values("case")
    by_nobody = ~Exists(CaseParty.objects.filter(case=OuterRef("pk"), kind=CaseParty.Kind.APPLICANT))
    return Case.objects.filter(~Exists(_answered_in_reserve(person)), Q(pk__in=applied) | Q(by_nobody, pk__in=others))


def _answered_in_reserve(person: Person) -> QuerySet[Submission]:
    """What another one, whose identity is kept back, filed in the case of the query around it."""
    others = CaseParty.objects.filter(is_reserved=True).exclude(pk__in=parts_of(person).values("pk"))
    theirs = Q()
    for whose in (F("case__parties__person"), F("case__parties__representative")):
        theirs |= Q(author=whose) | Q(paper__attendance__person=whose)
    return Submission.objects.filter(theirs, case=OuterRef("pk"), case__parties__in=others).exclude(author=person)


def attendances_of(official: Person) -> QuerySet[Attendance]:
    """Whom the official attended at a counter or by phone; nobody else opens an attendance."""
    mine = Attendance.objects.filter(official=official)
    return mine.select_related("person", "agency", "official", "membership__role")


def filed_at_counter(attendance: Attendance) -> QuerySet[Case]:
    """Cases filed while the person was at the counter, with the receipt to print; none by phone nor what came later."""
    if attendance.is_by_phone:
        return Case.objects.none()
    filed = Case.objects.filter(ref__in=attendance.drafts.filter(filed_at__isnull=False).values("ref"))
    return filed if attendance.ended_at is None else filed.filter(filed_at__lte=attendance.ended_at)


def official_cases(person: Person, on: date) -> QuerySet[Case]:
    """Cases of procedures in which a role of the person takes part (DS4 art. 48, R44)."""
    bindings = RoleBinding.objects.filter(role__in=roles_of(person, on)).values("offering_id")
    return Case.objects.filter(offering_id__in=bindings)


def check_official(case: Case, person: Person, on: date) -> None:
    """Refuse whoever does not act in the case as an official: of another procedure (R44), or kept out of it (art. 12).

    Raises NotAllowed, Abstained, IsParty.
    """
    if not official_cases(person, on).filter(pk=case.pk).exists():
        raise NotAllowed
    check_keeps_in(case, person, on)


def check_keeps_in(case: Case, person: Person, on: date) -> None:
    """Refuse an official who keeps out of the case (Ley 19.880 art. 12). Raises Abstained, IsParty."""
    match kept_out(case, person, on):
        case Separation.ABSTAINED:
            raise Abstained
        case Separation.PARTY:
            raise IsParty


def check_receives(case: Case, person: Person, on: date, counter: int) -> None:
    """Refuse whoever attends at the counter of that agency and keeps out of the case (art. 12).

    Raises ReceivesNothing, with who else may.
    """
    if kept_out(case, person, on) is None:
        return
    raise ReceivesNothing(others_at_counter(able(on, case.pk), person, counter))


MOST_NAMED = 5
"""Who else attends the counter, named when somebody may not receive a paper."""


def others_at_counter(posts: QuerySet[Membership], person: Person, counter: int) -> str:
    """Who else, of those posts, attends at the counter of that agency; "" when nobody."""
    attending = posts.filter(role__grants__capability=AgencyCapability.COUNTER, role__unit__agency=counter)
    others = {str(post.person) for post in attending.exclude(person=person).select_related("person")}
    return ", ".join(sorted(others)[:MOST_NAMED])


def cases_for(person: Person, on: date) -> QuerySet[Case]:
    """Every case that the person may open, as citizen or as official."""
    return Case.objects.filter(
        Q(pk__in=own_cases(person).values("pk")) | Q(pk__in=official_cases(person, on).values("pk"))
    )


def may_mend(person: Person, case: Case, on: date) -> bool:
    """Whether the person may try again what stopped a case: as an official of it, or who watches its agency's effects.

    Watching over effects opens no file (R44). Not an official who keeps out of it (art. 12); who watches over the
    agency reaches every incident of it, so that none is left alone.
    """
    if operates(person, [case.agency_id], on):
        return True
    return official_cases(person, on).filter(pk=case.pk).exists() and kept_out(case, person, on) is None


def operates(person: Person, agency_ids: Iterable[int], on: date) -> bool:
    """Whether the person may see and retry the effects of one of these agencies."""
    return any(
        role.unit.agency_id in set(agency_ids)
        and has_capability(person, role.unit.agency, AgencyCapability.OPERATE, on)
        for role in roles_of(person, on)
    )
