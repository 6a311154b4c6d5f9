"""What moderators choose: which supports to set aside, and which requests to count together."""

from __future__ import annotations

import contextlib
from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext_lazy as _

from accounts.models import Person
from participation.forms.plain import PlainForm
from participation.models import Anomalies, Door, Subject
from participation.models.supports import verifier_label
from participation.operations.caring import Selection
from participation.operations.figures import VERIFIED
from participation.queries.assisting import who_assists
from participation.queries.powers import ZONE
from participation.queries.progress import folded

YEARS = range(2000, 3000)
"""What a database and a time zone can tell of."""
NO_REPORT = {"invalid_choice": _("Ese informe ya no está. Recarga la página")}


def _instant_input() -> forms.DateTimeInput:
    attributes = {"class": "input input-20", "type": "datetime-local", "step": "3600"}
    return forms.DateTimeInput(attrs=attributes, format="%Y-%m-%dT%H:%M")


class ReviewForm(PlainForm):
    """Which supports to set aside, and the public reason."""

    peticion = forms.ModelChoiceField(
        label=_("Petición"),
        queryset=Subject.objects.filter(listed=True, closed_at=None).order_by("title"),
        to_field_name="code",
        required=False,
        empty_label=_("Todas las peticiones"),
        widget=forms.Select(attrs={"class": "select"}),
        error_messages={"invalid_choice": _("Elige una petición de la lista")},
    )
    proveedor = forms.ChoiceField(
        label=_("Identidad verificada por"),
        required=False,
        widget=forms.Select(attrs={"class": "select"}),
        error_messages={"invalid_choice": _("Elige quién verificó la identidad")},
    )
    puerta = forms.ChoiceField(
        label=_("Puerta"),
        required=False,
        choices=[("", _("Todas las puertas")), *Door.choices],
        widget=forms.Select(attrs={"class": "select"}),
        error_messages={"invalid_choice": _("Elige una puerta de la lista")},
    )
    funcionario = forms.ModelChoiceField(
        label=_("Registrados por (mesón y teléfono)"),
        queryset=Person.objects.none(),
        required=False,
        empty_label=_("Cualquiera"),
        widget=forms.Select(attrs={"class": "select"}),
        error_messages={"invalid_choice": _("Elige una persona de la lista")},
    )
    desde = forms.CharField(label=_("Desde"), help_text=_("Día y hora en punto."), widget=_instant_input())
    hasta = forms.CharField(label=_("Hasta"), widget=_instant_input())
    motivo = forms.CharField(
        label=_("Motivo (es público)"),
        max_length=500,
        widget=forms.TextInput(attrs={"class": "input"}),
        error_messages={"required": _("Escribe el motivo: es público")},
    )
    informe = forms.ModelChoiceField(
        queryset=Anomalies.objects.all(), required=False, widget=forms.HiddenInput, error_messages=NO_REPORT
    )

    def __init__(self, data: Any = None, initial: dict[str, Any] | None = None) -> None:
        super().__init__(data, initial=initial)
        known = folded(VERIFIED).get("provider", {})
        field = self.fields["proveedor"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", _("Cualquiera")), *((name, verifier_label(name)) for name in known)]
        helpers = self.fields["funcionario"]
        assert isinstance(helpers, forms.ModelChoiceField)
        helpers.queryset = who_assists()

    def clean_desde(self) -> datetime:
        """The instant from which, on the hour."""
        return _hour(self.cleaned_data["desde"], time.min)

    def clean_hasta(self) -> datetime:
        """The instant until which, on the hour; a day alone means all of it."""
        return _hour(self.cleaned_data["hasta"], time.max)

    def clean(self) -> dict[str, Any]:
        """Refuse a span that ends before it begins, and one of everything."""
        data: dict[str, Any] = super().clean() or {}
        if data.get("desde") and data.get("hasta") and data["hasta"] < data["desde"]:
            self.add_error("hasta", _("Elige un final posterior al comienzo"))
        if not any(data.get(name) for name in ("peticion", "proveedor", "puerta", "funcionario")):
            self.add_error(
                "peticion", _("Elige una petición, quién verificó la identidad, una puerta o quién los registró")
            )
        return data

    def selection(self, opener: Person) -> Selection:
        """What was chosen, by whom."""
        data = self.cleaned_data
        return Selection(
            supports_from=data["desde"],
            supports_to=data["hasta"],
            subject=data["peticion"],
            provider=data["proveedor"],
            door=data["puerta"],
            official=data["funcionario"],
            report=data["informe"],
            opener=opener,
        )


def _open_request(label: Any, wrong: Any) -> forms.ModelChoiceField[Subject]:
    return forms.ModelChoiceField(
        label=label,
        queryset=Subject.objects.filter(listed=True, closed_at=None, merged_into=None).order_by("title"),
        to_field_name="code",
        empty_label=_("Elige"),
        widget=forms.Select(attrs={"class": "select"}),
        error_messages={"required": wrong, "invalid_choice": wrong},
    )


class MergeForm(PlainForm):
    """Two requests that ask for the same, and the public reason to count them together."""

    esta = _open_request(_("La que repite a otra"), _("Elige la petición que repite a otra"))
    con = _open_request(_("La otra, que queda"), _("Elige la petición que queda"))
    motivo = forms.CharField(
        label=_("Motivo (es público)"),
        max_length=500,
        widget=forms.TextInput(attrs={"class": "input"}),
        error_messages={"required": _("Escribe el motivo: es público")},
    )

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, auto_id="unir-%s")

    def clean(self) -> dict[str, Any]:
        """Refuse one with itself."""
        data: dict[str, Any] = super().clean() or {}
        if data.get("esta") and data.get("esta") == data.get("con"):
            self.add_error("con", _("Elige otra petición: deben ser distintas"))
        return data


def _hour(typed: str, whole_day: time) -> datetime:
    """An instant in Chilean time, on the hour so that no selection tells when one support was given."""
    zone, found = ZoneInfo(ZONE), None
    with contextlib.suppress(ValueError):
        day = parse_date(typed)
        if day is not None and day.year in YEARS:  # first: a day alone passes for its midnight as well
            return datetime.combine(day, whole_day, zone)
        found = parse_datetime(typed)
    if found is None or found.year not in YEARS:
        raise forms.ValidationError(_("Escribe el día y la hora como 04/03/2026 15:00"))
    return found.replace(minute=0, second=0, microsecond=0, tzinfo=zone)
