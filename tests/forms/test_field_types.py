"""Each type of question: what it accepts, stores, shows and says."""

import json
from contextlib import suppress
from datetime import date
from decimal import Decimal
from typing import Any, get_args

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from hypothesis import given
from hypothesis import strategies as st

from procedures.fields import KINDS, communes, display_value, json_schema, kind_of
from procedures.fields.files import format_of
from procedures.schema import Field, FieldType
from tests.forms.sample import EVERY_TYPE, STORED_BILL

PDF = b"%PDF-1.7\n%%EOF"


def question(kind: str, **keys: Any) -> Field:
    return Field.model_validate({"id": "dato", "type": kind, "label": "Dato", **keys})


def read(field: Field, typed: Any) -> Any:
    """What is stored when that was typed."""
    kind = kind_of(field)
    return kind.stored(kind.form_field(field).clean(typed))


def complaint(field: Field, typed: Any) -> str:
    with pytest.raises(ValidationError) as refused:
        read(field, typed)
    return refused.value.messages[0]


def test_every_type_of_the_schema_has_its_control_and_no_other_is_known() -> None:
    assert set(KINDS) == set(get_args(FieldType))


@pytest.mark.parametrize("typed", ["12.345.678-5", "12345678-5", "12 345 678 5", " 12345678-5 "])
def test_a_run_is_accepted_however_it_is_written(typed: str) -> None:
    """R22 of the house list: dots, spaces, hyphens."""
    assert read(question("run"), typed) == "12345678-5"


def test_a_text_that_may_be_long_is_read_whole_and_kept_on_one_line() -> None:
    """Check 6 of pages.md: the name of an act does not fit in the one line of a phone."""
    long = question("text", max_length=300)
    assert kind_of(long).form_field(long).widget.attrs["class"] == "textarea textarea-line"
    assert read(long, "Decreto que rechaza\r\n  la solicitud") == "Decreto que rechaza la solicitud"
    short = question("text", max_length=250)
    assert kind_of(short).form_field(short).widget.attrs["class"] == "input"


def test_a_run_may_end_in_a_small_k() -> None:
    assert read(question("run"), "1.000.005-k") == "1000005-K"


@pytest.mark.parametrize(
    ("typed", "stored"),
    [("12.500", 12500), ("$ 12.500", 12500), ("12500", 12500), ("1 000 000", 1_000_000), ("0", 0)],
)
def test_pesos_are_accepted_with_points_spaces_and_sign(typed: str, stored: int) -> None:
    assert read(question("money_clp"), typed) == stored


@pytest.mark.parametrize("typed", ["12,5", "12.50", "mil", "1.2.3", "١٢x", "9" * 40])
def test_pesos_with_cents_or_words_are_refused_with_an_example(typed: str) -> None:
    assert complaint(question("money_clp"), typed) == "Escribe «Dato» en pesos y sin centavos, por ejemplo 12.500"


@pytest.mark.parametrize(
    ("typed", "stored"), [("85,5", "85.5"), ("85.5", "85.5"), ("1.250,50", "1250.5"), ("100", "100"), ("0,10", "0.1")]
)
def test_decimals_take_comma_or_point(typed: str, stored: str) -> None:
    assert read(question("decimal"), typed) == stored


def test_a_decimal_that_may_be_read_in_two_ways_is_asked_again() -> None:
    assert "sin puntos" in complaint(question("decimal"), "1.250")


def test_limits_are_said_as_the_person_writes_numbers() -> None:
    assert complaint(question("integer", max=1500), "2.000") == "«Dato» debe ser 1.500 o menos"
    assert complaint(question("money_clp", min=1000), "1") == "«Dato» debe ser $ 1.000 o más"
    assert complaint(question("integer"), "-3") == "«Dato» debe ser 0 o más"
    assert read(question("integer", min=-5), "-3") == -3


@pytest.mark.parametrize("typed", [["21", "11", "2026"], ["21", "noviembre", "2026"], [" 21", "nov", "2026 "]])
def test_a_date_takes_the_month_by_number_or_name(typed: list[str]) -> None:
    assert read(question("date"), typed) == "2026-11-21"


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (["21", "", "2026"], "Agrega el mes a «Dato»"),
        (["21/11/26", "", ""], "Escribe el año de «Dato» con sus cuatro números, por ejemplo 2026"),
        (["31/2/2026", "", ""], "Revisa «Dato»: esa fecha no existe. Por ejemplo, 21 11 2026"),
        (["pronto", "", ""], "Agrega el mes y el año a «Dato»"),
        (["", "", "2026"], "Agrega el día y el mes a «Dato»"),
        (["30", "2", "2026"], "Revisa «Dato»: esa fecha no existe. Por ejemplo, 21 11 2026"),
        (["1", "1", "26"], "Escribe el año de «Dato» con sus cuatro números, por ejemplo 2026"),
        (["1", "1", "9" * 30], "Revisa «Dato»: esa fecha no existe. Por ejemplo, 21 11 2026"),
        (["", "", ""], "Completa «Dato»"),
    ],
)
def test_a_wrong_date_says_what_to_do(typed: list[str], said: str) -> None:
    assert complaint(question("date"), typed) == said


@pytest.mark.parametrize(
    "typed",
    ["21/11/2026", "21-11-2026", "21.11.2026", "2026-11-21", "21 de noviembre de 2026", "21 nov 2026", "21 Nov. 2026"],
)
def test_a_whole_date_may_be_written_or_pasted_in_the_first_box(typed: str) -> None:
    assert read(question("date"), [typed, "", ""]) == "2026-11-21"


def test_the_months_have_their_other_names() -> None:
    assert read(question("date"), ["5", "setiembre", "1990"]) == "1990-09-05"
    assert read(question("date"), ["5", "December", "1990"]) == "1990-12-05"


@pytest.mark.parametrize(
    ("typed", "stored"),
    [("8:30 am", "08:30"), ("8pm", "20:00"), ("8:30 p. m.", "20:30"), ("12 am", "00:00"), ("12:15 pm", "12:15"),
     ("8h30", "08:30"), ("08:30:00", "08:30"), ("15:30 hrs.", "15:30"), ("830", "08:30")],
)  # fmt: skip
def test_an_hour_may_be_written_as_people_do(typed: str, stored: str) -> None:
    assert read(question("time"), typed) == stored


def test_an_hour_that_does_not_exist_is_explained() -> None:
    assert complaint(question("time"), "25:00") == "Escribe «Dato» con hora y minutos, por ejemplo 15:30"
    assert complaint(question("time"), "3 y media") == "Escribe «Dato» con hora y minutos, por ejemplo 15:30"


@pytest.mark.parametrize(
    ("kind", "typed", "stored"),
    [
        ("money_clp", "$1.500.000.-", 1_500_000),
        ("money_clp", "1.500 pesos", 1_500),
        ("money_clp", "$ 1.500,00", 1_500),
        ("money_uf", "25,5 UF", "25.5"),
        ("money_utm", "1 utm", "1"),
        ("percentage", "12,5 por ciento", "12.5"),
    ],
)
def test_an_amount_may_carry_its_own_unit(kind: str, typed: str, stored: object) -> None:
    assert read(question(kind), typed) == stored


def test_a_measure_may_carry_the_unit_that_stands_beside_its_box() -> None:
    for typed in ("85,5 m2", "85,5 m²", "85,5m2", "85,5 M2"):
        assert read(question("decimal", unit="m²"), typed) == "85.5"
    assert "con coma para los decimales" in complaint(question("decimal", unit="m²"), "85,5 km")


def test_pesos_are_not_read_as_another_unit() -> None:
    assert "con números y coma para los decimales" in complaint(question("money_uf"), "$ 1.500.000")
    assert "en pesos y sin centavos" in complaint(question("money_clp"), "1.500.000,50")


def test_a_date_out_of_limits_names_the_limit_in_chilean_order() -> None:
    field = question("date", min="2026-01-01", max="2026-12-31")
    assert complaint(field, ["31", "12", "2025"]) == "«Dato» debe ser el 01/01/2026 o después"
    assert complaint(field, ["1", "1", "2027"]) == "«Dato» debe ser el 31/12/2026 o antes"


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("9 1234 5678", "+56912345678"),
        ("+56 9 1234 5678", "+56912345678"),
        ("(2) 2345-6789", "+56223456789"),
        ("56912345678", "+56912345678"),
        ("+1 415 555 2671", "+14155552671"),
    ],
)
def test_a_telephone_is_stored_with_its_country(typed: str, stored: str) -> None:
    assert read(question("phone"), typed) == stored


def test_a_short_telephone_is_asked_again() -> None:
    assert complaint(question("phone"), "1234").startswith("Escribe el teléfono con 9 números")


def test_an_email_loses_its_spaces_and_a_wrong_one_is_explained() -> None:
    assert read(question("email"), " Ana@Ejemplo.CL ") == "Ana@ejemplo.cl"
    assert complaint(question("email"), "ana.ejemplo.cl").startswith("Escribe un correo con su arroba")


def test_a_line_of_text_stays_one_line_and_accents_are_composed() -> None:
    assert read(question("text"), " Ana\r\nBcc:  Pe\u0301rez\x07 ") == "Ana Bcc: Pérez"


def test_a_long_text_keeps_its_lines() -> None:
    assert read(question("textarea"), "Uno\r\n\r\n\tDos\n") == "Uno\n\n Dos"


def test_an_overlong_number_or_address_is_explained_and_not_cut() -> None:
    assert "arroba" in complaint(question("email"), "a" * 300 + "@ejemplo.cl")
    assert "RUN" in complaint(question("run"), "1" * 500)
    assert "maxlength" not in str(kind_of(question("run")).form_field(question("run")).widget.attrs)


def test_a_text_past_its_length_says_how_long_it_may_be() -> None:
    assert complaint(question("text", max_length=5), "demasiado") == "Acorta «Dato» a 5 caracteres o menos: tiene 9"
    told_before = kind_of(question("textarea", max_length=300, hint="Con tus palabras.")).form_field
    assert told_before(question("textarea", max_length=300)).help_text == "Hasta 300 caracteres"
    both = told_before(question("textarea", max_length=300, hint="Con tus palabras.")).help_text
    assert both == "Con tus palabras. Hasta 300 caracteres"


def test_the_end_of_a_line_counts_as_one_character() -> None:
    assert read(question("textarea", max_length=5), "ab\r\ncd") == "ab\ncd"


def test_an_option_that_is_not_offered_is_refused() -> None:
    field = question("choice", options=[{"id": "si_claro", "label": "Claro"}])
    assert complaint(field, "otra_cosa") == "Elige una de las opciones que se muestran"


def test_a_commune_that_does_not_exist_is_refused() -> None:
    assert complaint(question("commune"), "99999") == "Elige una de las comunas de la lista"


def test_a_declaration_must_be_marked() -> None:
    assert complaint(question("declaration"), False) == "Marca la casilla para continuar: «Dato»"


@pytest.mark.parametrize(
    "spec", [spec for spec in EVERY_TYPE if spec["type"] not in {"group", "info", "section", "computed"}]
)
def test_a_missing_answer_says_what_to_do_and_never_blames(spec: dict[str, Any]) -> None:
    """Check 21 of pages.md: an imperative, without «inválido» or «requerido»."""
    field = Field.model_validate({**spec, "required": True, "visible_when": None})
    empty: Any = {"choices": [], "date": ["", "", ""], "declaration": False, "file": None}.get(field.type, "")
    said = complaint(field, empty)
    assert said.split()[0] in {"Completa", "Escribe", "Elige", "Marca", "Adjunta", "Da"}
    assert not {"inválido", "requerido", "obligatorio"} & set(said.lower().split())


def test_the_run_of_the_person_is_asked_in_plain_words() -> None:
    assert complaint(question("run", label="Tu RUN (RUT)"), "") == "Escribe tu RUN"
    assert complaint(question("run", label="RUN (RUT)"), "") == "Escribe el RUN"
    assert complaint(question("run", label="RUN del socio"), "") == "Completa «RUN del socio»"


NOT_ALONE = {"group", "info", "section", "computed", "file", "listed", "own_case"}
"""Types whose answer is no text that one control reads by itself: a list or the person's cases must be there."""


@pytest.mark.parametrize("spec", [spec for spec in EVERY_TYPE if spec["type"] not in NOT_ALONE])
def test_a_sample_sent_back_by_a_browser_is_stored_unchanged(spec: dict[str, Any]) -> None:
    field = Field.model_validate({**spec, "visible_when": None})
    kind = kind_of(field)
    control = kind.form_field(field)
    sent = {
        name: values if len(values) > 1 or field.type == "choices" else values[0]
        for name, values in kind.as_data("dato", kind.sample(field)).items()
    }
    from django.utils.datastructures import MultiValueDict

    data = MultiValueDict({name: value if isinstance(value, list) else [value] for name, value in sent.items()})
    raw = control.widget.value_from_datadict(data, MultiValueDict(), "dato")
    assert kind.stored(control.clean(raw)) == kind.sample(field)


@pytest.mark.parametrize("spec", EVERY_TYPE)
def test_every_type_gives_a_json_schema_that_is_json(spec: dict[str, Any]) -> None:
    fragment = json_schema(Field.model_validate({**spec, "visible_when": None}))
    assert json.loads(json.dumps(fragment)) == fragment


@pytest.mark.parametrize(
    ("kind", "keys", "answer", "words"),
    [
        ("money_clp", {}, 12500, "$ 12.500"),
        ("decimal", {"unit": "m²"}, "1250.5", "1.250,5 m²"),
        ("integer", {}, 1200, "1.200"),
        ("date", {}, "2026-11-05", "05/11/2026"),
        ("run", {}, "12345678-5", "12.345.678-5"),
        ("phone", {}, "+56912345678", "+56 9 1234 5678"),
        ("yes_no", {}, False, "No"),
        ("commune", {}, "16101", "Chillán"),
        (
            "choices",
            {"options": [{"id": "uno", "label": "Uno"}, {"id": "dos", "label": "Dos"}]},
            ["dos", "uno"],
            "Dos\nUno",
        ),
        ("file", {}, STORED_BILL, "cuenta.pdf (1,2 MB)"),
        ("text", {}, None, "No informado"),
    ],
)
def test_answers_are_said_in_words(kind: str, keys: dict[str, Any], answer: Any, words: str) -> None:
    """Dates as dd/mm/yyyy (R77)."""
    assert display_value(question(kind, **keys), answer) == words


def test_there_are_346_communes_in_16_regions_and_codes_begin_with_the_region() -> None:
    known = communes()
    assert len(known) == 346
    assert len({commune.region for commune in known.values()}) == 16
    assert all(code.startswith(commune.region) and len(code) == 5 for code, commune in known.items())


def test_nuble_has_been_a_region_of_21_communes_since_2018() -> None:
    nuble = {code: commune.name for code, commune in communes().items() if commune.region == "16"}
    assert len(nuble) == 21
    assert (nuble["16101"], nuble["16103"]) == ("Chillán", "Chillán Viejo")


def test_the_content_of_a_file_decides_its_type_and_not_its_name() -> None:
    assert format_of(SimpleUploadedFile("foto.png", PDF)) == "pdf"
    assert format_of(SimpleUploadedFile("foto", b"\xff\xd8\xff\xe0")) == "jpg"
    assert format_of(SimpleUploadedFile("programa.pdf", b"MZ\x90")) == ""


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("cuenta.pdf", b"", "El archivo está vacío. Elige otro archivo"),
        ("cuenta.pdf", b"MZ\x90", "El archivo debe ser PDF"),
        ("carta.DOCX", b"PK\x03\x04", "El archivo debe ser PDF. Abre el tuyo, guárdalo como PDF y sube esa copia"),
        ("cuenta.pdf", PDF + b"0" * 1024 * 1024, "El archivo pesa más de 1 MB. Elige uno más liviano"),
        (
            "cuenta.pdf",
            b"%PDF-1.7 trailer <</Encrypt 5 0 R>>",
            "El PDF tiene contraseña. Sube una copia sin contraseña",
        ),
    ],
)
def test_each_failure_of_a_file_has_its_own_message(name: str, content: bytes, said: str) -> None:
    """Check 36 of pages.md."""
    assert complaint(question("file", accept=["pdf"], max_mb=1), SimpleUploadedFile(name, content)) == said


def test_a_file_question_states_formats_and_size_before_choosing() -> None:
    assert kind_of(question("file")).form_field(question("file")).help_text == "PDF, JPG o PNG de hasta 10 MB"


def test_the_oldest_person_alive_can_write_their_birthday() -> None:
    assert read(question("date"), ["1", "1", "1910"]) == date(1910, 1, 1).isoformat()


@given(st.integers(min_value=0, max_value=10**15 - 1))
def test_any_amount_typed_as_it_is_shown_is_the_same_amount(amount: int) -> None:
    field = question("money_clp")
    assert read(field, display_value(field, amount)) == amount


@given(st.decimals(min_value=0, max_value=10**9, places=2))
def test_any_decimal_typed_as_it_is_shown_is_the_same_number(number: Decimal) -> None:
    stored = read(question("decimal"), str(number).replace(".", ","))
    assert Decimal(stored) == number
    assert read(question("decimal"), kind_of(question("decimal")).shown(stored)) == stored


@given(st.dates(min_value=date(1850, 1, 1)))
def test_any_day_typed_as_it_is_shown_is_the_same_day(day: date) -> None:
    assert read(question("date"), day.strftime("%d/%m/%Y").split("/")) == day.isoformat()


@given(st.text())
def test_whatever_is_typed_is_stored_or_explained_and_never_breaks(typed: str) -> None:
    for kind in ("text", "textarea", "integer", "decimal", "money_clp", "email", "phone", "run", "rut"):
        with suppress(ValidationError):
            read(question(kind, required=False), typed)
