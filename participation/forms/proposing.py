"""Words that people write for the public."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Agency
from participation.forms.plain import PlainForm
from participation.rules.words import links_in, one_line, runs_in, seen


class TextForm(PlainForm):
    """Words for the public: no links, no RUN."""

    text = forms.CharField(
        label=_("Tu texto"),
        max_length=2000,
        widget=forms.Textarea(attrs={"class": "textarea", "rows": 6}),
        error_messages={"required": _("Escribe el texto"), "max_length": _("Escribe a lo más 2.000 letras")},
    )

    def clean_text(self) -> str:
        """The text, free of addresses and RUN."""
        return _public(self.cleaned_data["text"])


class EditForm(TextForm):
    """What is asked, in the author's words."""

    title = forms.CharField(
        label=_("¿Qué trámite quieres que cambie?"),
        help_text=_("En una frase. Por ejemplo: Permiso para cerrar un pasaje."),
        max_length=120,
        widget=forms.TextInput(attrs={"class": "input"}),
        error_messages={
            "required": _("Escribe qué trámite quieres que cambie"),
            "max_length": _("Usa a lo más 120 letras"),
        },
    )
    field_order = ["title", "text"]

    def clean_title(self) -> str:
        """The title on one line, free of addresses and RUN."""
        return one_line(_public(self.cleaned_data["title"]))


class ProposalForm(EditForm):
    """A request for what the catalogue lacks, and who does it today."""

    agency = forms.ModelChoiceField(
        label=_("¿Qué institución lo hace?"),
        queryset=Agency.objects.order_by("name"),
        required=False,
        empty_label=_("Otra, o no sé"),
        widget=forms.Select(attrs={"class": "select"}),
    )
    body_name = forms.CharField(
        label=_("Si es otra, ¿cuál?"), max_length=200, required=False, widget=forms.TextInput(attrs={"class": "input"})
    )
    field_order = ["title", "agency", "body_name", "text"]

    def clean_body_name(self) -> str:
        """The name on one line, free of addresses and RUN."""
        return one_line(_public(self.cleaned_data["body_name"]))


def _public(typed: str) -> str:
    text = seen(typed)
    if links_in(text):
        raise forms.ValidationError(_("Quita los enlaces: el texto se publica sin direcciones de páginas"))
    if runs_in(text):
        raise forms.ValidationError(_("Quita los RUN: el texto es público"))
    return text
