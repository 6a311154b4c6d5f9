"""What an appeal that is upheld does to the act and to its case (Ley 19.880 art. 59; R66)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from accounts.models import Membership
from audit.models import Event
from documents.api import change_of, name_of
from documents.models import Document
from jobs.models import Job
from notifications.models import Notice
from procedures.models import RoleBinding
from signatures.report import report
from signatures.verification import verify_code
from tests.story import Story
from tests.workflows.desk import Visitor, at, republish, text_of
from tests.workflows.refusals import act_of, appeal, notify, refused, write_and_sign
from tests.workflows.test_law_blocks import with_superior
from workflows import appealing
from workflows.commands.effects import retry_incident
from workflows.commands.locking import locked
from workflows.commands.reviewing import carry_out
from workflows.models import Case, CaseParty, Deadline
from workflows.presenting import history
from workflows.queries import open_incidents
from workflows.reviewing import CARRY_OUT
from workflows.steps import law

pytestmark = pytest.mark.django_db
PATENTE = Path("examples/patente_comercial.yaml")


def resolve(story: Story, made: Case, *, level: str = "law_appeal", times: int = 2, **answers: Any) -> None:
    """Whoever studies the appeal resolves it, and its act is written and signed."""
    study = "law_appeal_study" if level == "law_appeal" else level
    story.do(made, study, **{"fundamento": "Tiene razón.", **answers})
    write_and_sign(story, made, f"{level}_draft", f"{level}_sign", times=times)


def text_in(act: Document) -> str:
    return " ".join(block.get("text", "") for block in act.content["blocks"])


def answer(story: Story, case: Case, **answers: Any) -> Document:
    """The act of an appeal against the case's act that was resolved so, as it stands in the file of the appeal."""
    made = appeal(story, case)
    resolve(story, made, **answers)
    return Document.objects.get(file=made.file, definition_id="law_appeal_act")


def test_an_act_that_replaces_the_one_appealed_against_decides_the_application_r66(
    story: Story, visitor: Visitor
) -> None:
    case = refused(story)
    before = act_of(case)
    said: dict[str, Any] = {"efecto": "reemplaza", "decide": "Otórgase la patente que se pidió.", "otorga": True}
    act = answer(story, case, resultado="acoge", **said)
    before.refresh_from_db()
    case.refresh_from_db()
    assert (before.state, case.outcome) == ("replaced", "approved")
    assert "Otórgase la patente que se pidió." in text_in(act)
    assert name_of(before) in text_in(act)
    page = text_of(visitor("Ana").get(at("case", case.ref)))
    assert f"Reemplazado por: {name_of(act)}" in page
    assert "Tu solicitud terminó el" in page
    assert "Aprobada" in page
    assert Notice.objects.filter(person=story.people["Ana"], subject__startswith="Cambió lo que se decidió").exists()
    assert f"Reemplazado por: {name_of(act)}" in text_of(visitor("Beto").get(at("desk_case", case.ref)))


def test_whoever_verifies_an_act_reads_that_another_replaced_it(story: Story) -> None:
    case = refused(story)
    before = act_of(case)
    act = answer(story, case, resultado="acoge", efecto="reemplaza", decide="Otórgase.", otorga=True)
    assert before.code is not None
    lines = {line.label: line.value for line in report(verify_code(before.code)).questions}
    assert lines["¿Sigue en vigor?"] == f"Reemplazado por: {name_of(act)}"


def test_a_modified_act_is_still_in_force_and_says_by_which_act(story: Story, visitor: Visitor) -> None:
    case = refused(story)
    before = act_of(case)
    act = answer(story, case, resultado="parcial", efecto="modifica", decide="Rebájase a la mitad.", otorga=False)
    before.refresh_from_db()
    case.refresh_from_db()
    assert (before.state, case.outcome) == ("in_force", "rejected")
    assert f"Vigente, modificado por: {name_of(act)}" in text_of(visitor("Ana").get(at("case", case.ref)))
    made = case.linked.get()
    assert made.outcome == "partly"
    assert "Recurso acogido en parte" in text_of(visitor("Ana").get(at("case", made.ref)))


def test_an_annulled_act_leaves_an_application_that_was_not_granted(story: Story, visitor: Visitor) -> None:
    case = refused(story)
    before = act_of(case)
    act = answer(story, case, resultado="acoge", efecto="sin_efecto")
    before.refresh_from_db()
    case.refresh_from_db()
    assert (before.state, case.outcome) == ("annulled", "other")
    assert f"Sin efecto por: {name_of(act)}" in text_of(visitor("Ana").get(at("case", case.ref)))


def test_an_application_goes_back_to_a_step_of_its_own_and_is_decided_again_r66(story: Story, visitor: Visitor) -> None:
    case = refused(story)
    before = act_of(case)
    answer(story, case, resultado="acoge", efecto="vuelve", desde="admision")
    before.refresh_from_db()
    case.refresh_from_db()
    assert (before.state, case.outcome, case.finished) == ("annulled", "", None)
    term = case.deadlines.get(kind=Deadline.Kind.TERM)
    assert (term.state, term.starts_on, term.due_on) == ("running", story.now.date(), case.due_on)
    assert "se vuelve a tramitar" in Notice.objects.filter(person=story.people["Ana"]).latest("pk").subject
    page = text_of(visitor("Ana").get(at("case", case.ref)))
    assert "Un recurso cambió la decisión" in page
    story.do(case, "admision", resultado="rechazar", fundamento="Ahora con fundamento.")
    write_and_sign(story, case, "redaccion_rechazo_inicial", "firma_infundada")
    assert case.outcome == "rejected"
    assert act_of(case).pk != before.pk
    found = next(appealing.acts_of(case, story.people["Ana"]))
    assert (found.act, found.is_filed) == (act_of(case), False), "the new act may be appealed against"


def test_who_was_told_of_the_act_that_fell_is_told_of_the_new_one_too_r25(story: Story, visitor: Visitor) -> None:
    case = refused(story)
    notify(story, case, "aviso_infundada")
    answer(story, case, resultado="acoge", efecto="vuelve", desde="admision")
    case.refresh_from_db()
    page = text_of(visitor("Beto").get(at("desk_case", case.ref)))
    assert "Un recurso hizo volver esta solicitud" in page
    story.do(case, "admision", resultado="rechazar", fundamento="Ahora con fundamento.")
    write_and_sign(story, case, "redaccion_rechazo_inicial", "firma_infundada")
    assert "Falta notificar este acto" in text_of(visitor("Beto").get(at("desk_case", case.ref)))
    notify(story, case, "aviso_infundada")
    assert "Falta notificar este acto" not in text_of(visitor("Beto").get(at("desk_case", case.ref)))
    assert next(appealing.acts_of(case, story.people["Ana"])).until is not None


def test_nobody_owes_the_notification_of_an_act_that_fell(story: Story, visitor: Visitor) -> None:
    case = refused(story)
    answer(story, case, resultado="acoge", efecto="vuelve", desde="admision")
    assert "Falta notificar este acto" not in text_of(visitor("Beto").get(at("desk_case", case.ref)))
    assert "Solicitud enviada" not in text_of(visitor("Ana").get(at("case", case.ref)))


def test_the_act_of_the_appeal_enters_the_file_that_it_changes_once(story: Story) -> None:
    case = refused(story)
    act = answer(story, case, resultado="acoge", efecto="reemplaza", decide="Otórgase.", otorga=True)
    job = Job.objects.get(kind=CARRY_OUT)
    assert job.case_id == case.pk
    carry_out(job, story.now)
    (entered,) = Document.objects.filter(file=case.file, sha256=act.sha256)
    assert entered.item.seq == case.file.items.count()
    acts = {found.act.definition_id for found in appealing.acts_of(case, story.people["Ana"])}
    assert "law_appeal_act" not in acts, "no appeal against what resolves an appeal"


def test_a_dismissed_appeal_changes_nothing(story: Story) -> None:
    case = refused(story)
    answer(story, case, resultado="rechaza")
    assert act_of(case).changed_by is None
    assert not Job.objects.filter(kind=CARRY_OUT).exists()


def test_what_cannot_go_back_is_seen_and_changes_nothing_until_it_can(story: Story) -> None:
    case = refused(story)
    bound = RoleBinding.objects.get(offering=case.offering, slot="revision")
    RoleBinding.objects.filter(pk=bound.pk).delete()
    answer(story, case, resultado="acoge", efecto="vuelve", desde="admision")
    case.refresh_from_db()
    assert (act_of(case).state, case.outcome) == ("in_force", "rejected")
    assert [one.case for one in open_incidents(story.people["Fabián"], story.now.date())] == [case]
    bound.save(force_insert=True)
    (incident,) = open_incidents(story.people["Fabián"], story.now.date())
    retry_incident(incident=incident, by=story.people["Fabián"], now=story.now)
    story.work()
    case.refresh_from_db()
    assert (case.finished, case.task_set.get(status="NEW").step_id) == (None, "admision")
    assert not open_incidents(story.people["Fabián"], story.now.date()).exists()


class TestTheSuperior:
    def test_a_partly_upheld_reposition_is_carried_out_and_goes_up_with_its_own_notice_r68(self, story: Story) -> None:
        with_superior(story)
        case = refused(story)
        made = appeal(story, case, recurso="subsidio")
        said: dict[str, Any] = {"efecto": "modifica", "decide": "Rebájase.", "otorga": False}
        resolve(story, made, resultado="parcial", times=1, **said)
        assert made.finished is None
        assert Notice.objects.filter(subject=f"Tu recurso N° {made.number} pasa al superior").exists()
        act = Document.objects.get(file=made.file, definition_id="law_appeal_act")
        assert "se eleva el expediente al superior" in text_in(act)
        assert "proceden cuando el superior resuelva" in text_in(act)
        assert "Proceden las acciones ante los tribunales" not in text_in(act), "not while the superior reviews it"
        assert Document.objects.get(file=case.file, definition_id="law_appeal_act").sha256 == act.sha256

    def test_the_superior_has_the_last_word_over_both_acts_r68(self, story: Story) -> None:
        with_superior(story)
        case = refused(story)
        before = act_of(case)
        made = appeal(story, case, recurso="subsidio")
        said: dict[str, Any] = {"efecto": "reemplaza", "decide": "Rebájase.", "otorga": False}
        resolve(story, made, resultado="parcial", times=1, **said)
        mayors = Membership.objects.filter(role=story.task(made, "law_hierarchical").role)
        mayors.update(person=story.people["Inés"])
        said = {"efecto": "reemplaza", "decide": "Otórgase.", "otorga": True}
        resolve(story, made, level="law_hierarchical", resultado="acoge", times=1, **said)
        case.refresh_from_db()
        states = {
            act.definition_id: act.state
            for act in Document.objects.filter(file=case.file).exclude(definition_id="")
            if act.pk != before.pk
        }
        before.refresh_from_db()
        assert (before.state, states["law_appeal_act"], states["law_hierarchical_act"]) == (
            "replaced",
            "replaced",
            "in_force",
        )
        assert (case.outcome, made.outcome) == ("approved", "upheld")
        assert Notice.objects.filter(subject__startswith="El superior resolvió tu recurso").exists()

    def test_no_stage_is_told_of_that_nobody_asked_for(self, story: Story) -> None:
        with_superior(story)
        act = answer_of(story, "reposicion")
        assert "superior" not in text_in(act).lower()
        assert "Proceden las acciones ante los tribunales" in text_in(act)


def answer_of(story: Story, which: str) -> Document:
    made = appeal(story, refused(story), recurso=which)
    resolve(story, made, resultado="rechaza", times=1)
    return Document.objects.get(file=made.file, definition_id="law_appeal_act")


def test_cases_of_the_former_version_of_the_blocks_go_on_under_it(story: Story) -> None:
    """Published versions are immutable: their steps and texts are those with which they were published."""
    republish(story, PATENTE.read_text().replace("version: ley-19880-2", "version: ley-19880-1"))
    case = refused(story)
    made = appeal(story, case)
    story.do(made, "law_appeal_study", resultado="parcial", fundamento="En parte.")
    write_and_sign(story, made, "law_appeal_draft", "law_appeal_sign")
    assert (made.outcome, made.data["law_appeal"]["acto"]) == ("dismissed", name_of(act_of(case)))
    assert act_of(case).changed_by is None


def test_the_act_is_named_by_the_state_and_nobody_types_it(story: Story, visitor: Visitor) -> None:
    case = refused(story)
    act = act_of(case)
    draft = appealing.begin(case=case, act_id=act.pk, start_id="law_appeal", by=story.people["Ana"], now=story.now)
    assert "acto" not in draft.answers
    assert f"Acto: {name_of(act)}" in text_of(visitor("Ana").get(at("page", draft.ref, 1)))
    made = appeal(story, case)
    assert made.summary == name_of(act)
    filed = Document.objects.get(file=made.file, kind="application")
    assert name_of(act) in str(filed.content)


def with_carla(story: Story, case: Case, kind: str = "joined") -> Case:
    """Somebody else is interested in the case, as whoever applied."""
    CaseParty.objects.create(
        case=case, agency=case.agency, kind=kind, person=story.people["Carla"], joined_at=story.now
    )
    return case


def both(story: Story) -> tuple[Case, Case, Case]:
    """A refused case and two appeals against its act, of two persons."""
    case = with_carla(story, refused(story))
    return case, appeal(story, case), appeal(story, case, "Carla")


REWRITES: dict[str, Any] = {"resultado": "acoge", "efecto": "reemplaza", "decide": "Otórgase.", "otorga": True}
MODIFIES: dict[str, Any] = {"resultado": "parcial", "efecto": "modifica", "decide": "Rebájase.", "otorga": False}
RETURNS: dict[str, Any] = {"resultado": "acoge", "efecto": "vuelve", "desde": "admision"}
ANNULS: dict[str, Any] = {"resultado": "acoge", "efecto": "sin_efecto"}


class TestTwoAppealsAgainstOneAct:
    @pytest.mark.parametrize("second", [REWRITES, MODIFIES, ANNULS, RETURNS])
    def test_what_fell_by_one_does_not_stand_again_by_another_r66(
        self, story: Story, visitor: Visitor, second: dict[str, Any]
    ) -> None:
        case, one, other = both(story)
        before = act_of(case)
        resolve(story, one, **REWRITES)
        page = text_of(visitor("Beto").get(at("desk_case", other.ref)))
        assert "El acto recurrido ya no rige" in page
        resolve(story, other, **second)
        before.refresh_from_db()
        case.refresh_from_db()
        first = Document.objects.get(file=one.file, definition_id="law_appeal_act")
        assert before.changed_by is not None
        assert (before.state, before.changed_by.sha256, before.changed_by.state) == (
            "replaced",
            first.sha256,
            "in_force",
        )
        assert (case.outcome, case.finished is None) == ("approved", False)
        subject = f"Un recurso resuelto ya no pudo cambiar el acto: solicitud N° {case.number}"
        assert Notice.objects.filter(subject=subject).exists()
        assert Notice.objects.filter(subject__startswith="Cambió lo que se decidió").count() == 2, "told once each"
        assert Event.objects.filter(stream=f"case:{case.ref}", kind="act.not_reviewed").exists()

    def test_one_that_comes_late_does_not_disturb_what_is_processed_or_was_decided_again_r66(
        self, story: Story
    ) -> None:
        case, one, other = both(story)
        resolve(story, one, **RETURNS)
        story.do(case, "admision", resultado="rechazar", fundamento="Ahora con fundamento.")
        write_and_sign(story, case, "redaccion_rechazo_inicial", "firma_infundada")
        anew = act_of(case)
        resolve(story, other, **RETURNS)
        case.refresh_from_db()
        anew.refresh_from_db()
        assert (case.outcome, anew.state) == ("rejected", "in_force")

    def test_both_that_modify_it_are_named_r66(self, story: Story) -> None:
        case, one, other = both(story)
        before = act_of(case)
        resolve(story, one, **MODIFIES)
        resolve(story, other, **MODIFIES)
        acts = [Document.objects.get(file=made.file, definition_id="law_appeal_act") for made in (one, other)]
        before.refresh_from_db()
        assert before.state == "in_force"
        assert change_of(before) == f"Vigente, modificado por: {name_of(acts[0])}; {name_of(acts[1])}"


def open_after_its_act(story: Story) -> Case:
    """A case whose act is in force and which is open again at an earlier step, for another reason than an appeal."""
    case = refused(story)
    Case.objects.filter(pk=case.pk).update(status="NEW", finished=None, outcome="")
    case.refresh_from_db()
    with locked(case.pk, by=None, now=story.now) as run:
        law.enter(run, "revision_juridica" if run.bundle.has_step("revision_juridica") else "admision")
    return case


class TestACaseThatIsOpen:
    def test_it_leaves_what_rested_on_the_act_and_goes_back_r66(self, story: Story) -> None:
        case = open_after_its_act(story)
        answer(story, case, **RETURNS)
        case.refresh_from_db()
        waiting = case.task_set.filter(status__in=["NEW", "ASSIGNED"])
        assert [task.step_id for task in waiting] == ["admision"]

    def test_it_ends_when_nothing_is_left_to_decide_r66(self, story: Story) -> None:
        case = open_after_its_act(story)
        answer(story, case, **ANNULS)
        case.refresh_from_db()
        case.file.refresh_from_db()
        assert (case.outcome, case.finished, case.file.closed_at) == ("other", story.now, story.now)
        assert not case.task_set.filter(status__in=["NEW", "ASSIGNED"]).exists()

    def test_it_goes_on_with_a_modified_act_and_who_sees_to_it_is_told_r66(
        self, story: Story, visitor: Visitor
    ) -> None:
        case = open_after_its_act(story)
        answer(story, case, **MODIFIES)
        case.refresh_from_db()
        assert case.finished is None
        assert Notice.objects.filter(subject__endswith="que sigue abierta").exists()
        page = text_of(visitor("Ana").get(at("case", case.ref)))
        assert "Vigente, modificado por" in page


def test_a_step_that_the_case_does_not_have_is_seen_and_changes_nothing(story: Story) -> None:
    case = refused(story)
    made = appeal(story, case)
    story.do(made, "law_appeal_study", **{"fundamento": "Tiene razón.", **RETURNS})
    made.refresh_from_db()
    made.data["law_appeal_study"]["desde"] = "paso_de_otra_version"
    made.save(update_fields=["data"])
    write_and_sign(story, made, "law_appeal_draft", "law_appeal_sign")
    case.refresh_from_db()
    assert (act_of(case).state, case.outcome) == ("in_force", "rejected")
    (incident,) = open_incidents(story.people["Fabián"], story.now.date())
    assert "No se pudo cumplir lo que resolvió un recurso" in incident.detail
    assert "versión del trámite que no tiene el paso" in incident.detail


def test_an_application_decided_with_another_goes_back_by_itself_r63(story: Story) -> None:
    older, case = story.file(), refused(story)
    Case.objects.filter(pk=case.pk).update(joined_to=older, outcome="joined")
    answer(story, case, **RETURNS)
    case.refresh_from_db()
    assert (case.joined_to, case.finished) == (None, None)


def test_no_effect_is_taken_from_an_appeal_that_was_dismissed(story: Story) -> None:
    """What was posted besides what the page asks counts for nothing."""
    case = refused(story)
    answer(story, case, resultado="rechaza", efecto="reemplaza", decide="Otórgase.", otorga=True, desde="admision")
    made = case.linked.get()
    assert "efecto" not in made.data["law_appeal_study"]
    assert act_of(case).changed_by is None
    assert not Job.objects.filter(kind=CARRY_OUT).exists()


def test_the_history_says_how_it_ended_then_and_not_how_it_stands_now(story: Story) -> None:
    case = refused(story)
    answer(story, case, **REWRITES)
    case.refresh_from_db()
    assert case.outcome == "approved"
    told = [line.what for line in history.history(case) if line.what.startswith("Terminó la solicitud")]
    assert told == ["Terminó la solicitud: rechazada"]


def test_whoever_did_not_apply_is_not_told_that_it_was_theirs(story: Story) -> None:
    case = with_carla(story, refused(story))
    answer(story, case, **RETURNS)
    told = Notice.objects.filter(person=story.people["Carla"]).latest("pk")
    assert told.subject == f"La solicitud N° {case.number} se vuelve a tramitar"


class TestTheSuperiorAfterTheAuthor:
    @pytest.mark.parametrize(
        ("said", "outcome"),
        [(REWRITES, "approved"), ({**REWRITES, "otorga": False}, "rejected"), (ANNULS, "other"), (RETURNS, "")],
    )
    def test_it_rules_over_an_application_that_was_sent_back_r68(
        self, story: Story, said: dict[str, Any], outcome: str
    ) -> None:
        with_superior(story)
        case = refused(story)
        made = appeal(story, case, recurso="subsidio")
        resolve(story, made, times=1, **{**RETURNS, "resultado": "parcial"})
        case.refresh_from_db()
        assert case.finished is None
        by_superior(story, made, **said)
        case.refresh_from_db()
        assert (case.outcome, case.task_set.filter(status="NEW").count()) == (outcome, int(not outcome))

    def test_what_it_modifies_is_what_stands_r68(self, story: Story) -> None:
        with_superior(story)
        case = refused(story)
        before = act_of(case)
        made = appeal(story, case, recurso="subsidio")
        resolve(story, made, times=1, **{**REWRITES, "resultado": "parcial", "otorga": False})
        by_superior(story, made, **MODIFIES)
        before.refresh_from_db()
        assert before.changed_by is not None
        last = Document.objects.get(file=made.file, definition_id="law_hierarchical_act")
        assert (before.state, change_of(before.changed_by)) == ("replaced", f"Vigente, modificado por: {name_of(last)}")
        assert f"(reemplazado por: {name_of(before.changed_by)})" in text_in(last)


def by_superior(story: Story, made: Case, **said: Any) -> None:
    """Another mayor than who signed the act has the last word."""
    role = story.task(made, "law_hierarchical").role
    Membership.objects.filter(role=role).update(person=story.people["Inés"])
    resolve(story, made, level="law_hierarchical", times=1, **said)


def test_what_was_decided_anew_is_not_called_the_last_word_of_the_superior_r68(story: Story, visitor: Visitor) -> None:
    """Who appeals against the new decision was told that there was no appeal, beside their own."""
    with_superior(story)
    case = refused(story)
    made = appeal(story, case, recurso="subsidio")
    resolve(story, made, times=1, resultado="rechaza")
    by_superior(story, made, **RETURNS)
    story.do(case, "admision", resultado="rechazar", fundamento="Ahora con fundamento.")
    write_and_sign(story, case, "redaccion_rechazo_inicial", "firma_infundada")
    assert case.outcome == "rejected"
    assert "puedes presentar un recurso" in text_of(visitor("Ana").get(at("case", case.ref)))
    assert appeal(story, case).about == act_of(case)
    page = text_of(visitor("Ana").get(at("case", case.ref)))
    assert "agotó la vía administrativa" not in page
    assert "Ya usaste tu recurso" not in page


def test_who_appeals_is_told_where_they_asked_to_be_told_of_the_application(story: Story) -> None:
    """Ley 19.880 art. 30 a: an appeal asks for no medium again."""
    case = refused(story)
    party = case.parties.get()
    assert (party.email, story.people["Ana"].email) == ("ana@ejemplo.cl", "")
    case.parties.update(postal_address="Los Aromos 12")
    made = appeal(story, case)
    mine = made.parties.get()
    assert (mine.email, mine.postal_address) == (party.email, "Los Aromos 12")
    resolve(story, made, resultado="rechaza")
    told = Notice.objects.get(person=story.people["Ana"], subject__startswith="Se resolvió tu recurso")
    assert not told.deliveries.filter(state="skipped").exists()
