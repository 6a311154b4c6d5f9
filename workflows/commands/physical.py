"""What cannot be digitised: announced, received, moved, given back, each an entry of the file (DS 4 art. 14; R51)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q, QuerySet
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Person
from documents.api import DocumentContent, Paragraph, PhysicalThing, Row, Table, in_spanish, note_physical
from documents.api import physical_things as things_of_file
from documents.models import Document, FileItem, PhysicalEntry
from notifications.api import Said
from workflows import messages, receipts
from workflows.access import check_official, check_receives, filed_at_counter, own_cases
from workflows.acts import letterhead
from workflows.commands.correspondence import CaseEnded, tell_officials
from workflows.commands.locking import locked
from workflows.errors import CommandRefused, NotAllowed
from workflows.models import Attendance, Case
from workflows.runtime import Run
from workflows.withholding import known_as

Kind, Cause = PhysicalEntry.Kind, PhysicalEntry.Cause


SHORT = {
    Kind.ANNOUNCED: gettext_lazy("Anuncio de entrega"),
    Kind.RECEIVED: gettext_lazy("Referencia"),
    Kind.MOVED: gettext_lazy("Cambio de lugar"),
    Kind.RETURNED: gettext_lazy("Devolución"),
}
"""How an entry is called in lists of documents, before what it is about."""


class PlaceMissing(CommandRefused):
    """A reference without a place refers to nothing."""

    message = gettext_lazy("Escribe dónde queda guardado: sin el lugar, nadie podrá encontrarlo.")


class ReasonMissing(CommandRefused):
    """Everything is digitised unless there is a reason."""

    message = gettext_lazy("Escribe por qué no se puede digitalizar.")


class ResolutionMissing(CommandRefused):
    """Too many pages is a cause only from the limit that a reasoned resolution sets (DS 4 art. 14)."""

    message = gettext_lazy(
        "Por la cantidad de hojas, solo se deja sin digitalizar lo que pasa del límite que fija una resolución "
        "fundada: escribe cuál es (DS 4, art. 14). Si no la hay, digitaliza el documento."
    )


class NotHere(CommandRefused):
    """The thing was given back, or it is another case's."""

    message = gettext_lazy("Eso ya se devolvió o no está en este expediente. Actualiza la página.")


class AlreadyReceived(CommandRefused):
    """Somebody received what was announced."""

    message = gettext_lazy("Lo anunciado ya se recibió. Actualiza la página para ver dónde está.")


@dataclass(frozen=True)
class Undigitised:
    """What cannot be digitised, and why."""

    what: str
    cause: str
    reason: str
    resolution: str = ""


@dataclass(frozen=True)
class Handing:
    """From whom to whom something passed, on which day, and where it is since."""

    handed_by: str
    received_by: str
    on: date
    place: str = ""


def announce(*, case: Case, thing: Undigitised, by: Person, now: datetime) -> PhysicalEntry:
    """An interested person says that something must be handed in physically.

    It takes its place in the file when it is said; whoever receives it states why it is not digitised. Raises
    NotAllowed, CaseEnded, ReasonMissing.
    """
    with locked(case.pk, by=by, now=now) as run:
        if not own_cases(by).filter(pk=case.pk).exists():
            raise NotAllowed
        _check_open(run, thing)
        entry = _entry(Kind.ANNOUNCED, thing, None)
        made = _enter(run, entry, lambda: _("Anuncio de entrega de algo que no se puede digitalizar"))
        tell_officials(run)
    return made


def receive(
    *,
    case: Case,
    thing: Undigitised,
    handing: Handing,
    by: Person,
    now: datetime,
    announced_id: int | None = None,
    attendance: Attendance | None = None,
) -> PhysicalEntry:
    """Record that something which cannot be digitised was handed in, and where it is kept (D10 art. 26; R51).

    By an official of the case or, with an `attendance`, by whoever attends its applicant at a counter. Raises
    NotAllowed, ReceivesNothing, CaseEnded, PlaceMissing, ReasonMissing, ResolutionMissing, AlreadyReceived,
    CommandRefused for a day to come.
    """
    with locked(case.pk, by=by, now=now) as run:
        _check_receiver(run, by, attendance)
        _check_open(run, thing)
        _check_handing(run, handing)
        if thing.cause == Cause.QUANTITY and not thing.resolution.strip():
            raise ResolutionMissing
        first = _announced(run, announced_id) if announced_id is not None else None
        made = _enter(
            run,
            _entry(Kind.RECEIVED, thing, handing, first),
            lambda: _("Referencia a algo que no se puede digitalizar"),
        )
        _tell(run, made, gettext_lazy("Recibimos algo que no se puede digitalizar: solicitud N° %(number)s"))
    return made


def move(*, case: Case, first_id: int, handing: Handing, reason: str, by: Person, now: datetime) -> PhysicalEntry:
    """Record that it changed of place, also once the case ended: its place must be true while the file is kept.

    Raises NotAllowed, NotHere, PlaceMissing, ReasonMissing, CommandRefused for a day to come or before the last entry.
    """
    with locked(case.pk, by=by, now=now) as run:
        found = _kept(run, first_id, by)
        _check_handing(run, handing)
        made = _again(run, found, Kind.MOVED, handing, reason)
        _tell(run, made, gettext_lazy("Cambió de lugar algo que entregaste: solicitud N° %(number)s"))
    return made


def give_back(*, case: Case, first_id: int, handing: Handing, reason: str, by: Person, now: datetime) -> PhysicalEntry:
    """Record that it was given back, to whom and why; the reference stays. Raises as `move`, but for the place."""
    with locked(case.pk, by=by, now=now) as run:
        found = _kept(run, first_id, by)
        _check_day(run, handing.on)
        made = _again(run, found, Kind.RETURNED, handing, reason)
        _tell(run, made, gettext_lazy("Se devolvió algo que entregaste: solicitud N° %(number)s"))
    return made


def announced(case: Case) -> list[PhysicalThing]:
    """What somebody said they would hand in and nobody received yet."""
    return [thing for thing in things_of_file(case.file) if thing.now.kind == Kind.ANNOUNCED]


def kept(case: Case) -> list[PhysicalThing]:
    """What is kept somewhere now."""
    return [thing for thing in things_of_file(case.file) if thing.now.kind in (Kind.RECEIVED, Kind.MOVED)]


def receivable(attendance: Attendance) -> QuerySet[Case]:
    """Open cases for which whoever attends may receive something: what was filed here, and the person's in this agency.

    None by phone, of somebody who did not prove who they are, or once the attendance ended.
    """
    if attendance.is_by_phone or not attendance.is_identified or attendance.ended_at is not None:
        return Case.objects.none()
    own = own_cases(attendance.person).filter(agency=attendance.agency).values("pk")
    here = filed_at_counter(attendance).values("pk")
    found = Case.objects.filter(finished=None).defer("flow_class").select_related("agency")
    return (found.filter(pk__in=own) | found.filter(pk__in=here)).order_by("number")


def _check_receiver(run: Run, by: Person, attendance: Attendance | None) -> None:
    if attendance is not None:
        if attendance.official_id != by.pk or not receivable(attendance).filter(pk=run.case.pk).exists():
            raise NotAllowed
        check_receives(run.case, by, run.today, attendance.agency_id)
    else:
        check_official(run.case, by, run.today)


def _check_open(run: Run, thing: Undigitised) -> None:
    if run.case.finished is not None:
        raise CaseEnded
    if not thing.reason.strip() or thing.cause not in Cause.values:
        raise ReasonMissing


def _check_handing(run: Run, handing: Handing) -> None:
    if not handing.place.strip():
        raise PlaceMissing
    _check_day(run, handing.on)


def _check_day(run: Run, day: date) -> None:
    if day > run.today:
        raise CommandRefused(_("La fecha no puede ser posterior a hoy."))


def _announced(run: Run, pk: int) -> PhysicalEntry:
    found = next((thing for thing in things_of_file(run.case.file) if thing.first.pk == pk), None)
    if found is None or found.now.kind != Kind.ANNOUNCED:
        raise AlreadyReceived
    return found.first


def _kept(run: Run, pk: int, by: Person) -> PhysicalThing:
    check_official(run.case, by, run.today)
    found = next((thing for thing in kept(run.case) if thing.first.pk == pk), None)
    if found is None:
        raise NotHere
    return found


def _again(run: Run, thing: PhysicalThing, kind: str, handing: Handing, reason: str) -> PhysicalEntry:
    if not reason.strip():
        raise ReasonMissing(_("Escribe por qué."))
    last = thing.now.happened_on
    if last is not None and handing.on < last:
        before = _("La fecha no puede ser anterior al %(day)s, la última anotada.")
        raise CommandRefused(before % {"day": date_format(last, "SHORT_DATE_FORMAT")})
    known = thing.origin
    entry = _entry(kind, Undigitised(known.what, known.cause, reason, known.resolution), handing, thing.first)
    titles: dict[str, Callable[[], str]] = {
        Kind.MOVED: lambda: _("Cambio de lugar de algo que no se puede digitalizar"),
        Kind.RETURNED: lambda: _("Devolución de algo que no se puede digitalizar"),
    }
    return _enter(run, entry, titles[kind])


def _entry(kind: str, thing: Undigitised, handing: Handing | None, first: PhysicalEntry | None = None) -> PhysicalEntry:
    entry = PhysicalEntry(
        kind=kind,
        first=first,
        what=thing.what.strip(),
        cause=thing.cause,
        reason=thing.reason.strip(),
        resolution=thing.resolution.strip() if thing.cause == Cause.QUANTITY else "",
    )
    if handing is not None:
        entry.place, entry.happened_on = handing.place.strip(), handing.on
        entry.handed_by, entry.received_by = handing.handed_by.strip(), handing.received_by.strip()
    return entry


@in_spanish
def _enter(run: Run, entry: PhysicalEntry, title: Callable[[], str]) -> PhysicalEntry:
    """The sealed document of an entry, in its place in the file, with what it says for machines."""
    content = DocumentContent(
        title=title(),
        letterhead=letterhead(run),
        date_text=receipts.moment(run),
        blocks=(
            Paragraph(text=_("Lo que sigue existe fuera del expediente electrónico, que lo contiene por referencia.")),
            Table(rows=tuple(_rows(run, entry))),
        ),
        notice_lines=(_("DS 4 de 2020, art. 14; DS 10 de 2023, art. 26 (expediente híbrido)."),),
    )
    is_announced = entry.kind == Kind.ANNOUNCED
    direction = FileItem.Direction.OUT if entry.kind == Kind.RETURNED else FileItem.Direction.IN
    document = receipts.enter(
        run,
        Document.Kind.REFERENCE,
        content,
        FileItem.Direction.INTERNAL if entry.kind == Kind.MOVED else direction,
        title=f"{SHORT[Kind(entry.kind)]}: {entry.what}"[:300],
        origin="" if is_announced else "physical",
        entered_by=known_as(run.case, run.by),
        after_closing=entry.kind in (Kind.MOVED, Kind.RETURNED),
    )
    made = note_physical(document=document, entry=entry)
    run.record("physical.noted", {"seq": document.item.seq, "physical": entry.kind})
    return made


def _rows(run: Run, entry: PhysicalEntry) -> list[Row]:
    is_later = entry.kind in (Kind.MOVED, Kind.RETURNED)
    told = (
        (_("N° de solicitud"), run.case.number),
        (_("Expediente"), run.case.file.iuie),
        (_("Qué es"), entry.what),
        (_("Qué pasó"), capfirst(entry.get_kind_display())),
        (_("Por qué no se digitaliza"), capfirst(entry.get_cause_display())),
        (_("Motivo") if is_later else _("Detalle"), entry.reason),
        (_("Resolución que fija el límite de hojas"), entry.resolution),
        (_("Lo entregó"), entry.handed_by),
        (_("Lo recibió"), entry.received_by),
        (_("Fecha"), date_format(entry.happened_on, "DATE_FORMAT") if entry.happened_on else ""),
        (_("Dónde está desde entonces"), entry.place),
        (_("Lo registró"), known_as(run.case, run.by)),
    )
    return [Row(label=label, value=value) for label, value in told if value]


def _tell(run: Run, entry: PhysicalEntry, subject: str | Promise) -> None:
    """Whoever applied reads what became of it; of what is kept from the others, only whose data it holds (R41)."""
    words = {"number": run.case.number, "what": entry.what, "place": entry.place, "who": entry.received_by}

    def said() -> Said:
        where = (
            _("«%(what)s» está en: %(place)s. Lo tiene %(who)s.") if entry.place else _("«%(what)s»: lo tiene %(who)s.")
        )
        return Said(str(subject) % words, f"{where % words} {_('La constancia está entre los documentos.')}")

    root = entry.first_id or entry.pk
    about = PhysicalEntry.objects.filter(Q(pk=root) | Q(first=root)).values("document")
    mark = run.case.sensitive_marks.filter(lifted_at=None, document__in=about).select_related("party").first()
    if mark is None:
        messages.send(run, said, documents=[entry.document])
    else:
        messages.tell(run, mark.party, said, documents=[entry.document])
