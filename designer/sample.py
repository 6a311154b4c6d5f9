"""The demonstration's draft: an example taken up to be changed, with its scenarios as saved tests."""

from __future__ import annotations

from datetime import datetime

from accounts.models import AgencyCapability, Person
from designer import operations
from designer.testing.operations import bring_tests
from legaltime.api import local_date
from procedures.api import offering_for
from procedures.models import Offering
from workflows.api import EXAMPLES, sample_offerings, scenarios_of


def seed(now: datetime) -> None:
    """Keep every example's scenarios as saved tests, and open the first such example; again, it changes nothing."""
    opened = False
    for sample in sample_offerings():
        path = EXAMPLES / sample.file
        scenarios = scenarios_of(path)
        offering = offering_for(sample.agency, path.stem, local_date(now, "America/Santiago")) if scenarios else None
        if offering is None:
            continue
        if not opened:
            opened = _open(offering, now)
        bring_tests(agency=offering.agency, code=path.stem, scenarios=scenarios, by=None, now=now)


def _open(offering: Offering, now: datetime) -> bool:
    """Let whoever designs there take up the version; whether there is somebody."""
    designs = {"role__grants__capability": AgencyCapability.DESIGN, "role__unit__agency": offering.agency}
    by = (
        Person.objects.filter(**{f"memberships__{key}": value for key, value in designs.items()}).order_by("pk").first()
    )
    if by is not None:
        operations.open_version(version=offering.version, agency=offering.agency, by=by, now=now)
    return by is not None
