"""Forms of the verification page."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from documents.api import InvalidCode, normalise_code
from signatures.verification import MAX_FILE


class CodeForm(forms.Form):
    """A verification code in any spelling."""

    use_required_attribute = False

    codigo = forms.CharField(
        label=gettext_lazy("Código de verificación"),
        max_length=60,
        help_text=gettext_lazy("Dieciséis letras y números, por ejemplo 7K3M-Q2XW-9D4H-B5TV."),
        widget=forms.TextInput(
            attrs={
                "class": "input input-20",
                "autocomplete": "off",
                "autocapitalize": "characters",
                "spellcheck": "false",
            }
        ),
        error_messages={"required": gettext_lazy("Escribe el código que aparece en el documento.")},
    )

    def clean_codigo(self) -> str:
        """The sixteen characters of the code."""
        try:
            return normalise_code(self.cleaned_data["codigo"])
        except InvalidCode as error:
            raise forms.ValidationError(str(error)) from error


class FileForm(forms.Form):
    """A PDF to compare."""

    use_required_attribute = False

    archivo = forms.FileField(
        label=gettext_lazy("Archivo PDF"),
        help_text=gettext_lazy("Hasta 20 MB. Solo se compara: no se guarda."),
        widget=forms.FileInput(attrs={"accept": "application/pdf,.pdf"}),
        error_messages={
            "required": gettext_lazy("Elige el archivo que quieres comparar."),
            "empty": gettext_lazy("El archivo está vacío. Elige otro."),
        },
    )

    def clean_archivo(self) -> Any:
        """The file, of at most 20 MB."""
        file = self.cleaned_data["archivo"]
        if file.size > MAX_FILE:
            raise forms.ValidationError(_("El archivo pesa más de 20 MB. Verifica el documento con su código."))
        return file


class HolderForm(forms.Form):
    """The last four characters of the holder's RUN."""

    use_required_attribute = False

    run_final = forms.CharField(
        label=gettext_lazy("Últimos 4 caracteres del RUN del titular"),
        max_length=6,
        help_text=gettext_lazy("Tres números y el dígito después del guion, por ejemplo 789-K."),
        widget=forms.TextInput(attrs={"class": "input input-4", "autocomplete": "off"}),
        error_messages={"required": gettext_lazy("Escribe los últimos 4 caracteres del RUN, con el dígito final.")},
    )
