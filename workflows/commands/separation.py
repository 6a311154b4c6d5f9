"""An official keeps out of a case for a conflict of interest, declared or challenged (Ley 19.880 art. 12)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from accounts.models import Person, User
from jobs.api import enqueue
from jobs.models import Job
from notifications.api import Said, Say
from workflows import messages, receipts
from workflows.access import official_cases, own_cases
from workflows.commands.locking import locked
from workflows.errors import CommandRefused, NotAllowed
from workflows.incidents import report_challenges, report_people, settle
from workflows.models import Case, CaseTask, Challenge, Incident, Recusal
from workflows.nodes import StepActivation
from workflows.rules import HELD
from workflows.runtime import Run
from workflows.separation import is_superior, superiors
from workflows.withholding import parties_of

TELL = "workflows.tell_of_challenge"
"""Job kind: tells an official that somebody asks them to keep out of a case, and asks their superiors."""


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
        recusal = _keep_out(run, by.person)
        run.record("official.abstained", {}, personal={"reason": reason.strip()})
        for superior in superiors(run.case, by.person, run.today):
            messages.tell_official(run, superior, lambda: _abstained(run.case.number, by.person))
    return recusal


def _abstained(number: str, who: Person) -> Said:
    text = _(
        "%(who)s declaró que no debe intervenir, y desde ya la solicitud pasa a otra persona del cargo. El motivo está "
        "en el historial. Si no corresponde, puedes no aceptarlo y vuelve a intervenir (Ley 19.880, art. 12)."
    )
    return Said(_("Se abstuvieron en la solicitud N° %(number)s") % {"number": number}, text % {"who": who})


def abstentions(case: Case) -> QuerySet[Recusal]:
    """Who keeps out because they said so, and not because a superior accepted a challenge."""
    challenged = case.challenges.filter(granted=True).values("person")
    return case.recusals.exclude(person__in=challenged).select_related("person").order_by("pk")


def refuse_abstention(*, case: Case, recusal_id: int, reason: str, by: Person, now: datetime) -> None:
    """The superior does not accept that an official keeps out: they take part again, and are told why (art. 12).

    Raises NotAllowed, or CommandRefused when they do not keep out any more or the case has ended.
    """
    with locked(case.pk, by=by, now=now) as run:
        found = abstentions(run.case).filter(pk=recusal_id).first()
        if found is None or run.case.finished is not None:
            raise CommandRefused(_("Esa abstención ya no rige."))
        if not is_superior(run.case, by, found.person, run.today):
            raise NotAllowed
        found.delete()
        run.record("abstention.refused", {}, personal={"reason": reason.strip()})
        settle(run)
        messages.tell_official(run, found.person, lambda: _not_accepted(run.case.number, reason.strip()))


def _not_accepted(number: str, reason: str) -> Said:
    text = _("Quien resuelve no aceptó tu abstención: vuelves a intervenir (Ley 19.880, art. 12). Motivo: %(why)s")
    return Said(_("Vuelves a intervenir en la solicitud N° %(number)s") % {"number": number}, text % {"why": reason})


def _keep_out(run: Run, person: Person) -> Recusal:
    """Keep the official out from now on; the steps and incidents they hold go back to the others."""
    recusal, _new = Recusal.objects.get_or_create(
        case=run.case, person=person, defaults={"agency_id": run.case.agency_id, "at": run.now}
    )
    for task in CaseTask.objects.filter(process=run.case, status=HELD, owner__person=person):
        StepActivation.resume(task, run).unassign()
        run.record("task.released", {"step": task.step_id})
    for incident in Incident.objects.filter(case=run.case, owner=person, closed_at=None).order_by("pk"):
        incident.owner, incident.told_at = None, None  # whoever watches over the agency is told anew
        incident.save(update_fields=["owner", "told_at"])
        run.record("incident.released", {"kind": incident.kind, "step": incident.step_id})
    report_challenges(run)
    report_people(run)
    return recusal


def officials_of(case: Case) -> list[Person]:
    """Who holds or did a step of the case and has not been kept out: those whom an interested person may challenge."""
    tasks = CaseTask.objects.filter(process=case, role__isnull=False)
    acted = Person.objects.filter(
        Q(pk__in=tasks.filter(owner__isnull=False).values("owner__person"))
        | Q(pk__in=tasks.filter(finished_by__isnull=False).values("finished_by"))
    )
    return list(acted.exclude(pk__in=case.recusals.values("person")).order_by("given_names", "pk"))


def challengeable(case: Case, person: Person) -> list[Person]:
    """Those of them whom this person has not challenged yet: a challenge is answered once."""
    asked = set(case.challenges.filter(asked_by=person).values_list("person", flat=True))
    return [one for one in officials_of(case) if one.pk not in asked]


def challenge(*, case: Case, official: int, reason: str, by: Person, now: datetime) -> Challenge:
    """An interested person asks that an official keep out (art. 12): it goes into the file.

    By a job the official is told and every superior asked to decide; where there is none, staff see an incident.

    Raises NotAllowed, or CommandRefused for somebody who did not act or whom they challenged before.
    """
    with locked(case.pk, by=by, now=now) as run:
        if not own_cases(by).filter(pk=case.pk).exists():
            raise NotAllowed
        found = next((one for one in officials_of(run.case) if one.pk == official), None)
        if found is None or run.case.finished is not None:
            raise CommandRefused(_("Esa persona ya no interviene en tu solicitud."))
        if run.case.challenges.filter(person=found, asked_by=by).exists():
            raise CommandRefused(_("Ya recusaste a esa persona. La respuesta de su superior llega a «Mis avisos»."))
        receipts.file_writing(run, title=lambda: _("Recusación de %(who)s") % {"who": found}, text=reason)
        run.record("official.challenged", {}, personal={"reason": reason.strip()})
        made = Challenge.objects.create(
            case=run.case, agency_id=run.case.agency_id, person=found, asked_by=by, asked_at=now
        )
        payload = {"challenge": made.pk}
        enqueue(kind=TELL, payload=payload, now=now, agency_id=run.case.agency_id, case_id=run.case.pk)
        report_challenges(run)
        return made


def tell_of_challenge(job: Job, now: datetime) -> dict[str, Any]:
    """Job handler: tell the official of a challenge, and ask each superior to decide unless one has already."""
    assert job.case_id is not None
    with locked(job.case_id, by=None, now=now) as run:
        asked = run.case.challenges.select_related("person").get(pk=job.payload["challenge"])
        people = superiors(run.case, asked.person, run.today) if asked.decided_at is None else Person.objects.none()
        messages.tell_of_challenge(run, asked.person, people)
    return {"asked": len(people)}


def decide_challenge(
    *, case: Case, challenge_id: int, grants: bool, reason: str, by: Person, now: datetime
) -> Challenge:
    """The superior accepts the challenge, and the official keeps out, or does not; either with its reason (art. 12).

    Raises NotAllowed, or CommandRefused when it was decided before.
    """
    with locked(case.pk, by=by, now=now) as run:
        asked = run.case.challenges.filter(pk=challenge_id, decided_at=None).select_related("person").first()
        if asked is None:
            raise CommandRefused(_("Esta recusación ya se resolvió."))
        if not is_superior(run.case, by, asked.person, run.today):
            raise NotAllowed
        asked.granted, asked.decided_by, asked.decided_at = grants, by, now
        asked.save(update_fields=["granted", "decided_by", "decided_at"])
        if grants:
            _keep_out(run, asked.person)
        kind = "challenge.granted" if grants else "challenge.refused"
        run.record(kind, {}, personal={"reason": reason.strip()})
        _answer(run, asked, lambda: _resolved(grants, reason.strip()))
        return asked


def _answer(run: Run, asked: Challenge, said: Say) -> None:
    """Whoever challenged is told, applicant or not; those who applied, where they left the case meanwhile."""
    party = parties_of(run.case, asked.asked_by).order_by("pk").first()
    if party is None:
        messages.send(run, said)
    else:
        messages.tell(run, party, said)


def _resolved(grants: bool, reason: str) -> Said:
    said = _("La aceptó: esa persona ya no interviene.") if grants else _("No la aceptó.")
    body = _("Su superior la resolvió. %(said)s Motivo: %(why)s") % {"said": said, "why": reason}
    return Said(_("Respuesta a tu recusación"), body)
