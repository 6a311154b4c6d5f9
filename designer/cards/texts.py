"""The cards of documents, their blocks, notices and roles."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from designer import tree
from designer.cards.controls import Control
from designer.cards.scene import Choices, Scene
from designer.tree import Data
from procedures.api import APPEAL_DATA, CASE_DATA, partial_law

DOCUMENT_KINDS: Choices = (
    ("resolution", gettext_lazy("Resolución")),
    ("decree", gettext_lazy("Decreto")),
    ("certificate", gettext_lazy("Certificado")),
    ("report", gettext_lazy("Informe")),
    ("letter", gettext_lazy("Carta u oficio")),
)
BLOCK_KINDS: Choices = (
    ("paragraph", gettext_lazy("Párrafo")),
    ("heading", gettext_lazy("Título")),
    ("list", gettext_lazy("Lista, un punto por línea")),
    ("answers", gettext_lazy("Tabla de respuestas")),
)
PARTS: Choices = (
    ("facts", gettext_lazy("hechos")),
    ("reasons", gettext_lazy("fundamentos")),
    ("law", gettext_lazy("normas")),
    ("decision", gettext_lazy("decisión")),
    ("appeals", gettext_lazy("recursos que proceden")),
)
TARGETS: Choices = (
    ("case", gettext_lazy("su solicitud")),
    ("correction", gettext_lazy("la corrección que se le pide")),
)

DOCUMENT = [
    Control("title", gettext_lazy("Título del documento"), needed=True),
    Control("kind", gettext_lazy("Clase"), "pick", choices=DOCUMENT_KINDS, needed=True),
    Control("numbering.book", gettext_lazy("Libro de numeración"),
            hint=gettext_lazy("Una palabra: decretos, resoluciones. Vacío: no lleva número")),
    Control("public", gettext_lazy("Cualquiera puede leerlo con su código de verificación"), "tick", default=False,
            more=True),
]  # fmt: skip
NOTICE = [
    Control("subject", gettext_lazy("Asunto"), needed=True),
    Control("body", gettext_lazy("Texto"), "text", rows=10, needed=True,
            hint=gettext_lazy("Los datos van entre llaves. Una línea en blanco separa párrafos.")),
    Control("action.label", gettext_lazy("Texto del botón"), hint=gettext_lazy("Vacío: el aviso no lleva botón")),
    Control("action.target", gettext_lazy("El botón lleva a"), "pick", choices=TARGETS),
]  # fmt: skip
ROLE = [Control("title", gettext_lazy("Nombre del cargo"), needed=True)]


def _answered_steps(scene: Scene) -> Choices:
    return [
        (step["id"], step.get("title", step["id"]))
        for _at, step in tree.all_steps(scene.content)
        if step.get("form") and step["kind"] != "correction"
    ]


def _answered_fields(scene: Scene) -> Choices:
    step = next((s for _at, s in tree.all_steps(scene.content) if s["id"] == scene.item.get("step")), {})
    form = tree.find(scene.content, ("forms", str(step.get("form"))))
    return [(f["id"], f.get("label", f["id"])) for _at, f in tree.fields_of_form(form)] if form else []


def block_controls(block: Data) -> list[Control]:
    """The controls of a block of its kind."""
    hint = _("Todo acto dice su decisión, sus fundamentos y los recursos (Ley 19.880, artículo 41)")
    blank = _("Ninguna en especial")
    part = Control("role", _("Qué parte del acto es"), "pick", choices=PARTS, blank=blank, hint=hint)
    if block.get("kind") == "answers":
        return [
            Control("step", _("Respuestas de"), "pick", choices=_answered_steps, needed=True),
            Control("fields", _("Cuáles"), "ticks", choices=_answered_fields, hint=_("Sin marcar ninguna, van todas")),
            part,
        ]
    rows = 2 if block.get("kind") == "heading" else 6
    hint = _("Los datos van entre llaves. **Así** queda en negrita y *así* en cursiva.")
    if block.get("kind") == "paragraph":
        hint += " " + _("Renglones que empiezan con «- » son una lista.")
    return [Control("text", _("Texto"), "text", rows=rows, needed=True, hint=hint), part]


def insertable(scene: Scene) -> list[tuple[str, list[tuple[str, str]]]]:
    """The data that a text may take, by where they come from: `{inicio.nombre}` and its words."""
    groups: list[tuple[str, list[tuple[str, str]]]] = []
    by_step: dict[str, list[tuple[str, str]]] = {}
    for path, kind in scene.bundle.types.items():
        if kind in ("group", "file", "info"):
            continue
        step = scene.bundle.steps_by_id.get(path.partition(".")[0])
        try:
            field = scene.bundle.field(path)
        except KeyError:
            label, sensitive = path.partition(".")[2], False
        else:
            label, sensitive = field.label, field.sensitive
        if not sensitive:
            token = f"{{{path}|{_FORMATS[kind]}}}" if kind in _FORMATS else f"{{{path}}}"
            by_step.setdefault(step.title if step else path, []).append((token, label))
    groups += by_step.items()
    dated = {"case.filed_on", "act.date"}
    case = [(f"{{{path}|long_date}}" if path in dated else f"{{{path}}}", words) for path, words in CASE_DATA.items()]
    charged = [(f"{{fee.{fee.id}}}", fee.title) for fee in scene.bundle.fees]
    law = partial_law(scene.content)
    appeals = [(f"{{{path}}}", words) for path, words in APPEAL_DATA.items()] if law and law.appeals else []
    return [*groups, (_("Del caso"), [*case, *charged, *appeals])]


_FORMATS = {"money_clp": "money", "date": "long_date"}
