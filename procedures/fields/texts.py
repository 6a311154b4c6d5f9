"""Texts, e-mail addresses and telephone numbers."""

import re
import unicodedata
from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from procedures.around import NOWHERE, Around, Proof
from procedures.fields.base import FieldKind, register
from procedures.schema import Field

DEFAULT_LENGTH = {"text": 250, "textarea": 5000}
LONGEST_LINE = DEFAULT_LENGTH["text"]
"""Characters; what may be longer is read whole in a box that grows, as no phone shows it on one line."""
MAX_EMAIL = 254
"""Longer addresses cannot receive mail (RFC 5321)."""
_PREFILL_AUTOCOMPLETE = {"person.full_name": "name", "person.email": "email", "person.phone": "tel"}


def autocomplete(field: Field, default: str = "") -> dict[str, str]:
    """The attribute that lets the browser fill in what it knows (WCAG 1.3.5)."""
    token = field.autocomplete or _PREFILL_AUTOCOMPLETE.get(field.prefill or "") or default
    return {"autocomplete": token} if token else {}


class _LimitedText(forms.CharField):
    """A text with a length limit that the page states in its own words."""

    def __init__(self, *, limit: int, label: str, **options: Any) -> None:
        super().__init__(**options)
        self.limit, self.said = limit, label

    def to_python(self, value: Any) -> str:
        """The text as it is counted and kept: a line's end is one character, whatever the browser sent."""
        return str(super().to_python(value) or "").replace("\r\n", "\n")

    def validate(self, value: str) -> None:
        """ValidationError when it is missing or too long."""
        super().validate(value)
        if len(value) > self.limit:
            told = _("Acorta «%(label)s» a %(limit)s caracteres o menos: tiene %(length)s")
            raise ValidationError(told % {"label": self.said, "limit": self.limit, "length": len(value)})


@register
class TextKind(FieldKind):
    """A line of text."""

    name = "text"
    title = gettext_lazy("Texto corto")

    def control(self, field: Field) -> forms.Field:
        """A one-line control, or a box of few lines where the answer is said to be long."""
        widget: forms.Widget = forms.TextInput(attrs={"class": "input", **autocomplete(field)})
        if (field.max_length or 0) > LONGEST_LINE:
            widget = forms.Textarea(attrs={"class": "textarea textarea-line", "rows": 2, **autocomplete(field)})
        return _LimitedText(limit=_limit(field), label=field.label, widget=widget)

    def stored(self, cleaned: Any) -> Any:
        """The text on one line, with single spaces."""
        return " ".join(_without_controls(str(cleaned)).split()) or None

    def json_schema(self, field: Field) -> dict[str, Any]:
        """A string of limited length."""
        return {"type": "string", "minLength": 1, "maxLength": _limit(field)}

    def sample(self, field: Field) -> str:
        """A short text."""
        return "Texto de ejemplo"[: _limit(field)]


@register
class TextareaKind(TextKind):
    """Several lines of text."""

    name = "textarea"
    title = gettext_lazy("Texto largo")

    def control(self, field: Field) -> forms.Field:
        """A control of as many lines as the question says."""
        widget = forms.Textarea(attrs={"class": "textarea", "rows": field.rows})
        return _LimitedText(limit=_limit(field), label=field.label, widget=widget)

    def form_field(self, field: Field) -> forms.Field:
        """The hint says beforehand how much may be written, where the question sets a limit."""
        made = super().form_field(field)
        if field.max_length:
            told = _("Hasta %(limit)s caracteres") % {"limit": field.max_length}
            made.help_text = f"{field.hint.rstrip('.')}. {told}" if field.hint else told
        return made

    def stored(self, cleaned: Any) -> Any:
        """The text with plain line ends, whatever the browser sent."""
        lines = str(cleaned).replace("\r\n", "\n").split("\n")
        return "\n".join(_without_controls(line) for line in lines).strip() or None


def _without_controls(text: str) -> str:
    """The text in composed form (NFC), with control characters turned into spaces."""
    composed = unicodedata.normalize("NFC", text)
    return "".join(" " if unicodedata.category(char) == "Cc" else char for char in composed)


def _limit(field: Field) -> int:
    return field.max_length or DEFAULT_LENGTH[field.type]


class _Email(forms.CharField):
    def clean(self, value: Any) -> str:
        """The address without spaces, its domain in lower case. ValidationError when it is none."""
        text: str = re.sub(r"\s", "", super().clean(value))
        if not text:
            return ""
        try:
            validate_email(text)
            if len(text) > MAX_EMAIL:
                raise ValidationError("")
        except ValidationError:
            raise ValidationError(_("Escribe un correo con su arroba y su dominio, como nombre@ejemplo.cl")) from None
        user, _at, domain = text.rpartition("@")
        return f"{user}@{domain.lower()}"


class _ProvedInput(forms.EmailInput):
    """The address with, below it, how far its proof is: a button, a box for the code, or that it is done."""

    template_name = "fields/proved_email.html"
    around = NOWHERE
    question_id = ""

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """What the template needs to say."""
        context = super().get_context(name, value, attrs)
        proof = self.around.proof(self.question_id, str(value)) if value else Proof()
        context["widget"] |= {"proof": proof, "code_name": f"{name}{CODE_SUFFIX}"}
        if proof.state == "sent":  # then it is the code that is wrong
            context["widget"]["code_invalid"] = context["widget"]["attrs"].pop("aria-invalid", None)
        return context


CODE_SUFFIX = "-codigo"
"""After the name of a question of e-mail, the name of the box for the code that proves it."""


@register
class EmailKind(FieldKind):
    """An e-mail address; with `verified`, one that the person proves with a code before going on."""

    name = "email"
    title = gettext_lazy("Correo electrónico")

    def control(self, field: Field) -> forms.Field:
        """A control that opens the e-mail keyboard on telephones."""
        attrs = {"class": "input input-20", "spellcheck": "false", **autocomplete(field, "email")}
        widget = _ProvedInput if field.verified else forms.EmailInput
        return _Email(widget=widget(attrs=attrs))

    def form_field(self, field: Field) -> forms.Field:
        """The hint says beforehand that a code will come."""
        made = super().form_field(field)
        if field.verified:
            told = _("Te enviaremos un código para comprobarlo")
            made.help_text = f"{field.hint.rstrip('.')}. {told}" if field.hint else told
            made.widget.question_id = field.id
        return made

    def place(self, made: forms.Field, around: Around, given: Mapping[str, Any]) -> None:
        """Who knows which addresses are proved."""
        if isinstance(made.widget, _ProvedInput):
            made.widget.around = around

    def lacking(self, made: forms.Field, answer: Any) -> str:
        """What to do until the address is proved."""
        if not isinstance(made.widget, _ProvedInput):
            return ""
        proof = made.widget.around.proof(made.widget.question_id, str(answer))
        if proof.state == "proved":
            return ""
        return proof.lacking or _("Escribe el código de 6 números que enviamos a %(email)s") % {"email": answer}

    def lacking_at(self, made: forms.Field, answer: Any) -> str:
        """The box of the code, once one was sent."""
        if isinstance(made.widget, _ProvedInput):
            proof = made.widget.around.proof(made.widget.question_id, str(answer))
            return CODE_SUFFIX if proof.state == "sent" else ""
        return ""

    def json_schema(self, field: Field) -> dict[str, Any]:
        """A string with the e-mail format."""
        return {"type": "string", "format": "email"}

    def sample(self, field: Field) -> str:
        """An address of the reserved domain."""
        return "ana@ejemplo.cl"


class _Phone(forms.CharField):
    def clean(self, value: Any) -> str:
        """The number with its country code: "+56912345678". ValidationError when it is none."""
        text: str = super().clean(value)
        digits = re.sub(r"[\s().\-‐‑–]", "", text)
        if not digits:
            return ""
        if re.fullmatch(r"[2-9]\d{8}", digits):
            return f"+56{digits}"
        if re.fullmatch(r"(\+|00)?56[2-9]\d{8}", digits):
            return f"+{digits[-11:]}"
        if re.fullmatch(r"\+(?!56)\d{8,15}", digits):
            return digits
        raise ValidationError(
            _("Escribe el teléfono con 9 números, como 9 1234 5678; si es de otro país, con + y código")
        )


@register
class PhoneKind(FieldKind):
    """A telephone number, stored with its country code."""

    name = "phone"
    title = gettext_lazy("Teléfono")
    missing: ClassVar[Promise] = gettext_lazy("Completa «%(label)s», por ejemplo 9 1234 5678")

    def control(self, field: Field) -> forms.Field:
        """A control that opens the numeric keyboard on telephones."""
        return _Phone(widget=forms.TextInput(attrs=self._attrs(field)))

    def _attrs(self, field: Field) -> dict[str, str]:
        return {"class": "input input-10", "type": "tel", **autocomplete(field, "tel")}

    def shown(self, answer: Any) -> str:
        """A Chilean number without its code, in groups: "9 1234 5678"."""
        text = str(answer)
        if re.fullmatch(r"\+56\d{9}", text):
            return f"{text[3]} {text[4:8]} {text[8:]}"
        return text

    def display(self, field: Field, answer: Any) -> str:
        """The number with its code, in groups: "+56 9 1234 5678"."""
        shown = self.shown(answer)
        return shown if shown.startswith("+") else f"+56 {shown}"

    def json_schema(self, field: Field) -> dict[str, Any]:
        """Plus sign, country code and number."""
        return {"type": "string", "pattern": r"^\+\d{8,15}$"}

    def sample(self, field: Field) -> str:
        """A mobile number."""
        return "+56912345678"
