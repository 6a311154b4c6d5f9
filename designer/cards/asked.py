"""The conditions that each kind of item may have, and the words with which its card asks for them."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext_lazy

from designer.cards.scene import Words


@dataclass(frozen=True)
class Asked:
    """A condition: the key of the item that holds it, and its words."""

    key: str
    prefix: str
    """With which the names of its controls begin; one for each condition of a card."""
    legend: Words
    sentence: Words
    """The condition read aloud."""
    always: Words = ""
    """Words for having no condition; empty where there must be one."""
    summary: Words = ""
    """Words under which it is folded while it has none; empty where it stands open."""


_ONLY_IF = gettext_lazy("Solo si %(words)s.")
_DATED = (
    Asked("when", "si", gettext_lazy("¿En qué casos el plazo dura esto?"), gettext_lazy("Dura esto si %(words)s."),
          gettext_lazy("En todos los de esas fechas")),
)  # fmt: skip
ASKED: dict[str, tuple[Asked, ...]] = {
    "question": (
        Asked("visible_when", "si", gettext_lazy("¿Cuándo se muestra?"),
              gettext_lazy("Se muestra solo si %(words)s."), gettext_lazy("Siempre"),
              gettext_lazy("Mostrar solo si…")),
        Asked("required_when", "pide", gettext_lazy("¿Cuándo hay que responderla?"),
              gettext_lazy("Hay que responderla solo si %(words)s."),
              gettext_lazy("Según la casilla «Hay que responderla para seguir»"),
              gettext_lazy("Obligatoria solo si…")),
    ),
    "page": (
        Asked("visible_when", "si", gettext_lazy("¿Cuándo se pregunta esta página?"),
              gettext_lazy("Se pregunta solo si %(words)s."), gettext_lazy("Siempre"),
              gettext_lazy("Preguntar esta página solo si…")),
    ),
    "block": (
        Asked("when", "si", gettext_lazy("¿Cuándo va este bloque?"), _ONLY_IF, gettext_lazy("Va siempre"),
              gettext_lazy("Incluir solo si…")),
    ),
    "document": (
        Asked("worse_when", "peor", gettext_lazy("¿Cuándo deja a la persona peor que antes de pedirlo?"),
              gettext_lazy("La deja peor si %(words)s: se avisa a quien redacta y a quien firma (art. 41)."),
              gettext_lazy("No se avisa"), gettext_lazy("Avisar si deja a la persona peor que antes…")),
    ),
    "way": (Asked("when", "si", gettext_lazy("¿Cuándo se toma esta salida?"), _ONLY_IF),),
    "exit": (Asked("when", "si", gettext_lazy("¿Quién no puede seguir?"),
                   gettext_lazy("No puede seguir si %(words)s.")),),
    "skip": (Asked("when", "si", gettext_lazy("¿Cuándo se salta?"), gettext_lazy("Se salta si %(words)s.")),),
    "rule": (Asked("must", "si", gettext_lazy("¿Qué se debe cumplir?"),
                   gettext_lazy("Se debe cumplir que %(words)s.")),),
    "option": (
        Asked("only_when", "si", gettext_lazy("¿Cuándo se ofrece esta opción?"),
              gettext_lazy("Se ofrece solo si %(words)s."), gettext_lazy("Siempre")),
    ),
    **dict.fromkeys(("amount", "appeal_amount", "decide_amount", "opposition_amount"), _DATED),
    "fee_amount": (
        Asked("when", "si", gettext_lazy("¿En qué casos se cobra esto?"), gettext_lazy("Se cobra esto si %(words)s."),
              gettext_lazy("En todos los de esas fechas")),
    ),
    "exemption": (
        Asked("paper", "papel", gettext_lazy("¿Cuándo se pide presentar en papel? (Ley 19.880, artículo 18)"),
              gettext_lazy("Se pide presentar en papel si %(words)s.")),
        Asked("letter", "carta",
              gettext_lazy("¿Cuándo se pide ser notificado por carta certificada? (Ley 19.880, artículo 46)"),
              gettext_lazy("Se pide ser notificado por carta si %(words)s.")),
        Asked("office", "oficina",
              gettext_lazy("¿Cuándo se pide ser notificado en la oficina? (Ley 19.880, artículo 46)"),
              gettext_lazy("Se pide ser notificado en la oficina si %(words)s.")),
    ),
    "role_when": (Asked("when", "si", gettext_lazy("¿En qué casos le toca?"),
                        gettext_lazy("Le toca si %(words)s.")),),
}  # fmt: skip
"""By kind of item."""
