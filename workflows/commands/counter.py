"""The counter: an official files for a person who is present, or hands the draft over for the person to sign."""

from __future__ import annotations

from datetime import date, datetime

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.api import get_or_create_person, memberships_of, person_by_run
from accounts.models import AgencyCapability, Membership, Person
from documents.api import add_item, attach_upload
from documents.models import FileItem
from procedures.models import Offering
from workflows import drafts
from workflows.commands import filing
from workflows.commands.locking import locked
from workflows.errors import CommandRefused, NotAllowed
from workflows.models import Attendance, Case, Channel, Draft
from workflows.uploads import keep_paper, with_extension


class NamesMissing(CommandRefused):
    """Nobody with that RUN is known, and no name came with it."""

    message = gettext_lazy("Es su primera vez aquí: escribe sus nombres y apellidos como en su documento.")


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
    post = counter_post(by, on)
    if post is None:
        raise NotAllowed
    person = person_by_run(run)
    if person is None and not given_names:
        raise NamesMissing
    person = person or get_or_create_person(run, given_names, family_names)
    if person == by:
        raise AttendsOneself
    return Attendance.objects.create(
        agency=post.role.unit.agency,
        official=by,
        membership=post,
        person=person,
        identity=identity,
        document_number=document_number,
        started_at=now,
    )


@transaction.atomic
def begin(*, attendance: Attendance, offering: Offering, now: datetime) -> Draft:
    """Opens a draft for the person attended, of a procedure of any agency. Raises CommandRefused once it ended."""
    if attendance.ended_at is not None:
        raise CommandRefused(_("La atención ya terminó. Empieza otra."))
    return drafts.begin(offering=offering, by=attendance.official, now=now, attendance=attendance)


@transaction.atomic
def file_signed_on_paper(*, draft: Draft, paper: UploadedFile[bytes], by: Person, now: datetime) -> Case:
    """Files what the person signed by hand; the scan enters the file, conforming to the paper (DS4 art. 11, R50).

    Raises NotAllowed, drafts.Incomplete, AlreadyFiled and documents.api.FilesUnavailable.
    """
    if draft.attendance is None or draft.attendance.official_id != by.pk:
        raise NotAllowed
    case = filing.start(draft=draft, by=by, signature=None, now=now, channel=Channel.COUNTER)
    with locked(case.pk, by=by, now=now) as run:
        blob = keep_paper(paper, now=now)
        title = with_extension(_("Solicitud firmada en papel"), blob.media_type)
        document = attach_upload(file=run.case.file, blob=blob, title=title, now=now)
        add_item(
            file=run.case.file,
            document=document,
            direction=FileItem.Direction.IN,
            origin="scan",
            entered_by=str(by),
            now=now,
        )
        run.record("counter.paper_kept", {"sha256": blob.sha256})
    return case


@transaction.atomic
def hand_over(*, draft: Draft, by: Person, now: datetime) -> Draft:
    """Gives the draft to the person attended, who signs it with their own ClaveÚnica, here or on their phone.

    Raises NotAllowed.
    """
    current = Draft.objects.select_for_update(of=("self",)).select_related("attendance").get(pk=draft.pk)
    attendance = current.attendance
    if attendance is None or attendance.official_id != by.pk or current.filed_at is not None:
        raise NotAllowed
    current.person_id, current.changed_at = attendance.person_id, now
    current.save(update_fields=["person", "changed_at"])
    return current


@transaction.atomic
def end(*, attendance: Attendance, now: datetime) -> None:
    """Ends the attendance; what was not filed nor handed over stays a draft for thirty days."""
    Attendance.objects.filter(pk=attendance.pk, ended_at=None).update(ended_at=now)
