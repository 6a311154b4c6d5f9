"""The certificate of a legal notification: who was told what, how, when, and from when it counts (R27, R32)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.api import format_run, run_of
from accounts.models import Person
from documents.api import DocumentContent, Paragraph, Row, Table, in_spanish
from documents.models import Document, FileItem
from notifications.api import attach_certificate
from notifications.models import NotificationRecord
from procedures.api import Bundle
from workflows import deadlines, receipts
from workflows.acts import letterhead
from workflows.models import Case, CaseParty, Deadline
from workflows.models.cases import RESERVED
from workflows.runtime import Run

Medium = NotificationRecord.Medium
RULES = {
    "office": gettext_lazy("Ley 19.880, art. 46: notificación en la oficina, que vale el mismo día."),
    "letter_third_day": gettext_lazy(
        "Ley 19.880, art. 46: vale desde el tercer día hábil siguiente a la recepción en Correos."
    ),
    "ddu_A": gettext_lazy("DS 4 de 2020, art. 27: vale el tercer día hábil desde el envío al domicilio digital único."),
    "ddu_B": gettext_lazy("DS 4 de 2020, art. 27: vale cuando pasaron tres días hábiles desde ese envío."),
    "tacit": gettext_lazy("Ley 19.880, art. 47: la persona actuó de un modo que supone que conoce el acto."),
}
"""The rule that fixed the day, by the reading that the record names."""
MOMENT_OF = {
    Medium.OFFICE: gettext_lazy("Entrega en la oficina"),
    Medium.LETTER: gettext_lazy("Recepción en Correos"),
    Medium.PLATFORM: gettext_lazy("Envío por la plataforma"),
    Medium.TACIT: gettext_lazy("Actuación de la persona"),
}


@in_spanish
def certify(run: Run, record: NotificationRecord, clocks: Iterable[Deadline]) -> Document:
    """Put the sealed certificate of a notification into the file, also of a case that has ended: acts are told last."""
    document = receipts.enter(
        run,
        Document.Kind.NOTIFICATION,
        _content(run, record, clocks),
        FileItem.Direction.OUT,
        title=_("Constancia de notificación: %(what)s") % {"what": subject_of(record, run.bundle.for_applicant)},
        entered_by=str(record.recorded_by),
        after_closing=True,
    )
    attach_certificate(record=record, document=document)
    return document


def subject_of(record: NotificationRecord, bundle: Bundle) -> str:
    """What was notified, as `called` says it."""
    return called(record.document, record.subject_id, bundle)


def called(act: Document | None, step_id: str, bundle: Bundle) -> str:
    """The act with its number, else the step as the bundle calls it."""
    if act is not None:
        return f"{act.title} N° {act.number}" if act.number else act.title
    return bundle.step(step_id).title if bundle.has_step(step_id) else _("Todo el trámite")


def _content(run: Run, record: NotificationRecord, clocks: Iterable[Deadline]) -> DocumentContent:
    return DocumentContent(
        title=_("Constancia de notificación"),
        letterhead=letterhead(run),
        date_text=_moment(run, record.recorded_at),
        blocks=(
            Paragraph(text=_("Se deja constancia en el expediente de la notificación que sigue.")),
            Table(rows=(*_about(run, record), *_made(run, record), *_started(clocks))),
        ),
        notice_lines=(str(RULES[record.reading]), _("Registrada conforme al DS 4 de 2020, arts. 23 y 27.")),
    )


def _about(run: Run, record: NotificationRecord) -> tuple[Row, ...]:
    """What was notified, in which case, and to whom."""
    act = record.document
    digest = (Row(label=_("Huella del acto (SHA-256)"), value=act.sha256 or act.content_sha256),) if act else ()
    return (
        Row(label=_("N° de solicitud"), value=run.case.number),
        Row(label=_("Expediente"), value=run.case.file.iuie),
        Row(label=_("Qué se notificó"), value=subject_of(record, run.bundle.for_applicant)),
        *digest,
        Row(label=_("A quién"), value=whom(parties_of(run.case), record.person, _with_run(record.person))),
    )


def parties_of(case: Case) -> list[CaseParty]:
    """Those of the case, also who left, as `whom` reads them."""
    return list(case.parties.select_related("person", "organisation").order_by("pk"))


def whom(parties: Iterable[CaseParty], person: Person, named: str) -> str:
    """Who was told, written as `named`, and for whom they act unless they are an interested person themselves.

    Nothing of who keeps their identity back, nor of who acts for them, also once they left the case.
    """
    own = [one for one in parties if person.pk in (one.person_id, one.representative_id)]
    if any(one.is_reserved for one in own):
        return str(RESERVED)
    present = [one for one in own if one.left_at is None]
    if not present or any(one.person_id == person.pk for one in present):
        return named
    return _("%(name)s, en representación de %(whom)s") % {"name": named, "whom": present[0]}


def _with_run(person: Person) -> str:
    number = run_of(person)
    return f"{person}, RUN {format_run(number)}" if number else str(person)


def _made(run: Run, record: NotificationRecord) -> tuple[Row, ...]:
    """How, when, with what proof, and who recorded it.

    Every party may open it: what an official wrote as proof may name who keeps their identity back, so it is left out.
    """
    medium = Medium(record.medium)
    is_reserved = whom(parties_of(run.case), record.person, "") == RESERVED
    written = () if is_reserved else ((_("Prueba"), record.evidence), (_("Por qué ese medio"), record.departure))
    proof = ((_("Código de transacción"), record.transaction_code), *written)
    return (
        Row(label=_("Medio"), value=capfirst(str(medium.label))),
        Row(label=str(MOMENT_OF[medium]), value=_moment(run, record.occurred_at)),
        *(Row(label=label, value=text) for label, text in proof if text),
        Row(label=_("Vale desde"), value=date_format(record.effective_on, "DATE_FORMAT")),
        Row(label=_("La registró"), value=str(record.recorded_by)),
    )


def _started(clocks: Iterable[Deadline]) -> tuple[Row, ...]:
    """The terms that it set running, with their last days."""
    words = _("%(clock)s, hasta el %(due)s")
    return tuple(
        Row(
            label=_("Plazo que empezó"),
            value=words % {"clock": deadlines.title_of(clock), "due": date_format(clock.due_on, "DATE_FORMAT")},
        )
        for clock in clocks
        if clock.due_on
    )


def _moment(run: Run, instant: datetime) -> str:
    local = instant.astimezone(ZoneInfo(run.place.zone))
    return f"{date_format(local, 'DATE_FORMAT')}, {local:%H:%M} horas"
