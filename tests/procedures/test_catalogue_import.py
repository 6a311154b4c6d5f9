"""Fichas come from files that were not made for us: read what can be read, say the rest row by row, lose nothing."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from accounts.models import Agency
from audit.models import Event
from procedures.api import (
    AlreadyApplied,
    RowReport,
    UnreadableCatalogue,
    apply_import,
    entry_for,
    preview,
    search,
    send_catalogue,
)
from procedures.catalogue.reading import read_rows
from procedures.models import CatalogueEntry, CatalogueImport, Online
from tests.procedures.test_publishing import make_agency, publish_certificate

pytestmark = pytest.mark.django_db
EXAMPLES = Path(__file__).parents[2] / "examples" / "catalogue"
NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


def load(content: str | bytes, **options: object) -> list[RowReport]:
    data = content.encode() if isinstance(content, str) else content
    sent = send_catalogue(name="fichas.csv", content=data, by=None, now=NOW)
    return apply_import(sent=sent, by=None, now=NOW, **options)  # type: ignore[arg-type]


def test_the_real_uneven_list_enters_whole_and_loses_nothing() -> None:
    content = (EXAMPLES / "procedures.csv").read_bytes()
    reports = load(content)
    assert [report.outcome for report in reports] == ["new"] * 60
    licence = CatalogueEntry.objects.get(name="Hoja de vida del conductor")
    assert licence.yearly_volume == 804_326
    assert licence.remarks["volume"].startswith("804,326 in-person requests")
    for row in read_rows(content):
        entry = CatalogueEntry.objects.get(name=row.texts["name"], source=row.texts["source"][:300])
        kept = " ".join(str(getattr(entry, field.name)) for field in CatalogueEntry._meta.concrete_fields)
        for heading in ("note", "cost", "decision_deadline", "description"):
            assert row.texts.get(heading, "")[:60].replace("'", "") in kept.replace("\\'", "").replace("'", "")


def test_each_row_says_what_of_it_was_not_read() -> None:
    reports = {report.name: report for report in load((EXAMPLES / "procedures.csv").read_bytes())}
    paper = reports["Certificado de situación militar al día"]
    assert paper.problems == ["«digital_level»: se esperaba un nivel de 0 a 5."]
    assert reports["Licitación Pública (API sample)"].problems == ["No dice de qué institución es."]


def test_the_demonstrations_fichas_are_those_of_the_real_list() -> None:
    real, ours = (
        read_rows((EXAMPLES / "procedures.csv").read_bytes()),
        read_rows((EXAMPLES / "fichas.csv").read_bytes()),
    )
    assert [row.texts["fila"] for row in ours] == [str(number) for number in range(len(real))]
    assert [row.texts["fuente"] for row in ours] == [row.texts["source"] for row in real]
    assert [report for report in load((EXAMPLES / "fichas.csv").read_bytes()) if report.outcome != "new"] == []


CPAT = """Código CPAT;Órgano;Nombre del procedimiento;Marco normativo;Nivel de digitalización;Transacciones anuales
PA-ABC00001-00002;Servicio de Prueba;Inscripción de prueba;Ley 1, art. 2;Nivel 3;1.234
"""
CHILEATIENDE = {
    "fichas": {
        "items": [
            {
                "id": 55,
                "titulo": "Certificado de prueba",
                "servicio": "Servicio de Prueba",
                "objetivo": "Acredita una prueba.",
                "beneficiarios": "Todas las personas.",
                "doc_requeridos": ["Cédula", "Comprobante"],
                "costo": "Gratis",
                "plazo": "2 días",
                "marco_legal": "Ley 1",
                "guia_online_url": "https://prueba.example/tramite",
            }
        ]
    }
}


def test_columns_as_the_register_of_procedures_names_them() -> None:
    load(CPAT.encode("cp1252"))
    entry = CatalogueEntry.objects.get()
    assert (entry.cpat_code, entry.level, entry.yearly_volume) == ("PA-ABC00001-00002", 3, 1234)
    assert entry.institution.name == "Servicio de Prueba"


def test_columns_as_the_states_guide_for_people_names_them() -> None:
    load(json.dumps(CHILEATIENDE))
    entry = CatalogueEntry.objects.get()
    assert entry.requirements == ["Cédula", "Comprobante"]
    assert (entry.online, entry.external_url) == (Online.ELSEWHERE, "https://prueba.example/tramite")


def test_the_same_row_again_changes_the_ficha_instead_of_repeating_it() -> None:
    first = "nombre,institucion,costo,plazo\nPermiso,Muni,Gratis,3 días\n"
    assert load(first)[0].outcome == "new"
    assert load(first)[0].outcome == "same"
    assert load("nombre,institucion,costo\nPermiso,Muni,$ 100\n")[0].outcome == "changed"
    entry = CatalogueEntry.objects.get()
    assert (entry.cost, entry.response) == ("$ 100", "3 días"), "what a file leaves empty stays"


def test_what_a_ficha_no_longer_says_no_longer_finds_it() -> None:
    load("codigo,nombre,institucion\nuno,Permiso de antes,Muni\n")
    load("codigo,nombre,institucion\nuno,Certificado nuevo,Muni\n")
    assert search("permiso").total == 0
    assert search("certificado").total == 1


def test_looking_first_writes_nothing() -> None:
    sent = send_catalogue(name="f.csv", content=b"nombre,institucion\nPermiso,Muni\n,Muni\n", by=None, now=NOW)
    assert [report.outcome for report in preview(sent)] == ["new", "refused"]
    assert not CatalogueEntry.objects.exists()
    assert not Event.objects.filter(stream="catalogue").exists()


def test_a_file_is_applied_once_and_its_report_stays() -> None:
    sent = send_catalogue(name="f.csv", content=b"nombre,institucion\nPermiso,Muni\n", by=None, now=NOW)
    apply_import(sent=sent, by=None, now=NOW)
    with pytest.raises(AlreadyApplied):
        apply_import(sent=sent, by=None, now=NOW)
    assert CatalogueImport.objects.get().report[0]["outcome"] == "new"
    assert Event.objects.filter(stream="catalogue").count() == 1


def test_a_row_without_name_stays_out_and_says_what_to_do() -> None:
    (report,) = load("nombre,institucion\n,Muni\n")
    assert report.outcome == "refused"
    assert "Falta el nombre" in report.problems[0]


def test_nobody_rewrites_the_fichas_of_another_agency() -> None:
    mine = make_agency()
    other = Agency.objects.create(code="muni-otra", name="Municipalidad Otra", commune="16301")
    rows = "nombre,institucion\nPermiso,Municipalidad Otra\nPermiso,Municipalidad de Ejemplo\nPermiso,Un Servicio\n"
    assert [report.outcome for report in load(rows, agencies=[mine])] == ["refused", "new", "new"]
    assert entry_for(other.code, "permiso") is None
    assert entry_for(mine.code, "permiso") is not None


def test_a_published_procedure_keeps_the_words_of_its_bundle() -> None:
    offering = publish_certificate(make_agency())
    code = offering.version.procedure.code
    rows = f"codigo,nombre,institucion,volumen\n{code},Otro nombre,Municipalidad de Ejemplo,700\n"
    (report,) = load(rows.replace(code, code))
    entry = entry_for("muni-ejemplo", code)
    assert entry is not None
    assert (entry.name, entry.yearly_volume, entry.online) == (offering.version.title, 700, Online.HERE)
    assert "se cambia en el diseño" in " ".join(report.problems)


def test_publishing_puts_the_ficha_in_the_catalogue() -> None:
    offering = publish_certificate(make_agency())
    found = search("patente vigente").entries[0]
    assert (found.procedure, found.online) == (offering.version.procedure, Online.HERE)


@pytest.mark.parametrize(
    "content",
    [b"", b"nombre\n", b'{"a": 1, "b": 2}', b"[1, 2]", b'[{"nombre": }]', b'nombre,costo\n"sin cerrar\n'],
)
def test_a_file_that_cannot_be_read_says_why_in_one_sentence(content: bytes) -> None:
    with pytest.raises(UnreadableCatalogue) as caught:
        load(content)
    assert str(caught.value).endswith(".")


def test_a_file_without_a_column_of_names_is_refused_whole_and_says_which_it_has() -> None:
    with pytest.raises(UnreadableCatalogue, match=r"Ninguna columna dice cómo se llama.*«foo», «bar».*Llama «nombre»"):
        load(b"foo,bar\n1,2\n3,4\n")


def test_a_spreadsheet_that_was_not_saved_as_text_is_told_apart() -> None:
    with pytest.raises(UnreadableCatalogue, match="guárdala como CSV"):
        load(b"PK\x03\x04\x14\x00\x06\x00")
    (report,) = load("nombre\tinstitución\nPermiso de año nuevo\tÑuñoa\n".encode("utf-16"))
    assert (report.outcome, report.name, report.institution) == ("new", "Permiso de año nuevo", "Ñuñoa")


def test_a_row_that_repeats_another_of_the_file_says_which_one_stays() -> None:
    reports = load(b"nombre,institucion,costo\nPermiso,Muni,Gratis\nOtro,Muni,\nPermiso,Muni,$ 5.000\n")
    assert [report.problems for report in reports] == [
        [],
        [],
        ["Repite la ficha de la línea 2: queda lo que dice esta."],
    ]
    assert CatalogueEntry.objects.get(code="permiso").cost == "$ 5.000"


def test_a_comma_inside_a_text_without_quotes_is_told() -> None:
    (report,) = load(b"nombre,institucion,descripcion\nPermiso,Muni,sirve, dicen, para todo\n")
    assert report.problems == ["Tiene más celdas que títulos: quizás una coma dentro de un texto sin comillas."]


def test_hostile_rows_are_only_text() -> None:
    rows = [
        {"nombre": "=HYPERLINK(1)", "institucion": "<script>", "url": "javascript:alert(1)", "volumen": "9" * 30},
        {"nombre": "x" * 5000, "institucion": "y" * 5000, "nivel": "-1", "en linea": "quizás"},
        {"nombre": "🙂", "institucion": "🙂"},
    ]
    reports = load(json.dumps(rows))
    assert [report.outcome for report in reports] == ["new", "new", "refused"]
    assert set(CatalogueEntry.objects.values_list("external_url", flat=True)) == {""}


def test_the_command_previews_loads_and_refreshes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "f.csv"
    path.write_text("nombre,institucion,nivel\nPermiso,Muni,alto\n")
    call_command("catalogue", "import", str(path), "--preview")
    assert not CatalogueImport.objects.exists()
    call_command("catalogue", "import", str(path))
    assert "línea 2 (nueva) Permiso: «nivel»" in capsys.readouterr().out
    call_command("catalogue", "refresh")
    assert search("permiso").total == 1
    with pytest.raises(CommandError, match="No se puede leer"):
        call_command("catalogue", "import", str(tmp_path / "no.csv"))


def test_a_code_where_the_institutions_name_should_be_is_for_staff_and_tells_institutions_apart() -> None:
    rows = (
        "Patente,Municipalidad con código de portal MU185",
        "Audiencia,Municipalidad con código de portal MU185 (DIDECO)",
        "Patente,Municipalidad con código de portal MU017",
        "Diploma,Universidad estatal (código UNI00002)",
        "Permiso,Municipalidad de Pelluhue",
    )
    reports = load("\n".join(["nombre,institución", *rows]))
    assert [report.outcome for report in reports] == ["new"] * 5
    entries = CatalogueEntry.objects.select_related("institution").order_by("pk")
    names = [entry.institution.name for entry in entries]
    assert names[0] == names[1] == names[2] == "Municipalidad (la fuente no dice cuál)"
    assert names[3:] == ["Universidad estatal (la fuente no dice cuál)", "Municipalidad de Pelluhue"]
    assert [entry.institution.code for entry in entries][2:4] == ["municipalidad-mu017", "universidad-estatal-uni00002"]
    assert entries[0].institution != entries[2].institution
    assert entries[0].remarks == {"institución": "Municipalidad con código de portal MU185"}
    assert "MU185" in reports[0].problems[0]
    assert not reports[4].problems
