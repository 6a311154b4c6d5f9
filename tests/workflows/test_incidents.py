"""Incidents: whoever stands still is found, somebody sees to it, and words alone close nothing (issue 4)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.api import appoint, get_or_create_person
from accounts.models import Membership, Role
from audit.models import Event
from jobs.models import Job
from procedures.api import RuleError
from tests.story import Story
from tests.workflows.desk import Visitor, at, post_answers, text_of
from tests.workflows.flows import begin, report
from tests.workflows.refusals import write_and_sign
from workflows import routing
from workflows.commands import endings, incidents
from workflows.commands.effects import effect_failed, retry_incident
from workflows.commands.locking import locked
from workflows.commands.separation import abstain, challenge
from workflows.errors import CommandRefused, NotAllowed
from workflows.incidents import finding, open_incident, people
from workflows.models import Case, CaseTask, Challenge, Incident, Recusal
from workflows.separation import deciders, superiors

pytestmark = pytest.mark.django_db
Kind = Incident.Kind


def look(story: Story) -> None:
    """One round of the search, and the looks that it asks for."""
    story.now += incidents.EVERY
    incidents.look_for_stalled(Job(), story.now)
    while job := Job.objects.filter(kind=incidents.ROUND, state="ready").first():
        incidents.look_for_stalled(job, story.now)
        Job.objects.filter(pk=job.pk).update(state="done", run_at=None)
    incidents.tell_of_what_stands_still(Job(), story.now)
    for job in Job.objects.filter(kind=incidents.LOOK, state="ready"):
        incidents.look_at_case(job, story.now)
        Job.objects.filter(pk=job.pk).update(state="done", run_at=None)


def open_kinds(case: Case) -> list[str]:
    return list(Incident.objects.filter(case=case, closed_at=None).values_list("kind", flat=True))


def sleeping(story: Story) -> Case:
    """A case that waits thirty days."""
    pause = {"id": "pausa", "kind": "wait", "title": "Pausa", "next": "sello"}
    return begin(story, {**pause, "after": {"amount": 30, "unit": "calendar_days"}})


class TestFindingWhatStandsStill:
    def test_a_case_that_goes_its_way_is_left_alone(self, story: Story, case: Case) -> None:
        asleep = sleeping(story)
        look(story)
        assert open_kinds(case) == open_kinds(asleep) == []

    def test_a_planted_case_without_any_step_timer_job_or_wait_is_found_once(self, story: Story, case: Case) -> None:
        """The control is the test above: the same round finds nothing in cases that move."""
        CaseTask.objects.filter(process=case, status="NEW").update(status="DONE")
        look(story)
        look(story)
        (incident,) = Incident.objects.filter(case=case)
        assert (incident.kind, incident.task) == (Kind.STALLED, case.task_set.get(step_id="admision"))
        assert incident.due_on == date(2026, 3, 6)

    def test_a_mail_under_way_does_not_hide_a_case_that_stands_still(self, story: Story, case: Case) -> None:
        assert Job.objects.filter(case_id=case.pk, kind="notifications.email", state="ready").exists()
        CaseTask.objects.filter(process=case, status="NEW").update(status="DONE")
        look(story)
        assert open_kinds(case) == [Kind.STALLED]

    def test_a_wait_whose_timer_was_lost_is_found_and_set_again(self, story: Story) -> None:
        case = sleeping(story)
        Job.objects.filter(case_id=case.pk, kind="workflows.wait").delete()
        look(story)
        (incident,) = Incident.objects.filter(case=case)
        assert incident.kind == Kind.STALLED

        retry_incident(incident=incident, by=story.people["Inés"], now=story.now)
        assert open_kinds(case) == []
        assert Job.objects.filter(case_id=case.pk, kind="workflows.wait", state="ready").exists()

    def test_a_step_whose_role_has_nobody_is_found_and_settles_when_somebody_is_appointed(
        self, story: Story, case: Case
    ) -> None:
        posts = Membership.objects.filter(role=story.task(case, "admision").role)
        posts.update(ends_on=story.now.date() - timedelta(days=1))
        look(story)
        assert open_kinds(case) == [Kind.NO_RESPONSIBLE]
        posts.update(ends_on=None)
        look(story)
        assert open_kinds(case) == []
        assert Incident.objects.get(case=case).closed_by is None

    def test_what_had_stopped_a_case_is_over_once_it_ends_another_way(self, story: Story, case: Case) -> None:
        """The person withdraws from a case that stood still; nobody brings it on beside its withdrawal (art. 42)."""
        task = story.task(case, "admision")
        stuck = Incident.objects.create(
            case=case, agency=case.agency, task=task, kind=Kind.RULE, step_id="admision", detail="Falta un dato.",
            opened_at=story.now, due_on=story.now.date(),
        )  # fmt: skip
        CaseTask.objects.filter(pk=task.pk).update(status="DONE", finished=story.now)
        endings.withdraw(case=case, reason="", by=story.people["Ana"], now=story.now)
        assert open_kinds(case) == [Kind.RULE], "until an official declares it, the case may go on"
        story.do(case, "law_withdrawal", declara=True, fundamento="Consta en el expediente.")
        assert open_kinds(case) == []
        retry_incident(incident=stuck, by=story.people["Inés"], now=story.now)
        write_and_sign(story, case, "law_withdrawal_draft", "law_withdrawal_sign")
        assert (case.outcome, case.finished is not None) == ("withdrawn", True)

    def test_giving_the_role_to_somebody_closes_it_without_waiting_for_the_round(
        self, story: Story, case: Case
    ) -> None:
        role = story.task(case, "admision").role
        assert role is not None
        Membership.objects.filter(role=role).update(ends_on=story.now.date() - timedelta(days=1))
        look(story)
        nora = get_or_create_person("41.100.300-0", "Nora", "Pinto Vega")
        appoint(person=nora, role=role, post="Revisora", starts_on=story.now.date(), by="test", now=story.now)
        story.work()
        assert open_kinds(case) == []

    def test_a_step_held_by_somebody_who_left_is_put_back_by_who_operates_the_agency(
        self, story: Story, case: Case, visitor: Visitor
    ) -> None:
        task = story.claim(case, "admision")
        Membership.objects.filter(person=story.people["Beto"]).update(ends_on=story.now.date() - timedelta(days=1))
        look(story)
        (incident,) = Incident.objects.filter(case=case)
        ines = visitor("Inés")
        assert "Devolver el paso a la bandeja" in text_of(ines.get(at("incident", incident.pk)))
        assert ines.post(at("incident_free", incident.pk)).status_code == 302
        task.refresh_from_db(fields=["status", "owner"])
        assert (task.status, task.owner) == ("NEW", None)

    def test_a_job_that_was_given_up_without_telling_anybody_is_found(self, story: Story) -> None:
        case = sleeping(story)
        Job.objects.filter(case_id=case.pk, kind="workflows.wait").update(state="dead", run_at=None, last_error="X")
        look(story)
        assert Kind.EFFECT in open_kinds(case)


class TestClosing:
    @pytest.fixture
    def stuck(self, story: Story, case: Case, visitor: Visitor, monkeypatch: pytest.MonkeyPatch) -> Incident:
        """A rule that errs after Beto's answer."""

        def broken(*arguments: Any) -> Any:
            raise RuleError("regla rota")

        with monkeypatch.context() as patched:
            patched.setattr(routing, "evaluate", broken)
            task = story.claim(case, "admision")
            post_answers(visitor("Beto"), story, case, task, resultado="admitir")
        return Incident.objects.get(case=case)

    def test_no_words_close_it_while_the_case_is_stuck(self, story: Story, stuck: Incident, visitor: Visitor) -> None:
        beto = visitor("Beto")
        refused = beto.post(at("incident_close", stuck.pk), {"solucion": "Ya está resuelto, de verdad."})
        assert refused.status_code == 409
        assert "sigue detenido" in text_of(refused)
        stuck.refresh_from_db()
        assert stuck.closed_at is None

    def test_it_closes_by_itself_once_the_case_moves_and_the_history_says_so(
        self, story: Story, stuck: Incident
    ) -> None:
        retry_incident(incident=stuck, by=story.people["Beto"], now=story.now)
        stuck.refresh_from_db()
        assert stuck.closed_at is not None
        assert story.task(stuck.case, "informe_obras")
        assert Event.objects.filter(stream=f"case:{stuck.case.ref}", kind="incident.closed").count() == 1

    def test_a_mail_tried_again_keeps_its_incident_until_it_left_and_may_be_closed_with_what_was_done(
        self, story: Story, case: Case
    ) -> None:
        mail = Job.objects.filter(case_id=case.pk, kind="notifications.email").latest("pk")
        Job.objects.filter(pk=mail.pk).update(state="dead", run_at=None)
        effect_failed(Job(case_id=case.pk, payload={"job": mail.pk}), story.now)
        incident = Incident.objects.get(case=case)
        with pytest.raises(CommandRefused, match="qué se hizo"):
            incidents.close(incident=incident, resolution="  ", by=story.people["Beto"], now=story.now)
        retry_incident(incident=incident, by=story.people["Beto"], now=story.now)
        assert open_kinds(case) == [Kind.MAIL]
        told = "La llamé por teléfono."
        incidents.close(incident=incident, resolution=told, by=story.people["Beto"], now=story.now)
        incident.refresh_from_db()
        assert (incident.closed_by, incident.resolution) == (story.people["Beto"], told)
        look(story)
        assert open_kinds(case) == []


class TestWhoSeesToIt:
    @pytest.fixture
    def incident(self, story: Story, case: Case) -> Incident:
        CaseTask.objects.filter(process=case, status="NEW").update(status="DONE")
        look(story)
        return Incident.objects.get(case=case)

    def test_somebody_takes_it_and_hands_it_over_to_who_works_there(
        self, story: Story, incident: Incident, visitor: Visitor
    ) -> None:
        beto = visitor("Beto")
        assert beto.post(at("incident_take", incident.pk)).status_code == 302
        assert incident.case.number in text_of(beto.get(at("incidents"), {"ver": "mios"}))
        elena = story.people["Elena"]
        assert beto.post(at("incident_assign", incident.pk), {"persona": elena.pk}).status_code == 302
        incident.refresh_from_db()
        assert incident.owner == elena
        refused = beto.post(at("incident_assign", incident.pk), {"persona": story.people["Ana"].pk})
        assert refused.status_code == 409
        incident.refresh_from_db()
        assert incident.owner == elena

    def test_nobody_who_keeps_out_of_the_case_is_given_it_r45(
        self, story: Story, incident: Incident, visitor: Visitor
    ) -> None:
        """Art. 12: whoever abstained has no part in the case, nor in what stops it."""
        abstain(case=incident.case, by=story.user("Elena"), reason="Es mi hermana", now=story.now)
        beto, elena = visitor("Beto"), story.people["Elena"]
        assert str(elena) not in text_of(beto.get(at("incident", incident.pk)))
        refused = beto.post(at("incident_assign", incident.pk), {"persona": elena.pk})
        assert refused.status_code == 409
        assert "no puede intervenir en esta solicitud" in text_of(refused)
        incident.refresh_from_db()
        assert incident.owner is None

    def test_whoever_applied_is_not_given_it_r45(self, story: Story, incident: Incident) -> None:
        incident.case.parties.update(person=story.people["Elena"])
        with pytest.raises(CommandRefused, match=r"art\. 12"):
            incidents.assign(incident=incident, to=story.people["Elena"], by=story.people["Beto"], now=story.now)

    def test_who_watches_over_the_agency_and_keeps_out_does_not_take_it_r45(
        self, story: Story, incident: Incident
    ) -> None:
        ines = story.people["Inés"]
        Recusal.objects.create(case=incident.case, agency=incident.agency, person=ines, at=story.now)
        with pytest.raises(CommandRefused, match=r"art\. 12"):
            incidents.take(incident=incident, by=ines, now=story.now)

    def test_who_keeps_out_later_leaves_it_to_the_others_r45(self, story: Story, incident: Incident) -> None:
        incidents.take(incident=incident, by=story.people["Elena"], now=story.now)
        abstain(case=incident.case, by=story.user("Elena"), reason="Es mi hermana", now=story.now)
        incident.refresh_from_db()
        assert (incident.owner, incident.told_at) == (None, None)
        assert Event.objects.filter(stream=f"case:{incident.case.ref}", kind="incident.released").count() == 1

    def test_it_does_not_exist_for_another_agency_nor_for_the_citizen(
        self, story: Story, incident: Incident, visitor: Visitor
    ) -> None:
        assert visitor("Hugo").get(at("incident", incident.pk)).status_code == 404
        assert visitor("Ana").get(at("incident", incident.pk)).status_code == 404
        with pytest.raises(NotAllowed):
            incidents.take(incident=incident, by=story.people["Hugo"], now=story.now)

    def test_the_figures_count_by_kind_and_age(self, story: Story, incident: Incident, visitor: Visitor) -> None:
        Incident.objects.filter(pk=incident.pk).update(opened_at=story.now - timedelta(days=3))
        page = visitor("Beto").get(at("incidents"))
        (row,) = page.context["figures"]
        assert ([count for _age, count in row["ages"]], row["unowned"], row["total"]) == ([0, 1, 0], 1, 1)
        assert "Nada hace avanzar el caso" in text_of(page)


def test_a_parallel_branch_that_is_stuck_is_not_closed_because_the_other_one_moves(
    story: Story, visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    ways = [{"when": {"all": [{"field": "uno.favorable", "op": "eq", "value": True}]}, "goto": "join"}]
    first = report("uno", "revision", [*ways, {"otherwise": "join"}])
    block = {"id": "juntos", "kind": "parallel", "title": "Juntos", "join": "all", "next": "sello"}
    case = begin(story, {**block, "branches": [[first], [report("dos", "obras")]]})
    task = story.claim(case, "uno")

    def broken(*arguments: Any) -> Any:
        raise RuleError("regla rota")

    with monkeypatch.context() as patched:
        patched.setattr(routing, "evaluate", broken)
        post_answers(visitor("Beto"), story, case, task, favorable="si")
    incident = Incident.objects.get(case=case)
    look(story)
    assert open_kinds(case) == [Kind.RULE]
    with pytest.raises(CommandRefused, match="sigue detenido"):
        incidents.close(incident=incident, resolution="Listo", by=story.people["Beto"], now=story.now)


def test_a_challenge_that_nobody_may_decide_is_an_incident_until_somebody_may(
    story: Story, case: Case, visitor: Visitor
) -> None:
    """Ley 19.880 art. 12."""
    story.claim(case, "admision")
    beto, ines = story.people["Beto"], story.people["Inés"]
    while found := superiors(case, beto, story.now.date()).first():
        Recusal.objects.create(case=case, agency=case.agency, person=found, at=story.now)
    challenge(case=case, official=beto.pk, reason="Es mi vecino", by=story.people["Ana"], now=story.now)
    look(story)
    assert open_kinds(case) == [Kind.NO_SUPERIOR]
    incident = Incident.objects.get(case=case)
    page = text_of(visitor("Beto").get(at("incident", incident.pk)))
    assert "Nadie puede resolver una recusación" in page
    assert "que nombre a quien subrogue" in page
    assert "detenida por un problema" not in text_of(visitor("Ana").get(at("case", case.ref)))
    with pytest.raises(CommandRefused, match="Todavía no se puede cerrar"):
        incidents.close(incident=incident, resolution="Se verá", by=beto, now=story.now)
    mayor = Role.objects.get(unit__agency=story.agency, unit__code="alcaldia", code="alcalde")
    post = Membership.objects.create(role=mayor, person=ines, post="Alcaldesa (S)", starts_on=story.now.date())
    look(story)
    assert open_kinds(case) == []
    abstain(case=case, by=story.user("Inés"), reason="Es mi hermano", now=story.now)
    assert open_kinds(case) == [Kind.NO_SUPERIOR]
    Recusal.objects.filter(case=case, person=ines).delete()
    look(story)
    assert open_kinds(case) == []
    post.delete()
    look(story)
    assert open_kinds(case) == [Kind.NO_SUPERIOR]


def test_whoever_keeps_out_does_not_say_that_what_fell_under_the_case_was_seen_to(
    story: Story, visitor: Visitor
) -> None:
    """Ley 19.880 art. 12: Inés watches over the agency's effects, and the case is of her brother."""
    case, ines = story.file(rol_sii="1-1"), story.people["Inés"]
    with locked(case.pk, by=None, now=story.now) as run:
        incident = open_incident(run, kind=Kind.BASIS, detail="Un recurso dejó sin efecto el dato que leyó.")
    client, page = visitor("Inés"), at("incident", incident.pk)
    assert "Cerrarlo a mano" in text_of(client.get(page))
    Recusal.objects.create(case=case, agency=case.agency, person=ines, at=story.now)
    assert "Cerrarlo a mano" not in text_of(client.get(page))
    answer = client.post(at("incident_close", incident.pk), {"solucion": "No cambia nada."})
    assert (answer.status_code, "no puedes decir qué se hizo en ella" in text_of(answer)) == (409, True)
    incident.refresh_from_db()
    assert incident.closed_at is None


def test_a_challenge_that_nobody_may_decide_is_found_behind_many_that_somebody_may(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ley 19.880 art. 12: and one case that cannot be read hides no other."""
    beto, day = story.people["Beto"], story.now.date()

    def challenged() -> Case:
        made = story.file(rol_sii="1-1")
        asked = {"person": beto, "asked_by": story.people["Ana"], "asked_at": story.now}
        Challenge.objects.create(case=made, agency=made.agency, **asked)
        return made

    def read() -> int:
        with CaptureQueriesContext(connection) as captured:
            list(finding._undecided(day))
        return len(captured)

    cases = [challenged() for _case in range(2)]
    before = read()
    cases += [challenged() for _case in range(3)]
    assert read() == before, "as many reads however many wait"
    while found := superiors(cases[-1], beto, day).first():
        Recusal.objects.create(case=cases[-1], agency=cases[-1].agency, person=found, at=story.now)
    monkeypatch.setattr(people, "BATCH", 2)
    monkeypatch.setattr(finding, "MOST", 2)
    assert cases[-1].pk in finding.suspicious_cases(story.now, day)
    decide = deciders

    def broken(asked: Any, on: Any) -> Any:
        if cases[-2] in [case for case, _person in asked]:
            raise ValueError
        return decide(asked, on)

    monkeypatch.setattr(people, "BATCH", 9)
    monkeypatch.setattr(finding, "deciders", broken)
    assert list(finding._undecided(day)) == [cases[-1].pk]
