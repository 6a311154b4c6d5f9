"""The cards of questions, their options, and pages."""

from __future__ import annotations

import copy
from dataclasses import dataclass, replace
from typing import Any

from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from designer import tree
from designer.cards.controls import Control
from designer.cards.scene import Choices, Scene
from designer.numbers import plain_number
from designer.references import steps_with_form
from designer.tree import Address, Data
from procedures.api import COLUMN_TYPES, FACETS, KEYS_BY_TYPE, lists_of

TYPE_GROUPS: list[tuple[Promise, list[tuple[str, Promise, Promise]]]] = [
    (gettext_lazy("Texto"), [
        ("text", gettext_lazy("Texto corto"), gettext_lazy("un nombre, una dirección")),
        ("textarea", gettext_lazy("Texto largo"), gettext_lazy("una explicación de varias líneas")),
    ]),
    (gettext_lazy("Elegir"), [
        ("yes_no", gettext_lazy("Sí o no"), gettext_lazy("¿Tienes un local?")),
        ("choice", gettext_lazy("Una opción"), gettext_lazy("solo una respuesta de una lista")),
        ("choices", gettext_lazy("Varias opciones"), gettext_lazy("todas las que correspondan")),
        ("linked", gettext_lazy("Una opción en dos listas"), gettext_lazy("región y después provincia")),
        ("listed", gettext_lazy("Una opción de una lista larga"), gettext_lazy("miles de opciones que se buscan")),
        ("ranking", gettext_lazy("Opciones por orden"), gettext_lazy("de la más a la menos importante")),
    ]),
    (gettext_lazy("Datos de Chile"), [
        ("run", gettext_lazy("RUN (RUT) de una persona"), gettext_lazy("12.345.678-5, se revisa el dígito")),
        ("rut", gettext_lazy("RUT de persona o empresa"), gettext_lazy("sirve para ambas")),
        ("person_name", gettext_lazy("Nombre en partes"), gettext_lazy("nombres y apellidos")),
        ("foreign_id", gettext_lazy("Documento extranjero"), gettext_lazy("pasaporte u otro, con su país")),
        ("address", gettext_lazy("Dirección"), gettext_lazy("calle, número y comuna")),
        ("bank_account", gettext_lazy("Cuenta bancaria"), gettext_lazy("banco, tipo y número")),
        ("commune", gettext_lazy("Comuna"), gettext_lazy("las 346, por región")),
        ("point", gettext_lazy("Punto en el mapa"), gettext_lazy("latitud y longitud")),
        ("own_case", gettext_lazy("Otra solicitud de la persona"), gettext_lazy("su N° de solicitud")),
        ("phone", gettext_lazy("Teléfono"), gettext_lazy("9 1234 5678")),
        ("email", gettext_lazy("Correo electrónico"), gettext_lazy("ana@ejemplo.cl")),
    ]),
    (gettext_lazy("Número y fecha"), [
        ("integer", gettext_lazy("Número entero"), gettext_lazy("cuántas personas")),
        ("decimal", gettext_lazy("Número con decimales"), gettext_lazy("una superficie")),
        ("money_clp", gettext_lazy("Monto en pesos"), gettext_lazy("$ 1.250.000")),
        ("percentage", gettext_lazy("Porcentaje"), gettext_lazy("una participación")),
        ("money_uf", gettext_lazy("Monto en UF"), gettext_lazy("con su valor en pesos")),
        ("money_utm", gettext_lazy("Monto en UTM"), gettext_lazy("con su valor en pesos")),
        ("computed", gettext_lazy("Cálculo"), gettext_lazy("una suma u otra cuenta que se hace sola")),
        ("amounts", gettext_lazy("Tabla de montos"), gettext_lazy("un presupuesto por partidas")),
        ("date", gettext_lazy("Fecha"), gettext_lazy("día, mes y año")),
        ("time", gettext_lazy("Hora"), gettext_lazy("15:30")),
        ("datetime", gettext_lazy("Fecha y hora"), gettext_lazy("cuándo empieza un evento")),
        ("period", gettext_lazy("Periodo"), gettext_lazy("desde un día hasta otro")),
    ]),
    (gettext_lazy("Otros"), [
        ("file", gettext_lazy("Archivo"), gettext_lazy("una foto o un PDF")),
        ("declaration", gettext_lazy("Declaración"), gettext_lazy("una casilla que se marca")),
        ("consent", gettext_lazy("Autorización de datos"), gettext_lazy("con su finalidad")),
        ("section", gettext_lazy("Subtítulo"), gettext_lazy("separa preguntas, no se responde")),
        ("group", gettext_lazy("Grupo que se repite"), gettext_lazy("socios, vehículos, integrantes")),
        ("info", gettext_lazy("Texto informativo"), gettext_lazy("no se responde")),
    ]),
]  # fmt: skip
TYPE_NAMES = {name: title for _group, types in TYPE_GROUPS for name, title, _use in types}
TYPE_CHOICES: Choices = [(group, [(name, title) for name, title, _use in types]) for group, types in TYPE_GROUPS]
LOSSLESS = {
    "text": {"textarea"},
    "yes_no": {"choice"},
    "choice": {"choices"},
    "integer": {"decimal"},
    "run": {"rut"},
}
"""Types into which a published question may change: what was answered still is an answer of the new type."""
PREFILLS: Choices = (
    ("person.full_name", gettext_lazy("su nombre completo")),
    ("person.run", gettext_lazy("su RUN")),
    ("person.email", gettext_lazy("su correo")),
    ("person.phone", gettext_lazy("su teléfono")),
)
ART_30: Choices = (
    ("names", gettext_lazy("el nombre de quien solicita")),
    ("medium", gettext_lazy("el medio de notificación")),
    ("facts", gettext_lazy("los hechos y razones")),
    ("petition", gettext_lazy("lo que se pide")),
    ("sensitive_authorisation", gettext_lazy("si autoriza que se envíen datos sensibles")),
)
FORMATS: Choices = (("pdf", "PDF"), ("jpg", "JPG"), ("png", "PNG"))
MOST_OPTIONS = 400

RESULTS: Choices = (
    ("integer", gettext_lazy("un número entero")),
    ("decimal", gettext_lazy("un número con decimales")),
    ("money_clp", gettext_lazy("un monto en pesos")),
    ("percentage", gettext_lazy("un porcentaje")),
    ("text", gettext_lazy("un texto")),
    ("yes_no", gettext_lazy("sí o no")),
)

_BY_KEY = [
    Control("formula", gettext_lazy("Fórmula (CEL)"), "text", rows=2,
            hint=gettext_lazy("Por ejemplo: inicio.largo * inicio.ancho")),
    Control("sum_of", gettext_lazy("O lo que suma"), hint=gettext_lazy("Una tabla o una pregunta de un grupo")),
    Control("result", gettext_lazy("Da"), "pick", choices=RESULTS, default="decimal"),
    Control("text", gettext_lazy("Texto que se muestra"), "text", rows=5),
    Control("list_code", gettext_lazy("Lista de la que se elige"), "pick", choices=lambda scene: _lists(scene),
            needed=True, hint=gettext_lazy("Se cargan en «Listas»")),
    Control("under", gettext_lazy("Depende de la respuesta a"), "pick", choices=lambda scene: _earlier(scene),
            blank=gettext_lazy("Ninguna: se elige de toda la lista"), more=True),
    Control("only_procedure", gettext_lazy("Solo solicitudes de este trámite"),
            hint=gettext_lazy("Su código, como patente_comercial. En blanco, cualquiera")),
    Control("only_open", gettext_lazy("Solo solicitudes que aún no terminan"), "tick", default=False),
    Control("verified", gettext_lazy("Comprobar el correo con un código antes de seguir"), "tick", default=False),
    Control("unique", gettext_lazy("No se repiten entre filas"), "ticks", choices=lambda scene: _columns(scene),
            more=True),
    Control("totals", gettext_lazy("Se suman al pie"), "ticks", choices=lambda scene: _columns(scene, COLUMN_TYPES),
            more=True),
    Control("reuse", gettext_lazy("Nombre común del dato"), more=True,
            hint=gettext_lazy("Igual en todos los trámites que lo piden: se ofrece lo que la persona ya respondió")),
    Control("unit", gettext_lazy("Unidad"), hint=gettext_lazy("Se lee junto al número, como «m²» o «días»")),
    Control("min", gettext_lazy("Lo menos que se acepta"), "bound", more=True),
    Control("max", gettext_lazy("Lo más que se acepta"), "bound", more=True),
    Control("max_length", gettext_lazy("Largo máximo"), "number", unit=gettext_lazy("letras"), more=True),
    Control("rows", gettext_lazy("Alto de la casilla"), "number", default=5, unit=gettext_lazy("líneas"), more=True),
    Control("accept", gettext_lazy("Formatos que se aceptan"), "ticks", choices=FORMATS,
            hint=gettext_lazy("Sin marcar ninguno se aceptan todos")),
    Control("max_files", gettext_lazy("Archivos, a lo más"), "number", default=1,
            hint=gettext_lazy("Con más de uno, la persona los adjunta todos en la misma pregunta")),
    Control("min_files", gettext_lazy("Archivos, al menos"), "number", default=1, more=True),
    Control("camera", gettext_lazy("En un teléfono, ofrecer tomar la foto en el momento"), "tick", default=False),
    Control("drawn", gettext_lazy("Ofrecer dibujar la firma en la pantalla (no es una firma electrónica)"), "tick",
            default=False, more=True),
    Control("identity", gettext_lazy("Es un documento de identidad: quien revisa descarga una copia marcada"), "tick",
            default=False),
    Control("max_mb", gettext_lazy("Tamaño máximo"), "number", default=10, unit="MB", more=True),
    Control("held_by_state.body", gettext_lazy("Órgano del Estado que ya lo tiene"), more=True,
            hint=gettext_lazy("Nadie debe traer lo que el Estado ya tiene (Ley 19.880, artículo 17 letra d)")),
    Control("held_by_state.reason", gettext_lazy("Por qué se pide de todos modos"), more=True),
    Control("notarised.law", gettext_lazy("Ley que exige la firma ante notario"), more=True,
            hint=gettext_lazy("Sin una ley que lo diga no se puede pedir (Ley 19.880, artículo 13)")),
    Control("row_title", gettext_lazy("Nombre de cada fila"), hint=gettext_lazy("Por ejemplo: Socio")),
    Control("min_rows", gettext_lazy("Filas, al menos"), "number", default=1, more=True),
    Control("max_rows", gettext_lazy("Filas, a lo más"), "number", default=10, more=True),
    Control("prefill", gettext_lazy("Se llena con un dato de la persona"), "pick", choices=PREFILLS,
            blank=gettext_lazy("No se llena sola"), more=True),
    Control("autocomplete", gettext_lazy("Autocompletado del navegador"), more=True,
            hint=gettext_lazy("Palabra de la norma HTML: name, email, street-address…")),
]  # fmt: skip
_FOR_ALL = [
    Control("art30", gettext_lazy("Contenido legal de la solicitud que pide"), "pick", choices=ART_30, more=True,
            blank=gettext_lazy("Ninguno"), hint=gettext_lazy("Ley 19.880, artículo 30")),
    Control("sensitive", gettext_lazy("Es un dato sensible: se guarda cifrado y no sale en listas ni avisos"),
            "tick", default=False, more=True),
    Control("personal.purpose", gettext_lazy("Para qué se pide este dato personal"), more=True),
    Control("personal.basis", gettext_lazy("Norma que permite pedirlo"), more=True),
]  # fmt: skip


def controls(question: Data, *, in_group: bool = False) -> list[Control]:
    """The controls of a question of its type; a question inside a group has fewer."""
    kind = question.get("type", "text")
    label = _("Lo que se declara") if kind == "declaration" else _("Texto de la pregunta")
    head = [Control("label", label if kind != "info" else _("Título"), "text", rows=2, needed=kind != "info")]
    if kind not in ("info", "section"):
        head.append(Control("hint", _("Ayuda"), "text", rows=2, hint=_("Una frase corta debajo de la pregunta")))
        head.append(Control("required", _("Hay que responderla para seguir"), "tick", default=True))
    own = [control for control in _BY_KEY if control.key.split(".")[0] in KEYS_BY_TYPE[kind]]
    if in_group and kind == "computed":
        own = [replace(_BY_KEY[0], hint=_("Por ejemplo: socios.sueldo * socios.meses, con lo de la misma fila")),
               *(one for one in own if one.key not in ("formula", "sum_of"))]  # fmt: skip
    if kind in ("date", "datetime", "period"):
        counted = _("Un día, como 01/03/2027, o contado desde que se responde: hoy, hoy + 15 días, hoy - 18 años")
        own = [replace(one, hint=counted) if one.key in ("min", "max") else one for one in own]
    if "default" in KEYS_BY_TYPE[kind]:
        own.append(_default(kind))
    return [*head, *own, *([] if in_group or kind in ("info", "section") else _FOR_ALL)]


def _default(kind: str) -> Control:
    """What the answer is until the person changes it, as its type is written."""
    how: dict[str, Any] = {"kind": "bound"}
    if kind == "yes_no":
        how = {"kind": "truth", "blank": _("Nada: la persona elige")}
    elif kind in ("choice", "linked"):
        how = {"kind": "pick", "choices": _own_options, "blank": _("Nada: la persona elige")}
    elif kind in ("text", "commune"):
        how = {"kind": "line"}
    return Control("default", _("Respuesta que viene puesta"), more=True, hint=_("La persona la puede cambiar"), **how)


def _own_options(scene: Scene) -> Choices:
    return [(option["id"], option.get("label") or option["id"]) for option in scene.item.get("options") or ()]


PAGE = [
    Control("title", gettext_lazy("Título de la página"), needed=True),
    Control("help", gettext_lazy("Explicación al comienzo"), "text"),
]
FORM = [Control("title", gettext_lazy("Nombre del formulario"), needed=True)]


@dataclass
class OptionRow:
    """An option as its controls show it, with what choosing it leads to."""

    number: int
    id: str = ""
    label: str = ""
    hint: str = ""
    target: str = ""
    group: str = ""
    """In linked lists, the entry of the first list to which it belongs."""
    condition: str = ""
    """When it is offered, in words."""
    condition_url: str = ""
    """Where that is decided; empty for options that are not kept yet."""


def option_rows(item: Data, targets: dict[str, str], extra: int = 1) -> list[OptionRow]:
    """The stored options and as many blank rows as asked."""
    rows = [
        OptionRow(
            number,
            option["id"],
            option.get("label", ""),
            option.get("hint") or "",
            targets.get(option["id"], ""),
            option.get("group") or "",
        )
        for number, option in enumerate(item.get("options") or ())
    ]
    return rows + [OptionRow(len(rows) + number) for number in range(extra)]


def typed_options(data: QueryDict) -> list[OptionRow]:
    """The options as they were sent, after the button that was pressed."""
    rows: list[OptionRow] = []
    change = data.get("_opcion", "").split(":")
    for number in range(MOST_OPTIONS):
        if f"opcion-{number}-texto" not in data:
            break
        label, name = str(data[f"opcion-{number}-texto"]).strip(), data.get(f"opcion-{number}-id", "")
        if label and change != ["quitar", str(number)]:
            target = data.get(f"opcion-{number}-sigue", "")
            hint, group = data.get(f"opcion-{number}-ayuda", ""), data.get(f"opcion-{number}-grupo", "")
            rows.append(OptionRow(len(rows), name, label, hint.strip(), target, group.strip()))
    rows += [_pasted(line, "opcion-0-grupo" in data) for line in data.get("pegar", "").splitlines() if line.strip()]
    _shift(rows, change)
    for number, row in enumerate(rows):
        row.number = number
    return rows


def _pasted(line: str, is_linked: bool) -> OptionRow:
    """An option of a pasted line; in linked lists "Región de Ñuble: Diguillín"."""
    group, colon, label = line.strip().partition(":") if is_linked else ("", "", line.strip())
    return OptionRow(0, "", label.strip(), group=group.strip()) if colon or not is_linked else OptionRow(0, "", group)


def _shift(rows: list[OptionRow], change: list[str]) -> None:
    if change[0] in ("subir", "bajar") and len(change) == 2:
        here = plain_number(change[1], len(rows))
        there = here + (1 if change[0] == "bajar" else -1)
        if here < len(rows) and 0 <= there < len(rows):
            rows[here], rows[there] = rows[there], rows[here]


def as_options(rows: list[OptionRow], item: Data) -> list[Data]:
    """The options as the question holds them; a new one gets an id from its words.

    What these controls do not show of an option, such as when it is offered, stays as it was.
    """
    present = {option["id"]: option for option in item.get("options") or ()}
    taken = {row.id for row in rows if row.id}
    made = []
    for row in rows:
        if not row.id:
            row.id = tree.new_id(row.label, taken, "opcion")
            taken.add(row.id)
        shown = {"id": row.id, "label": row.label, "hint": row.hint, "group": row.group}
        unseen = {key: value for key, value in present.get(row.id, {}).items() if key not in shown}
        made.append({key: value for key, value in shown.items() if value} | unseen)
    if item.get("type") == "linked":
        groups = [option.get("group") for option in made]
        made.sort(key=lambda option: groups.index(option.get("group")))
    return made


def choosing_leads_to(content: Data, address: Address) -> dict[str, str]:
    """For each option, the question that only it opens: those whose condition is that option and nothing else."""
    found: dict[str, str] = {}
    paths = _paths(content, address)
    for here, field in tree.fields_of_form(tree.get(content, address[:2])):
        option = _sole_option(field.get("visible_when"), paths)
        if option is not None and here != address:
            found.setdefault(option, field["id"])
    return found


def lead_to(content: Data, address: Address, targets: dict[str, str]) -> Data:
    """The content in which each option opens its question, and no other question hangs from these options alone."""
    before = choosing_leads_to(content, address)
    changed = copy.deepcopy(content)
    paths = _paths(content, address)
    if not paths:
        return changed
    for option in before.keys() | targets.keys():
        if before.get(option, "") == targets.get(option, ""):
            continue
        for here, field in list(tree.fields_of_form(tree.get(changed, address[:2]))):
            if field["id"] == before.get(option):
                field.pop("visible_when", None)
            if field["id"] == targets.get(option) and here != address:
                field["visible_when"] = {"all": [_row(content, address, paths[0], option)]}
    return changed


def later_questions(content: Data, address: Address) -> list[tuple[str, str]]:
    """The questions of the form after this one, with their numbers."""
    fields = [field for _here, field in tree.fields_of_form(tree.get(content, address[:2]))]
    place = next((number for number, field in enumerate(fields) if field["id"] == address[-1]), 0)
    return [
        (field["id"], f"{number}. {field.get('label') or field['id']}")
        for number, field in enumerate(fields, 1)
        if number > place + 1
    ]


def converted(question: Data, kind: str) -> Data:
    """The question as another type, without the keys that the new type does not admit."""
    special = frozenset().union(*KEYS_BY_TYPE.values())
    kept = {key: value for key, value in question.items() if key not in special - KEYS_BY_TYPE[kind]}
    if FACETS[kind].needs == "options" and not kept.get("options"):
        kept["options"] = [{"id": "si", "label": _("Sí")}, {"id": "no", "label": _("No")}]
    if kind == "group" and not kept.get("fields"):
        kept["fields"] = [{"id": "nombre", "type": "text", "label": _("Nombre")}]
    if kind == "computed" and not (kept.get("formula") or kept.get("sum_of")):
        kept["formula"] = "0.0"
    if kind == "listed" and not kept.get("list_code"):
        kept["list_code"] = "lista"
    if kind == "consent" and not kept.get("personal"):
        kept["personal"] = {"purpose": kept.get("label", "—"), "basis": _("Ley N° 19.628, artículo 12")}
    if kind in ("info", "section"):
        kept.pop("required", None)
    if kind == "info" and not kept.get("text"):
        kept["text"] = kept.pop("hint", "") or kept.get("label", "")
    return {**kept, "type": kind}


def _lists(scene: Scene) -> Choices:
    """The lists that the agency has published."""
    return [(kept.code, kept.title) for kept in lists_of([scene.agency.pk])]


def _earlier(scene: Scene) -> Choices:
    """Earlier questions of the form, or of the row, that are answered with one option."""
    found, form = [], tree.get(scene.content, scene.address[:2])
    row = tree.get(scene.content, scene.address[:7]) if scene.address[6:7] == ("fields",) else None
    for field in row or [asked for _at, asked in tree.fields_of_form(form)]:
        if field["id"] == scene.address[-1]:
            break
        if FACETS[field.get("type", "text")].shape == "option":
            found.append((field["id"], field.get("label") or field["id"]))
    return found


def _columns(scene: Scene, kinds: frozenset[str] | None = None) -> Choices:
    """The questions of a group's rows, or those of some types."""
    inner = [
        field for field in scene.item.get("fields") or ()
        if kinds is None or kinds & {field.get("type"), field.get("result", "decimal" if "formula" in field else "")}
    ]  # fmt: skip
    return [(field["id"], field.get("label") or field["id"]) for field in inner]


def _paths(content: Data, address: Address) -> list[str]:
    return [f"{step}.{address[-1]}" for step in steps_with_form(content, address[1])]


def _sole_option(condition: Any, paths: list[str]) -> str | None:
    rows = condition.get("all") if isinstance(condition, dict) else None
    if not rows or len(rows) != 1 or rows[0].get("field") not in paths or rows[0].get("op") not in ("eq", "contains"):
        return None
    value = rows[0].get("value")
    if isinstance(value, bool):
        return "yes" if value else "no"
    return None if value is None else str(value)


def _row(content: Data, address: Address, path: str, option: str) -> Data:
    kind = tree.get(content, address)["type"]
    if kind == "yes_no":
        return {"field": path, "op": "eq", "value": option == "yes"}
    return {"field": path, "op": "contains" if kind == "choices" else "eq", "value": option}
