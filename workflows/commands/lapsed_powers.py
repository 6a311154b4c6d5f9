"""A power ended: whoever held it acts no more in the cases that they took on with it (Ley 19.880 art. 22; R43)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import Mandate, Person
from jobs.api import Job, enqueue_all, new_job
from legaltime.api import local_date
from notifications.api import Said, tell_person
from workflows import messages, powers, representing
from workflows.commands.locking import locked
from workflows.errors import PowerEnded, SolemnPowerNeeded
from workflows.models import CaseParty
from workflows.representation import remember
from workflows.runtime import Run

LOOK_FOR_LAPSED = "workflows.look_for_lapsed_powers"
"""Kind of the daily job."""
END_LAPSED = "workflows.end_lapsed_power"
"""Kind of the job of one case in which a power ended by its date."""


def end_lapsed(*, representative: Person, on: date, now: datetime, by: Person) -> int:
    """Take from somebody the cases in which they act by powers that ended; how many they were.

    Each case in a transaction of its own: what is left over, the daily job finds.
    """
    found = _lapsed(on).filter(representative=representative).order_by("case_id", "pk")
    return sum(_end(party.case_id, party.pk, on, now, by) for party in found)


def look_for_lapsed(job: Job, now: datetime) -> dict[str, Any]:
    """Job handler, each day: ask for the end of what rests on powers whose last day passed."""
    found = _lapsed(local_date(now, settings.TIME_ZONE)).order_by("case_id", "pk").values_list("case_id", "pk")
    asked = [new_job(kind=END_LAPSED, payload={"party": party}, case_id=case, now=now) for case, party in found]
    return {"parties": len(enqueue_all(jobs=asked))}


def end_one(job: Job, now: datetime) -> dict[str, Any]:
    """Job handler: end it in one case, unless a power of today covers it after all."""
    assert job.case_id is not None
    return {"ended": _end(job.case_id, job.payload["party"], local_date(now, settings.TIME_ZONE), now, None)}


def _lapsed(on: date) -> QuerySet[CaseParty]:
    """Who is represented by a power that ended; whoever acts by it may have another one."""
    return CaseParty.objects.filter(representing.ended(on), left_at=None, representative__isnull=False)


def _end(case_id: int, party_id: int, on: date, now: datetime, by: Person | None) -> int:
    with locked(case_id, by=by, now=now) as run:
        related = ("person", "organisation", "representative", "case__version__procedure")
        party = _lapsed(on).select_related(*related).filter(pk=party_id).first()
        if party is None or party.representative is None or _goes_on_by_another(party, on):
            return 0
        former, power = party.representative, powers.successor(party, on, by)
        if party.organisation is not None and power is None:
            return 0  # who acted reads and does nothing more: it waits until somebody takes it over
        remember(party, run.now)
        hand_on(party, power)
        run.record("party.power_ended", {"party": party.pk})
        _tell(run, party, former)
        return 1


def hand_on(party: CaseParty, power: Mandate | None) -> None:
    """Let whoever holds a power act for an interested person from now on; without one, they act themselves.

    The notices follow: the address that there was is of who acted until now.
    """
    acting = power.representative if power else party.person
    party.mandate, party.representative = power, power.representative if power else None
    party.email = acting.email if acting else ""
    party.save(update_fields=["mandate", "representative", "email"])


def _goes_on_by_another(party: CaseParty, on: date) -> bool:
    """Whether another power in force today, as solemn as the procedure asks, lets the representative go on: by it."""
    grantor = party.organisation or party.person
    assert grantor is not None
    assert party.representative is not None
    try:
        party.mandate = powers.check(party.representative, grantor, party.case.version, on)
    except (PowerEnded, SolemnPowerNeeded):
        return False
    party.save(update_fields=["mandate"])
    return True


def _tell(run: Run, party: CaseParty, former: Person) -> None:
    """Both learn of it, except whoever did it: who goes on, and who acts no more."""
    words = {"former": str(former), "represented": str(party), "number": run.case.number}
    if run.by != (party.representative or party.person):
        messages.tell(run, party, lambda: _goes_on(words))
    if run.by != former:
        tell_person(
            person=former,
            agency=run.agency,
            say=lambda: _acts_no_more(words),
            action_path=reverse("workflows:powers"),
            email=former.email,
            now=run.now,
        )


def _goes_on(words: dict[str, str]) -> Said:
    return Said(
        _("Terminó el poder de %(former)s: solicitud N° %(number)s") % words,
        _("Desde ahora la solicitud la llevas tú: sus avisos te llegan a ti, y %(former)s ya no la ve ni responde.")
        % words,
    )


def _acts_no_more(words: dict[str, str]) -> Said:
    return Said(
        _("Terminó tu poder: solicitud N° %(number)s") % words,
        _("Ya no actúas por %(represented)s: no ves esa solicitud ni respondes en ella, y sus avisos no te llegan.")
        % words,
        _("Ver los poderes"),
    )
