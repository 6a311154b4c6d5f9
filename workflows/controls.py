"""Controls of the forms that no procedure defines, each with its words for what is missing or wrong."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _


def choice(label: Any, error: Any) -> forms.ChoiceField:
    """A question answered by marking one option; its options come with the situation."""
    return forms.ChoiceField(label=label, widget=forms.RadioSelect, error_messages={"required": error})


def day_field(label: Any, hint: Any = None, *, error: Any = None, required: bool = True) -> forms.DateField:
    """A date as people write it."""
    return forms.DateField(
        label=label,
        help_text=_("Por ejemplo, 25/11/2026") if hint is None else hint,
        required=required,
        widget=forms.DateInput(attrs={"class": "input input-10", "inputmode": "numeric"}, format="%d/%m/%Y"),
        error_messages={
            "required": _("Escribe la fecha") if error is None else error,
            "invalid": _("Escribe la fecha como 25/11/2026"),
        },
    )


def hour_field(label: Any, error: Any) -> forms.TimeField:
    """An hour as people write it."""
    return forms.TimeField(
        label=label,
        help_text=_("Con 24 horas, por ejemplo 15:30"),
        widget=forms.TimeInput(attrs={"class": "input input-4", "inputmode": "numeric"}, format="%H:%M"),
        error_messages={"required": error, "invalid": _("Escribe la hora como 15:30")},
    )


def line_field(label: Any, error: Any, *, required: bool = True, hint: Any = "", most: int = 200) -> forms.CharField:
    """One line of text."""
    return forms.CharField(
        label=label,
        help_text=hint,
        required=required,
        max_length=most,
        widget=forms.TextInput(attrs={"class": "input"}),
        error_messages={"required": error, "max_length": _("Escribe un texto más corto")},
    )


def name_field(label: Any, error: Any = None, *, hint: Any = "") -> forms.CharField:
    """A part of the name of somebody else, which the browser must not fill in; required where it has an error."""
    return forms.CharField(
        label=label,
        help_text=hint,
        required=error is not None,
        max_length=120,
        widget=forms.TextInput(attrs={"class": "input", "autocomplete": "off"}),
        error_messages={"required": error},
    )


def text_field(
    label: Any, *, most: int, too_long: Any, error: Any = None, hint: Any = "", rows: int = 3
) -> forms.CharField:
    """Some lines of text, at most so many characters; required where it has an error."""
    return forms.CharField(
        label=label,
        help_text=hint,
        required=error is not None,
        max_length=most,
        widget=forms.Textarea(attrs={"rows": rows, "class": "textarea"}),
        error_messages={"required": error, "max_length": too_long},
    )
