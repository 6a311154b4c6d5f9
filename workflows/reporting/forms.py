"""The forms of whoever looks after outside systems."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from workflows.reporting.queries import Reportable


class SystemForm(forms.Form):
    """A system and what it may report."""

    use_required_attribute = False

    name = forms.CharField(
        label=_("Nombre del sistema"),
        help_text=_("Sale en el historial de cada solicitud. Por ejemplo, Registro Civil: personas jurídicas"),
        max_length=120,
        widget=forms.TextInput(attrs={"class": "input", "autocomplete": "off"}),
        error_messages={
            "required": _("Escribe el nombre del sistema"),
            "max_length": _("Escribe menos de 120 caracteres"),
        },
    )
    may_report = forms.MultipleChoiceField(
        label=_("¿Qué puede informar?"),
        help_text=_("Solo en solicitudes de esta institución. Lo demás se le rechaza."),
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": _("Elige al menos un hecho de la lista"),
            "invalid_choice": _("Elige solo hechos de la lista"),
        },
    )

    def __init__(
        self, data: Any = None, *, events: Iterable[Reportable], before: Iterable[str] = (), initial: Any = None
    ) -> None:
        super().__init__(data, initial=initial, auto_id="id-%s")
        choices = {one.event: f"{one.awaited} ({one.procedure})" for one in events}
        gone = {name: _("%(event)s (ningún trámite publicado lo espera)") % {"event": name} for name in before}
        self.fields["may_report"].choices = list({**gone, **choices}.items())  # type: ignore[attr-defined]


class MatchForm(forms.Form):
    """Which case, and which row of it, a kept event is about."""

    use_required_attribute = False

    number = forms.CharField(
        label=_("N° de solicitud"),
        max_length=40,
        widget=forms.TextInput(attrs={"class": "input input-10", "autocomplete": "off"}),
        error_messages={"required": _("Escribe el N° de solicitud"), "max_length": _("Ese número es muy largo")},
    )
    row = forms.IntegerField(
        label=_("Fila"),
        help_text=_("Solo si el paso se hace una vez por cada fila: 1 es la primera."),
        required=False,
        min_value=1,
        max_value=1000,
        widget=forms.TextInput(attrs={"class": "input input-4", "inputmode": "numeric"}),
        error_messages={
            "invalid": _("Escribe el número de la fila"),
            "min_value": _("Escribe el número de la fila"),
            "max_value": _("Escribe el número de la fila"),
        },
    )

    def __init__(self, data: Any = None, *, initial: Any = None) -> None:
        super().__init__(data, initial=initial, auto_id="id-%s")


class DismissForm(forms.Form):
    """Why a kept event is put aside."""

    use_required_attribute = False

    reason = forms.CharField(
        label=_("Por qué se descarta"),
        help_text=_("Queda en el historial. No nombres personas."),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2, "class": "textarea"}),
        error_messages={
            "required": _("Escribe por qué se descarta"),
            "max_length": _("Escribe menos de 300 caracteres"),
        },
    )

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, auto_id="id-%s")
