"""What cannot be digitised stands in the electronic file by reference: why, where, who has it, and where it went."""

from __future__ import annotations

import io
import json
from datetime import timedelta
from typing import Any
from zipfile import ZipFile

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.test import Client

from accounts.api import run_of
from documents.api import close_file, document_metadata, items_of, physical_things
from documents.models import Document, FileItem, PhysicalEntry
from notifications.models import Notice
from tests.story import Story
from tests.workflows.desk import Visitor, at, text_of
from workflows.commands import counter
from workflows.commands import physical as commands
from workflows.commands.correspondence import CaseEnded
from workflows.commands.physical import Handing, Undigitised
from workflows.errors import CommandRefused, NotAllowed
from workflows.models import Case, Channel

pytestmark = pytest.mark.django_db
MODEL = Undigitised("Maqueta de madera de 60 por 40 cm", "nature", "Es un objeto: una foto no muestra su interior.")
PLACE = "Bodega de Rentas, estante 4"


def handing(story: Story, place: str = PLACE, days: int = 0) -> Handing:
    return Handing("Ana Pérez", "Beto Bravo", story.now.date() + timedelta(days=days), place)


def received(story: Story, case: Case, thing: Undigitised = MODEL) -> PhysicalEntry:
    return commands.receive(case=case, thing=thing, handing=handing(story), by=story.people["Beto"], now=story.now)


def form(**changes: Any) -> dict[str, Any]:
    return {
        "what": MODEL.what,
        "cause": "nature",
        "reason": MODEL.reason,
        "resolution": "",
        "place": PLACE,
        "handed_by": "Ana Pérez",
        "received_by": "Beto Bravo",
        "day": "04/03/2026",
        **changes,
    }


def test_an_official_records_it_and_it_takes_its_place_in_the_file_r51(
    story: Story, case: Case, visitor: Visitor
) -> None:
    before = case.file.items.count()
    done = visitor("Beto").post(at("desk_measure", case.ref, "recibir-fisico"), form())
    assert done.status_code == 302
    entry = PhysicalEntry.objects.get()
    assert (entry.kind, entry.place, entry.handed_by, entry.received_by) == (
        "received", PLACE, "Ana Pérez", "Beto Bravo",
    )  # fmt: skip
    item = list(items_of(case.file))[-1]
    assert (item.seq, item.document) == (before + 1, entry.document)
    assert (item.origin, item.entered_by, item.direction) == ("physical", str(story.people["Beto"]), "in")
    assert entry.document.kind == Document.Kind.REFERENCE
    for said in (MODEL.what, MODEL.reason, PLACE, "DS 4 de 2020, art. 14"):
        assert said in str(entry.document.content)
    page = text_of(visitor("Beto").get(at("desk_case", case.ref) + "?ver=expediente"))
    assert "expediente híbrido" in page
    for said in (MODEL.what, f"{PLACE}, desde el 04/03/2026", "lo recibió Beto Bravo", "entrega física"):
        assert said in page
    ana = text_of(visitor("Ana").get(at("case", case.ref)))
    assert f"{PLACE}, desde el 04/03/2026" in ana
    assert Notice.objects.filter(person=story.people["Ana"], body__contains=PLACE).exists()
    history = text_of(visitor("Beto").get(at("desk_case", case.ref) + "?ver=historial"))
    assert f"Algo que no se puede digitalizar (N° {before + 1} del expediente): se recibió" in history


def test_a_file_without_any_says_so_r51(story: Story, case: Case, visitor: Visitor) -> None:
    page = text_of(visitor("Beto").get(at("desk_case", case.ref) + "?ver=expediente"))
    assert "Nada: todo lo de este expediente está digitalizado." in page
    assert "Lo que no se puede digitalizar" not in text_of(visitor("Ana").get(at("case", case.ref)))
    assert visitor("Beto").get(at("desk_measure", case.ref, "mover-fisico")).status_code == 404


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"reason": ""}, "Escribe por qué no se puede digitalizar"),
        ({"place": " "}, "Escribe dónde queda guardado"),
        ({"cause": "lazy"}, "lazy"),
        ({"cause": "quantity"}, "Escribe qué resolución fija ese límite"),
        ({"day": "05/03/2026"}, "La fecha no puede ser posterior a hoy"),
    ],
    ids=["no reason", "no place", "a fourth cause", "a quantity without its resolution", "a day to come"],
)
def test_without_reason_place_or_one_of_three_causes_it_is_refused_r51(
    story: Story, case: Case, visitor: Visitor, changes: dict[str, str], said: str
) -> None:
    page = visitor("Beto").post(at("desk_measure", case.ref, "recibir-fisico"), form(**changes))
    assert page.status_code in (409, 422)
    assert said in text_of(page)
    assert "Error:" in page.content.decode()
    assert not PhysicalEntry.objects.exists()


def test_the_command_and_the_tables_refuse_the_same_as_the_form_r51(story: Story, case: Case) -> None:
    by = story.people["Beto"]
    for thing, where, error in (
        (MODEL, "", commands.PlaceMissing),
        (Undigitised(MODEL.what, "nature", " "), PLACE, commands.ReasonMissing),
        (Undigitised("9 cajas", "quantity", "Son 9.000 hojas"), PLACE, commands.ResolutionMissing),
    ):
        with pytest.raises(error):
            commands.receive(case=case, thing=thing, handing=handing(story, where), by=by, now=story.now)
    with pytest.raises(NotAllowed):
        commands.receive(case=case, thing=MODEL, handing=handing(story), by=story.people["Hugo"], now=story.now)
    entry = received(story, case)
    with pytest.raises(IntegrityError), transaction.atomic():
        PhysicalEntry.objects.create(
            document=case.file.documents.earliest("pk"), kind="received", what="x", cause="nature"
        )
    for change in (lambda: PhysicalEntry.objects.update(place="Otra"), entry.delete):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            change()


def test_a_quantity_names_the_resolution_that_sets_the_limit_r51(story: Story, case: Case) -> None:
    boxes = Undigitised("9 cajas", "quantity", "Son 9.000 hojas", "Resolución exenta N° 120 de 2026")
    assert received(story, case, boxes).resolution == "Resolución exenta N° 120 de 2026"
    assert "Resolución exenta N° 120 de 2026" in str(Document.objects.get(kind="reference").content)


def test_moving_and_giving_it_back_are_new_entries_and_nothing_is_changed_r51(story: Story, case: Case) -> None:
    """R3 too."""
    first, by = received(story, case), story.people["Beto"]
    digest = first.document.content_sha256
    said: dict[str, Any] = {"case": case, "first_id": first.pk, "by": by, "now": story.now}
    commands.move(handing=handing(story, "Archivo central"), reason="Se revisó.", **said)
    (thing,) = physical_things(case.file)
    assert (thing.now.place, thing.origin.place) == ("Archivo central", PLACE)
    with pytest.raises(CommandRefused, match="no puede ser anterior al 04/03/2026"):
        commands.move(handing=handing(story, "Ayer", days=-1), reason="Antes.", **said)
    commands.give_back(handing=handing(story, ""), reason="Terminó la revisión.", **said)
    (thing,) = physical_things(case.file)
    assert [entry.kind for entry in thing.entries] == ["received", "moved", "returned"]
    assert [entry.document.item.seq for entry in thing.entries] == list(
        range(first.document.item.seq, first.document.item.seq + 3)
    )
    with pytest.raises(commands.NotHere):
        commands.move(handing=handing(story), reason="Otra vez.", **said)
    first.refresh_from_db()
    assert (first.place, first.document.content_sha256) == (PLACE, digest)


def test_its_place_is_still_stated_after_the_case_ended_and_nothing_new_comes_in_r51(story: Story, case: Case) -> None:
    first, by = received(story, case), story.people["Beto"]
    close_file(file_id=case.file_id, now=story.now)
    case.finished = story.now
    case.save(update_fields=["finished"])
    with pytest.raises(CaseEnded):
        received(story, case)
    with pytest.raises(CaseEnded):
        commands.announce(case=case, thing=MODEL, by=story.people["Ana"], now=story.now)
    commands.move(
        case=case, first_id=first.pk, handing=handing(story, "Archivo"), reason="Se archivó.", by=by, now=story.now
    )
    assert FileItem.objects.filter(file=case.file).latest("seq").document.physical.place == "Archivo"


def test_the_index_the_copies_and_the_metadata_carry_it_r51(story: Story, case: Case, visitor: Visitor) -> None:
    """R54, R62."""
    entry = received(story, case)
    data = document_metadata(entry.document)
    assert (data["MGDDE5_1"], data["MGDDE5_3"], data["MGDDE5_5"]) == (3, 1, PLACE)
    story.work()
    for who, page in (("Ana", "download_all"), ("Beto", "desk_download_all")):
        archive = ZipFile(io.BytesIO(visitor(who).get(at(page, case.ref)).content))
        (item,) = [one for one in json.loads(archive.read("indice.json"))["items"] if "physical" in one]
        assert item["physical"]["place"] == item["metadata"]["MGDDE5_5"] == PLACE
        assert (item["physical"]["what"], item["physical"]["cause"]) == (MODEL.what, "nature")
        assert f"Está en: {PLACE}" in archive.read("indice.html").decode()


def test_a_person_announces_it_and_the_official_receives_what_was_announced_r51(
    story: Story, case: Case, visitor: Visitor
) -> None:
    story.claim(case, "admision", "Beto")
    page = at("measure", case.ref, "anunciar-fisico")
    assert visitor("Ana").post(page, {"what": "", "cause": "nature", "reason": ""}).status_code == 422
    given = {"what": MODEL.what, "cause": "nature", "reason": MODEL.reason}
    assert visitor("Ana").post(page, given).status_code == 302
    announced = PhysicalEntry.objects.get()
    assert (announced.kind, announced.place, announced.happened_on) == ("announced", "", None)
    assert announced.document.item.entered_by == str(story.people["Ana"])
    assert "Todavía no se recibe" in text_of(visitor("Ana").get(at("case", case.ref)))
    assert Notice.objects.filter(person=story.people["Beto"], subject__contains=case.number).exists()
    receive = at("desk_measure", case.ref, "recibir-fisico")
    assert MODEL.what in text_of(visitor("Beto").get(receive))
    assert visitor("Beto").post(receive, form(announced="otra", what="")).status_code == 422
    assert visitor("Beto").post(receive, form(announced=str(announced.pk), what="")).status_code == 302
    (thing,) = physical_things(case.file)
    assert [entry.kind for entry in thing.entries] == ["announced", "received"]
    assert thing.now.what == MODEL.what
    with pytest.raises(commands.AlreadyReceived):
        commands.receive(
            case=case, thing=MODEL, handing=handing(story), announced_id=announced.pk,
            by=story.people["Beto"], now=story.now,
        )  # fmt: skip


def attended(story: Story, run: str, channel: str = Channel.COUNTER) -> Any:
    proof = {"identity": "card", "document_number": "A123.456.789", "given_names": "", "family_names": ""}
    found = counter.attend(run=run, **proof, by=story.people["Julia"], on=story.now.date(), now=story.now)
    found.channel = channel
    found.save(update_fields=["channel"])
    return found


def at_counter(story: Story, case: Case, attendance: Any, client: Client) -> Any:
    return client.post(at("counter_receive", attendance.pk, case.ref), form(received_by="Julia Lagos"))


def test_the_counter_writes_nobodys_name_whose_identity_is_reserved_r41(
    story: Story, case: Case, visitor: Visitor
) -> None:
    """Every interested person reads who handed a thing in."""
    case.parties.update(is_reserved=True)
    attendance, julia = attended(story, run_of(story.people["Ana"])), visitor("Julia")
    page = julia.get(at("counter_receive", attendance.pk, case.ref)).content.decode()
    assert 'value="Persona con identidad reservada"' in page


def test_the_counter_receives_it_for_whom_it_attends_and_for_nobody_else_r51(
    story: Story, case: Case, visitor: Visitor
) -> None:
    attendance, julia = attended(story, run_of(story.people["Ana"])), visitor("Julia")
    assert case.number in text_of(julia.get(at("counter_attendance", attendance.pk)))
    assert "quién lo entregó" in text_of(julia.get(at("counter_receive", attendance.pk, case.ref))).lower()
    assert at_counter(story, case, attendance, julia).status_code == 302
    assert PhysicalEntry.objects.get().document.item.entered_by == str(story.people["Julia"])
    other = attended(story, run_of(story.people["Bruno"]))
    assert at_counter(story, case, other, julia).status_code == 404
    called = attended(story, run_of(story.people["Ana"]), Channel.PHONE)
    assert at_counter(story, case, called, julia).status_code == 404
    with pytest.raises(NotAllowed):
        commands.receive(
            case=case, thing=MODEL, handing=handing(story), attendance=other, by=story.people["Julia"], now=story.now
        )
    counter.end(attendance=attendance, now=story.now)
    assert at_counter(story, case, attendance, julia).status_code == 404
    assert PhysicalEntry.objects.count() == 1
