"""A step that has people and none who may do it is told about; what one may not do stops nothing else."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest

from accounts.api import note_absence
from accounts.models import Grant, Membership, Role
from jobs.models import Job
from jobs.registry import recurring
from notifications.models import Notice
from procedures.api import TamperedVersion
from tests.story import Story
from tests.workflows.desk import Visitor, at, text_of
from tests.workflows.flows import ROLES, begin, report
from tests.workflows.test_incidents import look, open_kinds
from workflows.commands import desk, incidents
from workflows.commands.separation import abstain
from workflows.errors import CommandRefused, NotAllowed
from workflows.incidents import finding, people
from workflows.models import Case, CaseParty, CaseTask, Incident

pytestmark = pytest.mark.django_db
Kind = Incident.Kind


def join_role(story: Story, who: str) -> None:
    """They join Beto's role."""
    role = Role.objects.get(unit__agency=story.agency, unit__code="rentas", code="revision")
    story.user(who)
    Membership.objects.create(role=role, person=story.people[who], post="Revisora", starts_on=story.now.date())


def away(story: Story, who: str, days: int, substitute: str | None = None) -> None:
    """They are away from today, `days` days in all."""
    day = story.now.date()
    note_absence(
        person=story.people[who],
        starts_on=day,
        ends_on=day + timedelta(days=days - 1),
        substitute=story.people[substitute] if substitute else None,
        by=None,
        now=story.now,
    )


def why(case: Case) -> str:
    return Incident.objects.get(case=case, closed_at=None).detail


def test_the_only_official_keeps_out_and_the_case_says_so_at_once(story: Story, case: Case, visitor: Visitor) -> None:
    """Ley 19.880 art. 12."""
    said = text_of(visitor("Beto").post(at("desk_abstain", case.ref), {"motivo": "Es mi hermana"}, follow=True))
    assert "Hoy nadie más puede hacer" in said
    assert open_kinds(case) == [Kind.NO_RESPONSIBLE]
    assert "se abstuvo" in why(case)
    look(story)
    assert open_kinds(case) == [Kind.NO_RESPONSIBLE]
    incident = Incident.objects.get(case=case)
    with pytest.raises(CommandRefused, match="Todavía no se puede cerrar"):
        incidents.close(incident=incident, resolution="Ya se verá", by=story.people["Inés"], now=story.now)
    join_role(story, "Carla")
    look(story)
    assert open_kinds(case) == []


def test_everybody_of_a_role_away_for_days_is_told_and_closes_when_somebody_comes(story: Story, case: Case) -> None:
    away(story, "Beto", days=2)
    look(story)
    assert open_kinds(case) == [], "who is back tomorrow is expected"
    story.now += timedelta(days=2)
    away(story, "Beto", days=10)
    look(story)
    assert open_kinds(case) == [Kind.NO_RESPONSIBLE]
    assert "15/03/2026" in why(case)
    join_role(story, "Carla")
    look(story)
    assert open_kinds(case) == []


def test_a_step_in_the_hands_of_who_is_away_for_days_is_given_back(story: Story, case: Case) -> None:
    task = story.claim(case, "admision")
    join_role(story, "Carla")
    away(story, "Beto", days=10)
    look(story)
    incident = Incident.objects.get(case=case, closed_at=None)
    assert (incident.kind, incident.task) == (Kind.NO_RESPONSIBLE, task)
    assert "ausente" in incident.detail
    incidents.free_step(incident=incident, by=story.people["Inés"], now=story.now)
    assert open_kinds(case) == []
    desk.claim(task=task, by=story.user("Carla"), now=story.now)


def test_a_second_reviewer_who_left_is_missed(story: Story) -> None:
    other: dict[str, Any] = {"not_same_as": ["primera"], "if_alone": "subrogate"}
    join_role(story, "Carla")
    case = begin(story, report("primera", following="segunda"), report("segunda", following="sello", **other))
    story.do(case, "primera")
    look(story)
    assert open_kinds(case) == []
    story.now += timedelta(days=1)
    Membership.objects.filter(person=story.people["Carla"]).update(ends_on=story.now.date() - timedelta(days=1))
    look(story)
    assert open_kinds(case) == [Kind.NO_RESPONSIBLE]
    assert "otra persona" in why(case)


def test_what_belongs_to_whoever_did_another_step_falls_to_colleagues_when_they_keep_out_or_are_away(
    story: Story,
) -> None:
    steps = report("primera", following="segunda"), report("segunda", following="sello", same_as="primera")
    join_role(story, "Carla")
    case = begin(story, *steps)
    story.do(case, "primera")
    with pytest.raises(NotAllowed, match="quien hizo el anterior"):
        desk.claim(task=story.task(case, "segunda"), by=story.user("Carla"), now=story.now)
    abstain(case=case, by=story.user("Beto"), reason="Es mi hermana", now=story.now)
    desk.claim(task=story.task(case, "segunda"), by=story.user("Carla"), now=story.now)
    story.now += timedelta(hours=1)
    other = story.file("prueba")
    story.do(other, "primera")
    away(story, "Beto", days=10)
    desk.claim(task=story.task(other, "segunda"), by=story.user("Carla"), now=story.now)


def test_a_wait_that_only_an_empty_role_may_end_is_told(story: Story) -> None:
    pause = {"id": "pausa", "kind": "wait", "title": "Pausa", "event": "La toma de razón", "next": "sello"}
    case = begin(story, {**pause, "role": "obras"})
    look(story)
    assert open_kinds(case) == []
    unit, _, code = ROLES["obras"].partition("/")
    posts = Membership.objects.filter(role__unit__agency=story.agency, role__unit__code=unit, role__code=code)
    posts.update(ends_on=story.now.date() - timedelta(days=1))
    look(story)
    assert open_kinds(case) == [Kind.NO_RESPONSIBLE]
    posts.update(ends_on=None)
    look(story)
    assert open_kinds(case) == []


def test_what_one_may_not_do_does_not_stop_the_next_ones_r21(story: Story, visitor: Visitor) -> None:
    """Ley 19.880 art. 7: order of entry is among those that one may take."""
    first = story.file()
    story.now += timedelta(hours=1)
    second = story.file()
    abstain(case=first, by=story.user("Beto"), reason="Es mi hermana", now=story.now)
    taken = desk.take_next(by=story.user("Beto"), on=story.now.date(), now=story.now)
    assert taken is not None
    assert taken.process_id == second.pk
    page = text_of(visitor("Beto").get(at("desk_case", second.ref)))
    assert "razón" not in page.lower().partition("pasos")[0]


def test_nobody_handles_their_own_application(story: Story, visitor: Visitor) -> None:
    """Ley 19.880 art. 12: a personal interest in the matter."""
    own = story.file(who="Beto")
    with pytest.raises(NotAllowed, match="parte"):
        desk.claim(task=story.task(own, "admision"), by=story.user("Beto"), now=story.now)
    look(story)
    assert open_kinds(own) == [Kind.NO_RESPONSIBLE]
    assert own.parties.get(kind=CaseParty.Kind.APPLICANT).person == story.people["Beto"]
    join_role(story, "Carla")
    look(story)
    desk.claim(task=story.task(own, "admision"), by=story.user("Carla"), now=story.now)
    assert open_kinds(own) == []


def told(story: Story, who: str) -> list[str]:
    """Subjects of the notices about what stands still."""
    notices = Notice.objects.filter(person=story.people[who], action_path__startswith=at("incidents")).order_by("pk")
    return list(notices.values_list("subject", flat=True))


class TestWhoWatchesOverAnAgency:
    def test_is_told_once_a_day_of_what_is_new_and_again_when_it_is_late(self, story: Story, case: Case) -> None:
        abstain(case=case, by=story.user("Beto"), reason="Es mi hermana", now=story.now)
        look(story)
        look(story)
        assert told(story, "Inés") == ["Hay una solicitud detenida"]
        notice = Notice.objects.get(person=story.people["Inés"], action_path__startswith=at("incidents"))
        assert case.number in notice.body
        assert told(story, "Beto") == told(story, "Hugo") == []
        story.now += timedelta(days=1)
        look(story)
        assert len(told(story, "Inés")) == 1, "it has until its day"
        story.now += timedelta(days=7)
        look(story)
        look(story)
        assert len(told(story, "Inés")) == 2

    def test_what_somebody_took_is_told_to_them_too_when_it_is_late(self, story: Story, case: Case) -> None:
        abstain(case=case, by=story.user("Beto"), reason="Es mi hermana", now=story.now)
        incident = Incident.objects.get(case=case)
        incidents.take(incident=incident, by=story.people["Carla"], now=story.now)
        look(story)
        assert told(story, "Inés") == []
        story.now += timedelta(days=7)
        look(story)
        assert told(story, "Carla") == told(story, "Inés") == ["Hay una solicitud detenida"]

    def test_without_anybody_to_watch_the_officials_of_the_procedure_are_told(self, story: Story, case: Case) -> None:
        Grant.objects.filter(capability="operate").delete()
        abstain(case=case, by=story.user("Beto"), reason="Es mi hermana", now=story.now)
        look(story)
        assert told(story, "Carla") == ["Hay una solicitud detenida"]
        assert told(story, "Inés") == []


def test_a_version_that_cannot_be_read_does_not_blind_the_search_for_the_others(story: Story) -> None:
    steps = report("primera", following="segunda"), report("segunda", following="sello", same_as="primera")
    other = begin(story, *steps)
    story.do(other, "primera")
    case = story.file()
    abstain(case=case, by=story.user("Beto"), reason="Es mi hermana", now=story.now)
    Incident.objects.all().delete()
    with patch.object(people, "bundle_of", side_effect=TamperedVersion):
        look(story)
    assert open_kinds(case) == [Kind.NO_RESPONSIBLE]


def test_what_waits_for_a_day_an_event_or_another_institution_is_in_a_list_of_the_bandeja(
    story: Story, visitor: Visitor
) -> None:
    """It has no official who holds it: without a list of its own nobody would see it again."""
    pause = {"id": "pausa", "kind": "wait", "title": "Toma de razón", "event": "la toma de razón", "next": "sello"}
    case = begin(story, report("primera", following="pausa"), {**pause, "role": "obras"})
    story.do(case, "primera")
    asked = {"ver": "otros"}
    page = text_of(visitor("Carla").get(at("inbox"), asked))
    assert "Esperan a otros o una fecha (1)" in page
    assert case.number in page
    assert "Espera la toma de razón. Lo registra tu grupo" in page
    assert "Lo registra tu grupo" not in text_of(visitor("Beto").get(at("inbox"), asked))
    assert case.number in text_of(visitor("Beto").get(at("inbox"), asked))
    assert case.number not in text_of(visitor("Hugo").get(at("inbox"), asked))


def test_a_correction_that_nobody_can_answer_is_told_until_somebody_is_added(
    story: Story, case: Case, visitor: Visitor
) -> None:
    """A case of the institution's own motion may have no interested person at all (Ley 19.880 arts. 21, 29 and 31)."""
    story.do(case, "admision", resultado="observar", observaciones="Corrige.")
    look(story)
    assert open_kinds(case) == []
    party = case.parties.get()
    CaseParty.objects.filter(case=case).update(kind=CaseParty.Kind.INFORMER)
    look(story)
    assert open_kinds(case) == [Kind.NO_RESPONSIBLE]
    incident = Incident.objects.get(case=case)
    assert "no tiene ninguna que pueda responder" in incident.detail
    assert "Agrega a la persona interesada" in text_of(visitor("Inés").get(at("incident", incident.pk)))
    CaseParty.objects.filter(pk=party.pk).update(kind=CaseParty.Kind.AFFECTED)
    look(story)
    assert open_kinds(case) == []


class TestOneCaseDoesNotBlindTheSearch:
    def test_a_step_that_its_version_lacks_is_an_incident_of_that_case_alone(self, story: Story, case: Case) -> None:
        story.now += timedelta(minutes=1)
        other = story.file()
        abstain(case=other, by=story.user("Beto"), reason="Es mi hermana", now=story.now)
        Incident.objects.all().delete()
        CaseTask.objects.filter(process=case, status="NEW").update(step_id="ya_no_existe")
        look(story)
        assert open_kinds(other) == [Kind.NO_RESPONSIBLE]
        assert open_kinds(case) == [Kind.STALLED]
        assert "no está en la versión" in why(case)
        look(story)
        assert open_kinds(case) == [Kind.STALLED]
        CaseTask.objects.filter(process=case, status="NEW").update(step_id="admision")
        look(story)
        assert open_kinds(case) == []

    def test_what_breaks_while_one_step_is_looked_at_is_told_by_its_type_alone(
        self, story: Story, case: Case, caplog: pytest.LogCaptureFixture
    ) -> None:
        other = story.file()
        for one in (case, other):
            abstain(case=one, by=story.user("Beto"), reason="Es mi hermana", now=story.now)
        Incident.objects.all().delete()
        judge = people._Around.judge

        def breaks(around: Any, task: CaseTask) -> Any:
            if task.process_id == case.pk:
                raise ValueError("Ana Pérez, 12.345.678-5")
            return judge(around, task)

        with patch.object(people._Around, "judge", breaks):
            look(story)
        assert open_kinds(other) == [Kind.NO_RESPONSIBLE]
        assert open_kinds(case) == [Kind.STALLED]
        assert "ValueError" in caplog.text
        assert "Ana Pérez" not in caplog.text

    def test_incidents_are_told_by_a_job_of_their_own(self, story: Story, case: Case) -> None:
        assert recurring()[incidents.TELL] == recurring()[incidents.ROUND] == incidents.EVERY
        abstain(case=case, by=story.user("Beto"), reason="Es mi hermana", now=story.now)
        story.now += timedelta(minutes=10)
        with patch.object(incidents, "suspicious_cases", side_effect=KeyError), pytest.raises(KeyError):
            incidents.look_for_stalled(Job(), story.now)
        assert incidents.tell_of_what_stands_still(Job(), story.now) == {"told": 1}
        assert told(story, "Inés") == ["Hay una solicitud detenida"]


def test_an_incident_closes_however_many_older_ones_are_open(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finding, "MOST", 2)
    cases = []
    for _turn in range(5):
        cases.append(story.file())
        story.now += timedelta(minutes=1)
    for case in cases:
        abstain(case=case, by=story.user("Beto"), reason="Es mi hermana", now=story.now)
    cases[4].recusals.all().delete()
    look(story)
    assert [open_kinds(case) for case in cases] == [[Kind.NO_RESPONSIBLE]] * 4 + [[]]


def test_absences_that_touch_are_one_long_one(story: Story, case: Case) -> None:
    away(story, "Beto", days=2)
    day = story.now.date()
    beto = story.people["Beto"]
    later: dict[str, Any] = {"person": beto, "substitute": None, "by": None, "now": story.now}
    gap = note_absence(starts_on=day + timedelta(days=3), ends_on=day + timedelta(days=20), **later)
    look(story)
    assert open_kinds(case) == [], "there is a day between them"
    gap.delete()
    note_absence(starts_on=day + timedelta(days=2), ends_on=day + timedelta(days=20), **later)
    look(story)
    assert open_kinds(case) == [Kind.NO_RESPONSIBLE]
    assert "24/03/2026" in why(case)


def test_what_others_must_do_does_not_hide_what_one_may_do_r21(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk, "MOST_TRIES", 2)
    other: dict[str, Any] = {"not_same_as": ["primera"], "if_alone": "subrogate"}
    join_role(story, "Carla")
    case = begin(story, report("primera", following="segunda"), report("segunda", following="sello", **other))
    story.do(case, "primera")
    for _turn in range(2):
        story.now += timedelta(minutes=1)
        story.do(story.file("prueba"), "primera")
    story.now += timedelta(minutes=1)
    last = story.file("prueba")
    taken = desk.take_next(by=story.user("Beto"), on=story.now.date(), now=story.now)
    assert taken is not None
    assert (taken.process_id, taken.step_id) == (last.pk, "primera")
    taken = desk.take_next(by=story.user("Carla"), on=story.now.date(), now=story.now)
    assert taken is not None
    assert (taken.process_id, taken.step_id) == (case.pk, "segunda")


class TestWhoOwnsAnIncident:
    def test_is_told_nothing_once_they_have_left(self, story: Story, case: Case) -> None:
        abstain(case=case, by=story.user("Beto"), reason="Es mi hermana", now=story.now)
        carla = story.people["Carla"]
        incidents.take(incident=Incident.objects.get(case=case), by=carla, now=story.now)
        Membership.objects.filter(person=carla).update(ends_on=story.now.date())
        story.now += timedelta(days=20)
        look(story)
        assert told(story, "Carla") == []
        assert told(story, "Inés") == ["Hay una solicitud detenida"]

    def test_is_told_of_their_own_alone(self, story: Story, case: Case) -> None:
        second = story.file()
        for one in (case, second):
            abstain(case=one, by=story.user("Beto"), reason="Es mi hermana", now=story.now)
        incidents.take(incident=Incident.objects.get(case=case), by=story.people["Carla"], now=story.now)
        story.now += timedelta(days=20)
        look(story)
        said = Notice.objects.filter(action_path__startswith=at("incidents"))
        carla, ines = said.get(person=story.people["Carla"]), said.get(person=story.people["Inés"])
        assert case.number in carla.body
        assert second.number not in carla.body
        assert case.number in ines.body
        assert second.number in ines.body
