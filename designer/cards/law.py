"""The card of the legal blocks: switches of Ley 19.880, each with its article; the engine brings steps and texts."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy

from designer.cards.controls import UNITS, Control
from designer.cards.scene import Choices
from designer.cards.steps import role_choices
from designer.cards.table import Column
from designer.tree import Data

VERSION = "ley-19880-2"
VERSIONS: Choices = (
    (VERSION, gettext_lazy("La última: un recurso acogido cambia el acto, o hace volver la solicitud")),
    ("ley-19880-1", gettext_lazy("La primera: un recurso acogido solo se responde")),
)
"""A procedure keeps the one that it names until somebody chooses another (its texts are part of what is published)."""
ACTS: Choices = (("resolution", gettext_lazy("Resolución")), ("decree", gettext_lazy("Decreto")))
SWITCHES = (
    ("withdrawal", gettext_lazy("La persona puede desistirse (artículo 42)")),
    ("waiver", gettext_lazy("La persona puede renunciar a su derecho (artículo 42)")),
    ("abandonment", gettext_lazy("Se puede declarar el abandono (artículos 43 y 44)")),
    ("impossibility", gettext_lazy("Puede terminar por imposibilidad material (artículo 40)")),
    ("extension", gettext_lazy("Se pueden ampliar los plazos (artículo 26)")),
    ("urgency", gettext_lazy("Se puede tramitar con urgencia (artículo 63)")),
    ("joinder", gettext_lazy("Se puede acumular a otra más antigua (artículo 33)")),
    ("own_motion", gettext_lazy("Se puede iniciar de oficio (artículos 28 y 29)")),
    ("clarification", gettext_lazy("Los actos se pueden aclarar y rectificar (artículo 62)")),
)
APPEALS = "with_appeals"
SILENCE = "with_silence"
OPPOSITION = "with_opposition"
_ON = {"appeals": APPEALS, "silence": SILENCE, "opposition": OPPOSITION}
"""Blocks that hold more than whether they are on, and their switch."""

CONTROLS = [
    Control("officer", gettext_lazy("Quién examina y redacta estos actos"), "pick", choices=role_choices,
            blank=gettext_lazy("No se usan bloques legales")),
    Control("signers.0", gettext_lazy("Quién los firma"), "pick", choices=role_choices, blank=gettext_lazy("Elige")),
    Control("signers.1", gettext_lazy("Firma después"), "pick", choices=role_choices, blank=gettext_lazy("Nadie más"),
            more=True),
    Control("act.kind", gettext_lazy("Clase de acto"), "pick", choices=ACTS, blank=gettext_lazy("Elige")),
    Control("act.book", gettext_lazy("Libro de numeración"), hint=gettext_lazy("Una palabra: resoluciones")),
    *(Control(f"signers.{place}", gettext_lazy("Y después firma"), "pick", choices=role_choices,
              blank=gettext_lazy("Nadie más"), more=True) for place in range(2, 6)),
    *(Control(key, words, "tick", default=False) for key, words in SWITCHES),
    Control(APPEALS, gettext_lazy("Proceden recursos contra el acto (artículos 59 a 62)"), "tick", default=False),
    Control("appeals.reposition", gettext_lazy("Procede el recurso de reposición (artículo 59)"), "tick", default=True,
            more=True),
    Control("appeals.amount", gettext_lazy("Plazo para presentar los recursos"), "number", default=5, more=True,
            unit=gettext_lazy("días hábiles"),
            hint=gettext_lazy("Corre desde que se notifica el acto. La ley da 5 (artículo 59)")),
    Control("appeals.decide_in", gettext_lazy("Plazo para resolverlos"), "number", default=30, more=True,
            unit=gettext_lazy("días hábiles"),
            hint=gettext_lazy("Corre desde que se presentan. La ley da 30 (artículo 59)")),
    Control("appeals.source", gettext_lazy("Norma de esos plazos"), default="Ley N° 19.880, artículo 59", more=True),
    Control("appeals.hierarchical", gettext_lazy("Superior que resuelve el recurso jerárquico (artículo 59)"), "pick",
            choices=role_choices, blank=gettext_lazy("No procede"), more=True),
    Control("appeals.barred", gettext_lazy("Por qué no procede el jerárquico, con su norma"), more=True),
    Control(OPPOSITION, gettext_lazy("Un tercero puede oponerse a la decisión (artículo 21)"), "tick", default=False),
    Control("opposition.title", gettext_lazy("Cómo se llama la oposición en pantalla"), more=True,
            hint=gettext_lazy("Por ejemplo: Oponerme a que se entregue la información")),
    Control("opposition.amount", gettext_lazy("Plazo para oponerse"), "number", more=True,
            hint=gettext_lazy("Corre desde que se notifica al tercero")),
    Control("opposition.unit", gettext_lazy("El plazo para oponerse se cuenta en"), "pick", choices=UNITS, more=True,
            blank=gettext_lazy("Elige")),
    Control("opposition.source", gettext_lazy("Norma que permite oponerse"), more=True,
            hint=gettext_lazy("Por ejemplo: Ley N° 20.285, artículo 20")),
    Control(SILENCE, gettext_lazy("La persona puede denunciar el silencio (artículos 64 a 66)"), "tick", default=False),
    Control("suspensions", gettext_lazy("Causas por las que se pueden suspender los plazos"), "table", more=True,
            hint=gettext_lazy("Sin ninguna, no se suspenden"), columns=(
                Column("title", gettext_lazy("La causa en palabras")),
                Column("source", gettext_lazy("Norma que lo permite")),
                Column("id", gettext_lazy("Nombre interno (opcional)")))),
    Control("silence.superior", gettext_lazy("Superior que recibe copia de la denuncia"), "pick",
            choices=role_choices, blank=gettext_lazy("Elige"), more=True),
    Control("version", gettext_lazy("Versión de los pasos y textos de estos bloques"), "pick", choices=VERSIONS,
            default=VERSION, more=True),
    Control("silence.complaint", gettext_lazy("Hay que denunciar el incumplimiento antes de pedir el certificado"),
            "tick", default=True, more=True,
            hint=gettext_lazy("En el silencio negativo puede no pedirse (artículo 65)")),
    Control("silence.certificate_in", gettext_lazy("Días hábiles para entregar el certificado de silencio"), "number",
            default=2, more=True, hint=gettext_lazy("Desde que se pide. Si no sale, lo ve quien dirige (artículo 24)")),
]  # fmt: skip


def flattened(law: Data) -> Data:
    """The blocks as the card's controls name them."""
    signers = {str(place): slot for place, slot in enumerate(law.get("signers") or ())}
    whole = {key: law.get(key) or {} for key in _ON}
    return {**law, **whole, "signers": signers, **{switch: key in law for key, switch in _ON.items()}}


def gathered(made: Data) -> Data | None:
    """The blocks as the bundle holds them; None when nobody examines them, which switches all of them off."""
    if not made.get("officer"):
        return None
    law: dict[str, Any] = {key: value for key, value in made.items() if key not in _ON.values()}
    law["version"] = law.get("version", VERSION)
    law["signers"] = [slot for _place, slot in sorted((law.get("signers") or {}).items())]
    for key, switch in _ON.items():
        if not made.get(switch):
            law.pop(key, None)
        else:
            law.setdefault(key, {})
    return law
