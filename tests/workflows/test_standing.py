"""Who may end by silence, and who may appeal, for whom and until when (Ley 19.880 arts. 21, 22, 59, 64, 65)."""

import io
import json
import zipfile
from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from accounts.models import Mandate, Organisation, Person
from documents.api import items_of
from documents.models import Document
from notifications.models import Notice
from signatures.models import EvidenceRecord
from tests.story import Story
from tests.workflows.desk import Visitor, at, text_of
from tests.workflows.refusals import act_of, appeal, notify, refused
from tests.workflows.test_law_blocks import days_later, read
from workflows import appealing
from workflows.access import correctable_by
from workflows.commands import filing, powers, silence
from workflows.errors import NotAllowed, PowerEnded
from workflows.models import Case, CaseParty, Deadline, Draft
from workflows.queries import missing_notifications
from workflows.runtime import Run
from workflows.texts import CaseData

pytestmark = pytest.mark.django_db
CERTIFY, COMPLAIN = "certificado-de-silencio", "denunciar-plazo"


def joined(story: Story, case: Case, who: str = "Bruno", **values: object) -> CaseParty:
    """Somebody else with part in the case."""
    given = {"kind": "affected", "person": story.people[who], "joined_at": story.now, **values}
    return CaseParty.objects.create(case=case, agency=case.agency, **given)


def post(story: Story, visitor: Visitor, who: str, url: str) -> int:
    """The answer to a measure asked for at the story's hour."""
    with time_machine.travel(story.now, tick=False):
        return int(visitor(who).post(url, {"reason": "No deciden"}).status_code)


def test_nobody_ends_the_application_of_another_by_asking_for_the_certificate_r20(
    story: Story, visitor: Visitor
) -> None:
    """A neighbour would turn it into a refusal (art. 65)."""
    case = story.file("ocupacion_espacio_publico")
    joined(story, case)
    days_later(story, 60)
    page = read(story, visitor, "Bruno", at("case", case.ref))
    assert "Lo pide quien presentó la solicitud. Con él, la solicitud se entiende rechazada" in page
    assert "tu solicitud" not in page[page.index("Ya se puede pedir") :][:300]
    assert at("measure", case.ref, CERTIFY) not in visitor("Bruno").get(at("case", case.ref)).content.decode()
    assert post(story, visitor, "Bruno", at("measure", case.ref, CERTIFY)) == 404
    with pytest.raises(NotAllowed, match="Solo puede pedirlo quien presentó"):
        silence.certify(case=case, by=story.people["Bruno"], now=story.now)
    assert not case.task_set.filter(step_id__startswith="law_silence").exists()
    assert post(story, visitor, "Ana", at("measure", case.ref, CERTIFY)) == 302
    page = read(story, visitor, "Bruno", at("case", case.ref))
    assert "Se pidió el certificado de que no decidieron a tiempo" in page


def test_who_represents_the_applicant_asks_for_the_certificate_r20(story: Story) -> None:
    case = story.file("ocupacion_espacio_publico")
    case.parties.update(representative=story.people["María"])
    days_later(story, 60)
    silence.certify(case=case, by=story.people["María"], now=story.now)
    assert case.task_set.filter(step_id__startswith="law_silence").exists()


def test_another_interested_person_complains_and_who_only_informed_does_not_r19(
    story: Story, case: Case, visitor: Visitor
) -> None:
    joined(story, case)
    joined(story, case, "Grace", kind="informer")
    days_later(story, 130)
    told = read(story, visitor, "Grace", at("case", case.ref))
    assert "pero no quien solo denunció un hecho (Ley 19.880, arts. 21 y 64)" in told
    assert post(story, visitor, "Grace", at("measure", case.ref, COMPLAIN)) == 404
    with pytest.raises(NotAllowed, match="no quien solo denunció"):
        silence.complain(case=case, reason="x", by=story.people["Grace"], now=story.now)
    told = read(story, visitor, "Bruno", at("case", case.ref))
    assert "quien presentó la solicitud puede pedir un certificado, y la solicitud se entiende aceptada" in told
    assert post(story, visitor, "Bruno", at("measure", case.ref, COMPLAIN)) == 302
    told = read(story, visitor, "Bruno", at("case", case.ref))
    assert "desde el día siguiente quien presentó la solicitud puede pedir el certificado" in told
    told = read(story, visitor, "Ana", at("case", case.ref))
    assert "Se denunció que no decidieron a tiempo" in told
    assert "desde el día siguiente puedes pedir aquí el certificado, y tu solicitud se entiende aceptada" in told


def empowered(story: Story, grantor: Person | Organisation, who: str = "Bruno", **values: object) -> Mandate:
    """A power given today."""
    name = "grantor_organisation" if isinstance(grantor, Organisation) else "grantor_person"
    given = {name: grantor, "representative": story.people[who], "starts_on": story.now.date(), **values}
    return Mandate.objects.create(**given)


def company_of(story: Story, case: Case) -> Organisation:
    """The application is a company's, filed by Bruno with its power."""
    company = Organisation.objects.create(rut="76000000-6", name="Almacenes del Sur SpA")
    empowered(story, company)
    case.parties.update(person=None, organisation=company, representative=story.people["Bruno"])
    return company


def whose(case: Case) -> list[tuple[str, str, str]]:
    """Every interested person, as what, and who acts for them."""
    rows = case.parties.order_by("pk")
    return [(str(one.kind), str(one.organisation or one.person), str(one.representative or "")) for one in rows]


def written_in(case: Case) -> str:
    """All that the file of a case says, in its index, its documents and what they carry for machines."""
    return "".join(
        f"{item.entered_by} {item.document.title} {json.dumps(item.document.content, ensure_ascii=False)}"
        for item in items_of(case.file)
    )


class TestWhoKeepsTheirIdentityBack:
    def test_appeals_without_being_named_r41(self, story: Story, visitor: Visitor) -> None:
        case = refused(story)
        joined(story, case, is_reserved=True)
        made = appeal(story, case, who="Bruno")
        story.work()
        assert made.parties.get(kind="applicant").is_reserved
        assert "Presentada por" in written_in(made)
        for known in ("Bruno", "42.222.222", "42222222"):
            assert known not in written_in(made)
        assert EvidenceRecord.objects.filter(subject=f"case:{made.ref}").exists(), "the proof of the signature is kept"
        assert "Bruno" not in text_of(visitor("Ana").get(at("case", made.ref)))
        for view in ("solicitud", "expediente", "historial"):
            assert "Bruno" not in text_of(visitor("Beto").get(at("desk_case", made.ref), {"ver": view}))
        receipt = Document.objects.get(file=made.file, kind="receipt")
        assert visitor("Ana").get(at("document", made.ref, receipt.pk)).status_code == 200

    def test_answers_a_correction_without_being_named_r41(self, story: Story) -> None:
        case = story.file("patente_comercial", "Bruno")
        before = {item.pk for item in items_of(case.file)}
        CaseParty.objects.filter(case=case).update(kind="affected", is_reserved=True)
        story.do(case, "admision", observe={"direccion": "Falta"}, resultado="observar", observaciones="Corrige.")
        story.now += timedelta(hours=1)
        story.correct(case, "Bruno", direccion="Los Aromos 455")
        new = [item for item in items_of(case.file) if item.pk not in before]
        assert "Respuesta a la corrección" in {item.document.title for item in new}
        for item in new:
            said = {key: value for key, value in item.document.content.items() if key != "blocks"}
            assert "Bruno" not in f"{item.entered_by} {json.dumps(said, ensure_ascii=False)}", item.document.title

    def test_what_they_answer_is_read_by_nobody_who_could_name_them_by_it_r41(
        self, story: Story, visitor: Visitor
    ) -> None:
        """As it stands, what changed, the correction as a document, the copy, why, and what acts quote of it."""
        case = story.file("patente_comercial", "Ana")
        joined(story, case, kind="applicant", is_reserved=True)
        story.do(case, "admision", observe={"direccion": "Falta"}, resultado="observar", observaciones="Corrige.")
        story.now += timedelta(hours=1)
        before = {item.pk for item in items_of(case.file)}
        told = {"direccion": "Pasaje Reservado 77", "correo": "bruno.oculto@correo.example"}
        story.correct(case, "Bruno", **told)
        story.work()
        (answer,) = [item.document for item in items_of(case.file) if item.pk not in before and item.direction == "in"]
        own = Document.objects.filter(file=case.file, kind="application").earliest("pk")
        ana, bruno = visitor("Ana"), visitor("Bruno")
        for view in ("presentada", "actual", "cambios"):
            page = text_of(ana.get(at("answers", case.ref), {"ver": view}))
            assert not any(said in page for said in told.values()), view
        page = text_of(ana.get(at("answers", case.ref), {"ver": "actual"}))
        assert "Dato de una persona con identidad reservada" in page
        assert "Ana María Pérez Soto" in page, "what she answered herself stays open"
        assert ana.get(at("document", case.ref, answer.pk)).status_code == 404
        assert ana.get(at("document", case.ref, own.pk)).status_code == 200
        assert not has_part(ana, case, answer)
        assert has_part(bruno, case, answer)
        assert ana.get(at("why", case.ref)).status_code == 200
        said = CaseData(Run(case=case, now=story.now, by=None))
        assert "(reservado)" in said["inicio.correo"]
        for who in (bruno, visitor("Beto")):
            where = at("answers", case.ref) if who is bruno else at("desk_case", case.ref)
            asked = {"ver": "actual"} if who is bruno else {"ver": "solicitud"}
            assert told["correo"] in text_of(who.get(where, asked))
        assert bruno.get(at("document", case.ref, answer.pk)).status_code == 200

    def test_nobody_else_is_shown_their_answers_to_correct_them_r41(self, story: Story) -> None:
        case = story.file("patente_comercial", "Ana")
        assert correctable_by(story.people["Ana"]).filter(pk=case.pk).exists()
        joined(story, case, kind="applicant", is_reserved=True)
        assert correctable_by(story.people["Ana"]).filter(pk=case.pk).exists(), "they answered nothing yet"
        story.do(case, "admision", observe={"direccion": "Falta"}, resultado="observar", observaciones="Corrige.")
        story.now += timedelta(hours=1)
        story.correct(case, "Bruno", direccion="Pasaje Reservado 77")
        assert not correctable_by(story.people["Ana"]).filter(pk=case.pk).exists()
        assert correctable_by(story.people["Bruno"]).filter(pk=case.pk).exists()


def has_part(client: Client, case: Case, document: Document) -> bool:
    """Whether the copy of the file that somebody downloads holds a document."""
    with zipfile.ZipFile(io.BytesIO(client.get(at("download_all", case.ref)).content)) as copy:
        parts = json.loads(copy.read("indice.json"))["parts"]
        return next(one["name"] for one in parts if one["seq"] == document.item.seq) in copy.namelist()


def test_who_only_informed_neither_appeals_nor_hears_of_an_appeal_r67(story: Story, visitor: Visitor) -> None:
    """Art. 21: to inform of something makes nobody an interested person."""
    case = refused(story)
    joined(story, case, "Grace", kind="informer", is_reserved=True)
    made = appeal(story, case)
    assert whose(made) == [("applicant", "Ana María Pérez Soto", "")]
    assert not Deadline.objects.filter(case=made, kind=Deadline.Kind.ANSWER).exists()
    assert list(appealing.acts_of(case, story.people["Grace"])) == []
    page = visitor("Grace").get(at("case", case.ref)).content.decode()
    for slug in ("recurrir", "aclarar"):
        assert at("measure", case.ref, slug) not in page
        assert visitor("Grace").get(at("measure", case.ref, slug)).status_code == 404
    with pytest.raises(NotAllowed, match="Quien denuncia un hecho no lo es por eso"):
        appeal(story, case, who="Grace")


class TestWhoActsForAnother:
    def test_a_company_is_no_opponent_of_its_own_appeal_r67(self, story: Story) -> None:
        case = refused(story)
        company_of(story, case)
        made = appeal(story, case, who="Bruno")
        assert whose(made) == [("applicant", "Almacenes del Sur SpA", "Bruno Díaz Riquelme")]
        assert not Deadline.objects.filter(case=made, kind=Deadline.Kind.ANSWER).exists()
        assert not Notice.objects.filter(case_ref=made.ref, subject__startswith="Se presentó un recurso").exists()

    def test_whom_an_official_noted_appeals_for_them_and_not_in_their_own_name_r43(self, story: Story) -> None:
        case = refused(story)
        case.parties.update(representative=story.people["María"])
        made = appeal(story, case, who="María")
        assert whose(made) == [("applicant", "Ana María Pérez Soto", "María Carmen Del Río González")]

    def test_who_lost_the_power_appeals_for_nobody_r43(self, story: Story) -> None:
        case = refused(story)
        company = company_of(story, case)
        company.mandates.update(revoked_at=story.now)
        with pytest.raises((PowerEnded, NotAllowed)):
            appeal(story, case, who="Bruno")
        assert not Case.objects.filter(original=case).exists()

    def test_who_has_no_part_any_more_does_not_file_what_they_began_r43(self, story: Story) -> None:
        case, maria = refused(story), story.people["María"]
        case.parties.update(representative=maria)
        begun = appealing.begin(case=case, act_id=act_of(case).pk, start_id="law_appeal", by=maria, now=story.now)
        story.fill(begun, recurso="reposicion")
        case.parties.update(representative=None)
        with pytest.raises(NotAllowed):
            filing.start(draft=begun, by=maria, signature=story.signature(begun), now=story.now)

    def test_and_is_interested_too_keeps_an_appeal_and_a_time_of_their_own_r66(
        self, story: Story, visitor: Visitor
    ) -> None:
        case, ana, bruno = refused(story), story.people["Ana"], story.people["Bruno"]
        empowered(story, ana)
        case.parties.update(representative=bruno)
        joined(story, case)
        notify(story, case, "aviso_infundada", "Ana")
        untils = {entry.party.person: entry.until for entry in appealing.acts_of(case, bruno)}
        assert untils[bruno] is None, "nobody told him for himself"
        assert untils[ana] is not None
        appeal(story, case, who="Ana")
        with time_machine.travel(story.now, tick=False):
            page = visitor("Bruno").get(at("measure", case.ref, "recurrir")).content.decode()
        assert "por ti" in page
        assert "en representación de" not in page, "only his own is left"
        made = appeal(story, case, who="Bruno")
        assert whose(made)[0] == ("applicant", "Bruno Díaz Riquelme", "")

    def test_two_chooses_for_whom_and_appeals_for_each_r66(self, story: Story, visitor: Visitor) -> None:
        case, bruno = refused(story), story.people["Bruno"]
        for name in ("Ana", "Grace"):
            empowered(story, story.people[name])
        case.parties.update(representative=bruno)
        joined(story, case, "Grace", representative=bruno)
        way = at("measure", case.ref, "recurrir")
        with time_machine.travel(story.now, tick=False):
            page = visitor("Bruno").get(way)
            assert "en representación de Ana María Pérez Soto" in text_of(page)
            assert "en representación de Grace" in text_of(page)
            chosen = f"{act_of(case).pk}.{case.parties.get(person=story.people['Grace']).pk}"
            assert visitor("Bruno").post(way, {"act": chosen}).status_code == 302
        begun = Draft.objects.get(original=case)
        assert begun.applicant == story.people["Grace"]
        story.fill(begun, recurso="reposicion")
        made = filing.start(draft=begun, by=bruno, signature=story.signature(begun), now=story.now)
        assert [row[0] for row in whose(made)] == ["applicant", "affected"]
        assert made.parties.get(kind="applicant").person == story.people["Grace"]
        assert appeal(story, case, who="Bruno").parties.get(kind="applicant").person == story.people["Ana"]

    def test_nobody_appeals_for_whom_they_do_not_represent_r43(self, story: Story) -> None:
        case = refused(story)
        other = joined(story, case)
        with pytest.raises(NotAllowed):
            appealing.begin(
                case=case,
                act_id=act_of(case).pk,
                start_id="law_appeal",
                by=story.people["Ana"],
                now=story.now,
                party_id=other.pk,
            )

    def test_the_time_that_ran_with_them_ran_though_the_power_was_taken_back_r66(
        self, story: Story, visitor: Visitor
    ) -> None:
        case, ana, bruno = refused(story), story.people["Ana"], story.people["Bruno"]
        power = empowered(story, ana)
        case.parties.update(representative=bruno)
        notify(story, case, "aviso_infundada", "Bruno")
        until = next(appealing.acts_of(case, ana)).until
        days_later(story, 40)
        with time_machine.travel(story.now, tick=False):
            powers.revoke(mandate_id=power.pk, by=ana, on=story.now.date(), now=story.now)
            story.work()
        assert case.parties.get().representative is None
        assert until is not None
        assert next(appealing.acts_of(case, ana)).until == until
        assert "venció el" in read(story, visitor, "Ana", at("case", case.ref))
        assert [one.step_id for one in missing_notifications(case)] == []
        with pytest.raises(appealing.NotAppealable, match="venció"):
            appeal(story, case)

    def test_what_they_are_told_once_the_power_ended_reaches_nobody_else_r66(self, story: Story) -> None:
        case, ana, bruno = refused(story), story.people["Ana"], story.people["Bruno"]
        power = empowered(story, ana)
        case.parties.update(representative=bruno)
        joined(story, case)
        powers.revoke(mandate_id=power.pk, by=ana, on=story.now.date(), now=story.now)
        story.work()
        story.now += timedelta(hours=1)
        notify(story, case, "aviso_infundada", "Bruno")
        assert next(appealing.acts_of(case, ana)).until is None
        assert [one.people for one in missing_notifications(case)] == [(ana,)]


def test_to_ask_for_a_clarification_takes_no_appeal_away_r66(story: Story) -> None:
    """Arts. 59 and 62 are two ways."""
    case, ana = refused(story), story.people["Ana"]
    draft = appealing.begin(case=case, act_id=act_of(case).pk, start_id="law_clarification", by=ana, now=story.now)
    story.fill(draft)
    filing.start(draft=draft, by=ana, signature=story.signature(draft), now=story.now)
    assert not appealing.pending(case).exists()
    appealed = appeal(story, case)
    assert appealed.original == case
    assert appealing.pending(case).get() == appealed
