"""Keep a document from the other interested persons, and give it back to them (D10 art. 37; R41)."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Person
from documents.models import Document
from notifications.api import Said
from workflows import messages
from workflows.access import check_official
from workflows.commands.locking import locked
from workflows.errors import CommandRefused, NotAllowed
from workflows.models import Case, SensitiveMark, Submission
from workflows.withholding import AlreadyMarked, handed_in, keep_for, parties_of


class NotMarked(CommandRefused):
    """Nothing to lift."""

    message = gettext_lazy("Ese documento no está reservado, o alguien ya le quitó la reserva.")


def mark_own(*, case: Case, document_id: int, by: Person, now: datetime, reason: str = "") -> SensitiveMark:
    """An interested person keeps a file that they handed in from the others, also once the case ended.

    Raises NotAllowed, AlreadyMarked.
    """
    with locked(case.pk, by=by, now=now) as run:
        for party in parties_of(run.case, by).order_by("pk"):
            document = handed_in(run.case, party).filter(pk=document_id).first()
            if document is not None:
                return keep_for(run, document, party, reason)
        raise NotAllowed


def mark_by_official(
    *, case: Case, document_id: int, party_id: int, reason: str, by: Person, now: datetime
) -> SensitiveMark:
    """An official keeps a document for the one whose data it holds. Raises NotAllowed, AlreadyMarked."""
    with locked(case.pk, by=by, now=now) as run:
        check_official(run.case, by, run.today)
        document = markable(run.case).filter(pk=document_id).first()
        party = run.case.parties.filter(left_at=None, pk=party_id).first()
        if document is None or party is None:
            raise AlreadyMarked
        return keep_for(run, document, party, reason)


def lift(*, case: Case, mark_id: int, reason: str, by: Person, now: datetime) -> None:
    """An official decides that the others may read it after all, and says why to its owner (arts. 10 and 16).

    Raises NotAllowed, NotMarked.
    """
    with locked(case.pk, by=by, now=now) as run:
        check_official(run.case, by, run.today)
        found = run.case.sensitive_marks.filter(lifted_at=None, pk=mark_id).select_related("document__item").first()
        if found is None:
            raise NotMarked
        found.lifted_by, found.lifted_at = by, now
        found.save(update_fields=["lifted_by", "lifted_at"])
        run.record("sensitive.lifted", {"seq": found.document.item.seq}, {"reason": reason})
        words = {"title": found.document.title, "number": run.case.number, "reason": reason}
        messages.tell(run, found.party, lambda: _lifted(words))


def _lifted(words: dict[str, str]) -> Said:
    told = _("Las demás personas interesadas ya pueden leer «%(title)s», que estaba reservado. Motivo: %(reason)s")
    return Said(_("Se quitó la reserva de un documento: solicitud N° %(number)s") % words, told % words)


def markable(case: Case) -> QuerySet[Document]:
    """The documents of the file that may still be kept from others.

    Files that came in, references, what somebody wrote beside the forms, and what was kept once before.
    """
    filed = Submission.objects.filter(case=case).values("at")
    writings = Q(kind=Document.Kind.APPLICATION) & ~Q(created_at__in=filed)
    kinds = Q(kind__in=(Document.Kind.ATTACHMENT, Document.Kind.REFERENCE)) | writings
    kept_before = Q(pk__in=case.sensitive_marks.values("document"))
    found = Document.objects.filter(kinds | kept_before, file=case.file_id, item__isnull=False, exchanges=None)
    return found.exclude(sensitive_marks__in=case.sensitive_marks.filter(lifted_at=None)).order_by("item__seq")
