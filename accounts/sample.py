"""The people and agencies of the demonstration: fictional names, RUNs that nobody has.

The check digits are right; the numbers lie between those given to persons and those given to companies.
"""

from dataclasses import dataclass
from datetime import date, datetime

from accounts.models import Agency, Grant, Person, Role, Unit
from accounts.operations import appoint, get_or_create_person, keep_language

IN_OFFICE_SINCE = date(2025, 1, 2)
SEEDED_BY = "system:seed_people"


@dataclass(frozen=True)
class DemoPerson:
    """Somebody whom the demonstration identity provider can sign in."""

    run: str
    given_names: str
    family_names: str
    part: str
    """What this person is for, in a few words."""
    agency: str = ""
    role: str = ""
    """"<unit>/<role>" in the agency; empty for citizens."""
    post: str = ""
    language: str = ""
    """In which they read; empty for whatever the browser asks."""

    @property
    def full_name(self) -> str:
        """Given names then family names."""
        return f"{self.given_names} {self.family_names}"


@dataclass(frozen=True)
class DemoAgency:
    """An agency of the demonstration with its units."""

    code: str
    name: str
    rut: str
    commune: str
    address: str
    phone: str
    email: str
    units: dict[str, str]
    office_hours: str = "Lunes a viernes de 08:30 a 14:00"


AGENCIES = [
    DemoAgency(
        code="muni-ejemplo",
        name="Municipalidad de Ejemplo",
        rut="69000001-6",
        commune="16301",
        address="Plaza de Armas 100",
        phone="+56 42 200 0000",
        email="contacto@muni-ejemplo.example",
        units={
            "rentas": "Departamento de Rentas y Patentes",
            "dom": "Dirección de Obras Municipales",
            "salud": "Departamento de Salud",
            "alcaldia": "Alcaldía",
            "secretaria": "Secretaría Municipal",
            "oficina-partes": "Oficina de Partes",
            "social": "Departamento Social",
        },
    ),
    DemoAgency(
        code="muni-otra",
        name="Municipalidad de Otra Comuna",
        rut="69000002-4",
        commune="16302",
        address="Calle Larga 200",
        phone="+56 42 200 0001",
        email="contacto@muni-otra.example",
        units={"rentas": "Departamento de Rentas", "oficina-partes": "Oficina de Partes"},
    ),
]

ROLES = {
    "muni-ejemplo": {
        "rentas/revision": ("Revisión de patentes", []),
        "rentas/jefatura": ("Jefatura de Rentas", ["order"]),
        "dom/revision": ("Revisión de obras", []),
        "salud/inspeccion": ("Inspección sanitaria", []),
        "alcaldia/alcalde": ("Alcalde o alcaldesa", []),
        "alcaldia/transformacion-digital": (
            "Transformación digital",
            ["design", "publish", "operate", "moderate", "administer"],
        ),
        "secretaria/secretario": ("Secretaría municipal", ["moderate", "order"]),
        "oficina-partes/meson": ("Atención de mesón", ["counter", "powers"]),
        "social/trabajo-social": ("Trabajo social", []),
    },
    "muni-otra": {
        "rentas/revision": ("Revisión de patentes", []),
        "oficina-partes/meson": ("Mesón", ["counter", "powers"]),
    },
}
"""Roles of each agency by "<unit>/<role>": name and capabilities."""

PEOPLE = [
    DemoPerson("41.111.111-3", "Ana María", "Pérez Soto", "ciudadana"),
    DemoPerson("42.222.222-7", "Bruno", "Díaz Riquelme", "ciudadano"),
    DemoPerson("44.444.444-4", "María Carmen", "Del Río González", "ciudadana de las pruebas de ClaveÚnica"),
    DemoPerson(
        "43.333.333-0",
        "Grace",
        "Bennett Cole",
        "ciudadana que lee en inglés (reads pages and mail in English)",
        language="en",
    ),
    DemoPerson(
        "40.100.200-6",
        "Beto",
        "Araya Molina",
        "revisa patentes en Rentas",
        "muni-ejemplo",
        "rentas/revision",
        "Revisor de Patentes",
    ),
    DemoPerson(
        "40.200.300-6",
        "Carla",
        "Muñoz Leiva",
        "revisa obras en la DOM",
        "muni-ejemplo",
        "dom/revision",
        "Revisora de Obras",
    ),
    DemoPerson(
        "40.300.400-6",
        "Dora",
        "Salinas Vera",
        "inspecciona locales en Salud",
        "muni-ejemplo",
        "salud/inspeccion",
        "Inspectora Sanitaria",
    ),
    DemoPerson(
        "40.400.500-6",
        "Elena",
        "Tapia Fuentes",
        "jefatura de Rentas",
        "muni-ejemplo",
        "rentas/jefatura",
        "Jefa de Rentas y Patentes",
    ),
    DemoPerson("40.500.600-6", "Fabián", "Orellana Paz", "alcalde", "muni-ejemplo", "alcaldia/alcalde", "Alcalde"),
    DemoPerson(
        "40.600.700-6",
        "Gloria",
        "Henríquez Lobos",
        "secretaria municipal",
        "muni-ejemplo",
        "secretaria/secretario",
        "Secretaria Municipal",
    ),
    DemoPerson(
        "40.700.800-6",
        "Hugo",
        "Ibarra Castro",
        "revisa patentes en la otra municipalidad",
        "muni-otra",
        "rentas/revision",
        "Revisor de Patentes",
    ),
    DemoPerson(
        "40.800.900-6",
        "Inés",
        "Jara Quezada",
        "diseña y publica trámites, ve los trabajos",
        "muni-ejemplo",
        "alcaldia/transformacion-digital",
        "Encargada de Transformación Digital",
    ),
    DemoPerson(
        "40.900.100-9",
        "Julia",
        "Lagos Maturana",
        "atiende el mesón",
        "muni-ejemplo",
        "oficina-partes/meson",
        "Oficial de Partes",
    ),
    DemoPerson(
        "41.000.200-0",
        "Lidia",
        "Vidal Toro",
        "visita hogares en el Departamento Social",
        "muni-ejemplo",
        "social/trabajo-social",
        "Trabajadora Social",
    ),
]


def demo_people() -> list[DemoPerson]:
    """Everybody whom the demonstration identity provider lists."""
    return PEOPLE


def seed_people(*, now: datetime) -> list[Person]:
    """Makes agencies, units, roles and people that are missing; running it again changes nothing."""
    for agency in AGENCIES:
        _seed_agency(agency)
    return [_seed_person(person, now) for person in PEOPLE]


def _seed_agency(sample: DemoAgency) -> None:
    names = ("name", "rut", "commune", "address", "phone", "email", "office_hours")
    defaults = {name: getattr(sample, name) for name in names}
    agency, _ = Agency.objects.get_or_create(code=sample.code, defaults=defaults)
    for code, name in sample.units.items():
        Unit.objects.get_or_create(agency=agency, code=code, defaults={"name": name})
    for path, (name, capabilities) in ROLES[sample.code].items():
        _seed_role(agency, path, name, capabilities)


def _seed_role(agency: Agency, path: str, name: str, capabilities: list[str]) -> None:
    unit_code, _, code = path.partition("/")
    unit = agency.units.get(code=unit_code)
    role, _ = Role.objects.get_or_create(unit=unit, code=code, defaults={"name": name})
    for capability in capabilities:
        Grant.objects.get_or_create(role=role, capability=capability)


def _seed_person(sample: DemoPerson, now: datetime) -> Person:
    person = get_or_create_person(sample.run, sample.given_names, sample.family_names)
    if sample.language and not person.language:
        keep_language(person=person, language=sample.language)
    if sample.role:
        unit_code, _, code = sample.role.partition("/")
        role = Role.objects.get(unit__agency__code=sample.agency, unit__code=unit_code, code=code)
        appoint(person=person, role=role, post=sample.post, starts_on=IN_OFFICE_SINCE, by=SEEDED_BY, now=now)
    return person
