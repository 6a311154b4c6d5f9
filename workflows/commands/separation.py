"""An official keeps out of a case for a conflict of interest (Ley 19.880 art. 12)."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from accounts.models import User
from workflows.access import official_cases
from workflows.commands.locking import locked
from workflows.errors import CommandRefused, NotAllowed
from workflows.models import Case, CaseTask, Recusal
from workflows.nodes import StepActivation
from workflows.rules import HELD


def abstain(*, case: Case, by: User, reason: str, now: datetime) -> Recusal:
    """Keep `by` out of the case from now on and put back the steps they hold.

    Raises NotAllowed, or CommandRefused without a reason or when it was declared before.
    """
    if not reason.strip():
        raise CommandRefused(_("Escribe el motivo de tu abstención."))
    with locked(case.pk, by=by.person, now=now) as run:
        if not official_cases(by.person, run.today).filter(pk=run.case.pk).exists():
            raise NotAllowed
        if run.case.recusals.filter(person=by.person).exists():
            raise CommandRefused(_("Ya te abstuviste en esta solicitud."))
        recusal = Recusal.objects.create(case=run.case, agency_id=run.case.agency_id, person=by.person, at=now)
        for task in CaseTask.objects.filter(process=run.case, status=HELD, owner=by):
            StepActivation.resume(task, run).unassign()
            run.record("task.released", {"step": task.step_id})
        run.record("official.abstained", {}, personal={"reason": reason.strip()})
    return recusal
