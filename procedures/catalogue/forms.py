"""The form with which staff send a file of fichas."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from procedures.catalogue.importing import fichas_in
from procedures.catalogue.reading import MAX_BYTES
from procedures.errors import UnreadableCatalogue


class CatalogueFileForm(forms.Form):
    """A file of fichas; its bytes end in `cleaned_data["archivo"]`."""

    use_required_attribute = False

    archivo = forms.FileField(
        label=gettext_lazy("Archivo de fichas"),
        help_text=gettext_lazy(
            "CSV o JSON de hasta 10 MB, con una fila por trámite. Sirven las columnas de CPAT y de ChileAtiende."
        ),
        widget=forms.FileInput(attrs={"accept": ".csv,.json,text/csv,application/json"}),
        error_messages={
            "required": gettext_lazy("Elige el archivo que quieres cargar."),
            "empty": gettext_lazy("El archivo está vacío. Elige otro."),
        },
    )

    def clean_archivo(self) -> Any:
        """The file, once it is known that its rows can be read."""
        file = self.cleaned_data["archivo"]
        if file.size > MAX_BYTES:
            raise forms.ValidationError(_("El archivo pesa más de 10 MB. Envíalo en partes."))
        try:
            fichas_in(file.read())
        except UnreadableCatalogue as error:
            raise forms.ValidationError(str(error)) from error
        file.seek(0)
        return file
