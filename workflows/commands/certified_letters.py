"""The certified letter that carries a notification, written for the post and kept in the file (DS4 art. 25)."""

from __future__ import annotations

from datetime import datetime

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Person
from documents.api import Block, DocumentContent, Heading, Paragraph, in_spanish
from documents.models import Document, FileItem
from procedures.api import CorrectionStep, NotifyStep
from workflows import messages, receipts
from workflows.acts import letterhead
from workflows.commands.locking import locked
from workflows.commands.notification import subject_to_notify
from workflows.errors import CommandRefused
from workflows.media import right_medium
from workflows.models import Case, CaseTask
from workflows.notified import called
from workflows.queries import Notifiable
from workflows.runtime import Run

DIGITAL_DOMICILE = gettext_lazy(
    "Cómo recibir las próximas notificaciones. Usted puede fijar su domicilio digital único con su ClaveÚnica: la "
    "Casilla Única del Estado, o un correo electrónico suyo que se valida. Desde entonces le llegan ahí. "
    "Si no tiene cómo usar internet, puede pedir en nuestras oficinas, en papel, que se le notifique de otro modo "
    "(Ley N° 19.880, artículos 18 y 46; DS N° 4 de 2020, artículos 18, 25 y 28)."
)
"""What the first letter to somebody without a digital domicile must say (DS4 art. 25)."""


class AddressMissing(CommandRefused):
    """A letter goes somewhere."""

    message = gettext_lazy("Escribe la dirección a la que va la carta.")


def write_letter(*, case: Case, step_id: str, person: Person, address: str, by: Person, now: datetime) -> Document:
    """Put the sealed letter into the file, to be printed and posted with the act; it notifies nobody by itself.

    Raises NotAllowed, AddressMissing or CommandRefused (the act lacks a formality).
    """
    if not address.strip():
        raise AddressMissing
    with locked(case.pk, by=by, now=now) as run:
        task, act = subject_to_notify(run, step_id, by)
        return _write(run, task, act, person, address.strip())


@in_spanish
def _write(run: Run, task: Notifiable, act: Document | None, person: Person, address: str) -> Document:
    what = called(act, task.step_id, run.bundle.for_applicant)
    run.record("letter.written", {"step": task.step_id})
    return receipts.enter(
        run,
        Document.Kind.LETTER,
        _content(run, task, act, person, address, what),
        FileItem.Direction.OUT,
        title=_("Carta certificada: %(what)s") % {"what": what},
        entered_by=str(run.by),
        after_closing=True,
    )


def _content(
    run: Run, task: Notifiable, act: Document | None, person: Person, address: str, what: str
) -> DocumentContent:
    explains = right_medium(run.case, person).explains_domicile
    blocks: list[Block] = [
        Paragraph(text=str(person)),
        Paragraph(text=address),
        *_said(run, task, act, what),
        Paragraph(
            text=_(
                "Esta notificación vale desde el tercer día hábil siguiente a que la oficina de correos recibe la "
                "carta (Ley N° 19.880, artículo 46)."
            )
        ),
        *((Paragraph(text=str(DIGITAL_DOMICILE)),) if explains else ()),
    ]
    return DocumentContent(
        title=_("Carta certificada"),
        letterhead=letterhead(run),
        date_text=date_format(run.today, "DATE_FORMAT"),
        blocks=tuple(blocks),
    )


def _said(run: Run, task: Notifiable, act: Document | None, what: str) -> list[Block]:
    """The full text of what is notified (art. 45): the act goes with the letter; a notice is in it."""
    words = {"what": what, "number": run.case.number, "title": run.case.title}
    if act is not None:
        told = _(
            "Notifico a usted «%(what)s», cuyo texto íntegro va con esta carta. Solicitud N° %(number)s, «%(title)s»."
        )
        return [Paragraph(text=told % words)]
    assert isinstance(task, CaseTask), "a request for an original has its document"
    told = _("Notifico a usted lo que sigue, en la solicitud N° %(number)s, «%(title)s».")
    step = run.bundle.step(task.step_id)
    assert isinstance(step, CorrectionStep | NotifyStep)
    said = messages.said(run, step.notice, task)
    parts = (part.strip() for part in said.body.split("\n\n"))
    return [Paragraph(text=told % words), Heading(text=said.subject), *(Paragraph(text=part) for part in parts if part)]
