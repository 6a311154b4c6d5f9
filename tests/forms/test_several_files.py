"""A question that takes several files, with a form to download and the camera of a telephone."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils.datastructures import MultiValueDict

from procedures.api import PageForm, build_form, display_value, files_of
from procedures.schema import Field
from tests.forms.sample import PAPERS, bundle_asking

BUNDLE = bundle_asking([PAPERS])
QUESTION = Field.model_validate(PAPERS)
PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture(autouse=True)
def _no_inspector(monkeypatch: pytest.MonkeyPatch) -> None:
    """These bytes are no real photos; looking inside is another room's."""
    monkeypatch.setattr("procedures.fields.files._inspectors", [])


def stored(place: int) -> dict[str, Any]:
    return {"name": f"{place}.png", "sha256": str(place) * 64, "size": 2048, "media_type": "image/png"}


def page(sent: list[bytes] | None = None, kept: Any = None, change: str = "") -> PageForm:
    data: dict[str, Any] = {"_visto": "papeles", **({"_change": change} if change else {})}
    uploads = [SimpleUploadedFile(f"{place}.png", content) for place, content in enumerate(sent or ())]
    answers = {"inicio": {"papeles": kept} if kept else {}}
    files: Any = MultiValueDict({"papeles": uploads} if uploads else {})
    return build_form(bundle=BUNDLE, step_id="inicio", page=1, answers=answers, data=data, files=files)


def keep_all(form: PageForm) -> PageForm:
    for name, uploads in form.new_files().items():
        for place, _upload in enumerate(uploads):
            form.keep_file(name, stored(place))
    return form


def texts(form: PageForm) -> list[str]:
    return [problem.text for problem in form.problems]


def test_files_that_come_together_are_all_kept_in_their_order() -> None:
    form = keep_all(page([PNG, PNG]))
    assert form.is_valid()
    assert [file["name"] for file in form.cleaned_answers()["papeles"]] == ["0.png", "1.png"]


def test_too_few_are_kept_and_the_page_says_how_many_it_needs() -> None:
    form = keep_all(page([PNG]))
    assert texts(form) == ["Adjunta al menos 2 archivos en «Cédula por ambos lados»"]
    assert len(form.cleaned_answers()["papeles"]) == 1


def test_more_than_fit_are_left_out_and_said() -> None:
    form = keep_all(page([PNG, PNG], [stored(5), stored(6)]))
    assert len(form.cleaned_answers()["papeles"]) == 3
    assert texts(form)[0].startswith("Adjunta hasta 3 archivos")
    assert not page(kept=[stored(1), stored(2), stored(3)]).check_file("papeles", SimpleUploadedFile("4.png", PNG))


def test_one_bad_file_costs_none_of_the_good_ones() -> None:
    form = keep_all(page([PNG, b"GIF89a", PNG]))
    assert len(form.cleaned_answers()["papeles"]) == 2
    assert texts(form) == ["El archivo debe ser JPG o PNG"]


def test_only_the_file_whose_button_was_pressed_goes() -> None:
    form = page(kept=[stored(1), stored(2)], change=f"drop:papeles:{'1' * 64}")
    assert form.cleaned_answers()["papeles"] == [stored(2)]
    assert texts(form) == []


def test_stored_files_are_enough_and_are_said_one_a_line() -> None:
    kept = [stored(1), stored(2)]
    assert page(kept=kept).is_valid()
    assert display_value(QUESTION, kept) == "1.png (2 KB)\n2.png (2 KB)"
    assert files_of(stored(1)) == [stored(1)]


def test_the_page_offers_the_form_to_download_and_the_camera() -> None:
    html = str(page(kept=[stored(1), stored(2)]))
    assert f'href="/catalogo/plantillas/{"b" * 64}/"' in html
    assert 'capture="environment"' in html
    assert "Quienes la revisan ven una copia marcada" in html


def test_no_other_file_is_offered_once_as_many_as_fit_are_there() -> None:
    two, three = (str(page(kept=[stored(place) for place in range(1, last)])) for last in (3, 4))
    assert "Agregar otro archivo" in two
    assert "Ya están los" not in two
    assert "Ya están los 3 archivos que se pueden adjuntar. Para poner otro, quita uno." in three
    assert "Agregar otro archivo" not in three
    assert 'type="file"' not in three
    assert "Quitar" in three


# A signature that is drawn or typed


def signed(name: str, sent: list[bytes] | None = None) -> PageForm:
    asked = {"id": "firma", "type": "file", "label": "Tu firma", "drawn": True, "accept": ["png"]}
    uploads = [SimpleUploadedFile("firma.png", content) for content in sent or ()]
    files: Any = MultiValueDict({"firma": uploads} if uploads else {})
    data = {"_visto": "firma", "firma-nombre": name}
    return build_form(bundle=bundle_asking([asked]), step_id="inicio", page=1, answers={}, data=data, files=files)


def test_a_typed_name_is_a_picture_like_a_drawn_signature() -> None:
    form = signed("  Ana  Pérez Soto\n")
    [picture] = form.new_files()["firma"]
    assert picture.name == "Firma escrita de Ana Pérez Soto.png"
    assert picture.read(8) == PNG
    keep_all(form)
    assert form.is_valid()


def test_what_was_drawn_counts_before_what_was_typed_and_nothing_is_no_signature() -> None:
    assert signed("Ana", [PNG]).new_files()["firma"][0].name == "firma.png"
    assert texts(signed("   ")) == ["Adjunta «Tu firma»"]


def test_the_longest_name_still_fits() -> None:
    [picture] = signed("W" * 500).new_files()["firma"]
    assert 500 < (picture.size or 0) < 50_000
