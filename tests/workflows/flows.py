"""Small procedures for the engine's tests: the certificate's application, some steps, then a sealed act and the end."""

from __future__ import annotations

import json
from typing import Any

from accounts.models import Role
from procedures.api import publish
from tests.procedures.bundles import certificate_data
from tests.story import Story
from workflows.models import Case

ROLES = {
    "revision": "rentas/revision",
    "obras": "dom/revision",
    "salud": "salud/inspeccion",
    "jefatura": "rentas/jefatura",
}
"""Role slots of these procedures and who fills them in the demonstration."""
ANSWERED = {"all": [{"field": "inicio.por_empresa", "op": "filled"}]}
"""The class of every application for a licence."""
OPEN = ["NEW", "ASSIGNED", "STARTED", "SCHEDULED"]


def form(form_id: str, *fields: dict[str, Any]) -> dict[str, Any]:
    """A form of one page."""
    return {"id": form_id, "title": form_id, "pages": [{"id": "unica", "title": "Única", "fields": list(fields)}]}


def yes_no(field_id: str = "favorable") -> dict[str, Any]:
    return {"id": field_id, "type": "yes_no", "label": "¿Es favorable?"}


def report(step_id: str, role: str = "revision", following: Any = "join", **more: Any) -> dict[str, Any]:
    """A task that answers the form `informe`."""
    return {"id": step_id, "kind": "task", "title": step_id, "role": role, "form": "informe", "next": following, **more}


def days(amount: int, **more: Any) -> dict[str, Any]:
    return {"amount": amount, "unit": "business_days", "source": "Ley N° 19.880", "trigger": "entered", **more}


def flow(*steps: dict[str, Any], forms: tuple[dict[str, Any], ...] = (), **more: Any) -> dict[str, Any]:
    """The data of a procedure with these steps; the last of them leads to "sello"."""
    data = certificate_data()
    start = {**data["steps"][0], "next": steps[0]["id"]}
    document = data["documents"][1]
    seal = {"id": "sello", "kind": "seal", "title": "Sello", "document": document["id"], "next": "fin"}
    end = {"id": "fin", "kind": "end", "title": "Fin", "outcome": "issued"}
    used = json.dumps(steps)
    return {
        **data,
        "code": "prueba",
        "title": "Trámite de prueba",
        "roles": [{"id": slot, "title": slot} for slot in ROLES if f'"{slot}"' in used],
        "forms": [data["forms"][0], *(forms or (form("informe", yes_no()),))],
        "steps": [start, *steps, seal, end],
        "documents": [document],
        "notices": [],
        **more,
    }


def offer(story: Story, data: dict[str, Any]) -> str:
    """Publish it for the demonstration municipality; its code."""
    bindings = {}
    for slot in data["roles"]:
        unit, _, code = ROLES[slot["id"]].partition("/")
        bindings[slot["id"]] = Role.objects.get(unit__agency=story.agency, unit__code=unit, code=code)
    text = json.dumps(data, ensure_ascii=False)
    publish(text=text, agency=story.agency, by=None, now=story.now, role_bindings=bindings)
    return str(data["code"])


def begin(story: Story, *steps: dict[str, Any], **more: Any) -> Case:
    """A case of a procedure with these steps."""
    return story.file(offer(story, flow(*steps, **more)))


def waiting(case: Case) -> set[str]:
    """The steps that wait, joins apart."""
    open_tasks = case.task_set.filter(status__in=OPEN).exclude(flow_task_type="JOIN")
    return set(open_tasks.values_list("step_id", flat=True))


def ended(story: Story, case: Case) -> bool:
    """Whether the case ended, once its seal was put on, with nothing left open."""
    story.work()
    case.refresh_from_db()
    return case.finished is not None and not case.task_set.filter(status__in=OPEN).exists()


NAME = {"id": "nombre", "type": "text", "label": "Nombre", "max_length": 80}
GROUP = {"id": "locales", "type": "group", "label": "Locales", "row_title": "Local", "fields": [NAME], "max_rows": 9}
FORMS = (form("lista", GROUP), form("informe", yes_no()), form("otro_local", NAME))
LIST = {"id": "listar", "kind": "task", "title": "Listar", "role": "revision", "form": "lista", "next": "visitas"}
ROWS: list[dict[str, Any]] = [{"id": "a1", "nombre": "Norte"}, {"id": "b2", "nombre": "Sur"}]


def visits(*inner: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A block that asks a report for each of the places that `listar` lists."""
    return {
        "id": "visitas",
        "kind": "for_each",
        "title": "Visitas",
        "over": "listar.locales",
        "join": "all",
        "steps": list(inner) or [report("visita", "obras")],
        "next": "decision",
        **more,
    }
