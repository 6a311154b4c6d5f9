"""RUN of persons and RUT of organisations."""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.api import InvalidRun, InvalidRut, check_digit, format_run, normalise_run, normalise_rut
from procedures.fields.base import FieldKind, register
from procedures.schema import Field


class _NumberWithDigit(forms.CharField):
    def __init__(self, normalise: Callable[[str], str], **options: Any) -> None:
        attrs = {"class": "input input-10", "spellcheck": "false", "autocomplete": "off"}
        super().__init__(widget=forms.TextInput(attrs=attrs), **options)
        self.normalise = normalise

    def clean(self, value: Any) -> str:
        """ "12345678-5", whatever dots, spaces or small k were typed. ValidationError when it is none."""
        text: str = super().clean(value)
        try:
            return self.normalise(text) if text else ""
        except (InvalidRun, InvalidRut) as error:
            raise ValidationError(str(error)) from None


class RunField(_NumberWithDigit):
    """A RUN in a form that no procedure defines; `missing` is said when it is left blank."""

    def __init__(self, *, label: Any, missing: Any = "", required: bool = True, hint: Any = "") -> None:
        super().__init__(
            normalise_run,
            label=label,
            required=required,
            help_text=hint or gettext_lazy("Con o sin puntos y guion"),
            error_messages={"required": missing},
        )


class RutField(_NumberWithDigit):
    """The RUT of a company or organisation in a form that no procedure defines."""

    def __init__(self, *, label: Any, missing: Any) -> None:
        super().__init__(
            normalise_rut,
            label=label,
            help_text=gettext_lazy("Con o sin puntos y guion"),
            error_messages={"required": missing},
        )


class _IdentityKind(FieldKind):
    words: ClassVar[Mapping[str, Promise | str]] = {}
    """What is said where a question with this label was left blank."""

    def normalise(self, text: str) -> str:
        """ "12345678-5"; InvalidRun or InvalidRut when it is none."""
        raise NotImplementedError

    def control(self, field: Field) -> forms.Field:
        """A short control that accepts any way of writing the number."""
        return _NumberWithDigit(self.normalise)

    def form_field(self, field: Field) -> forms.Field:
        """Says «Escribe el RUN» where the question is just that, and «tu» only where it asks for one's own."""
        made = super().form_field(field)
        if field.label in self.words:
            made.error_messages["required"] = str(self.words[field.label])
        made.help_text = field.hint or _("Puedes escribirlo con o sin puntos")
        return made

    def shown(self, answer: Any) -> str:
        """ "12.345.678-5"."""
        return format_run(str(answer))

    def display(self, field: Field, answer: Any) -> str:
        """ "12.345.678-5"."""
        return format_run(str(answer))

    def sample_at(self, field: Field, place: int) -> str:
        """The numbers that follow, each with its digit."""
        number = int(str(self.sample(field)).partition("-")[0]) + place - 1
        return f"{number}-{check_digit(number)}"

    def json_schema(self, field: Field) -> dict[str, Any]:
        """Number, hyphen and digit, without points."""
        return {"type": "string", "pattern": r"^[1-9]\d{0,7}-[\dK]$"}


@register
class RunKind(_IdentityKind):
    """RUN of a person."""

    name = "run"
    title = gettext_lazy("RUN (RUT)")
    words: ClassVar = {
        **dict.fromkeys(("Tu RUN", "Tu RUN (RUT)"), gettext_lazy("Escribe tu RUN")),
        **dict.fromkeys(("RUN", "RUN (RUT)", "Su RUN", "Su RUN (RUT)"), gettext_lazy("Escribe el RUN")),
    }

    def normalise(self, text: str) -> str:
        """The RUN as it is stored. Raises InvalidRun."""
        return normalise_run(text)

    def sample(self, field: Field) -> str:
        """A RUN with a right digit that nobody uses in examples."""
        return "12345678-5"


@register
class RutKind(_IdentityKind):
    """RUT of an organisation."""

    name = "rut"
    title = gettext_lazy("RUT de una empresa u organización")
    words: ClassVar = dict.fromkeys(
        ("RUT", "RUT de la empresa", "RUT de la organización"),
        gettext_lazy("Escribe el RUT de la empresa u organización"),
    )

    def normalise(self, text: str) -> str:
        """The RUT as it is stored. Raises InvalidRut."""
        return normalise_rut(text)

    def sample(self, field: Field) -> str:
        """A RUT with a right digit."""
        return "76543210-3"
