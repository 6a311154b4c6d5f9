"""What the publish gate finds, in words for who designs, with a link to where it is put right."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from designer import tree, wording
from designer.advising.queries import advice_on_people, dismissed_marks
from designer.cards.parts import holder_of, part_of
from designer.models import ProcedureDraft
from designer.queries import findings_of
from designer.translating.rules import language_name, spanish_of
from designer.tree import Address, Data
from procedures.api import Finding

_QUOTED = re.compile(r"'([a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)?)'")
_MISSING = re.compile(r"^Falta «([a-z_0-9]+)»\.$")
_KEYS = {
    "amount": gettext_lazy("el plazo"),
    "applicant_title": gettext_lazy("cómo lo lee quien solicita"),
    "article": gettext_lazy("el artículo"),
    "audience": gettext_lazy("a quién está dirigido"),
    "basis": gettext_lazy("la norma que permite tratar los datos"),
    "body": gettext_lazy("el texto"),
    "channels": gettext_lazy("por dónde se puede hacer"),
    "cost": gettext_lazy("cuánto cuesta"),
    "deadline": gettext_lazy("el plazo"),
    "document": gettext_lazy("el documento"),
    "effect": gettext_lazy("el efecto del silencio"),
    "email": gettext_lazy("el correo"),
    "form": gettext_lazy("el formulario"),
    "hours": gettext_lazy("el horario"),
    "key": gettext_lazy("el dato por el que se busca"),
    "label": gettext_lazy("el texto de la pregunta"),
    "legal_basis": gettext_lazy("la norma en que se funda"),
    "level": gettext_lazy("la clase de firma"),
    "minutes": gettext_lazy("cuánto toma"),
    "next": gettext_lazy("a dónde sigue"),
    "norm": gettext_lazy("la norma"),
    "notice": gettext_lazy("el aviso"),
    "office": gettext_lazy("la oficina"),
    "over": gettext_lazy("la lista cuyas filas se recorren"),
    "connector": gettext_lazy("el conector"),
    "fact": gettext_lazy("el registro"),
    "until": gettext_lazy("la fecha que se espera"),
    "event": gettext_lazy("el hecho que se espera"),
    "procedure": gettext_lazy("el código del otro trámite"),
    "requested_by": gettext_lazy("la tarea en que se pide"),
    "amends": gettext_lazy("qué se corrige"),
    "goto": gettext_lazy("a dónde sigue"),
    "otherwise": gettext_lazy("a dónde sigue en los demás casos"),
    "options": gettext_lazy("las opciones"),
    "outcome": gettext_lazy("cómo termina"),
    "phone": gettext_lazy("el teléfono"),
    "purpose": gettext_lazy("para qué se usan los datos"),
    "response": gettext_lazy("cuándo y cómo se responde"),
    "retention": gettext_lazy("cuánto se guarda el expediente"),
    "role": gettext_lazy("quién lo hace"),
    "signers": gettext_lazy("quién firma"),
    "silence": gettext_lazy("el efecto del silencio"),
    "source": gettext_lazy("la norma"),
    "statement": gettext_lazy("lo que la persona declara"),
    "subject": gettext_lazy("el asunto"),
    "summary": gettext_lazy("qué se obtiene"),
    "term": gettext_lazy("el plazo legal"),
    "term.amount": gettext_lazy("el plazo legal para decidir"),
    "term.source": gettext_lazy("la norma que fija el plazo legal"),
    "term.unit": gettext_lazy("en qué se cuenta el plazo legal"),
    "exemption.paper": gettext_lazy("cuándo se pide presentar en papel"),
    "exemption.letter": gettext_lazy("cuándo se pide ser notificado por carta certificada"),
    "exemption.office": gettext_lazy("cuándo se pide ser notificado en la oficina"),
    "exemption.address": gettext_lazy("la respuesta con la dirección a la que llegan las cartas"),
    "ficha.silence.source": gettext_lazy("la norma del silencio"),
    "ficha.retention.source": gettext_lazy("la norma que fija cuánto se guarda el expediente"),
    "text": gettext_lazy("el texto"),
    "title": gettext_lazy("el nombre"),
    "trigger": gettext_lazy("desde cuándo corre"),
    "unit": gettext_lazy("en qué se cuenta el plazo"),
    "years": gettext_lazy("cuántos años se guarda"),
}
"""Keys of the schema as the cards call them."""
_REMEDIES = {
    "act_not_notified": gettext_lazy("Elige ese acto en el aviso que lo sigue."),
    "act_without_appeals": gettext_lazy("Agrega un bloque y marca que dice los recursos."),
    "act_without_decision": gettext_lazy("Agrega un bloque y marca que dice la decisión."),
    "act_without_number": gettext_lazy("Escribe su libro de numeración."),
    "act_without_reasons": gettext_lazy("Agrega un bloque y marca que dice los fundamentos."),
    "answers_not_sure": gettext_lazy("Muestra el bloque solo si esa respuesta existe."),
    "attached_before_signed": gettext_lazy("Mueve el aviso después de la firma."),
    "correction_expiry": gettext_lazy("Elige una tarea en «Si vence, pasa a»: el plazo no cierra el caso por sí solo."),
    "datum_not_sure": gettext_lazy("Muestra el bloque solo si esa respuesta existe, o pregúntala siempre."),
    "end_without_act": gettext_lazy("Agrega antes la firma o el sello de un documento."),
    "no_otherwise": gettext_lazy("Elige a dónde sigue en los demás casos."),
    "not_issued": gettext_lazy("Agrega un paso que lo firme o lo selle, o quita el documento."),
    "long_page": gettext_lazy("Divide la página: hasta 5 preguntas se leen bien en un teléfono."),
    "unknown_field": gettext_lazy("Elige otra respuesta."),
    "unreachable": gettext_lazy("Haz que otro paso siga a este, o quítalo."),
    "unused_form": gettext_lazy("Úsalo en un paso o quítalo."),
    "unused_notice": gettext_lazy("Úsalo en un paso o quítalo."),
    "unused_role": gettext_lazy("Dale un paso o quítalo."),
}
"""What to do on these pages, where the gate's own words speak of the file."""


@dataclass(frozen=True)
class Said:
    """A finding as a page says it."""

    text: str
    remedy: str
    what: str
    """The item that it is about."""
    url: str
    is_error: bool
    address: Address

    @property
    def mark(self) -> str:
        """Names the suggestion: its place and its words."""
        return tree.fingerprint([tree.written(self.address), self.text])


def said_of(draft: ProcedureDraft) -> list[Said]:
    """Everything that the gate finds in a draft, errors first, without the suggestions that somebody dismissed."""
    found = everything_said(draft)
    if not any(not said.is_error for said in found):
        return found
    dismissed = dismissed_marks(draft)
    return [said for said in found if said.is_error or said.mark not in dismissed]


def everything_said(draft: ProcedureDraft) -> list[Said]:
    """Everything that the gate finds in a draft and advice on who fills its roles, errors first."""
    found = [*findings_of(draft.content).findings, *advice_on_people(draft)]
    return sorted((_said(draft, finding) for finding in found), key=lambda said: not said.is_error)


def errors_in(draft: ProcedureDraft) -> int:
    """How many of what the gate finds keep the draft from being published; it asks the database nothing."""
    return sum(finding.severity == "error" for finding in findings_of(draft.content).findings)


def below(found: list[Said], *prefixes: str) -> list[Said]:
    """The findings that stand at or below these addresses."""
    wanted = [tree.parse(prefix) for prefix in prefixes]
    return [said for said in found if any(said.address[: len(start)] == start for start in wanted)]


def missing_in_ficha(draft: ProcedureDraft) -> list[Said]:
    """What keeps the draft from being published and is written on the page of its ficha."""
    return [said for said in below(said_of(draft), *_ON_FICHA) if said.is_error]


_ON_FICHA = ("ficha", "term", "title", "summary", "code")


def url_of(draft: ProcedureDraft, address: Address) -> str:
    """The page on which the item at an address is changed."""
    if address[:2] != ("term", "amounts") and address[:1] in {(key,) for key in _ON_FICHA}:
        return reverse("designer:ficha", args=[draft.pk]) + _anchor(address)
    if not address or address == ("steps",):
        return reverse("designer:steps", args=[draft.pk])
    if address[0] == "translations":
        url = reverse("designer:language" if address[1:] else "designer:languages", args=[draft.pk, *address[1:2]])
        return f"{url}?{urlencode({'texto': address[2]})}" if address[2:] else url
    item = editable(draft.content, address)
    if item:
        return reverse("designer:item", args=[draft.pk, tree.written(item)])
    pages = {"steps": "designer:steps", "documents": "designer:documents", "notices": "designer:documents",
             "fees": "designer:ficha"}  # fmt: skip
    return reverse(pages.get(address[0], "designer:questions"), args=[draft.pk])


def editable(content: Data, address: Address) -> Address:
    """The nearest item around an address that has a card of its own; empty when there is none."""
    for size in range(len(address), 0, -1):
        if is_item(content, address[:size]):
            return address[:size]
    return ()


def is_item(content: Data, address: Address) -> bool:
    """Whether a card edits what stands at an address."""
    if address in (("law",), ("exemption",)):
        return True
    if part_of(address) is not None:
        holder = holder_of(address)
        is_held = isinstance(tree.find(content, address), dict)
        return is_held and (holder in ((), ("term",)) or is_item(content, holder))
    if not isinstance(tree.find(content, address), dict):
        return False
    if address[0] == "forms":
        return len(address) in (2, 4, 6, 8) and address[2::2] == ("pages", "fields", "fields")[: len(address) // 2 - 1]
    if address[0] == "documents":
        return len(address) in (2, 4) and (len(address) == 2 or address[2] == "blocks")
    if address[0] == "steps":
        return address[-2] in ("steps", "next") or address[-3:-2] == ("branches",)
    return address[0] in ("roles", "notices") and len(address) == 2


def _anchor(address: Address) -> str:
    name = "-".join(part for part in address if not part.isdecimal())
    return "#normas" if "legal_basis" in address else f"#d-{name}"


def _said(draft: ProcedureDraft, finding: Finding) -> Said:
    first, language, text = [*finding.path.split(".", 2), "", ""][:3]
    if first == "translations" and text:
        return _said_of_translation(draft, finding, language, text)
    place = tuple(int(part) if part.isdecimal() else part for part in finding.path.split(".") if part)
    address = tree.address_of(draft.content, place)
    found = _MISSING.match(finding.message)
    missing = found.group(1) if found else ""
    is_empty = finding.code in ("string_too_short", "too_short") or tree.find(draft.content, address) == ""
    if is_empty and finding.severity == "error" and address and address[-1] in _KEYS:
        missing = address[-1]
    elif missing and address[:1] in (("ficha",), ("term",), ("exemption",), ()):
        address = (*address, missing)
    text = finding.message
    if missing:
        whole = ".".join(address) if address and address[-1] == missing else ""
        text = _("Falta %(what)s.") % {"what": _KEYS.get(whole, _KEYS.get(missing, missing))}
    named = wording.name_of(draft.content, address) if address and address[0] in _NAMED else ""
    remedy = str(_REMEDIES.get(finding.code, "" if missing or _speaks_of_files(finding.remedy) else finding.remedy))
    return Said(_with_titles(text, draft.content), _with_titles(remedy, draft.content), named,
                url_of(draft, address), finding.severity == "error", address)  # fmt: skip


def _said_of_translation(draft: ProcedureDraft, finding: Finding, language: str, path: str) -> Said:
    """A finding about a text in another language: which text it is, in words, and the place where it is translated."""
    address = ("translations", language, path)
    said = Said(finding.message, finding.remedy, wording.name_of(draft.content, tuple(path.split("."))),
                url_of(draft, address), finding.severity == "error", address)  # fmt: skip
    if path not in spanish_of(draft.content):
        stray = _("Una traducción (%(language)s) es de un texto que ya no está en el trámite.")
        return replace(
            said,
            text=stray % {"language": language_name(language).lower()},
            remedy=_("Quítala en la página de ese idioma."),
        )
    if finding.code == "half_translated":
        lacking = _("Falta la traducción (%(language)s) de «%(text)s».")
        return replace(
            said,
            text=lacking % {"language": language_name(language).lower(), "text": wording.text_name(path)},
            remedy=_("Mientras falte, todo eso se lee en español."),
        )
    return said


_NAMED = frozenset({"roles", "forms", "steps", "documents", "notices", "law", "exemption"})


def _speaks_of_files(remedy: str) -> bool:
    return bool(re.search(r"[«{]?\b[a-z_]+: |Escriba «|when:|on_expire|id\b", remedy))


def _with_titles(text: str, content: Data) -> str:
    """Ids in quotes become the titles that people gave."""
    return _QUOTED.sub(lambda found: f"«{_title(found.group(1), content)}»", text)


def _title(name: str, content: Data) -> str:
    if "." in name:
        return wording.datum_words(name, content) or name
    for _at, step in tree.all_steps(content):
        if step["id"] == name:
            return str(step.get("title") or name)
    for key in ("roles", "forms", "documents", "notices"):
        item = tree.find(content, (key, name))
        if item:
            return wording.title_of(item, content)
    for form in content.get("forms") or ():
        for _at, field in tree.fields_of_form(form):
            if field["id"] == name:
                return wording.title_of(field, content)
    return name
