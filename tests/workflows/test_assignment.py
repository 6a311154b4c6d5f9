"""Who a step goes to: by turn and absence, by rule, to whoever did another; and who is away."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from accounts.api import AbsenceRefused, note_absence, shorten_absence, withdraw_absence
from accounts.models import Membership, Role
from audit.models import Event
from procedures.api import check_bundle
from procedures.schema import Bundle
from tests.story import Story
from tests.workflows.desk import Visitor, at, text_of
from tests.workflows.flows import begin, flow, report
from workflows.commands import desk
from workflows.models import Case, CaseAccess
from workflows.presenting.absences import colleagues, noted_by
from workflows.presenting.history import history

pytestmark = pytest.mark.django_db
FOR_HEALTH = [{"when": {"all": [{"field": "primera.favorable", "op": "eq", "value": True}]}, "role": "salud"}]


def staff(story: Story, *names: str) -> None:
    """They join Beto's role."""
    role = Role.objects.get(unit__agency=story.agency, unit__code="rentas", code="revision")
    for name in names:
        story.user(name)
        Membership.objects.create(role=role, person=story.people[name], post="Revisora", starts_on=story.now.date())
    story.user("Beto")


def turn(story: Story, **more: Any) -> Case:
    return begin(story, report("primera", following="sello", assign="cyclic", **more))


def holder(case: Case, step_id: str = "primera") -> str:
    owner = case.task_set.get(step_id=step_id).owner
    return str(owner.person.given_names.split()[0]) if owner else ""


def test_steps_are_handed_out_by_turn_to_who_has_fewest(story: Story) -> None:
    staff(story, "Carla", "Dora")
    cases = []
    for _case in range(6):
        story.now += timedelta(minutes=1)
        cases.append(turn(story))
    assert sorted(map(holder, cases)) == ["Beto", "Beto", "Carla", "Carla", "Dora", "Dora"]
    assert len({holder(case) for case in cases[:3]}) == 3
    busy = next(case for case in cases if holder(case) == "Dora")
    story.now += timedelta(minutes=1)
    desk.release(task=story.task(busy, "primera"), by=story.user("Dora"), now=story.now)
    assert holder(turn(story)) == "Dora"
    assert any("Entregó por turno «primera» a Dora" in line.what for line in history(busy))


def test_who_is_away_gets_none_and_with_everybody_away_it_waits(story: Story) -> None:
    staff(story, "Carla")
    day = story.now.date()
    note_absence(person=story.people["Beto"], starts_on=day, ends_on=day, substitute=None, by=None, now=story.now)
    assert {holder(turn(story)) for _case in range(2)} == {"Carla"}
    note_absence(person=story.people["Carla"], starts_on=day, ends_on=day, substitute=None, by=None, now=story.now)
    assert holder(turn(story)) == ""


def test_whoever_did_a_step_gets_the_next_or_is_left_out(story: Story) -> None:
    staff(story, "Carla")
    other: dict[str, Any] = {"not_same_as": ["primera"], "if_alone": "subrogate"}
    rules: tuple[tuple[dict[str, Any], str], ...] = (({"same_as": "primera"}, "Beto"), (other, "Carla"))
    for rule, wanted in rules:
        case = begin(
            story,
            report("primera", following="segunda"),
            report("segunda", following="sello", assign="cyclic", **rule),
        )
        story.do(case, "primera")
        assert holder(case, "segunda") == wanted


def test_a_rule_gives_the_step_to_another_office(story: Story) -> None:
    case = begin(
        story,
        report("primera", following="segunda"),
        report("segunda", "obras", following="tercera", role_when=FOR_HEALTH),
        report("tercera", "salud", following="sello"),
    )
    story.do(case, "primera", favorable=True)
    assert story.task(case, "segunda").role.unit.code == "salud"  # type: ignore[union-attr]
    other = story.file("prueba")
    story.do(other, "primera", favorable=False)
    assert story.task(other, "segunda").role.unit.code == "dom"  # type: ignore[union-attr]


def test_the_check_looks_into_rules_of_who() -> None:
    wrong = [{"when": {"all": [{"field": "primera.nada", "op": "eq", "value": True}]}, "role": "revision"}]
    data = flow(report("primera", following="segunda"), report("segunda", following="sello", role_when=wrong))
    codes = {finding.code for finding in check_bundle(Bundle.model_validate(data))}
    assert codes
    missing = [{**wrong[0], "role": "nadie"}]
    data = flow(report("primera", following="sello", role_when=missing))
    assert "unknown_role" in {finding.code for finding in check_bundle(Bundle.model_validate(data))}


def test_a_substitute_holds_the_posts_of_who_is_away(story: Story, visitor: Visitor) -> None:
    day = story.now.date()
    beto, carla = visitor("Beto"), story.people["Carla"]
    when = {"starts_on": day.strftime("%d/%m/%Y"), "ends_on": (day + timedelta(days=4)).strftime("%d/%m/%Y")}
    wrong = beto.post(at("absences"), {"person": story.people["Beto"].pk, "starts_on": "mañana", "ends_on": ""})
    assert "Escribe la fecha como 25/11/2026" in text_of(wrong)
    assert beto.post(at("absences"), {"person": carla.pk, **when}).status_code == 422
    sent = beto.post(at("absences"), {"person": story.people["Beto"].pk, "substitute": carla.pk, **when})
    assert sent.status_code == 302
    assert "Subroga" in text_of(beto.get(at("absences")))
    post = Membership.objects.get(person=carla, role__code="revision", role__unit__code="rentas")
    assert (post.post.endswith("(S)"), post.ends_on) == (True, day + timedelta(days=4))
    again = beto.post(at("absences"), {"person": story.people["Beto"].pk, **when})
    assert "Ya hay una ausencia anotada" in text_of(again)
    assert visitor("Ana").get(at("absences")).status_code == 403


def test_an_absence_makes_sense(story: Story) -> None:
    day, beto = story.now.date(), story.people["Beto"]
    before = day - timedelta(days=1)
    with pytest.raises(AbsenceRefused, match="antes de empezar"):
        note_absence(person=beto, starts_on=day, ends_on=before, substitute=None, by=None, now=story.now)
    with pytest.raises(AbsenceRefused, match="otra persona"):
        note_absence(person=beto, starts_on=day, ends_on=day, substitute=beto, by=None, now=story.now)


def test_who_comes_back_earlier_ends_the_absence_and_the_substitute_leaves(story: Story, visitor: Visitor) -> None:
    day, beto, carla = story.now.date(), story.people["Beto"], story.people["Carla"]
    away = note_absence(
        person=beto, starts_on=day, ends_on=day + timedelta(days=9), substitute=carla, by=beto, now=story.now
    )
    page, client = at("absence", away.pk), visitor("Beto")
    assert visitor("Carla").get(page).status_code == 404
    wrong = client.post(page, {"ends_on": "ayer", "reason": ""})
    assert "Escribe la fecha como 25/11/2026" in text_of(wrong)
    later = {"ends_on": (day + timedelta(days=20)).strftime("%d/%m/%Y"), "reason": "Alta"}
    assert "no es antes" in text_of(client.post(page, later))
    sent = client.post(page, {"ends_on": (day + timedelta(days=2)).strftime("%d/%m/%Y"), "reason": "Volvió antes"})
    assert sent.status_code == 302
    assert "termina antes: Volvió antes" in text_of(client.get(at("absences")))
    post = Membership.objects.get(person=carla, role__code="revision", role__unit__code="rentas")
    assert post.ends_on == day + timedelta(days=2)
    event = Event.objects.get(stream=f"roles:{story.agency.pk}", kind="absence.shortened")
    assert event.actor == f"person:{beto.pk}"
    note_absence(
        person=beto, starts_on=day + timedelta(days=3), ends_on=day + timedelta(days=5), substitute=None, by=None,
        now=story.now,
    )  # fmt: skip


def test_an_absence_that_has_not_begun_is_left_without_effect(story: Story, visitor: Visitor) -> None:
    day, beto, carla = story.now.date(), story.people["Beto"], story.people["Carla"]
    first, last = day + timedelta(days=3), day + timedelta(days=9)
    away = note_absence(person=beto, starts_on=first, ends_on=last, substitute=carla, by=beto, now=story.now)
    page, client = at("absence", away.pk), visitor("Beto")
    assert "Escribe el motivo" in text_of(client.post(page, {"sin-efecto": "1", "reason": ""}))
    assert client.post(page, {"sin-efecto": "1", "reason": "Se suspendió el viaje"}).status_code == 302
    assert not beto.absences.exists()
    assert not Membership.objects.filter(person=carla, role__unit__code="rentas").exists()
    assert Event.objects.filter(stream=f"roles:{story.agency.pk}", kind="absence.withdrawn").exists()


def test_one_that_begins_today_is_left_without_effect_too(story: Story, visitor: Visitor) -> None:
    """Whoever acted as substitute keeps the post for the day: records name it."""
    day, beto, carla = story.now.date(), story.people["Beto"], story.people["Carla"]
    case, page = story.file(), visitor("Beto")
    for acted in (False, True):
        away = note_absence(person=beto, starts_on=day, ends_on=day, substitute=carla, by=beto, now=story.now)
        posts = Membership.objects.filter(person=carla, role__unit__code="rentas")
        if acted:
            CaseAccess.objects.create(case=case, person=carla, membership=posts.get(), at=story.now)
        before = (day - timedelta(days=1)).strftime("%d/%m/%Y")
        assert "déjala sin efecto" in text_of(page.post(at("absence", away.pk), {"ends_on": before, "reason": "Alta"}))
        assert "Dejarla sin efecto" in text_of(page.get(at("absence", away.pk)))
        assert page.post(at("absence", away.pk), {"sin-efecto": "1", "reason": "Vino igual"}).status_code == 302
        assert not beto.absences.exists()
        assert posts.count() == posts.filter(ends_on=day, absence=None).count() == int(acted)


def test_one_that_began_on_an_earlier_day_is_only_shortened(story: Story) -> None:
    day, beto = story.now.date(), story.people["Beto"]
    away = note_absence(
        person=beto, starts_on=day - timedelta(days=5), ends_on=day + timedelta(days=5), substitute=None, by=beto,
        now=story.now,
    )  # fmt: skip
    change: dict[str, Any] = {"absence": away, "reason": "Alta", "by": beto, "today": day, "now": story.now}
    with pytest.raises(AbsenceRefused, match="empezó antes de hoy"):
        withdraw_absence(**change)
    with pytest.raises(AbsenceRefused, match="ya pasaron"):
        shorten_absence(**change, ends_on=day - timedelta(days=2))
    assert shorten_absence(**change, ends_on=day - timedelta(days=1)).ends_on == day - timedelta(days=1)


def test_who_watches_over_one_institution_changes_no_absence_of_another(story: Story, visitor: Visitor) -> None:
    """Inés watches over the municipality's work, and also reviews in the other one, as Hugo does."""
    day, ines, hugo = story.now.date(), story.people["Inés"], story.people["Hugo"]
    other = Role.objects.get(unit__agency__code="muni-otra", unit__code="rentas", code="revision")
    Membership.objects.create(role=other, person=ines, post="Revisora", starts_on=day)
    people = colleagues(ines, day)
    assert hugo in people
    assert {story.people["Beto"], ines} <= set(noted_by(ines, people, day))
    assert hugo not in noted_by(ines, people, day)
    last = day + timedelta(days=9)
    away = note_absence(person=hugo, starts_on=day, ends_on=last, substitute=None, by=hugo, now=story.now)
    later = note_absence(
        person=hugo, starts_on=last + timedelta(days=1), ends_on=last + timedelta(days=2), substitute=None, by=hugo,
        now=story.now,
    )  # fmt: skip
    assert visitor("Inés").get(at("absence", away.pk)).status_code == 404
    change: dict[str, Any] = {"reason": "Alta", "by": ines, "today": day, "now": story.now}
    with pytest.raises(AbsenceRefused, match="La cambia esa persona"):
        shorten_absence(absence=away, ends_on=day, **change)
    with pytest.raises(AbsenceRefused, match="La cambia esa persona"):
        withdraw_absence(absence=later, **change)
    withdraw_absence(absence=later, **{**change, "by": hugo})
