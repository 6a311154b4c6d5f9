"""What the answers decide inside a form: pages that are skipped, ways out of it, and rules across questions."""

from typing import Annotated

from pydantic import Field as Key
from pydantic import StringConstraints

from procedures.schema.base import Id, Line, Part, Text
from procedures.schema.conditions import Condition


class Skip(Part):
    """Salto a una página posterior del formulario; las páginas de en medio no se preguntan."""

    when: Condition
    """Condición con que se salta, al terminar la página."""
    goto: Id
    """Página a la que se salta."""


class WayOut(Part):
    """Algo que la persona puede hacer en vez de este trámite."""

    label: Line
    """Qué puede hacer: «Pide hora en la oficina»."""
    url: Annotated[str, StringConstraints(pattern=r"^(https://|/)[^\s]{1,300}$")] | None = None
    """Dirección que comienza con https:// o con /, si la hay."""


class Exit(Part):
    """Salida del formulario: la persona no puede hacer el trámite aquí, y se le dice qué puede hacer."""

    id: Id
    """Nombre interno de la salida, único en su formulario."""
    when: Condition
    """Condición con que se sale, al terminar la página."""
    title: Line
    """Título de la página de salida: «No puedes hacer este trámite aquí»."""
    text: Text
    """Por qué."""
    instead: tuple[WayOut, ...] = Key(min_length=1, max_length=6)
    """Qué puede hacer en vez."""


class Rule(Part):
    """Regla entre respuestas, o entre las filas de un grupo. Se revisa cuando están todas las que nombra."""

    id: Id
    """Nombre interno de la regla, único en su formulario."""
    must: Condition
    """Condición que se debe cumplir."""
    message: Line
    """Qué debe hacer la persona si no se cumple, en palabras para ella: «Revisa las fechas: …»."""
    at: Id
    """Pregunta junto a la que se muestra el mensaje."""
