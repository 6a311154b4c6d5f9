"""The counter and the phone: an official helps a person, and files only what the person signed by hand before them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.api import get_or_create_person, memberships_of, person_by_run
from accounts.models import AgencyCapability, Membership, Person
from documents.api import add_item, attach_upload
from documents.models import Blob, FileItem
from notifications.api import Said, Say, send_notice
from procedures.models import Offering
from workflows import drafts, papers
from workflows.access import check_receives
from workflows.commands import filing
from workflows.commands.locking import locked
from workflows.errors import AlreadyFiled, CommandRefused, NotAllowed
from workflows.messages import title_in
from workflows.models import Attendance, Case, Channel, Draft
from workflows.uploads import keep_paper, with_extension
from workflows.withholding import SCANNED


class NamesMissing(CommandRefused):
    """Nobody with that RUN is known, and no name came with it."""

    message = gettext_lazy("Es su primera vez aquí: escribe sus nombres y apellidos como en su documento.")


class AttendanceEnded(CommandRefused):
    """Nothing more is done in an attendance that is over."""

    message = gettext_lazy("La atención ya terminó. Empieza otra.")


class NotByPhone(CommandRefused):
    """What needs the person's own hand, present."""

    message = gettext_lazy(
        "Por teléfono nadie firma por la persona. Pásale la solicitud: la firma con su ClaveÚnica o en un mesón."
    )


class AttendsOneself(CommandRefused):
    """An official does not attend themselves (Ley 19.880, art. 12)."""

    message = gettext_lazy("No puedes atenderte a ti. Pide que te atienda otra persona (Ley 19.880, art. 12).")


def counter_post(person: Person, on: date) -> Membership | None:
    """The post by which the person attends a counter on that day."""
    capable = memberships_of(person, on).filter(role__grants__capability=AgencyCapability.COUNTER)
    return capable.first()


@transaction.atomic
def attend(
    *,
    run: str,
    given_names: str,
    family_names: str,
    identity: str,
    document_number: str,
    by: Person,
    on: date,
    now: datetime,
) -> Attendance:
    """Begins to attend a person who proved who they are. `on`: the day at the office.

    Raises NotAllowed, NamesMissing, AttendsOneself and accounts.api.InvalidRun.
    """
    found = begun(run, given_names, family_names, by=by, on=on, now=now)
    found.identity, found.document_number = identity, document_number
    found.save(force_insert=True)
    return found


def begun(run: str, given_names: str, family_names: str, *, by: Person, on: date, now: datetime) -> Attendance:
    """An attendance that is about to be kept, of the person with that RUN. Raises what `attend` does."""
    post = counter_post(by, on)
    if post is None:
        raise NotAllowed
    person = person_by_run(run)
    if person is None and not given_names:
        raise NamesMissing
    person = person or get_or_create_person(run, given_names, family_names)
    if person == by:
        raise AttendsOneself
    return Attendance(agency=post.role.unit.agency, official=by, membership=post, person=person, started_at=now)


@transaction.atomic
def begin(*, attendance: Attendance, offering: Offering, now: datetime) -> Draft:
    """Opens a draft for the person attended, of a procedure of any agency. Raises AttendanceEnded."""
    if attendance.ended_at is not None:
        raise AttendanceEnded
    return drafts.begin(offering=offering, by=attendance.official, now=now, attendance=attendance)


@transaction.atomic
def take_up(*, draft: Draft, attendance: Attendance, by: Person, now: datetime) -> Draft:
    """Goes on with a draft that the person began alone or with somebody else's help; it goes back when this ends.

    Raises NotAllowed, AttendanceEnded and AlreadyFiled.
    """
    if attendance.ended_at is not None:
        raise AttendanceEnded
    current = Draft.objects.select_for_update(of=("self",)).select_related("attendance", "version").get(pk=draft.pk)
    if attendance.official_id != by.pk or not attendance.is_identified or not is_own(current, attendance.person):
        raise NotAllowed
    if current.is_closed:
        raise AlreadyFiled
    current.helped_before, current.taken_up_at = current.attendance, now
    current.person, current.attendance, current.changed_at = attendance.official, attendance, now
    current.save(update_fields=["person", "attendance", "changed_at", "helped_before", "taken_up_at"])
    _tell_taken_up(current, attendance, now)
    return current


def _tell_taken_up(draft: Draft, attendance: Attendance, now: datetime) -> None:
    """Leave the person a notice that somebody else goes on with what they began, in case it was not them who asked."""
    _tell(draft, attendance, _taken_up, path=reverse("workflows:my_cases"), now=now)


def _taken_up() -> Said:
    body = _(
        "%(official)s, de %(agency)s, abrió «%(title)s» para seguirla contigo. Al terminar la atención vuelve a "
        "«Mis trámites». Si no llamaste ni fuiste tú, avisa a la institución."
    )
    return Said(_("Siguen contigo una solicitud que tenías empezada"), body, _("Ver mis trámites"))


def is_own(draft: Draft, person: Person) -> bool:
    """Whether the person holds the draft and it is for themselves: those for others need the power at hand."""
    is_theirs = draft.party is None or draft.party.person_id == person.pk
    return draft.person_id == person.pk and draft.mandate_id is None and draft.task_id is None and is_theirs


@transaction.atomic
def file_signed_on_paper(*, draft: Draft, paper: UploadedFile[bytes] | Blob, by: Person, now: datetime) -> Case:
    """Files what the person signed by hand; the scan enters the file, conforming to the paper (DS4 art. 11, R50).

    Raises NotAllowed, NotByPhone, drafts.Incomplete, AlreadyFiled, documents.api.FilesUnavailable, and ReceivesNothing
    where the official is party in what is filed: then nothing is.
    """
    if draft.attendance is None or draft.attendance.official_id != by.pk:
        raise NotAllowed
    if draft.attendance.is_by_phone:
        raise NotByPhone
    case = filing.start(draft=draft, by=by, signature=None, now=now, channel=Channel.COUNTER)
    with locked(case.pk, by=by, now=now) as run:
        check_receives(run.case, by, run.today, draft.attendance.agency_id)
        blob = keep_paper(paper, now=now)
        title = with_extension(_("Solicitud firmada en papel"), blob.media_type)
        document = attach_upload(file=run.case.file, blob=blob, title=title, now=now)
        add_item(
            file=run.case.file,
            document=document,
            direction=FileItem.Direction.IN,
            origin=SCANNED,
            entered_by=str(by),
            now=now,
        )
        run.record("counter.paper_kept", {"sha256": blob.sha256})
        papers.tie_to_exemption(run, draft.attendance.person)
    return case


@transaction.atomic
def hand_over(*, draft: Draft, by: Person, now: datetime) -> Draft:
    """Gives the draft to the person attended, who signs it with their own ClaveÚnica, here or on their phone.

    What they had begun goes back as it was before it was taken up: the official sees no more of it. Raises NotAllowed.
    """
    rows = Draft.objects.select_for_update(of=("self",))
    current = rows.select_related("attendance__person", "helped_before", "agency", "version").get(pk=draft.pk)
    attendance = current.attendance
    if attendance is None or attendance.official_id != by.pk or current.filed_at is not None:
        raise NotAllowed
    current.person, current.changed_at = attendance.person, now
    if current.taken_up_at is not None:
        current.attendance, current.helped_before, current.taken_up_at = current.helped_before, None, None
    current.save(update_fields=["person", "changed_at", "attendance", "helped_before", "taken_up_at"])
    if attendance.is_by_phone:
        said = _ready if _is_complete(current) else _begun
        _tell(current, attendance, said, path=reverse("workflows:page", args=[current.ref, 1]), now=now)
    return current


def _tell(draft: Draft, attendance: Attendance, say: Say, *, path: str, now: datetime) -> None:
    """Leave the person attended a notice about a draft, to be found without noting down an address.

    `say` words it, with gaps in its text for the names; its button leads to `path`.
    """

    def named() -> Said:
        who = {"official": str(attendance.official), "agency": attendance.agency.name}
        said = say()
        return replace(said, body=said.body % {**who, "title": title_in(draft.version)})

    send_notice(
        person=attendance.person,
        agency=attendance.agency,
        file=None,
        case_ref=draft.ref,
        case_id=None,
        say=named,
        action_path=path,
        email=attendance.person.email,
        now=now,
    )


def _is_complete(draft: Draft) -> bool:
    try:
        drafts.complete_answers(draft)
    except drafts.Incomplete:
        return False
    return True


def _ready() -> Said:
    """Only reviewing and signing are missing."""
    body = _(
        "%(official)s, de %(agency)s, llenó contigo «%(title)s». Todavía no se presenta: revísala y fírmala con tu "
        "ClaveÚnica, o pide en un mesón que la impriman. Si no llamaste tú, bórrala y avisa a la institución."
    )
    return Said(_("Tu solicitud por teléfono está lista para que la revises y firmes"), body, _("Revisar y firmar"))


def _begun() -> Said:
    """Answers are missing."""
    body = _(
        "%(official)s, de %(agency)s, te ayudó con «%(title)s» y faltan respuestas. Todavía no se presenta: continúala "
        "y fírmala con tu ClaveÚnica, o pide ayuda en un mesón. Si no la quieres, o no llamaste tú, bórrala."
    )
    return Said(_("Quedó empezada una solicitud tuya por teléfono"), body, _("Continuar"))


@transaction.atomic
def end(*, attendance: Attendance, now: datetime) -> None:
    """Ends the attendance; what was not filed goes to the person, who may finish it alone for thirty days.

    What the official began and nobody answered is nothing to the person: it is dropped.
    """
    for draft in attendance.drafts.filter(person=attendance.official, filed_at=None).order_by("pk"):
        if draft.revision == 0 and draft.taken_up_at is None and not draft.files.exists():
            filing.discard(draft=draft, by=attendance.official, now=now)
        else:
            hand_over(draft=draft, by=attendance.official, now=now)
    Attendance.objects.filter(pk=attendance.pk, ended_at=None).update(ended_at=now)
