"""Parts of an item that have a card of their own: ways out of a form, rules, other terms, other people, formalities.

Each is listed on the card of the item that holds it, and is added, moved and removed like any other item.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from designer import tree
from designer.cards.controls import Control
from designer.cards.scene import Choices, Scene, Words
from designer.cards.steps import role_choices
from designer.cards.table import Column
from designer.references import steps_with_form
from designer.tree import Address, Data


@dataclass(frozen=True)
class PartKind:
    """A kind of part: the items that hold it, the list in which it stands, and its card."""

    name: str
    holders: frozenset[str]
    """Kinds of item on whose card it is listed."""
    inside: Address
    """Where its list stands in the item that holds it."""
    heading: Words
    add: Words
    caption: Words
    controls: tuple[Control, ...]
    fresh: Callable[[Data, Address], Data]
    """A new one, for the content and the address of the list."""
    says: str = "title"
    """The key of the words by which it is listed."""


def part_of(address: Address) -> PartKind | None:
    """The kind of part that would stand at an address; None for any other item."""
    if len(address) == 2 and address[0] == "fees":
        return FEE
    if len(address) < 3:
        return None
    found = _BY_PLACE.get(address[:-1]) or _BY_LIST.get(address[-2])
    if found is None or (found.name == "option" and (len(address) not in (8, 10) or address[4:5] != ("fields",))):
        return None
    return FEE_AMOUNT if found is AMOUNT and address[0] == "fees" else found


def holder_of(address: Address) -> Address:
    """The item that holds the part at an address."""
    found = part_of(address)
    assert found is not None
    return address[: -1 - len(found.inside)] if address[:1] != ("term",) else ("term",)


def parts_held(kind: str, item: Data) -> list[PartKind]:
    """The kinds of part that an item of a kind may hold as it is."""
    found = [part for part in PARTS if kind in part.holders]
    return [part for part in found if part.name != "role_when" or item.get("kind") in ("task", "draft")
            if len(part.inside) == 1 or kind == "term" or part.inside[0] in item]  # fmt: skip


def list_of(part: PartKind, holder: Address) -> Address:
    """Where the parts of an item stand."""
    return (*holder, *(part.inside[-1:] if holder == ("term",) else part.inside))


def _later_pages(scene: Scene) -> Choices:
    form = tree.find(scene.content, scene.address[:2]) or {}
    pages = form.get("pages") or []
    place = next((number for number, page in enumerate(pages) if page["id"] == scene.address[3]), len(pages))
    return [(page["id"], page.get("title") or page["id"]) for page in pages[place + 1 :]]


def _form_questions(scene: Scene) -> Choices:
    form = tree.find(scene.content, scene.address[:2]) or {}
    return [(field["id"], field.get("label") or field["id"]) for _at, field in tree.fields_of_form(form)]


def _documents(scene: Scene) -> Choices:
    return [(one["id"], one.get("title") or one["id"]) for one in scene.content.get("documents") or ()]


def _begun(content: Data, address: Address) -> Data:
    """A condition to begin from: that the first answer of its form, or of the application, was given."""
    if address[0] == "forms":
        steps, form = steps_with_form(content, address[1]), tree.find(content, address[:2])
    else:
        start = next((step for _at, step in tree.all_steps(content) if step["kind"] == "start"), {"id": "", "form": ""})
        steps, form = [start["id"]], tree.find(content, ("forms", start["form"]))
    first = next((field["id"] for _at, field in tree.fields_of_form(form or {"id": ""})), "")
    return {"all": [{"field": f"{next(iter(steps), '')}.{first}", "op": "filled"}]}


def _new_exit(content: Data, into: Address) -> Data:
    title = _("No puedes hacer este trámite aquí")
    taken = {one["id"] for page in (tree.find(content, into[:2]) or {}).get("pages") or ()
             for one in page.get("exits") or ()}  # fmt: skip
    return {
        "id": tree.new_id("salida", taken, "salida"), "when": _begun(content, into), "title": title,
        "text": _("Escribe aquí por qué."), "instead": [{"label": _("Pregunta en nuestra oficina")}],
    }  # fmt: skip


def _new_skip(content: Data, into: Address) -> Data:
    later = [name for name, _title in _later_pages(Scene(content, into, None))]  # type: ignore[arg-type]
    return {"when": _begun(content, into), "goto": later[-1] if later else ""}


def _new_rule(content: Data, into: Address) -> Data:
    begun = _begun(content, into)
    return {
        "id": tree.new_id("regla", tree.ids(tree.find(content, into)), "regla"), "must": begun,
        "message": _("Revisa esta respuesta: escribe aquí qué debe hacer la persona."),
        "at": begun["all"][0]["field"].partition(".")[2],
    }  # fmt: skip


def _new_amount(content: Data, into: Address) -> Data:
    base = tree.find(content, into[:-1]) or {}
    return {"when": _begun(content, into), "amount": base.get("amount") or 1, "source": base.get("source") or ""}


def _new_fee(content: Data, into: Address) -> Data:
    title = _("Derechos del trámite")
    return {"id": tree.new_id(title, tree.ids(content.get("fees")), "cobro"), "title": title, "amount": "0",
            "unit": "clp", "source": ""}  # fmt: skip


def _new_role(content: Data, into: Address) -> Data:
    roles = [slot["id"] for slot in content.get("roles") or ()]
    return {"when": _begun(content, into), "role": roles[0] if roles else ""}


def _new_formality(content: Data, into: Address) -> Data:
    law = content.get("law") or {}
    return {
        "id": tree.new_id("posterior", tree.ids(law.get("formalities")), "posterior"), "kind": "registry",
        "title": _("Trámite posterior a la firma"), "role": law.get("officer", ""),
        "source": "Ley N° 19.880, artículo 51", "documents": [one["id"] for one in content.get("documents") or ()][:1],
    }  # fmt: skip


def _no_option(content: Data, into: Address) -> Data:
    raise ValueError


FORMALITIES: Choices = (
    ("registry", gettext_lazy("registro")),
    ("review", gettext_lazy("toma de razón")),
    ("publication", gettext_lazy("publicación")),
    ("transparency", gettext_lazy("transparencia activa")),
)
OPTION = PartKind(
    "option", frozenset(), ("options",), "", "", gettext_lazy("Opción"),
    (Control("label", gettext_lazy("Texto de la opción"), needed=True),
     Control("hint", gettext_lazy("Ayuda"))),
    _no_option, "label",
)  # fmt: skip
_DATES = (
    Control("since", gettext_lazy("Para solicitudes presentadas desde"), "day",
            hint=gettext_lazy("Día, mes y año: 01/03/2027. Vacío: desde siempre")),
    Control("until", gettext_lazy("Y hasta, incluido"), "day", hint=gettext_lazy("Vacío: sin fecha de término")),
)  # fmt: skip
_LENGTH = (
    Control("amount", gettext_lazy("Cuánto dura"), "number", needed=True,
            hint=gettext_lazy("En la misma unidad del plazo")),
    Control("source", gettext_lazy("Norma que da esta duración"), needed=True,
            hint=gettext_lazy("Por ejemplo: Ley N° 21.180, artículo transitorio tercero")),
    *_DATES,
)  # fmt: skip


def _amounts(name: str, holders: frozenset[str], inside: Address, heading: Words) -> PartKind:
    return PartKind(name, holders, inside, heading, gettext_lazy("Agregar otra duración"),
                    gettext_lazy("Otra duración del plazo"), _LENGTH, _new_amount, "source")  # fmt: skip


AMOUNT = _amounts("amount", frozenset({"step", "term"}), ("deadline", "amounts"),
                  gettext_lazy("Otras duraciones de este plazo"))  # fmt: skip
_OF_LAW = frozenset({"law"})
LAW_AMOUNTS = (
    _amounts("appeal_amount", _OF_LAW, ("appeals", "amounts"),
             gettext_lazy("Otras duraciones del plazo para presentar recursos")),
    _amounts("decide_amount", _OF_LAW, ("appeals", "decide_in_amounts"),
             gettext_lazy("Otras duraciones del plazo para resolverlos")),
    _amounts("opposition_amount", _OF_LAW, ("opposition", "amounts"),
             gettext_lazy("Otras duraciones del plazo para oponerse")),
)  # fmt: skip
FEE_UNITS: Choices = (("clp", gettext_lazy("pesos")), ("utm", gettext_lazy("UTM")), ("uf", gettext_lazy("UF")))
RULED_BY: Choices = (
    ("filed", gettext_lazy("el día en que se presentó la solicitud")),
    ("paid", gettext_lazy("el día en que se paga")),
)
_MONEY_HINT = gettext_lazy("Solo el número: 12500 o 0,5")
FEE = PartKind(
    "fee", frozenset({"procedure"}), ("fees",),
    gettext_lazy("Qué se cobra (artículo 6: solo lo que una ley permite)"), gettext_lazy("Agregar un cobro"),
    gettext_lazy("Cobro"),
    (Control("title", gettext_lazy("Qué se cobra"), needed=True,
             hint=gettext_lazy("Por ejemplo: Derechos por ocupar la vía pública")),
     Control("amount", gettext_lazy("Monto"), needed=True, hint=_MONEY_HINT),
     Control("unit", gettext_lazy("El monto está en"), "pick", choices=FEE_UNITS, needed=True),
     Control("per", gettext_lazy("Por qué se multiplica, si se multiplica"),
             hint=gettext_lazy("Por ejemplo: metro cuadrado y día")),
     Control("source", gettext_lazy("Norma que permite cobrarlo y fija el monto"), needed=True,
             hint=gettext_lazy("Por ejemplo: Decreto Ley N° 3.063, artículo 41")),
     Control("ruled_by", gettext_lazy("Rige el monto de"), "pick", choices=RULED_BY, default="filed")),
    _new_fee,
)  # fmt: skip
FEE_AMOUNT = PartKind(
    "fee_amount", frozenset({"fee"}), ("amounts",),
    gettext_lazy("Otros montos de este cobro"), gettext_lazy("Agregar otro monto"),
    gettext_lazy("Otro monto del cobro"),
    (Control("amount", gettext_lazy("Monto"), needed=True, hint=_MONEY_HINT),
     Control("source", gettext_lazy("Norma que da este monto"), needed=True), *_DATES),
    _new_amount, "source",
)  # fmt: skip
PARTS = (
    PartKind(
        "exit", frozenset({"page"}), ("exits",), gettext_lazy("Quién no puede seguir después de esta página"),
        gettext_lazy("Agregar una salida del formulario"), gettext_lazy("Salida del formulario"),
        (Control("title", gettext_lazy("Título de la página de salida"), needed=True),
         Control("text", gettext_lazy("Por qué no puede seguir"), "text", needed=True),
         Control("instead", gettext_lazy("Qué puede hacer en vez"), "table", columns=(
             Column("label", gettext_lazy("Qué puede hacer")),
             Column("url", gettext_lazy("Dirección, si la hay (https://… o /…)"), optional=True)))),
        _new_exit,
    ),
    PartKind(
        "skip", frozenset({"page"}), ("skip",), gettext_lazy("Saltos al terminar esta página"),
        gettext_lazy("Agregar un salto a otra página"), gettext_lazy("Salto a otra página"),
        (Control("goto", gettext_lazy("Página a la que se salta"), "pick", choices=_later_pages, needed=True),),
        _new_skip, "goto",
    ),
    PartKind(
        "rule", frozenset({"form"}), ("rules",), gettext_lazy("Reglas entre respuestas"),
        gettext_lazy("Agregar una regla"), gettext_lazy("Regla entre respuestas"),
        (Control("message", gettext_lazy("Qué se le dice a la persona si no se cumple"), "text", rows=2, needed=True),
         Control("at", gettext_lazy("Junto a qué pregunta"), "pick", choices=_form_questions, needed=True)),
        _new_rule, "message",
    ),
    AMOUNT,
    FEE,
    FEE_AMOUNT,
    *LAW_AMOUNTS,
    PartKind(
        "role_when", frozenset({"step"}), ("role_when",), gettext_lazy("Otro cargo, según las respuestas"),
        gettext_lazy("Agregar otro cargo con su condición"), gettext_lazy("Otro cargo para este paso"),
        (Control("role", gettext_lazy("A quién le toca"), "pick", choices=role_choices, needed=True),),
        _new_role, "role",
    ),
    PartKind(
        "formality", frozenset({"law"}), ("formalities",),
        gettext_lazy("Tramitación posterior a la firma (artículos 45, 48 y 51)"),
        gettext_lazy("Agregar un trámite posterior a la firma"), gettext_lazy("Trámite posterior a la firma"),
        (Control("title", gettext_lazy("Nombre en pantalla"), needed=True),
         Control("kind", gettext_lazy("Clase"), "pick", choices=FORMALITIES, needed=True),
         Control("role", gettext_lazy("Quién lo hace y deja constancia"), "pick", choices=role_choices, needed=True),
         Control("source", gettext_lazy("Norma que lo exige"), needed=True,
                 hint=gettext_lazy("Por ejemplo: Ley N° 10.336, artículo 1")),
         Control("documents", gettext_lazy("Documentos que lo necesitan"), "ticks", choices=_documents),
         Control("before_effect", gettext_lazy("El acto no se puede notificar antes"), "tick", default=True,
                 hint=gettext_lazy("Se quita en la transparencia activa, que viene después"))),
        _new_formality,
    ),
)  # fmt: skip
"""In the order in which a card lists them. Options stand in a table of their own."""
_BY_LIST = {part.inside[-1]: part for part in (*PARTS, OPTION)} | {"amounts": AMOUNT}
_BY_PLACE = {("law", *part.inside): part for part in LAW_AMOUNTS}
"""Lists that have the same name as another, by where they stand."""


def named(part: PartKind, item: Any, content: Data, address: Address) -> str:
    """The words by which a part is listed."""
    said = item.get(part.says, "")
    if part.name == "skip":
        page = tree.find(content, (*address[:3], said)) or {}
        return _("Salta a «%(page)s»") % {"page": page.get("title", said)}
    if part.name == "role_when":
        return str((tree.find(content, ("roles", said)) or {}).get("title", said))
    if "amount" in part.name:
        dates = " ".join(filter(None, [_since(item), _until(item)]))
        return _("%(amount)s, según %(source)s") % {"amount": item.get("amount"), "source": said} + (
            f" ({dates})" if dates else ""
        )
    return str(said)


def _since(item: Data) -> str:
    return _("desde el %(day)s") % {"day": shown_day(item["since"])} if item.get("since") else ""


def _until(item: Data) -> str:
    return _("hasta el %(day)s") % {"day": shown_day(item["until"])} if item.get("until") else ""


def shown_day(iso: str) -> str:
    """An ISO date as people write it (R77); anything else as it is."""
    parts = iso.split("-")
    return "/".join(reversed(parts)) if len(parts) == 3 else iso
