"""What an appeal does beyond the act that it is against (Ley 19.880 arts. 33, 57 and 59; R66, R67)."""

from __future__ import annotations

from datetime import date, timedelta
from html.parser import HTMLParser
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.urls import reverse

from documents.api import change_of, name_of
from documents.models import Document
from notifications.models import Notice
from procedures.models import RoleBinding
from signatures.report import report
from signatures.verification import verify_code
from tests.story import Story
from tests.workflows.desk import Visitor, at, text_of
from tests.workflows.refusals import act_of, appeal, notify, refused, write_and_sign
from tests.workflows.test_engine import decided, signed
from tests.workflows.test_joinders import FERIA, decide, join
from tests.workflows.test_law_blocks import with_superior
from tests.workflows.test_upheld_appeals import (
    ANNULS,
    MODIFIES,
    RETURNS,
    REWRITES,
    answer,
    by_superior,
    resolve,
    with_carla,
)
from workflows import appealing
from workflows.commands import suspensions
from workflows.commands.effects import retry_incident
from workflows.commands.incidents import choose_step
from workflows.models import AgencyFact, Case, CaseLink, CaseTask, Incident
from workflows.presenting import citizen
from workflows.queries import open_incidents

pytestmark = pytest.mark.django_db


def standing(act: Document) -> str:
    """What the public verifier answers to whether the act is in force."""
    assert act.code is not None
    return {line.label: line.value for line in report(verify_code(act.code)).questions}["¿Sigue en vigor?"]


def suspend(story: Story, made: Case) -> None:
    suspensions.decide_suspension(
        case=made,
        grants=True,
        resolution="Resolución exenta N° 9",
        reason="El cierre es irreparable.",
        by=story.people["Beto"],
        now=story.now,
    )


class TestTheEffectsOfAnActThatWaits:
    def test_whoever_verifies_it_reads_that_they_are_suspended_until_the_appeal_ends_r67(
        self, story: Story, visitor: Visitor
    ) -> None:
        """Ley 19.880 art. 57: the act is in force, and is not carried out meanwhile."""
        case = refused(story)
        act = act_of(case)
        made = appeal(story, case, suspension=True)
        assert standing(act) == "Vigente"
        suspend(story, made)
        said = "Sus efectos están suspendidos desde el 04/03/2026, mientras se resuelve un recurso, por: Resolución"
        assert standing(act).startswith(f"Vigente. {said} exenta N° 9")
        assert act.code is not None
        assert report(verify_code(act.code)).tone == "warning"
        for who, page in (("Ana", "case"), ("Beto", "desk_case")):
            assert said in text_of(visitor(who).get(at(page, case.ref) + "?ver=expediente"))
        story.now += timedelta(days=6)
        resolve(story, made, resultado="rechaza")
        past = "Sus efectos estuvieron suspendidos del 04/03/2026 al 10/03/2026, por: Resolución exenta N° 9"
        assert standing(act) == "Vigente"
        assert past in [line.value for line in report(verify_code(act.code)).questions]
        assert past in text_of(visitor("Ana").get(at("case", case.ref)))

    def test_they_go_on_suspended_until_what_was_resolved_is_carried_out_r67(self, story: Story) -> None:
        """Nobody reads in between that it is in force as it was."""
        case = refused(story)
        act = act_of(case)
        made = appeal(story, case, suspension=True)
        suspend(story, made)
        bound = RoleBinding.objects.get(offering=case.offering, slot="revision")
        RoleBinding.objects.filter(pk=bound.pk).delete()
        resolve(story, made, **RETURNS)
        assert made.finished is not None
        assert "están suspendidos" in standing(act)
        bound.save(force_insert=True)
        (incident,) = open_incidents(story.people["Fabián"], story.now.date())
        retry_incident(incident=incident, by=story.people["Fabián"], now=story.now)
        story.work()
        assert standing(act).startswith("Sin efecto por")
        assert [line for line in report(verify_code(str(act.code))).questions if "estuvieron suspendidos" in line.value]

    def test_they_do_too_by_an_appeal_that_was_joined_to_the_one_that_resolved_r67(self, story: Story) -> None:
        """One act resolves both (art. 33): the second appeal ends with it, and its suspension lasts as long."""
        case = with_carla(story, story.file(FERIA, "Ana", productos=["verduras"]), "affected")
        decide(story, case)
        act = act_of(case)
        made = appeal(story, case)
        story.now += timedelta(hours=1)
        other = appeal(story, case, "Carla", suspension=True)
        suspend(story, other)
        join(story, other, made)
        resolve_astray(story, made, desde="decision", times=1)
        other.refresh_from_db()
        assert (made.finished is not None, other.outcome) == (True, "joined")
        assert "están suspendidos" in standing(act)
        (incident,) = Incident.objects.filter(case=case, closed_at=None)
        beto = story.people["Beto"]
        choose_step(incident=incident, step_id="decision", reason="Hace lo mismo.", by=beto, now=story.now)
        story.work()
        assert standing(act).startswith("Sin efecto por")
        act.refresh_from_db()
        assert [pause["until"] for pause in act.pauses] == ["2026-03-04"]

    def test_what_an_older_version_had_suspended_says_so_too_r67(self, story: Story, both: tuple[Case, Case]) -> None:
        """Until this version an act did not keep it: whoever verified it read that it was in force."""
        made = appeal(story, both[1], "Bruno", suspension=True)
        suspend(story, made)
        kept = copies(both[0])[0].pauses
        Document.objects.update(pauses=[])
        assert standing(copies(both[0])[0]) == "Vigente"
        for _time in range(2):
            import_module("workflows.migrations.0056_suspended_acts").note_suspended(apps, None)
            assert [copies(case)[0].pauses for case in both] == [kept, kept]
        resolve(story, made, times=1, **ANNULS)
        Document.objects.update(pauses=[])
        import_module("workflows.migrations.0056_suspended_acts").note_suspended(apps, None)
        assert copies(both[0])[0].pauses == [], "that appeal is over"


class TestTheTimeline:
    def test_the_refusal_stands_at_its_hour_and_what_was_granted_at_that_of_the_appeal_r66(self, story: Story) -> None:
        case = refused(story)
        story.now += timedelta(days=6)
        made = appeal(story, case)
        story.now += timedelta(days=1)
        resolve(story, made, **REWRITES)
        case.refresh_from_db()
        page = citizen.case_context(case, story.people["Ana"], story.now)
        assert page["ended_on"] == date(2026, 3, 11), "as it stands now"
        marks = page["marks"]
        told = [(mark.title, mark.when.split(",")[0].split(" ")[0]) for mark in marks[-2:]]
        assert told == [
            ("Solicitud rechazada", "04/03/2026"),
            ("Un recurso cambió la decisión: aprobada", "11/03/2026"),
        ]

    def test_one_that_is_processed_again_shows_its_former_end_and_goes_on(self, story: Story) -> None:
        case = refused(story)
        story.now += timedelta(days=1)
        answer(story, case, **RETURNS)
        case.refresh_from_db()
        marks = citizen.case_context(case, story.people["Ana"], story.now)["marks"]
        assert [(mark.title, mark.state) for mark in marks[-3:-1]] == [
            ("Solicitud rechazada", "done"),
            ("Un recurso dejó sin efecto la decisión: se vuelve a tramitar", "done"),
        ]
        assert marks[-1].state == "current"


@pytest.fixture
def both(story: Story) -> tuple[Case, Case]:
    """Two cases that one act refused: Ana's, and Bruno's, which was joined to it."""
    older = story.file(FERIA, "Ana", productos=["verduras"])
    story.now += timedelta(hours=1)
    younger = story.file(FERIA, "Bruno", productos=["verduras"])
    join(story, younger, older)
    decide(story, older)
    for case in (older, younger):
        case.refresh_from_db()
    assert (older.outcome, younger.outcome) == ("rejected", "joined")
    return older, younger


def copies(case: Case) -> list[Document]:
    return list(Document.objects.filter(file=case.file, kind="decree").order_by("pk"))


class TestAnActThatDecidedOtherCasesToo:
    @pytest.mark.parametrize(("who", "said"), [("Ana", REWRITES), ("Bruno", REWRITES), ("Bruno", MODIFIES)])
    def test_its_change_stands_in_each_file_and_everybody_is_told_r63(
        self, story: Story, both: tuple[Case, Case], who: str, said: dict[str, Any]
    ) -> None:
        appellants, other = both if who == "Ana" else both[::-1]
        made = appeal(story, appellants, who)
        resolve(story, made, times=1, **said)
        for case in both:
            act, entered = copies(case)
            assert act.changed_by == entered
            assert change_of(act).startswith("Reemplazado por" if said is REWRITES else "Vigente, modificado por")
        assert standing(copies(both[0])[0]) == change_of(copies(both[0])[0]), "the code leads to the same answer"
        for name, case in zip(("Ana", "Bruno"), both, strict=True):
            told = Notice.objects.filter(
                person=story.people[name], subject=f"Cambió lo que se decidió en la solicitud N° {case.number}"
            )
            assert told.count() == 1
        assert "que resolvió las dos" in Incident.objects.get(case=other, kind="basis").detail
        other.refresh_from_db()
        assert other.outcome in ("rejected", "joined"), "only whoever appealed obtains something by it"

    def test_where_it_falls_each_case_is_processed_again_from_where_it_stood_r63(
        self, story: Story, both: tuple[Case, Case]
    ) -> None:
        made = appeal(story, both[0], "Ana")
        resolve(story, made, times=1, resultado="acoge", efecto="vuelve", desde="decision")
        for case, step in zip(both, ("decision", "examen"), strict=True):
            case.refresh_from_db()
            assert (case.finished, case.outcome) == (None, "")
            assert story.task(case, step).status == "NEW"
            assert copies(case)[0].state == "annulled"

    def test_its_effects_are_suspended_in_each_file_r67(self, story: Story, both: tuple[Case, Case]) -> None:
        made = appeal(story, both[1], "Bruno", suspension=True)
        suspend(story, made)
        assert "están suspendidos" in standing(copies(both[0])[0])
        resolve(story, made, times=1, **ANNULS)
        assert standing(copies(both[0])[0]).startswith("Sin efecto por")
        assert [pause["until"] for case in both for pause in copies(case)[0].pauses] == ["2026-03-04"] * 2


def resolve_astray(story: Story, made: Case, desde: str = "admision", times: int = 2) -> None:
    """Resolve an appeal so that it sends the application back to a step which its version does not have."""
    story.do(made, "law_appeal_study", **{"fundamento": "Tiene razón.", **RETURNS, "desde": desde})
    made.refresh_from_db()
    made.data["law_appeal_study"]["desde"] = "paso_de_otra_version"
    made.save(update_fields=["data"])
    write_and_sign(story, made, "law_appeal_draft", "law_appeal_sign", times=times)


def stuck(story: Story) -> tuple[Case, Incident]:
    """A case that an appeal sends back to a step which its version does not have."""
    case = refused(story)
    resolve_astray(story, appeal(story, case))
    case.refresh_from_db()
    return case, open_incidents(story.people["Fabián"], story.now.date()).get()


class TestAStepThatTheCaseDoesNotHave:
    def test_an_official_chooses_the_one_that_does_the_same_and_the_incident_closes_r66(
        self, story: Story, visitor: Visitor
    ) -> None:
        case, incident = stuck(story)
        client = visitor("Fabián")
        page = text_of(client.get(at("incident", incident.pk)))
        assert "nombra un paso que esta solicitud no tiene" in page
        assert "Intentar de nuevo" not in page, "it would fail again"
        assert "GiveUp" not in page
        assert "El envío" not in page
        reason = "Es el examen de admisibilidad, que en la otra versión se llamaba distinto."
        for posted in ({"paso": "", "motivo": reason}, {"paso": "inicio", "motivo": reason}, {"paso": "admision"}):
            assert client.post(at("incident_step", incident.pk), posted).status_code == 409
        posted = {"paso": "admision", "motivo": reason}
        assert client.post(at("incident_step", incident.pk), posted).status_code == 302
        story.work()
        for row in (case, incident):
            row.refresh_from_db()
        assert (case.finished, story.task(case, "admision").status) == (None, "NEW")
        assert incident.closed_at is not None
        assert "Eligió «" in text_of(client.get(at("desk_case", case.ref) + "?ver=historial"))

    def test_nothing_is_chosen_where_the_step_exists(self, story: Story, visitor: Visitor) -> None:
        case, incident = stuck(story)
        made = case.linked.get()
        made.data["law_appeal_study"]["desde"] = "admision"
        made.save(update_fields=["data"])
        client = visitor("Fabián")
        assert "¿Desde qué paso se vuelve a tramitar?" not in text_of(client.get(at("incident", incident.pk)))
        posted = {"paso": "admision", "motivo": "Porque sí."}
        assert client.post(at("incident_step", incident.pk), posted).status_code == 409


CERTIFICATE = "certificado_patente_vigente"


class TestWhatRestedOnAnActThatFell:
    def granted(self, story: Story) -> Case:
        case = decided(story, aprueba=True)
        signed(story, case)
        story.work()
        case.refresh_from_db()
        assert case.outcome == "approved"
        return case

    def test_a_fact_is_handed_out_no_more_and_whoever_used_it_is_told_r66(self, story: Story, visitor: Visitor) -> None:
        case = self.granted(story)
        rut = case.data["inicio"]["rut"]
        certified = story.file(CERTIFICATE, rut=rut)
        story.work()
        assert CaseTask.objects.get(process=certified, step_kind="lookup").data["fact"]
        answer(
            story,
            case,
            **RETURNS,
        )
        story.work()
        fact = AgencyFact.objects.get(source_case=case)
        act = Document.objects.filter(file=case.file, kind="decree").earliest("pk")
        assert fact.withdrawn_by is not None
        assert (fact.act, fact.withdrawn_at, fact.withdrawn_by) == (act, story.now, act.changed_by or act)
        later = story.file(CERTIFICATE, rut=rut)
        story.work()
        later.refresh_from_db()
        assert later.data["consulta"]["found"] is False
        incident = Incident.objects.get(case=certified, kind="basis")
        assert case.number in incident.detail
        assert Notice.objects.filter(
            person=story.people["Ana"],
            subject=f"Dejó de valer un dato que se usó en la solicitud N° {certified.number}",
        ).exists()
        client = visitor(self.mender(story, certified))
        assert "La solicitud no está detenida" in text_of(client.get(at("incident", incident.pk)))
        assert client.post(at("incident_close", incident.pk), {"solucion": ""}).status_code == 409
        said = {"solucion": "Se invalidó el certificado con la Resolución N° 14."}
        assert client.post(at("incident_close", incident.pk), said).status_code == 302

    def mender(self, story: Story, case: Case) -> str:
        found = (name for name, who in story.people.items() if open_incidents(who, story.now.date()).filter(case=case))
        return next(found)

    def test_what_it_had_replaced_stands_again(self, story: Story) -> None:
        case = self.granted(story)
        fact = AgencyFact.objects.get(source_case=case)
        former = AgencyFact.objects.create(
            agency=fact.agency,
            kind=fact.kind,
            key_index=fact.key_index,
            values={"giro": "Antes"},
            source_case=story.file(),
            valid_from=fact.valid_from - timedelta(days=90),
            valid_to=fact.valid_from - timedelta(days=1),
            ended_by=fact,
        )
        answer(story, case, **ANNULS)
        former.refresh_from_db()
        assert (former.valid_to, former.ended_by) == (None, None)

    def test_it_stays_where_the_act_in_its_place_gives_the_same_and_somebody_looks(self, story: Story) -> None:
        case = self.granted(story)
        act = answer(story, case, **REWRITES)
        fact = AgencyFact.objects.get(source_case=case)
        assert fact.act is not None
        assert (fact.withdrawn_at, fact.act.sha256) == (None, act.sha256)
        assert Incident.objects.get(case=case, kind="basis").closed_at is None

    def test_a_case_that_went_on_with_what_another_decided_is_told_r66(self, story: Story) -> None:
        child = refused(story)
        parent = story.file(who="Bruno")
        task = CaseTask.objects.filter(process=parent).earliest("pk")
        CaseTask.objects.filter(pk=task.pk).update(status="DONE")
        CaseLink.objects.create(
            parent=parent, agency=parent.agency, task=task, kind="subcase", child=child, created_at=story.now
        )
        answer(story, child, **REWRITES)
        story.work()
        incident = Incident.objects.get(case=parent, kind="basis")
        assert child.number in incident.detail
        told = Notice.objects.filter(subject=f"Cambió aquello en que se basó la solicitud N° {parent.number}")
        assert told.exists()


class TestWhoDidNotAppeal:
    """Ley 19.880 arts. 15, 21 and 59: every act is appealed against by whom it harms, and each person does it once."""

    @pytest.fixture
    def case(self, story: Story) -> Case:
        """Ana's refusal, which her appeal replaced by what she had asked for; Carla is interested in it too."""
        case = with_carla(story, refused(story), "affected")
        answer(story, case, **REWRITES)
        case.refresh_from_db()
        assert case.outcome == "approved"
        return case

    def test_appeals_against_what_decided_the_appeal_of_another_and_nobody_twice_r66(
        self, story: Story, visitor: Visitor, case: Case
    ) -> None:
        (found,) = appealing.acts_of(case, story.people["Carla"])
        assert (found.act.definition_id, found.until) == ("law_appeal_act", None), "nobody notified her yet"
        notify(story, case.linked.get(), "law_appeal_notify", "Carla")
        (found,) = appealing.acts_of(case, story.people["Carla"])
        assert found.until is not None
        assert f"puedes presentar un recurso hasta el {found.until.day} de" in text_of(
            visitor("Carla").get(at("case", case.ref))
        )
        assert not list(appealing.acts_of(case, story.people["Ana"]))
        assert "Ya usaste tu recurso" in text_of(visitor("Ana").get(at("case", case.ref)))
        made = appeal(story, case, "Carla")
        assert made.about == found.act
        assert not list(appealing.acts_of(case, story.people["Carla"]))
        with pytest.raises(appealing.NotAppealable):
            appeal(story, case, "Ana")

    def test_what_another_act_puts_in_its_place_takes_it_from_whoever_had_it_r66(
        self, story: Story, case: Case
    ) -> None:
        first = case.linked.get()
        made = appeal(story, case, "Carla")
        resolve(story, made, **{**REWRITES, "decide": "Recházase.", "otorga": False})
        case.refresh_from_db()
        last = Document.objects.get(file=made.file, definition_id="law_appeal_act")
        assert case.outcome == "rejected"
        signed_before = Document.objects.get(file=first.file, definition_id="law_appeal_act", copy_of=None)
        assert standing(signed_before) == f"Reemplazado por: {name_of(last)}"
        first.refresh_from_db()
        assert first.outcome == "upheld"
        subject = f"Cambió lo que se decidió en la solicitud N° {case.number}"
        assert Notice.objects.filter(person=story.people["Ana"], subject=subject).count() == 2
        assert not list(appealing.acts_of(case, story.people["Ana"])), "each person appeals once"

    def test_where_it_only_falls_the_first_act_stands_again_r66(self, story: Story, case: Case) -> None:
        act = Document.objects.filter(file=case.file, kind="decree").earliest("pk")
        resolve(story, appeal(story, case, "Carla"), **ANNULS)
        case.refresh_from_db()
        assert case.outcome == "rejected"
        assert standing(act).startswith("Vigente otra vez: quedó sin efecto lo que lo había cambiado")

    def test_one_that_only_sends_it_back_waits_for_the_new_decision(self, story: Story) -> None:
        case = with_carla(story, refused(story), "affected")
        answer(story, case, **RETURNS)
        assert not list(appealing.acts_of(case, story.people["Carla"]))

    def test_the_page_says_why_there_is_none_against_the_superior_r68(self, story: Story, visitor: Visitor) -> None:
        with_superior(story)
        case = with_carla(story, refused(story), "affected")
        made = appeal(story, case, recurso="subsidio")
        resolve(story, made, times=1, resultado="rechaza")
        by_superior(story, made, **{**REWRITES, "otorga": False})
        assert not list(appealing.acts_of(case, story.people["Carla"]))
        for who in ("Ana", "Carla"):
            page = text_of(visitor(who).get(at("case", case.ref)))
            assert "agotó la vía administrativa" in page
            assert "tribunales de justicia (art. 54)" in page


class Unmarked(HTMLParser):
    """The texts of a page that stand outside of anything in Spanish."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[tuple[str, str | None]] = []
        self.texts: list[str] = []
        self.feed(page[page.index("<main") : page.index("</main>")])

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in ("br", "img", "input", "hr", "link", "meta"):
            self.open.append((tag, dict(attrs).get("lang")))

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if next((lang for _tag, lang in reversed(self.open) if lang), None) != "es":
            self.texts.append(data)


def test_what_the_institution_wrote_in_spanish_says_so_on_a_page_in_english_r76(story: Story, visitor: Visitor) -> None:
    """WCAG 3.1.2: a screen reader says it right."""
    case = with_carla(story, refused(story), "affected")
    act = act_of(case)
    made = appeal(story, case, suspension=True)
    suspend(story, made)
    resolve(story, made, **REWRITES)
    assert act.code is not None
    verifier = reverse("signatures:verify_code", args=[act.code])
    pages = {
        "Ana": [verifier, at("case", case.ref), at("case", made.ref)],
        "Carla": [at("measure", case.ref, "recurrir")],
    }
    for who, addresses in pages.items():
        client = visitor(who)
        for address in addresses:
            page = client.get(address, headers={"Accept-Language": "en"}).content.decode()
            assert '<html lang="en"' in page
            assert 'lang="es">Decreto' in page or address == at("case", made.ref)
            unmarked = " ".join(Unmarked(page).texts)
            for written in ("Decreto", "Resolución exenta N° 9", "Alcald", "Lunes a viernes", "<span"):
                assert written not in unmarked, (address, written)
