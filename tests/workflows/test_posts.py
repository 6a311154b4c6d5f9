"""Units and posts in the browser: whoever administers an agency keeps them, and nobody who leaves keeps anything."""

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command

from accounts.api import appoint, get_or_create_person, note_absence
from accounts.models import Grant, Membership, Person, Role, Unit
from audit.models import Event
from designer.queries import roles_of_agency
from tests.story import Story
from tests.workflows.desk import Visitor, at, text_of
from tests.workflows.test_incidents import look, open_kinds
from workflows.models import CaseTask

pytestmark = pytest.mark.django_db
ROSA = {"run": "11.111.111-1", "given_names": "Rosa", "family_names": "Soto Vera"}
BETO = {"run": "40.100.200-6", "given_names": "Beto", "family_names": "Araya Molina"}


def role(path: str = "rentas/revision") -> Role:
    unit, _slash, code = path.partition("/")
    return Role.objects.get(unit__agency__code="muni-ejemplo", unit__code=unit, code=code)


def post_of(person: Person, path: str = "rentas/revision") -> Membership:
    return Membership.objects.get(person=person, role=role(path), ends_on=None)


def test_a_unit_and_a_post_are_added_and_given_without_a_line_of_code(story: Story, visitor: Visitor) -> None:
    ines = visitor("Inés")
    assert "Unidades y cargos" in text_of(ines.get(at("inbox")))
    ines.post(at("posts_add_unit", "muni-ejemplo"), {"name": "Dirección de Tránsito"})
    unit = Unit.objects.get(name="Dirección de Tránsito")
    ines.post(at("posts_unit", unit.pk), {"agregar": "1", "cargo-name": "Licencias", "cargo-may": ["counter"]})
    made = Role.objects.get(unit=unit)
    assert (made.code, [one.capability for one in made.grants.all()]) == ("licencias", ["counter"])
    answer = ines.post(at("posts_role", made.pk), {"dar": "1", **ROSA, "post": "Examinadora"}, follow=True)
    assert "Rosa Soto Vera tiene ahora este cargo" in text_of(answer)
    assert "Rosa Soto Vera (Examinadora)" in text_of(ines.get(at("posts")))
    ines.post(at("posts_unit", unit.pk), {"nombrar": "1", "name": "Departamento de Tránsito"})
    assert Unit.objects.get(pk=unit.pk).name == "Departamento de Tránsito"
    agency = unit.agency_id
    kinds = set(Event.objects.filter(stream=f"roles:{agency}").values_list("kind", flat=True))
    assert {"unit.made", "unit.changed", "role.made", "role.given"} <= kinds


def test_a_post_given_to_the_run_of_somebody_else_is_refused(story: Story, visitor: Visitor) -> None:
    wrong = {**BETO, "given_names": "Rosa", "family_names": "Soto"}
    answer = visitor("Inés").post(at("posts_role", role("dom/revision").pk), {"dar": "1", **wrong, "post": "x"})
    assert answer.status_code == 409
    assert "Ese RUN es de una persona con otro nombre" in text_of(answer)
    assert "Araya" not in text_of(answer)


def test_whoever_leaves_now_keeps_nothing_and_what_they_had_taken_goes_back(story: Story, visitor: Visitor) -> None:
    case, other = story.file(rol_sii="1-1"), story.file(rol_sii="1-2")
    story.claim(case, "admision", "Beto")
    appoint(
        person=story.people["Carla"], role=role(), post="Revisora", starts_on=story.now.date(), by="x:y", now=story.now
    )
    beto, ines = visitor("Beto"), visitor("Inés")
    assert beto.get(at("desk_case", case.ref)).status_code == 200
    where = at("posts_end", post_of(story.people["Beto"]).pk)
    assert f"Tiene 1 paso tomado ({case.number})" in text_of(ines.get(where))
    answer = ines.post(where, {"when": "ahora"}, follow=True)
    assert "1 paso que tenía volvió a la bandeja del cargo" in text_of(answer)
    task = CaseTask.objects.get(process=case, step_id="admision")
    assert (task.status, task.owner) == ("NEW", None)
    assert beto.get(at("desk_case", case.ref)).status_code == 404, "the session that was open sees nothing more"
    assert beto.get(at("inbox")).status_code == 403
    story.work()
    assert open_kinds(case) == open_kinds(other) == []
    story.claim(case, "admision", "Carla")


def test_where_nobody_else_holds_the_post_each_case_that_waits_tells_it_at_once(story: Story, visitor: Visitor) -> None:
    case = story.file(rol_sii="1-1")
    story.claim(case, "admision", "Beto")
    where = at("posts_end", post_of(story.people["Beto"]).pk)
    ines = visitor("Inés")
    assert "Nadie más tiene este cargo: 1 paso abierto quedaría sin nadie" in text_of(ines.get(where))
    ines.post(where, {"when": "ahora"})
    story.work()
    assert open_kinds(case) == ["no_responsible"]
    assert "Nadie lo tiene, y 1 paso lo espera" in text_of(ines.get(at("posts_role", role().pk)))
    ines.post(at("posts_role", role().pk), {"dar": "1", **ROSA, "post": "Revisora"})
    story.work()
    assert open_kinds(case) == []


def test_all_the_posts_of_somebody_end_after_a_day(story: Story, visitor: Visitor) -> None:
    beto = story.people["Beto"]
    appoint(person=beto, role=role("dom/revision"), post="Revisor", starts_on=story.now.date(), by="x:y", now=story.now)
    where = at("posts_leave", "muni-ejemplo", beto.pk)
    ines = visitor("Inés")
    assert ines.post(where, {"when": "dia"}).status_code == 422
    last = story.now.date() + timedelta(days=7)
    ines.post(where, {"when": "dia", "ends_on": last.strftime("%d/%m/%Y")})
    assert set(Membership.objects.filter(person=beto).values_list("ends_on", flat=True)) == {last}
    assert ines.post(where, {"when": "dia", "ends_on": "01/01/2020"}).status_code == 409


def test_what_is_still_taken_the_day_after_the_last_one_is_told_and_put_back(story: Story, visitor: Visitor) -> None:
    case = story.file(rol_sii="1-1")
    story.claim(case, "admision", "Beto")
    last = story.now.date()
    where = at("posts_end", post_of(story.people["Beto"]).pk)
    visitor("Inés").post(where, {"when": "dia", "ends_on": last.strftime("%d/%m/%Y")})
    look(story)
    assert open_kinds(case) == [], "they still act until tonight"
    story.now += timedelta(days=1)
    look(story)
    assert open_kinds(case) == ["no_responsible"]


def test_an_institution_never_loses_the_last_person_who_administers_it(story: Story, visitor: Visitor) -> None:
    ines, mine = visitor("Inés"), role("alcaldia/transformacion-digital")
    answer = ines.post(
        at("posts_end", post_of(story.people["Inés"], "alcaldia/transformacion-digital").pk), {"when": "ahora"}
    )
    assert (answer.status_code, "Nadie más administra esta institución" in text_of(answer)) == (409, True)
    answer = ines.post(at("posts_role", mine.pk), {"nombrar": "1", "c-name": mine.name, "c-may": ["design"]})
    assert answer.status_code == 409
    assert Grant.objects.filter(role=mine, capability="administer").exists()
    rosa = get_or_create_person(**ROSA)
    appoint(person=rosa, role=mine, post="Encargada", starts_on=story.now.date(), by="x:y", now=story.now)
    ines.post(at("posts_end", post_of(story.people["Inés"], "alcaldia/transformacion-digital").pk), {"when": "ahora"})
    assert ines.get(at("posts")).status_code == 403


def test_who_substitutes_or_is_leaving_is_not_who_stays_to_administer(story: Story, visitor: Visitor) -> None:
    ines, carla, today = story.people["Inés"], story.people["Carla"], story.now.date()
    path = "alcaldia/transformacion-digital"
    last = today + timedelta(days=3)
    note_absence(person=ines, starts_on=today, ends_on=last, substitute=carla, by=ines, now=story.now)
    own = at("posts_end", post_of(ines, path).pk)
    assert visitor("Carla").post(own, {"when": "ahora"}).status_code == 409, (
        "nobody would administer from the 4th day on"
    )
    rosa = get_or_create_person(**ROSA)
    going = appoint(person=rosa, role=role(path), post="Encargada", starts_on=today, by="x:y", now=story.now)
    visitor("Inés").post(at("posts_end", going.pk), {"when": "dia", "ends_on": last.strftime("%d/%m/%Y")})
    assert visitor("Inés").post(own, {"when": "ahora"}).status_code == 409
    assert post_of(ines, path).ends_on is None


def test_nobody_gives_themselves_a_post_nor_adds_to_their_own(story: Story, visitor: Visitor) -> None:
    """Ley 19.880 art. 12: whoever administers would decide in their own interest."""
    ines, mine = visitor("Inés"), role("alcaldia/transformacion-digital")
    own = {"run": "40.800.900-6", "given_names": "Inés", "family_names": "Jara Quezada", "post": "Alcaldesa"}
    answer = ines.post(at("posts_role", role("alcaldia/alcalde").pk), {"dar": "1", **own})
    assert (answer.status_code, "Nadie se da un cargo" in text_of(answer)) == (409, True)
    may = ["design", "publish", "operate", "moderate", "administer", "powers"]
    answer = ines.post(at("posts_role", mine.pk), {"nombrar": "1", "c-name": mine.name, "c-may": may})
    assert (answer.status_code, "Nadie agrega permisos a un cargo suyo" in text_of(answer)) == (409, True)
    assert not Grant.objects.filter(role=mine, capability="powers").exists()


def test_nobody_adds_to_a_post_that_they_will_hold(story: Story, visitor: Visitor) -> None:
    ines, later = story.people["Inés"], story.now.date() + timedelta(days=5)
    appoint(person=ines, role=role("dom/revision"), post="Revisora", starts_on=later, by="x:y", now=story.now)
    given = {"nombrar": "1", "c-name": "Revisión de obras", "c-may": ["powers"]}
    answer = visitor("Inés").post(at("posts_role", role("dom/revision").pk), given)
    assert (answer.status_code, "Nadie agrega permisos a un cargo suyo" in text_of(answer)) == (409, True)


def test_nobody_notes_an_absence_that_gives_themselves_permissions_they_lack(story: Story, visitor: Visitor) -> None:
    """Ley 19.880 art. 12: whoever watches over the work would administer the agency by an absence of whoever does."""
    carla, mine = story.people["Carla"], role("alcaldia/transformacion-digital")
    Grant.objects.create(role=role("dom/revision"), capability="operate")
    appoint(person=carla, role=role("dom/revision"), post="Jefa", starts_on=story.now.date(), by="x:y", now=story.now)
    day = story.now.date().strftime("%d/%m/%Y")
    away = {"person": story.people["Inés"].pk, "substitute": carla.pk, "starts_on": day, "ends_on": day}
    answer = visitor("Carla").post(at("absences"), away)
    assert (answer.status_code, "Sus cargos te darían permisos que no tienes" in text_of(answer)) == (409, True)
    assert not Membership.objects.filter(person=carla, role=mine).exists()
    assert visitor("Inés").post(at("absences"), away).status_code == 302, "whoever leaves may name her"
    assert Membership.objects.filter(person=carla, role=mine).exists()


def test_a_post_given_by_mistake_is_taken_back_at_once(story: Story, visitor: Visitor) -> None:
    """One that began today lasted until midnight, and one that begins later was still held on its first day."""
    ines, beto, today = visitor("Inés"), story.people["Beto"], story.now.date()
    for starts_on in (today, today + timedelta(days=3)):
        given = appoint(
            person=beto, role=role("dom/revision"), post="Revisor", starts_on=starts_on, by="x:y", now=story.now
        )
        ines.post(at("posts_end", given.pk), {"when": "ahora"})
        assert not Membership.objects.filter(person=beto, role=role("dom/revision"), ends_on__gte=today).exists()
        assert not Membership.objects.filter(person=beto, role=role("dom/revision"), ends_on=None).exists()


def test_a_post_that_began_today_and_was_used_is_over_at_once_and_its_record_stays(
    story: Story, visitor: Visitor
) -> None:
    case = story.file(rol_sii="1-1")
    used = post_of(story.people["Beto"])
    Membership.objects.filter(pk=used.pk).update(starts_on=story.now.date())
    beto = visitor("Beto")
    assert beto.get(at("desk_case", case.ref)).status_code == 200
    visitor("Inés").post(at("posts_end", used.pk), {"when": "ahora"})
    assert beto.get(at("desk_case", case.ref)).status_code == 404
    used.refresh_from_db()
    assert used.ends_on == story.now.date() - timedelta(days=1)


def test_a_post_that_a_procedure_uses_stays_open_and_another_one_closes(story: Story, visitor: Visitor) -> None:
    ines = visitor("Inés")
    page = text_of(ines.get(at("posts_role", role().pk)))
    assert "No se puede todavía: sus pasos llegan a este cargo" in page
    assert "Patente comercial definitiva" in page
    assert ines.post(at("posts_role", role().pk), {"cerrar": "1"}).status_code == 409
    unit = Unit.objects.create(agency=story.agency, code="aseo", name="Aseo")
    free = Role.objects.create(unit=unit, code="jefatura", name="Jefatura de Aseo")
    appoint(
        person=get_or_create_person(**ROSA), role=free, post="Jefa", starts_on=story.now.date(), by="x:y", now=story.now
    )
    assert ines.post(at("posts_unit", unit.pk), {"cerrar": "1"}).status_code == 409
    ines.post(at("posts_role", free.pk), {"cerrar": "1"})
    assert Membership.objects.get(role=free).ends_on == story.now.date()
    answer = ines.post(at("posts_role", free.pk), {"dar": "1", **BETO, "post": "Jefe"})
    assert "Este cargo está cerrado" in text_of(answer)
    ines.post(at("posts_unit", unit.pk), {"cerrar": "1"})
    assert Unit.objects.get(pk=unit.pk).closed_at is not None
    ines.post(at("posts_role", free.pk), {"nombrar": "1", "c-name": "Jefatura"})
    assert Role.objects.get(pk=free.pk).closed_at is None


def test_a_closed_post_is_offered_to_no_procedure_and_given_by_no_command(story: Story) -> None:
    Role.objects.filter(pk=role("dom/revision").pk).update(closed_at=story.now)
    assert role("dom/revision") not in roles_of_agency(story.agency)
    with pytest.raises(CommandError, match="está cerrado"):
        call_command("posts", "give", BETO["run"], "--agency", "muni-ejemplo", "--role", "dom/revision", "--post", "x")


def test_only_whoever_administers_that_agency_opens_its_pages(story: Story, visitor: Visitor) -> None:
    other = Role.objects.get(unit__agency__code="muni-otra", code="revision")
    assert visitor("Beto").get(at("posts")).status_code == 403
    ines = visitor("Inés")
    assert ines.get(at("posts_role", other.pk)).status_code == 404
    assert ines.get(at("posts_add_unit", "muni-otra")).status_code == 404
    hugo = Membership.objects.get(person=story.people["Hugo"])
    assert ines.post(at("posts_end", hugo.pk), {"when": "ahora"}).status_code == 404
    assert ines.get(at("posts_leave", "muni-otra", hugo.person_id)).status_code == 404
