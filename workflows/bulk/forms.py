"""Forms of the pages that open cases of own motion."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from workflows.controls import text_field


class WhyOpenForm(forms.Form):
    """Why the institution begins a case by itself (Ley 19.880 art. 29)."""

    use_required_attribute = False
    por = forms.ChoiceField(
        label=_("¿Por qué se abre?"),
        choices=[
            ("propia", _("Por propia iniciativa")),
            ("orden", _("Por orden superior")),
            ("organo", _("A petición de otro órgano")),
            ("denuncia", _("Por denuncia")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": _("Elige por qué se abre")},
    )
    motivo = text_field(
        _("¿Qué lo motiva?"),
        hint=_("Queda en el historial. Cita la orden, el oficio o la denuncia."),
        error=_("Escribe qué lo motiva"),
        most=500,
        too_long=_("Escribe menos de 500 caracteres"),
    )

    def __init__(self, data: Any = None, files: Any = None) -> None:
        super().__init__(data, files, auto_id="id-%s", prefix="apertura")  # no question's id has a hyphen

    def origin(self) -> str:
        """What the index of the file says about where the case comes from."""
        field: Any = self.fields["por"]
        return str(dict(field.choices)[self.cleaned_data["por"]])


class SheetForm(WhyOpenForm):
    """A sheet of cases to open, and why."""

    archivo = forms.FileField(
        label=_("Planilla"),
        help_text=_("CSV o XLSX de hasta 5 MB y 1.000 filas"),
        widget=forms.FileInput(attrs={"accept": ".csv,.xlsx,text/csv"}),
        error_messages={"required": _("Elige la planilla"), "empty": _("El archivo está vacío. Elige otro.")},
    )
