"""What changed between two contents of a procedure, as plain sentences. Nothing here knows Django but its language."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext
from pydantic import TypeAdapter, ValidationError

from procedures.partial import partial_bundle
from procedures.schema import Bundle, Condition, Field
from procedures.wording import describe

Data = dict[str, Any]
_CONDITION: TypeAdapter[Condition] = TypeAdapter(Condition)
Kind = Literal["added", "removed", "changed"]
IN_A_ROW = 5
"""Parts of the address of a question of a row."""
LONG = 80
"""From this many characters on a text is compared word by word."""


@dataclass(frozen=True)
class Change:
    """A change: what it is about in a sentence, and where it says more, the text before and after."""

    kind: Kind
    text: str
    before: str = ""
    after: str = ""

    @property
    def words(self) -> list[tuple[str, str]]:
        """Before and after word by word: ("", kept), ("del", gone), ("ins", new)."""
        return word_difference(self.before, self.after)

    @property
    def told(self) -> tuple[str, str]:
        """Before and after between quotation marks, where they have none of their own; a dash for nothing."""
        before, after = (text if "«" in text else f"«{text or '—'}»" for text in (self.before, self.after))
        return before, after

    @property
    def is_long(self) -> bool:
        """Whether it is easier to read word by word."""
        return max(len(self.before), len(self.after)) > LONG


def changes(old: Data, new: Data) -> list[Change]:
    """What makes `new` another procedure than `old` (the data of two bundles): nothing when they are the same."""
    before, after = dict(_items(old)), dict(_items(new))
    was, now = _Around(old), _Around(new)
    found: list[Change] = []
    for address, (name, item) in after.items():
        if len(address) == IN_A_ROW and address[:-1] not in before:
            continue  # told with its group
        if address not in before:
            found.append(Change("added", _("Se agregó %(what)s.") % {"what": name}))
        else:
            found += _inside(before[address][1], item, name, was.at(address), now.at(address))
    for address, (name, _item) in before.items():
        is_told = address[:-1] not in after if len(address) == IN_A_ROW else address[:-1] in _removed(before, after)
        if address not in after and not is_told:
            found.append(Change("removed", _("Se quitó %(what)s.") % {"what": name}))
    found += [*_orders(old, new), *_translated(old, new)]
    return found or ([Change("changed", _("Cambió algo que aquí no se dice."))] if _plain(old) != _plain(new) else [])


def word_difference(before: str, after: str) -> list[tuple[str, str]]:
    """Two texts compared word by word: ("", kept), ("del", gone), ("ins", new)."""
    old, new = re.findall(r"\s+|[^\s]+", before), re.findall(r"\s+|[^\s]+", after)
    made: list[tuple[str, str]] = []
    for tag, a, b, c, d in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            made.append(("", "".join(old[a:b])))
            continue
        made += [(mark, "".join(words)) for mark, words in (("del", old[a:b]), ("ins", new[c:d])) if words]
    return made


def _removed(before: dict[Any, Any], after: dict[Any, Any]) -> set[Any]:
    """Addresses that went; what stood in them needs no sentence of its own."""
    gone = {address for address in before if address not in after}
    return gone | {address[:size] for address in gone for size in (2, 4) if address[:size] in gone}


def _items(data: Data) -> Iterator[tuple[tuple[str, ...], tuple[str, Data]]]:
    """Every part that has a name, by its ids, with its name and without the parts inside it."""
    yield ("",), (_("el trámite"), {key: data.get(key) for key in ("title", "summary", "term")})
    yield ("ficha",), (_("la ficha"), _flat(data.get("ficha") or {}))
    yield ("law",), (_("los bloques legales"), _flat(data.get("law") or {}))
    yield ("exemption",), (_("la excepción a los medios electrónicos"), data.get("exemption") or {})
    for key in ("roles", "fees", "notices"):
        for item in data.get(key) or ():
            yield (key, item["id"]), (_named(key, item), item)
    for form in data.get("forms") or ():
        yield from _form(form)
    yield from _steps(data.get("steps") or ())
    for document in data.get("documents") or ():
        plain = {**document, "blocks": "\n\n".join(_block(block) for block in document.get("blocks") or ())}
        yield ("documents", document["id"]), (_named("documents", document), plain)


def _form(form: Data) -> Iterator[tuple[tuple[str, ...], tuple[str, Data]]]:
    yield ("forms", form["id"]), (_named("forms", form), {key: form.get(key) for key in ("title", "rules")})
    for page in form.get("pages") or ():
        here = ("forms", form["id"], "pages", page["id"])
        yield here, (_named("pages", page), {key: value for key, value in page.items() if key not in ("id", "fields")})
        for field in page.get("fields") or ():
            yield from _question(("forms", form["id"], "fields", field["id"]), field)


def _question(address: tuple[str, ...], field: Data) -> Iterator[tuple[tuple[str, ...], tuple[str, Data]]]:
    """A question, and those of its rows."""
    name = _named("fields", field)
    yield address, (name, {key: value for key, value in field.items() if key != "fields"})
    for inner in field.get("fields") or ():
        told = _("%(question)s de cada fila de %(group)s")
        yield (*address, inner["id"]), (told % {"question": _named("fields", inner), "group": name}, inner)


def _steps(steps: Any) -> Iterator[tuple[tuple[str, ...], tuple[str, Data]]]:
    for step in steps:
        plain = {key: value for key, value in step.items() if key != "branches"}
        yield ("steps", step["id"]), (_named("steps", step), plain)
        for branch in step.get("branches") or ():
            yield from _steps(branch)


def _inside(old: Data, new: Data, name: str, was: _Around, now: _Around) -> Iterator[Change]:
    for key in dict.fromkeys([*old, *new]):
        before, after = old.get(key), new.get(key)
        if before == after:
            continue
        what = _(_KEYS[key]) if key in _KEYS else key
        sentence = _("En %(name)s cambió %(what)s.") % {"name": name, "what": what}
        yield Change("changed", sentence, _words(before, was), _words(after, now))


def _orders(old: Data, new: Data) -> Iterator[Change]:
    """Questions and steps that changed places."""
    for form in new.get("forms") or ():
        before = next((each for each in old.get("forms") or () if each["id"] == form["id"]), None)
        if before and _moved(_field_ids(before), _field_ids(form)):
            yield Change(
                "changed", _("Cambió el orden de las preguntas de %(name)s.") % {"name": _named("forms", form)}
            )
    if _moved([s["id"] for s in old.get("steps") or ()], [s["id"] for s in new.get("steps") or ()]):
        yield Change("changed", _("Cambió el orden de los pasos en la lista."))


def _translated(old: Data, new: Data) -> Iterator[Change]:
    """How many texts say something else in other languages."""
    before, after = old.get("translations") or {}, new.get("translations") or {}
    for language in dict.fromkeys([*before, *after]):
        was, said = before.get(language) or {}, after.get(language) or {}
        count = sum(was.get(path) != said.get(path) for path in dict.fromkeys([*was, *said]))
        if count:
            text = ngettext("Cambió %(n)s traducción (%(language)s).", "Cambiaron %(n)s traducciones (%(language)s).",
                            count)  # fmt: skip
            yield Change("changed", text % {"n": count, "language": language})


def _plain(data: Data) -> Data:
    """The data without keys that say nothing."""
    return {key: value for key, value in data.items() if value not in (None, [], {}, "")}


def _moved(old: list[str], new: list[str]) -> bool:
    return [item for item in old if item in set(new)] != [item for item in new if item in set(old)]


def _field_ids(form: Data) -> list[str]:
    asked = [field for page in form.get("pages") or () for field in page.get("fields") or ()]
    return [name for field in asked for name in (field["id"], *_row_ids(field))]


def _row_ids(field: Data) -> list[str]:
    return [f"{field['id']}.{inner['id']}" for inner in field.get("fields") or ()]


def _flat(ficha: Data) -> Data:
    return {
        name: value
        for key, part in ficha.items()
        for name, value in (
            ((f"{key}.{inner}", deep) for inner, deep in part.items()) if isinstance(part, dict) else ((key, part),)
        )
    }


def _block(block: Data) -> str:
    return str(block.get("text") or f"[{block.get('step')}: {', '.join(block.get('fields') or ())}]")


def _words(value: Any, content: _Around) -> str:
    """A value in words: options and norms one a line, conditions as sentences and ways by their names."""
    if value is None or value == [] or value == "":
        return _("nada")
    if isinstance(value, bool):
        return _("sí") if value else _("no")
    if isinstance(value, list):
        return "\n".join(_words(item, content) for item in value)
    if isinstance(value, dict):
        if (condition := _condition(value)) is not None:
            return describe(condition, content.bundle)
        named = value.get("label") or value.get("title")
        parts = [
            f"{_(_KEYS[key]) if key in _KEYS else key}: {_words(inner, content)}"
            for key, inner in value.items()
            if key != "id"
        ]
        return str(named) if named and set(value) <= {"id", "label", "title"} else ", ".join(parts)
    return content.titles.get(str(value), str(value))


def _condition(value: Data) -> Condition | None:
    """The condition that some data say; None when they say something else."""
    if len(value) != 1 or not value.keys() & {"all", "any", "none", "cel"}:
        return None
    try:
        return _CONDITION.validate_python(value)
    except ValidationError:
        return None


class _Around:
    """The content in which a value stands, for the names of what it names."""

    def __init__(self, data: Data, row_of: Field | None = None) -> None:
        self.data, self._row_of = data, row_of

    @cached_property
    def bundle(self) -> Bundle:
        """Its readable part; in a row, as its conditions read it."""
        found = partial_bundle(self.data)
        return found if self._row_of is None else found.in_row(self._row_of)

    def at(self, address: tuple[str, ...]) -> _Around:
        """The same around what stands at an address."""
        if len(address) != IN_A_ROW:
            return self
        forms = (form for form in self.bundle.forms if form.id == address[1])
        groups = (field for form in forms for field in form.fields if field.id == address[3])
        return _Around(self.data, next(groups, None))

    @cached_property
    def titles(self) -> dict[str, str]:
        """Names of what ids stand for."""
        found = {step[0][1]: step[1][1].get("title", "") for step in _steps(self.data.get("steps") or ())}
        for key in ("roles", "forms", "documents"):
            found |= {item["id"]: item.get("title", "") for item in self.data.get(key) or ()}
        return {name: f"«{title}»" for name, title in found.items() if title}


def _named(kind: str, item: Data) -> str:
    title = item.get("label") or item.get("title") or item.get("subject") or item.get("text") or item["id"]
    return _(_NOUNS[kind]) % {"name": str(title)[:90]}


_NOUNS = {
    "roles": gettext_noop("el cargo «%(name)s»"),
    "fees": gettext_noop("el cobro «%(name)s»"),
    "notices": gettext_noop("el aviso «%(name)s»"),
    "forms": gettext_noop("el formulario «%(name)s»"),
    "pages": gettext_noop("la página «%(name)s»"),
    "fields": gettext_noop("la pregunta «%(name)s»"),
    "steps": gettext_noop("el paso «%(name)s»"),
    "documents": gettext_noop("el documento «%(name)s»"),
}
_KEYS = {
    "title": gettext_noop("el nombre"),
    "applicant_title": gettext_noop("cómo lo lee quien solicita"),
    "summary": gettext_noop("qué se obtiene"),
    "term": gettext_noop("el plazo legal"),
    "label": gettext_noop("el texto"),
    "hint": gettext_noop("la ayuda"),
    "type": gettext_noop("el tipo de respuesta"),
    "required": gettext_noop("si es obligatoria"),
    "options": gettext_noop("las opciones"),
    "visible_when": gettext_noop("cuándo se muestra"),
    "help": gettext_noop("las instrucciones"),
    "rules": gettext_noop("las reglas entre respuestas"),
    "skip": gettext_noop("los saltos"),
    "exits": gettext_noop("quién no puede seguir"),
    "officer": gettext_noop("quién examina y redacta los actos"),
    "suspensions": gettext_noop("las causas de suspensión"),
    "formalities": gettext_noop("la tramitación posterior"),
    "withdrawal": gettext_noop("si la persona puede desistirse"),
    "waiver": gettext_noop("si la persona puede renunciar"),
    "abandonment": gettext_noop("si se puede declarar el abandono"),
    "impossibility": gettext_noop("si puede terminar por imposibilidad"),
    "extension": gettext_noop("si se pueden ampliar los plazos"),
    "urgency": gettext_noop("si hay tramitación de urgencia"),
    "joinder": gettext_noop("si se puede acumular a otra solicitud"),
    "own_motion": gettext_noop("si se puede iniciar de oficio"),
    "clarification": gettext_noop("si los actos se pueden aclarar"),
    "appeals.amount": gettext_noop("el plazo para presentar recursos"),
    "appeals.decide_in": gettext_noop("el plazo para resolver recursos"),
    "appeals.source": gettext_noop("la norma de los recursos"),
    "appeals.reposition": gettext_noop("si procede la reposición"),
    "appeals.hierarchical": gettext_noop("el superior del recurso jerárquico"),
    "opposition.amount": gettext_noop("el plazo para oponerse"),
    "opposition.unit": gettext_noop("en qué se cuenta el plazo para oponerse"),
    "opposition.source": gettext_noop("la norma de la oposición"),
    "opposition.title": gettext_noop("cómo se llama la oposición"),
    "paper": gettext_noop("cuándo se pide presentar en papel"),
    "letter": gettext_noop("cuándo se pide ser notificado por carta certificada"),
    "office": gettext_noop("cuándo se pide ser notificado en la oficina"),
    "address": gettext_noop("la respuesta con la dirección"),
    "next": gettext_noop("a dónde sigue"),
    "when": gettext_noop("si se cumple"),
    "goto": gettext_noop("sigue a"),
    "otherwise": gettext_noop("en los demás casos"),
    "deadline": gettext_noop("el plazo"),
    "amount": gettext_noop("cantidad"),
    "unit": gettext_noop("unidad"),
    "source": gettext_noop("norma"),
    "trigger": gettext_noop("corre desde"),
    "role": gettext_noop("quién lo hace"),
    "assign": gettext_noop("cómo se reparte"),
    "role_when": gettext_noop("quién lo hace según reglas"),
    "signers": gettext_noop("quién firma"),
    "level": gettext_noop("la clase de firma"),
    "document": gettext_noop("el documento"),
    "notice": gettext_noop("el aviso"),
    "blocks": gettext_noop("el texto"),
    "worse_when": gettext_noop("cuándo deja a la persona peor que antes"),
    "body": gettext_noop("el texto"),
    "subject": gettext_noop("el asunto"),
    "audience": gettext_noop("a quién está dirigido"),
    "requirements": gettext_noop("lo que hay que tener a mano"),
    "cost": gettext_noop("el costo"),
    "per": gettext_noop("por qué se multiplica"),
    "amounts": gettext_noop("los valores que dependen de los datos o de la fecha"),
    "since": gettext_noop("rige desde"),
    "until": gettext_noop("hasta"),
    "ruled_by": gettext_noop("qué fecha decide el monto"),
    "minutes": gettext_noop("cuánto toma"),
    "response": gettext_noop("cuándo y cómo se responde"),
    "legal_basis": gettext_noop("las normas en que se funda"),
    "silence.effect": gettext_noop("el efecto del silencio"),
    "silence.source": gettext_noop("la norma del silencio"),
}
