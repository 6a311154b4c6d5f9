"""The card of the legal blocks: switches of Ley 19.880, each with its article; the engine brings steps and texts."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy

from designer.cards.controls import Control
from designer.cards.scene import Choices
from designer.cards.steps import role_choices
from designer.cards.table import Column
from designer.tree import Data

VERSION = "ley-19880-1"
ACTS: Choices = (("resolution", gettext_lazy("Resolución")), ("decree", gettext_lazy("Decreto")))
SWITCHES = (
    ("withdrawal", gettext_lazy("La persona puede desistirse (artículo 42)")),
    ("waiver", gettext_lazy("La persona puede renunciar a su derecho (artículo 42)")),
    ("abandonment", gettext_lazy("Se puede declarar el abandono (artículos 43 y 44)")),
    ("impossibility", gettext_lazy("Puede terminar por imposibilidad material (artículo 40)")),
    ("extension", gettext_lazy("Se pueden ampliar los plazos (artículo 26)")),
    ("urgency", gettext_lazy("Se puede tramitar con urgencia (artículo 63)")),
    ("own_motion", gettext_lazy("Se puede iniciar de oficio (artículos 28 y 29)")),
    ("clarification", gettext_lazy("Los actos se pueden aclarar y rectificar (artículo 62)")),
)
APPEALS = "with_appeals"
SILENCE = "with_silence"

CONTROLS = [
    Control("officer", gettext_lazy("Quién examina y redacta estos actos"), "pick", choices=role_choices,
            blank=gettext_lazy("No se usan bloques legales")),
    Control("signers.0", gettext_lazy("Quién los firma"), "pick", choices=role_choices, blank=gettext_lazy("Elige")),
    Control("signers.1", gettext_lazy("Firma después"), "pick", choices=role_choices, blank=gettext_lazy("Nadie más"),
            more=True),
    Control("act.kind", gettext_lazy("Clase de acto"), "pick", choices=ACTS, blank=gettext_lazy("Elige")),
    Control("act.book", gettext_lazy("Libro de numeración"), hint=gettext_lazy("Una palabra: resoluciones")),
    *(Control(key, words, "tick", default=False) for key, words in SWITCHES),
    Control(APPEALS, gettext_lazy("Procede el recurso de reposición (artículo 59)"), "tick", default=False),
    Control("appeals.hierarchical", gettext_lazy("Superior que resuelve el recurso jerárquico (artículo 59)"), "pick",
            choices=role_choices, blank=gettext_lazy("No procede"), more=True),
    Control("appeals.barred", gettext_lazy("Por qué no procede el jerárquico, con su norma"), more=True),
    Control(SILENCE, gettext_lazy("La persona puede denunciar el silencio (artículos 64 a 66)"), "tick", default=False),
    Control("suspensions", gettext_lazy("Causas por las que se pueden suspender los plazos"), "table", more=True,
            hint=gettext_lazy("Sin ninguna, no se suspenden"), columns=(
                Column("title", gettext_lazy("La causa en palabras")),
                Column("source", gettext_lazy("Norma que lo permite")),
                Column("id", gettext_lazy("Nombre interno (opcional)")))),
    Control("silence.superior", gettext_lazy("Superior que recibe copia de la denuncia"), "pick",
            choices=role_choices, blank=gettext_lazy("Elige"), more=True),
]  # fmt: skip


def flattened(law: Data) -> Data:
    """The blocks as the card's controls name them."""
    signers = {str(place): slot for place, slot in enumerate(law.get("signers") or ())}
    whole = {"appeals": law.get("appeals") or {}, "silence": law.get("silence") or {}}
    return {**law, **whole, "signers": signers, APPEALS: "appeals" in law, SILENCE: "silence" in law}


def gathered(made: Data) -> Data | None:
    """The blocks as the bundle holds them; None when nobody examines them, which switches all of them off."""
    if not made.get("officer"):
        return None
    law: dict[str, Any] = {key: value for key, value in made.items() if key not in (APPEALS, SILENCE)}
    law["version"] = law.get("version", VERSION)
    law["signers"] = [slot for _place, slot in sorted((law.get("signers") or {}).items())]
    for key, switch in (("appeals", APPEALS), ("silence", SILENCE)):
        if not made.get(switch):
            law.pop(key, None)
        else:
            law.setdefault(key, {})
    return law
