"""The time to decide: what ends it, what stops it, and who is told that it passed (arts. 24 to 27 and 64 to 66)."""

from dataclasses import replace
from typing import Any

import pytest
import time_machine
from django.utils.formats import date_format

from documents.models import Document
from notifications.api import Notified
from notifications.models import Notice
from tests.story import Story
from tests.workflows.desk import Visitor, at, republish
from tests.workflows.refusals import act_of, notify, permit_decided, write_and_sign
from tests.workflows.test_law_blocks import PATENTE, TO_CORRECT, days_later, read
from workflows import appealing, formalities
from workflows.commands import clocks, correspondence, endings, parties, silence
from workflows.commands.notification import record_notification
from workflows.errors import CommandRefused
from workflows.models import Case, Deadline, Exemption

pytestmark = pytest.mark.django_db
NEIGHBOUR = parties.NewParty(
    kind="affected", given_names="Bruno", family_names="Díaz", run="42.222.222-7", email="bruno@correo.example"
)


@pytest.fixture
def permitted(story: Story) -> Case:
    """A permit that was granted, signed and notified; the case waits for the activity to be over."""
    case = permit_decided(story)
    write_and_sign(story, case, "redaccion_permiso", "firma_permiso", times=1)
    assert set(case.task_set.filter(finished=None).values_list("step_id", flat=True)) == {"actividad"}
    return case


def test_no_silence_follows_what_was_decided_in_time_r20(story: Story, permitted: Case, visitor: Visitor) -> None:
    """The case goes on to carry the permit out; its legal time passes meanwhile, and means nothing any more."""
    days_later(story, 60)
    page = read(story, visitor, "Ana", at("case", permitted.ref))
    assert "Tu solicitud ya se resolvió" in page
    for lie in ("no decidieron", "Vamos atrasados", "debe responder a más tardar"):
        assert lie not in page
    with pytest.raises(CommandRefused):
        silence.certify(case=permitted, by=story.people["Ana"], now=story.now)
    assert "Resuelta: falta cumplir la decisión" in read(story, visitor, "Fabián", at("desk_case", permitted.ref))


def test_who_was_told_of_the_decision_reads_until_when_to_appeal_while_it_is_carried_out_r66(
    story: Story, permitted: Case, visitor: Visitor
) -> None:
    before = read(story, visitor, "Ana", at("case", permitted.ref))
    assert "Ya te notificaron la decisión" not in before
    act = act_of(permitted)
    carla = story.people["Carla"]
    for one in formalities.own(permitted, carla, story.now.date()):
        done: dict[str, Any] = {"formality_id": one.pk, "done_on": story.now.date(), "evidence": "Sitio web"}
        parties.complete_formality(case=permitted, by=carla, now=story.now, **done)
    told = Notified(story.people["Ana"], "office", story.now, "")
    record_notification(case=permitted, step_id="aviso_permiso", notified=told, by=carla, now=story.now)
    page = read(story, visitor, "Ana", at("case", permitted.ref))
    box = page[page.index("Ya te notificaron la decisión") : page.index("Qué pasa ahora")]
    until = next(appealing.acts_of(permitted, story.people["Ana"])).until
    assert until is not None
    assert f"puedes presentar un recurso hasta el {date_format(until, 'DATE_FORMAT')}" in box
    assert "Presentar un recurso" in box
    assert f"Leer: {act.title}" in box
    days_later(story, 60)
    late = read(story, visitor, "Ana", at("case", permitted.ref))
    assert "El plazo para presentar un recurso venció el" in late[: late.index("Qué pasa ahora")]


def test_who_was_answered_has_nothing_to_withdraw_r18(story: Story, permitted: Case, visitor: Visitor) -> None:
    assert visitor("Ana").get(at("measure", permitted.ref, "desistirme")).status_code != 200
    for leave in (endings.withdraw, endings.waive):
        with pytest.raises(CommandRefused):
            leave(case=permitted, reason="Ya no", by=story.people["Ana"], now=story.now)


def test_no_silence_while_the_time_to_decide_is_suspended_r20(story: Story, visitor: Visitor) -> None:
    case = story.file("ocupacion_espacio_publico")
    days_later(story, 10)
    term = case.deadlines.get(kind=Deadline.Kind.TERM)
    carla = story.people["Carla"]
    clocks.suspend(case=case, deadline_id=term.pk, cause="fuerza_mayor", reason="Terremoto", by=carla, now=story.now)
    days_later(story, 40)
    page = read(story, visitor, "Ana", at("case", case.ref))
    assert "no corre desde el" in page
    assert "no decidieron" not in page
    with pytest.raises(CommandRefused):
        silence.certify(case=case, by=story.people["Ana"], now=story.now)
    clocks.resume(case=case, deadline_id=term.pk, reason="Terminó", by=carla, now=story.now)
    days_later(story, 11)
    assert "Ya puedes pedir el certificado" in read(story, visitor, "Ana", at("case", case.ref))


def test_who_writes_the_certificate_is_told_that_the_person_asked_for_it_r20(story: Story, visitor: Visitor) -> None:
    """A negative silence needs no complaint, so nothing else tells the officials that somebody waits (art. 65)."""
    case = story.file("ocupacion_espacio_publico")
    days_later(story, 40)
    silence.certify(case=case, by=story.people["Ana"], now=story.now)
    told = Notice.objects.get(person=story.people["Carla"], case_ref=case.ref, subject__startswith="Redacta el cert")
    assert "sin más trámite" in told.body
    page = read(story, visitor, "Carla", at("desk_case", case.ref))
    assert "La persona pidió el certificado de silencio" in page
    assert "la solicitud se entiende rechazada (Ley 19.880, art. 65)" in page


def test_where_a_special_law_rules_silence_the_person_reads_which_r20(story: Story, visitor: Visitor) -> None:
    """Whoever is not answered goes to the Council for Transparency (Ley 20.285 art. 24), not to the municipality."""
    case = story.file("acceso_informacion")
    days_later(story, 40)
    page = read(story, visitor, "Ana", at("case", case.ref))
    assert "Ley N° 20.285, artículo 24, que permite reclamar ante el Consejo para la Transparencia" in page


@pytest.mark.parametrize("code", ["ayuda_social", "permiso_feria_libre"])
def test_who_was_not_answered_asks_for_the_certificate_of_a_negative_silence_r20(
    story: Story, visitor: Visitor, code: str
) -> None:
    case = story.file(code)
    days_later(story, 40)
    assert "Ya puedes pedir el certificado" in read(story, visitor, "Ana", at("case", case.ref))
    silence.certify(case=case, by=story.people["Ana"], now=story.now)
    write_and_sign(story, case, "law_silence_draft", "law_silence_sign", times=1)
    assert case.outcome == "deemed_no"


def test_an_exemption_that_nobody_decided_is_granted_by_silence_r20_r47(story: Story) -> None:
    case = story.file("excepcion_medios_electronicos")
    ana = story.people["Ana"]
    days_later(story, 5)
    silence.complain(case=case, reason="No responden", by=ana, now=story.now)
    days_later(story, 6)
    silence.certify(case=case, by=ana, now=story.now)
    write_and_sign(story, case, "law_silence_draft", "law_silence_sign", times=1)
    assert case.outcome == "deemed_yes"
    assert Exemption.objects.get(case=case).state == Exemption.State.GRANTED


def test_who_is_interested_reads_why_the_case_may_end_before_it_is_resolved_r16(story: Story, visitor: Visitor) -> None:
    """Arts. 10 and 40: they may answer the cause; nobody learns of it from the act that ends the case."""
    case = story.file(rol_sii="1-1")
    endings.declare_impossible(case=case, reason="El local se demolió.", by=story.people["Beto"], now=story.now)
    page = read(story, visitor, "Ana", at("case", case.ref))
    assert "Causa que se indicó: El local se demolió. Se resuelve con un acto fundado" in page
    informer = replace(NEIGHBOUR, kind="informer")
    parties.add_party(case=case, party=informer, by=story.people["Beto"], now=story.now)
    assert "demolió" not in read(story, visitor, "Bruno", at("case", case.ref)), "who only informed is no party (21)"
    told = Notice.objects.get(person=story.people["Ana"], subject__startswith="Se estudia si termina")
    assert "demolió" not in told.body, "the cause stays behind the sign-in"


def test_who_resolves_the_abandonment_reads_that_the_person_acted_meanwhile_r17(story: Story, visitor: Visitor) -> None:
    republish(story, PATENTE.read_text().replace(TO_CORRECT, TO_CORRECT.replace("amount: 5", "amount: 60")))
    patient = story.file(rol_sii="1-1")
    story.do(patient, "admision", resultado="observar", observaciones="Corrige.")
    notify(story, patient, "correccion")
    days_later(story, 31)
    endings.warn_of_abandonment(case=patient, by=story.people["Beto"], now=story.now)
    notify(story, patient, "law_abandonment_warning")
    days_later(story, 8)
    story.work()
    step = at("desk_step", patient.ref, story.claim(patient, "law_abandonment").pk)
    assert "La persona ya actuó" not in read(story, visitor, "Elena", step)
    days_later(story, 1)
    parties.add_party(case=patient, party=NEIGHBOUR, by=story.people["Beto"], now=story.now)
    correspondence.write_to_agency(
        case=patient, text="Soy su vecino.", uploads=[], by=story.people["Bruno"], now=story.now
    )
    assert "La persona ya actuó" not in read(story, visitor, "Elena", step), "somebody else wrote"
    story.correct(patient, rol_sii="2-2")
    assert "La persona ya actuó" in read(story, visitor, "Elena", step)
    assert story.task(patient, "admision").status == "NEW", "the case goes on with what was corrected"


def test_who_complains_owes_no_reason_and_reads_that_the_step_is_late_r19(story: Story, visitor: Visitor) -> None:
    case, page = story.file(rol_sii="1-1"), ""
    days_later(story, 130)
    page = read(story, visitor, "Ana", at("case", case.ref))
    assert "Debía terminarlo el 09/03/2026" in page
    assert "hasta el 09/03/2026" not in page
    with time_machine.travel(story.now, tick=False):
        assert visitor("Ana").post(at("measure", case.ref, "denunciar-plazo"), {"reason": ""}).status_code == 302
    writing = Document.objects.get(file=case.file, title="Denuncia de incumplimiento de plazo")
    assert "no se decidió dentro del plazo legal" in str(writing.content)
