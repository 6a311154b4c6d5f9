"""Reads: persons by RUN, roles and capabilities on a day, powers."""

from collections.abc import Collection, Iterable
from contextlib import suppress
from datetime import date, timedelta
from itertools import islice

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.crypto import salted_hmac

from accounts.models import Absence, Agency, AgencyCapability, Grant, Mandate, Membership, Organisation, Person, Role
from accounts.numbers import InvalidRun, normalise_run
from accounts.rules import name_words
from accounts.vault import blind_index, open_sealed

RUN_INDEX = "person.run"


def person_by_run(run: str) -> Person | None:
    """The person with this RUN, in any spelling, or None. Raises InvalidRun."""
    number, _, _ = normalise_run(run).partition("-")
    return Person.objects.filter(run_index=run_index(int(number))).first()


def persons_by_run(runs: Iterable[str]) -> dict[str, Person]:
    """Whom we know of many RUNs, by each as it is written; one that is none is left out. A read for every 500."""
    written: dict[str, list[str]] = {}
    for run in set(runs):
        with suppress(InvalidRun):
            written.setdefault(run_index(int(normalise_run(run).partition("-")[0])), []).append(run)
    found: dict[str, Person] = {}
    indexes = iter(written)
    while some := list(islice(indexes, 500)):
        for person in Person.objects.filter(run_index__in=some):
            found |= dict.fromkeys(written[str(person.run_index)], person)
    return found


def bears_another_name(run: str, given_names: str, family_names: str) -> bool:
    """Whether the RUN is of somebody we know by another name than the one written. Raises InvalidRun."""
    return is_named_otherwise(person_by_run(run), given_names, family_names)


def is_named_otherwise(known: Person | None, given_names: str, family_names: str) -> bool:
    """Whether whom we know by a RUN has given names, or family names, that are none of those written.

    Two wrong digits make another person's RUN: whoever writes it says by the name whom they mean.
    """
    words = name_words(known.given_names, known.family_names) if known is not None else set()
    written = (name_words(given_names), name_words(family_names))
    return bool(words) and any(part and words.isdisjoint(part) for part in written)


def run_index(number: int) -> str:
    """The blind index of a RUN. It covers the number alone, as ClaveÚnica's key of a person does (R37)."""
    return blind_index(str(number), RUN_INDEX)


def run_context(index: str) -> str:
    """Where a sealed RUN belongs: to the row with this index."""
    return f"accounts_person.run_sealed:{index}"


def run_of(person: Person) -> str:
    """The person's RUN as "12345678-5", or "" when the person has another document."""
    if person.run_sealed is None or person.run_index is None:
        return ""
    return open_sealed(bytes(person.run_sealed), run_context(person.run_index)).decode()


def visitor_mark(user_id: int) -> str:
    """Tells a browser's pages of one person from those of another, and says nothing of either."""
    return salted_hmac("accounts.visitor", str(user_id)).hexdigest()[:16]


def in_force(on: date, through: str = "") -> Q:
    """Posts (or powers) that hold on that day, the first and the last included; `through`: the way to them."""
    endless = Q(**{f"{through}ends_on": None}) | Q(**{f"{through}ends_on__gte": on})
    return endless & Q(**{f"{through}starts_on__lte": on})


def counts(on: date) -> Q:
    """Powers by which somebody may act that day: not over, not taken back, and given to who has that RUN."""
    return in_force(on) & Q(revoked_at=None, is_misnamed=False)


BACK_SOON = timedelta(days=3)
"""Who is back within this time is expected; work in the hands of who is not, stands still."""


def within_reach(on: date) -> Q:
    """Posts whose holder is there that day or is back within BACK_SOON; absences that touch are one."""
    gone = Q()
    for day in range(BACK_SOON.days + 1):
        away = Q(starts_on__lte=on + timedelta(days=day), ends_on__gte=on + timedelta(days=day))
        gone &= Q(Exists(Absence.objects.filter(away, person=OuterRef("person"))))
    return ~gone


def away_until(people: Collection[int], on: date) -> dict[int, date]:
    """{person: last day away} of those who are not `within_reach` that day; one read."""
    last: dict[int, date] = {}
    absences = Absence.objects.filter(person__in=people, ends_on__gte=on).order_by("starts_on", "ends_on")
    for person, starts_on, ends_on in absences.values_list("person_id", "starts_on", "ends_on"):
        there_until = last.get(person, on - timedelta(days=1))
        if starts_on <= there_until + timedelta(days=1):
            last[person] = max(there_until, ends_on)
    return {person: day for person, day in last.items() if day >= on + BACK_SOON}


def memberships_of(person: Person, on: date) -> QuerySet[Membership]:
    """The posts that the person holds on that day, with role, unit and agency loaded."""
    return person.memberships.filter(in_force(on)).select_related("role__unit__agency").order_by("pk")


def roles_of(person: Person, on: date) -> list[Role]:
    """The roles that the person holds on that day."""
    return [membership.role for membership in memberships_of(person, on)]


def has_capability(person: Person, agency: Agency, capability: str, on: date) -> bool:
    """Whether one of the person's roles in that agency grants the capability on that day."""
    held = memberships_of(person, on).filter(role__unit__agency=agency)
    return Grant.objects.filter(role__memberships__in=held, capability=AgencyCapability(capability)).exists()


def capabilities_of(person: Person, on: date) -> set[str]:
    """What the person's roles grant on that day, in whichever agency."""
    held = memberships_of(person, on)
    return set(Grant.objects.filter(role__memberships__in=held).values_list("capability", flat=True))


def agencies_where(person: Person, capability: str, on: date) -> QuerySet[Agency]:
    """The agencies in which the person has the capability on that day, by name."""
    held = memberships_of(person, on).filter(role__grants__capability=AgencyCapability(capability))
    return Agency.objects.filter(units__roles__memberships__in=held).distinct().order_by("name")


def whose_absences(person: Person, on: date) -> QuerySet[Person]:
    """Whose absences the person notes and changes: everybody's in office where they watch over the work, and theirs."""
    watched = agencies_where(person, AgencyCapability.OPERATE, on).values("pk")
    posts = Membership.objects.filter(in_force(on), role__unit__agency__in=watched)
    return Person.objects.filter(Q(pk=person.pk) | Q(pk__in=posts.values("person")))


def may_represent(
    representative: Person, grantor: Person | Organisation, procedure_code: str, on: date, *, solemn: bool = False
) -> bool:
    """Whether a power in force lets `representative` act for `grantor` in that procedure (Ley 19.880 art. 22).

    `solemn`: the procedure asks for advanced signature or public deed (R43). A revoked power counts for no day.
    """
    found = powers_of(grantor, on, procedure_code).filter(representative=representative)
    return (found.filter(is_solemn=True) if solemn else found).exists()


def powers_of(grantor: Person | Organisation, on: date, procedure_code: str) -> QuerySet[Mandate]:
    """The powers in force that somebody gave, or an organisation, which cover that procedure; the oldest first."""
    given = Mandate.objects.filter(counts(on), grantor_of(grantor))
    return given.filter(scope__in=["", procedure_code]).order_by("pk")


def powers_held(representative: Person, on: date, procedure_code: str = "") -> QuerySet[Mandate]:
    """The powers in force by which the person may act, of one procedure when its code is given."""
    held = Mandate.objects.filter(counts(on), representative=representative)
    held = held.select_related("grantor_person", "grantor_organisation")
    return held.filter(scope__in=["", procedure_code]) if procedure_code else held


def organisations_governed(person: Person, on: date) -> QuerySet[Organisation]:
    """The organisations whose powers the person gives and takes back on that day, by name."""
    held = powers_held(person, on).filter(governs=True, grantor_organisation__isnull=False)
    return Organisation.objects.filter(pk__in=held.values("grantor_organisation")).order_by("name")


def grantor_of(grantor: Person | Organisation) -> Q:
    """The condition on mandates given by this person or organisation."""
    return Q(grantor_organisation=grantor) if isinstance(grantor, Organisation) else Q(grantor_person=grantor)
