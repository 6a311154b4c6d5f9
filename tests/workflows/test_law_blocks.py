"""Withdrawal, waiver, abandonment, impossibility, silence, appeals: all end with a signed act (R16-R20, R66-R68)."""

from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from django.utils.formats import date_format

from accounts.models import Mandate, Membership, Person
from documents.models import Document
from legaltime.api import Place, add_business_days
from notifications.models import Notice
from tests.story import Story
from tests.workflows.desk import Visitor, at, republish, text_of
from tests.workflows.refusals import act_of, appeal, notify, refused, write_and_sign
from workflows import appealing, drafts
from workflows.commands import desk, endings, filing, silence, suspensions
from workflows.errors import CommandRefused, NotAllowed
from workflows.models import Case, CaseParty, CaseTask, Deadline

pytestmark = pytest.mark.django_db
PATENTE = Path("examples/patente_comercial.yaml")
TO_CORRECT = "{amount: 5, unit: business_days, source: 'Ley N° 19.880, artículo 31', trigger: notified(correccion),"
"""The time to correct, as the example says it."""


def finish_with_act(story: Story, case: Case, block: str) -> None:
    """The official declares, writes and the authorities sign; the jobs do their part."""
    story.do(case, block, declara=True, fundamento="Consta en el expediente.")
    write_and_sign(story, case, f"{block}_draft", f"{block}_sign")


def days_later(story: Story, days: int) -> None:
    """The same hour, that many business days later."""
    place = Place(commune="16301", zone="America/Santiago")
    today = story.now.date()
    story.now += add_business_days(today, days, place) - today


def read(story: Story, visitor: Visitor, who: str, url: str) -> str:
    """What a page says to somebody at the story's hour."""
    with time_machine.travel(story.now, tick=False):
        return text_of(visitor(who).get(url))


def test_a_withdrawal_stops_everything_and_ends_with_a_signed_act_r16_r18(story: Story, case: Case) -> None:
    assert endings.withdraw(case=case, reason="Ya no abriré el local", by=story.people["Ana"], now=story.now)
    assert story.task(case, "admision").status == "NEW", "nothing stops before an official declares it"
    finish_with_act(story, case, "law_withdrawal")
    assert (case.outcome, case.finished is not None) == ("withdrawn", True)
    act = act_of(case)
    assert (act.kind, act.definition_id, bool(act.number)) == ("decree", "law_withdrawal_act", True)
    assert CaseTask.objects.get(process=case, step_id="admision").status == "CANCELED"
    assert Document.objects.filter(file=case.file, title="Desistimiento", item__isnull=False).exists()


def test_whoever_withdraws_owes_no_reason_r18(story: Story, case: Case, visitor: Visitor) -> None:
    page = at("measure", case.ref, "desistirme")
    refused_page = visitor("Ana").post(page, {})
    assert refused_page.status_code == 422
    assert "Escribe el motivo" not in text_of(refused_page)
    assert visitor("Ana").post(page, {"sure": "on"}).status_code == 302
    writing = Document.objects.get(file=case.file, title="Desistimiento")
    assert "Se desiste de su solicitud." in str(writing.content)


def test_a_withdrawal_that_is_not_declared_leaves_the_case_as_it_was(story: Story, case: Case) -> None:
    endings.withdraw(case=case, reason="Ya no", by=story.people["Ana"], now=story.now)
    story.do(case, "law_withdrawal", declara=False, fundamento="Otra persona pide seguir.")
    case.refresh_from_db()
    assert case.finished is None
    assert story.task(case, "admision").status == "NEW"


def test_one_of_two_applicants_leaves_and_the_case_goes_on_for_the_other_r18(story: Story, case: Case) -> None:
    CaseParty.objects.create(
        case=case, agency=case.agency, kind="applicant", person=story.people["Bruno"], joined_at=story.now
    )
    assert not endings.withdraw(case=case, reason="Me retiro", by=story.people["Ana"], now=story.now)
    assert not CaseTask.objects.filter(process=case, step_id="law_withdrawal").exists()
    assert [str(party.person) for party in case.parties.filter(left_at=None)] == ["Bruno Díaz Riquelme"]
    receipt = Document.objects.get(file=case.file, title="Comprobante de retiro", item__isnull=False)
    assert "Ana María Pérez Soto se desistió" in str(receipt.content)
    told = Notice.objects.get(person=story.people["Ana"], subject__startswith="Ya no eres parte")
    assert ("4 de marzo de 2026" in told.body, told.documents.get()) == (True, receipt)
    for who in ("Bruno", "Beto"):
        found = Notice.objects.get(person=story.people[who], subject__startswith="Una persona se retiró")
        assert "Ana María Pérez Soto se desistió y ya no es parte" in found.body
    with pytest.raises(NotAllowed):
        endings.withdraw(case=case, reason="Otra vez", by=story.people["Ana"], now=story.now)


def test_nobody_else_and_nobody_twice_withdraws(story: Story, case: Case) -> None:
    with pytest.raises(NotAllowed):
        endings.withdraw(case=case, reason="x", by=story.people["Bruno"], now=story.now)
    endings.withdraw(case=case, reason="x", by=story.people["Ana"], now=story.now)
    with pytest.raises(CommandRefused):
        endings.withdraw(case=case, reason="x", by=story.people["Ana"], now=story.now)


def test_a_waiver_ends_with_its_own_act(story: Story, case: Case) -> None:
    endings.waive(case=case, reason="Renuncio", by=story.people["Ana"], now=story.now)
    finish_with_act(story, case, "law_waiver")
    assert (case.outcome, act_of(case).definition_id) == ("waived", "law_waiver_act")


def test_what_was_not_resolved_ends_with_the_case(story: Story, case: Case) -> None:
    endings.waive(case=case, reason="Renuncio", by=story.people["Ana"], now=story.now)
    story.do(case, "admision", resultado="rechazar", fundamento="Infundada.")
    write_and_sign(story, case, "redaccion_rechazo_inicial", "firma_infundada")
    assert case.outcome == "rejected"
    assert CaseTask.objects.get(process=case, step_id="law_waiver").status == "CANCELED"


def test_an_impossible_case_ends_with_a_signed_act(story: Story, case: Case, visitor: Visitor) -> None:
    endings.declare_impossible(case=case, reason="El local se incendió", by=story.people["Beto"], now=story.now)
    step = at("desk_step", case.ref, story.claim(case, "law_impossibility").pk)
    seen = text_of(visitor("Elena").get(step))
    assert "Lo indicó Beto Araya Molina" in seen, "whoever resolves reads who says so and why"
    assert "Causa: El local se incendió" in seen
    desk.release(task=story.task(case, "law_impossibility"), by=story.user("Elena"), now=story.now)
    finish_with_act(story, case, "law_impossibility")
    assert case.outcome == "impossible"


@pytest.fixture
def patient(story: Story) -> Case:
    """A case whose person has sixty business days to correct, as some law could say; they were notified today."""
    text = PATENTE.read_text()
    assert text.count(TO_CORRECT) == 1
    republish(story, text.replace(TO_CORRECT, TO_CORRECT.replace("amount: 5", "amount: 60")))
    case = story.file(rol_sii="1-1")
    story.do(case, "admision", resultado="observar", observaciones="Corrige.")
    notify(story, case, "correccion")
    return case


def test_abandonment_needs_thirty_days_a_warning_and_seven_more_r17(
    story: Story, patient: Case, visitor: Visitor
) -> None:
    beto = story.people["Beto"]
    days_later(story, 30)
    with pytest.raises(CommandRefused):
        endings.warn_of_abandonment(case=patient, by=beto, now=story.now)
    days_later(story, 1)
    endings.warn_of_abandonment(case=patient, by=beto, now=story.now)
    warning = Document.objects.get(file=patient.file, title="Advertencia de abandono", item__isnull=False)
    for said in ("Corregir la solicitud", "4 de marzo de 2026", "artículo 43", "Beto Araya Molina"):
        assert said in str(warning.content)
    assert "desde que te notifiquen" in text_of(visitor("Ana").get(at("case", patient.ref)))
    notify(story, patient, "law_abandonment_warning")
    clock = Deadline.objects.get(case=patient, kind=Deadline.Kind.ABANDONMENT)
    days_later(story, 7)
    assert clock.due_on == story.now.date()
    page = text_of(visitor("Ana").get(at("case", patient.ref)))
    assert f"hasta el {date_format(clock.due_on, 'DATE_FORMAT')}, una persona" in page
    story.work()
    assert not CaseTask.objects.filter(process=patient, step_id="law_abandonment").exists()
    days_later(story, 1)
    story.work()
    finish_with_act(story, patient, "law_abandonment")
    assert patient.outcome == "abandoned"


def test_nobody_abandons_what_they_were_never_notified_of_r17(story: Story, case: Case) -> None:
    """That the case stands still is the institution's doing (art. 43)."""
    story.do(case, "admision", resultado="observar", observaciones="Corrige.")
    days_later(story, 40)
    assert endings.inactive_since(case) is None
    with pytest.raises(CommandRefused):
        endings.warn_of_abandonment(case=case, by=story.people["Beto"], now=story.now)


def test_whoever_answers_the_warning_is_not_abandoned_r17(story: Story, patient: Case) -> None:
    days_later(story, 31)
    endings.warn_of_abandonment(case=patient, by=story.people["Beto"], now=story.now)
    notify(story, patient, "law_abandonment_warning")
    story.correct(patient, rol_sii="2-2")
    days_later(story, 8)
    story.work()
    assert not CaseTask.objects.filter(process=patient, step_id="law_abandonment").exists()


def test_a_case_begun_by_the_body_is_never_abandoned_r17(story: Story, patient: Case) -> None:
    Case.objects.filter(pk=patient.pk).update(channel="own_motion")
    days_later(story, 40)
    with pytest.raises(CommandRefused):
        endings.warn_of_abandonment(case=patient, by=story.people["Beto"], now=story.now)


def test_a_complaint_gives_a_receipt_copies_the_superior_and_starts_five_days_r19(
    story: Story, case: Case, visitor: Visitor
) -> None:
    ana = story.people["Ana"]
    story.claim(case, "admision")
    with pytest.raises(CommandRefused):
        silence.complain(case=case, reason="No deciden", by=ana, now=story.now)
    days_later(story, 130)
    assert "Venció el plazo y no han decidido" in read(story, visitor, "Ana", at("case", case.ref))
    clock = silence.complain(case=case, reason="No deciden", by=ana, now=story.now)
    assert Document.objects.filter(file=case.file, kind="receipt", title__startswith="Comprobante").exists()
    assert Notice.objects.filter(person=story.people["Fabián"], case_ref=case.ref).exists()
    assert Notice.objects.filter(person=story.people["Beto"], subject__startswith="Decide en cinco").exists()
    due = date_format(clock.due_on or "", "DATE_FORMAT")
    page = read(story, visitor, "Ana", at("case", case.ref))
    assert f"Tienen hasta el {due} para decidir" in page
    assert "tu solicitud se entiende aceptada (Ley 19.880, art. 64)" in page
    assert f"Hay que decidir a más tardar el {due}" in read(story, visitor, "Beto", at("desk_case", case.ref))
    day = story.now
    days_later(story, 5)
    assert clock.due_on == story.now.date()
    assert not silence.may_certify(case, story.now.date())
    story.now = day
    with pytest.raises(CommandRefused):
        silence.complain(case=case, reason="Otra vez", by=ana, now=story.now)


def test_after_silence_the_certificate_ends_the_case_with_its_effect_r20(story: Story, case: Case) -> None:
    ana = story.people["Ana"]
    days_later(story, 130)
    silence.complain(case=case, reason="No deciden", by=ana, now=story.now)
    days_later(story, 6)
    story.work()
    assert case.finished is None, "the timer ends nothing"
    silence.certify(case=case, by=ana, now=story.now)
    write_and_sign(story, case, "law_silence_draft", "law_silence_sign", times=1)
    assert (case.outcome, act_of(case).kind) == ("deemed_yes", "certificate")
    assert CaseTask.objects.get(process=case, step_id="admision").status == "CANCELED"


def test_a_negative_silence_needs_no_complaint_and_the_page_says_what_it_means_r20(
    story: Story, visitor: Visitor
) -> None:
    """Art. 65: to complain first would cost the person five more days."""
    case = story.file("ocupacion_espacio_publico")
    days_later(story, 60)
    page = read(story, visitor, "Ana", at("case", case.ref))
    assert "Ya puedes pedir el certificado" in page
    assert "tu solicitud se entiende rechazada" in page
    assert "Denunciar que no" not in page
    with pytest.raises(CommandRefused, match=r"art\. 65"):
        silence.complain(case=case, reason="x", by=story.people["Ana"], now=story.now)
    way = at("measure", case.ref, "certificado-de-silencio")
    assert "tu solicitud se entiende rechazada" in read(story, visitor, "Ana", way)
    silence.certify(case=case, by=story.people["Ana"], now=story.now)
    assert "Pediste el certificado" in read(story, visitor, "Ana", at("case", case.ref))


def test_an_appeal_is_a_linked_case_with_its_own_file_clock_and_signed_act_r66(story: Story) -> None:
    case = refused(story)
    notify(story, case, "aviso_infundada")
    made = appeal(story, case)
    assert (made.original, made.about, made.file != case.file) == (case, act_of(case), True)
    assert Deadline.objects.get(case=made, kind=Deadline.Kind.TERM).amount == 30
    story.do(made, "law_appeal_study", resultado="acoge", fundamento="Tiene razón.")
    write_and_sign(story, made, "law_appeal_draft", "law_appeal_sign")
    assert made.outcome == "upheld"
    assert next(iter(appealing.acts_of(made, story.people["Ana"])), None) is None, "no appeal against an appeal"


def test_an_appeal_comes_within_five_business_days_of_the_persons_own_notification_r66(story: Story) -> None:
    case = refused(story)
    notify(story, case, "aviso_infundada")
    days_later(story, 5)
    draft = appealing.begin(
        case=case, act_id=act_of(case).pk, start_id="law_appeal", by=story.people["Ana"], now=story.now
    )
    story.fill(draft, recurso="reposicion")
    days_later(story, 1)
    with pytest.raises(appealing.NotAppealable, match="venció"):
        filing.start(draft=draft, by=story.people["Ana"], signature=story.signature(draft), now=story.now)


def test_who_was_refused_reads_the_act_and_until_when_to_appeal_at_the_top_r66(story: Story, visitor: Visitor) -> None:
    case = refused(story)
    ana = visitor("Ana")
    page = ana.get(at("case", case.ref)).content.decode()
    top = page[page.index("Tu solicitud terminó") : page.index("Solicitud recibida")]
    assert at("document", case.ref, act_of(case).pk) in top
    assert "Tu plazo empieza cuando te notifiquen" in top
    assert at("measure", case.ref, "recurrir") in top
    notify(story, case, "aviso_infundada")
    until = next(appealing.acts_of(case, story.people["Ana"])).until
    assert until is not None
    with time_machine.travel(story.now, tick=False):
        page = ana.get(at("case", case.ref)).content.decode()
    assert f"puedes presentar un recurso hasta el {date_format(until, 'DATE_FORMAT')}" in page
    with time_machine.travel(story.now + timedelta(days=60), tick=False):
        page = visitor("Ana").get(at("case", case.ref)).content.decode()
    assert f"El plazo para presentar un recurso venció el {date_format(until, 'DATE_FORMAT')}" in page
    assert at("measure", case.ref, "recurrir") not in page


class TestWhoActsForAnother:
    @pytest.fixture
    def case(self, story: Story) -> Case:
        """Ana's, refused; Bruno filed it with her power and was notified of the act."""
        case = refused(story)
        bruno = story.people["Bruno"]
        Mandate.objects.create(grantor_person=story.people["Ana"], representative=bruno, starts_on=story.now.date())
        case.parties.update(representative=bruno)
        notify(story, case, "aviso_infundada", "Bruno")
        return case

    def test_appeals_for_them_and_not_as_the_one_who_appeals_r43(self, story: Story, case: Case) -> None:
        made = appeal(story, case, who="Bruno")
        party = made.parties.get(kind="applicant")
        assert (party.person, party.representative) == (story.people["Ana"], story.people["Bruno"])
        with pytest.raises(appealing.NotAppealable, match="Ya presentaste"):
            appeal(story, case, who="Ana")

    def test_to_notify_them_is_to_notify_whoever_they_act_for_r43(self, story: Story, case: Case) -> None:
        until = {name: next(appealing.acts_of(case, story.people[name])).until for name in ("Ana", "Bruno")}
        assert until["Ana"] == until["Bruno"]
        assert until["Ana"] is not None


def test_nobody_appeals_twice_nor_for_another(story: Story) -> None:
    case = refused(story)
    appeal(story, case)
    with pytest.raises(appealing.NotAppealable, match="Ya presentaste"):
        appeal(story, case)
    with pytest.raises(NotAllowed):
        appeal(story, case, who="Bruno")


def test_an_appeal_says_that_it_is_one_and_the_decision_offers_no_second_r66(story: Story, visitor: Visitor) -> None:
    case = refused(story)
    ana, made = visitor("Ana"), appeal(story, case)
    assert "Recurso: Patente comercial definitiva" in text_of(ana.get(at("case", made.ref)))
    page = ana.get(at("case", case.ref)).content.decode()
    top = page[page.index("Tu solicitud terminó") : page.index("Solicitud recibida")]
    assert "Presentaste un recurso contra esta decisión" in top
    assert at("case", made.ref) in top
    assert at("measure", case.ref, "recurrir") not in page
    told = Notice.objects.get(person=story.people["Ana"], subject__contains=made.number)
    assert "Trámite: Recurso: Patente comercial definitiva" in told.body


def test_the_others_interested_hear_of_an_appeal_and_have_five_days_r67(story: Story) -> None:
    case = refused(story)
    CaseParty.objects.create(
        case=case, agency=case.agency, kind="affected", person=story.people["Bruno"], joined_at=story.now
    )
    made = appeal(story, case)
    clock = Deadline.objects.get(case=made, kind=Deadline.Kind.ANSWER)
    assert (clock.state, str(clock.party)) == (Deadline.State.WAITING, "Bruno Díaz Riquelme")
    notify(story, made, "law_appeal", "Bruno")
    clock.refresh_from_db()
    days_later(story, 5)
    assert clock.due_on == story.now.date()


def test_an_appeal_does_not_suspend_the_act_until_somebody_asks_and_the_authority_resolves_r67(
    story: Story, visitor: Visitor
) -> None:
    """Ley 19.880 art. 57."""
    case = refused(story)
    made = appeal(story, case)
    beto, waits = visitor("Beto"), {"resolution": "Resolución exenta N° 9", "reason": "El cierre es irreparable."}
    assert "el acto está suspendido" not in text_of(visitor("Ana").get(at("case", case.ref)))
    assert beto.get(at("desk_measure", made.ref, "suspender-acto")).status_code == 404, "nobody asked"
    asked = {"ground": "damage", "reason": "Pierdo el local."}
    for status in (302, 404):
        assert visitor("Ana").post(at("measure", made.ref, "suspender-acto"), asked).status_code == status
    assert "el acto está suspendido" not in text_of(visitor("Ana").get(at("case", case.ref)))
    assert beto.post(at("desk_measure", made.ref, "suspender-acto"), {"reason": "x"}).status_code == 422
    assert beto.post(at("desk_measure", made.ref, "suspender-acto"), waits).status_code == 302
    assert "el acto está suspendido" in text_of(visitor("Ana").get(at("case", case.ref)))
    assert Notice.objects.filter(person=story.people["Ana"], subject__startswith="Se suspendió el acto").exists()
    with pytest.raises(NotAllowed):
        suspensions.ask_suspension(case=made, reason="x", ground="damage", by=story.people["Hugo"], now=story.now)


def test_that_the_act_wait_may_be_asked_in_the_appeal_itself_r67(story: Story, visitor: Visitor) -> None:
    """Ley 19.880 art. 57: whoever sees to it is told, and answers; meanwhile both sides read that nobody did."""
    made = appeal(story, refused(story), suspension=True)
    asked = made.act_suspensions.get()
    assert (asked.state, asked.asked_by) == ("asked", story.people["Ana"])
    for who in attending(story, made):
        assert Notice.objects.filter(person=who, subject__startswith="Piden que no se cumpla el acto").exists()
    assert "todavía no te responden" in text_of(visitor("Ana").get(at("case", made.ref)))
    page = text_of(visitor("Beto").get(at("desk_case", made.ref)))
    assert "Piden que no se cumpla el acto mientras se resuelve" in page
    assert visitor("Ana").get(at("measure", made.ref, "suspender-acto")).status_code == 404, "it was asked"
    refusal = {"resolution": "Resolución exenta N° 9", "reason": "No hay daño."}
    assert visitor("Beto").post(at("desk_measure", made.ref, "no-suspender-acto"), refusal).status_code == 302
    assert "todavía no te responden" not in text_of(visitor("Ana").get(at("case", made.ref)))
    assert "Piden que no se cumpla" not in text_of(visitor("Beto").get(at("desk_case", made.ref)))


def attending(story: Story, case: Case) -> set[Person]:
    """Who may do the open steps of the case."""
    roles = case.task_set.filter(finished=None, role__isnull=False).values("role")
    found = {post.person for post in Membership.objects.filter(role__in=roles).select_related("person")}
    assert found
    return found


def with_superior(story: Story) -> None:
    """The same procedure, published so that its acts are signed by the secretary and reviewed by the mayor."""
    text = PATENTE.read_text()
    start, end = text.index("  appeals:\n"), text.index("  suspensions:\n")
    text = text[:start] + "  appeals: {hierarchical: alcaldia}\n" + text[end:]
    text = text.replace("signers: [alcaldia, secretaria_municipal]\n  act:", "signers: [secretaria_municipal]\n  act:")
    republish(story, text)


def test_a_refused_reposition_goes_up_when_the_alternative_was_filed_r68(story: Story) -> None:
    """It is not decided yet: its time still runs, and its person may still withdraw it (arts. 42 and 59)."""
    with_superior(story)
    case = refused(story)
    made = appeal(story, case, recurso="subsidio")
    made.refresh_from_db()
    due_on = made.due_on
    endings.withdraw(case=made, reason="", by=story.people["Ana"], now=story.now)
    story.do(made, "law_appeal_study", resultado="rechaza", fundamento="No tiene razón.")
    write_and_sign(story, made, "law_appeal_draft", "law_appeal_sign", times=1)
    assert made.finished is None
    task = story.task(made, "law_hierarchical")
    assert task.role is not None
    assert task.role.code == "alcalde"
    assert made.due_on == due_on
    assert due_on is not None
    assert story.task(made, "law_withdrawal").status == "NEW"


def test_who_signed_the_act_does_not_decide_the_hierarchical_appeal_r66(story: Story) -> None:
    with_superior(story)
    case = refused(story)
    made = appeal(story, case, recurso="jerarquico")
    with pytest.raises(NotAllowed, match="otra persona"):
        story.claim(made, "law_hierarchical", "Fabián")


def test_there_is_no_hierarchical_appeal_where_the_law_bars_it_r66(story: Story) -> None:
    case = refused(story)
    draft = appealing.begin(
        case=case, act_id=act_of(case).pk, start_id="law_appeal", by=story.people["Ana"], now=story.now
    )
    form = drafts.page_form(draft, 1)
    assert "Jerárquico" not in str(form)
    assert "Reposición" in str(form)


def test_a_clarification_may_be_asked_at_any_time_and_ends_with_a_signed_act(story: Story) -> None:
    case = refused(story)
    notify(story, case, "aviso_infundada")
    story.now += timedelta(days=90)
    draft = appealing.begin(
        case=case, act_id=act_of(case).pk, start_id="law_clarification", by=story.people["Ana"], now=story.now
    )
    story.fill(draft)
    made = filing.start(draft=draft, by=story.people["Ana"], signature=story.signature(draft), now=story.now)
    story.do(made, "law_clarification_study", aclara=True, fundamento="Donde dice 10 debe decir 12.")
    write_and_sign(story, made, "law_clarification_draft", "law_clarification_sign")
    assert made.outcome == "upheld"
