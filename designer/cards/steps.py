"""The cards of steps: who acts, what they fill in, until when, and where each answer leads."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from designer import flow, tree, wording
from designer.cards.controls import UNITS, Control, term_rules
from designer.cards.offered import data_choices, group_choices
from designer.cards.scene import Choices, Scene
from designer.cards.table import YES, Column
from designer.queries import roles_of_agency
from designer.tree import Data

KIND_NAMES = {
    "start": gettext_lazy("Solicitud de la persona"),
    "task": gettext_lazy("Tarea de una persona funcionaria"),
    "correction": gettext_lazy("Corrección de la solicitud"),
    "parallel": gettext_lazy("Pasos en paralelo"),
    "for_each": gettext_lazy("Pasos por cada fila de una lista"),
    "decision": gettext_lazy("Tabla de decisión"),
    "wait": gettext_lazy("Espera de una fecha o de un hecho"),
    "draft": gettext_lazy("Redacción de un documento"),
    "sign": gettext_lazy("Firma de un documento"),
    "seal": gettext_lazy("Sello automático de un documento"),
    "lookup": gettext_lazy("Consulta de un registro propio"),
    "service": gettext_lazy("Consulta a un servicio de otra institución"),
    "subcase": gettext_lazy("Otro trámite que se abre y se espera"),
    "referral": gettext_lazy("Derivación a la institución competente"),
    "register": gettext_lazy("Anotación en un registro propio"),
    "notify": gettext_lazy("Aviso a la persona"),
    "end": gettext_lazy("Término"),
}
OUTCOMES: Choices = (
    ("approved", gettext_lazy("aprobado")),
    ("rejected", gettext_lazy("rechazado")),
    ("issued", gettext_lazy("emitido")),
    ("withdrawn", gettext_lazy("desistido")),
    ("other", gettext_lazy("otro")),
)
LEVELS: Choices = (
    ("advanced", gettext_lazy("firma electrónica avanzada")),
    ("simple", gettext_lazy("firma electrónica simple")),
)
FACT_TYPES: Choices = (
    ("text", gettext_lazy("texto")),
    ("textarea", gettext_lazy("texto largo")),
    ("integer", gettext_lazy("número entero")),
    ("decimal", gettext_lazy("número con decimales")),
    ("money_clp", gettext_lazy("monto en pesos")),
    ("date", gettext_lazy("fecha")),
    ("email", gettext_lazy("correo")),
    ("phone", gettext_lazy("teléfono")),
    ("run", gettext_lazy("RUN de una persona")),
    ("rut", gettext_lazy("RUT")),
    ("yes_no", gettext_lazy("sí o no")),
    ("commune", gettext_lazy("comuna")),
)
ON_FAILURE: Choices = (
    ("wait", gettext_lazy("el caso espera y se vuelve a preguntar cada hora")),
    ("accept", gettext_lazy("se sigue con lo que declaró la persona y alguien lo verifica después")),
    ("stop", gettext_lazy("el caso se detiene hasta que alguien lo reintente")),
)
JOINS: Choices = (
    ("all", gettext_lazy("terminan todas")),
    ("any", gettext_lazy("termina la primera")),
    ("n", gettext_lazy("termina una cantidad")),
    ("all_required", gettext_lazy("terminan las obligatorias")),
)
IF_ALONE: Choices = (
    ("subrogate", gettext_lazy("espera a que se nombre subrogante")),
    ("exception", gettext_lazy("puede hacerlo la misma persona, con una razón que queda en el historial")),
)
LEFTOVERS: Choices = (("accept", gettext_lazy("sigue abierto como informe tardío, que no mueve el caso")),)
ASSIGNMENTS: Choices = (("cyclic", gettext_lazy("por turno, a quien tiene menos pasos y no está ausente")),)
NEW_ROLE = "funcion:"
"""Before the id of a role of the agency that the procedure has no slot for yet."""


def _listed(key: str) -> Any:
    def choices(scene: Scene) -> Choices:
        return [(item["id"], wording.title_of(item, scene.content)) for item in scene.content.get(key) or ()]

    return choices


def step_choices(scene: Scene) -> list[tuple[str, str]]:
    """The steps to which a way may lead: those of the same list, by number and title; in a branch also its end."""
    into = flow.list_around(scene.address)
    steps = tree.find(scene.content, into) or []
    found = [
        (step["id"], f"{number}. {step.get('title') or step['id']}")
        for number, step in enumerate(steps, 1)
        if step["kind"] != "start" and step["id"] != scene.item.get("id")
    ]
    return [*found, (flow.JOIN, _("Terminar esta rama"))] if len(into) > 1 else found


def _steps_of(*kinds: str) -> Any:
    def choices(scene: Scene) -> Choices:
        found = [step for _at, step in tree.all_steps(scene.content) if step["kind"] in kinds]
        own = scene.item.get("id")
        return [(step["id"], step.get("title") or step["id"]) for step in found if step["id"] != own]

    return choices


def role_choices(scene: Scene) -> Choices:
    """The roles of the procedure, and those of the agency that it could take."""
    slots = [(slot["id"], slot.get("title") or slot["id"]) for slot in scene.content.get("roles") or ()]
    titles = {title for _id, title in slots}
    others = [
        (f"{NEW_ROLE}{role.pk}", f"{role.name} ({role.unit.name})")
        for role in roles_of_agency(scene.agency)
        if role.name not in titles
    ]
    groups: list[tuple[Any, Any]] = [(_("Cargos de este trámite"), slots)] if slots else []
    return [*groups, (_("Otras funciones de la institución"), others)] if others else groups


def _triggers(scene: Scene) -> Choices:
    found: list[tuple[str, str]] = [
        ("entered", _("desde que el caso llega a este paso")),
        ("filed", _("desde que se presentó la solicitud")),
    ]
    for _at, step in tree.all_steps(scene.content):
        if step["kind"] in ("notify", "correction"):
            found.append((f"notified({step['id']})", _("desde que se notifica «%(step)s»") % {"step": step["title"]}))
    return found


def _own_questions(scene: Scene) -> Choices:
    form = tree.find(scene.content, ("forms", str(scene.item.get("form"))))
    return [(f["id"], f.get("label", f["id"])) for _at, f in tree.fields_of_form(form)] if form else []


def _listed_questions(scene: Scene) -> Choices:
    """The questions inside the repeating groups of the step's own form."""
    form = tree.find(scene.content, ("forms", str(scene.item.get("form"))))
    groups = [f for _at, f in tree.fields_of_form(form) if f.get("type") == "group"] if form else []
    return [(f["id"], f.get("label", f["id"])) for group in groups for f in group.get("fields") or ()]


def _branch_starts(scene: Scene) -> Choices:
    first = [branch[0] for branch in scene.item.get("branches") or () if branch]
    return [(step["id"], step.get("title") or step["id"]) for step in first]


TITLE = Control("title", gettext_lazy("Nombre del paso"), needed=True)
TOLD = Control(
    "applicant_title",
    gettext_lazy("Cómo lo lee quien solicita"),
    hint=gettext_lazy("En palabras de todos: «Revisión de tu local». Vacío: lee el nombre del paso"),
)
SEEN = [TITLE, TOLD]
"""Of a step that whoever applies follows on the page of the application."""
UNSEEN = [TITLE, replace(TOLD, more=True)]
"""Of a step that they only find in the list of all steps."""
ROLE = Control("role", gettext_lazy("Quién lo hace"), "pick", choices=role_choices, needed=True)
ASSIGN = Control(
    "assign",
    gettext_lazy("Cómo se reparte"),
    "pick",
    choices=ASSIGNMENTS,
    more=True,
    blank=gettext_lazy("La toma quien puede, de la bandeja del cargo"),
)
FORM = Control("form", gettext_lazy("Qué llena"), "pick", choices=_listed("forms"), needed=True)
DOCUMENT = Control("document", gettext_lazy("Documento"), "pick", choices=_listed("documents"), needed=True)
NOTICE = Control("notice", gettext_lazy("Aviso que se envía"), "pick", choices=_listed("notices"), needed=True)


def term_words(step: Data) -> str:
    """How long a step may take, in words; "" when it has no term."""
    deadline = step.get("deadline") or {}
    if not deadline.get("amount"):
        return ""
    unit = dict(UNITS).get(deadline.get("unit"), "")
    return _("Plazo: %(amount)s %(unit)s") % {"amount": deadline["amount"], "unit": unit}


def _term_fold(scene: Scene) -> str:
    return term_words(scene.item) or _("Sin plazo para este paso")


TERM = [
    Control("deadline.amount", gettext_lazy("Plazo"), "number", hint=gettext_lazy("Vacío: el paso no tiene plazo")),
    Control("deadline.unit", gettext_lazy("Se cuenta en"), "pick", choices=UNITS),
    Control("deadline.source", gettext_lazy("Norma o acuerdo de que sale"),
            hint=gettext_lazy("Por ejemplo: Ley N° 19.880, artículo 24")),
    Control("deadline.trigger", gettext_lazy("Desde cuándo corre"), "pick", choices=_triggers),
    Control("deadline.warn_before", gettext_lazy("Recordar antes de vencer"), "number", more=True,
            hint=gettext_lazy("Cuántos días, meses u horas antes")),
    Control("deadline.on_expire", gettext_lazy("Si vence, pasa a"), "pick", choices=step_choices, more=True,
            blank=gettext_lazy("Queda atrasado y sigue abierto")),
    *term_rules("deadline"),
]  # fmt: skip
DEADLINE = [replace(control, fold=_term_fold) for control in TERM]
"""A term that the step need not have: folded under what it is now."""
SEPARATED = [
    Control("same_as", gettext_lazy("Lo hace la misma persona que hizo"), "pick", choices=_steps_of("task", "draft"),
            blank=gettext_lazy("Cualquiera del cargo"), more=True),
    Control("not_same_as", gettext_lazy("Lo hace otra persona que la que hizo"), "ticks",
            choices=_steps_of("task", "draft"), more=True,
            hint=gettext_lazy("Que revise alguien distinto (Ley 19.880, artículo 12)")),
    Control("if_alone", gettext_lazy("Si nadie más ocupa el cargo"), "pick", choices=IF_ALONE, more=True,
            blank=gettext_lazy("El caso espera a que haya otra persona")),
]  # fmt: skip
LEFTOVER = Control("leftover", gettext_lazy("Lo que quedó abierto"), "pick", choices=LEFTOVERS, more=True,
                   blank=gettext_lazy("Se cierra, y el historial dice por qué"))  # fmt: skip

NAMED = Column("name", gettext_lazy("Nombre del dato"), in_words=True)
AS_SENT = Column("name", gettext_lazy("Nombre con que se envía"))
"""Of a datum as another system calls it: it is not in words."""
DATUM = Column("path", gettext_lazy("Respuesta o dato"), data_choices)
AS_TYPE = Column("type", gettext_lazy("Es"), FACT_TYPES)
OTHER_PROCEDURE = [
    Control("procedure", gettext_lazy("Código del otro trámite"), needed=True),
    Control(
        "agency",
        gettext_lazy("Código de la institución que lo resuelve"),
        hint=gettext_lazy("Vacío: esta misma institución"),
    ),
    Control(
        "answers",
        gettext_lazy("Con qué se responde su solicitud"),
        "table",
        columns=(Column("name", gettext_lazy("Pregunta del otro trámite")), DATUM),
    ),
]

CONTROLS: dict[str, list[Control]] = {
    "start": [
        *UNSEEN,
        Control("statement", gettext_lazy("Lo que la persona declara al presentar"), "text", needed=True),
        Control("summary_field", gettext_lazy("Respuesta que resume la solicitud en las listas"), "pick",
                choices=_own_questions, blank=gettext_lazy("Ninguna"), more=True),
        Control("form", gettext_lazy("Formulario de la solicitud"), "pick", choices=_listed("forms"), needed=True,
                more=True),
        Control("declared_identity", gettext_lazy("Norma que permite presentar sin ClaveÚnica"), more=True,
                hint=gettext_lazy("Con la identidad que la persona declara (Ley 20.285, artículo 12). "
                                  "Vacío: hay que entrar")),
        Control("solemn_power", gettext_lazy("Norma por la que actuar por otra persona pide poder solemne"), more=True,
                hint=gettext_lazy("Solemne: en escritura pública o con firma avanzada. Vacío: basta uno simple")),
        Control("co_applicants.group", gettext_lazy("Lista de quienes firman también"), "pick", more=True,
                choices=_own_questions, blank=gettext_lazy("Firma una sola persona")),
        Control("co_applicants.run", gettext_lazy("En esa lista, la pregunta con el RUN"), "pick", more=True,
                choices=_listed_questions, blank=gettext_lazy("Ninguna")),
        Control("co_applicants.names", gettext_lazy("En esa lista, la pregunta con el nombre"), "pick", more=True,
                choices=_listed_questions, blank=gettext_lazy("Ninguna")),
    ],
    "task": [*SEEN, ROLE, FORM, ASSIGN,
             Control("help", gettext_lazy("Instrucciones para quien lo hace"), "text"), *DEADLINE, *SEPARATED],
    "correction": [
        *SEEN,
        Control("amends", gettext_lazy("Qué se corrige"), "pick", choices=_steps_of("start", "task"), needed=True),
        Control("requested_by", gettext_lazy("Tarea en que se pide"), "pick", choices=_steps_of("task"), needed=True),
        NOTICE,
        Control("max_rounds", gettext_lazy("Cuántas veces se puede pedir, a lo más"), "number", needed=True),
        *TERM,
    ],
    "parallel": [*UNSEEN,
                 Control("join", gettext_lazy("Se sigue cuando"), "pick", choices=JOINS, needed=True),
                 Control("n", gettext_lazy("Cuántas ramas, si basta una cantidad"), "number", more=True),
                 Control("required", gettext_lazy("Ramas obligatorias, si no lo son todas"), "ticks",
                         choices=_branch_starts, more=True,
                         hint=gettext_lazy("A las demás se las espera hasta que vence su plazo "
                                           "(Ley 19.880, artículo 38)")),
                 LEFTOVER],
    "for_each": [
        *UNSEEN,
        Control("over", gettext_lazy("Lista cuyas filas se recorren"), "pick", choices=group_choices, needed=True,
                blank=gettext_lazy("Elige una lista"),
                hint=gettext_lazy("Una pregunta que se responde con un grupo que se repite. Si no hay ninguna, "
                                  "agrégala antes en «Preguntas»")),
        Control("join", gettext_lazy("Se sigue cuando"), "pick", choices=JOINS[:3], needed=True),
        Control("n", gettext_lazy("Cuántas filas, si basta una cantidad"), "number", more=True),
        Control("added_by", gettext_lazy("Quién puede agregar filas"), "pick", choices=role_choices, more=True,
                blank=gettext_lazy("Nadie")),
        Control("form", gettext_lazy("Formulario con que se agrega una fila"), "pick", choices=_listed("forms"),
                blank=gettext_lazy("Ninguno"), more=True),
        LEFTOVER,
    ],
    "decision": [*UNSEEN],
    "wait": [
        *SEEN,
        Control("until", gettext_lazy("Hasta la fecha de"), "pick", choices=data_choices,
                blank=gettext_lazy("Ninguna respuesta")),
        Control("after.amount", gettext_lazy("O por un tiempo"), "number"),
        Control("after.unit", gettext_lazy("Se cuenta en"), "pick", choices=UNITS, blank=gettext_lazy("Elige")),
        Control("event", gettext_lazy("O hasta que ocurra"),
                hint=gettext_lazy("Por ejemplo: la toma de razón de la Contraloría")),
        Control("role", gettext_lazy("Quién registra que ocurrió"), "pick", choices=role_choices,
                blank=gettext_lazy("Nadie")),
        Control("form", gettext_lazy("Formulario que llena al registrarlo"), "pick", choices=_listed("forms"),
                blank=gettext_lazy("Ninguno"), more=True),
        Control("days_before", gettext_lazy("Seguir antes de esa fecha"), "number", more=True,
                unit=gettext_lazy("días corridos antes")),
    ],
    "draft": [*SEEN, ROLE, DOCUMENT, ASSIGN,
              Control("form", gettext_lazy("Formulario que además llena"), "pick", choices=_listed("forms"),
                      blank=gettext_lazy("Ninguno"), more=True), *SEPARATED],
    "sign": [
        *SEEN, DOCUMENT,
        Control("signers.0", gettext_lazy("Firma"), "pick", choices=role_choices, needed=True),
        Control("signers.1", gettext_lazy("Firma después"), "pick", choices=role_choices,
                blank=gettext_lazy("Nadie más")),
        Control("signers.2", gettext_lazy("Y por último firma"), "pick", choices=role_choices, more=True,
                blank=gettext_lazy("Nadie más")),
        *(Control(f"signers.{place}", gettext_lazy("Y después firma"), "pick", choices=role_choices, more=True,
                  blank=gettext_lazy("Nadie más")) for place in range(3, 6)),
        Control("level", gettext_lazy("Clase de firma"), "pick", choices=LEVELS, needed=True),
        *DEADLINE,
        Control("on_return", gettext_lazy("Si lo devuelve sin firmar, vuelve a"), "pick", choices=step_choices,
                blank=gettext_lazy("No se puede devolver"), more=True),
    ],
    "seal": [*SEEN, DOCUMENT],
    "lookup": [
        *UNSEEN,
        Control("fact", gettext_lazy("Registro en que se busca"), needed=True),
        Control("key", gettext_lazy("Se busca por"), "pick", choices=data_choices, needed=True),
        Control("values", gettext_lazy("Datos que trae"), "table", columns=(NAMED, AS_TYPE)),
    ],
    "service": [
        *SEEN,
        Control("connector", gettext_lazy("Conector"), needed=True,
                hint=gettext_lazy("El nombre que le dio quien opera la plataforma")),
        Control("inputs", gettext_lazy("Datos que se envían"), "table", columns=(AS_SENT, DATUM)),
        Control("values", gettext_lazy("Datos que se toman de la respuesta"), "table", columns=(
            NAMED, Column("path", gettext_lazy("Dónde está, con puntos")), AS_TYPE,
            Column("label", gettext_lazy("Cómo lo lee la persona"), optional=True),
            Column("sensitive", gettext_lazy("Es un dato sensible"), ((YES, gettext_lazy("sí")),), optional=True,
                   truth=True))),
        Control("source.name", gettext_lazy("Institución que tiene los datos")),
        Control("source.code", gettext_lazy("Código de esa institución"),
                hint=gettext_lazy("El del Gestor de Códigos del Estado o, si no lo tiene, su sigla")),
        Control("source.service", gettext_lazy("Nombre de su servicio")),
        Control("on_failure", gettext_lazy("Si el servicio no responde"), "pick", choices=ON_FAILURE, needed=True),
        Control("declared", gettext_lazy("Lo que vale mientras no se verifique"), "table", columns=(NAMED, DATUM),
                more=True),
        Control("verified_by", gettext_lazy("Quién lo verifica después"), "pick", choices=role_choices, more=True,
                blank=gettext_lazy("Nadie")),
    ],
    "subcase": [
        *SEEN, *OTHER_PROCEDURE,
        Control("results", gettext_lazy("Datos que vuelven"), "table", columns=(
            NAMED, Column("path", gettext_lazy("Dato del otro trámite, como paso.pregunta")), AS_TYPE)),
    ],
    "referral": [*UNSEEN, *OTHER_PROCEDURE],
    "register": [
        *UNSEEN,
        Control("fact", gettext_lazy("Registro en que se anota"), needed=True),
        Control("key", gettext_lazy("Se encontrará por"), "pick", choices=data_choices, needed=True),
        Control("values", gettext_lazy("Datos que se guardan"), "table", columns=(NAMED, DATUM)),
        Control("valid.amount", gettext_lazy("Vale por"), "number",
                hint=gettext_lazy("Vacío: hasta que otra anotación la reemplace")),
        Control("valid.unit", gettext_lazy("Se cuenta en"), "pick", choices=UNITS),
    ],
    "notify": [
        *UNSEEN, NOTICE,
        Control("attach", gettext_lazy("Documentos que se adjuntan"), "ticks", choices=_listed("documents")),
        Control("act", gettext_lazy("Acto que con esto se notifica legalmente"), "pick",
                choices=_steps_of("sign", "seal"), blank=gettext_lazy("Ninguno: solo informa"),
                hint=gettext_lazy("La notificación legal se registra aparte, cuando ocurre (Ley 19.880, artículo 45)")),
    ],
    "end": [*UNSEEN, Control("outcome", gettext_lazy("Cómo termina"), "pick", choices=OUTCOMES, needed=True)],
}  # fmt: skip


def flattened(step: Data) -> Data:
    """A step with its signers by place, as the card's controls name them."""
    if step["kind"] != "sign":
        return step
    return {**step, "signers": {str(place): slot for place, slot in enumerate(step.get("signers") or ())}}


def gathered(step: Data) -> Data:
    """The step as the bundle holds it: signers in order, and no deadline without an amount."""
    made = dict(step)
    if isinstance(made.get("signers"), dict):
        made["signers"] = [made["signers"][place] for place in sorted(made["signers"])]
    if made["kind"] == "sign":
        made.setdefault("signers", [])
    if "deadline" in made and "amount" not in made["deadline"] and made["kind"] != "correction":
        del made["deadline"]
    elif "deadline" in made:
        made["deadline"] = {"unit": "business_days", "trigger": "entered", **made["deadline"]}
    return made
