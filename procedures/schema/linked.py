"""Steps that open a case of another procedure."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from procedures.schema.base import DataPath, Id, Part
from procedures.schema.kinds import FactType
from procedures.schema.stepbase import Onward

AgencyCode = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=40)]


class SubcaseResult(Part):
    """Un dato del caso vinculado que vuelve a este."""

    path: DataPath
    """Dato del otro trámite, `paso.campo`."""
    type: FactType
    """Tipo con que queda en `paso.dato`."""


class _OpensCase(Onward):
    procedure: Id
    """Código del trámite que se abre."""
    agency: AgencyCode | None = None
    """Código de la institución que lo resuelve. Sin él, esta misma."""
    answers: dict[Id, DataPath] = Field(default_factory=dict, max_length=60)
    """Con qué dato de este caso se responde cada pregunta de la solicitud del otro trámite."""


class SubcaseStep(_OpensCase):
    """Abre un caso vinculado, de esta u otra institución, con su propio plazo y expediente, y espera que termine.
    Da `paso.outcome` (cómo terminó) y `paso.<dato>`."""

    kind: Literal["subcase"]
    """`subcase`"""
    results: dict[Id, SubcaseResult] = Field(default_factory=dict, max_length=30)
    """Datos del otro caso que vuelven a este."""


class ReferralStep(_OpensCase):
    """Deriva la solicitud a la institución competente e informa a la persona (Ley 19.880, art. 14). No espera: el caso
    sigue, normalmente hacia el acto que declara la incompetencia."""

    kind: Literal["referral"]
    """`referral`"""
    agency: AgencyCode
    """Código de la institución competente."""
