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
    label: Line | None = None
    """Cómo se llama el dato en el expediente y en el registro que lee la persona. Sin él se lee su nombre interno."""
    sensitive: bool = False
    """Dato sensible: solo se pide si la persona lo autorizó en su solicitud y no lo ha retirado (Ley 19.880, art. 24
    bis). Queda en el documento del expediente y ninguna regla ni texto lo lee."""


class Source(Part):
    """Institución que tiene los datos y el servicio con que los entrega (DS 12 de 2023, art. 9; DS 10, art. 24)."""

    code: Line
    """Código de la institución en el Gestor de Códigos del Estado o, si no lo tiene, su sigla."""
    name: Line
    """Nombre de la institución."""
    service: Line
    """Nombre del servicio de interoperabilidad."""


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
    source: Source | None = None
    """Qué institución tiene los datos. Con datos sensibles es obligatorio: la autorización es específica."""

    @property
    def is_sensitive(self) -> bool:
        """Whether it asks for sensitive data, which need the person's authorisation."""
        return any(value.sensitive for value in self.values.values())
