"""What a procedure tells of itself before anyone starts it, and what the law wants declared (norms R71, R73)."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from procedures.schema.base import Id, Line, Part, Positive, Text

Unit = Literal["business_days", "calendar_days", "months", "hours"]

LifeEvent = Literal[
    "family",
    "study",
    "work",
    "business",
    "home",
    "vehicle",
    "health",
    "retirement",
    "support",
    "community",
    "rights",
    "identity",
    "state",
]
"""The values of procedures.models.LifeEvent; this module knows no Django."""


class Contact(Part):
    """Dónde preguntar por el trámite."""

    office: Line
    """Oficina o unidad que atiende."""
    phone: Line
    """Teléfono."""
    email: Line
    """Correo electrónico."""
    hours: Line
    """Días y horas de atención."""


class LegalBasis(Part):
    """Una norma en que se funda el trámite."""

    norm: Line
    """Norma: «Decreto Ley N° 3.063»."""
    article: Line
    """Artículo o artículos."""
    note: Line | None = None
    """Qué dice, en breve."""


class Cpat(Part):
    """El trámite en el catálogo de procedimientos administrativos (Decreto 12, art. 18)."""

    code: Line | None = None
    """Código en el catálogo CPAT, si ya lo tiene."""
    name: Line | None = None
    """Nombre con que está o estará en el catálogo, si no tiene código."""


class Silence(Part):
    """Efecto de que la autoridad no decida en plazo (Ley 19.880, arts. 64 y 65)."""

    effect: Literal["positive", "negative", "special"]
    """`positive`: se entiende aceptada. `negative`: se entiende rechazada. `special`: lo que diga una ley especial."""
    source: Line
    """Norma de la que sale ese efecto."""


class Retention(Part):
    """Cuánto se guarda el expediente (DS 4, art. 50; Decreto 10, art. 17)."""

    years: Annotated[int, Field(strict=True, ge=1, le=200)]
    """Años desde que termina el expediente."""
    source: Line
    """Norma o resolución que fija ese tiempo."""


class PersonalData(Part):
    """Tratamiento de datos personales del trámite entero (Ley 19.628)."""

    purpose: Text
    """Para qué se usan los datos."""
    basis: Line
    """Norma que permite tratarlos."""


class Ficha(Part):
    """Lo que se informa del trámite antes de comenzar."""

    audience: Text
    """A quién está dirigido."""
    requirements: tuple[Line, ...] = Field(max_length=30)
    """Qué se necesita antes de comenzar."""
    cost: Text
    """Cuánto cuesta."""
    minutes: Annotated[int, Field(strict=True, ge=1, le=600)]
    """Minutos que toma llenar la solicitud."""
    response: Text
    """Cuándo y cómo se responde."""
    channels: tuple[Literal["web", "counter", "own_motion"], ...] = Field(min_length=1)
    """Por dónde se puede hacer: `web` (en línea), `counter` (mesón), `own_motion` (solo lo abre la institución)."""
    contact: Contact
    """Dónde preguntar."""
    legal_basis: tuple[LegalBasis, ...] = Field(min_length=1, max_length=30)
    """Normas en que se funda."""
    cpat: Cpat
    """Identificación en el catálogo CPAT."""
    silence: Silence
    """Efecto del silencio administrativo. No hay valor por omisión."""
    retention: Retention
    """Tiempo de conservación. No hay valor por omisión."""
    personal_data: PersonalData
    """Finalidad y norma de los datos personales."""
    keywords: tuple[Annotated[str, StringConstraints(min_length=2, max_length=60)], ...] = Field(
        default=(), max_length=40
    )
    """Palabras con que la gente lo busca."""
    life_event: LifeEvent | None = None
    """Momento de la vida en que se busca: `family` familia, `study` estudiar, `work` trabajar, `business` negocio,
    `home` vivienda, `vehicle` vehículo, `health` salud, `retirement` jubilación o discapacidad, `support` ayuda social,
    `community` organizaciones, `rights` información y derechos, `identity` identidad, `state` instituciones."""
    paid: Text | None = None
    """Qué pasa con el pago, si lo hay: «Sin pago en línea: …»."""


class Validity(Part):
    """Tiempo que vale un hecho registrado."""

    amount: Positive
    """Cantidad."""
    unit: Unit
    """Unidad: `business_days` hábiles, `calendar_days` corridos, `months` meses, `hours` horas."""


class RoleSlot(Part):
    """Un cargo que el trámite nombra y que cada institución llena con una de sus funciones."""

    id: Id
    """Nombre interno del cargo."""
    title: Line
    """Nombre del cargo en pantalla."""
