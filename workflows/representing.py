"""Whether the power by which somebody acts for an interested person ended (Ley 19.880 art. 22; R43)."""

from __future__ import annotations

from datetime import date

from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Coalesce

from accounts.api import counts
from accounts.models import Mandate
from workflows.models import CaseParty


def ended(on: date) -> Q:
    """Of interested persons: those represented by a power that is over.

    It is the one that is noted with them. Where none is, because an official noted who represents them or from before
    powers were noted: any between both that covered the procedure and ended after they came into the case.
    """
    over = Q(revoked_at__isnull=False) | Q(ends_on__lt=on)
    since = Q(revoked_at__gte=OuterRef("joined_at")) | Q(ends_on__gte=OuterRef("joined_at__date"))
    noted = Mandate.objects.filter(over, pk=OuterRef("mandate"))
    unnoted = Mandate.objects.filter(over, since, _between_both())
    return Q(Exists(noted)) | Q(Exists(unnoted), mandate=None)


def lapsed(on: date) -> Q:
    """Of interested persons: those whose representative acts no more, as no other power, as solemn, goes on."""
    as_solemn = Q(is_solemn=True) | Q(is_solemn=Coalesce(OuterRef("mandate__is_solemn"), False))
    going_on = Mandate.objects.filter(counts(on), _between_both(), as_solemn)
    return ended(on) & Q(~Exists(going_on))


def has_lapsed(party: CaseParty, on: date) -> bool:
    """Whether somebody is noted as representing them who acts no more; it asks the database only where one is."""
    if party.representative_id is None:
        return False
    return CaseParty.objects.filter(lapsed(on), pk=party.pk).exists()


def _between_both() -> Q:
    """Powers from whom the outer interested person is to who represents them, that cover the procedure of the case."""
    given = Q(grantor_person=OuterRef("person")) | Q(grantor_organisation=OuterRef("organisation"))
    covers = Q(scope="") | Q(scope=OuterRef("case__version__procedure__code"))
    return given & covers & Q(representative=OuterRef("representative"))
