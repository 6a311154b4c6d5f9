"""Filing an appeal does not suspend the act; the authority may, when asked with reasons (Ley 19.880 art. 57, R67)."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from accounts.models import Person
from documents.api import suspend_act
from notifications.api import Said
from workflows import messages
from workflows.access import check_official, own_cases
from workflows.answers import answers_of
from workflows.appealing import APPEAL
from workflows.commands.locking import locked
from workflows.errors import CommandRefused, NotAllowed
from workflows.models import ActSuspension, Case
from workflows.runtime import Run

State = ActSuspension.State


def ask_suspension(*, case: Case, ground: str, reason: str, by: Person, now: datetime) -> ActSuspension:
    """An interested person of an appeal asks that the act wait for it. Raises NotAllowed, CommandRefused."""
    with locked(case.pk, by=by, now=now) as run:
        if not own_cases(by).filter(pk=case.pk).exists():
            raise NotAllowed
        if run.case.about_id is None or run.case.finished is not None:
            raise CommandRefused(_("Solo se puede pedir mientras se resuelve un recurso contra un acto."))
        if run.case.act_suspensions.exclude(state=State.REFUSED).exists():
            raise CommandRefused(_("Ya se pidió suspender este acto."))
        return _asked(run, ActSuspension.Ground(ground), reason, by)


def ask_with_appeal(run: Run, step_id: str, by: Person) -> None:
    """Ask what the appeal just filed asks for, so that somebody answers it too. Nothing where it does not."""
    if step_id == APPEAL and answers_of(run.case, step_id).get("suspension") is True:
        _asked(run, ActSuspension.Ground.APPEAL, "", by)


def _asked(run: Run, ground: ActSuspension.Ground, reason: str, by: Person) -> ActSuspension:
    assert run.case.about_id is not None, "an appeal is about an act"
    run.record("suspension.asked", {"ground": ground.value}, personal={"reason": reason})
    for person in messages.attending(run):
        messages.tell_official(run, person, lambda: _wanted(run))
    return ActSuspension.objects.create(
        case=run.case,
        agency_id=run.case.agency_id,
        document_id=run.case.about_id,
        ground=ground,
        reason=reason,
        asked_by=by,
        asked_at=run.now,
    )


def _wanted(run: Run) -> Said:
    subject = _("Piden que no se cumpla el acto recurrido: %(number)s") % {"number": run.case.number}
    body = _(
        "Mientras nadie responda, el acto se sigue cumpliendo. Concédelo o niégalo con una resolución con motivos."
    )
    return Said(subject, body)


def decide_suspension(
    *, case: Case, grants: bool, resolution: str, reason: str, by: Person, now: datetime
) -> ActSuspension:
    """Suspend the act until the appeal is decided, or refuse it, by a reasoned resolution.

    Raises NotAllowed, or CommandRefused when nobody asked: the authority does not suspend of its own motion.
    """
    with locked(case.pk, by=by, now=now) as run:
        check_official(run.case, by, run.today)
        found = run.case.act_suspensions.filter(state=State.ASKED).first()
        if found is None or run.case.finished is not None:
            raise CommandRefused(_("Nadie ha pedido suspender este acto, o el recurso ya se resolvió."))
        found.state = State.GRANTED if grants else State.REFUSED
        found.decided_by, found.decided_at, found.answer, found.resolution = by, now, reason, resolution
        found.save()
        if grants:
            suspend_act(document=found.document, order=found.pk, by=resolution, on=run.today)
        run.record(f"suspension.{found.state}", {}, personal={"reason": f"{resolution}. {reason}"})
        _tell(run, found)
        return found


def _tell(run: Run, found: ActSuspension) -> None:
    words = {"number": run.case.number, "resolution": found.resolution, "reason": found.answer}

    def said() -> Said:
        if found.state == State.GRANTED:
            subject = _("Se suspendió el acto mientras se resuelve tu recurso: %(number)s") % words
        else:
            subject = _("No se suspendió el acto: %(number)s") % words
        return Said(subject, _("%(resolution)s. Motivo: %(reason)s") % words)

    messages.send(run, said)
    messages.send_to_others(run, lambda: _told_to_others(found, words))


def _told_to_others(found: ActSuspension, words: dict[str, str]) -> Said:
    """The same for the other interested persons: it is not their appeal, and the act is theirs too (art. 9)."""
    if found.state == State.GRANTED:
        subject = _("Se suspendió un acto mientras se resuelve el recurso N° %(number)s") % words
    else:
        subject = _("No se suspendió el acto del recurso N° %(number)s") % words
    return Said(subject, _("%(resolution)s. Motivo: %(reason)s") % words)
