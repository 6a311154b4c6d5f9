"""Points of the map, and references to other applications of the person."""

import pytest

from procedures.api import PageForm, build_form, display_value
from procedures.around import Around
from procedures.fields import kind_of
from procedures.fields.places import point_of
from procedures.schema import Field
from tests.forms.sample import bundle_asking

POINT = Field.model_validate({"id": "lugar", "type": "point", "label": "Lugar"})
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
