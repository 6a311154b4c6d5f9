"""What of a case another interested person does not read: sensitive or personal data of somebody else (D10 37; R41)."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, Q, QuerySet
from django.utils.translation import gettext_lazy

from accounts.models import Person
from documents.models import Document, PhysicalEntry
from procedures.api import Field, bundle_of
from workflows.access import filed_by, parts_of
from workflows.answers import latest_values, plain
from workflows.errors import CommandRefused
from workflows.models import (
    Case,
    CaseMessage,
    CaseParty,
    Channel,
    Deadline,
    DeadlineChange,
    OriginalRequest,
    OverlookedPaper,
    SensitiveMark,
    Submission,
    SubmissionValue,
)
from workflows.models.cases import RESERVED
from workflows.runtime import Run

BROUGHT = "brought"
"""Origin of what the person brought because they do not let another body send it: sensitive data of theirs."""
SCANNED = "scan"
"""Origin of a paper that an official scanned and keeps."""
KEPT_BACK = gettext_lazy("datos sensibles de quien solicita")
PRIVATE = gettext_lazy("datos sensibles o personales de otra persona")
"""What stands in place of what its owner, or an official, keeps from the others."""
OF_RESERVED = gettext_lazy("Dato de una persona con identidad reservada")
"""What stands in place of an answer that tells who somebody with reserved identity is."""
NOT_TOLD = gettext_lazy("(reservado)")
"""The same, within a sentence of an act or a notice."""


def withheld(case: Case, person: Person) -> list[int]:
    """Ids of the documents of the case with sensitive data of somebody else, which `person` does not open.

    What was marked as such is for its owner alone: whoever applied does not read what another one marked.
    """
    marked = SensitiveMark.objects.filter(case=case, lifted_at=None).exclude(party__in=parties_of(case, person))
    of_others = [*marked.values_list("document", flat=True), *_filed_in_reserve(case, person)]
    if filed_by(case, person):
        return [*of_others, *_telling_of(case, of_others, person)]
    answers = SubmissionValue.objects.filter(submission__case=case, sealed__isnull=False)
    answers = answers.exclude(submission__author=person).exclude(submission__paper__attendance__person=person)
    attached = Q(pk__in=answers.values("document")) | Q(pk__in=answers.values("more_documents"))
    named = SubmissionValue.objects.filter(Q(document__in=of_others) | Q(more_documents__in=of_others))
    told = answers.values("submission"), named.filter(submission__case=case).values("submission")
    # What was filed has its answers as a document too, and a receipt that names its files for machines: both entered
    # at the same instant, in the same transaction; so did the paper that the counter scanned, with the same answers.
    # What may be read of it stands on the page of answers. A paper that came too late has them all once more.
    filed = Submission.objects.filter(Q(pk__in=told[0]) | Q(pk__in=told[1]))
    kinds = Q(kind__in=(Document.Kind.APPLICATION, Document.Kind.RECEIPT)) | Q(item__origin=SCANNED)
    as_document = kinds & Q(created_at__in=filed.values("at"))
    late = OverlookedPaper.objects.filter(Exists(filed), case=case).exclude(attendance__person=person)
    sensitive = Q(exchanges__is_sensitive=True) | Q(item__origin=BROUGHT) | as_document | attached
    sensitive |= Q(pk__in=late.values("document"))
    found = Document.objects.filter(sensitive | Q(pk__in=of_others), file=case.file_id)
    kept_back = list(found.values_list("pk", flat=True).distinct())
    return [*kept_back, *_telling_of(case, kept_back, person)]


def _telling_of(case: Case, kept_back: list[int], person: Person) -> list[int]:
    """What tells of documents that are kept back: the request for an original, and where a thing went.

    Whoever handed a document in reads that its original is asked of them, though it holds somebody else's data.
    """
    if not kept_back:
        return []
    requests = OriginalRequest.objects.filter(case=case, document__in=kept_back)
    asked = requests.exclude(party__in=parties_of(case, person)).values_list("order", "record")
    things = PhysicalEntry.objects.filter(document__in=kept_back).values_list("pk", "first")
    known = [first or pk for pk, first in things]
    entries = PhysicalEntry.objects.filter(Q(pk__in=known) | Q(first__in=known)).values_list("document", flat=True)
    return [pk for pair in asked for pk in pair if pk] + [pk for pk in entries if pk not in kept_back]


def _filed_in_reserve(case: Case, person: Person) -> list[int]:
    """What tells who somebody with reserved identity is: what they filed as a document, and the papers that name them.

    What may be read of it stands on the page of answers, for whoever answers it (Ley 19.880 arts. 10 and 55).
    """
    theirs, people = _of_reserved(case, person)
    if not people:
        return []
    filed = Submission.objects.filter(theirs, case=case)
    telling = SubmissionValue.objects.filter(submission__in=filed, pk__in=kept_answers(case, person))
    in_files = telling.filter(document__isnull=False)
    kinds = Document.Kind
    kept = Q(kind=kinds.APPLICATION, created_at__in=telling.values("submission__at"))
    kept |= Q(kind=kinds.RECEIPT, created_at__in=in_files.values("submission__at"))
    kept |= Q(item__origin=SCANNED, created_at__in=filed.values("at"))
    naming = Q(pk__in=in_files.values("document")) | Q(pk__in=in_files.values("more_documents"))
    late = OverlookedPaper.objects.filter(case=case, attendance__person__in=people)
    kept |= naming | Q(pk__in=late.values("document"))
    return list(Document.objects.filter(kept, file=case.file_id).values_list("pk", flat=True).distinct())


def _of_reserved(case: Case, reader: Person | None) -> tuple[Q, set[int]]:
    """Which submissions are of somebody whose identity is kept back from `reader`, and who these people are.

    None for `reader`: from everybody. What an official filed at the counter is of whoever applied.
    """
    reserved = case.parties.filter(is_reserved=True)
    if reader is not None:
        reserved = reserved.exclude(pk__in=parties_of(case, reader))
    found = list(reserved.order_by("pk"))
    people = {pk for one in found for pk in (one.person_id, one.representative_id) if pk}
    people -= {reader.pk} if reader is not None else set()
    theirs = Q(author__in=people) | Q(paper__attendance__person__in=people)
    if case.channel == Channel.COUNTER and any(one.kind == CaseParty.Kind.APPLICANT for one in found):
        theirs |= Q(seq=1)
    return theirs, people


def kept_answers(case: Case, reader: Person | None) -> frozenset[int]:
    """Ids of the answers that tell who somebody with reserved identity is, for `reader`; None: for everybody.

    What another one had answered the same stays open: a correction holds all that stood before it. An answer that was
    taken over from theirs is as much kept back.
    """
    theirs, people = _of_reserved(case, reader)
    if not people:
        return frozenset()
    bundle, own = bundle_of(case.version), set(case.submissions.filter(theirs).values_list("pk", flat=True))
    told: dict[tuple[str, str], list[Any]] = {}
    kept: dict[tuple[str, str], list[Any]] = {}
    found = set()
    for row in case.submissions.select_related("amends").prefetch_related("values").order_by("seq"):
        step = row.amends.step_id if row.amends else row.step_id
        telling = {field.id for field in bundle.fields_of(step) if tells_who(field)}
        for value in row.values.all():
            place, given = (step, value.field_id), plain(case, value)
            if value.field_id not in telling:
                continue
            if row.pk in own and given not in told.get(place, []):
                kept.setdefault(place, []).append(given)
            if given in kept.get(place, []):
                found.add(value.pk)
            else:
                told.setdefault(place, []).append(given)
    return frozenset(found)


def kept_questions(case: Case, step_id: str) -> set[str]:
    """The questions of a step whose standing answer acts and notices do not quote: it tells who is reserved."""
    kept = kept_answers(case, None)
    return {name for name, value in latest_values(case, step_id).items() if value.pk in kept} if kept else set()


# fmt: off
OPEN_TYPES = frozenset({
    "textarea", "integer", "decimal", "money_clp", "money_uf", "money_utm", "percentage", "date", "time",
    "datetime", "period", "yes_no", "choice", "choices", "linked", "listed", "ranking", "amounts", "declaration",
    "consent", "info", "section", "file",
})
# fmt: on
"""Questions whose answer says what is asked or alleged, and not by whom."""


def tells_who(field: Field) -> bool:
    """Whether the answer may tell who answered: a name, a way to reach them, an identity paper, a personal datum."""
    if field.art30 in ("facts", "petition"):
        return False
    if field.art30 is not None or field.personal is not None or field.prefill is not None:
        return True
    if field.type == "group":
        return any(tells_who(inner) for inner in field.fields)
    if field.type == "computed":
        return field.result == "text"
    return field.type not in OPEN_TYPES or field.identity or field.drawn


def parties_of(case: Case, person: Person) -> QuerySet[CaseParty]:
    """The interested persons of the case that somebody is or acts for."""
    return parts_of(person).filter(case=case)


def handed_in(case: Case, party: CaseParty) -> QuerySet[Document]:
    """The files that an interested person, or who acts for them, attached to an answer or a message of the case, and
    the papers that they signed, as the counter scanned them.

    What an official filed at the counter is of whoever applied.
    """
    people = [pk for pk in (party.person_id, party.representative_id) if pk]
    messages = CaseMessage.objects.filter(case=case, from_agency=False, author__in=people).values("documents")
    by_them = Q(author__in=people)
    if party.kind == CaseParty.Kind.APPLICANT and case.channel == Channel.COUNTER:
        parties = case.parties.all()
        by_them |= ~Q(author__in=parties.filter(person__isnull=False).values("person"))
    by_applicants = Q(step_id=bundle_of(case.version).start.id) | Q(amends__isnull=False)
    by_them |= Q(paper__attendance__person__in=people)
    mine = Submission.objects.filter(by_them, by_applicants, case=case)
    late = OverlookedPaper.objects.filter(case=case, attendance__person__in=people).values("document")
    answers = SubmissionValue.objects.filter(submission__in=mine)
    own = Q(pk__in=messages) | Q(pk__in=answers.values("document")) | Q(pk__in=answers.values("more_documents"))
    own |= Q(pk__in=late) | Q(item__origin=SCANNED, created_at__in=mine.values("at"))
    return Document.objects.filter(own, file=case.file_id, kind=Document.Kind.ATTACHMENT).order_by("item__seq")


def giver_of(case: Case, document: Document) -> CaseParty | None:
    """The interested person who handed a file in; whoever applied first where nobody of the case did."""
    present = list(case.parties.filter(left_at=None).order_by("pk"))
    giver = next((party for party in present if handed_in(case, party).filter(pk=document.pk).exists()), None)
    return giver or next((party for party in present if party.kind == CaseParty.Kind.APPLICANT), None)


def reserved_people(case: Case) -> set[int]:
    """Ids of who keeps their identity back in the case, as somebody who informed, and of who acts for them.

    Also once they left it: what they did before still names nobody.
    """
    reserved = case.parties.filter(is_reserved=True).values_list("person", "representative")
    return {pk for pair in reserved for pk in pair if pk is not None}


def known_as(case: Case, person: Person | None) -> str:
    """What the file and the pages of the case call somebody who did something in it; nothing where nobody did."""
    if person is None:
        return ""
    return RESERVED if person.pk in reserved_people(case) else str(person)


OF_ITS_OWNER = (DeadlineChange.Kind.EXTENSION, DeadlineChange.Kind.SUSPENSION, DeadlineChange.Kind.RESUMPTION)
"""Changes of a clock whose reason may tell of the person whose clock it is: an illness, a journey."""


def owner_of(clock: Deadline, asked_by: Person | None = None) -> CaseParty | None:
    """The interested person whose clock it is, who of all of them reads why it changed; None where it is the case's.

    A clock that binds the applicants together is of whoever asked for more of it, or of the only one who applied.
    """
    if clock.party is not None:
        return clock.party
    case = clock.case
    asker = parties_of(case, asked_by).order_by("pk").first() if asked_by is not None else None
    if asker is not None or not clock.binds_applicant:
        return asker
    applicants = list(case.parties.filter(kind=CaseParty.Kind.APPLICANT, left_at=None)[:2])
    return applicants[0] if len(applicants) == 1 else None


def reads_reason(change: DeadlineChange, clock: Deadline, person: Person) -> bool:
    """Whether an interested person of the case reads why a clock of it changed (art. 26; D10 37)."""
    if change.kind not in OF_ITS_OWNER or change.asked_by_id == person.pk:
        return True
    owner = owner_of(clock, change.asked_by)
    return owner is None or parties_of(clock.case, person).filter(pk=owner.pk).exists()


class AlreadyMarked(CommandRefused):
    """Somebody was faster."""

    message = gettext_lazy("Ese documento ya está reservado, o no se puede reservar.")


def keep_for(run: Run, document: Document, party: CaseParty, reason: str = "") -> SensitiveMark:
    """Keep a document of the file from every interested person but `party`. Raises AlreadyMarked."""
    if document.sensitive_marks.filter(lifted_at=None).exists():
        raise AlreadyMarked
    assert run.by is not None, "somebody marks it"
    made = SensitiveMark.objects.create(
        case=run.case,
        agency=run.agency,
        document=document,
        party=party,
        marked_by=run.by,
        marked_at=run.now,
        reason=reason,
    )
    run.record("sensitive.marked", {"seq": document.item.seq}, {"reason": reason} if reason else None)
    return made
