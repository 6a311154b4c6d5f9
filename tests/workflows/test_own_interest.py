"""An official who is party to a case, or keeps out of it, does nothing in it as an official (Ley 19.880 art. 12)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.api import run_of
from accounts.models import Mandate, Membership, Organisation
from documents.models import PhysicalEntry
from notifications.api import Notified
from tests.story import PDF, Story
from tests.workflows.desk import Visitor, at, text_of
from tests.workflows.refusals import act_of, refused
from tests.workflows.test_incidents import look, open_kinds
from tests.workflows.test_joinders import FERIA, join, split
from tests.workflows.test_nobody_may import join_role
from workflows import appealing, measures
from workflows.bandeja import Bandeja
from workflows.commands import clocks, correspondence, counter, desk, incidents, paper_answers, physical
from workflows.commands.notification import record_notification
from workflows.commands.physical import Handing, Undigitised
from workflows.commands.separation import abstain
from workflows.errors import Abstained, IsParty, NotAllowed, ReceivesNothing
from workflows.measures import Situation
from workflows.models import Attendance, Case, CaseParty, Draft, Incident
from workflows.papers import OnPaper
from workflows.presenting.desk_case import case_context
from workflows.separation import able, decided_together, is_party, kept_out, superiors
from workflows.uploads import keep_paper

RUN_OF_BRUNO = "42.222.222-7"
pytestmark = pytest.mark.django_db


def interested(story: Story, case: Case, **who: Any) -> CaseParty:
    kind = CaseParty.Kind.AFFECTED
    return CaseParty.objects.create(case=case, agency=case.agency, kind=kind, joined_at=story.now, **who)


def offered(story: Story, case: Case, who: str) -> list[str]:
    return [one.slug for one in measures.offered("desk", Situation(case, story.people[who], story.now))]


def of_company(story: Story, case: Case, **power: Any) -> Mandate:
    """The applicant is a company for which Grace acts; Beto governs it, unless `power` says otherwise."""
    company = Organisation.objects.create(rut="76000000-6", name="Almacenes del Sur SpA")
    case.parties.update(person=None, organisation=company, representative=story.people["Grace"])
    fields = {"representative": story.people["Beto"], "governs": True, "starts_on": story.now.date(), **power}
    return Mandate.objects.create(grantor_organisation=company, **fields)


def test_an_official_does_nothing_at_the_desk_in_their_own_application_r41(story: Story, visitor: Visitor) -> None:
    case, beto = story.file(rol_sii="1-1", who="Beto"), visitor("Beto")
    assert offered(story, case, "Beto") == []
    assert "urgencia" in offered(story, case, "Fabián"), "others may still take it"
    for asked in (beto.get, beto.post):
        assert asked(at("desk_measure", case.ref, "urgencia"), {"reason": "Soy yo"}).status_code == 403
    with pytest.raises(IsParty):
        clocks.make_urgent(case=case, reason="Soy yo", by=story.people["Beto"], now=story.now)
    case.refresh_from_db()
    assert not case.is_urgent
    page = beto.get(at("desk_case", case.ref))
    assert page.status_code == 200
    assert "eres parte en ella" in text_of(page)
    assert at("case", case.ref) in page.content.decode()
    assert beto.get(at("case", case.ref)).status_code == 200, "as a person they read it as before"


def test_nobody_records_their_own_legal_notification_r32(story: Story) -> None:
    case = story.file("patente_comercial", "Beto")
    join_role(story, "Carla")
    carla, task = story.user("Carla"), story.task(case, "admision")
    desk.claim(task=task, by=carla, now=story.now)
    posted = story.posted(case, "admision", {"resultado": "observar", "observaciones": "Corrige."})
    answered = desk.Answered(data=posted, observations={"direccion": "Falta"})
    desk.complete(task=task, by=carla, answered=answered, now=story.now)
    told = Notified(story.people["Beto"], "office", story.now, "Vino a la oficina")
    with pytest.raises(IsParty):
        record_notification(case=case, step_id="correccion", notified=told, by=story.people["Beto"], now=story.now)
    record_notification(case=case, step_id="correccion", notified=told, by=story.people["Carla"], now=story.now)


def test_what_is_withheld_from_a_party_is_withheld_at_the_desk_too_r41(story: Story, visitor: Visitor) -> None:
    """D10 art. 37: also of who abstained besides, and also once the case ended."""
    case = story.file(rol_sii="1-1")
    interested(story, case, person=story.people["Beto"])
    said = correspondence.write_to_agency(
        case=case,
        text="Mi diagnóstico",
        uploads=[SimpleUploadedFile("d.pdf", PDF)],
        by=story.people["Ana"],
        now=story.now,
        is_private=True,
    )
    document = said.documents.get()
    story.work()
    beto = visitor("Beto")
    pages = [
        at("desk_document", case.ref, document.pk),
        at("desk_download_all", case.ref),
        at("desk_why", case.ref),
        at("desk_step", case.ref, story.task(case, "admision").pk),
    ]
    abstain(case=case, by=story.user("Beto"), reason="Soy vecino", now=story.now)
    assert kept_out(case, story.people["Beto"], story.now.date()) == "abstained"
    for _state in range(2):
        assert [beto.get(page).status_code for page in pages] == [403] * len(pages)
        for section in ("solicitud", "mensajes", "expediente", "historial"):
            assert "diagnóstico" not in text_of(beto.get(at("desk_case", case.ref), {"ver": section}))
        Case.objects.filter(pk=case.pk).update(finished=story.now, outcome=Case.Outcome.REJECTED)
    fabian = visitor("Fabián")
    assert "Mi diagnóstico" in text_of(fabian.get(at("desk_case", case.ref), {"ver": "mensajes"}))
    assert fabian.get(pages[0]).status_code == 200


def test_who_abstained_reads_and_does_nothing(story: Story, case: Case, visitor: Visitor) -> None:
    abstain(case=case, by=story.user("Beto"), reason="Es mi hermana", now=story.now)
    assert offered(story, case, "Beto") == []
    with pytest.raises(Abstained):
        clocks.make_urgent(case=case, reason="Apuro", by=story.people["Beto"], now=story.now)
    with pytest.raises(Abstained):
        correspondence.write_to_applicant(case=case, text="Hola", uploads=[], by=story.people["Beto"], now=story.now)
    beto = visitor("Beto")
    assert beto.post(at("desk_measure", case.ref, "urgencia"), {"reason": "Apuro"}).status_code == 404
    assert "te abstuviste" in text_of(beto.get(at("desk_case", case.ref)))
    context = case_context(case, story.people["Beto"], story.now.date(), "solicitud")
    assert (context["measures"], context["adding"], context["missing"]) == ([], [], [])


def test_a_party_of_a_joined_case_does_not_decide_for_both_r63(story: Story) -> None:
    """Ley 19.880 arts. 12 and 33."""
    older = story.file(FERIA, "Ana", productos=["verduras"])
    story.now += timedelta(hours=1)
    younger = story.file(FERIA, "Beto", productos=["verduras"])
    join_role(story, "Carla")
    beto, day = story.people["Beto"], story.now.date()
    with pytest.raises(IsParty):
        join(story, younger, older)
    assert not is_party(older, beto, day)
    join(story, younger, older, who="Carla")
    older.refresh_from_db()
    task = story.task(older, "examen")
    with pytest.raises(NotAllowed, match="Eres parte"):
        desk.claim(task=task, by=story.user("Beto"), now=story.now)
    assert task not in Bandeja(beto, day).next_tasks()
    assert task in Bandeja(story.people["Carla"], day).next_tasks()
    assert not able(day, older.pk).filter(person=beto).exists()
    assert beto not in superiors(older, story.people["Carla"], day)
    assert is_party(younger, story.people["Ana"], day), "and the other way round"


def test_who_is_party_in_one_joined_case_acts_in_none_of_those_joined_to_the_same_r63(story: Story) -> None:
    """Ley 19.880 arts. 12 and 33: one act decides them all."""
    oldest = story.file(FERIA, "Ana", productos=["verduras"])
    story.now += timedelta(hours=1)
    own, other = (story.file(FERIA, who, productos=["verduras"]) for who in ("Beto", "Bruno"))
    join_role(story, "Carla")
    beto, day = story.people["Beto"], story.now.date()
    assert not is_party(other, beto, day)
    for case in (own, other):
        join(story, case, oldest, who="Carla")
        case.refresh_from_db()
    assert is_party(other, beto, day)
    assert is_party(own, story.people["Bruno"], day), "and the other way round"
    assert not able(day, other.pk).filter(person=beto).exists()
    assert beto not in superiors(other, story.people["Carla"], day)
    assert decided_together([other.pk, oldest.pk]) == {one.pk: {oldest.pk, own.pk, other.pk} for one in (other, oldest)}
    with pytest.raises(IsParty):
        clocks.make_urgent(case=other, reason="Apuro", by=beto, now=story.now)
    clocks.make_urgent(case=other, reason="Apuro", by=story.people["Carla"], now=story.now)
    split(story, other, who="Carla")
    assert not is_party(other, beto, day)


class TestAtTheCounter:
    """Who attends receives nothing for a case in which they have a part (Ley 19.880 art. 12)."""

    def test_nothing_that_cannot_be_digitised_r51(self, story: Story, case: Case, visitor: Visitor) -> None:
        interested(story, case, person=story.people["Julia"])
        here, julia = attended(story, run_of(story.people["Ana"])), visitor("Julia")
        page = julia.get(at("counter_receive", here.pk, case.ref), follow=True)
        assert page.redirect_chain == [(at("counter_attendance", here.pk), 302)]
        assert "no puedes recibir nada para ella" in text_of(page)
        assert "Hoy nadie más atiende el mesón" in text_of(page)
        given = {"thing": Undigitised("Una maqueta", "nature", "No cabe"), "attendance": here}
        with pytest.raises(ReceivesNothing):
            received(story, case, by="Julia", **given)
        counters = Membership.objects.get(person=story.people["Julia"]).role
        Membership.objects.create(person=story.people["Carla"], role=counters, starts_on=story.now.date())
        with pytest.raises(ReceivesNothing, match=f"Puede recibirlo en el mesón: {story.people['Carla']}"):
            received(story, case, by="Julia", **given)
        CaseParty.objects.filter(person=story.people["Julia"]).delete()
        assert received(story, case, by="Julia", **given).pk

    def test_no_answer_to_a_correction_nor_a_paper_that_came_late_r2(self, story: Story, visitor: Visitor) -> None:
        case = story.file("patente_comercial", "Bruno")
        story.do(case, "admision", observe={"direccion": "Falta"}, resultado="observar", observaciones="Corrige.")
        story.now += timedelta(hours=2)
        typed = paper_answers.begin(
            attendance=attended(story, RUN_OF_BRUNO), case=case, by=story.people["Julia"], now=story.now
        )
        story.fill(typed, direccion="Los Aromos 455")
        party = interested(story, case, person=story.people["Julia"])
        with pytest.raises(ReceivesNothing):
            answered(story, typed)
        here, julia = attended(story, RUN_OF_BRUNO), visitor("Julia")
        for way in ("counter_correction", "counter_overlooked"):
            with time_machine.travel(story.now, tick=False):
                page = julia.get(at(way, here.pk, case.ref), follow=True)
            assert "no puedes recibir nada para ella" in text_of(page), way
        party.delete()
        answered(story, typed)

    def test_no_appeal_against_what_is_theirs_too_r67(self, story: Story) -> None:
        """Who is interested in the case is in the appeal too: it is filed with ClaveÚnica, or by another official."""
        case, ana, julia = refused(story), story.people["Ana"], story.people["Julia"]
        interested(story, case, person=julia)
        begun = appealing.begin(case=case, act_id=act_of(case).pk, start_id="law_appeal", by=ana, now=story.now)
        story.fill(begun, recurso="reposicion")
        here = attended(story, run_of(ana))
        draft = counter.take_up(draft=begun, attendance=here, by=julia, now=story.now)
        with pytest.raises(ReceivesNothing):
            counter.file_signed_on_paper(draft=draft, paper=scan(), by=julia, now=story.now)
        assert not Case.objects.filter(original=case).exists()
        case.parties.filter(person=julia).delete()
        draft.refresh_from_db()
        assert counter.file_signed_on_paper(draft=draft, paper=scan(), by=julia, now=story.now).original == case


def scan() -> SimpleUploadedFile:
    return SimpleUploadedFile("firma.pdf", PDF)


def attended(story: Story, run: str) -> Attendance:
    proof = {"identity": "card", "document_number": "A123.456.789", "given_names": "", "family_names": ""}
    return counter.attend(run=run, **proof, by=story.people["Julia"], on=story.now.date(), now=story.now)


def received(story: Story, case: Case, by: str, **given: Any) -> PhysicalEntry:
    handing = Handing("Ana", "Julia", story.now.date(), "Bodega 2")
    return physical.receive(case=case, handing=handing, by=story.people[by], now=story.now, **given)


def answered(story: Story, typed: Draft) -> None:
    paper = OnPaper(keep_paper(scan(), now=story.now), story.now)
    paper_answers.answer(draft=typed, paper=paper, by=story.people["Julia"], on=story.now.date(), now=story.now)


def test_an_older_case_of_a_joined_party_holds_nobody_back_r21(story: Story) -> None:
    """Ley 19.880 art. 7: what others must do does not stand before what one may do."""
    older = story.file(FERIA, "Ana", productos=["verduras"])
    story.now += timedelta(hours=1)
    younger = story.file(FERIA, "Beto", productos=["verduras"])
    join_role(story, "Carla")
    join(story, younger, older, who="Carla")
    last = story.file(FERIA, "Bruno", productos=["verduras"])
    desk.claim(task=story.task(last, "examen"), by=story.user("Beto"), now=story.now)


def test_who_governs_the_company_that_applies_is_party_to_it(story: Story, visitor: Visitor) -> None:
    """Ley 19.880 art. 12 N° 1; D10 35: as long as the power is in force."""
    case, beto, day = story.file("patente_comercial", "Bruno"), story.people["Beto"], story.now.date()
    power = of_company(story, case, governs=False)
    assert not is_party(case, beto, day), "a power to act in something else is no interest in this"
    for change, expected in (
        ({"governs": True}, True),
        ({"ends_on": day - timedelta(days=1), "starts_on": day - timedelta(days=9)}, False),
        ({"ends_on": None}, True),
        ({"revoked_at": story.now}, False),
        ({"revoked_at": None}, True),
    ):
        Mandate.objects.filter(pk=power.pk).update(**change)
        assert is_party(case, beto, day) is expected, change
        assert able(day, case.pk).filter(person=beto).exists() is not expected, change
    with pytest.raises(IsParty):
        desk.claim(task=story.task(case, "admision"), by=story.user("Beto"), now=story.now)
    page = text_of(visitor("Beto").get(at("desk_case", case.ref)))
    assert "eres parte en ella" in page
    assert "Almacenes" not in page


def test_a_case_whose_only_official_is_party_reaches_who_watches_over_the_agency(
    story: Story, visitor: Visitor
) -> None:
    case = story.file("patente_comercial", "Bruno")
    of_company(story, case)
    look(story)
    assert open_kinds(case) == [Incident.Kind.NO_RESPONSIBLE]
    incident = Incident.objects.get(case=case)
    with pytest.raises(NotAllowed):
        incidents.take(incident=incident, by=story.people["Beto"], now=story.now)
    assert visitor("Inés").get(at("incident", incident.pk)).status_code == 200
    incidents.take(incident=incident, by=story.people["Inés"], now=story.now)
    join_role(story, "Carla")
    look(story)
    assert open_kinds(case) == []


def test_who_becomes_party_while_holding_a_step_puts_it_back(story: Story, case: Case, visitor: Visitor) -> None:
    task = story.claim(case, "admision")
    interested(story, case, person=story.people["Beto"])
    beto = visitor("Beto")
    address = at("desk_release", case.ref, task.pk)
    assert address in beto.get(at("desk_case", case.ref)).content.decode()
    assert beto.post(address).status_code == 302
    task.refresh_from_db()
    assert task.owner is None
    assert beto.post(at("desk_claim", case.ref, task.pk)).status_code == 409
    assert address not in beto.get(at("desk_case", case.ref)).content.decode()


def test_who_only_informed_still_acts(story: Story, case: Case) -> None:
    row: dict[str, Any] = {"case": case, "agency": case.agency, "joined_at": story.now}
    CaseParty.objects.create(kind=CaseParty.Kind.INFORMER, person=story.people["Beto"], **row)
    assert "urgencia" in offered(story, case, "Beto")
