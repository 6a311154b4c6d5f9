"""What an institution promises and states of itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from participation.forms.plain import PlainForm, number_field
from procedures.models import Offering


class CommitmentForm(PlainForm):
    """An agency adheres to the commitment to answer."""

    act = forms.CharField(
        label=_("¿Con qué acto se compromete?"),
        help_text=_("Con su número y su año. Por ejemplo: Decreto Alcaldicio N° 512 de 2026."),
        max_length=200,
        widget=forms.TextInput(attrs={"class": "input"}),
        error_messages={"required": _("Escribe el acto con que la institución se compromete")},
    )
    adhered_on = forms.DateField(
        label=_("¿De qué fecha es?"),
        widget=forms.DateInput(attrs={"class": "input input-10", "type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": _("Escribe la fecha del acto"), "invalid": _("Escribe la fecha como 04/03/2026")},
    )
    offering = forms.ChoiceField(
        label=_("¿Con qué trámite responde?"),
        help_text=_("Uno que empieza de oficio y registra la respuesta. Su plazo es el plazo para responder."),
        widget=forms.Select(attrs={"class": "select"}),
        error_messages={
            "required": _("Elige el trámite con que se responde"),
            "invalid_choice": _("Elige uno de la lista"),
        },
    )
    floor = number_field(
        _("¿Desde cuántos apoyos responde? (opcional)"),
        _("Un mínimo menor que el de las reglas. Vacío: el de las reglas."),
        15_000,
    )

    def __init__(self, data: Any, offerings: Sequence[Offering], initial: dict[str, Any]) -> None:
        super().__init__(data, initial=initial)
        self.by_id = {str(one.pk): one for one in offerings}
        field = self.fields["offering"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(pk, one.version.title) for pk, one in self.by_id.items()]

    def clean_offering(self) -> Offering:
        """The offering that was chosen."""
        return self.by_id[self.cleaned_data["offering"]]


class VolumeForm(PlainForm):
    """The institution's own figure of how often the procedure is asked for."""

    users_a_year = forms.IntegerField(
        label=_("¿Cuántas veces se pide al año?"),
        min_value=1,
        max_value=100_000_000,
        widget=forms.TextInput(attrs={"class": "input input-10", "inputmode": "numeric", "autocomplete": "off"}),
        error_messages={
            name: _("Escribe cuántas veces se pide al año, en números")
            for name in ("required", "invalid", "min_value", "max_value")
        },
    )
    source = forms.CharField(
        label=_("¿De dónde sale el dato?"),
        max_length=200,
        widget=forms.TextInput(attrs={"class": "input"}),
        error_messages={"required": _("Escribe de dónde sale el dato: se publica con él")},
    )
