"""A point on the map, by its coordinates: typed, pasted from another application, or taken from the telephone."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from procedures.fields.base import FieldKind, register
from procedures.schema import Field

SOUTH, NORTH, WEST, EAST = Decimal(-90), Decimal("-17.4"), Decimal("-109.8"), Decimal("-53")
"""Degrees that enclose the country: from Rapa Nui to the Antarctic claim."""
_NUMBER = r"-?\d{1,3}(?:[.,]\d{1,10})?"
_PAIR = re.compile(rf"\(?\s*({_NUMBER})\s*(?:[,;]\s+|[;\s]\s*|,(?=-))({_NUMBER})\s*\)?")
_STEP = Decimal("0.00001")
"""About a metre."""


def point_of(text: str) -> tuple[Decimal, Decimal] | None:
    """Latitude and longitude written as "-36.60664, -72.10344"; None when it is no pair. Commas may be decimal."""
    found = _PAIR.fullmatch(text.strip().replace("−", "-").replace("º", "").replace("°", ""))
    if found is None:
        return None
    latitude, longitude = (Decimal(part.replace(",", ".")).quantize(_STEP) for part in found.groups())
    return latitude, longitude


class PointField(forms.CharField):
    """Reads a pair of coordinates of Chile."""

    def clean(self, value: Any) -> dict[str, str] | None:
        """{"lat", "lon"} in degrees as text. ValidationError says how to write it."""
        text = super().clean(value)
        if not text:
            return None
        point = point_of(text)
        if point is None:
            raise ValidationError(_("Escribe latitud y longitud separadas por una coma, como -36.60664, -72.10344"))
        latitude, longitude = point
        if not (SOUTH <= latitude <= NORTH and WEST <= longitude <= EAST):
            raise ValidationError(_("Ese punto no está en Chile. Revisa el orden y los signos menos"))
        return {"lat": str(latitude), "lon": str(longitude)}


@register
class PointKind(FieldKind):
    """A point: {"lat", "lon"} in degrees (WGS 84), as decimal texts."""

    name = "point"
    title = gettext_lazy("Punto en el mapa")
    template_name = "fields/point.html"
    missing = gettext_lazy("Escribe el punto de «%(label)s»")

    def control(self, field: Field) -> forms.Field:
        """A box for both coordinates, as other applications copy them."""
        return PointField(widget=forms.TextInput(attrs={"class": "input input-20", "autocomplete": "off"}))

    def form_field(self, field: Field) -> forms.Field:
        """The hint shows how it is written."""
        made = super().form_field(field)
        told = _("Latitud y longitud, como -36.60664, -72.10344. Las copias de la aplicación de mapas de tu teléfono")
        made.help_text = f"{field.hint.rstrip('.')}. {told}" if field.hint else told
        return made

    def shown(self, answer: Any) -> str:
        """The pair as it is typed."""
        return f"{answer['lat']}, {answer['lon']}"

    def stored(self, cleaned: Any) -> Any:
        """The pair, or None."""
        return cleaned or None

    def display(self, field: Field, answer: Any) -> str:
        """Both coordinates with what they are."""
        return _("latitud %(lat)s, longitud %(lon)s") % {"lat": answer["lat"], "lon": answer["lon"]}

    def json_schema(self, field: Field) -> dict[str, Any]:
        """Two texts of degrees."""
        degrees = {"type": "string", "pattern": r"^-?\d{1,3}\.\d{5}$"}
        return {"type": "object", "required": ["lat", "lon"], "properties": {"lat": degrees, "lon": degrees}}

    def sample(self, field: Field) -> dict[str, str]:
        """The main square of Chillán."""
        return {"lat": "-36.60664", "lon": "-72.10344"}
