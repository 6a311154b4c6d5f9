"""Ask to be shown the original of a copy, and record what came of it (Ley 19.880 art. 19 bis; DS 4 art. 11; R50)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Person
from documents.api import Row, in_spanish
from documents.models import Document
from notifications.api import Said
from workflows import deadlines, messages, receipts
from workflows.access import check_official
from workflows.commands.correspondence import CaseEnded
from workflows.commands.locking import locked
from workflows.errors import CommandRefused
from workflows.models import Case, CaseParty, Deadline, OriginalRequest
from workflows.runtime import Run
from workflows.withholding import SCANNED, giver_of

Outcome = OriginalRequest.Outcome
SOURCE = "Ley N° 19.880, artículo 19 bis; DS 4 de 2020, artículo 11"
MOST_DAYS = 60
"""Business days that may be given."""


class AlreadyAsked(CommandRefused):
    """The original of that copy is being waited for."""

    message = gettext_lazy("El original de ese documento ya se pidió y aún no se muestra, o el documento no está.")


class AlreadyClosed(CommandRefused):
    """Somebody was faster."""

    message = gettext_lazy("Ya quedó registrado qué pasó con ese original. Actualiza la página.")


class StillInTime(CommandRefused):
    """Nobody is taken as not showing an original while they may."""

    message = gettext_lazy(
        "La persona todavía está a tiempo de mostrarlo: el plazo no ha vencido, o no ha empezado porque falta "
        "notificar el requerimiento. Puedes registrar que no lo mostró cuando venza."
    )


def ask_original(
    *, case: Case, document_id: int, reason: str, days: int | None, by: Person, now: datetime
) -> OriginalRequest:
    """Ask whoever handed a copy in to show its original; the case goes on meanwhile, and nothing is stopped.

    `days`: business days that they have, counted from their legal notification; None for no time limit, as the law
    sets none. Raises NotAllowed, CaseEnded, AlreadyAsked, CommandRefused for a length out of bounds.
    """
    with locked(case.pk, by=by, now=now) as run:
        _check(run, by)
        document = askable(run.case).filter(pk=document_id).first()
        party = giver_of(run.case, document) if document is not None else None
        if document is None or party is None:
            raise AlreadyAsked
        if days is not None and not 1 <= days <= MOST_DAYS:
            raise CommandRefused(_("Da entre 1 y %(most)s días hábiles.") % {"most": MOST_DAYS})
        order = receipts.file_order(
            run, title=_title(document), text=_asked_text, rows=_asked_rows(run, document, party, reason, days)
        )
        made = OriginalRequest.objects.create(
            case=run.case,
            agency=run.agency,
            document=document,
            order=order,
            party=party,
            reason=reason,
            asked_by=by,
            asked_at=now,
        )
        if days is not None:
            made.deadline = _clock(run, made, days)
            made.save(update_fields=["deadline"])
        run.record("original.asked", {"seq": document.item.seq}, {"reason": reason})
        words = {"number": run.case.number, "title": document.title, "reason": reason.rstrip(". ")}
        messages.tell(run, party, lambda: _asked(words), documents=[order])
    return made


def _asked(words: dict[str, str]) -> Said:
    told = _(
        "Muestra en la oficina el original de «%(title)s»: lo comparan con la copia y te lo devuelven. Motivo: "
        "%(reason)s. Tu solicitud sigue mientras tanto."
    )
    return Said(_("Muestra un original: solicitud N° %(number)s") % words, told % words)


def _title(document: Document) -> Callable[[], str]:
    """By its number in the file: who does not read the document reads the certificate that this was notified."""
    return lambda: _("Requerimiento de mostrar el original del documento N° %(seq)s") % {"seq": document.item.seq}


def _asked_text() -> str:
    return _(
        "Se pide mostrar el original del documento que sigue, para compararlo con la copia que está en el expediente. "
        "Quien entrega una copia conserva su original y lo muestra cuando se le pide. La solicitud sigue su curso "
        "mientras tanto."
    )


@in_spanish
def _asked_rows(run: Run, document: Document, party: CaseParty, reason: str, days: int | None) -> list[Row]:
    term = _("%(days)s días hábiles desde la notificación de este requerimiento") % {"days": days} if days else ""
    return [
        Row(label=_("N° de solicitud"), value=run.case.number),
        Row(label=_("Documento"), value=document.title),
        Row(label=_("N° en el expediente"), value=str(document.item.seq)),
        Row(label=_("Huella de la copia (SHA-256)"), value=document.sha256),
        Row(label=_("Quién debe mostrarlo"), value=str(party)),
        Row(label=_("Motivo"), value=reason),
        Row(label=_("Plazo"), value=term or _("la ley no fija uno, y no se fijó")),
        Row(label=_("Norma"), value=SOURCE),
    ]


def _clock(run: Run, request: OriginalRequest, days: int) -> Deadline:
    """It waits for the legal notification of the request, like every clock of a person; at its end nothing happens."""
    clock = Deadline(
        kind=Deadline.Kind.ORIGINAL,
        party=request.party,
        binds_applicant=True,
        amount=days,
        unit=Deadline.Unit.BUSINESS_DAYS,
        trigger=f"notified({request.step_id})",
        legal_source=SOURCE,
        may_halve=False,
    )
    return deadlines.open_clock(run, clock, None)


def close_request(
    *, case: Case, request_id: int, outcome: str, note: str, by: Person, now: datetime
) -> OriginalRequest:
    """Record that the original was shown and is equal, was shown and is different, or was not shown.

    It decides nothing by itself: what follows is for whoever resolves. Raises NotAllowed, CaseEnded, AlreadyClosed,
    StillInTime, CommandRefused for an outcome that does not exist.
    """
    with locked(case.pk, by=by, now=now) as run:
        _check(run, by)
        found = pending(run.case).filter(pk=request_id).first()
        if found is None:
            raise AlreadyClosed
        if outcome not in (Outcome.EQUAL, Outcome.DIFFERENT, Outcome.NOT_SHOWN):
            raise CommandRefused
        clock = found.deadline
        if outcome == Outcome.NOT_SHOWN and clock is not None and clock.state in deadlines.STILL_OPEN:
            raise StillInTime
        if clock is not None and clock.state in deadlines.STILL_OPEN:
            clock.state, clock.closed_at = Deadline.State.MET, now
            clock.save(update_fields=["state", "closed_at"])
        found.outcome, found.note, found.closed_by, found.closed_at = outcome, note, by, now
        found.record = _recorded(run, found)
        found.save(update_fields=["outcome", "note", "closed_by", "closed_at", "record"])
        run.record("original.closed", {"seq": found.document.item.seq, "original": outcome}, {"note": note})
        words = {
            "number": run.case.number,
            "title": found.document.title,
            "outcome": Outcome(outcome).label,
            "note": note,
        }
        messages.tell(run, found.party, lambda: _closed(words), documents=[found.record])
    return found


@in_spanish
def _recorded(run: Run, found: OriginalRequest) -> Document:
    def title() -> str:
        return _("Constancia sobre el original del documento N° %(seq)s") % {"seq": found.document.item.seq}

    def told() -> str:
        return _("Se deja constancia de lo que pasó con el original que se pidió mostrar.")

    rows = [
        Row(label=_("N° de solicitud"), value=run.case.number),
        Row(label=_("Documento"), value=found.document.title),
        Row(label=_("N° en el expediente"), value=str(found.document.item.seq)),
        Row(label=_("Huella de la copia (SHA-256)"), value=found.document.sha256),
        Row(label=_("Pedido el"), value=date_format(found.asked_at, "DATE_FORMAT")),
        Row(label=_("Resultado"), value=capfirst(found.get_outcome_display())),
        Row(label=_("Detalle"), value=found.note),
        Row(label=_("Norma"), value=SOURCE),
    ]
    return receipts.file_order(run, title=title, text=told, rows=rows)


def _closed(words: dict[str, Any]) -> Said:
    told = _("El original de «%(title)s» %(outcome)s. %(note)s Puedes decir lo que estimes hasta que decidan.")
    return Said(_("Quedó registrado qué pasó con un original: solicitud N° %(number)s") % words, told % words)


def time_over(run: Run, clock: Deadline) -> None:
    """Tell whoever asked, and who sees to the case now, that the time is over: they record what follows (R11).

    Whoever asked may have left, and the case gone on to others.
    """
    found = pending(run.case).filter(deadline=clock).select_related("asked_by").first()
    if found is not None:
        words = {"number": run.case.number, "title": found.document.title}
        path = reverse("workflows:desk_measure", args=[run.case.ref, "registrar-original"])
        for person in {found.asked_by, *messages.attending(run)}:
            messages.tell_official(run, person, lambda: _over(words), path)


def _over(words: dict[str, str]) -> Said:
    return Said(
        _("Venció el plazo para mostrar un original: solicitud N° %(number)s") % words,
        _("No consta que se haya mostrado el original de «%(title)s». Registra qué pasó; la solicitud no se detuvo.")
        % words,
        _("Registrar qué pasó"),
    )


def askable(case: Case) -> QuerySet[Document]:
    """The files that people attached, whose original nobody is waiting for.

    Not what an official scanned at the counter: that paper is kept at the office (DS 4 art. 34).
    """
    attached = Document.objects.filter(file=case.file_id, kind=Document.Kind.ATTACHMENT, item__isnull=False)
    received = attached.filter(item__direction="in", exchanges=None).exclude(item__origin=SCANNED)
    received = received.select_related("item")
    return received.exclude(original_requests__in=pending(case)).order_by("item__seq")


def pending(case: Case) -> QuerySet[OriginalRequest]:
    """Requests whose original was not shown yet."""
    waiting = case.original_requests.filter(outcome=Outcome.WAITING)
    return waiting.select_related("document__item", "deadline", "party__person", "order").order_by("pk")


def _check(run: Run, by: Person) -> None:
    check_official(run.case, by, run.today)
    if run.case.finished is not None:
        raise CaseEnded
