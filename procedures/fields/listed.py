"""One entry of a long list that staff keep: typed, found on the server, chosen from what was found."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from procedures.around import NOWHERE, Around, ListPlace
from procedures.fields.base import FieldKind, register
from procedures.lists.queries import Matches, entries_of, entry_of, exact_entry, search_list, version_at
from procedures.lists.reading import searchable
from procedures.models import ListEntry, ListVersion
from procedures.schema import Field

CHOSEN = "-elegida"
"""After the name of the question, the name of the entry that was chosen among those found."""
EMPTY = Matches([])
FEW = 12
"""Entries that are offered at once, to choose from without searching."""


class Finder:
    """The version of a list that a question uses, and what stands in it under the answer above. Looks when it must."""

    def __init__(self, question: Field, around: Around, given: Mapping[str, Any]) -> None:
        self.question = question
        self._around = around
        self.parent: str | None = None
        if question.under is not None:
            above = given.get(question.under)
            self.parent = str(above["code"] if isinstance(above, dict) else above or "")

    @property
    def waits(self) -> bool:
        """Whether the question above has no answer yet."""
        return self.parent == ""

    @cached_property
    def version(self) -> ListVersion | None:
        """The version that the application keeps."""
        place: ListPlace | None = self._around.lists()
        return version_at(place, self.question.list_code or "") if place else None

    @cached_property
    def few(self) -> list[ListEntry]:
        """All that can be chosen, where that is little enough to be read."""
        if self.version is None or self.waits:
            return []
        found = list(entries_of(self.version.pk, self.parent)[: FEW + 1])
        return found if len(found) <= FEW else []

    def chosen(self, code: str, typed: str) -> ListEntry | None:
        """The entry with that code, as long as what was typed still speaks of it."""
        found = entry_of(self.version.pk, code, self.parent) if self.version and code else None
        words = searchable(typed).split()
        return found if found and all(word in found.search for word in words) else None

    def exact(self, typed: str) -> ListEntry | None:
        """The one entry called like that."""
        return exact_entry(self.version.pk, typed, self.parent) if self.version and typed else None

    def matches(self, typed: str) -> Matches:
        """What to choose from."""
        if self.version is None or self.waits or not typed:
            return EMPTY
        return search_list(self.version.pk, typed, self.parent)


class ListedInput(forms.TextInput):
    """A box to search in, and below it what was found."""

    template_name = "fields/listed.html"
    finder = Finder(Field.model_construct(under=None, list_code=""), NOWHERE, {})

    def value_from_datadict(self, data: Any, files: Any, name: str) -> dict[str, str]:
        """What was typed, and the code of what was chosen."""
        return {"typed": str(data.get(name, "")).strip()[:300], "code": str(data.get(f"{name}{CHOSEN}", ""))[:60]}

    def format_value(self, value: Any) -> str:
        """What the box holds."""
        return str(value["typed"]) if isinstance(value, dict) else ""

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """What was found for what was typed, and where a page with script asks for more."""
        context = super().get_context(name, value, attrs)
        given = value if isinstance(value, dict) else {"typed": "", "code": ""}
        finder = self.finder
        chosen = finder.chosen(given["code"], given["typed"])
        matches = Matches([chosen]) if chosen else EMPTY if finder.few else finder.matches(given["typed"])
        context["widget"] |= {
            "few": finder.few,
            "matches": matches,
            "chosen": chosen.code if chosen else "",
            "chosen_name": f"{name}{CHOSEN}",
            "searched": bool(given["typed"]),
            "waits": finder.waits,
            "parent": finder.parent,
            "search_url": reverse("procedures:search_list", args=[finder.version.pk]) if finder.version else "",
        }
        return context


class ListedField(forms.Field):
    """Reads an entry of a list."""

    widget: ListedInput

    def __init__(self, question: Field) -> None:
        super().__init__(widget=ListedInput(attrs={"class": "input", "autocomplete": "off"}))
        self.question = question

    def clean(self, value: Any) -> dict[str, Any] | None:
        """The entry as it is stored. ValidationError says what to do when it is none, or not only one."""
        typed, code = (value or {}).get("typed", ""), (value or {}).get("code", "")
        if not typed and not code:
            if self.required:
                raise ValidationError(self._missing(), code="required")
            return None
        finder = self.widget.finder
        entry = finder.chosen(code, typed) or finder.exact(typed)
        if entry is None:
            raise ValidationError(self._told(finder, typed))
        assert finder.version is not None
        return {
            "code": entry.code,
            "label": entry.label,
            "list": self.question.list_code,
            "version": finder.version.number,
        }

    def _missing(self) -> str:
        """What to do where nothing was chosen: a short list has no box to write in, and one that waits, nothing yet."""
        finder, label = self.widget.finder, {"label": self.question.label}
        if finder.waits:
            return _("Responde primero la pregunta anterior, de la que depende «%(label)s»") % label
        if finder.few:
            return _("Elige una opción en «%(label)s»") % label
        return str(self.error_messages["required"])

    def _told(self, finder: Finder, typed: str) -> str:
        if finder.waits:
            return _("Responde primero la pregunta anterior, de la que depende «%(label)s»") % {
                "label": self.question.label
            }
        if finder.version is None:
            return _("La lista no está disponible en este momento. Guarda y sigue más tarde")
        if finder.matches(typed).entries:
            return _("Elige en «%(label)s» una de las opciones que encontramos") % {"label": self.question.label}
        return _("No encontramos «%(typed)s». Prueba con menos letras o con otra palabra") % {"typed": typed[:60]}


@register
class ListedKind(FieldKind):
    """One entry of a list: {"code", "label", "list", "version"}. The label is stored, so that it is said as it was."""

    name = "listed"
    title = gettext_lazy("Elegir de una lista larga")
    missing = gettext_lazy("Escribe y elige una opción en «%(label)s»")

    def control(self, field: Field) -> forms.Field:
        """A box to search in."""
        return ListedField(field)

    def place(self, made: forms.Field, around: Around, given: Mapping[str, Any]) -> None:
        """The list, and the answer of the question above. A short one is a set of options, with nothing to search."""
        assert isinstance(made, ListedField)
        made.widget.finder = Finder(made.question, around, given)
        if made.widget.finder.few:
            made.template_name = "fields/set.html"  # type: ignore[attr-defined]

    def look(self, made: forms.Field) -> str:
        """What is offered follows the answer above."""
        assert isinstance(made, ListedField)
        return made.widget.finder.parent or ""

    def shown(self, answer: Any) -> dict[str, str]:
        """As the box and the choice hold it."""
        return {"typed": answer["label"], "code": answer["code"]}

    def as_data(self, name: str, answer: Any) -> dict[str, list[str]]:
        """The name and the code."""
        return {name: [answer["label"]], f"{name}{CHOSEN}": [answer["code"]]}

    def display(self, field: Field, answer: Any) -> str:
        """Its name as it was when it was chosen."""
        return str(answer["label"])

    def json_schema(self, field: Field) -> dict[str, Any]:
        """The entry with its list and version."""
        return {
            "type": "object",
            "required": ["code", "label", "list", "version"],
            "properties": {
                "code": {"type": "string"},
                "label": {"type": "string"},
                "list": {"const": field.list_code},
                "version": {"type": "integer", "minimum": 1},
            },
        }

    def sample(self, field: Field) -> dict[str, Any]:
        """An entry of no list."""
        return {"code": "1", "label": "Ejemplo", "list": field.list_code or "", "version": 1}
