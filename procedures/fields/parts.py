"""Answers in several boxes under one question: periods, names, addresses, papers of other countries, accounts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from procedures.fields.base import AT, FieldKind, kind_of, register
from procedures.fields.lists import banks, countries, place_in_words
from procedures.schema import Field, Option


def part(name: str, kind: str, label: str, **keys: Any) -> Field:
    """A box of the answer: a question of its own, of one of the simple types."""
    return Field(id=name, type=kind, label=label, **keys)  # type: ignore[arg-type]


def options_of(names: Mapping[str, str]) -> tuple[Option, ...]:
    """A list with codes as options; codes may have shapes that the ids of staff's options may not."""
    return tuple(Option.model_construct(id=code, label=name) for code, name in names.items())


class PartsWidget(forms.Widget):
    """The boxes, each with its label, hint and size."""

    template_name = "fields/parts.html"
    use_fieldset = True
    needs_multipart_form = False

    def __init__(self, parts: list[tuple[Field, forms.Field]]) -> None:
        super().__init__()
        self.parts = parts
        self.faulty: set[str] = set()

    def value_from_datadict(self, data: Any, files: Any, name: str) -> dict[str, Any]:
        """What was sent in each box, by part."""
        return {
            part.id: control.widget.value_from_datadict(data, files, f"{name}_{part.id}")
            for part, control in self.parts
        }

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """Each box drawn, with its label."""
        context = super().get_context(name, value, attrs)
        given = value if isinstance(value, Mapping) else {}
        base = str((attrs or {}).get("id", name))
        context["widget"]["parts"] = [
            self._part(part, control, f"{name}_{part.id}", f"{base}_{part.id}", given.get(part.id))
            for part, control in self.parts
        ]
        return context

    def _part(self, part: Field, control: forms.Field, name: str, target: str, value: Any) -> dict[str, Any]:
        hint = control.help_text
        attrs = {"id": target}
        if hint:
            attrs["aria-describedby"] = f"{target}_helptext"
        if part.id in self.faulty:
            attrs["aria-invalid"] = "true"
        html: SafeString = control.widget.render(name, value, attrs)
        is_set = control.widget.use_fieldset
        return {
            "label": part.label, "hint": hint, "optional": not part.required, "id": target, "is_set": is_set,
            "html": html,
        }  # fmt: skip


class PartsField(forms.Field):
    """Reads every box by its own rules; each fault is told, and leads to its box, which is marked."""

    widget: PartsWidget

    def __init__(self, parts: list[tuple[Field, forms.Field]]) -> None:
        super().__init__(widget=PartsWidget(parts))
        self.parts = parts

    def clean(self, value: Any) -> dict[str, Any] | None:
        """{part: stored answer} of the boxes filled in; None when all are empty. ValidationError names the box."""
        given = value if isinstance(value, Mapping) else {}
        if not any(is_typed(sent) for sent in given.values()):
            if self.required:
                self.widget.faulty |= {part.id for part, _control in self.parts if part.required}
                raise ValidationError(self.error_messages["required"], code="required")
            return None
        read: dict[str, Any] = {}
        faults: list[ValidationError] = []
        for part, control in self.parts:
            try:
                answer = kind_of(part).stored(control.clean(given.get(part.id)))
            except ValidationError as error:
                self.widget.faulty.add(part.id)
                faults.append(_at(part, error))
                continue
            if answer is not None:
                read[part.id] = answer
        if faults:
            raise ValidationError(faults)
        return read


def _at(part: Field, error: ValidationError) -> ValidationError:
    """The first fault of a part, with where in the question its control stands."""
    first = error.error_list[0]
    within = str(first.code or "")
    inside = within.removeprefix(AT) if within.startswith(AT) else kind_of(part).first_of(part)
    return ValidationError(first.messages[0], code=f"{AT}_{part.id}{inside}")


def is_typed(sent: Any) -> bool:
    """Whether anything was written or chosen in what a control gives."""
    if isinstance(sent, Mapping):
        return any(is_typed(one) for one in sent.values())
    if isinstance(sent, list):
        return any(is_typed(one) for one in sent)
    return bool(str(sent or "").strip())


class PartsKind(FieldKind):
    """What the types with several boxes share. The answer: {part: answer of the part}."""

    template_name = "fields/set.html"

    def parts(self, field: Field) -> list[Field]:
        """The boxes, in order."""
        raise NotImplementedError

    def control(self, field: Field) -> forms.Field:
        """A set of boxes."""
        return PartsField([(part, kind_of(part).form_field(part)) for part in self.parts(field)])

    def shown(self, answer: Any) -> dict[str, Any]:
        """Each part as its box shows it."""
        return {name: kind_of(part).shown(value) for part, name, value in self._given(answer)}

    def as_data(self, name: str, answer: Any) -> dict[str, list[str]]:
        """The entries of every box."""
        entries: dict[str, list[str]] = {}
        for part, part_name, value in self._given(answer):
            entries |= kind_of(part).as_data(f"{name}_{part_name}", value)
        return entries

    def _given(self, answer: Any, field: Field | None = None) -> list[tuple[Field, str, Any]]:
        known = {part.id: part for part in self.parts(field or _ANY)}
        return [(known[name], name, value) for name, value in (answer or {}).items() if name in known]

    def said(self, field: Field, answer: Any) -> dict[str, str]:
        """Each part given, in words."""
        return {name: kind_of(part).display(part, value) for part, name, value in self._given(answer, field)}

    def display(self, field: Field, answer: Any) -> str:
        """The parts in their order, on one line."""
        said = self.said(field, answer)
        return ", ".join(said[part.id] for part in self.parts(field) if part.id in said)

    def json_schema(self, field: Field) -> dict[str, Any]:
        """An object with the parts."""
        parts = self.parts(field)
        return {
            "type": "object",
            "required": [part.id for part in parts if part.required],
            "properties": {part.id: kind_of(part).json_schema(part) for part in parts},
        }

    def sample(self, field: Field) -> Any:
        """The sample of each part."""
        return {part.id: kind_of(part).sample(part) for part in self.parts(field)}


_ANY = Field(id="any", type="text", label="any")


@register
class PersonNameKind(PartsKind):
    """Names and surnames apart, as identity papers write them."""

    name = "person_name"
    title = gettext_lazy("Nombre en partes")
    first_control = "_names"

    def parts(self, field: Field) -> list[Field]:
        """Names, first surname, and a second one that not everybody has."""
        return [
            part("names", "text", _("Nombres"), max_length=100, autocomplete="given-name"),
            part("first_surname", "text", _("Primer apellido"), max_length=60, autocomplete="family-name"),
            part("second_surname", "text", _("Segundo apellido"), max_length=60, required=False),
        ]

    def display(self, field: Field, answer: Any) -> str:
        """ "Ana María Pérez Soto"."""
        return " ".join(self.said(field, answer).values())

    def sample(self, field: Field) -> dict[str, str]:
        """A name of nobody."""
        return {"names": "Ana María", "first_surname": "Pérez", "second_surname": "Soto"}


@register
class AddressKind(PartsKind):
    """An address in Chile, with its commune."""

    name = "address"
    title = gettext_lazy("Dirección")
    first_control = "_street"

    def parts(self, field: Field) -> list[Field]:
        """Street, number, what is inside, and commune."""
        return [
            part("street", "text", _("Calle, camino o pasaje"), max_length=120, autocomplete="address-line1"),
            part("number", "text", _("Número"), max_length=12, required=False, hint=_("Si no tiene, déjalo en blanco")),
            part("unit", "text", _("Departamento, casa, local o sector"), max_length=60, required=False),
            part("commune", "commune", _("Comuna")),
        ]

    def display(self, field: Field, answer: Any) -> str:
        """ "Libertad 450, depto. 3, Chillán, provincia de Diguillín, región de Ñuble"."""
        said = self.said(field, answer)
        street = " ".join(said[name] for name in ("street", "number") if name in said)
        return ", ".join([street, *([said["unit"]] if "unit" in said else []), place_in_words(answer["commune"])])

    def sample(self, field: Field) -> dict[str, str]:
        """A street of Chillán."""
        return {"street": "Libertad", "number": "450", "commune": "16101"}


@register
class ForeignIdKind(PartsKind):
    """A passport or an identity paper of another country."""

    name = "foreign_id"
    title = gettext_lazy("Pasaporte o documento extranjero")
    first_control = "_kind_0"

    def parts(self, field: Field) -> list[Field]:
        """Which paper, of which country, and its number."""
        papers = {"passport": _("Pasaporte"), "national_id": _("Documento de identidad"), "other": _("Otro documento")}
        return [
            part("kind", "choice", _("Qué documento es"), options=options_of(papers)),
            part("country", "choice", _("País que lo dio"), options=options_of(countries())),
            part(
                "number", "text", _("Número del documento"), max_length=30, hint=_("Como está escrito, con sus letras")
            ),
        ]

    def display(self, field: Field, answer: Any) -> str:
        """ "Pasaporte N° AB123456 de Perú"."""
        said = self.said(field, answer)
        return _("%(kind)s N° %(number)s de %(country)s") % said

    def sample(self, field: Field) -> dict[str, str]:
        """A passport."""
        return {"kind": "passport", "country": "PE", "number": "AB123456"}


@register
class BankAccountKind(PartsKind):
    """A bank account to be paid into."""

    name = "bank_account"
    title = gettext_lazy("Cuenta bancaria")
    first_control = "_bank"

    def parts(self, field: Field) -> list[Field]:
        """Bank, kind and number of the account, and whose it is."""
        kinds = {"sight": _("Cuenta vista o CuentaRUT"), "current": _("Cuenta corriente"), "savings": _("Ahorro")}
        return [
            part("bank", "choice", _("Banco"), options=options_of(banks())),
            part("kind", "choice", _("Tipo de cuenta"), options=options_of(kinds)),
            part("number", "text", _("Número de cuenta"), max_length=20, hint=_("Sin puntos ni guiones")),
            part("holder", "run", _("RUN (RUT) de quien es la cuenta")),
        ]

    def control(self, field: Field) -> forms.Field:
        """The number is read without points, spaces or hyphens."""
        return _AccountField([(part, kind_of(part).form_field(part)) for part in self.parts(field)])

    def display(self, field: Field, answer: Any) -> str:
        """ "BancoEstado, Cuenta vista o CuentaRUT N° 12345678, de 12.345.678-5"."""
        return _("%(bank)s, %(kind)s N° %(number)s, de %(holder)s") % self.said(field, answer)

    def sample(self, field: Field) -> dict[str, str]:
        """An account of nobody."""
        return {"bank": "012", "kind": "sight", "number": "12345678", "holder": "12345678-5"}


class _AccountField(PartsField):
    def clean(self, value: Any) -> dict[str, Any] | None:
        """The parts, the number in figures alone. ValidationError when it has letters."""
        read = super().clean(value)
        if read is None:
            return None
        digits = "".join(char for char in read["number"] if char not in " .-")
        if not digits.isascii() or not digits.isdigit():
            self.widget.faulty.add("number")
            raise ValidationError(_("Escribe el número de cuenta solo con números"), code=f"{AT}_number")
        return {**read, "number": digits}
