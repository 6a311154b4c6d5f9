"""Reads: bundles of published versions, and what is on offer on a day."""

import hashlib
from datetime import date
from functools import lru_cache

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import Agency
from procedures.errors import TamperedVersion
from procedures.models import Offering, ProcedureVersion
from procedures.schema import Bundle, bundle_from_canonical


def bundle_of(version: ProcedureVersion) -> Bundle:
    """The bundle of a published version, kept in memory by its digest.

    Raises TamperedVersion when the stored bytes do not match the digest.
    """
    return _bundle(version.sha256, bytes(version.canonical))


@lru_cache(maxsize=512)
def _bundle(sha256: str, canonical: bytes) -> Bundle:
    if hashlib.sha256(canonical).hexdigest() != sha256:
        raise TamperedVersion
    return bundle_from_canonical(canonical)


def offerings_on(day: date) -> QuerySet[Offering]:
    """What agencies offer on a day (local to each agency), by title: of each procedure, the version that prevails.

    Two overlap only on the day when one took the place of the other; the one that lasts longer prevails.
    """
    lasts_longer = Q(effective_to=None) | Q(effective_to__gt=OuterRef("effective_to"))
    successor = Offering.objects.filter(
        _in_effect(day),
        lasts_longer,
        pilot_share=None,
        agency=OuterRef("agency"),
        version__procedure=OuterRef("version__procedure"),
    ).exclude(pk=OuterRef("pk"))
    return (
        Offering.objects.filter(_in_effect(day), pilot_share=None)
        .exclude(Q(effective_to__isnull=False) & Exists(successor))
        .select_related("agency", "version__procedure")
        .order_by("version__title", "agency__name", "pk")
    )


def offering_for(
    agency_code: str, procedure_code: str, day: date, *, person_id: int | None = None, unit_id: int | None = None
) -> Offering | None:
    """What an agency offers of a procedure on a day, or None.

    The version that prevails, or that of a pilot which invites the person, or whoever is attended at that office.
    """
    found = Offering.objects.filter(
        _in_effect(day), agency__code=agency_code, version__procedure__code=procedure_code
    ).select_related("agency", "version__procedure")
    offered = sorted(found, key=_prevails, reverse=True)
    invited = (one for one in offered if one.is_pilot and one.invites(person_id, unit_id))
    return next(invited, None) or next((one for one in offered if not one.is_pilot), None)


def pilot_of(agency: Agency, procedure_code: str, day: date) -> Offering | None:
    """The pilot of a procedure that is open on a day or will be, or None."""
    found = Offering.objects.filter(agency=agency, version__procedure__code=procedure_code, pilot_share__isnull=False)
    found = found.filter(Q(effective_to=None) | Q(effective_to__gte=day)).exclude(pilot_share=0, pilot_unit=None)
    return found.select_related("version__procedure", "pilot_unit", "agency").first()


def scheduled_of(agency: Agency, procedure_code: str, day: date) -> Offering | None:
    """What is published and begins to be offered after a day, or None."""
    found = Offering.objects.filter(agency=agency, version__procedure__code=procedure_code, effective_from__gt=day)
    return found.select_related("version__procedure", "agency").order_by("effective_from").first()


def _in_effect(day: date) -> Q:
    return Q(effective_from__lte=day) & (Q(effective_to=None) | Q(effective_to__gte=day))


def _prevails(offering: Offering) -> tuple[date, date, int]:
    return offering.effective_to or date.max, offering.effective_from, offering.version.number
