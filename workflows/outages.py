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
from workflows.controls import day_field, hour_field, text_field


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
    first_day = day_field(_("¿Qué día empezó?"), error=_("Escribe la fecha en que empezó"))
    first_hour = hour_field(_("¿A qué hora empezó?"), _("Escribe la hora en que empezó"))
    last_day = day_field(_("¿Qué día terminó?"), error=_("Escribe la fecha en que terminó"))
    last_hour = hour_field(_("¿A qué hora terminó?"), _("Escribe la hora en que terminó"))
    cause = text_field(
        _("Causa"),
        hint=_("Emergencia, fuerza mayor u otro motivo calificado. Es pública: no nombres personas."),
        error=_("Escribe la causa"),
        most=500,
        too_long=_("Escribe menos de 500 caracteres"),
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
        error_messages={"required": _("Elige si da más plazo")},
    )

    counted = forms.CharField(required=False, widget=forms.HiddenInput)
    """What was stated when its reach was shown: only that is published."""

    def __init__(self, data: Any = None, *, agencies: QuerySet[Agency]) -> None:
        super().__init__(data, auto_id="id-%s")
        self.fields["agency"].queryset = agencies  # type: ignore[attr-defined]

    @property
    def stands_as_counted(self) -> bool:
        """Whether the reach that was shown is that of what the form says now."""
        return bool(self.cleaned_data["counted"] == self.fingerprint())

    def fingerprint(self) -> str:
        """What the reach depends on."""
        told = self.stated()
        agency = self.cleaned_data["agency"].pk
        return f"{agency}|{told.starts_at.isoformat()}|{told.ends_at.isoformat()}|{told.gives_time}"

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
