"""Conditions as staff write them (rows), and the ways out of a step."""

from collections.abc import Iterator
from typing import Annotated, Any, Literal, Self

from pydantic import Discriminator, Field, StringConstraints, Tag, model_validator
from pydantic_core import PydanticCustomError

from procedures.schema.base import DataPath, Line, Part, Target

Scalar = Annotated[bool, Field(strict=True)] | Annotated[int, Field(strict=True)] | str
Operator = Literal["eq", "ne", "lt", "le", "gt", "ge", "in", "not_in", "filled", "empty", "contains"]


MOST_DEEP = 3
"""Groups that may stand one inside the other: what a sentence can still say."""


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


class _Group(Part):
    @property
    def items(self) -> tuple["Row | AllOf | AnyOf | NoneOf", ...]:
        """What it joins."""
        raise NotImplementedError

    @model_validator(mode="after")
    def _is_not_too_deep(self) -> Self:
        if _depth(self) > MOST_DEEP:
            raise PydanticCustomError(
                "groups_too_deep", "Una condición lleva hasta {most} grupos, uno dentro de otro.", {"most": MOST_DEEP}
            )
        return self


class AllOf(_Group):
    """Grupo que se cumple si se cumple todo lo que lista."""

    all: tuple["_Item", ...] = Field(min_length=1, max_length=20)
    """Comparaciones, u otros grupos, unidos por «y»."""

    @property
    def items(self) -> tuple["Row | AllOf | AnyOf | NoneOf", ...]:
        """What it joins."""
        return self.all


class AnyOf(_Group):
    """Grupo que se cumple si se cumple algo de lo que lista."""

    any: tuple["_Item", ...] = Field(min_length=1, max_length=20)
    """Comparaciones, u otros grupos, unidos por «o»."""

    @property
    def items(self) -> tuple["Row | AllOf | AnyOf | NoneOf", ...]:
        """What it joins."""
        return self.any


class NoneOf(_Group):
    """Grupo que se cumple si no se cumple nada de lo que lista; también mientras faltan sus respuestas."""

    none: tuple["_Item", ...] = Field(min_length=1, max_length=20)
    """Comparaciones, u otros grupos, que no se deben cumplir."""

    @property
    def items(self) -> tuple["Row | AllOf | AnyOf | NoneOf", ...]:
        """What it joins."""
        return self.none


def _depth(item: Part) -> int:
    return 1 + max(map(_depth, item.items)) if isinstance(item, _Group) else 0


GROUPS = ("all", "any", "none")
"""The key of each kind of group."""


# Tags stand in brackets so that no place of an error can be mistaken for a key of the same name.
def _row_shape(value: Any) -> str:
    keys = value if isinstance(value, dict) else type(value).model_fields if isinstance(value, Part) else ()
    return next((f"<{key}>" for key in GROUPS if key in keys), "<row>")


_GROUP_ERROR: dict[str, Any] = {"custom_error_type": "row_shape", "custom_error_message": "Se espera una comparación."}
_Item = Annotated[
    Annotated[Row, Tag("<row>")]
    | Annotated[AllOf, Tag("<all>")]
    | Annotated[AnyOf, Tag("<any>")]
    | Annotated[NoneOf, Tag("<none>")],
    Discriminator(_row_shape, **_GROUP_ERROR),
]


class CelCondition(Part):
    """Condición escrita en CEL, para lo que las filas no alcanzan a decir."""

    cel: Annotated[str, StringConstraints(min_length=1, max_length=500)]
    """Expresión que da verdadero o falso. Una respuesta que falta vale `null`."""


def _condition_shape(value: Any) -> str | None:
    keys = value if isinstance(value, dict) else type(value).model_fields if isinstance(value, Part) else ()
    return next((f"<{key}>" for key in (*GROUPS, "cel") if key in keys), None)


Condition = Annotated[
    Annotated[AllOf, Tag("<all>")]
    | Annotated[AnyOf, Tag("<any>")]
    | Annotated[NoneOf, Tag("<none>")]
    | Annotated[CelCondition, Tag("<cel>")],
    Discriminator(
        _condition_shape,
        custom_error_type="condition_shape",
        custom_error_message="Una condición se escribe con «all», «any», «none» o «cel».",
    ),
]


for _group in (AllOf, AnyOf, NoneOf):
    _group.model_rebuild()


def rows_of(condition: AllOf | AnyOf | NoneOf) -> Iterator[Row]:
    """Every comparison of a condition made of rows, those of its groups included, in order."""
    for item in condition.items:
        if isinstance(item, Row):
            yield item
        else:
            yield from rows_of(item)


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
