"""A power ended: whoever held it acts no more in the cases that they took on with it (Ley 19.880 art. 22; R43)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.api import counts
from accounts.models import Mandate, Person
from jobs.api import Job, enqueue, enqueue_all, new_job
from legaltime.api import local_date
from notifications.api import Said, tell_person
from procedures.api import TamperedVersion
from procedures.models import ProcedureVersion
from workflows import messages, powers, representing
from workflows.commands.locking import locked
from workflows.errors import PowerEnded, SolemnPowerNeeded
from workflows.models import CaseParty
from workflows.representation import remember
from workflows.runtime import Run

LOOK_FOR_LAPSED = "workflows.look_for_lapsed_powers"
"""Kind of the daily job."""
FOLLOW_ENDED = "workflows.follow_ended_power"
"""Kind of the job that follows a power taken back or given up: it waits behind no sheet of thousands of rows."""
END_LAPSED = "workflows.end_lapsed_power"
"""Kind of the job of one case in which a power ended: by its date, taken back or given up."""


def ask_to_end(*, mandate: Mandate, by: Person, now: datetime) -> None:
    """Have the cases taken from whoever held a power that was taken back, however many they are.

    To be called in the transaction that does so. They read and do nothing more from then on, job or no job:
    `representing.lapsed` is asked at each step of theirs.
    """
    assert mandate.revoked_at is not None
    ended_at = mandate.revoked_at.isoformat()
    payload = {"representative": mandate.representative_id, "by": by.pk, "ended_at": ended_at}
    enqueue(kind=FOLLOW_ENDED, payload=payload, now=now)


def look_for_lapsed(job: Job, now: datetime) -> dict[str, Any]:
    """Job handler, each day: ask for the end of what rests on powers that ended, in each case by a job of its own."""
    on = local_date(now, settings.TIME_ZONE)
    return {
        "parties": _ask(_lapsed(on).filter(Q(organisation=None) | Q(pk__in=_for_somebody(on).values("pk"))), now, {})
    }


def follow_ended(job: Job, now: datetime) -> dict[str, Any]:
    """Job handler: the same at once, for whoever held a power that was taken back (see `ask_to_end`)."""
    found = _lapsed(local_date(now, settings.TIME_ZONE)).filter(representative=job.payload["representative"])
    return {"parties": _ask(found, now, {name: job.payload[name] for name in ("by", "ended_at")})}


def _for_somebody(on: date) -> QuerySet[CaseParty]:
    """Lapsed parties of organisations for which somebody has a power now, as `powers.check` asks for.

    The others wait until somebody has: it would be asked for every day in vain. How many statements it takes does not
    grow with them.
    """
    found = _lapsed(on).filter(organisation__isnull=False)
    versions = ProcedureVersion.objects.filter(pk__in=found.order_by().values("case__version"))
    solemn = [version.pk for version in versions if _needs_solemn(version)]
    procedure = OuterRef("case__version__procedure__code")
    given = Mandate.objects.filter(counts(on), grantor_organisation=OuterRef("organisation"))
    covering = given.filter(Q(scope="") | Q(scope=procedure))
    enough = Q(Exists(covering.filter(is_solemn=True))) | (Q(Exists(covering)) & ~Q(case__version__in=solemn))
    return found.filter(enough)


def _needs_solemn(version: ProcedureVersion) -> bool:
    """One that cannot be read asks for nothing here: each of its cases says so in its own job."""
    try:
        return bool(powers.solemn_source(version))
    except TamperedVersion:
        return False


def _ask(found: QuerySet[CaseParty], now: datetime, told: dict[str, Any]) -> int:
    rows = found.order_by("case_id", "pk").values_list("case_id", "pk")
    asked = [new_job(kind=END_LAPSED, payload={"party": pk, **told}, case_id=case, now=now) for case, pk in rows]
    return len(enqueue_all(jobs=asked))


def end_one(job: Job, now: datetime) -> dict[str, Any]:
    """Job handler: end it in one case, unless a power of today covers it after all."""
    assert job.case_id is not None
    told = job.payload
    by = Person.objects.get(pk=told["by"]) if "by" in told else None
    ended_at = datetime.fromisoformat(told["ended_at"]) if "ended_at" in told else now
    return {"ended": _end(job.case_id, told["party"], now, by, ended_at)}


def _lapsed(on: date) -> QuerySet[CaseParty]:
    """Who is represented by a power that ended; whoever acts by it may have another one."""
    return CaseParty.objects.filter(representing.ended(on), left_at=None, representative__isnull=False)


def _end(case_id: int, party_id: int, now: datetime, by: Person | None, ended_at: datetime) -> int:
    """How many it was: 0 where they go on by another power, or nobody is there to go on for an organisation."""
    with locked(case_id, by=by, now=now) as run:
        on = local_date(now, settings.TIME_ZONE)
        related = ("person", "organisation", "representative", "case__version__procedure")
        party = _lapsed(on).select_related(*related).filter(pk=party_id).first()
        if party is None or party.representative is None:
            return 0
        if another := _another(party, on):
            party.mandate = another
            party.save(update_fields=["mandate"])
            return 0
        former, power = party.representative, powers.successor(party, on, by)
        if party.organisation is not None and power is None:
            return 0  # who acted reads and does nothing more: it waits until somebody takes it over
        remember(party, ended_at)
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


def _another(party: CaseParty, on: date) -> Mandate | None:
    """Another power in force that day, as solemn as the procedure asks, that lets the representative go on."""
    grantor = party.organisation or party.person
    assert grantor is not None
    assert party.representative is not None
    try:
        return powers.check(party.representative, grantor, party.case.version, on)
    except (PowerEnded, SolemnPowerNeeded):
        return None


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
