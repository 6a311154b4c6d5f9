"""The registry of question types: one class for each `type` of the schema."""

from procedures.fields import (
    cases,
    compound,
    dates,
    files,
    identity,
    listed,
    moments,
    numbers,
    options,
    parts,
    places,
    tables,
    texts,
)
from procedures.fields.base import KINDS, FieldKind, display_value, json_schema, kind_of
from procedures.fields.files import FilesField, add_file_inspector, as_answer, draw_names_with, files_in, files_of
from procedures.fields.identity import RunField, RutField
from procedures.fields.lists import Commune, communes

__all__ = [
    "KINDS",
    "Commune",
    "FieldKind",
    "FilesField",
    "RunField",
    "RutField",
    "add_file_inspector",
    "as_answer",
    "cases",
    "communes",
    "compound",
    "dates",
    "display_value",
    "draw_names_with",
    "files",
    "files_in",
    "files_of",
    "identity",
    "json_schema",
    "kind_of",
    "listed",
    "moments",
    "numbers",
    "options",
    "parts",
    "places",
    "tables",
    "texts",
]
