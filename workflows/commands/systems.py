"""Outside systems of an agency: who operates it registers them, says what they may report, and gives them keys."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import connection, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.models import Agency, Person
from audit.api import append_to_stream
from legaltime.api import local_date
from workflows.access import operates
from workflows.errors import CommandRefused, NotAllowed
from workflows.models import OutsideSystem, ReportedEvent, SystemKey
from workflows.reporting import keys
from workflows.reporting.queries import reportable


@transaction.atomic
def register_system(
    *, agency: Agency, name: str, may_report: Iterable[str], by: Person, now: datetime
) -> tuple[OutsideSystem, keys.NewKey]:
    """Register a system and make its first key, which nobody can read again.

    Raises NotAllowed, or CommandRefused for a name in use or an event that no procedure waits for.
    """
    _allow(agency, by, now)
    if OutsideSystem.objects.filter(agency=agency, name=name).exists():
        raise CommandRefused(_("Ya hay un sistema con ese nombre."))
    events = _known(agency, may_report, (), now)
    system = OutsideSystem.objects.create(
        agency=agency, name=name, may_report=events, registered_by=by, registered_at=now
    )
    _record(system, "system.registered", by, now, {"events": events})
    return system, _give_key(system, by, now)


@transaction.atomic
def change_system(*, system: OutsideSystem, name: str, may_report: Iterable[str], by: Person, now: datetime) -> None:
    """Change its name and what it may report. Raises NotAllowed or CommandRefused, as to register it."""
    _allow(system.agency, by, now)
    current = OutsideSystem.objects.select_for_update().get(pk=system.pk)
    if OutsideSystem.objects.filter(agency=system.agency, name=name).exclude(pk=system.pk).exists():
        raise CommandRefused(_("Ya hay un sistema con ese nombre."))
    current.name, before = name, current.may_report
    current.may_report = _known(system.agency, may_report, before, now)
    current.save(update_fields=["name", "may_report"])
    for event in set(before).difference(current.may_report):
        procedure_code, _dot, step_id = event.partition(".")
        _hold_early(current, procedure_code=procedure_code, step_id=step_id)
    _record(current, "system.changed", by, now, {"events": current.may_report})


@transaction.atomic
def give_key(*, system: OutsideSystem, by: Person, now: datetime) -> keys.NewKey:
    """A new key. Those before it are taken for one more day, so that nothing is lost meanwhile. Raises NotAllowed."""
    _allow(system.agency, by, now)
    OutsideSystem.objects.select_for_update().get(pk=system.pk)
    ends_at = now + keys.OVERLAP
    system.keys.filter(Q(ends_at=None) | Q(ends_at__gt=ends_at)).update(ends_at=ends_at)
    return _give_key(system, by, now)


@transaction.atomic
def revoke_key(*, key: SystemKey, by: Person, now: datetime) -> None:
    """Stop taking a key at once; what its system reported since it exists and no case has taken yet needs a person.

    Raises NotAllowed, or CommandRefused for one that is over.
    """
    _allow(key.system.agency, by, now)
    still_taken = Q(ends_at=None) | Q(ends_at__gt=now)
    if not SystemKey.objects.filter(still_taken, pk=key.pk).update(ends_at=now):
        raise CommandRefused(_("Esa clave ya no servía."))
    _hold_early(key.system, received_at__gte=key.made_at)
    _record(key.system, "system.key_revoked", by, now, {"key": key.public_part})


def _hold_early(system: OutsideSystem, **which: object) -> None:
    """Leave for a person what would be taken by itself; what is being taken right now is left alone (docs/locks.md)."""
    early = system.events.filter(state=ReportedEvent.State.KEPT, why=ReportedEvent.Why.EARLY, **which)
    free = early.select_for_update(skip_locked=connection.features.has_select_for_update_skip_locked)
    system.events.filter(pk__in=list(free.values_list("pk", flat=True))).update(why=ReportedEvent.Why.WITHDRAWN)


def _give_key(system: OutsideSystem, by: Person, now: datetime) -> keys.NewKey:
    made = keys.make()
    SystemKey.objects.create(
        system=system, public_part=made.public_part, secret_sha256=made.secret_sha256, made_by=by, made_at=now
    )
    _record(system, "system.key_given", by, now, {"key": made.public_part})
    return made


def _allow(agency: Agency, by: Person, now: datetime) -> None:
    if not operates(by, [agency.pk], local_date(now, agency.time_zone)):
        raise NotAllowed(_("No tienes permiso para cambiar los sistemas externos de esta institución."))


def _known(agency: Agency, asked: Iterable[str], before: Iterable[str], now: datetime) -> list[str]:
    """What was asked for, in order. Raises CommandRefused for what nobody waits for and it could not report before."""
    known = {one.event for one in reportable(agency, local_date(now, agency.time_zone))} | set(before)
    events = sorted(set(asked))
    if not events or not known.issuperset(events):
        raise CommandRefused(_("Elige al menos un hecho de la lista."))
    return events


def _record(system: OutsideSystem, kind: str, by: Person, now: datetime, facts: dict[str, object]) -> None:
    append_to_stream(
        stream=f"systems:{system.agency_id}",
        kind=kind,
        actor=f"person:{by.pk}",
        at=now,
        body={"system": system.pk, **facts},
    )
