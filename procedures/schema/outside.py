"""Steps that ask a system of another body."""

from typing import Literal

from pydantic import Field

from procedures.schema.base import DataPath, Id, Line, Part
from procedures.schema.kinds import FactType
from procedures.schema.stepbase import Onward


class ServiceValue(Part):
    """Un dato de la respuesta del servicio."""

    path: Line
    """Dónde está en la respuesta JSON, con puntos: «contribuyente.estado». Una cifra es un lugar de una lista."""
    type: FactType
    """Tipo con que queda en `paso.dato`."""


class ServiceStep(Onward):
    """Consulta a un servicio de otra institución por un conector autorizado. Da `paso.ok` (si respondió) y
    `paso.<dato>`. La consulta ocurre fuera de la página de la persona y se reintenta sola."""

    kind: Literal["service"]
    """`service`"""
    connector: Id
    """Nombre del conector que configuró quien opera la plataforma; ahí están su dirección y su clave."""
    inputs: dict[Id, DataPath] = Field(default_factory=dict, max_length=30)
    """Datos que se envían, `paso.campo` cada uno."""
    values: dict[Id, ServiceValue] = Field(min_length=1, max_length=30)
    """Datos que se toman de la respuesta."""
    on_failure: Literal["wait", "accept", "stop"]
    """Qué pasa si el servicio no responde tras varios intentos: `wait` el caso espera y se vuelve a preguntar cada
    hora; `accept` se sigue con lo que declaró la persona y alguien lo verifica después; `stop` el caso se detiene
    hasta que alguien lo reintente."""
    declared: dict[Id, DataPath] = Field(default_factory=dict)
    """Con `accept`: qué respuesta de la persona vale por cada dato mientras no se verifique."""
    verified_by: Id | None = None
    """Con `accept`: cargo que verifica después. El caso no termina antes."""
