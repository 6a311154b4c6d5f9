"""Reads: bundles of published versions, and what is on offer on a day."""

import hashlib
from datetime import date
from functools import lru_cache

from django.db.models import Exists, OuterRef, Q, QuerySet

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
    in_effect = Q(effective_from__lte=day) & (Q(effective_to=None) | Q(effective_to__gte=day))
    lasts_longer = Q(effective_to=None) | Q(effective_to__gt=OuterRef("effective_to"))
    successor = Offering.objects.filter(
        in_effect,
        lasts_longer,
        agency=OuterRef("agency"),
        version__procedure=OuterRef("version__procedure"),
    ).exclude(pk=OuterRef("pk"))
    return (
        Offering.objects.filter(in_effect)
        .exclude(Q(effective_to__isnull=False) & Exists(successor))
        .select_related("agency", "version__procedure")
        .order_by("version__title", "agency__name", "pk")
    )


def offering_for(agency_code: str, procedure_code: str, day: date) -> Offering | None:
    """What an agency offers of a procedure on a day, or None."""
    return (
        offerings_on(day)
        .filter(agency__code=agency_code, version__procedure__code=procedure_code)
        .order_by("-effective_from", "-version__number")
        .first()
    )
