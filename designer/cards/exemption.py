"""The card of the exception to electronic means: which answers say what is asked for (Ley 19.880, arts. 18 and 46).

It has no switch: a procedure is that form while something is said here (DS 4 of 2020, art. 32; norms R47).
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy

from designer import tree
from designer.cards.controls import Control
from designer.cards.scene import Choices, Scene

_WITH_ADDRESS = frozenset({"address", "text", "textarea"})
"""Types of answer that may say where letters go."""


def _addresses(scene: Scene) -> Choices:
    """The answers that may hold an address, an address proper before what is written freely."""
    found = [
        (field["type"] != "address", f"{step['id']}.{field['id']}", field.get("label") or field["id"])
        for _at, step in tree.all_steps(scene.content)
        if step["kind"] != "correction"
        for _place, field in tree.fields_of_form(tree.find(scene.content, ("forms", str(step.get("form")))) or {})
        if field.get("type") in _WITH_ADDRESS
    ]
    return [(path, label) for _written, path, label in sorted(found, key=lambda each: each[0])]


CONTROLS = [
    Control("address", gettext_lazy("Respuesta con la dirección a la que llegan las cartas"), "pick",
            choices=_addresses, blank=gettext_lazy("Elige una respuesta"), needed=True,
            hint=gettext_lazy("La del formulario del artículo 32 del DS N° 4 de 2020")),
]  # fmt: skip
