"""A pilot: a version offered to some first, always to the same, widened, opened to all or closed."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from ruamel.yaml import YAML

from accounts.models import Agency, Unit
from audit.models import Event
from jobs.api import Job, drain
from procedures.api import (
    Pilot,
    cancel_scheduled,
    end_pilot,
    offering_for,
    offerings_on,
    open_to_all,
    pilot_of,
    publish_data,
    widen_pilot,
)
from procedures.errors import PilotNotPossible
from procedures.models import CatalogueEntry, Offering
from procedures.rules import is_invited
from tests.procedures.test_publishing import CERTIFICATE, MONDAY, make_agency

pytestmark = pytest.mark.django_db
DAY = date(2026, 3, 2)
CODE = "certificado_patente_vigente"
NEXT = MONDAY + timedelta(days=7)


def put(agency: Agency, title: str = "", now: datetime = MONDAY, **options: Any) -> Offering:
    data = YAML(typ="safe", pure=True).load(CERTIFICATE)
    data["title"] = title or data["title"]
    return publish_data(data=data, agency=agency, by=None, now=now, role_bindings={}, **options)


def offered(agency: Agency, on: date = DAY, **who: int) -> Offering | None:
    return offering_for(agency.code, CODE, on, **who)


def test_a_share_invites_about_that_part_always_the_same_and_growing_keeps_those_who_were_in() -> None:
    tenth = {person for person in range(4000) if is_invited(pilot=7, share=10, person=person)}
    quarter = {person for person in range(4000) if is_invited(pilot=7, share=25, person=person)}
    assert 320 < len(tenth) < 480
    assert tenth < quarter
    assert tenth != {person for person in range(4000) if is_invited(pilot=8, share=10, person=person)}
    assert not any(is_invited(pilot=7, share=0, person=person) for person in range(100))


def test_the_public_sees_the_old_version_and_each_person_always_the_same() -> None:
    """R78: every person and office has one version at a time."""
    agency = make_agency()
    old = put(agency)
    new = put(agency, "Nuevo", pilot=Pilot(share=50))
    assert offered(agency) == old
    assert list(offerings_on(DAY)) == [old]
    seen = [offered(agency, person_id=person) for person in range(1, 60)]
    assert {one.pk for one in seen if one} == {old.pk, new.pk}
    assert seen == [offered(agency, person_id=person) for person in range(1, 60)]
    assert CatalogueEntry.objects.get().name != "Nuevo"
    old.refresh_from_db()
    assert old.effective_to is None


def test_an_office_tries_it_first_and_nobody_else() -> None:
    agency = make_agency()
    old, unit = put(agency), Unit.objects.create(agency=agency, code="parque", name="Mesón del parque")
    new = put(agency, "Nuevo", pilot=Pilot(unit=unit))
    assert offered(agency, unit_id=unit.pk) == new
    assert offered(agency, unit_id=unit.pk + 1) == old
    assert all(offered(agency, person_id=person) == old for person in range(50))


def test_a_pilot_is_widened_and_then_opened_to_all_and_the_record_says_so() -> None:
    agency = make_agency()
    old = put(agency)
    new = put(agency, "Nuevo", pilot=Pilot(share=10))
    widen_pilot(offering=new, share=25, by=None, now=MONDAY)
    with pytest.raises(PilotNotPossible, match="mayor"):
        widen_pilot(offering=new, share=10, by=None, now=MONDAY)
    open_to_all(offering=new, by=None, now=NEXT)
    old.refresh_from_db()
    assert old.effective_to == NEXT.date() - timedelta(days=1)
    assert offered(agency, NEXT.date()) == offered(agency, NEXT.date(), person_id=3) == new
    assert CatalogueEntry.objects.get().name == "Nuevo"
    kinds = list(Event.objects.filter(stream=f"publishing:{agency.pk}").order_by("seq").values_list("kind", flat=True))
    assert kinds == ["procedure.published", "procedure.published", "pilot.widened", "pilot.opened"]


def test_a_closed_pilot_invites_nobody_even_on_its_day_and_another_may_begin() -> None:
    agency = make_agency()
    old = put(agency)
    new = put(agency, "Nuevo", pilot=Pilot(share=50))
    with pytest.raises(PilotNotPossible, match="Ya hay una versión en piloto"):
        put(agency, "Otro", pilot=Pilot(share=5))
    end_pilot(offering=new, by=None, now=MONDAY)
    assert pilot_of(agency, CODE, DAY) is None
    assert all(offered(agency, person_id=person) == old for person in range(50))
    with pytest.raises(PilotNotPossible, match="ya no está en piloto"):
        open_to_all(offering=new, by=None, now=NEXT)
    assert put(agency, "Otro", pilot=Pilot(share=5)).is_pilot


@pytest.mark.parametrize("pilot", [Pilot(), Pilot(share=33)])
def test_a_pilot_says_who_tries_it(pilot: Pilot) -> None:
    agency = make_agency()
    put(agency)
    with pytest.raises(PilotNotPossible, match="Elija"):
        put(agency, "Nuevo", pilot=pilot)


def test_what_is_offered_already_and_the_office_of_another_are_no_pilot() -> None:
    agency = make_agency()
    put(agency)
    with pytest.raises(PilotNotPossible, match="ya se ofrece"):
        put(agency, pilot=Pilot(share=5))
    foreign = Unit.objects.create(agency=make_agency("muni-otra"), code="x", name="X")
    with pytest.raises(PilotNotPossible, match="otra institución"):
        put(agency, "Nuevo", pilot=Pilot(unit=foreign))


def test_a_later_version_shows_its_ficha_on_its_day_and_can_be_taken_back_before() -> None:
    agency = make_agency()
    old = put(agency)
    put(agency, "Nuevo", effective_from=NEXT.date())
    assert CatalogueEntry.objects.get().name == old.version.title
    later = Job.objects.get(kind="procedures.list_offering")
    drain(later.run_at)
    assert CatalogueEntry.objects.get().name == "Nuevo"
    with pytest.raises(PilotNotPossible, match="ya comenzó"):
        cancel_scheduled(offering=offered(agency, NEXT.date()) or old, by=None, now=NEXT)


def test_a_version_taken_back_leaves_the_present_one_open() -> None:
    agency = make_agency()
    old = put(agency)
    later = put(agency, "Nuevo", effective_from=NEXT.date())
    cancel_scheduled(offering=later, by=None, now=MONDAY)
    old.refresh_from_db()
    assert old.effective_to is None
    assert offered(agency, NEXT.date()) == old
    drain(Job.objects.get(kind="procedures.list_offering").run_at)
    assert CatalogueEntry.objects.get().name == old.version.title
