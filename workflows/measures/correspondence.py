"""Measures about writing: the person adds arguments and documents, the official writes to the person (R22)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from procedures.api import FilesField
from workflows.commands import correspondence as commands
from workflows.measures.base import Done, Measure, MeasureForm, Situation


class MessageForm(MeasureForm):
    """A text, and files if there are any."""

    field_order = ("reason", "files")
    reason = forms.CharField(
        label=gettext_lazy("Mensaje"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 6, "class": "textarea"}),
        error_messages={
            "required": gettext_lazy("Escribe el mensaje"),
            "max_length": gettext_lazy("Escribe menos de 4.000 caracteres"),
        },
    )

    def prepare(self) -> None:
        """The file question, in the language of the page."""
        self.fields["files"] = FilesField(label=_("Documentos"))


def _write_to_agency(situation: Situation, given: dict[str, Any]) -> Done:
    commands.write_to_agency(
        case=situation.case, text=given["reason"], uploads=given["files"], by=situation.person, now=situation.now
    )
    return Done(_("Enviado. Quedó en tu solicitud y la institución lo tendrá en cuenta al decidir."))


def _write_to_applicant(situation: Situation, given: dict[str, Any]) -> Done:
    commands.write_to_applicant(
        case=situation.case, text=given["reason"], uploads=given["files"], by=situation.person, now=situation.now
    )
    return Done(_("Mensaje enviado a la persona."))


MEASURES = (
    Measure(
        slug="escribir",
        side="citizen",
        title=gettext_lazy("Escribir o agregar documentos"),
        button=gettext_lazy("Enviar"),
        article="Ley 19.880, arts. 10 y 17 g",
        help=gettext_lazy("Puedes hacerlo hasta que decidan. Lo que envíes queda en tu expediente."),
        form=MessageForm,
        offers=lambda situation: situation.is_open,
        do=_write_to_agency,
    ),
    Measure(
        slug="escribir",
        side="desk",
        title=gettext_lazy("Escribir a la persona"),
        button=gettext_lazy("Enviar mensaje"),
        article="",
        help=gettext_lazy(
            "La persona lo lee en su solicitud y recibe un aviso. No es una notificación: no inicia plazos."
        ),
        form=MessageForm,
        offers=lambda situation: situation.is_open,
        do=_write_to_applicant,
    ),
)
