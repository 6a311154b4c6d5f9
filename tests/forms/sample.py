"""A small procedure around whatever questions a test needs."""

from typing import Any

from procedures.schema import Bundle

FICHA: dict[str, Any] = {
    "audience": "Personas.",
    "requirements": [],
    "cost": "Gratis",
    "minutes": 5,
    "response": "En 10 días.",
    "channels": ["web"],
    "contact": {"office": "Partes", "phone": "2 2345 6789", "email": "partes@ejemplo.cl", "hours": "9 a 14 horas"},
    "legal_basis": [{"norm": "Ley 19.880", "article": "30"}],
    "cpat": {"name": "Prueba"},
    "silence": {"effect": "negative", "source": "Ley 19.880, art. 65"},
    "retention": {"years": 5, "source": "DS 4"},
    "personal_data": {"purpose": "Tramitar", "basis": "Ley"},
}
SOURCE = "Ley 19.880, art. 24"


def bundle_asking(*pages: list[dict[str, Any]]) -> Bundle:
    """A procedure whose start asks those questions, each list on a page of its own."""
    return Bundle.model_validate(
        {
            "schema_version": 1,
            "code": "prueba",
            "title": "Trámite de prueba",
            "summary": "Sirve para probar.",
            "rules_version": "cel-1",
            "ficha": FICHA,
            "term": {"amount": 20, "unit": "business_days", "source": SOURCE},
            "roles": [{"id": "revisor", "title": "Revisor"}],
            "forms": [
                {
                    "id": "solicitud",
                    "title": "Solicitud",
                    "pages": [
                        {"id": f"pagina{place}", "title": f"Página {place}", "fields": fields}
                        for place, fields in enumerate(pages, 1)
                    ],
                },
            ],
            "steps": [
                {
                    "id": "inicio",
                    "kind": "start",
                    "title": "Inicio",
                    "form": "solicitud",
                    "statement": "Declaro.",
                    "next": "fin",
                },
                {"id": "fin", "kind": "end", "title": "Fin", "outcome": "other"},
            ],
        }
    )


def when(field: str, value: Any) -> dict[str, Any]:
    """The condition «that question of the start is that value»."""
    return {"all": [{"field": f"inicio.{field}", "op": "eq", "value": value}]}


OPTIONS = [{"id": "propio", "label": "No, es para mí"}, {"id": "otro", "label": "Sí, represento a otra persona"}]
ON_BEHALF = {"id": "para_quien", "type": "choice", "label": "¿Lo haces en nombre de otra persona?", "options": OPTIONS}
RUN_OF_OTHER = {
    "id": "run_otro",
    "type": "run",
    "label": "RUN de la persona que representas",
    "visible_when": when("para_quien", "otro"),
}
PARTNERS = {
    "id": "socios",
    "type": "group",
    "label": "Socios",
    "row_title": "Socio",
    "min_rows": 1,
    "max_rows": 3,
    "fields": [
        {"id": "nombre", "type": "text", "label": "Nombre del socio"},
        {"id": "run", "type": "run", "label": "RUN del socio"},
    ],
}
BILL = {"id": "cuenta", "type": "file", "label": "Cuenta de luz", "accept": ["pdf"], "max_mb": 1}
EVERY_TYPE: list[dict[str, Any]] = [
    {"id": "nombre", "type": "text", "label": "Nombre completo", "autocomplete": "name"},
    {"id": "relato", "type": "textarea", "label": "Cuéntanos qué necesitas", "hint": "En pocas palabras"},
    {"id": "trabajadores", "type": "integer", "label": "Número de trabajadores", "min": 0, "max": 5000},
    {"id": "superficie", "type": "decimal", "label": "Superficie del local", "unit": "m²", "min": 1},
    {"id": "capital", "type": "money_clp", "label": "Capital propio", "min": 0},
    {"id": "nacimiento", "type": "date", "label": "Fecha de nacimiento", "autocomplete": "bday", "max": "2026-11-21"},
    {"id": "correo", "type": "email", "label": "Correo electrónico", "required": False},
    {"id": "telefono", "type": "phone", "label": "Teléfono"},
    {"id": "run", "type": "run", "label": "RUN"},
    {"id": "rut", "type": "rut", "label": "RUT de la empresa"},
    {"id": "letrero", "type": "yes_no", "label": "¿Tendrá letrero?"},
    ON_BEHALF,
    RUN_OF_OTHER,
    {
        "id": "giros",
        "type": "choices",
        "label": "¿Qué venderás?",
        "options": [
            {"id": "abarrotes", "label": "Abarrotes"},
            {"id": "alcohol", "label": "Bebidas alcohólicas", "hint": "Necesita otra patente"},
        ],
    },
    {"id": "comuna", "type": "commune", "label": "Comuna"},
    BILL,
    {"id": "aviso", "type": "info", "label": "Antes de seguir", "text": "Ten a mano la escritura de la sociedad."},
    PARTNERS,
    {"id": "declaro", "type": "declaration", "label": "Declaro que los datos son verdaderos"},
]
GOOD: dict[str, Any] = {
    "nombre": "Ana Pérez Soto",
    "relato": "Abrir un almacén",
    "trabajadores": "1.200",
    "superficie": "85,5",
    "capital": "$ 12.500.000",
    "nacimiento_0": "5",
    "nacimiento_1": "3",
    "nacimiento_2": "1990",
    "correo": "",
    "telefono": "9 1234 5678",
    "run": "12.345.678-5",
    "rut": "76543210-3",
    "letrero": "no",
    "para_quien": "propio",
    "giros": ["abarrotes", "alcohol"],
    "comuna": "13101",
    "socios-rows": ["a1"],
    "socios-a1-nombre": "Beto Rojas",
    "socios-a1-run": "11111111-1",
    "declaro": "on",
}
STORED: dict[str, Any] = {
    "nombre": "Ana Pérez Soto",
    "relato": "Abrir un almacén",
    "trabajadores": 1200,
    "superficie": "85.5",
    "capital": 12_500_000,
    "nacimiento": "1990-03-05",
    "telefono": "+56912345678",
    "run": "12345678-5",
    "rut": "76543210-3",
    "letrero": False,
    "para_quien": "propio",
    "giros": ["abarrotes", "alcohol"],
    "comuna": "13101",
    "socios": [{"id": "a1", "nombre": "Beto Rojas", "run": "11111111-1"}],
    "declaro": True,
}
STORED_BILL = {
    "name": "cuenta.pdf",
    "sha256": "a" * 64,
    "size": 1_258_291,
    "media_type": "application/pdf",
    "draft_file": 7,
}
