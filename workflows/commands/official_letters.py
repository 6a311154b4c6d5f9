"""Letters to other bodies about a case and their answers: recorded, filed, and copied to everyone interested (R61)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import QuerySet
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Person
from documents.api import DocumentContent, Paragraph, Row, Table, in_spanish
from documents.models import Document, FileItem
from workflows import authorising, exchanges, receipts
from workflows.access import check_official
from workflows.acts import letterhead
from workflows.commands.correspondence import CaseEnded, Upload, file_upload
from workflows.commands.locking import locked
from workflows.errors import CommandRefused
from workflows.models import Case, Exchange
from workflows.runtime import Run


class NotAuthorised(CommandRefused):
    """Sensitive data are asked for and the person does not let them be sent."""

    message = gettext_lazy(
        "La persona no autorizó que otras instituciones envíen sus datos sensibles en esta solicitud, o lo retiró. "
        "Pídeselos a ella, con un mensaje."
    )


class AlreadyAnswered(CommandRefused):
    """Somebody recorded the answer before."""

    message = gettext_lazy("La respuesta de ese oficio ya está registrada.")


@dataclass(frozen=True)
class Letter:
    """What an official writes to another body."""

    addressee: str
    addressee_code: str
    medium: str
    """How it is sent: DocDigital with its number, official e-mail…"""
    matter: str
    text: str
    due_on: date | None
    is_sensitive: bool


def send_letter(*, case: Case, letter: Letter, by: Person, now: datetime) -> Exchange:
    """Write to another body about a case: the letter enters the file and everybody interested gets a copy.

    Ley 19.880 art. 9; DS 4 art. 39. Raises NotAllowed, CaseEnded, NotAuthorised, CommandRefused for a day gone by.
    """
    with locked(case.pk, by=by, now=now) as run:
        _check(run, by)
        if letter.is_sensitive and not authorising.is_given(run.case):
            raise NotAuthorised
        if letter.due_on is not None and letter.due_on < run.today:
            raise CommandRefused(_("Ese plazo ya pasó: escribe una fecha desde hoy."))
        document = receipts.enter(run, Document.Kind.LETTER, _content(run, letter), FileItem.Direction.OUT)
        asked = exchanges.Asked(
            kind=Exchange.Kind.LETTER,
            addressee=letter.addressee,
            addressee_code=letter.addressee_code,
            service=letter.medium,
            sought=(letter.matter,),
            due_on=letter.due_on,
            is_sensitive=letter.is_sensitive,
            document=document,
        )
        sent = exchanges.ask(run, asked)
        exchanges.copy_to_everyone(run, sent)
    return sent


def answer_letter(
    *, case: Case, exchange_id: int, text: str, uploads: Sequence[Upload], by: Person, now: datetime
) -> Exchange:
    """Record what another body answered: it becomes a document of the file, with those that came along.

    Raises NotAllowed, CaseEnded, AlreadyAnswered, NotAuthorised when the person took back that it be asked for, and
    documents.api.FilesUnavailable.
    """
    with locked(case.pk, by=by, now=now) as run:
        _check(run, by)
        letter = _waiting(run.case, exchange_id)
        document = exchanges.keep(run, letter, ((_("Respuesta"), text),))
        came = [_came(run, letter, upload) for upload in uploads]
        exchanges.end(run, letter, Exchange.Result.SUCCESS, document, *came)
        exchanges.tell_answer(run, letter)
    return letter


def _waiting(case: Case, exchange_id: int) -> Exchange:
    letter = Exchange.objects.filter(case=case, kind=Exchange.Kind.LETTER, pk=exchange_id).first()
    if letter is not None and letter.result == Exchange.Result.UNUSED:
        raise NotAuthorised
    if letter is None or letter.result != Exchange.Result.PENDING:
        raise AlreadyAnswered
    return letter


def _came(run: Run, letter: Exchange, upload: Upload) -> Document:
    origin, sender = exchanges.INTEROPERABILITY, letter.addressee
    return file_upload(run, upload, direction=FileItem.Direction.IN, origin=origin, entered_by=sender)


def pending_letters(case: Case) -> QuerySet[Exchange]:
    """Letters of the case that nobody answered yet, the oldest first."""
    pending = Exchange.objects.filter(case=case, kind=Exchange.Kind.LETTER, result=Exchange.Result.PENDING)
    return pending.order_by("pk")


def _check(run: Run, by: Person) -> None:
    check_official(run.case, by, run.today)
    if run.case.finished is not None:
        raise CaseEnded


@in_spanish
def _content(run: Run, letter: Letter) -> DocumentContent:
    due = date_format(letter.due_on, "DATE_FORMAT") if letter.due_on else _("sin plazo fijado")
    rows = (
        Row(label=_("Institución que pide"), value=run.agency.name),
        Row(label=_("Funcionario responsable"), value=str(run.by)),
        Row(label=_("Institución a la que se pide"), value=letter.addressee),
        Row(label=_("Trámite"), value=f"{run.case.title}, N° {run.case.number}"),
        Row(label=_("Qué se pide"), value=letter.matter),
        Row(label=_("Plazo para responder"), value=due),
        Row(label=_("Por qué medio se envía"), value=letter.medium),
    )
    return DocumentContent(
        title=(_("Oficio a %(body)s") % {"body": letter.addressee})[:300],
        letterhead=letterhead(run),
        date_text=receipts.moment(run),
        blocks=(Table(rows=rows), *(Paragraph(text=part) for part in letter.text.splitlines() if part.strip())),
        notice_lines=(_("Ley 19.880, art. 9; DS 4 de 2020, art. 39: se envía copia a las personas interesadas."),),
    )
