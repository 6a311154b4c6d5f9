"""Interested persons who come in later, third parties who oppose, and what follows a signature (R18, R23, R25)."""

import io
import json
import zipfile
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.models import Person
from documents.api import items_of
from documents.models import Document
from notifications.api import Notified
from notifications.models import Notice
from procedures.schema import Formality
from tests.story import PDF, Story
from tests.workflows.desk import Visitor, at, republish, text_of
from workflows.commands import correspondence, parties, physical, separation
from workflows.commands.notification import record_notification
from workflows.errors import CommandRefused, NotAllowed
from workflows.models import Case, CaseParty, Deadline
from workflows.presenting.inbox import case_url
from workflows.queries import missing_notifications
from workflows.runtime import Run
from workflows.separation import superiors
from workflows.texts import CaseData

pytestmark = pytest.mark.django_db
BRUNO = {"given_names": "Bruno", "family_names": "Díaz", "run": "42.222.222-7", "email": "bruno@correo.example"}


def bring(story: Story, case: Case, who: str = "Beto", **values: object) -> CaseParty:
    made = parties.NewParty(**{"kind": "affected", **BRUNO, **values})  # type: ignore[arg-type]
    return parties.add_party(case=case, party=made, by=story.people[who], now=story.now)


def with_law(case: Case, monkeypatch: pytest.MonkeyPatch, **blocks: object) -> None:
    """The same procedure with other blocks switched on, as if published so."""
    bundle = case.flow_class.bundle
    changed = bundle.model_copy(update={"law": bundle.law.model_copy(update=blocks)})
    changed.__dict__.pop("blocks", None)
    monkeypatch.setattr(case.flow_class, "bundle", changed)


def test_an_interested_person_comes_in_at_any_time_with_role_address_and_representative_r23(
    story: Story, case: Case, visitor: Visitor
) -> None:
    story.do(case, "admision", resultado="admitir")
    made = bring(story, case, representative_run="44.444.444-4", reason="Vecino del local")
    assert (str(made.representative), made.email) == ("María Carmen Del Río González", "bruno@correo.example")
    assert visitor("María").get(at("case", case.ref)).status_code == 200
    page = text_of(visitor("Beto").get(at("desk_case", case.ref)))
    assert "2 personas interesadas" in page
    with pytest.raises(CommandRefused):
        bring(story, case)


def test_a_person_without_run_is_kept_by_another_document_r23(story: Story, case: Case) -> None:
    foreign = {"run": "", "document": "AB-123 456", "country": "PE", "given_names": "Rosa"}
    made = bring(story, case, **foreign)
    assert made.person is not None
    assert (made.person.run_index, made.person.document_country) == (None, "PE")
    assert b"AB123456" not in bytes(made.person.document_sealed or b"")
    before = Person.objects.count()
    bring(story, story.file(rol_sii="2-2"), **{**foreign, "document": "ab123456"})
    assert Person.objects.count() == before, "the same document is the same person"


def test_the_run_of_somebody_with_another_name_brings_nobody_in_r23(story: Story, case: Case) -> None:
    with pytest.raises(CommandRefused, match="otro nombre"):
        bring(story, case, given_names="Rosa", family_names="Soto")
    assert not case.parties.filter(person=story.people["Bruno"]).exists()
    bring(story, case, given_names="BRUNO", family_names="")
    assert case.parties.filter(person=story.people["Bruno"]).exists()


def test_who_changed_names_comes_in_once_an_official_says_that_it_is_them_r23(
    story: Story, case: Case, visitor: Visitor
) -> None:
    beto, place = visitor("Beto"), at("desk_measure", case.ref, "agregar-persona")
    asked = "Vi su documento: es la misma persona"
    sent = {**BRUNO, "given_names": "Rosa", "family_names": "Soto", "kind": "affected", "reason": "Vecina"}
    assert asked not in text_of(beto.get(place))
    refused = beto.post(place, sent)
    assert refused.status_code == 422
    assert asked in text_of(refused)
    assert "Bruno" not in text_of(refused), "who has a RUN is told to nobody who guesses it"
    assert beto.post(place, {**sent, "same_person": "on"}).status_code == 302
    assert case.parties.filter(person=story.people["Bruno"]).exists()
    assert "Confirmó que el RUN es de esa persona" in text_of(beto.get(case_url(case.ref, "historial")))


def test_a_reserved_identity_stands_in_no_page_nor_text(story: Story, case: Case, visitor: Visitor) -> None:
    bring(story, case, kind="informer", is_reserved=True)
    page = text_of(visitor("Beto").get(at("desk_case", case.ref)))
    assert "Persona con identidad reservada" in page
    assert "Bruno" not in page
    assert "bruno@correo.example" not in page
    assert CaseData(Run(case=case, now=story.now, by=None))["applicant.name"] == "Ana María Pérez Soto"


def test_what_somebody_with_reserved_identity_does_names_them_nowhere(
    story: Story, case: Case, visitor: Visitor
) -> None:
    """Nor who acts for them: not in the file, in messages, in the history or in who opened the case."""
    story.claim(case, "admision")
    made = bring(story, case, kind="informer", is_reserved=True, representative_run="44.444.444-4")
    bruno, maria, beto = story.people["Bruno"], story.people["María"], story.people["Beto"]
    scan = SimpleUploadedFile("foto.pdf", PDF)
    assert visitor("Bruno").get(at("case", case.ref)).status_code == 200
    correspondence.write_to_agency(case=case, text="Miren la foto.", uploads=[scan], by=bruno, now=story.now)
    correspondence.write_to_agency(case=case, text="Insisto.", uploads=[], by=maria, now=story.now)
    separation.challenge(case=case, official=beto.pk, reason="Es pariente.", by=bruno, now=story.now)
    box = physical.Undigitised(what="Una caja", cause="nature", reason="Es una caja.")
    physical.announce(case=case, thing=box, by=bruno, now=story.now)
    for item in items_of(case.file):
        said = f"{item.entered_by} {item.document.title} {json.dumps(item.document.content, ensure_ascii=False)}"
        assert not any(name in said for name in ("Bruno", "María Carmen")), item.document.title
    pages = [
        visitor("Ana").get(at("case", case.ref)),
        *(
            visitor("Beto").get(at("desk_case", case.ref), {"ver": view})
            for view in ("solicitud", "expediente", "historial", "mensajes", "plazos")
        ),
    ]
    for page in map(text_of, pages):
        assert "Bruno" not in page
        assert "María Carmen" not in page
    for who, way in (("Ana", "download_all"), ("Beto", "desk_download_all")):
        with zipfile.ZipFile(io.BytesIO(visitor(who).get(at(way, case.ref)).content)) as copy:
            written = [name for name in copy.namelist() if name.endswith((".json", ".xml", ".csv", ".txt", ".html"))]
            said = "".join(copy.read(name).decode() for name in written)
        assert "Ana María Pérez Soto" in said
        for name in ("Bruno", "María Carmen", "42222222", "42.222.222", "44444444", "44.444.444"):
            assert name not in said, f"{name} in the copy of {who}"
    assert "Miren la foto." in text_of(pages[0])
    assert str(made) in text_of(pages[0]), "they read that somebody wrote it"


def test_a_third_party_who_challenged_an_official_is_told_what_the_superior_decided_art_12(
    story: Story, case: Case
) -> None:
    story.claim(case, "admision")
    bring(story, case)
    beto, bruno = story.people["Beto"], story.people["Bruno"]
    asked = separation.challenge(case=case, official=beto.pk, reason="Es pariente.", by=bruno, now=story.now)
    superior = next(iter(superiors(case, beto, story.now.date())))
    decided: Any = {"challenge_id": asked.pk, "grants": False, "reason": "No lo es."}
    separation.decide_challenge(case=case, by=superior, now=story.now, **decided)
    assert Notice.objects.filter(person=bruno, body__contains="No lo es.").count() == 1


def test_what_may_be_left_blank_only_where_something_else_is_filled_in_is_not_called_optional(
    case: Case, visitor: Visitor
) -> None:
    url, beto = at("desk_measure", case.ref, "agregar-persona"), visitor("Beto")
    page = text_of(beto.get(url))
    for label in ("RUN", "N° de pasaporte o documento extranjero", "Correo electrónico", "Domicilio"):
        assert f"{label} (opcional)" not in page
    assert "RUN de quien la representa (opcional)" in page
    assert "Basta con el correo o el domicilio" in page
    refused = text_of(beto.post(url, {"given_names": "Bruno"}))
    assert "Escribe un correo o un domicilio donde notificarle" in refused


def test_only_officials_of_the_procedure_bring_people_in(story: Story, case: Case) -> None:
    with pytest.raises(NotAllowed):
        bring(story, case, who="Hugo")


def test_a_third_party_opposes_within_a_time_that_their_own_notification_starts(story: Story, visitor: Visitor) -> None:
    rule = "  opposition: {title: Oponerme, amount: 3, unit: business_days, source: 'Ley N° 20.285, artículo 20'}\n"
    text = Path("examples/patente_comercial.yaml").read_text()
    republish(story, text.replace("  suspensions:\n", f"{rule}  suspensions:\n", 1))
    case = story.file(rol_sii="1-1")
    bring(story, case, may_oppose=True)
    clock = Deadline.objects.get(case=case, kind=Deadline.Kind.OPPOSITION)
    assert clock.state == Deadline.State.WAITING
    told = Notified(story.people["Bruno"], "office", story.now, "")
    record_notification(case=case, step_id="law_hearing", notified=told, by=story.people["Beto"], now=story.now)
    clock.refresh_from_db()
    assert clock.due_on == date(2026, 3, 9)
    page = text_of(visitor("Bruno").get(at("case", case.ref)))
    assert "puedes oponerte hasta el 9 de marzo de 2026" in page
    assert "Solicitud enviada" not in page, "somebody else filed it"
    with pytest.raises(NotAllowed):
        parties.oppose(case=case, reason="No quiero", by=story.people["Ana"], now=story.now)
    desk = at("desk_case", case.ref)
    assert "Bruno Díaz Riquelme todavía puede oponerse" in text_of(visitor("Beto").get(desk)), "nobody resolves before"
    parties.oppose(case=case, reason="Afecta mis derechos", by=story.people["Bruno"], now=story.now)
    assert Document.objects.filter(file=case.file, title="Oposición de tercero", item__isnull=False).exists()
    clock.refresh_from_db()
    assert clock.state == Deadline.State.MET
    assert "Bruno Díaz Riquelme se opuso" in text_of(visitor("Beto").get(desk))
    story.work()
    written = Document.objects.get(file=case.file, title="Oposición de tercero", item__isnull=False)
    assert at("desk_document", case.ref, written.pk) in visitor("Beto").get(desk).content.decode()
    assert Notice.objects.filter(person=story.people["Beto"], subject__startswith="Se opusieron").exists()


def test_an_act_is_notified_only_once_what_follows_its_signature_is_done_r25(
    story: Story, case: Case, monkeypatch: pytest.MonkeyPatch, visitor: Visitor
) -> None:
    needed = Formality(
        id="registro", kind="registry", title="Registro en SIAPER", role="jefatura", source="Resolución 6 de 2019",
        documents=("decreto_infundada",),
    )  # fmt: skip
    with_law(case, monkeypatch, formalities=(needed,))
    story.do(case, "admision", resultado="rechazar", fundamento="Infundada.")
    story.finish_draft(case, "redaccion_rechazo_inicial")
    for _ in range(2):
        story.sign(case, "firma_infundada")
        story.work()
    assert missing_notifications(case) == []
    told = Notified(story.people["Ana"], "office", story.now, "")
    with pytest.raises(CommandRefused, match="SIAPER"):
        record_notification(case=case, step_id="aviso_infundada", notified=told, by=story.people["Beto"], now=story.now)
    item = case.formalities.get()
    way = at("desk_measure", case.ref, "tramite-posterior")
    seen = {who: visitor(who).get(at("desk_case", case.ref)) for who in ("Beto", "Elena")}
    assert f'<a href="{way}">Dejar constancia de que ya se hizo' in seen["Elena"].content.decode()
    assert f"Le corresponde a {item.role}." in text_of(seen["Beto"])
    assert "Dejar constancia de que ya se hizo" not in text_of(seen["Beto"])
    done = {"case": case, "formality_id": item.pk, "done_on": story.now.date(), "evidence": "N° 55", "now": story.now}
    with pytest.raises(NotAllowed):
        parties.complete_formality(by=story.people["Beto"], **done)  # type: ignore[arg-type]
    parties.complete_formality(by=story.people["Elena"], **done)  # type: ignore[arg-type]
    story.now += timedelta(hours=1)
    assert [missing.step_id for missing in missing_notifications(case)] == ["aviso_infundada"]
