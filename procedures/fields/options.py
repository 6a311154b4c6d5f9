"""Questions answered by choosing: yes or no, one option, several, a commune, a declaration."""

from itertools import groupby
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from procedures.fields.base import FieldKind, register
from procedures.fields.lists import communes
from procedures.schema import Field, Option

RADIOS_AT_MOST = 10
"""With more options than these the question is a drop-down list."""


class _ChoosingKind(FieldKind):
    template_name = "fields/set.html"
    first_control = "_0"
    missing = gettext_lazy("Elige una opción en «%(label)s»")

    def form_field(self, field: Field) -> forms.Field:
        """The options speak the language of the question."""
        made = super().form_field(field)
        if field.lang and field.options:
            made.widget.attrs["lang"] = field.lang
        return made

    def _messages(self, made: forms.ChoiceField) -> forms.ChoiceField:
        made.error_messages["invalid_choice"] = _("Elige una de las opciones que se muestran")
        return made


class OptionRadios(forms.RadioSelect):
    """Radio buttons with a hint below each option that has one."""

    template_name = "fields/choices.html"
    hints: dict[str, str] = {}

    def create_option(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """The option with its hint."""
        made = super().create_option(*args, **kwargs)
        made["hint"] = self.hints.get(str(made["value"]), "")
        return made


class OptionBoxes(OptionRadios, forms.CheckboxSelectMultiple):
    """Check boxes with the same layout."""

    allow_multiple_selected = True
    input_type = "checkbox"


@register
class YesNoKind(_ChoosingKind):
    """Yes or no."""

    name = "yes_no"
    title = gettext_lazy("Sí o no")
    missing = gettext_lazy("Elige Sí o No en «%(label)s»")

    def control(self, field: Field) -> forms.Field:
        """Two radio buttons, none chosen beforehand."""
        choices = [("yes", gettext_lazy("Sí")), ("no", gettext_lazy("No"))]
        return self._messages(forms.ChoiceField(choices=choices, widget=OptionRadios()))

    def shown(self, answer: Any) -> str:
        """ "yes" or "no"."""
        return "yes" if answer else "no"

    def stored(self, cleaned: Any) -> bool | None:
        """True, False, or None without an answer."""
        return cleaned == "yes" if cleaned else None

    def display(self, field: Field, answer: Any) -> str:
        """Sí or No."""
        return _("Sí") if answer else _("No")

    def json_schema(self, field: Field) -> dict[str, Any]:
        """A boolean."""
        return {"type": "boolean"}

    def sample(self, field: Field) -> bool:
        """Yes."""
        return True


@register
class ChoiceKind(_ChoosingKind):
    """One option of a list."""

    name = "choice"
    title = gettext_lazy("Elegir una opción")

    def control(self, field: Field) -> forms.Field:
        """Radio buttons, or a drop-down list where there are many."""
        choices = [(option.id, option.label) for option in field.options]
        if len(choices) > RADIOS_AT_MOST:
            drop_down = forms.Select(attrs={"class": "select"})
            return self._messages(forms.ChoiceField(choices=[("", ""), *choices], widget=drop_down))
        radios = OptionRadios()
        radios.hints = _hints(field)
        return self._messages(forms.ChoiceField(choices=choices, widget=radios))

    def form_field(self, field: Field) -> forms.Field:
        """A drop-down list is drawn like any single control."""
        made = super().form_field(field)
        if not made.widget.use_fieldset:
            made.template_name = "fields/input.html"  # type: ignore[attr-defined]
        return made

    def first_of(self, field: Field) -> str:
        """The first radio button, or the list itself."""
        return "" if len(field.options) > RADIOS_AT_MOST else "_0"

    def display(self, field: Field, answer: Any) -> str:
        """The label of the option."""
        return _labels(field).get(answer, str(answer))

    def json_schema(self, field: Field) -> dict[str, Any]:
        """One of the ids."""
        return {"type": "string", "enum": list(_labels(field))}

    def sample(self, field: Field) -> str:
        """The first option."""
        return field.options[0].id


@register
class ChoicesKind(_ChoosingKind):
    """Several options of a list."""

    name = "choices"
    title = gettext_lazy("Elegir varias opciones")
    missing = gettext_lazy("Elige al menos una opción en «%(label)s»")

    def control(self, field: Field) -> forms.Field:
        """Check boxes."""
        widget = OptionBoxes()
        widget.hints = _hints(field)
        choices = [(option.id, option.label) for option in field.options]
        return self._messages(forms.MultipleChoiceField(choices=choices, widget=widget))

    def as_data(self, name: str, answer: Any) -> dict[str, list[str]]:
        """One entry with every id."""
        return {name: list(answer)}

    def stored(self, cleaned: Any) -> list[str] | None:
        """The ids, or None when none was chosen."""
        return list(cleaned) or None

    def display(self, field: Field, answer: Any) -> str:
        """The labels, one a line."""
        labels = _labels(field)
        return "\n".join(labels.get(option, option) for option in answer)

    def json_schema(self, field: Field) -> dict[str, Any]:
        """A list of ids without repeats."""
        return {"type": "array", "items": {"enum": list(_labels(field))}, "uniqueItems": True}

    def sample(self, field: Field) -> list[str]:
        """The first option."""
        return [field.options[0].id]


@register
class LinkedKind(_ChoosingKind):
    """One option of a list in two levels: the options of each group stand under its name."""

    name = "linked"
    title = gettext_lazy("Listas enlazadas")
    template_name = "fields/input.html"
    first_control = ""

    def control(self, field: Field) -> forms.Field:
        """One list in groups; where there is script, a first list narrows it to one of them."""
        groups = [
            (group, [(option.id, option.label) for option in members])
            for group, members in groupby(field.options, key=lambda option: option.group or "")
        ]
        widget = forms.Select(attrs={"class": "select", "data-narrow": _("Grupo")})
        return self._messages(forms.ChoiceField(choices=[("", ""), *groups], widget=widget))

    def display(self, field: Field, answer: Any) -> str:
        """ "Alimentos: Panadería"."""
        chosen = next((option for option in field.options if option.id == answer), None)
        return f"{chosen.group}: {chosen.label}" if chosen and chosen.group else chosen.label if chosen else str(answer)

    def json_schema(self, field: Field) -> dict[str, Any]:
        """One of the ids."""
        return {"type": "string", "enum": list(_labels(field))}

    def sample(self, field: Field) -> str:
        """The first option."""
        return field.options[0].id


class _RankingWidget(forms.MultiWidget):
    """One list of places for each option."""

    template_name = "fields/ranking.html"
    use_fieldset = True

    def __init__(self, options: tuple[Option, ...]) -> None:
        places = [("", ""), *((str(place), str(place)) for place in range(1, len(options) + 1))]
        super().__init__({option.id: forms.Select(attrs={"class": "select"}, choices=places) for option in options})
        self.options = options

    def decompress(self, value: Any) -> list[str]:
        """The place of each option in a stored order."""
        order = list(value or ())
        return [str(order.index(option.id) + 1) if option.id in order else "" for option in self.options]

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """The lists with the labels of their options."""
        context = super().get_context(name, value, attrs)
        for option, part in zip(self.options, context["widget"]["subwidgets"], strict=True):
            part["label"] = option.label
        return context


class _RankingField(forms.Field):
    def __init__(self, question: Field) -> None:
        super().__init__(widget=_RankingWidget(question.options))
        self.question = question

    def clean(self, value: Any) -> list[str]:
        """The options in the order given. ValidationError when a place is missing or given twice."""
        places = list(value or ())
        if not any(places):
            if self.required:
                raise ValidationError(self.error_messages["required"], code="required")
            return []
        ids = [option.id for option in self.question.options]
        wanted = [str(place) for place in range(1, len(ids) + 1)]
        if sorted(places) != sorted(wanted):
            raise ValidationError(
                _("Da a cada opción de «%(label)s» un lugar distinto, del 1 al %(last)s")
                % {"label": self.question.label, "last": len(ids)}
            )
        return [ids[places.index(place)] for place in wanted]


@register
class RankingKind(ChoicesKind):
    """All the options of a list in an order of preference. Stored as their ids, the first one first."""

    name = "ranking"
    title = gettext_lazy("Ordenar por preferencia")
    missing = gettext_lazy("Da un lugar a cada opción de «%(label)s»")

    def control(self, field: Field) -> forms.Field:
        """A list of places for each option: no dragging needed."""
        return _RankingField(field)

    def as_data(self, name: str, answer: Any) -> dict[str, list[str]]:
        """One entry for each option."""
        return {f"{name}_{option}": [str(place)] for place, option in enumerate(answer, 1)}

    def display(self, field: Field, answer: Any) -> str:
        """The labels with their place, one a line."""
        labels = _labels(field)
        return "\n".join(f"{place}. {labels.get(option, option)}" for place, option in enumerate(answer, 1))

    def sample(self, field: Field) -> list[str]:
        """The order of the question."""
        return [option.id for option in field.options]


def _labels(field: Field) -> dict[str, str]:
    return {option.id: option.label for option in field.options}


def _hints(field: Field) -> dict[str, str]:
    return {option.id: option.hint or "" for option in field.options}


@register
class CommuneKind(FieldKind):
    """A commune, stored by its official code."""

    name = "commune"
    title = gettext_lazy("Comuna")
    missing = gettext_lazy("Elige la comuna en «%(label)s»")

    def control(self, field: Field) -> forms.Field:
        """One list grouped by region, which needs no script; where there is one, a first list narrows it."""
        groups: list[tuple[str, Any]] = [("", "")]
        for region, members in groupby(communes().values(), key=lambda commune: commune.region_name):
            names = sorted(((commune.code, commune.name) for commune in members), key=lambda pair: _sortable(pair[1]))
            groups.append((region, names))
        widget = forms.Select(attrs={"class": "select", "data-narrow": _("Región")})
        made = forms.ChoiceField(choices=groups, widget=widget)
        made.error_messages["invalid_choice"] = _("Elige una de las comunas de la lista")
        return made

    def display(self, field: Field, answer: Any) -> str:
        """Its name; the code itself when it is none of today's."""
        known = communes().get(answer)
        return known.name if known else str(answer)

    def json_schema(self, field: Field) -> dict[str, Any]:
        """A five-digit code."""
        return {"type": "string", "pattern": r"^\d{5}$"}

    def sample(self, field: Field) -> str:
        """Santiago."""
        return "13101"


def _sortable(name: str) -> str:
    """A key that sorts Ñuñoa after Nueva Imperial and Ángeles with the A."""
    return name.lower().translate(str.maketrans("áéíóúü", "aeiouu")).replace("ñ", "n\uffff")


@register
class DeclarationKind(FieldKind):
    """Something that the person declares by marking a box, never marked beforehand."""

    name = "declaration"
    title = gettext_lazy("Declaración")
    template_name = "fields/declaration.html"
    missing = gettext_lazy("Marca la casilla para continuar: «%(label)s»")

    def control(self, field: Field) -> forms.Field:
        """One check box."""
        return forms.BooleanField()

    def as_data(self, name: str, answer: Any) -> dict[str, list[str]]:
        """An entry only when it is marked."""
        return {name: ["on"]} if answer else {}

    def stored(self, cleaned: Any) -> bool | None:
        """True, or None when it is not marked."""
        return True if cleaned else None

    def display(self, field: Field, answer: Any) -> str:
        """Declarado."""
        return _("Declarado") if answer else _("No declarado")

    def json_schema(self, field: Field) -> dict[str, Any]:
        """A boolean."""
        return {"type": "boolean"}

    def sample(self, field: Field) -> bool:
        """Marked."""
        return True


@register
class ConsentKind(DeclarationKind):
    """The express consent to use sensitive data, apart from every other declaration (Ley 19.628, art. 16)."""

    name = "consent"
    title = gettext_lazy("Consentimiento para datos sensibles")
    template_name = "fields/consent.html"
    missing = gettext_lazy("Marca la casilla si das tu consentimiento: «%(label)s»")

    def form_field(self, field: Field) -> forms.Field:
        """The box, with what it is for and by which norm."""
        made = super().form_field(field)
        made.purpose, made.text = field.personal, field.text  # type: ignore[attr-defined]
        return made

    def display(self, field: Field, answer: Any) -> str:
        """Consiente."""
        return _("Consiente") if answer else _("No consiente")
