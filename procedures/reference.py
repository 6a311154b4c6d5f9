"""The JSON Schema of a bundle, and the reference page for agency staff, both written from the models."""

import re
import types
from collections.abc import Iterator
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from procedures.expressions import OPERATORS_BY_TYPE
from procedures.schema import KEYS_BY_TYPE, BaseStep, Bundle, Part
from procedures.texts import APPEAL_DATA, CASE_DATA, FORMATS

PART_NAMES = {
    "CoApplicants": "Otras personas que firman",
    "RoleWhen": "Cargo según una regla",
    "Bundle": "Trámite",
    "Ficha": "Ficha",
    "CaseTerm": "Plazo del caso",
    "Fee": "Cobro",
    "FeeWhen": "Monto según los datos o la fecha",
    "RoleSlot": "Cargo",
    "Form": "Formulario",
    "Document": "Documento",
    "NoticeText": "Aviso",
    "Contact": "Contacto",
    "LegalBasis": "Norma",
    "Cpat": "Catálogo CPAT",
    "Silence": "Silencio administrativo",
    "Retention": "Conservación",
    "PersonalData": "Datos personales",
    "Page": "Página",
    "Field": "Pregunta",
    "Option": "Opción",
    "Skip": "Salto",
    "Exit": "Salida del formulario",
    "WayOut": "Alternativa al trámite",
    "Rule": "Regla entre respuestas",
    "Purpose": "Finalidad de un dato",
    "Notarised": "Firma ante notario",
    "FileTemplate": "Plantilla de un archivo",
    "HeldByState": "Documento que tiene el Estado",
    "When": "Salida con condición",
    "Otherwise": "Salida por omisión",
    "CelCondition": "Condición en CEL",
    "Row": "Comparación",
    "AnyOf": "Grupo «alguna»",
    "AllOf": "Grupo «todo»",
    "NoneOf": "Grupo «ninguna»",
    "Deadline": "Plazo de un paso",
    "AmountWhen": "Duración según los datos o la fecha",
    "Extension": "Ampliación según ley propia",
    "Law": "Bloques de la Ley 19.880",
    "LawAct": "Actos de los bloques",
    "SuspensionCause": "Causa de suspensión",
    "Appeals": "Recursos",
    "SilenceBlock": "Silencio: a quién se denuncia",
    "Opposition": "Oposición de terceros",
    "Exemption": "Excepción a los medios electrónicos",
    "Formality": "Trámite posterior a la firma",
    "Validity": "Vigencia",
    "ServiceValue": "Dato de un servicio",
    "Source": "Institución que tiene los datos",
    "SubcaseResult": "Dato de un caso vinculado",
    "TableCell": "Celda de una tabla",
    "TableRow": "Fila de una tabla",
    "Numbering": "Numeración",
    "Block": "Bloque",
    "Action": "Botón de un aviso",
}
"""What the page calls each part; a step is called by its kind."""
JSON_SCHEMA_ID = "sin-papeleo/procedure/1"
_SCALARS: dict[Any, str] = {str: "texto", int: "número entero", bool: "true o false", type(None): "nada"}
_INTRO = """# Cómo se escribe un trámite

Página de referencia del esquema, versión 1. La escribe `manage.py procedures reference` a partir del programa: no la
edites a mano.

Un trámite es un archivo YAML con las claves de la sección «Trámite». Los textos que leerá la gente van en español; las
claves y los valores fijos, en inglés. Parte de uno de los archivos de `examples/` y revísalo cuando quieras:

```
python manage.py procedures check mi_tramite.yaml
```

Cada error dice la línea, qué pasa y qué hacer. Reglas generales:

- Los `id` llevan minúsculas sin tilde, cifras y «_», hasta 40 letras, y no cambian después de publicar.
- Un dato se nombra `paso.campo`: la respuesta que se dio en ese paso. Una corrección reemplaza las respuestas del paso
  que corrige.
- Una comparación con una respuesta que falta no se cumple nunca, ni siquiera `ne` o `not_in`. Para preguntar si hay
  respuesta están `filled` y `empty`.
- El archivo no admite anclas, alias ni etiquetas de YAML, ni claves repetidas. Los números con decimales y las fechas
  se guardan como texto.
"""


def json_schema() -> dict[str, Any]:
    """The JSON Schema of a bundle (2020-12), for editors that complete and check YAML."""
    schema = Bundle.model_json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": JSON_SCHEMA_ID, **schema}


def reference_page() -> str:
    """The reference page, in Markdown."""
    return "\n".join([_INTRO, *_parts(), *_types(), *_data()])


def _parts() -> Iterator[str]:
    for part in _reachable(Bundle):
        yield f"## {_heading(part)}\n"
        yield f"{_words(part.__doc__)}\n"
        yield "| Clave | Valor | Qué es |\n|---|---|---|"
        for name, info in part.model_fields.items():
            yield f"| `{name}`{_optional(info)} | {_value(info)} | {_words(info.description)} |"
        yield ""


def _types() -> Iterator[str]:
    yield "## Tipos de pregunta\n"
    keys_of_all = "id label hint required required_when visible_when sensitive personal"
    yield f"Todas admiten {', '.join(f'`{key}`' for key in keys_of_all.split())} y `art30`.\n"
    yield "| Tipo | Además admite | Comparaciones en condiciones |\n|---|---|---|"
    for name, keys in KEYS_BY_TYPE.items():
        operators = ", ".join(f"`{operator}`" for operator in sorted(OPERATORS_BY_TYPE.get(name, ())))
        yield f"| `{name}` | {', '.join(f'`{key}`' for key in sorted(keys)) or '—'} | {operators or '—'} |"
    yield ""


def _data() -> Iterator[str]:
    yield "## Datos en los textos\n"
    yield "Un texto lleva datos entre llaves: `{inicio.giro}`. Además de las respuestas, están estos:\n"
    yield "| Dato | Qué es |\n|---|---|"
    yield from (f"| `{{{path}}}` | {words} |" for path, words in CASE_DATA.items())
    yield "| `{deadline.paso}` | fecha en que vence el plazo de ese paso, si ya corre |"
    yield "| `{fee.cobro}` | monto de ese cobro, el que rige en el caso |"
    yield from (f"| `{{{path}}}` | {words}; si el trámite tiene recursos |" for path, words in APPEAL_DATA.items())
    yield ""
    formats = ", ".join(f"`{{dato|{name}}}`" for name in FORMATS)
    yield f"Con formato: {formats}. Para una llave literal, `{{{{` o `}}}}`."


def _reachable(part: type[Part]) -> list[type[Part]]:
    """The part and every part inside it, each once, in order of appearance."""
    found: list[type[Part]] = []
    pending = [part]
    while pending:
        current = pending.pop(0)
        if current in found:
            continue
        found.append(current)
        pending += [inner for info in current.model_fields.values() for inner in _inner(info.annotation)]
    return found


def _inner(annotation: Any) -> Iterator[type[Part]]:
    if isinstance(annotation, type) and issubclass(annotation, Part):
        yield annotation
    for argument in get_args(annotation):
        yield from _inner(argument)


def _heading(part: type[BaseModel]) -> str:
    kind = part.model_fields.get("kind")
    fixed = get_args(kind.annotation) if kind and get_origin(kind.annotation) is Literal else ()
    return f"Paso {fixed[0]}" if len(fixed) == 1 else PART_NAMES[part.__name__]


def _optional(info: FieldInfo) -> str:
    return "" if info.is_required() else " (opcional)"


def _value(info: FieldInfo) -> str:
    return _shape(info.annotation)


def _shape(annotation: Any) -> str:
    origin = get_origin(annotation)
    if origin is Annotated:
        return _shape(get_args(annotation)[0])
    if origin is Literal:
        return ", ".join(f"`{value}`" for value in get_args(annotation))
    if origin in (Union, types.UnionType):
        arguments = [argument for argument in get_args(annotation) if argument is not type(None)]
        if BaseStep in {base for argument in arguments for base in getattr(argument, "__mro__", ())}:
            return "pasos de cualquier clase"
        shapes = [_shape(argument) for argument in arguments]
        return " o ".join(dict.fromkeys(shapes))
    if origin is tuple:
        return f"lista de {_shape(get_args(annotation)[0])}"
    if origin is dict:
        return f"claves con {_shape(get_args(annotation)[1])}"
    if isinstance(annotation, type) and issubclass(annotation, Part):
        heading = _heading(annotation)
        return f"[{heading}](#{re.sub(r'[^a-záéíóúñ0-9-]', '', heading.lower().replace(' ', '-'))})"
    return _SCALARS.get(annotation, "texto")


def _words(text: str | None) -> str:
    return " ".join((text or "").split()).replace("|", "\\|")
