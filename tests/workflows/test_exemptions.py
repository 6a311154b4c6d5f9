"""Who has no way to use the internet asks for paper or letters, is answered in three days, and is dealt with so."""

from datetime import date
from typing import Any

import pytest
from django.urls import reverse

from notifications.models import Notice
from tests.story import Story
from tests.workflows.desk import Visitor, at, text_of
from tests.workflows.test_counter import attended, julia, scan
from workflows.commands import counter
from workflows.commands.exemptions import end_exemption
from workflows.commands.locking import locked
from workflows.errors import NotAllowed
from workflows.exemptions import settle, standing
from workflows.media import right_medium
from workflows.models import Case, Deadline, Exemption
from workflows.presenting.history import history

pytestmark = pytest.mark.django_db
CODE = "excepcion_medios_electronicos"
LETTERS: dict[str, Any] = {"pide": ["papel", "notificacion"], "forma": "carta"}
TO_PROVE = {**LETTERS, "circunstancia": "otra"}


def answered(story: Story, case: Case, result: str, how: str) -> None:
    """The answer of the municipality, signed."""
    story.do(case, "examen", resultado=result, fundamento="Vive lejos.")
    story.finish_draft(case, f"redaccion_{how}")
    story.sign(case, f"firma_{how}")
    story.work()
    case.refresh_from_db()


def test_it_is_answered_within_three_business_days_of_asking_r47(story: Story) -> None:
    """Wednesday to Monday (DS4 art. 33)."""
    case = story.file(CODE, **TO_PROVE)
    assert Deadline.objects.get(case=case, step_id="examen").due_on == date(2026, 3, 9)
    asked = Exemption.objects.get(case=case)
    assert (asked.state, asked.medium, asked.on_paper) == ("asked", "letter", True)
    assert "Libertad 450" in asked.address


@pytest.mark.parametrize("ground", ["edad", "vulnerable", "aislada", "discapacidad"])
def test_a_ground_of_the_law_is_proven_on_the_persons_word_and_checked_later_r48(story: Story, ground: str) -> None:
    """No service answers here: the case goes on, and somebody still has to check it."""
    case = story.file(CODE, **{**LETTERS, "circunstancia": ground})
    story.work()
    assert {task.step_kind for task in case.task_set.filter(status="NEW")} == {"task", "verify"}
    case.refresh_from_db()
    assert case.data["comprobar"]["corresponde"] is True


def test_granting_it_rules_how_the_person_is_notified_in_cases_that_run_r47(story: Story) -> None:
    running, ana = story.file(), story.people["Ana"]
    case = story.file(CODE, **TO_PROVE)
    answered(story, case, "conceder", "concede")
    assert case.outcome == "approved"
    due = right_medium(running, ana)
    assert due.medium == "letter"
    assert case.number in due.why
    granted = Exemption.objects.get(case=case)
    with pytest.raises(NotAllowed):
        end_exemption(exemption_id=granted.pk, by=story.people["Bruno"], now=story.now)
    end_exemption(exemption_id=granted.pk, by=ana, now=story.now)
    assert right_medium(running, ana).medium == "platform"
    assert "terminó la excepción" in str(history(case)[0].what)


def test_going_back_ends_every_exemption_before_that_agency(story: Story) -> None:
    first, second = story.file(CODE, **TO_PROVE), story.file(CODE, **TO_PROVE)
    Exemption.objects.filter(case__in=[first, second]).update(state="granted", decided_at=story.now)
    end_exemption(exemption_id=Exemption.objects.get(case=second).pk, by=story.people["Ana"], now=story.now)
    assert standing(story.people["Ana"].pk, first.agency_id) is None


def test_one_that_was_decided_with_an_older_case_is_granted_as_that_was_r63(story: Story) -> None:
    older, case = story.file(CODE, **TO_PROVE), story.file(CODE, **TO_PROVE)
    Case.objects.filter(pk=older.pk).update(outcome="approved")
    Case.objects.filter(pk=case.pk).update(outcome="joined", joined_to=older)
    with locked(case.pk, by=None, now=story.now) as run:
        settle(run)
    assert Exemption.objects.get(case=case).state == "granted"


def test_a_refusal_is_reasoned_and_told_and_another_agency_is_not_bound_r47(story: Story) -> None:
    case = story.file(CODE, **TO_PROVE)
    answered(story, case, "rechazar", "rechaza")
    assert Exemption.objects.get(case=case).state == "refused"
    notice = Notice.objects.filter(case_ref=case.ref).latest("pk")
    assert "dice por qué y cómo puedes reclamar" in notice.body
    act = notice.documents.get()
    assert "Vive lejos." in str(act.content)
    assert "art" in str(act.content)
    Exemption.objects.filter(case=case).update(state="granted", decided_at=story.now)
    other = story.offering("acceso_informacion", "muni-otra").agency
    assert standing(story.people["Ana"].pk, other.pk) is None


class TestOnPaper:
    def asked(self, story: Story) -> Case:
        """Bruno asks for it at the counter, on paper, himself."""
        draft = counter.begin(attendance=attended(story), offering=story.offering(CODE), now=story.now)
        story.fill(draft, **TO_PROVE)
        return counter.file_signed_on_paper(draft=draft, paper=scan(), by=story.people["Julia"], now=story.now)

    def filed(self, story: Story) -> Case:
        offering = story.offering("certificado_patente_vigente")
        draft = counter.begin(attendance=attended(story), offering=offering, now=story.now)
        story.fill(draft)
        return counter.file_signed_on_paper(draft=draft, paper=scan(), by=story.people["Julia"], now=story.now)

    def test_what_is_filed_while_it_waits_says_in_the_file_that_it_is_valid_r49(self, story: Story) -> None:
        asked = self.asked(story)
        said = [one.what for one in history(self.filed(story))]
        assert any("Vale en papel" in str(one) and asked.number in str(one) for one in said)

    def test_after_a_refusal_paper_is_still_taken_r49(self, story: Story) -> None:
        answered(story, self.asked(story), "rechazar", "rechaza")
        assert self.filed(story).channel == "counter"

    def test_the_counter_says_what_the_person_asked_for(self, story: Story) -> None:
        here = attended(story)
        page = reverse("workflows:counter_attendance", args=[here.pk])
        said = julia(story).get(page).content.decode()
        assert "¿No tiene cómo usar internet?" in said
        self.asked(story)
        said = julia(story).get(page).content.decode()
        assert "mientras tanto, lo que presente en papel vale" in said
        assert "¿No tiene cómo usar internet?" not in said

    def test_the_counter_says_what_waits_for_a_correction_and_what_to_do_with_paper(self, story: Story) -> None:
        case = story.file(who="Bruno")
        page = reverse("workflows:counter_attendance", args=[attended(story).pk])
        assert "Espera que la persona corrija" not in julia(story).get(page).content.decode()
        story.do(case, "admision", resultado="observar", observaciones="Corrige.")
        said = julia(story).get(page).content.decode()
        assert "Espera que la persona corrija" in said
        assert case.number in said
        assert "Recibir su respuesta en papel" in said

    def test_whoever_was_granted_another_notification_alone_is_not_said_to_file_on_paper(self, story: Story) -> None:
        Exemption.objects.filter(case=self.asked(story)).update(
            state="granted", decided_at=story.now, on_paper=False, medium="office", address=""
        )
        page = reverse("workflows:counter_attendance", args=[attended(story).pk])
        said = julia(story).get(page).content.decode()
        assert "lo que presente va en línea. Se le notifica: en la oficina." in said
        assert "recibe en papel" not in said


class TestTheirOwnPage:
    def test_it_says_who_takes_it_what_was_asked_and_lets_go_back(self, story: Story, visitor: Visitor) -> None:
        ana = visitor("Ana")
        assert "Pedirlo a Municipalidad de Ejemplo" in text_of(ana.get(at("exemptions")))
        case = story.file(CODE, **TO_PROVE)
        assert f"Ver la solicitud N° {case.number}" in text_of(ana.get(at("exemptions")))
        Exemption.objects.filter(case=case).update(state="granted", decided_at=story.now)
        page = ana.get(at("exemptions"))
        assert "por carta certificada a Libertad 450" in text_of(page)
        ended = ana.post(at("exemption_end", Exemption.objects.get(case=case).pk), follow=True)
        assert "te notifica en tu domicilio digital" in text_of(ended)
        assert Exemption.objects.get(case=case).state == "ended"
