"""Messages between the person and the institution, with documents that enter the file; and how it went, at the end."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TypeAlias

from django.core.files.uploadedfile import UploadedFile
from django.db.models import F
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Person
from documents.api import add_item, attach_upload, store_upload
from documents.models import Document, FileItem
from notifications.api import Said
from workflows import deadlines, messages
from workflows.access import check_official, own_cases, parts_of
from workflows.commands.locking import locked
from workflows.errors import CommandRefused, NotAllowed
from workflows.models import Case, CaseMessage, CaseParty, SatisfactionCount
from workflows.runtime import Run
from workflows.uploads import clean_name, inspected, with_extension
from workflows.withholding import keep_for, known_as, parties_of

Upload: TypeAlias = "UploadedFile[bytes]"


class CaseEnded(CommandRefused):
    """What is sent after the decision no longer enters the file."""

    message = gettext_lazy("La solicitud ya terminó y su expediente está cerrado. Escribe a los datos de contacto.")


class AlreadyRated(CommandRefused):
    """The person answered before."""

    message = gettext_lazy("Ya nos contaste cómo te fue. Gracias.")


def write_to_agency(
    *, case: Case, text: str, uploads: Sequence[Upload], by: Person, now: datetime, is_private: bool = False
) -> CaseMessage:
    """An interested person writes or adds documents, at any time before the decision (arts. 10 and 17 g, R22).

    `is_private`: it holds sensitive or personal data that the other interested persons do not read (D10 37).

    Raises NotAllowed, CaseEnded and documents.api.FilesUnavailable.
    """
    with locked(case.pk, by=by, now=now) as run:
        if not own_cases(by).filter(pk=case.pk).exists():
            raise NotAllowed
        party = parties_of(run.case, by).order_by("pk").first() if is_private else None
        message = write(run, by, text, uploads, from_agency=False, private_to=party)
        deadlines.heard(run)
        tell_officials(run)
    return message


def write_to_applicant(
    *,
    case: Case,
    text: str,
    uploads: Sequence[Upload],
    by: Person,
    now: datetime,
    private_to: int | None = None,
) -> CaseMessage:
    """An official of the case writes to whoever applied; it informs and starts no clock.

    `private_to`: id of the one interested person whom it is for, who alone is told (D10 37). Raises NotAllowed,
    CaseEnded and documents.api.FilesUnavailable.
    """
    with locked(case.pk, by=by, now=now) as run:
        check_official(run.case, by, run.today)
        party = run.case.parties.filter(left_at=None, pk=private_to).first() if private_to else None
        if private_to and party is None:
            raise CommandRefused(_("Esa persona ya no es parte de la solicitud. Elige de nuevo a quién le escribes."))
        message = write(run, by, text, uploads, from_agency=True, private_to=party)
        subject = gettext_lazy("Mensaje sobre tu solicitud N° %(number)s")
        words = {"number": run.case.number}

        def said() -> Said:
            return Said(str(subject) % words, text)

        if party is None:
            messages.send(run, said, documents=message.documents.all())
        else:
            messages.tell(run, party, said, documents=message.documents.all())
    return message


def write(
    run: Run,
    by: Person,
    text: str,
    uploads: Sequence[Upload],
    *,
    from_agency: bool,
    origin: str = "",
    private_to: CaseParty | None = None,
) -> CaseMessage:
    """A message of the case with its documents, which enter the file; `origin`: theirs, where it is not the form.

    With `private_to`, the other interested persons read neither the text nor the documents. Raises CaseEnded and
    FilesUnavailable.
    """
    if run.case.finished is not None:
        raise CaseEnded
    message = CaseMessage.objects.create(
        case=run.case,
        agency=run.agency,
        author=by,
        from_agency=from_agency,
        text=text,
        at=run.now,
        private_to=private_to,
    )
    direction = FileItem.Direction.OUT if from_agency else FileItem.Direction.IN
    origin = origin or ("desk" if from_agency else "web form")
    who = str(by) if from_agency else known_as(run.case, by)
    documents = [file_upload(run, upload, direction=direction, origin=origin, entered_by=who) for upload in uploads]
    message.documents.set(documents)
    run.record("message.sent", {"documents": len(uploads)}, {"text": text})
    if private_to is not None:
        for document in documents:
            keep_for(run, document, private_to)
    return message


def file_upload(run: Run, upload: Upload, *, direction: str, origin: str, entered_by: str) -> Document:
    """One document into the electronic file, as it came. Raises FilesUnavailable."""
    seen = inspected(upload)
    blob = store_upload(data=seen.data, media_type=seen.media_type, now=run.now)
    title = with_extension(clean_name(upload.name or ""), blob.media_type)
    document = attach_upload(file=run.case.file, blob=blob, title=title, now=run.now)
    add_item(
        file=run.case.file, document=document, direction=direction, origin=origin, entered_by=entered_by, now=run.now
    )
    return document


def tell_officials(run: Run) -> None:
    """Whoever has an open step of the case is told; nobody when all of them wait for a machine."""
    open_tasks = run.case.task_set.filter(finished=None, owner__isnull=False).defer("flow_task")
    people = {task.owner.person for task in open_tasks.select_related("owner__person") if task.owner}
    for person in people:
        messages.tell_official(run, person, lambda: _written(run.case.number), f"/bandeja/{run.case.ref}/?ver=mensajes")


def _written(number: str) -> Said:
    return Said(
        _("Escribieron en la solicitud N° %(number)s") % {"number": number},
        _("La persona envió un mensaje o documentos. Léelos antes de resolver."),
    )


def rate(*, case: Case, score: int, by: Person, now: datetime) -> None:
    """Counts how easy it was, from 1 to 5, once for each interested person; who said what is not kept.

    Raises NotAllowed, AlreadyRated and CommandRefused while the case is under way.
    """
    with locked(case.pk, by=by, now=now) as run:
        party = parts_of(by).filter(case=run.case).order_by("pk").first()
        if party is None:
            raise NotAllowed
        if run.case.finished is None or score not in range(1, 6):
            raise CommandRefused
        if party.has_rated:
            raise AlreadyRated
        party.has_rated = True
        party.save(update_fields=["has_rated"])
        counted, _is_new = SatisfactionCount.objects.get_or_create(
            agency=run.agency,
            procedure=run.case.version.procedure,
            month=run.today.replace(day=1),
            score=score,
        )
        SatisfactionCount.objects.filter(pk=counted.pk).update(count=F("count") + 1)
