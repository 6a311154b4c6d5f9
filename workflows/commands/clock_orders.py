"""What was asked or ordered about a legal clock: its paper in the file, and who of all is told the reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from django.db.models import QuerySet
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from accounts.models import Person
from documents.api import Row, in_spanish
from documents.models import Document
from notifications.api import Said, Say
from workflows import deadlines, messages, receipts
from workflows.models import CaseParty, Deadline
from workflows.runtime import Run
from workflows.withholding import keep_for, owner_of


@in_spanish
def file_order(
    run: Run,
    title: Promise,
    text: Promise,
    reason: str,
    clock: Deadline | None = None,
    *,
    source: str = "",
    days: Mapping[Promise, date | None] | None = None,
) -> Document:
    """Put what was ordered about the clocks into the file, with its reason (art. 18; R2).

    `days`: its last days before and after the order, by what each is called.
    """
    told = [(_("N° de solicitud"), run.case.number)]
    if clock is not None:
        told.append((_("Plazo"), deadlines.title_of(clock)))
    told += [(str(label), _day(day)) for label, day in (days or {}).items()]
    told += [(_("Motivo"), reason), (_("Norma"), source)]
    rows = [Row(label=label, value=value) for label, value in told if value]
    return receipts.file_order(run, title=lambda: str(title), text=lambda: str(text), rows=rows)


@in_spanish
def file_request(run: Run, deadline: Deadline, reason: str, by: Person) -> None:
    """What an interested person asked about a clock stands in the file, whatever is answered (art. 26; R2).

    It is kept for them and whoever decides: it may tell of an illness (D10 37; R41).
    """
    asked = _words(_("Pido más plazo para «%(what)s», que vence el %(due)s."), deadline, run)
    written = receipts.file_writing(run, title=lambda: _("Petición de más plazo"), text=f"{asked}\n{reason}")
    owner = owner_of(deadline, by)
    assert owner is not None, "whoever asks is of the case"
    keep_for(run, written, owner)


def wanted(run: Run, deadline: Deadline) -> Said:
    """What whoever sees to the case is told when somebody asks for more time; the reason is in the case."""
    told = _(
        "Una persona interesada pide más plazo para «%(what)s», que vence el %(due)s. Respóndele antes: un plazo "
        "vencido no se puede ampliar (Ley 19.880, art. 26)."
    )
    subject = _("Piden más plazo: solicitud N° %(number)s") % {"number": run.case.number}
    return Said(subject, told % {"what": deadlines.title_of(deadline), "due": _day(deadline.due_on)})


def lapsed(run: Run, deadline: Deadline) -> Said:
    """What whoever sees to the case is told when nobody answered it in time."""
    told = _(
        "Pidieron más plazo para «%(what)s» a tiempo, y venció el %(due)s sin respuesta. Ya no se puede ampliar: tenlo "
        "en cuenta si la respuesta llega tarde (Ley 19.880, arts. 14 y 26)."
    )
    subject = _("Venció un plazo sin responder que pedían más: solicitud N° %(number)s") % {"number": run.case.number}
    return Said(subject, told % {"what": deadlines.title_of(deadline), "due": _day(deadline.due_on)})


def _day(day: date | None) -> str:
    return date_format(day, "DATE_FORMAT") if day else ""


def tell_order(
    run: Run,
    deadline: Deadline,
    subject: Promise,
    body: Promise,
    without_reason: Promise,
    reason: str | Promise,
    order: Document,
    asked_by: Person | None = None,
) -> None:
    """Tell what was ordered about a clock: why, and the order itself, only to whoever it is of where it is one's.

    The others read what it means for the course of the case, and nothing of the person (D10 37; R41).
    """
    owner = owner_of(deadline, asked_by)
    if owner is None:
        tell(run, deadline, subject, body, reason, [order])
        return
    if run.by is not None:  # what the platform records by itself holds no reason of anybody
        keep_for(run, order, owner)
    for party in told_of_clocks(run):
        if party.pk == owner.pk:
            messages.tell(run, party, _said(run, deadline, subject, body, reason), documents=[order])
        else:
            messages.tell(run, party, _said(run, deadline, subject, without_reason))


def tell(
    run: Run,
    deadline: Deadline,
    subject: Promise,
    body: Promise,
    reason: str | Promise,
    documents: Sequence[Document] = (),
) -> None:
    """Tell every interested person what happened to a clock of the case, in words of their language.

    Also those who did not apply: the clock may be theirs, as to oppose, and so is the time in which it is decided.
    """
    for party in told_of_clocks(run):
        messages.tell(run, party, _said(run, deadline, subject, body, reason), documents=documents)


def told_of_clocks(run: Run) -> QuerySet[CaseParty]:
    """Whose times these are: not whoever informed, who has none in the case (art. 21)."""
    parties = run.case.parties.filter(left_at=None).exclude(kind=CaseParty.Kind.INFORMER)
    return parties.select_related("person", "representative").order_by("pk")


def _said(run: Run, deadline: Deadline, subject: Promise, body: Promise, reason: str | Promise = "") -> Say:
    return lambda: Said(f"{subject}: {run.case.number}", _words(str(body), deadline, run, reason))


def _words(text: str, deadline: Deadline, run: Run, reason: str | Promise = "") -> str:
    return text % {"what": deadlines.title_of(deadline, run.bundle), "due": _day(deadline.due_on), "reason": reason}
