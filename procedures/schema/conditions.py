"""Conditions as staff write them (rows), and the ways out of a step."""

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, StringConstraints, Tag

from procedures.schema.base import DataPath, Line, Part, Target

Scalar = Annotated[bool, Field(strict=True)] | Annotated[int, Field(strict=True)] | str
Operator = Literal["eq", "ne", "lt", "le", "gt", "ge", "in", "not_in", "filled", "empty", "contains"]


class Row(Part):
    """Una comparación de un dato con un valor. Con una respuesta que falta no se cumple nunca, salvo `empty`."""

    field: DataPath
    """Dato que se compara, escrito `paso.campo`."""
    op: Operator
    """Comparación: `eq` es, `ne` no es, `lt` menor que, `le` menor o igual, `gt` mayor que, `ge` mayor o igual,
    `in` es uno de, `not_in` no es ninguno de, `filled` tiene respuesta, `empty` no tiene respuesta,
    `contains` contiene (un texto o una de las opciones marcadas)."""
    value: Scalar | tuple[Scalar, ...] | None = None
    """Valor, del tipo del campo; una lista con `in` y `not_in`; nada con `filled` y `empty`."""


class AnyOf(Part):
    """Grupo que se cumple si se cumple alguna de sus comparaciones."""

    any: tuple[Row, ...] = Field(min_length=1, max_length=20)
    """Comparaciones unidas por «o»."""


class AllOf(Part):
    """Grupo que se cumple si se cumplen todas sus comparaciones."""

    all: tuple[Row, ...] = Field(min_length=1, max_length=20)
    """Comparaciones unidas por «y»."""


# Tags stand in brackets so that no place of an error can be mistaken for a key of the same name.
def _row_shape(value: Any) -> str:
    keys = value if isinstance(value, dict) else type(value).model_fields if isinstance(value, Part) else ()
    return next((f"<{key}>" for key in ("any", "all") if key in keys), "<row>")


_GROUP_ERROR: dict[str, Any] = {"custom_error_type": "row_shape", "custom_error_message": "Se espera una comparación."}
RowOrAny = Annotated[
    Annotated[Row, Tag("<row>")] | Annotated[AnyOf, Tag("<any>")], Discriminator(_row_shape, **_GROUP_ERROR)
]
RowOrAll = Annotated[
    Annotated[Row, Tag("<row>")] | Annotated[AllOf, Tag("<all>")], Discriminator(_row_shape, **_GROUP_ERROR)
]


class AllCondition(Part):
    """Condición que se cumple si se cumple todo lo que lista."""

    all: tuple[RowOrAny, ...] = Field(min_length=1, max_length=20)
    """Comparaciones, o grupos `any`, unidos por «y»."""


class AnyCondition(Part):
    """Condición que se cumple si se cumple algo de lo que lista."""

    any: tuple[RowOrAll, ...] = Field(min_length=1, max_length=20)
    """Comparaciones, o grupos `all`, unidos por «o»."""


class CelCondition(Part):
    """Condición escrita en CEL, para lo que las filas no alcanzan a decir."""

    cel: Annotated[str, StringConstraints(min_length=1, max_length=500)]
    """Expresión que da verdadero o falso. Una respuesta que falta vale `null`."""


def _condition_shape(value: Any) -> str | None:
    keys = value if isinstance(value, dict) else type(value).model_fields if isinstance(value, Part) else ()
    return next((f"<{key}>" for key in ("all", "any", "cel") if key in keys), None)


Condition = Annotated[
    Annotated[AllCondition, Tag("<all>")]
    | Annotated[AnyCondition, Tag("<any>")]
    | Annotated[CelCondition, Tag("<cel>")],
    Discriminator(
        _condition_shape,
        custom_error_type="condition_shape",
        custom_error_message="Una condición se escribe con «all», «any» o «cel».",
    ),
]


def rows_of(condition: AllCondition | AnyCondition) -> Iterator[Row]:
    """Every comparison of a condition made of rows, in order."""
    items = condition.all if isinstance(condition, AllCondition) else condition.any
    for item in items:
        if isinstance(item, Row):
            yield item
        else:
            yield from item.any if isinstance(item, AnyOf) else item.all


class When(Part):
    """Salida que se toma si se cumple su condición y ninguna anterior se cumplió."""

    when: Condition
    """Condición de esta salida."""
    goto: Target
    """Paso al que sigue; dentro de una rama puede ser `join` (fin de la rama)."""
    label: Line | None = None
    """Palabras de esta salida en el diagrama y en los botones: «Con observaciones»."""


class Otherwise(Part):
    """Salida que se toma si no se cumplió ninguna anterior. Toda lista de salidas termina en ella."""

    otherwise: Target
    """Paso al que sigue."""
    label: Line | None = None
    """Palabras de esta salida en el diagrama y en los botones."""


def _way_shape(value: Any) -> str | None:
    keys = value if isinstance(value, dict) else type(value).model_fields if isinstance(value, Part) else ()
    return next((f"<{key}>" for key in ("when", "otherwise") if key in keys), None)


Way = Annotated[
    Annotated[When, Tag("<when>")] | Annotated[Otherwise, Tag("<otherwise>")],
    Discriminator(
        _way_shape,
        custom_error_type="way_shape",
        custom_error_message="Cada salida se escribe con «when» y «goto», o con «otherwise».",
    ),
]


def _next_shape(value: Any) -> str:
    return "<one>" if isinstance(value, str) else "<ways>"


Next = Annotated[
    Annotated[Target, Tag("<one>")] | Annotated[tuple[Way, ...], Field(min_length=1, max_length=20), Tag("<ways>")],
    Discriminator(_next_shape),
]
"""One target, or alternatives tried in order, of which the last is `otherwise`."""


class Route(Part):
    """One way out of a step, in the one shape that the runtime, the gate and the diagram read."""

    target: Target
    condition: Condition | None = None
    label: str = ""


def routes_of(value: str | tuple[When | Otherwise, ...]) -> tuple[Route, ...]:
    """The ways out written in a `next`, in order; a condition of None always holds."""
    if isinstance(value, str):
        return (Route(target=value),)
    return tuple(
        Route(target=way.goto, condition=way.when, label=way.label or "")
        if isinstance(way, When)
        else Route(target=way.otherwise, label=way.label or "")
        for way in value
    )


def ends_in_otherwise(value: str | tuple[When | Otherwise, ...]) -> bool:
    """Whether exactly the last alternative is `otherwise`."""
    if isinstance(value, str):
        return True
    kinds = [isinstance(way, Otherwise) for way in value]
    return kinds[-1] and not any(kinds[:-1])
