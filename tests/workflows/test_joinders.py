"""Joining a case to an older one and splitting them again (Ley 19.880 art. 33; D10 23; R63)."""

import io
import json
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from audit.models import Event
from documents.models import Document
from jobs.models import Job
from notifications.models import Notice
from procedures.api import bundle_of
from procedures.schema import bundle_from_canonical
from signatures.api import has_signed, signature_facts, signatures_of
from tests.story import Story
from tests.workflows.desk import Visitor, at, republish, text_of
from workflows import appealing, incidents
from workflows.commands import clocks, desk, endings, joinders
from workflows.commands.joinders import Order
from workflows.commands.locking import locked
from workflows.errors import CaseJoined, CommandRefused, NotAllowed
from workflows.joinders import JOINED_ENDED, answers
from workflows.models import Case, CaseParty, CaseTask, Joinder
from workflows.queries import missing_notifications
from workflows.runtime import Run

pytestmark = pytest.mark.django_db
ORDER = Order("Resolución exenta N° 214 del 04/03/2026", "Las dos piden el mismo puesto")
FERIA = "permiso_feria_libre"


@pytest.fixture
def older(story: Story) -> Case:
    return story.file(FERIA, "Ana", productos=["verduras"])


@pytest.fixture
def younger(story: Story, older: Case) -> Case:
    story.now += timedelta(hours=1)
    return story.file(FERIA, "Bruno", productos=["verduras"])


def join(story: Story, younger: Case, older: Case, who: str = "Beto") -> Joinder:
    return joinders.join(case=younger, number=older.number, order=ORDER, by=story.people[who], now=story.now)


def split(story: Story, younger: Case, who: str = "Beto") -> None:
    joinders.split(case=younger, order=ORDER, by=story.people[who], now=story.now)


def decide(story: Story, case: Case, grants: bool = False) -> None:
    story.do(case, "examen", resultado="admitir")
    chosen: dict[str, Any] = {"puesto_asignado": "14 norte"} if grants else {}
    story.do(case, "decision", otorga=grants, fundamento="Razones.", **chosen)
    end = "permiso" if grants else "rechazo"
    story.finish_draft(case, f"redaccion_{end}")
    story.sign(case, f"firma_{end}")
    story.work()


def statuses(case: Case) -> dict[str, str]:
    return dict(CaseTask.objects.filter(process=case).values_list("step_id", "status"))


def kinds(case: Case) -> list[str]:
    return list(Event.objects.filter(stream=f"case:{case.ref}").order_by("seq").values_list("kind", flat=True))


def test_one_decision_resolves_all_and_each_person_has_the_whole_act_r63(
    story: Story, older: Case, younger: Case
) -> None:
    join(story, younger, older)
    assert statuses(younger)["examen"] == "PAUSED"
    decide(story, older, grants=True)
    for case in (older, younger):
        case.refresh_from_db()
    assert (older.outcome, younger.outcome, younger.finished is not None) == ("approved", "joined", True)
    act = Document.objects.get(file=older.file, definition_id="decreto_puesto")
    assert f"solicitud N° {younger.number}, acumulada" in json.dumps(act.content, ensure_ascii=False)
    copy = Document.objects.get(file=younger.file, definition_id="decreto_puesto", item__isnull=False)
    assert (copy.sha256, copy.number, copy.state, copy.code) == (act.sha256, act.number, "in_force", None)
    assert copy.blob_id != act.blob_id
    [missing] = missing_notifications(younger)
    assert missing.document == copy, "each is notified of the full act (art. 45)"
    assert [found.act for found in appealing.acts_of(younger, story.people["Bruno"])] == [copy]
    assert Notice.objects.filter(person=story.people["Bruno"], body__contains=older.number).exists()
    assert statuses(younger)["examen"] == "CANCELED"
    assert "case.decided_with" in kinds(younger)


def test_splitting_restores_the_case_where_it_stood_with_the_time_that_was_left_r63(
    story: Story, older: Case, younger: Case
) -> None:
    story.claim(older, "examen")
    held = story.claim(younger, "examen")
    before = held.deadlines.get()
    join(story, younger, older)
    clock = held.deadlines.get()
    assert (clock.state, clock.changes.get().legal_source) == ("suspended", joinders.ART_33)
    assert younger.deadlines.get(kind="term").state == "running", "no norm stops the term of the whole procedure"
    story.now += timedelta(days=7)
    split(story, younger)
    task = CaseTask.objects.get(pk=held.pk)
    assert (task.status, task.owner, dict(task.data)) == ("ASSIGNED", story.user("Beto"), {})
    clock = held.deadlines.get()
    assert clock.state == "running"
    assert before.due_on is not None
    assert clock.due_on == before.due_on + timedelta(days=7)
    for case in (older, younger):
        case.refresh_from_db()
    assert (older.is_principal, younger.joined_to) == (False, None)
    answered = story.posted(younger, "examen", {"resultado": "admitir"})
    desk.complete(task=task, by=story.user("Beto"), answered=desk.Answered(data=answered), now=story.now)
    assert story.task(younger, "decision").status == "NEW", "and it goes on"


def test_nobody_works_on_a_joined_case_and_it_is_in_no_list(
    story: Story, older: Case, younger: Case, visitor: Visitor
) -> None:
    task = story.task(younger, "examen")
    join(story, younger, older)
    with pytest.raises(CaseJoined, match=older.number):
        desk.claim(task=task, by=story.user("Beto"), now=story.now)
    listed = text_of(visitor("Beto").get(at("inbox"), {"ver": "grupo"}))
    assert (older.number in listed, younger.number in listed) == (True, False)
    run = Run(case=Case.objects.get(pk=younger.pk), now=story.now, by=None)
    incidents.examine(run)
    assert not younger.incidents.exists(), "it does not stand still by mistake"
    assert younger.pk not in incidents.suspicious_cases(story.now, story.now.date())


def test_each_keeps_seeing_only_their_own_r41(story: Story, older: Case, younger: Case, visitor: Visitor) -> None:
    join(story, younger, older)
    page = text_of(visitor("Bruno").get(at("case", younger.ref)))
    assert f"se acumuló a la N° {older.number}" in page
    assert "no procede recurso" in page
    assert visitor("Bruno").get(at("case", older.ref)).status_code == 404
    assert older.ref not in visitor("Bruno").get(at("case", younger.ref)).content.decode()
    assert younger.ref not in visitor("Ana").get(at("case", older.ref)).content.decode()
    own = zipfile.ZipFile(io.BytesIO(visitor("Ana").get(at("download_all", older.ref)).content))
    assert not [name for name in own.namelist() if name.startswith("acumulados/")]


def test_the_file_of_the_joined_case_is_nested_in_the_export_d10_23(
    story: Story, older: Case, younger: Case, visitor: Visitor
) -> None:
    join(story, younger, older)
    whole = zipfile.ZipFile(io.BytesIO(visitor("Beto").get(at("desk_download_all", older.ref)).content))
    [name] = [name for name in whole.namelist() if name.startswith("acumulados/")]
    nested = zipfile.ZipFile(io.BytesIO(whole.read(name)))
    assert json.loads(nested.read("indice.json"))["metadata"]["MGDEE1_1"] == younger.file.iuie
    assert json.loads(whole.read("indice.json"))["nested"] == [younger.file.iuie]
    assert name in whole.read("SHA256SUMS").decode()


def test_a_draft_that_was_written_before_names_the_joined_case_and_forgets_it_after_a_split(
    story: Story, older: Case, younger: Case
) -> None:
    story.do(older, "examen", resultado="admitir")
    story.do(older, "decision", otorga=False, fundamento="No hay.")
    draft = Document.objects.get(file=older.file, definition_id="decreto_sin_puesto")

    def names() -> bool:
        draft.refresh_from_db()
        return younger.number in json.dumps(draft.content)

    join(story, younger, older)
    assert names()
    split(story, younger)
    assert not names()


def withdraw(story: Story, case: Case, who: str) -> None:
    endings.withdraw(case=case, reason="Ya no", by=story.people[who], now=story.now)
    story.do(case, "law_withdrawal", declara=True, fundamento="Consta.")
    story.finish_draft(case, "law_withdrawal_draft")
    story.sign(case, "law_withdrawal_sign")
    story.work()
    case.refresh_from_db()


def test_whoever_withdraws_ends_only_their_own_case_joined_or_older_art_42(
    story: Story, older: Case, younger: Case
) -> None:
    third = story.file(FERIA, "Bruno", productos=["otros"])
    join(story, younger, older)
    join(story, third, older)
    story.do(older, "examen", resultado="admitir")
    story.do(older, "decision", otorga=False, fundamento="No hay.")
    withdraw(story, younger, "Bruno")
    assert (younger.outcome, statuses(younger)["examen"]) == ("withdrawn", "CANCELED")
    draft = json.dumps(Document.objects.get(file=older.file, definition_id="decreto_sin_puesto").content)
    assert (younger.number in draft, third.number in draft) == (False, True), "the act decides for who is left"
    withdraw(story, older, "Ana")
    declared = Document.objects.get(file=older.file, definition_id="law_withdrawal_act")
    assert third.number not in json.dumps(declared.content), "that act resolves nothing but its own case"
    third.refresh_from_db()
    assert (third.finished, third.joined_to, statuses(third)["examen"]) == (None, None, "NEW"), "nobody decided it"
    assert third.joinders.get().end == Joinder.End.RETURNED


def test_what_cannot_be_joined_is_told(story: Story, older: Case, younger: Case) -> None:
    other = story.file("ayuda_social", "Ana")
    with pytest.raises(CommandRefused, match="más antigua"):
        join(story, older, younger)
    with pytest.raises(NotAllowed):
        join(story, younger, other)
    with pytest.raises(CommandRefused, match="No hay otra solicitud"):
        joinders.join(case=younger, number="2026-999999", order=ORDER, by=story.people["Beto"], now=story.now)
    with pytest.raises(NotAllowed):
        join(story, younger, older, "Hugo")
    join(story, younger, older)
    with pytest.raises(CommandRefused, match="Desacumula primero"):
        join(story, younger, older)
    story.now += timedelta(hours=1)
    third = story.file(FERIA, "Bruno", productos=["otros"])
    with pytest.raises(CommandRefused, match=f"Acumula a la N° {older.number}"):
        join(story, third, younger)
    task = story.task(third, "examen")
    desk.claim(task=task, by=story.user("Beto"), now=story.now, reason="Orden escrita")
    story.do_claimed(third, task, resultado="observar", que_corregir="La foto no se ve.")
    with pytest.raises(CommandRefused, match="espera a la persona"):
        join(story, third, older)


def test_cases_bound_up_with_each_other_are_joined_though_of_another_procedure_art_33(
    story: Story, visitor: Visitor
) -> None:
    """Where both procedures let cases be joined: the older one's act names and decides the other too."""
    text = Path("examples/permiso_feria_libre.yaml").read_text()
    other = text.replace("code: permiso_feria_libre\n", "code: feria_navidena\n", 1)
    republish(story, other, FERIA)
    older = story.file("feria_navidena", "Ana", productos=["verduras"])
    story.now += timedelta(hours=1)
    younger = story.file(FERIA, "Bruno", productos=["verduras"])
    assert "Acumular a una solicitud más antigua" in text_of(visitor("Beto").get(at("desk_case", younger.ref)))
    join(story, younger, older)
    decide(story, older)
    younger.refresh_from_db()
    assert (younger.outcome, younger.finished is not None) == ("joined", True)
    copy = Document.objects.get(file=younger.file, definition_id="decreto_sin_puesto", item__isnull=False)
    assert f"solicitud N° {younger.number}, acumulada" in json.dumps(copy.content, ensure_ascii=False)


def test_nothing_is_joined_to_a_case_whose_procedure_does_not_let_it_art_33(story: Story, younger: Case) -> None:
    older = story.file("patente_comercial", "Ana", rol_sii="1-1")
    Case.objects.filter(pk=older.pk).update(filed_at=younger.filed_at - timedelta(days=1))
    with pytest.raises(CommandRefused, match=f"N° {older.number} no permite"):
        join(story, younger, older)


def test_an_official_joins_and_splits_from_the_page_of_the_case(
    story: Story, older: Case, younger: Case, visitor: Visitor
) -> None:
    beto = visitor("Beto")
    joining = at("desk_measure", younger.ref, "acumular")
    assert "Acumular a una solicitud más antigua" in text_of(beto.get(at("desk_case", younger.ref)))
    wrong = beto.post(joining, {"number": "1", "resolution": "Res. 214", "reason": "Lo mismo."})
    assert (wrong.status_code, "Revisa el número" in text_of(wrong)) == (409, True)
    beto.post(joining, {"number": older.number, "resolution": "Res. 214", "reason": "Lo mismo."})
    shown = text_of(beto.get(at("desk_case", younger.ref)))
    assert f"Acumulada a la N° {older.number}" in shown
    assert "Desacumular esta solicitud" in shown
    split_link = f'<a href="{at("desk_measure", younger.ref, "desacumular")}">'
    page = beto.get(at("desk_case", younger.ref)).content.decode()
    seen, _folded = page.split("<summary>Otras gestiones")
    assert split_link in seen, "found without unfolding anything"
    assert younger.file.iuie in text_of(beto.get(at("desk_case", older.ref), {"ver": "expediente"}))
    for case in (older, younger):
        told = Document.objects.get(file=case.file, title__startswith="Acumulación")
        assert "Res. 214" in json.dumps(told.content)
        assert "no procede recurso" in json.dumps(told.content)
    beto.post(at("desk_measure", younger.ref, "desacumular"), {"resolution": "Res. 215", "reason": "Son distintas."})
    assert "case.split" in kinds(younger)
    assert "Son distintas" in text_of(beto.get(at("desk_case", younger.ref), {"ver": "historial"}))


def test_whoever_signed_the_act_of_both_does_not_review_as_superior_its_copy_art_59(
    story: Story, older: Case, younger: Case
) -> None:
    join(story, younger, older)
    decide(story, older)
    act = Document.objects.get(file=older.file, definition_id="decreto_sin_puesto")
    copy = Document.objects.get(file=younger.file, definition_id="decreto_sin_puesto", item__isnull=False)
    signers = [one.signer for one in signatures_of(act)]
    assert [one.signer for one in signatures_of(copy)] == signers
    official = next(one for one in signers if one is not None)
    assert has_signed(document_id=copy.pk, person=official)
    assert signature_facts(copy) == signature_facts(act), "the metadata of the copy say who signed (R65)"


def ended(older: Case, outcome: str, story: Story) -> None:
    Case.objects.filter(pk=older.pk).update(finished=story.now, outcome=outcome)
    for joined in Case.objects.filter(joined_to=older):
        joinders.principal_ended(Job(case_id=joined.pk), story.now)


def test_a_case_that_no_act_names_goes_on_however_the_older_one_ended(story: Story, older: Case, younger: Case) -> None:
    join(story, younger, older)
    ended(older, "approved", story)
    younger.refresh_from_db()
    assert (younger.finished, younger.joined_to, statuses(younger)["examen"]) == (None, None, "NEW")


def test_what_an_act_in_force_resolves_too_is_not_split_any_more(story: Story, older: Case, younger: Case) -> None:
    join(story, younger, older)
    story.do(older, "examen", resultado="admitir")
    story.do(older, "decision", otorga=False, fundamento="No hay.")
    Document.objects.filter(file=older.file, definition_id="decreto_sin_puesto").update(state="in_force")
    with pytest.raises(CommandRefused, match="ya resolvió las dos"):
        split(story, younger)


def test_a_pending_withdrawal_is_resolved_before_joining(story: Story, older: Case, younger: Case) -> None:
    endings.withdraw(case=younger, reason="Ya no", by=story.people["Bruno"], now=story.now)
    with pytest.raises(CommandRefused, match="Resolver el desistimiento"):
        join(story, younger, older)


def decree(older: Case, **changed: Any) -> str:
    """The act of the older case that names the joined ones, as text."""
    found = Document.objects.filter(file=older.file, definition_id="decreto_sin_puesto")
    if changed:
        found.update(**changed)
    return json.dumps(found.get().content)


@pytest.mark.parametrize("state", ["issuing", "in_force"])
def test_nobody_withdraws_what_the_signed_act_of_the_older_case_already_decides_art_42(
    story: Story, older: Case, younger: Case, state: str
) -> None:
    join(story, younger, older)
    story.do(older, "examen", resultado="admitir")
    story.do(older, "decision", otorga=False, fundamento="No hay.")
    assert younger.number in decree(older, state=state, issued_on=story.now.date())
    with pytest.raises(CommandRefused, match=f"El acto de la solicitud N° {older.number} resuelve también esta"):
        endings.withdraw(case=younger, reason="Ya no", by=story.people["Bruno"], now=story.now)
    assert not CaseTask.objects.filter(process=younger, step_id__startswith="law_").exists()


def test_what_was_withdrawn_before_the_signature_is_not_decided_and_goes_on_if_nobody_declares_it_art_42(
    story: Story, older: Case, younger: Case
) -> None:
    join(story, younger, older)
    story.do(older, "examen", resultado="admitir")
    story.do(older, "decision", otorga=False, fundamento="No hay.")
    endings.withdraw(case=younger, reason="Ya no", by=story.people["Bruno"], now=story.now)
    assert younger.number not in decree(older), "at once: nobody signs a decision about what was withdrawn"
    story.do(younger, "law_withdrawal", declara=False, fundamento="No consta que sea de quien solicita.")
    story.work()
    assert younger.number in decree(older), "it stays, so the act decides it again"


def test_a_withdrawal_that_waits_outlives_the_older_case_and_is_still_declared_art_42(
    story: Story, older: Case, younger: Case
) -> None:
    join(story, younger, older)
    endings.withdraw(case=younger, reason="Ya no", by=story.people["Bruno"], now=story.now)
    decide(story, older)
    younger.refresh_from_db()
    assert (younger.finished, younger.joined_to) == (None, None)
    story.do(younger, "law_withdrawal", declara=True, fundamento="Consta.")
    story.finish_draft(younger, "law_withdrawal_draft")
    story.sign(younger, "law_withdrawal_sign")
    story.work()
    younger.refresh_from_db()
    assert younger.outcome == "withdrawn"


def test_an_act_of_mere_procedure_resolves_no_joined_case_art_18(older: Case) -> None:
    """An order before the decree decides nothing, and to name the joined case in it would keep it from being split."""
    data = json.loads(bundle_of(older.version).canonical())
    order = {**next(one for one in data["documents"] if one["id"] == "decreto_sin_puesto"), "id": "orden_de_prueba"}
    signing = next(one for one in data["steps"] if one["id"] == "firma_rechazo")
    signed = {**signing, "id": "firma_orden", "document": "orden_de_prueba", "on_return": None, "next": "decision"}
    for step in data["steps"]:
        if step["id"] == "examen":
            step["next"][-1]["otherwise"] = "firma_orden"
    data["documents"].append(order)
    data["steps"].append(signed)
    bundle = bundle_from_canonical(json.dumps(data).encode())
    assert [answers(bundle, name) for name in ("orden_de_prueba", "decreto_sin_puesto")] == [False, True]


ORDERING = """
  - {id: redaccion_orden, kind: draft, title: Redacción de la orden, role: revision, document: orden_de_prueba,
     next: firma_orden}
  - {id: firma_orden, kind: sign, title: Firma de la orden, document: orden_de_prueba, signers: [alcaldia],
     level: advanced, on_return: redaccion_orden, next: decision}

documents:
  - id: orden_de_prueba
    kind: decree
    title: Decreto que abre un término de prueba
    numbering: {book: decretos}
    blocks:
      - {kind: paragraph, role: law, text: 'Lo dispuesto en el artículo 35 de la Ley N° 19.880.'}
      - {kind: paragraph, role: facts, text: 'Que se pidió un puesto por la solicitud N° {case.number}.'}
      - {kind: paragraph, role: reasons, text: Que hay hechos que probar.}
      - {kind: list, role: decision, text: "**Ábrese** un término de prueba."}
      - {kind: paragraph, role: appeals, text: Contra este decreto no procede recurso.}
"""
"""Steps of a procedure that first orders to prove something (art. 35)."""


def test_what_the_older_case_orders_on_the_way_reaches_the_joined_one_and_its_persons_r63(story: Story) -> None:
    """Art. 33: they go together, so an act of mere procedure concerns both; it decides neither."""
    text = Path("examples/permiso_feria_libre.yaml").read_text()
    text = text.replace("{otherwise: decision, label: Admitida}", "{otherwise: redaccion_orden, label: Admitida}")
    republish(story, text.replace("\ndocuments:\n", ORDERING, 1), FERIA)
    older = story.file(FERIA, "Ana", productos=["verduras"])
    younger = story.file(FERIA, "Bruno", productos=["verduras"])
    row: dict[str, Any] = {"case": younger, "agency": younger.agency, "joined_at": story.now}
    CaseParty.objects.create(kind=CaseParty.Kind.INFORMER, person=story.people["Grace"], **row)
    join(story, younger, older)
    story.do(older, "examen", resultado="admitir")
    story.finish_draft(older, "redaccion_orden")
    story.sign(older, "firma_orden")
    story.work()
    act = Document.objects.get(file=older.file, definition_id="orden_de_prueba")
    copy = Document.objects.get(file=younger.file, definition_id="orden_de_prueba", item__isnull=False)
    assert (copy.sha256, copy.number, copy.state) == (act.sha256, act.number, "in_force")
    told = Notice.objects.get(person=story.people["Bruno"], subject__startswith="Se dictó un acto que también")
    assert (list(told.documents.all()), older.number in told.body) == ([copy], True)
    assert not Notice.objects.filter(person=story.people["Grace"], case_ref=younger.ref).exists(), "who only informed"
    assert kinds(younger).count("case.ordered_with") == 1
    commands = {"payload": {"document": act.pk}, "case_id": younger.pk}
    assert joinders.interim_act(Job(**commands), story.now) == {}
    assert Document.objects.filter(file=younger.file, definition_id="orden_de_prueba").count() == 1, "idempotent"
    younger.refresh_from_db()
    assert younger.finished is None
    split(story, younger)
    assert statuses(younger)["examen"] == "NEW", "it decided nothing, so it keeps nobody from splitting them"


def test_who_cannot_go_on_is_named_no_more_in_the_act_of_the_older_case_at_once_art_40(story: Story) -> None:
    """Both cases are held while it is declared: nobody signs meanwhile an act that still names the one."""
    text = Path("examples/permiso_feria_libre.yaml").read_text()
    republish(story, text.replace("  joinder: true\n", "  joinder: true\n  impossibility: true\n"), FERIA)
    older = story.file(FERIA, "Ana", productos=["verduras"])
    younger = story.file(FERIA, "Bruno", productos=["verduras"])
    join(story, younger, older)
    story.do(older, "examen", resultado="admitir")
    story.do(older, "decision", otorga=False, fundamento="Razones.")
    draft = Document.objects.get(file=older.file, definition_id="decreto_sin_puesto")
    assert younger.number in json.dumps(draft.content, ensure_ascii=False)
    jobs = Job.objects.filter(kind=JOINED_ENDED).count()
    endings.declare_impossible(case=younger, reason="Falleció", by=story.people["Beto"], now=story.now)
    draft.refresh_from_db()
    assert younger.number not in json.dumps(draft.content, ensure_ascii=False)
    assert Job.objects.filter(kind=JOINED_ENDED).count() == jobs, "nothing is left for later"


def test_an_act_of_deemed_withdrawal_names_no_joined_case(older: Case) -> None:
    bundle = bundle_of(older.version)
    names = ("decreto_puesto", "decreto_sin_puesto", "decreto_desistida", "law_withdrawal_act", "law_appeal_act")
    assert [answers(bundle, name) for name in names] == [True, True, False, False, True]


def test_splitting_leaves_suspended_what_another_cause_suspended(story: Story, older: Case, younger: Case) -> None:
    held = story.claim(older, "examen") and story.task(younger, "examen")
    clock = held.deadlines.get()
    with locked(younger.pk, by=story.people["Beto"], now=story.now) as run:
        clocks.stop(run, clock, reason="Informe pendiente", source="Ley N° 20.000, artículo 1")
    join(story, younger, older)
    with pytest.raises(CommandRefused):
        clocks.resume(case=younger, deadline_id=clock.pk, reason="Llegó", by=story.people["Beto"], now=story.now)
    split(story, younger)
    clock.refresh_from_db()
    assert clock.state == "suspended", "its own cause still holds"
