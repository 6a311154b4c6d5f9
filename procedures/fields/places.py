"""A point on the map: touched on the outline of the commune, typed, pasted, or taken from the telephone."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from procedures.around import Around
from procedures.fields.base import FieldKind, register
from procedures.fields.outlines import NEAREST, SIDE, Window, shapes, window_around, window_of
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


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 4 else 0


class PointInput(forms.TextInput):
    """A box for both coordinates and, where the commune is known, its map: an image that sends where it was touched.

    The map needs no script. How near it is shown, and around what, travels with the page.
    """

    template_name = "fields/point_map.html"
    commune = ""
    """Five-digit code of the commune whose map is drawn; empty for no map."""
    _level, _centre = 0, ""

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> Any:
        """What was typed, or the coordinates of the place that was touched."""
        level, self._centre = str(data.get(f"{name}-nivel", "")), str(data.get(f"{name}-centro", ""))
        self._level = min(_number(level), NEAREST)
        typed = super().value_from_datadict(data, files, name)
        x, y = (str(data.get(f"{name}{TOUCHED}.{axis}", "")) for axis in "xy")
        window = self._window()
        is_on_map = x.isdecimal() and y.isdecimal() and len(x + y) < 12 and int(x) <= SIDE and int(y) <= SIDE
        # A keyboard presses the map at its very corner: it did not choose a place.
        if window is None or not is_on_map or x == y == "0":
            return typed
        latitude, longitude = window.point(int(x), int(y))
        return f"{latitude}, {longitude}"

    def _window(self) -> Window | None:
        centre = point_of(self._centre)
        return window_of(self.commune, self._level, centre and (float(centre[1]), float(centre[0])))

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        """The map as it is drawn now, with the point on it."""
        context: dict[str, Any] = super().get_context(name, value, attrs)
        found = point_of(str(value or ""))
        self._centre = str(value) if found else self._centre
        self._level = self._level if point_of(self._centre) else 0
        window = self._window()
        if window is not None:
            context["widget"]["map"] = {
                "side": SIDE,
                "shapes": list(shapes(window, self.commune)),
                "pin": window.place((float(found[1]), float(found[0]))) if found else None,
                "width": _width(window.kilometres),
                "level": self._level,
                "centre": self._centre if self._level else "",
                "nearer": self._level + 1 if found and self._level < NEAREST else None,
                "farther": self._level - 1 if self._level else None,
            }
        return context


TOUCHED = "-mapa"
"""What follows the name of a question in that of its map; a browser adds ".x" and ".y"."""


def drawing_of(answer: Mapping[str, str], commune: str) -> dict[str, Any] | None:
    """The outline of a commune with a point on it, or of the land around a point that falls elsewhere.

    None where no outline of the commune is known.
    """
    point = (float(answer["lon"]), float(answer["lat"]))
    window = window_of(commune)
    if window is None:
        return None
    if not all(0 <= side <= SIDE for side in window.place(point)):
        window = window_around(point, window.span)
    pin = window.place(point)
    return {"side": SIDE, "shapes": list(shapes(window, commune)), "pin": pin, "width": _width(window.kilometres)}


def _width(kilometres: float) -> str:
    return f"{kilometres:.0f} km" if kilometres >= 1 else f"{kilometres * 1000:.0f} m"


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
    missing = gettext_lazy("Elige en el mapa o escribe el punto de «%(label)s»")

    def control(self, field: Field) -> forms.Field:
        """A box for both coordinates, as other applications copy them."""
        return PointField(widget=PointInput(attrs={"class": "input input-20", "autocomplete": "off"}))

    def place(self, made: forms.Field, around: Around, given: Mapping[str, Any]) -> None:
        """The map is that of the institution's commune."""
        made.widget.commune = around.commune()

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
