"""An answer to a correction that came on paper: when it counts, and what of it the file and the person keep."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db.models import Q
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Person
from documents.api import Block, DocumentContent, Paragraph, Row, Table, add_item, attach_upload, in_spanish
from documents.models import Blob, Document, FileItem, Scan
from legaltime.api import effective_filing, local_date
from notifications.api import Said
from workflows import exemptions, messages, receipts
from workflows.access import check_receives
from workflows.acts import letterhead
from workflows.errors import CommandRefused, FileInfected
from workflows.messages import title_in
from workflows.models import CaseTask, Channel, Draft, Exemption, PaperAnswer, Submission
from workflows.runtime import Run
from workflows.uploads import with_extension
from workflows.withholding import SCANNED


class NotReceivedThen(CommandRefused):
    """An hour at which the paper cannot have been received."""

    message = gettext_lazy("La hora de recepción todavía no llega. Escribe cuándo te entregó el papel.")


@dataclass(frozen=True)
class OnPaper:
    """The paper that the person signed by hand, and when the counter received it."""

    blob: Blob
    received_at: datetime


def check(run: Run, task: CaseTask, paper: OnPaper) -> None:
    """Whether the paper can be the answer to the correction, and who types it may receive it.

    Raises ReceivesNothing, NotReceivedThen and FileInfected.
    """
    assert run.by is not None, "somebody types it"
    check_receives(run.case, run.by, run.today, run.case.agency_id)
    if paper.blob.scan == Scan.INFECTED:
        raise FileInfected(_("Papel digitalizado"))
    if paper.received_at > run.now:
        raise NotReceivedThen
    if paper.received_at < task.created.replace(second=0, microsecond=0):
        asked = date_format(localtime(task.created), "SHORT_DATETIME_FORMAT")
        early = _("La corrección se pidió el %(asked)s: la respuesta no pudo llegar antes. Revisa el día y la hora.")
        raise NotReceivedThen(early % {"asked": asked})


def keep(run: Run, draft: Draft, submission: Submission, task: CaseTask, paper: OnPaper) -> PaperAnswer:
    """Put the scan into the file and give the receipt; the answer itself is stored already.

    It counts from the hour of reception, on the next business day if that was none (art. 25; DS 4 art. 7; R2, R6).
    """
    assert draft.attendance is not None
    person, received_at = draft.attendance.person, paper.received_at
    effective_at = effective_filing(received_at, run.place)
    file_scan(run, paper)
    answer = PaperAnswer.objects.create(
        submission=submission,
        attendance=draft.attendance,
        received_at=received_at,
        effective_at=effective_at,
        is_in_time=is_in_time(run, task, person, effective_at),
        receipt=give_receipt(run, person, received_at=received_at, effective_at=effective_at, told=_answered),
    )
    run.record("counter.answer_kept", {"step": task.step_id, "on": local_date(received_at, run.place.zone).isoformat()})
    tie_to_exemption(run, person)
    messages.send(run, lambda: _received(run.case.number))
    return answer


def _answered() -> str:
    return _("Se certifica que se recibió en papel la respuesta a la corrección pedida en **%(title)s**.")


@in_spanish
def give_receipt(
    run: Run,
    person: Person,
    *,
    received_at: datetime,
    effective_at: datetime,
    told: Callable[[], str],
    after_closing: bool = False,
) -> Document:
    """The sealed receipt of what a person brought on paper: when it was received and counts (art. 30)."""
    zone = run.place.zone
    legal_day = effective_at.astimezone(ZoneInfo(zone))

    def title() -> str:
        return _("Comprobante de respuesta recibida en papel")

    def said() -> tuple[Block, ...]:
        official = run.by.full_name if run.by is not None else ""
        rows = (
            Row(label=_("N° de solicitud"), value=run.case.number),
            Row(label=_("Fecha y hora de recepción"), value=receipts.hour(received_at, zone)),
            Row(label=_("Fecha legal de presentación"), value=date_format(legal_day, "DATE_FORMAT")),
            Row(label=_("Ingresada al expediente"), value=receipts.moment(run)),
            Row(label=_("Origen"), value=str(Channel.COUNTER.label)),
            Row(label=_("Expediente"), value=run.case.file.iuie),
            Row(label=_("Institución"), value=run.agency.name),
            Row(label=_("Presentada por"), value=receipts.named(person)),
            Row(label=_("Recibida por"), value=_("%(official)s, en el mesón") % {"official": official}),
        )
        words = {"title": title_in(run.case.version)}
        return Paragraph(text=told() % words), Table(rows=rows)

    content = DocumentContent(
        title=title(),
        letterhead=letterhead(run),
        date_text=receipts.moment(run),
        blocks=(*said(), *receipts.translated(title, said, person.language)),
        notice_lines=(_("Ley 19.880, arts. 30 y 31; DS 4 de 2020, arts. 7 y 8."),),
    )
    return receipts.enter(run, Document.Kind.RECEIPT, content, FileItem.Direction.OUT, after_closing=after_closing)


@in_spanish
def file_scan(run: Run, paper: OnPaper, *, after_closing: bool = False) -> Document:
    """Put the scan into the file with the hour at which the paper was received (R2)."""
    title = with_extension(_("Respuesta firmada en papel"), paper.blob.media_type)
    document = attach_upload(file=run.case.file, blob=paper.blob, title=title, now=run.now)
    add_item(
        file=run.case.file,
        document=document,
        direction=FileItem.Direction.IN,
        origin=SCANNED,
        entered_by=str(run.by),
        now=run.now,
        received_at=paper.received_at,
        after_closing=after_closing,
    )
    return document


def is_in_time(run: Run, task: CaseTask, person: Person, effective_at: datetime) -> bool:
    """Whether a clock of the person had not run out on the day from which the answer counts; so too if none ran."""
    theirs = Q(party=None) | Q(party__person=person) | Q(party__representative=person)
    ends = list(task.deadlines.filter(theirs).values_list("due_on", flat=True))
    counts_on = local_date(effective_at, run.place.zone)
    return not ends or any(due_on is None or counts_on <= due_on for due_on in ends)


def tie_to_exemption(run: Run, person: Person) -> None:
    """Say in the file that it is valid on paper, also if the exemption asked for is refused later (DS4 art. 31)."""
    found = exemptions.standing(person.pk, run.case.agency_id)
    if found is not None and found.case_id != run.case.pk and found.state != Exemption.State.REFUSED:
        run.record("exemption.paper", {"state": found.state, "number": found.case.number})


def _received(number: str) -> Said:
    return Said(
        _("Recibimos en papel tu respuesta: solicitud N° %(number)s") % {"number": number},
        _(
            "La digitó un funcionario en el mesón y ya está en tu solicitud, con la copia de lo que firmaste. Léela y "
            "guarda tu comprobante. Si no fuiste tú, avisa a la institución."
        ),
    )
