"""`manage.py procedures`, as a person at a terminal meets it."""

import json
from io import StringIO
from pathlib import Path
from xml.etree import ElementTree

import pytest
from django.core.management import CommandError, call_command

from accounts.models import Agency, Role, Unit
from procedures.models import Offering

EXAMPLES = Path(__file__).parents[2] / "examples"
LICENCE, CERTIFICATE = EXAMPLES / "patente_comercial.yaml", EXAMPLES / "certificado_patente_vigente.yaml"


def run(*arguments: object) -> str:
    out = StringIO()
    call_command("procedures", *map(str, arguments), stdout=out)
    return out.getvalue()


def make_agency() -> Agency:
    return Agency.objects.create(code="muni-ejemplo", name="Municipalidad de Ejemplo", commune="16301")


def test_checking_sound_files_says_they_can_be_published() -> None:
    assert f"{LICENCE}: se puede publicar." in run("check", LICENCE, CERTIFICATE)


def test_checking_a_faulty_file_says_line_fault_and_remedy(tmp_path: Path) -> None:
    faulty = tmp_path / "faulty.yaml"
    faulty.write_text(CERTIFICATE.read_text().replace("goto: sello_vigente", "goto: sello_vijente"))
    out = StringIO()
    with pytest.raises(CommandError, match="por corregir: 1") as caught:
        call_command("procedures", "check", str(faulty), stdout=out)
    assert caught.value.returncode == 1
    line = next(line for line in out.getvalue().splitlines() if ": error:" in line)
    assert line.startswith(f"{faulty}:1")
    assert "¿quiso decir 'sello_vigente'?" in line
    assert "→ Escriba 'sello_vigente'." in line


def test_a_file_that_is_not_there_is_said() -> None:
    with pytest.raises(CommandError, match="No se puede leer"):
        run("check", "nada.yaml")


@pytest.mark.django_db
def test_publishing_offers_the_procedure() -> None:
    agency = make_agency()
    said = run("publish", CERTIFICATE, "--agency", agency.code, "--from", "2026-03-02", "--note", "Primera")
    offering = Offering.objects.get()
    assert offering.version.note == "Primera"
    assert said == (
        "Municipalidad de Ejemplo: «Certificado de patente vigente», versión 1, se ofrece desde el 02/03/2026.\n"
    )


@pytest.mark.django_db
def test_publishing_binds_slots_to_roles() -> None:
    agency = make_agency()
    role = Role.objects.create(unit=Unit.objects.create(agency=agency, code="u", name="U"), code="r", name="R")
    slots = ("revision", "obras", "salud", "jefatura", "alcaldia", "secretaria_municipal")
    binds = [argument for slot in slots for argument in ("--bind", f"{slot}=u/r")]
    run("publish", LICENCE, "--agency", agency.code, *binds)
    assert {binding.role for binding in Offering.objects.get().role_bindings.all()} == {role}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--agency", "nadie"], "No hay una institución"),
        (["--agency", "muni-ejemplo", "--bind", "salud=u/x"], "no hay esa función"),
        (["--agency", "muni-ejemplo"], "Falta decir"),
    ],
)
def test_publishing_says_what_is_missing(arguments: list[str], words: str) -> None:
    make_agency()
    with pytest.raises(CommandError, match=words):
        run("publish", LICENCE, *arguments)


@pytest.mark.django_db
def test_a_diagram_is_drawn_from_a_file_or_from_what_is_on_offer() -> None:
    agency = make_agency()
    run("publish", CERTIFICATE, "--agency", agency.code)
    assert ElementTree.fromstring(run("diagram", LICENCE)).tag.endswith("svg")
    assert run("diagram", "certificado_patente_vigente") == run("diagram", CERTIFICATE)
    with pytest.raises(CommandError, match="no se ofrece"):
        run("diagram", "otro_tramite")


def test_the_schema_is_json() -> None:
    assert json.loads(run("schema"))["title"] == "Bundle"


def test_the_reference_page_is_markdown() -> None:
    assert run("reference").startswith("# Cómo se escribe un trámite")
