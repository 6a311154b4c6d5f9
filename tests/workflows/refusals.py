"""A refused application and an appeal against its act, for the tests of what the law then asks."""

from datetime import date

from documents.models import Document
from notifications.api import Notified
from tests.story import Story
from workflows import appealing
from workflows.commands import desk, filing
from workflows.commands.notification import record_notification
from workflows.models import Case


def write_and_sign(story: Story, case: Case, draft: str, sign: str, times: int = 2) -> None:
    """The official writes the act and the authorities sign it; the jobs do their part."""
    story.finish_draft(case, draft)
    for _ in range(times):
        story.sign(case, sign)
        story.work()
    case.refresh_from_db()


def notify(story: Story, case: Case, step_id: str, who: str = "Ana") -> None:
    """They were told of the act of a step, in person."""
    told = Notified(story.people[who], "office", story.now, "")
    record_notification(case=case, step_id=step_id, notified=told, by=story.people["Beto"], now=story.now)


def refused(story: Story) -> Case:
    """A case that ended with a signed and notified refusal."""
    case = story.file(rol_sii="1-1")
    story.do(case, "admision", resultado="rechazar", fundamento="Infundada.")
    write_and_sign(story, case, "redaccion_rechazo_inicial", "firma_infundada")
    return case


def act_of(case: Case) -> Document:
    """The latest act in force of the case."""
    return Document.objects.filter(file=case.file, state="in_force").exclude(definition_id="").latest("pk")


def appeal(story: Story, case: Case, who: str = "Ana", **answers: object) -> Case:
    """Their appeal against the latest act."""
    draft = appealing.begin(
        case=case, act_id=act_of(case).pk, start_id="law_appeal", by=story.people[who], now=story.now
    )
    story.fill(draft, **{"recurso": "reposicion", "suspension": False, **answers})
    return filing.start(draft=draft, by=story.people[who], signature=story.signature(draft), now=story.now)


def permit_decided(story: Story) -> Case:
    """An application for a permit that is granted, whose decree has to be written."""
    place = {
        "id": "r1",
        "direccion": "Plaza de Armas",
        "superficie": "4",
        "dias": 1,
        "estructura": False,
        "limite": False,
    }
    days = {"desde": date(2026, 9, 1).isoformat(), "hasta": date(2026, 9, 2).isoformat()}
    case = story.file("ocupacion_espacio_publico", lugares=[place], **days)
    story.do(case, "examen", resultado="admitir")
    for step in ("visita", "informe_obras", "informe_seguridad"):
        story.do(case, step)
    task = story.task(case, "decision")
    desk.claim(task=task, by=story.user("Carla"), now=story.now, reason="No hay otra persona en Obras.")
    story.do_claimed(case, task, otorga=True)
    return case
