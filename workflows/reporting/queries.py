"""Which events an agency's procedures wait for, and who looks after the systems that report them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date

from django.db.models import Q, QuerySet

from accounts.api import agencies_where
from accounts.models import Agency, AgencyCapability, Person
from documents.api import InvalidCode, normalise_code
from procedures.api import WaitStep, bundle_of, offerings_on
from workflows.models import Case, OutsideSystem, ReportedEvent


@dataclass(frozen=True)
class Reportable:
    """An event that a procedure on offer waits for."""

    event: str
    """"procedure.step", as systems name it."""
    procedure: str
    step: str
    awaited: str


def reportable(agency: Agency, on: date) -> Iterator[Reportable]:
    """The events that the procedures which an agency offers that day wait for, by procedure."""
    for offering in offerings_on(on).filter(agency=agency).select_related("version__procedure"):
        code = offering.version.procedure.code
        for step in bundle_of(offering.version).all_steps():
            if isinstance(step, WaitStep) and step.event:
                yield Reportable(f"{code}.{step.id}", offering.version.title, step.title, step.event)


def case_named(agency: Agency, procedure_code: str, name: str) -> Case | None:
    """The agency's own case with that N° de solicitud or code; None for one of another agency or procedure."""
    named = Q(number=name.strip())
    with suppress(InvalidCode):
        named |= Q(ref=normalise_code(name))
    found = Case.objects.filter(named, agency=agency, version__procedure__code=procedure_code)
    return found.defer("flow_class").first()


def agencies_of(person: Person, on: date) -> QuerySet[Agency]:
    """The agencies whose systems the person looks after."""
    return agencies_where(person, AgencyCapability.OPERATE, on)


def systems_of(person: Person, on: date) -> QuerySet[OutsideSystem]:
    """The systems of those agencies."""
    return OutsideSystem.objects.filter(agency__in=agencies_of(person, on)).select_related("agency")


def events_of(person: Person, on: date) -> QuerySet[ReportedEvent]:
    """What systems reported to those agencies."""
    found = ReportedEvent.objects.filter(agency__in=agencies_of(person, on))
    return found.select_related("agency", "system", "case", "settled_by").defer("case__flow_class")
