"""The card of the ficha: what is told before beginning, the legal term and silence, norms and personal data.

The term, the effect of silence and their articles have no default: a person decides them (norms R73, R74).
"""

from __future__ import annotations

from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext_lazy

from designer.cards.controls import UNITS, Control, term_rules
from designer.cards.scene import Choices, Scene
from designer.tree import Data
from procedures.models import LifeEvent

EFFECTS: Choices = (
    ("positive", gettext_lazy("se entiende aceptada (silencio positivo)")),
    ("negative", gettext_lazy("se entiende rechazada (silencio negativo)")),
    ("special", gettext_lazy("lo que diga una ley especial")),
)
CHANNELS: Choices = (
    ("web", gettext_lazy("en línea")),
    ("counter", gettext_lazy("mesón")),
    ("own_motion", gettext_lazy("solo lo abre la institución (de oficio)")),
)
MOST_NORMS = 30


def _life_events(scene: Scene) -> Choices:
    return list(LifeEvent.choices)


CODE = Control("code", gettext_lazy("Código del trámite"), more=True,
               hint=gettext_lazy("Nombra sus archivos y direcciones. No cambia después de publicar."))  # fmt: skip
PRESENTATION = [
    Control("title", gettext_lazy("Nombre del trámite"), needed=True),
    Control("summary", gettext_lazy("Qué se obtiene"), "text", rows=2, needed=True,
            hint=gettext_lazy("Una o dos frases")),
    Control("ficha.audience", gettext_lazy("A quién está dirigido"), "text", rows=2, needed=True),
    Control("ficha.requirements", gettext_lazy("Qué hay que tener a mano"), "lines", rows=4,
            hint=gettext_lazy("Una cosa por línea")),
    Control("ficha.cost", gettext_lazy("Cuánto cuesta"), "text", rows=2, needed=True,
            hint=gettext_lazy("Por ejemplo: No tiene costo.")),
    Control("ficha.minutes", gettext_lazy("Cuánto toma llenar la solicitud"), "number", needed=True,
            unit=gettext_lazy("minutos")),
    Control("ficha.response", gettext_lazy("Cuándo y cómo se responde"), "text", rows=2, needed=True),
    Control("ficha.channels", gettext_lazy("Por dónde se puede hacer"), "ticks", choices=CHANNELS),
    Control("ficha.contact.office", gettext_lazy("Oficina que atiende"), more=True),
    Control("ficha.contact.phone", gettext_lazy("Teléfono"), more=True),
    Control("ficha.contact.email", gettext_lazy("Correo de contacto"), more=True),
    Control("ficha.contact.hours", gettext_lazy("Días y horas de atención"), more=True),
    Control("ficha.keywords", gettext_lazy("Palabras con que la gente lo busca"), "lines", more=True,
            hint=gettext_lazy("Una por línea")),
    Control("ficha.life_event", gettext_lazy("Momento de la vida en que se busca"), "pick", choices=_life_events,
            blank=gettext_lazy("Ninguno en especial"), more=True),
    Control("ficha.paid", gettext_lazy("Qué pasa con el pago, si lo hay"), "text", rows=2, more=True),
]  # fmt: skip
TERM = [
    Control("term.amount", gettext_lazy("Plazo legal para decidir"), "number", needed=True),
    Control("term.unit", gettext_lazy("El plazo se cuenta en"), "pick", choices=UNITS, needed=True,
            blank=gettext_lazy("Elige")),
    Control("term.source", gettext_lazy("Norma que fija el plazo"), needed=True,
            hint=gettext_lazy("Por ejemplo: Ley N° 19.880, artículo 27")),
    Control("ficha.silence.effect", gettext_lazy("Si no se decide a tiempo, la solicitud"), "pick", choices=EFFECTS,
            needed=True, blank=gettext_lazy("Elige")),
    Control("ficha.silence.source", gettext_lazy("Norma que lo dice"), needed=True,
            hint=gettext_lazy("Por ejemplo: Ley N° 19.880, artículo 65")),
    *term_rules("term"),
]  # fmt: skip
LEGAL = [
    Control("ficha.cpat.name", gettext_lazy("Nombre en el catálogo de procedimientos (CPAT)")),
    Control("ficha.cpat.code", gettext_lazy("Código CPAT, si ya lo tiene")),
    Control("ficha.retention.years", gettext_lazy("Cuánto se guarda el expediente"), "number", needed=True,
            unit=gettext_lazy("años")),
    Control("ficha.retention.source", gettext_lazy("Norma o política que lo fija"), needed=True),
    Control("ficha.personal_data.purpose", gettext_lazy("Para qué se usan los datos personales"), "text", rows=2,
            needed=True),
    Control("ficha.personal_data.basis", gettext_lazy("Norma que permite tratarlos"), needed=True),
]  # fmt: skip
ALL = [*PRESENTATION, *TERM, *LEGAL]


def norm_rows(content: Data) -> list[dict[str, Any]]:
    """The norms of the ficha and one blank row."""
    stored = content.get("ficha", {}).get("legal_basis") or []
    return [dict(row) for row in stored] + [{}]


def typed_norms(data: QueryDict) -> list[Data]:
    """The norms as they were sent; rows without a norm and an article are left out."""
    rows = []
    for number in range(MOST_NORMS):
        norm, article = data.get(f"norma-{number}", "").strip(), data.get(f"articulo-{number}", "").strip()
        note = data.get(f"nota-{number}", "").strip()
        if norm or article:
            rows.append({"norm": norm, "article": article, **({"note": note} if note else {})})
    return rows
