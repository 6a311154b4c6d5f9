"""Who watches over an agency is told of what stands still: once nobody took it, and again when its day has passed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from functools import partial

from django.db.models import F, Max, Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.api import in_force
from accounts.models import Agency, AgencyCapability, Membership, Person
from legaltime.api import local_date
from notifications.api import Said, tell_person
from procedures.models import RoleBinding
from workflows.models import Incident

FIRST_WAIT = timedelta(minutes=5)
"""What solves itself sooner is told to nobody."""
QUIET = timedelta(hours=3)
"""How long an agency is told nothing more: what comes meanwhile goes together in the next notice."""
NAMED = 5
"""How many cases a notice names; the page has the others."""


def tell_of_incidents(now: datetime) -> int:
    """One notice to each agency about what is new there or late; how many incidents were told of.

    A mail that did not leave holds no case and is not told.
    """
    told = 0
    still_open = Incident.objects.filter(closed_at=None).exclude(kind=Incident.Kind.MAIL)
    for agency in Agency.objects.filter(pk__in=still_open.values("agency")).order_by("pk"):
        today = local_date(now, agency.time_zone)
        last = Incident.objects.filter(agency=agency).aggregate(last=Max("told_at"))["last"]
        if last is not None and last > now - QUIET:
            continue
        new = Q(told_at=None, owner=None, opened_at__lte=now - FIRST_WAIT)
        late = Q(due_on__lt=today) & (Q(told_at=None) | Q(told_at__date__lte=F("due_on")))
        found = still_open.filter(new | late, agency=agency).select_related("case", "owner").defer("case__flow_class")
        told += _tell(agency, list(found.order_by("opened_at", "pk")), today, now)
    return told


def _tell(agency: Agency, found: Sequence[Incident], today: date, now: datetime) -> int:
    told: set[int] = set()
    for person, theirs in _who(agency, found, today).items():
        tell_person(
            person=person,
            agency=agency,
            say=partial(_said, theirs),
            action_path=f"{reverse('workflows:incidents')}?institucion={agency.pk}",
            email=person.email,
            now=now,
        )
        told |= {one.pk for one in theirs}
    return Incident.objects.filter(pk__in=told).update(told_at=now)


def _who(agency: Agency, found: Sequence[Incident], today: date) -> dict[Person, list[Incident]]:
    """Who is told of which: all of it, who watches over the agency's effects, or else the officials of each procedure.

    And who had to see to an incident, of that one alone and while they work there: in the procedure, or watching.
    """
    if not found:
        return {}
    operates = Q(role__unit__agency=agency, role__grants__capability=AgencyCapability.OPERATE)
    posts = Membership.objects.filter(in_force(today))
    watch = set(posts.filter(operates).values_list("person", flat=True))
    officials: dict[int, set[int]] = defaultdict(set)
    bound = RoleBinding.objects.filter(offering__in={one.case.offering_id for one in found})
    holders: dict[int, set[int]] = defaultdict(set)
    for role, person in posts.filter(role__in=bound.values("role")).values_list("role_id", "person_id"):
        holders[role].add(person)
    for offering, role in bound.values_list("offering_id", "role_id"):
        officials[offering] |= holders[role]
    theirs: dict[int, list[Incident]] = defaultdict(list)
    for one in found:
        there = officials[one.case.offering_id]
        told = (watch or there) | {pk for pk in there | watch if pk == one.owner_id}
        for pk in told:
            theirs[pk].append(one)
    people = Person.objects.filter(pk__in=theirs).order_by("pk")
    return {person: theirs[person.pk] for person in people}


def _said(found: Sequence[Incident]) -> Said:
    numbers = list(dict.fromkeys(one.case.number for one in found))
    count = len(numbers)
    subject = ngettext("Hay una solicitud detenida", "Hay %(n)s solicitudes detenidas", count) % {"n": count}
    named = ", ".join(numbers[:NAMED]) + ("…" if count > NAMED else "")
    kinds = dict.fromkeys(str(one.get_kind_display()) for one in found)
    words = {"numbers": named, "kinds": "; ".join(kinds)}
    body = _(
        "No siguen solas: %(numbers)s. Por qué: %(kinds)s. Toma cada incidente o encárgalo; su página dice qué hacer."
    )
    return Said(subject, body % words, _("Ver los incidentes"))
