"""What every part of the schema shares: closed, frozen models and the rules for identifiers and texts."""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PrivateAttr, StringConstraints
from pydantic_core import PydanticCustomError

_ENGINE_WORDS = "join case agency applicant act deadline indicator"
_CEL_WORDS = """true false null in as break const continue else for function if import let loop package namespace return
var void while int uint double bool string bytes list map type dyn optional google size has all exists"""
RESERVED_IDS = frozenset(f"{_ENGINE_WORDS} {_CEL_WORDS}".split())
"""Targets and data that the engine offers, and words of CEL that a rule could not tell from a step."""


class Part(BaseModel):
    """A piece of a bundle: immutable, and closed to keys that the schema does not know."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True, str_strip_whitespace=True)
    _lang: str = PrivateAttr(default="")

    @property
    def lang(self) -> str:
        """The language of its texts, where it is not that of the page that shows them."""
        return self._lang


def _plain_id(value: str) -> str:
    if "__" in value or value.endswith("_path"):
        raise PydanticCustomError("id_shape", "El id no puede llevar «__» ni terminar en «_path».")
    if value in RESERVED_IDS:
        raise PydanticCustomError("id_reserved", "«{id}» es una palabra reservada.", {"id": value})
    return value


ID_PATTERN = r"^[a-z][a-z0-9_]*$"
Id = Annotated[str, StringConstraints(pattern=ID_PATTERN, max_length=40), AfterValidator(_plain_id)]
"""Name of a step, field, option…: lower case letters, digits and single underscores. Frozen once published."""
Target = Annotated[str, StringConstraints(pattern=ID_PATTERN, max_length=40)]
"""Id of a step, or "join" inside a branch."""
DataPath = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*$", max_length=81)]
"""`step.field`: an answer of a step, or a datum that a lookup brought."""
Text = Annotated[str, StringConstraints(min_length=1, max_length=20_000)]
Line = Annotated[str, StringConstraints(min_length=1, max_length=300)]
Positive = Annotated[int, Field(strict=True, ge=1)]
