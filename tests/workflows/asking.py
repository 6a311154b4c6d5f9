"""A case that asks another body for sensitive data of whoever applies."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from tests.story import Story
from tests.workflows.flows import flow, offer, report
from workflows.models import Case

SOURCE = {"code": "AI001", "name": "Ministerio de Ejemplo", "service": "Registro de hogares"}
VALUES = {
    "tramo": {"path": "tramo", "type": "integer", "label": "Tramo"},
    "dependencia": {"path": "salud", "type": "yes_no", "label": "Persona con dependencia", "sensitive": True},
}


def sensitive(**more: Any) -> dict[str, Any]:
    """A service step that asks for a sensitive datum."""
    return {
        "id": "consulta",
        "kind": "service",
        "title": "Consulta",
        "connector": "registro",
        "inputs": {"rut": "inicio.rut"},
        "source": SOURCE,
        "values": VALUES,
        "on_failure": "accept",
        "declared": {"tramo": "inicio.cuantos"},
        "verified_by": "revision",
        "next": "decision",
        **more,
    }


NUMBER = {"id": "cuantos", "type": "integer", "label": "Tramo que declaras", "min": 0, "max": 100}


def offered(story: Story) -> str:
    """The code of a procedure that asks the service."""
    data = flow(sensitive(), report("decision", "jefatura", "sello"))
    data["forms"][0]["pages"][0]["fields"].append(NUMBER)
    return offer(story, data)


def asking(story: Story, **answers: Any) -> Case:
    """A case that waits for the service, or goes on without asking it."""
    case = story.file(offered(story), cuantos=60, **answers)
    story.now += timedelta(minutes=1)
    return case
