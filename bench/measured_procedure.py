"""The procedure that `bench engine` takes its sides through, as a bundle, and the answers of each of its steps."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from procedures.schema import Bundle

EXAMPLE = Path(__file__).resolve().parent.parent / "examples" / "patente_comercial.yaml"
ANSWERS: dict[str, dict[str, Any]] = {
    "inicio": {
        "nombre": "Ana María Pérez Soto",
        "direccion": "Los Aromos 123",
        "giro": "alimentos",
        "capital": 5000000,
    },
    "revision": {"resultado": "admitir"},
    "obras": {"favorable": True, "fundamento": "Uso de suelo conforme al plan regulador."},
    "salud": {"favorable": True, "fundamento": "El local cumple las condiciones sanitarias."},
    "firma": {"aprueba": True, "fundamento": "Se cumplen los requisitos."},
}
STEPS = ("revision", "obras", "salud", "firma")


def bundle(*, clocks: bool) -> Bundle:
    """Start, review with a rule, two reports at once, signature; with or without a clock on each step."""
    data = YAML(typ="safe").load(EXAMPLE)
    data |= {"code": "medida_con_plazos" if clocks else "medida", "documents": [], "notices": []}
    data["roles"] = [{"id": "oficina", "title": "Oficina"}]
    data["forms"] = [_form(step, answers) for step, answers in ANSWERS.items()]
    start = {"id": "inicio", "kind": "start", "title": "Solicitud", "form": "inicio", "statement": "Declaro."}
    rule = {"all": [{"field": "revision.resultado", "op": "eq", "value": "admitir"}]}
    tasks = {step: _task(step, clocks) for step in STEPS}
    data["steps"] = [
        {**start, "next": "revision"},
        {**tasks["revision"], "next": [{"when": rule, "goto": "informes"}, {"otherwise": "firma"}]},
        {
            "id": "informes",
            "kind": "parallel",
            "title": "Informes",
            "join": "all",
            "branches": [[{**tasks["obras"], "next": "join"}], [{**tasks["salud"], "next": "join"}]],
            "next": "firma",
        },
        {**tasks["firma"], "next": "fin"},
        {"id": "fin", "kind": "end", "title": "Fin", "outcome": "approved"},
    ]
    return Bundle.model_validate(data)


def _task(step: str, clocks: bool) -> dict[str, Any]:
    deadline = {"amount": 10, "unit": "business_days", "source": "Medición", "trigger": "entered"}
    task = {"id": step, "kind": "task", "title": step.title(), "role": "oficina", "form": step}
    return {**task, "deadline": deadline} if clocks else task


def _form(step: str, answers: Mapping[str, Any]) -> dict[str, Any]:
    fields = [{"id": name, "label": name.title(), **_kind(value)} for name, value in answers.items()]
    return {"id": step, "title": step.title(), "pages": [{"id": "unica", "title": "Única", "fields": fields}]}


def _kind(value: Any) -> dict[str, Any]:
    if value == "admitir":
        return {"type": "choice", "options": [{"id": "admitir", "label": "Sí"}, {"id": "no", "label": "No"}]}
    if isinstance(value, bool):
        return {"type": "yes_no"}
    return {"type": "integer"} if isinstance(value, int) else {"type": "text", "max_length": 200}
