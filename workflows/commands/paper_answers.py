"""At the counter: an official types what a person brings on paper in answer to a correction (art. 31; DS 4 art. 8)."""

from __future__ import annotations

from datetime import date, datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Person
from legaltime.api import local_date
from workflows import drafts
from workflows.access import check_receives, correctable_by
from workflows.commands import corrections
from workflows.commands.counter import AttendanceEnded, NotByPhone, counter_post
from workflows.errors import CommandRefused, NotAllowed
from workflows.models import Attendance, Case, CaseTask, Draft
from workflows.papers import OnPaper
from workflows.queries import WaitingCorrection, correction_to_answer


class NotTheirs(CommandRefused):
    """The person attended neither applied for a case with that number nor represents who did."""

    message = gettext_lazy(
        "Ninguna solicitud de la persona tiene ese N°. Revísalo en su papel: la respuesta la trae quien presentó la "
        "solicitud o quien la representa."
    )


class OtherAgency(CommandRefused):
    """The case is another agency's, whose file is not opened here."""

    def __init__(self, agency: str) -> None:
        super().__init__(
            _(
                "Esa solicitud la lleva %(agency)s y su expediente no se abre aquí. La persona responde con su "
                "ClaveÚnica o en el mesón de esa institución; si te deja el papel, envíalo hoy, con la fecha y la hora "
                "(Ley 19.880, art. 24)."
            )
            % {"agency": agency}
        )


class NothingToCorrect(CommandRefused):
    """Nobody asked to correct anything, or that was answered or decided."""

    message = gettext_lazy(
        "En esa solicitud no hay una corrección por responder: no se pidió, ya se respondió o ya se decidió. Si trae "
        "otros antecedentes, los agrega desde la página de su solicitud."
    )


def asked(*, attendance: Attendance, case: Case) -> WaitingCorrection:
    """The correction that the person may answer on paper here.

    Raises NothingToCorrect and what `check` does.
    """
    check(attendance, case)
    waiting = correction_to_answer(case) if case.finished is None else None
    if waiting is None:
        raise NothingToCorrect
    return waiting


def check(attendance: Attendance, case: Case) -> None:
    """Whether the person attended may bring a paper for the case here.

    Raises AttendanceEnded, NotByPhone, NotTheirs, OtherAgency, and ReceivesNothing where the official is party in it.
    """
    if attendance.ended_at is not None:
        raise AttendanceEnded
    if attendance.is_by_phone:
        raise NotByPhone
    if not correctable_by(attendance.person).filter(pk=case.pk).exists():
        raise NotTheirs
    if case.agency_id != attendance.agency_id:
        raise OtherAgency(case.agency.name)
    on = local_date(attendance.started_at, case.agency.time_zone)
    check_receives(case, attendance.official, on, attendance.agency_id)


def find(*, attendance: Attendance, number: str) -> Case:
    """The case of the person attended with that N°, of which a correction was asked. Raises as `asked`, not where that
    was answered or decided since: that paper is kept (overlooked).
    """
    mine = correctable_by(attendance.person).filter(number=number.strip()).defer("flow_class")
    found = list(mine.select_related("agency").order_by("pk"))
    if not found:
        raise NotTheirs
    case = next((one for one in found if one.agency_id == attendance.agency_id), found[0])
    check(attendance, case)
    if not CaseTask.objects.filter(process=case, step_kind="correction").exists():
        raise NothingToCorrect
    return case


def begin(*, attendance: Attendance, case: Case, by: Person, now: datetime, locale: str = "es") -> Draft:
    """Open the draft in which the official types.

    Raises NotAllowed and what `asked` does.
    """
    if attendance.official_id != by.pk:
        raise NotAllowed
    waiting = asked(attendance=attendance, case=case)
    return drafts.begin_answer(task=waiting.task, by=by, now=now, locale=locale, attendance=attendance)


def answer(*, draft: Draft, paper: OnPaper, by: Person, on: date, now: datetime) -> None:
    """File what the person signed by hand, as received at that hour. `on`: the day at the office.

    Raises NotAllowed, NotByPhone, AttendanceEnded, TaskFinished (somebody answered or decided meanwhile), AlreadyFiled,
    drafts.Incomplete, and what papers.check does.
    """
    attendance, task = draft.attendance, draft.task
    if attendance is None or task is None or draft.person_id != by.pk or attendance.official_id != by.pk:
        raise NotAllowed
    post = counter_post(by, on)
    if post is None or attendance.agency_id != task.process.agency_id:
        raise NotAllowed
    if attendance.is_by_phone:
        raise NotByPhone
    if attendance.ended_at is not None:
        raise AttendanceEnded
    corrections.answer_correction(draft=draft, by=by, signature=None, now=now, paper=paper)
