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
PAPERS = {
    "id": "papeles",
    "type": "file",
    "label": "Cédula por ambos lados",
    "accept": ["jpg", "png"],
    "min_files": 2,
    "max_files": 3,
    "camera": True,
    "identity": True,
    "template": {"name": "instrucciones.pdf", "sha256": "b" * 64},
}
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
    {**PAPERS, "required": False},
    {"id": "aviso", "type": "info", "label": "Antes de seguir", "text": "Ten a mano la escritura de la sociedad."},
    PARTNERS,
    {"id": "declaro", "type": "declaration", "label": "Declaro que los datos son verdaderos"},
    {
        "id": "seccion",
        "type": "section",
        "label": "Sobre el dinero",
        "text": "Escribe los montos sin puntos, si prefieres.",
    },
    {"id": "tasacion", "type": "money_uf", "label": "Tasación del local"},
    {"id": "multa", "type": "money_utm", "label": "Multas pendientes", "required": False},
    {"id": "avance", "type": "percentage", "label": "Avance de la obra"},
    {"id": "apertura", "type": "time", "label": "Hora de apertura", "min": "07:00"},
    {"id": "visita", "type": "datetime", "label": "Cuándo podemos visitarte"},
    {"id": "vacaciones", "type": "period", "label": "Cuándo cierras por vacaciones"},
    {"id": "pasaporte", "type": "foreign_id", "label": "Documento de tu socio extranjero"},
    {"id": "contacto", "type": "person_name", "label": "Quién atiende el local"},
    {"id": "domicilio", "type": "address", "label": "Dirección del local"},
    {"id": "cuenta_pago", "type": "bank_account", "label": "Cuenta donde recibes el pago"},
    {
        "id": "rubro",
        "type": "linked",
        "label": "Rubro",
        "options": [
            {"id": "panaderia", "label": "Panadería", "group": "Alimentos"},
            {"id": "carniceria", "label": "Carnicería", "group": "Alimentos"},
            {"id": "libreria", "label": "Librería", "group": "Comercio"},
        ],
    },
    {"id": "escuela", "type": "listed", "label": "Escuela", "list_code": "escuelas", "required": False},
    {"id": "lugar", "type": "point", "label": "Dónde está el local"},
    {"id": "anterior", "type": "own_case", "label": "Solicitud anterior", "required": False},
    {"id": "prueba_correo", "type": "email", "label": "Correo de avisos", "verified": True, "required": False},
    {"id": "firma", "type": "file", "label": "Tu firma", "accept": ["png"], "drawn": True, "required": False},
    {
        "id": "horarios",
        "type": "ranking",
        "label": "Qué horario prefieres",
        "options": [
            {"id": "manana", "label": "Mañana"},
            {"id": "tarde", "label": "Tarde"},
            {"id": "noche", "label": "Noche"},
        ],
    },
    {
        "id": "presupuesto",
        "type": "amounts",
        "label": "Presupuesto",
        "options": [
            {"id": "materiales", "label": "Materiales"},
            {"id": "sueldos", "label": "Sueldos", "hint": "Brutos"},
        ],
    },
    {
        "id": "total",
        "type": "computed",
        "label": "Total del presupuesto",
        "sum_of": "presupuesto",
        "result": "money_clp",
    },
    {
        "id": "consiente",
        "type": "consent",
        "label": "Autorizo a usar mi ficha de salud para este trámite",
        "text": "Usaremos tu ficha solo para decidir esta solicitud.",
        "personal": {"purpose": "Decidir la solicitud", "basis": "Ley 19.628, artículo 16"},
    },
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
    "tasacion": "1.250,5",
    "multa": "",
    "avance": "12,5 %",
    "apertura": "8.30",
    "visita_day_0": "1",
    "visita_day_1": "dic",
    "visita_day_2": "2026",
    "visita_hour": "1530",
    "vacaciones_from_0": "1",
    "vacaciones_from_1": "2",
    "vacaciones_from_2": "2026",
    "vacaciones_to_0": "15",
    "vacaciones_to_1": "2",
    "vacaciones_to_2": "2026",
    "pasaporte_kind": "passport",
    "pasaporte_country": "PE",
    "pasaporte_number": " AB123456 ",
    "contacto_names": "Ana  María",
    "contacto_first_surname": "Pérez",
    "contacto_second_surname": "",
    "domicilio_street": "Libertad",
    "domicilio_number": "450",
    "domicilio_unit": "",
    "domicilio_commune": "16101",
    "cuenta_pago_bank": "012",
    "cuenta_pago_kind": "sight",
    "cuenta_pago_number": "12.345-678",
    "cuenta_pago_holder": "12.345.678-5",
    "rubro": "libreria",
    "lugar": "-36.60664, -72.10344",
    "horarios_manana": "2",
    "horarios_tarde": "1",
    "horarios_noche": "3",
    "presupuesto_materiales": "$ 1.500.000",
    "presupuesto_sueldos": "500000",
    "consiente": "on",
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
    "tasacion": "1250.5",
    "avance": "12.5",
    "apertura": "08:30",
    "visita": "2026-12-01T15:30",
    "vacaciones": {"from": "2026-02-01", "to": "2026-02-15"},
    "pasaporte": {"kind": "passport", "country": "PE", "number": "AB123456"},
    "contacto": {"names": "Ana María", "first_surname": "Pérez"},
    "domicilio": {"street": "Libertad", "number": "450", "commune": "16101"},
    "cuenta_pago": {"bank": "012", "kind": "sight", "number": "12345678", "holder": "12345678-5"},
    "rubro": "libreria",
    "lugar": {"lat": "-36.60664", "lon": "-72.10344"},
    "horarios": ["tarde", "manana", "noche"],
    "presupuesto": {"materiales": 1_500_000, "sueldos": 500_000},
    "total": 2_000_000,
    "consiente": True,
}
STORED_BILL = {
    "name": "cuenta.pdf",
    "sha256": "a" * 64,
    "size": 1_258_291,
    "media_type": "application/pdf",
    "draft_file": 7,
}
