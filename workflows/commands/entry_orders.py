"""Orders that put a class of cases before the others for a time: giving one, ending one, and what follows on cases."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.api import roles_of
from accounts.models import Person, Unit
from audit.api import append_to_stream
from documents.api import in_spanish
from jobs.api import enqueue, enqueue_all, new_job
from jobs.models import Job
from legaltime.api import local_date
from procedures.api import SignStep, bundle_of, describe, offerings_on
from procedures.models import Offering, ProcedureVersion, RoleBinding
from workflows.commands.locking import locked
from workflows.errors import CommandRefused, NotAllowed
from workflows.models import FIRST, ORDINARY, CaseTask, EntryOrder
from workflows.nodes.base import OPEN
from workflows.ordering import CONDITION, CaseClass, covers, place
from workflows.queries import units_led
from workflows.rules import WAITING

APPLY_ORDER = "workflows.apply_entry_order"
"""Job kind: an order begins or ends; finds the cases whose place changes."""
PLACE = "workflows.place_case"
"""Job kind: writes the place of one case."""
LONGEST = timedelta(days=180)
LATE_CASES = timedelta(minutes=1)
"""By then, whatever was being written while an order began or ended is written."""


@dataclass(frozen=True)
class NewOrder:
    """What an order says: which cases of a procedure go first in a unit, for how long and why."""

    offering: Offering
    unit: Unit
    condition: Mapping[str, Any]
    starts_on: date
    ends_on: date
    """The last day, included."""
    reason: str
    filed_from: date | None = None
    """It covers only what was filed from this day on."""
    filed_to: date | None = None
    """And up to this day, included."""

    @in_spanish
    def words(self) -> str:
        """The class in words, kept in Spanish for whoever looks at it later."""
        told = []
        if self.condition:
            told.append(describe(CONDITION.validate_python(self.condition), bundle_of(self.offering.version)))
        days = {"first": _day(self.filed_from), "last": _day(self.filed_to)}
        if self.filed_from and self.filed_to:
            told.append(_("presentadas del %(first)s al %(last)s") % days)
        elif self.filed_from:
            told.append(_("presentadas desde el %(first)s") % days)
        elif self.filed_to:
            told.append(_("presentadas hasta el %(last)s") % days)
        return "; ".join(told)


def _day(day: date | None) -> str:
    return f"{day:%d/%m/%Y}" if day else ""


def units_ordered(person: Person, offering: Offering, on: date) -> list[Unit]:
    """The units with steps in a procedure about which the person may give orders (art. 7), by name."""
    return units_ordered_in(person, [offering], on)[offering.pk]


def units_ordered_in(person: Person, offerings: Collection[Offering], on: date) -> dict[int, list[Unit]]:
    """The same of several procedures, by the id of the offering, in three reads however many they are.

    Those of the roles by which they hold the capability to order, or sign the procedure's acts.
    """
    roles = roles_of(person, on)
    held, led = {role.pk for role in roles}, units_led(roles)
    bound: dict[int, list[RoleBinding]] = {offering.pk: [] for offering in offerings}
    for binding in RoleBinding.objects.filter(offering__in=bound).select_related("role__unit").order_by("pk"):
        bound[binding.offering_id].append(binding)
    return {one.pk: _units(bound[one.pk], led | _signs(bound[one.pk], held, one)) for one in offerings}


def _units(bound: Iterable[RoleBinding], led: set[int]) -> list[Unit]:
    units = {binding.role.unit_id: binding.role.unit for binding in bound if binding.role.unit_id in led}
    return sorted(units.values(), key=lambda unit: unit.name)


def _signs(bound: Iterable[RoleBinding], held: set[int], offering: Offering) -> set[int]:
    """The units of those of the roles that sign the procedure's acts."""
    own = [binding for binding in bound if binding.role_id in held]
    if not own:
        return set()
    steps = bundle_of(offering.version).every_step()
    signers = {slot for step in steps if isinstance(step, SignStep) for slot in step.signers}
    return {binding.role.unit_id for binding in own if binding.slot in signers}


@transaction.atomic
def give_order(*, new: NewOrder, by: Person, now: datetime) -> EntryOrder:
    """Order that the cases of a class go first in a unit for a time, with its reason (Ley 19.880 art. 7).

    Raises NotAllowed, or CommandRefused for days that make no sense, without a reason, or on days that another rules.
    """
    agency = new.offering.agency
    today = local_date(now, agency.time_zone)
    if new.unit not in units_ordered(by, new.offering, today):
        raise NotAllowed(_("Esta orden la dicta quien dirige la unidad, o quien firma en ella los actos del trámite."))
    _check(new, today)
    procedure = new.offering.version.procedure
    Unit.objects.select_for_update(no_key=True).get(pk=new.unit.pk)
    _refuse_overlap(new)
    order = EntryOrder.objects.create(
        agency=agency,
        unit=new.unit,
        procedure=procedure,
        condition=dict(new.condition),
        filed_from=new.filed_from,
        filed_to=new.filed_to,
        words=new.words()[:500],
        starts_on=new.starts_on,
        ends_on=new.ends_on,
        reason=new.reason.strip(),
        given_by=by,
        given_at=now,
    )
    for day in (order.starts_on, order.ends_on + timedelta(days=1)):
        begins = datetime.combine(day, time(), ZoneInfo(agency.time_zone)).astimezone(UTC)
        _apply(order, now, at=max(now, begins))
    _tell(order, "entry_order.given", by, now, order.reason)
    return order


def _check(new: NewOrder, today: date) -> None:
    if not new.condition and new.filed_from is None and new.filed_to is None:
        raise CommandRefused(_("Di qué solicitudes van primero: por lo que respondieron o por cuándo se presentaron."))
    if new.filed_from and new.filed_to and new.filed_to < new.filed_from:
        raise CommandRefused(_("Las fechas de presentación están al revés: corrige la primera o la última."))
    if not new.reason.strip():
        raise CommandRefused(_("Escribe el motivo de la orden: queda en cada solicitud que cubre."))
    if new.ends_on < new.starts_on:
        raise CommandRefused(_("La orden termina antes de empezar. Corrige las fechas."))
    if new.starts_on < today:
        raise CommandRefused(_("Una orden no rige hacia atrás. Elige hoy o un día que venga."))
    if new.ends_on - new.starts_on > LONGEST:
        raise CommandRefused(_("Una orden dura seis meses a lo más. Elige un último día más cercano."))


def _refuse_overlap(new: NewOrder) -> None:
    others = EntryOrder.objects.filter(unit=new.unit, procedure=new.offering.version.procedure, is_over=False)
    other = others.filter(starts_on__lte=new.ends_on, ends_on__gte=new.starts_on).order_by("starts_on").first()
    if other is not None:
        days = {"since": f"{other.starts_on:%d/%m/%Y}", "until": f"{other.ends_on:%d/%m/%Y}"}
        raise CommandRefused(
            _(
                "Del %(since)s al %(until)s ya rige otra orden de este trámite en la unidad, y no se sabría cuál va "
                "primero. Termínala antes o elige otros días."
            )
            % days
        )


@transaction.atomic
def end_order(*, order: EntryOrder, reason: str, by: Person, now: datetime) -> EntryOrder:
    """End an order before its last day; its cases go back to the order of entry.

    Raises NotAllowed, or CommandRefused without a reason or when it is over already.
    """
    Unit.objects.select_for_update(no_key=True).get(pk=order.unit_id)
    current = EntryOrder.objects.select_related("agency").get(pk=order.pk)
    if not may_end(current, by, local_date(now, current.agency.time_zone)):
        raise NotAllowed
    if current.is_over:
        raise CommandRefused(_("Esta orden ya terminó."))
    if not reason.strip():
        raise CommandRefused(_("Escribe por qué termina antes."))
    current.is_over, current.ended_by, current.ended_at, current.end_reason = True, by, now, reason.strip()
    current.save(update_fields=["is_over", "ended_by", "ended_at", "end_reason"])
    _apply(current, now, at=now)
    _tell(current, "entry_order.ended", by, now, current.end_reason)
    return current


def may_end(order: EntryOrder, person: Person, on: date) -> bool:
    """Whether the person may end it: whoever may give orders about that procedure in that unit."""
    return order.pk in may_end_among([order], person, on)


def may_end_among(orders: Collection[EntryOrder], person: Person, on: date) -> set[int]:
    """The ids of those orders that the person may end, in five reads however many they are."""
    offered = _offered(orders, on)
    units = units_ordered_in(person, list(offered.values()), on)
    return {
        order.pk
        for order in orders
        if (offering := offered.get((order.procedure_id, order.agency_id))) is not None
        and any(unit.pk == order.unit_id for unit in units[offering.pk])
    }


def _offered(orders: Collection[EntryOrder], on: date) -> dict[tuple[int, int], Offering]:
    """What is offered of each order's procedure by its agency, or was last; by both ids."""
    about = {
        "version__procedure__in": {order.procedure_id for order in orders},
        "agency__in": {order.agency_id for order in orders},
        "pilot_share": None,
    }
    ever = Offering.objects.filter(**about).select_related("version").order_by("effective_from", "pk")
    rows = [*ever, *offerings_on(on).filter(**about).order_by("-version__title", "-pk")]
    return {(one.version.procedure_id, one.agency_id): one for one in rows}


def _apply(order: EntryOrder, now: datetime, *, at: datetime) -> None:
    """Twice: a case that read the orders before this was written may be written after the first time."""
    for moment in (at, at + LATE_CASES):
        enqueue(kind=APPLY_ORDER, payload={"order": order.pk}, now=now, agency_id=order.agency_id, run_at=moment)


def _tell(order: EntryOrder, kind: str, by: Person, now: datetime, reason: str) -> None:
    body = {
        "order": order.pk,
        "unit": order.unit_id,
        "procedure": order.procedure_id,
        "condition": order.condition,
        "filed": [day.isoformat() if day else None for day in (order.filed_from, order.filed_to)],
        "starts_on": order.starts_on.isoformat(),
        "ends_on": order.ends_on.isoformat(),
    }
    append_to_stream(
        stream=f"orders:{order.agency_id}",
        kind=kind,
        actor=f"person:{by.pk}",
        at=now,
        body=body,
        personal={"reason": reason},
    )


def apply_order(job: Job, now: datetime) -> dict[str, Any]:
    """Job handler: ask for the place of each case that the order covers now, or covers no more."""
    order = EntryOrder.objects.select_related("agency").get(pk=job.payload["order"])
    today = local_date(now, order.agency.time_zone)
    if today > order.ends_on and not order.is_over:
        order.is_over = True
        order.save(update_fields=["is_over"])
    cases = sorted(_to_place(order, today))
    enqueue_all(
        jobs=[new_job(kind=PLACE, payload={}, now=now, agency_id=order.agency_id, case_id=case) for case in cases]
    )
    return {"cases": len(cases)}


def would_cover(new: NewOrder) -> tuple[int, int]:
    """How many of the steps that nobody has taken an order would put first, and how many wait."""
    procedure, agency = new.offering.version.procedure_id, new.offering.agency
    waiting = _open_steps(new.unit.pk, agency.pk, procedure).filter(status=WAITING)
    return len(list(_covered(new, waiting, agency.time_zone))), waiting.count()


def _open_steps(unit_id: int, agency_id: int, procedure_id: int) -> QuerySet[CaseTask]:
    return CaseTask.objects.filter(
        unit=unit_id,
        process__agency=agency_id,
        process__version__procedure=procedure_id,
        role__isnull=False,
        status__in=OPEN,
    )


def _to_place(order: EntryOrder, today: date) -> set[int]:
    """The cases whose place changes."""
    waiting = _open_steps(order.unit_id, order.agency_id, order.procedure_id)
    if order.is_over:
        return set(waiting.filter(rank=FIRST).values_list("process", flat=True))
    if not order.is_in_force(today):
        return set()
    return set(_covered(order, waiting.filter(rank=ORDINARY), order.agency.time_zone))


def _covered(order: CaseClass, tasks: QuerySet[CaseTask], zone: str) -> Iterator[int]:
    """The case of each of the steps that is of the class."""

    @cache
    def bundle(version: int) -> Any:
        return bundle_of(ProcedureVersion.objects.get(pk=version))

    rows = tasks.values_list("process", "process__version", "process__data", "process__filed_at")
    for case, version, data, filed_at in rows.iterator():
        if covers(order, data, local_date(filed_at, zone), bundle(version)):
            yield case


def place_case(job: Job, now: datetime) -> dict[str, Any]:
    """Job handler: write the place of a case's open steps as orders stand now. Running again changes nothing."""
    assert job.case_id is not None
    with locked(job.case_id, by=None, now=now) as run:
        tasks = CaseTask.objects.filter(process=run.case, role__isnull=False, status__in=OPEN).defer("flow_task")
        changed = [task for task in tasks.order_by("pk") if place(run, task)]
        for task in changed:
            task.save(update_fields=["rank"])
    return {"steps": len(changed)}
