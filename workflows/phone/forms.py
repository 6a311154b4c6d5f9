"""The form of a call."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from procedures.api import RunField
from workflows.phone.operations import Told


def _asked(label: Any, hint: Any, **attrs: str) -> forms.CharField:
    """A question that a caller may leave unanswered."""
    return forms.CharField(
        label=label,
        required=False,
        max_length=120,
        help_text=hint,
        widget=forms.TextInput(attrs={"class": "input input-20", "autocomplete": "off", **attrs}),
    )


class CallForm(forms.Form):
    """Who calls, and what they answered to prove it."""

    use_required_attribute = False
    run = RunField(label=_("RUN de quien llama"), missing=_("Escribe el RUN de quien llama"))
    given_names = _asked(_("Nombres"), _("Solo si es su primera vez aquí, como los dice"))
    family_names = _asked(_("Apellidos"), "")
    email = _asked(_("«¿Qué correo dejó en una solicitud?»"), _("Escríbelo como lo dice"), inputmode="email")
    number = _asked(
        _("«¿Qué N° tiene una solicitud suya?»"), _("Por ejemplo, 2026-000123. Cuenta si en ella no hay nadie más")
    )
    card = forms.BooleanField(
        label=_(
            "Me dijo el N° de documento de su cédula, y vi en el sitio del Registro Civil que es suya y está vigente."
        ),
        required=False,
    )

    def told(self) -> Told:
        """What the caller answered; the form must be valid."""
        given = {name: self.cleaned_data[name].strip() for name in ("email", "number")}
        return Told(**given, card_is_valid=self.cleaned_data["card"])
