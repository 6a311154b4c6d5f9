"""Writes: publishing a version and putting it on offer."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction

from accounts.models import Agency, Person, Role
from audit.api import append_to_stream
from legaltime.api import local_date
from procedures.catalogue.operations import is_for_people, list_offering
from procedures.checking import check, check_data
from procedures.diagram import render_diagram
from procedures.errors import MissingRoleBindings, NotPublishable, StartsBeforeCurrent, UnknownRoleBindings
from procedures.findings import CheckResult
from procedures.handouts import lacking_handouts
from procedures.models import Offering, Procedure, ProcedureVersion, RoleBinding
from procedures.schema import Bundle


@dataclass(frozen=True)
class _Publishing:
    """Who publishes what, for whom and when."""

    agency: Agency
    by: Person | None
    now: datetime
    note: str


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
) -> Offering:
    """`publish` for a bundle held in plain data, as the designer holds it. Raises the same."""
    return _publish(check_data(data), _Publishing(agency, by, now, note), role_bindings, effective_from)


def _publish(
    result: CheckResult, context: _Publishing, role_bindings: Mapping[str, Role], effective_from: date | None
) -> Offering:
    """Publishes what the gate found sound."""
    agency = context.agency
    if result.bundle is None or result.errors:
        raise NotPublishable(result.findings)
    lacking = lacking_handouts(result.bundle)
    if lacking:
        raise NotPublishable(lacking)
    _refuse_wrong_bindings(result.bundle, agency, role_bindings)
    with transaction.atomic():
        version, is_new = _version(result.bundle, context)
        offering, is_offered = _offer(version, context, effective_from or local_date(context.now, agency.time_zone))
        _bind(offering, role_bindings)
        if is_for_people(result.bundle):
            list_offering(offering=offering, now=context.now)
        if is_new or is_offered:
            _record(offering, context)
    return offering


def _refuse_wrong_bindings(bundle: Bundle, agency: Agency, role_bindings: Mapping[str, Role]) -> None:
    slots = {slot.id for slot in bundle.roles}
    missing = sorted(slots - role_bindings.keys())
    if missing:
        raise MissingRoleBindings(missing)
    foreign = [slot for slot, role in role_bindings.items() if role.unit.agency_id != agency.pk]
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
    if same and same.effective_to is None:
        return same, False
    _close_current(version, context.agency, day)
    if same:
        same.effective_from, same.effective_to = day, None
        same.save(update_fields=["effective_from", "effective_to"])
        return same, True
    return Offering.objects.create(agency=context.agency, version=version, effective_from=day), True


def _close_current(version: ProcedureVersion, agency: Agency, day: date) -> None:
    """Ends the open offering the day before; one that began that same day gives its day to the new one."""
    current = (
        Offering.objects.select_for_update()
        .filter(agency=agency, version__procedure=version.procedure, effective_to=None)
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


def _record(offering: Offering, context: _Publishing) -> None:
    """The audit event; it locks the head of the stream, so it comes last."""
    version = offering.version
    append_to_stream(
        stream=f"publishing:{context.agency.pk}",
        kind="procedure.published",
        actor=f"person:{context.by.pk}" if context.by else "system:publish",
        at=context.now,
        body={
            "procedure": version.procedure.code,
            "version": version.number,
            "sha256": version.sha256,
            "effective_from": offering.effective_from.isoformat(),
            "roles": {binding.slot: binding.role_id for binding in offering.role_bindings.all()},
            "note": context.note,
        },
    )
