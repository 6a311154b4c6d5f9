"""Writes: publishing a version and putting it on offer."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction

from accounts.models import Agency, Person, Role, Unit
from audit.api import append_to_stream
from jobs.api import enqueue
from legaltime.api import local_date
from procedures.catalogue.operations import is_for_people, list_offering
from procedures.checking import check, check_data
from procedures.diagram import render_diagram
from procedures.errors import (
    MissingRoleBindings,
    NotPublishable,
    PilotNotPossible,
    StartsBeforeCurrent,
    UnknownRoleBindings,
)
from procedures.findings import CheckResult
from procedures.handouts import lacking_handouts
from procedures.lists.checks import lacking_lists
from procedures.models import Offering, Procedure, ProcedureVersion, RoleBinding
from procedures.queries import bundle_of, pilot_of
from procedures.rules import SHARES
from procedures.schema import Bundle

LIST_OFFERING = "procedures.list_offering"


@dataclass(frozen=True)
class Pilot:
    """Who is offered a version before all others are: a part of the people (per cent), or an office's counter."""

    share: int = 0
    unit: Unit | None = None


@dataclass(frozen=True)
class _Publishing:
    """Who publishes what, for whom and when."""

    agency: Agency
    by: Person | None
    now: datetime
    note: str
    pilot: Pilot | None = None

    @property
    def today(self) -> date:
        """The day in the agency's zone."""
        return local_date(self.now, self.agency.time_zone)


def publish(
    *,
    text: str,
    agency: Agency,
    by: Person | None,
    now: datetime,
    role_bindings: Mapping[str, Role],
    effective_from: date | None = None,
    note: str = "",
) -> Offering:
    """Publishes the bundle of a YAML text and offers it from a day (today in the agency's zone if none is given).

    The offering open until then ends the day before, so that cases begun under it keep it (norms R78). The same content
    published again gives the version that exists, and the same offering with the role bindings brought up to date.
    The catalogue shows its ficha from then on.

    Raises NotPublishable, MissingRoleBindings, UnknownRoleBindings and StartsBeforeCurrent.
    """
    return _publish(check(text), _Publishing(agency, by, now, note), role_bindings, effective_from)


def publish_data(
    *,
    data: dict[str, Any],
    agency: Agency,
    by: Person | None,
    now: datetime,
    role_bindings: Mapping[str, Role],
    effective_from: date | None = None,
    note: str = "",
    pilot: Pilot | None = None,
) -> Offering:
    """`publish` for a bundle held in plain data, as the designer holds it. Raises the same.

    With a `pilot` it is offered to those alone, beside what others are offered; PilotNotPossible where one is open.
    """
    return _publish(check_data(data), _Publishing(agency, by, now, note, pilot), role_bindings, effective_from)


def _publish(
    result: CheckResult, context: _Publishing, role_bindings: Mapping[str, Role], effective_from: date | None
) -> Offering:
    """Publishes what the gate found sound."""
    agency = context.agency
    if result.bundle is None or result.errors:
        raise NotPublishable(result.findings)
    lacking = [*lacking_handouts(result.bundle), *lacking_lists(result.bundle, agency)]
    if lacking:
        raise NotPublishable(lacking)
    _refuse_wrong_bindings(result.bundle, agency, role_bindings)
    with transaction.atomic():
        version, is_new = _version(result.bundle, context)
        offering, is_offered = _offer(version, context, effective_from or context.today)
        _bind(offering, role_bindings)
        if is_for_people(result.bundle) and not offering.is_pilot:
            _list(offering, context)
        if is_new or is_offered:
            _record(offering, context)
    return offering


def _refuse_wrong_bindings(bundle: Bundle, agency: Agency, role_bindings: Mapping[str, Role]) -> None:
    slots = {slot.id for slot in bundle.roles}
    missing = sorted(slots - role_bindings.keys())
    if missing:
        raise MissingRoleBindings(missing)
    foreign = [slot for slot, role in role_bindings.items() if role.unit.agency_id != agency.pk or role.closed_at]
    wrong = sorted((role_bindings.keys() - slots) | set(foreign))
    if wrong:
        raise UnknownRoleBindings(wrong)


def _version(bundle: Bundle, context: _Publishing) -> tuple[ProcedureVersion, bool]:
    """The version with this content, and whether it was made now. Locks the procedure until the transaction ends."""
    Procedure.objects.get_or_create(owner=context.agency, code=bundle.code, defaults={"created_at": context.now})
    procedure = Procedure.objects.select_for_update().get(owner=context.agency, code=bundle.code)
    sha256 = bundle.sha256()
    existing = procedure.versions.filter(sha256=sha256).first()
    if existing:
        return existing, False
    latest = procedure.versions.order_by("-number").first()
    version = ProcedureVersion.objects.create(
        procedure=procedure,
        number=latest.number + 1 if latest else 1,
        schema_version=bundle.schema_version,
        canonical=bundle.canonical(),
        sha256=sha256,
        title=bundle.title[:200],
        diagram_svg=render_diagram(bundle),
        published_at=context.now,
        published_by=context.by,
        note=context.note,
    )
    return version, True


def _offer(version: ProcedureVersion, context: _Publishing, day: date) -> tuple[Offering, bool]:
    """The agency's offering of the version, and whether it was made now."""
    same = Offering.objects.filter(agency=context.agency, version=version).first()
    if same and same.effective_to is None and not (same.is_pilot or context.pilot):
        return same, False
    if context.pilot is None:
        _close_current(version, context.agency, day)
    else:
        _refuse_second_pilot(version, context)
    who = {
        "pilot_share": context.pilot.share if context.pilot else None,
        "pilot_unit": context.pilot.unit if context.pilot else None,
    }
    return Offering.objects.update_or_create(
        agency=context.agency, version=version, defaults={"effective_from": day, "effective_to": None, **who}
    )[0], True


def _refuse_second_pilot(version: ProcedureVersion, context: _Publishing) -> None:
    pilot = context.pilot
    if pilot is None or pilot.share not in (0, *SHARES) or not (pilot.share or pilot.unit):
        raise PilotNotPossible("Elija una oficina, o qué parte de las personas prueba primero la versión.")
    if pilot.unit is not None and pilot.unit.agency_id != context.agency.pk:
        raise PilotNotPossible("Esa oficina es de otra institución. Elija una de la suya.")
    if pilot_of(context.agency, version.procedure.code, context.today) is not None:
        raise PilotNotPossible("Ya hay una versión en piloto. Ábrala a todas las personas o ciérrela primero.")
    if Offering.objects.filter(agency=context.agency, version=version, effective_to=None).exists():
        raise PilotNotPossible("Esta versión ya se ofrece a todas las personas: no hay cambios que probar.")


@transaction.atomic
def widen_pilot(*, offering: Offering, share: int, by: Person | None, now: datetime) -> Offering:
    """Invite a larger part of the people (per cent); whoever was invited stays so. Raises PilotNotPossible."""
    pilot = _open_pilot(offering)
    if share not in SHARES or share <= (pilot.pilot_share or 0):
        raise PilotNotPossible("Elija una parte mayor que la que ya prueba la versión.")
    return _changed_pilot(pilot, _Publishing(pilot.agency, by, now, ""), "pilot.widened", pilot_share=share)


@transaction.atomic
def end_pilot(*, offering: Offering, by: Person | None, now: datetime) -> Offering:
    """Offer the pilot's version to nobody else. Cases and drafts begun with it go on. Raises PilotNotPossible."""
    pilot = _open_pilot(offering)
    context = _Publishing(pilot.agency, by, now, "")
    last = max(context.today - timedelta(days=1), pilot.effective_from)
    return _changed_pilot(pilot, context, "pilot.ended", pilot_share=0, pilot_unit=None, effective_to=last)


@transaction.atomic
def open_to_all(*, offering: Offering, by: Person | None, now: datetime) -> Offering:
    """Offer the pilot's version to everybody from now on, in place of the present one. Raises PilotNotPossible."""
    pilot = _open_pilot(offering)
    context = _Publishing(pilot.agency, by, now, "")
    _close_current(pilot.version, pilot.agency, context.today)
    day = {"effective_from": context.today, "effective_to": None}
    opened = _changed_pilot(pilot, context, "pilot.opened", pilot_share=None, pilot_unit=None, **day)
    if is_for_people(bundle_of(opened.version)):
        list_offering(offering=opened, now=now)
    return opened


def _open_pilot(offering: Offering) -> Offering:
    """The pilot, locked after its procedure as publishing does."""
    Procedure.objects.select_for_update().get(pk=offering.version.procedure_id)
    pilot = Offering.objects.select_for_update(of=("self",)).select_related("agency", "version").get(pk=offering.pk)
    if not pilot.is_pilot or pilot.effective_to is not None:
        raise PilotNotPossible("Esta versión ya no está en piloto.")
    return pilot


def _changed_pilot(pilot: Offering, context: _Publishing, kind: str, **values: Any) -> Offering:
    for name, value in values.items():
        setattr(pilot, name, value)
    pilot.save(update_fields=list(values))
    _record(pilot, context, kind)
    return pilot


@transaction.atomic
def cancel_scheduled(*, offering: Offering, by: Person | None, now: datetime) -> None:
    """Take back what begins to be offered on a later day; what is offered until then stays. Raises PilotNotPossible."""
    Procedure.objects.select_for_update().get(pk=offering.version.procedure_id)
    found = Offering.objects.select_for_update(of=("self",)).select_related("agency", "version__procedure")
    scheduled = found.filter(pk=offering.pk).first()
    context = _Publishing(offering.agency, by, now, "")
    if scheduled is None or scheduled.effective_from <= context.today:
        raise PilotNotPossible("Esta versión ya comenzó. Para volver atrás, publique de nuevo la anterior.")
    _record(scheduled, context, "offering.cancelled")
    if not scheduled.is_pilot:
        eve = scheduled.effective_from - timedelta(days=1)
        mine = {"agency": scheduled.agency, "version__procedure": scheduled.version.procedure}
        Offering.objects.filter(pilot_share=None, effective_to=eve, **mine).update(effective_to=None)
    scheduled.delete()


def list_when_offered(*, offering_id: int, now: datetime) -> bool:
    """Show the ficha of what begins to be offered today, unless it was taken back; whether it was shown."""
    found = Offering.objects.select_related("agency", "version__procedure").filter(pk=offering_id).first()
    if found is None or found.is_pilot or found.effective_to is not None:
        return False
    list_offering(offering=found, now=now)
    return True


def _list(offering: Offering, context: _Publishing) -> None:
    """Show the ficha at once, or on the day on which it begins to be true."""
    if offering.effective_from <= context.today:
        list_offering(offering=offering, now=context.now)
        return
    begins = datetime.combine(offering.effective_from, time.min, ZoneInfo(context.agency.time_zone))
    enqueue(
        kind=LIST_OFFERING,
        payload={"offering": offering.pk},
        now=context.now,
        run_at=begins,
        agency_id=context.agency.pk,
    )


def _close_current(version: ProcedureVersion, agency: Agency, day: date) -> None:
    """Ends the open offering the day before; one that began that same day gives its day to the new one."""
    current = (
        Offering.objects.select_for_update()
        .filter(agency=agency, version__procedure=version.procedure, effective_to=None, pilot_share=None)
        .first()
    )
    if current is None:
        return
    if current.effective_from > day:
        raise StartsBeforeCurrent
    current.effective_to = max(day - timedelta(days=1), current.effective_from)
    current.save(update_fields=["effective_to"])


def _bind(offering: Offering, role_bindings: Mapping[str, Role]) -> None:
    for slot, role in role_bindings.items():
        RoleBinding.objects.update_or_create(offering=offering, slot=slot, defaults={"role": role})


def _record(offering: Offering, context: _Publishing, kind: str = "procedure.published") -> None:
    """The audit event; it locks the head of the stream, so it comes last."""
    version = offering.version
    append_to_stream(
        stream=f"publishing:{context.agency.pk}",
        kind=kind,
        actor=f"person:{context.by.pk}" if context.by else "system:publish",
        at=context.now,
        body={
            "procedure": version.procedure.code,
            "version": version.number,
            "sha256": version.sha256,
            "effective_from": offering.effective_from.isoformat(),
            "roles": {binding.slot: binding.role_id for binding in offering.role_bindings.all()},
            "note": context.note,
            **({"pilot": {"share": offering.pilot_share, "unit": offering.pilot_unit_id}} if offering.is_pilot else {}),
        },
    )
