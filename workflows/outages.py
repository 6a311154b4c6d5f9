"""The form by which whoever operates an agency states an outage of the platform."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import Agency
from workflows.commands.outages import Stated


def _day(label: Any, missing: Any) -> forms.DateField:
    return forms.DateField(
        label=label,
        help_text=_("Por ejemplo, 25/11/2026"),
        widget=forms.DateInput(attrs={"class": "input input-10", "inputmode": "numeric"}, format="%d/%m/%Y"),
        error_messages={"required": missing, "invalid": _("Escribe la fecha como 25/11/2026")},
    )


def _hour(label: Any, missing: Any) -> forms.TimeField:
    return forms.TimeField(
        label=label,
        help_text=_("Con 24 horas, por ejemplo 15:30"),
        widget=forms.TimeInput(attrs={"class": "input input-4", "inputmode": "numeric"}, format="%H:%M"),
        error_messages={"required": missing, "invalid": _("Escribe la hora como 15:30")},
    )


class OutageForm(forms.Form):
    """An outage of the platform, as the head of service states it (DS 4 arts. 7 and 47, R52)."""

    use_required_attribute = False

    agency = forms.ModelChoiceField(
        label=_("Institución"),
        queryset=Agency.objects.none(),
        empty_label=None,
        widget=forms.Select(attrs={"class": "select"}),
        error_messages={"required": _("Elige la institución"), "invalid_choice": _("Elige la institución")},
    )
    first_day = _day(_("¿Qué día empezó?"), _("Escribe la fecha en que empezó"))
    first_hour = _hour(_("¿A qué hora empezó?"), _("Escribe la hora en que empezó"))
    last_day = _day(_("¿Qué día terminó?"), _("Escribe la fecha en que terminó"))
    last_hour = _hour(_("¿A qué hora terminó?"), _("Escribe la hora en que terminó"))
    cause = forms.CharField(
        label=_("Causa"),
        help_text=_("Emergencia, fuerza mayor u otro motivo calificado. Es pública: no nombres personas."),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3, "class": "textarea"}),
        error_messages={"required": _("Escribe la causa"), "max_length": _("Escribe menos de 500 caracteres")},
    )
    resolution = forms.CharField(
        label=_("Resolución que la declara"),
        help_text=_("Por ejemplo, Resolución exenta N° 214 del 20/11/2026"),
        max_length=200,
        widget=forms.TextInput(attrs={"class": "input"}),
        error_messages={"required": _("Escribe la resolución"), "max_length": _("Escribe menos de 200 caracteres")},
    )
    evidence = forms.URLField(
        label=_("Dirección donde cualquiera puede comprobarla"),
        help_text=_("Un comunicado o la página de estado de un proveedor. Empieza con https://"),
        required=False,
        max_length=500,
        assume_scheme="https",
        widget=forms.URLInput(attrs={"class": "input"}),
        error_messages={"invalid": _("Escribe una dirección que empiece con https://")},
    )
    gives_time = forms.ChoiceField(
        label=_("¿La resolución da más plazo?"),
        choices=[
            ("no", _("No: solo se anota en los plazos que corrían")),
            ("yes", _("Sí: un día hábil más para las personas cuyo plazo vencía en esos días (Ley 19.880, art. 26)")),
        ],
        widget=forms.RadioSelect,
        initial="no",
        error_messages={"required": _("Elige si da más plazo")},
    )

    def __init__(self, data: Any = None, *, agencies: QuerySet[Agency]) -> None:
        super().__init__(data, auto_id="id-%s")
        self.fields["agency"].queryset = agencies  # type: ignore[attr-defined]

    def stated(self) -> Stated:
        """What was stated, at the agency's own time; the form must be valid."""
        given, zone = self.cleaned_data, ZoneInfo(self.cleaned_data["agency"].time_zone)
        return Stated(
            starts_at=datetime.combine(given["first_day"], given["first_hour"], zone),
            ends_at=datetime.combine(given["last_day"], given["last_hour"], zone),
            cause=given["cause"],
            resolution=given["resolution"],
            evidence=given["evidence"],
            gives_time=given["gives_time"] == "yes",
        )
