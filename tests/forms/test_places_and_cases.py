"""Points of the map, and references to other applications of the person."""

import pytest

from procedures.api import PageForm, build_form, display_value
from procedures.around import Around
from procedures.fields import kind_of
from procedures.fields.lists import communes
from procedures.fields.outlines import outlines, shapes, window_of
from procedures.fields.places import point_of
from procedures.schema import Field
from tests.forms.sample import bundle_asking

CHILLAN = "16101"
POINT_ASKED = {"id": "lugar", "type": "point", "label": "Lugar"}
POINT = Field.model_validate(POINT_ASKED)
PREVIOUS = {"id": "anterior", "type": "own_case", "label": "Solicitud anterior"}
OWN = [{"code": "AAAA", "label": "2026-000007", "title": "Patente"}]


@pytest.mark.parametrize(
    "typed",
    ["-36.60664, -72.10344", "-36,60664; -72,10344", "(-36.60664 -72.10344)", "−36.60664°, −72.10344°"],
)
def test_a_point_is_read_as_other_applications_copy_it(typed: str) -> None:
    kind = kind_of(POINT)
    stored = kind.stored(kind.form_field(POINT).clean(typed))
    assert stored == {"lat": "-36.60664", "lon": "-72.10344"}
    assert display_value(POINT, stored) == "latitud -36.60664, longitud -72.10344"


@pytest.mark.parametrize("typed", ["Chillán", "-36.6", "40.41, -3.70", "-72.10344, -36.60664", "36.6, 72.1"])
def test_what_is_no_point_of_chile_is_explained(typed: str) -> None:
    from django.core.exceptions import ValidationError

    with pytest.raises(ValidationError):
        kind_of(POINT).form_field(POINT).clean(typed)


def test_coordinates_keep_about_a_metre() -> None:
    latitude, longitude = point_of("-36.606641234, -72.10344") or (None, None)
    assert (str(latitude), str(longitude)) == ("-36.60664", "-72.10344")


def test_only_an_application_of_the_person_can_be_named() -> None:
    def form(code: str) -> PageForm:
        around = Around(own_cases=lambda procedure, only_open: OWN)
        return build_form(
            bundle=bundle_asking([PREVIOUS]),
            step_id="inicio",
            page=1,
            answers={},
            data={"anterior": code},
            around=around,
        )

    assert form("AAAA").cleaned_answers() == {"anterior": OWN[0]}
    assert form("BBBB").problems[0].text == "Elige una de tus solicitudes de la lista"
    assert display_value(Field.model_validate(PREVIOUS), OWN[0]) == "N° 2026-000007: Patente"


@pytest.mark.parametrize("required", [False, True])
def test_who_has_no_application_to_name_reads_so_and_meets_no_empty_list(required: bool) -> None:
    form = build_form(
        bundle=bundle_asking([{**PREVIOUS, "required": required, "hint": "Elige una"}]),
        step_id="inicio",
        page=1,
        answers={},
        around=Around(own_cases=lambda procedure, only_open: []),
    )
    bound = form.box("anterior").bound
    assert bound is not None
    shown = str(bound.as_field_group())
    assert ("Todavía no tienes" if required else "sigue con lo demás") in shown
    assert "Elige una" not in shown
    assert (" hidden" in shown) is not required


# The map


def touched(x: str, y: str, **sent: str) -> PageForm:
    """The page after somebody touched the map of Chillán there."""
    return build_form(
        bundle=bundle_asking([{"id": "lugar", "type": "point", "label": "Lugar", "required": False}]),
        step_id="inicio",
        page=1,
        answers={},
        data={"lugar": "", "_visto": "lugar", "lugar-mapa.x": x, "lugar-mapa.y": y, **sent},
        around=Around(commune=lambda: CHILLAN),
    )


def test_touching_the_map_gives_the_coordinates_and_the_page_stays() -> None:
    form = touched("140", "120")
    assert not form.is_valid(), "nobody goes on by touching a map"
    assert form.problems == []
    point = form.cleaned_answers()["lugar"]
    assert (point["lat"][:3], point["lon"][:3]) == ("-36", "-72")
    assert 'class="pin"' in str(form)


def test_nearer_the_same_touch_is_finer() -> None:
    where = "-36.60664, -72.10344"
    middle = touched("140", "140", **{"lugar-nivel": "2", "lugar-centro": where}).cleaned_answers()["lugar"]
    assert (middle["lat"], middle["lon"]) == ("-36.60664", "-72.10344")
    beside = touched("150", "140", **{"lugar-nivel": "2", "lugar-centro": where}).cleaned_answers()["lugar"]
    assert 0 < float(beside["lon"]) + 72.10344 < 0.005


@pytest.mark.parametrize(("x", "y"), [("0", "0"), ("900", "10"), ("-3", "5"), ("", "5"), ("x", "5"), ("9" * 5000, "5")])
def test_what_is_no_place_of_the_map_changes_nothing(x: str, y: str) -> None:
    """A keyboard presses the map at its corner; a stranger sends anything."""
    form = touched(x, y, lugar="-36.6, -72.1")
    assert form.cleaned_answers() == {"lugar": {"lat": "-36.60000", "lon": "-72.10000"}}


def test_a_nearness_longer_than_any_number_is_none() -> None:
    assert (
        touched("140", "120", **{"lugar-nivel": "9" * 5000}).cleaned_answers()
        == touched("140", "120").cleaned_answers()
    )


def test_a_pixel_and_its_point_are_each_other() -> None:
    window = window_of(CHILLAN)
    assert window is not None
    latitude, longitude = window.point(40, 200)
    x, y = window.place((float(longitude), float(latitude)))
    assert (round(x), round(y)) == (40, 200)


def test_every_commune_is_drawn_but_the_antarctic_one() -> None:
    assert set(communes()) - set(outlines()) == {"12202"}
    assert [shape.name for shape in shapes(window_of(CHILLAN), CHILLAN)][-1] == "Chillán"  # type: ignore[arg-type]


def test_where_no_outline_is_known_there_is_no_map() -> None:
    form = build_form(bundle=bundle_asking([POINT_ASKED]), step_id="inicio", page=1, answers={}, around=Around())
    assert "lugar-mapa" not in str(form)
