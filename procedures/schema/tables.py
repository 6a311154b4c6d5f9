"""Decision tables: values that follow from data, row by row."""

from typing import Annotated, Literal

from pydantic import Field

from procedures.schema.base import DataPath, Id, Part
from procedures.schema.conditions import Scalar
from procedures.schema.fields import Bound
from procedures.schema.kinds import FactType
from procedures.schema.stepbase import Onward


class TableCell(Part):
    """Lo que un dato debe cumplir para que sirva la fila. Sin ninguna condición, sirve cualquier valor."""

    data: DataPath
    """Dato que se mira, `paso.campo`."""
    equals: tuple[Scalar, ...] = ()
    """Valores que sirven: «[alimentos, comercio]»."""
    min: Bound | None = None
    """Sirve desde este número o fecha, incluido."""
    below: Bound | None = None
    """Sirve hasta antes de este número o fecha, sin incluirlo."""
    empty: Annotated[bool, Field(strict=True)] = False
    """Sirve si el dato no tiene respuesta."""


class TableRow(Part):
    """Una fila: si se cumplen todas sus celdas, estos son los resultados."""

    when: tuple[TableCell, ...] = ()
    """Celdas de la fila. Un dato que no se nombra puede valer cualquier cosa."""
    then: dict[Id, Scalar]
    """Resultado de cada valor de `values`."""


class DecisionStep(Onward):
    """Tabla de decisión: según los datos, una sola fila da los resultados `paso.valor`. Al publicar se comprueba que
    ningún caso quede sin fila y que dos filas no sirvan a la vez."""

    kind: Literal["decision"]
    """`decision`"""
    values: dict[Id, FactType] = Field(min_length=1, max_length=20)
    """Resultados que da y el tipo de cada uno."""
    rows: tuple[TableRow, ...] = Field(min_length=1, max_length=200)
    """Filas. El orden no importa."""
