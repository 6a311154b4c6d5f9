"""The events of a case in words: what happened, when, and who did it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import TextChoices
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Agency, Person
from audit.models import Event
from documents.models import PhysicalEntry
from notifications.models import PlatformSending
from procedures.api import Bundle, bundle_of
from workflows.models import (
    Case,
    Challenge,
    Channel,
    Exchange,
    Exemption,
    Incident,
    OriginalRequest,
    OutsideSystem,
    OverlookedPaper,
    Recusal,
    ReportedEvent,
)
from workflows.models.cases import RESERVED
from workflows.presenting.endings import endings
from workflows.presenting.language import on_page
from workflows.reviewing import Effect
from workflows.withholding import reserved_people

SENTENCES = {
    "case.started": gettext_lazy("Se recibió la solicitud (%(channel)s) y se abrió el expediente %(file)s"),
    "case.ended": gettext_lazy("Terminó la solicitud: %(outcome)s"),
    "submission.filed": gettext_lazy("Respondió «%(step)s»"),
    "correction.answered_late": gettext_lazy("La respuesta a «%(step)s» llegó después del plazo"),
    "correction.answered_in_time": gettext_lazy(
        "La respuesta a «%(step)s» se entregó en papel dentro del plazo, y se ingresó después de que venció"
    ),
    "task.claimed": gettext_lazy("Tomó «%(step)s»"),
    "task.handed_out": gettext_lazy("Entregó por turno «%(step)s» a %(official)s"),
    "task.handed_out_before": gettext_lazy("Entregó por turno «%(step)s»"),
    "task.assigned": gettext_lazy("Encargó «%(step)s» a %(official)s"),
    "task.released": gettext_lazy("Soltó «%(step)s»"),
    "order.covered": gettext_lazy("Una orden fundada puso «%(step)s» antes que otras más antiguas, hasta el %(until)s"),
    "order.left": gettext_lazy("«%(step)s» volvió al orden de llegada: ya no la cubre una orden"),
    "task.completed": gettext_lazy("Terminó «%(step)s»"),
    "task.dropped": gettext_lazy("Se cerró «%(step)s» sin resultado: %(why)s"),
    "report.late": gettext_lazy("El caso siguió sin esperar «%(step)s»; si llega, se archiva como informe tardío"),
    "report.archived": gettext_lazy("«%(step)s» llegó tarde: quedó en el expediente y no cambió el curso del caso"),
    "report.overtaken": gettext_lazy(
        "«%(step)s» llegó tarde, de una vuelta anterior: quedó en el expediente y no reemplaza a la vuelta que siguió"
    ),
    "table.decided": gettext_lazy("«%(step)s»: sirvió la fila %(row)s de la tabla"),
    "wait.ended": gettext_lazy("Llegó la fecha que esperaba «%(step)s»"),
    "event.recorded": gettext_lazy("Registró que ocurrió lo que esperaba «%(step)s», el %(on)s"),
    "event.reported": gettext_lazy("Informó lo que espera «%(step)s», ocurrido el %(on)s. Quedó guardado: %(kept)s"),
    "event.matched": gettext_lazy("Asignó a esta solicitud lo que otro sistema informó para «%(step)s»"),
    "event.dismissed": gettext_lazy("Descartó lo que otro sistema informó para «%(step)s»"),
    "row.added": gettext_lazy("Agregó una fila a «%(step)s»"),
    "service.answered": gettext_lazy("Respondió el servicio que consulta «%(step)s»"),
    "service.failed": gettext_lazy("No respondió el servicio que consulta «%(step)s»"),
    "service.not_asked": gettext_lazy("No se consultó «%(step)s»: la persona no autoriza pedir sus datos sensibles"),
    "exchange.asked": gettext_lazy("Se pidió a %(body)s (%(exchange)s)"),
    "exchange.ended": gettext_lazy("Lo pedido a %(body)s: %(result)s"),
    "authorisation.withdrawn": gettext_lazy("Retiró su autorización para pedir sus datos sensibles"),
    "bring.answered": gettext_lazy("Trajo lo que no se pidió a otra institución en «%(step)s»"),
    "bring.waived": gettext_lazy("Dejó de esperar lo que la persona iba a traer en «%(step)s»"),
    "service.verified": gettext_lazy("Verificó lo declarado en «%(step)s»: %(agrees)s"),
    "case.referred": gettext_lazy("«%(step)s»: se deriva a %(agency)s"),
    "case.linked": gettext_lazy("«%(step)s»: se abrió la solicitud N° %(number)s en %(agency)s"),
    "case.not_awaited": gettext_lazy("La solicitud N° %(number)s, que pidió esta, ya no espera su resultado"),
    "subcase.ended": gettext_lazy("«%(step)s»: terminó el caso vinculado (%(outcome)s)"),
    "official.abstained": gettext_lazy("Se abstuvo de actuar por un conflicto de interés"),
    "abstention.refused": gettext_lazy("No aceptó la abstención: esa persona vuelve a intervenir"),
    "case.moved": gettext_lazy("Pasó de la versión %(from)s a la versión %(to)s del trámite"),
    "official.challenged": gettext_lazy("Recusó a quien interviene en la solicitud"),
    "challenge.granted": gettext_lazy("Aceptó la recusación: esa persona no interviene más"),
    "challenge.refused": gettext_lazy("No aceptó la recusación"),
    "act.drafted": gettext_lazy("Se preparó el borrador de «%(document)s»"),
    "act.edited": gettext_lazy("Dejó listo para firma «%(document)s»"),
    "act.numbered": gettext_lazy("«%(document)s» recibió el número %(number)s"),
    "act.dated": gettext_lazy("«%(document)s» recibió su fecha"),
    "act.signature_asked": gettext_lazy("Firmó «%(document)s»; la firma se está estampando"),
    "act.signed": gettext_lazy("Quedó firmado «%(document)s»"),
    "act.sealed": gettext_lazy("Quedó sellado «%(document)s»"),
    "act.returned": gettext_lazy("Devolvió «%(step)s» sin firmar"),
    "deadline.started": gettext_lazy("Empezó a correr el plazo de «%(step)s», hasta el %(due_on)s"),
    "deadline.moved": gettext_lazy("El plazo de «%(step)s» ahora vence el %(due_on)s"),
    "deadline.suspended": gettext_lazy("Suspendió el plazo de «%(step)s»"),
    "extension.asked": gettext_lazy("Pidió ampliar el plazo de «%(step)s»"),
    "extension.refused": gettext_lazy("No concedió la ampliación del plazo de «%(step)s»"),
    "extension.lapsed": gettext_lazy("Venció el plazo de «%(step)s» sin responder que se pedía más"),
    "case.urgent": gettext_lazy("Ordenó tramitar con urgencia"),
    "act.reviewed": gettext_lazy("El recurso N° %(number)s cambió un acto de esta solicitud: %(act)s"),
    "case.step_chosen": gettext_lazy("Eligió «%(step)s» para cumplir lo que resolvió un recurso"),
    "fact.withdrawn": gettext_lazy("Se dejó de entregar el dato «%(fact)s», porque su acto ya no rige"),
    "fact.restored": gettext_lazy("Se volvió a entregar el dato «%(fact)s», porque su acto rige otra vez"),
    "act.not_reviewed": gettext_lazy("El recurso N° %(number)s no cambió nada, porque el acto ya no regía: %(act)s"),
    "case.sent_back": gettext_lazy("La solicitud se vuelve a tramitar desde «%(step)s»"),
    "case.goes_on": gettext_lazy("Se decidió que el caso sigue"),
    "task.stopped": gettext_lazy("Se detuvo «%(step)s»"),
    "case.joined": gettext_lazy("Acumuló esta solicitud a la N° %(number)s: una decisión resuelve las dos"),
    "case.received": gettext_lazy("Acumuló a esta la solicitud N° %(number)s: una decisión resuelve las dos"),
    "case.split": gettext_lazy("Desacumuló esta solicitud de la N° %(number)s"),
    "case.gave_back": gettext_lazy("Desacumuló de esta la solicitud N° %(number)s"),
    "case.returned": gettext_lazy("La N° %(number)s terminó sin decidir: esta solicitud sigue por separado"),
    "case.decided_with": gettext_lazy("Se resolvió junto con la N° %(number)s: %(act)s"),
    "case.ordered_with": gettext_lazy("Se recibió un acto de la N° %(number)s, que no decide todavía: %(act)s"),
    "task.paused": gettext_lazy("«%(step)s» quedó en espera: la solicitud está acumulada"),
    "task.resumed": gettext_lazy("«%(step)s» sigue donde estaba"),
    "ending.asked": gettext_lazy("Se pidió: «%(step)s»"),
    "ending.overtaken": gettext_lazy("Ya no se resuelve «%(step)s»: antes se firmó la decisión"),
    "party.left": gettext_lazy("Una persona interesada se retiró: «%(step)s»"),
    "silence.complained": gettext_lazy("Denunció que no se decidió en plazo"),
    "silence.copied": gettext_lazy("Se dio copia de la denuncia al superior"),
    "silence.certificate_asked": gettext_lazy("Pidió el certificado de silencio"),
    "party.added": gettext_lazy("Se agregó una persona interesada (%(party)s)"),
    "party.renamed": gettext_lazy("Confirmó que el RUN es de esa persona, aunque la conocíamos con otro nombre"),
    "party.represented": gettext_lazy("Sigue con la solicitud en lugar de quien la llevaba"),
    "party.power_ended": gettext_lazy("Terminó el poder de quien llevaba la solicitud: ya no interviene"),
    "opposition.filed": gettext_lazy("Presentó su oposición"),
    "documents.added": gettext_lazy("Agregó antecedentes"),
    "formality.done": gettext_lazy("Dejó constancia de un trámite posterior a la firma: %(formality)s"),
    "outage.noted": gettext_lazy("Se anotó una interrupción de la plataforma en los plazos"),
    "deadline.expired": gettext_lazy("Venció el plazo de «%(step)s», que era el %(due_on)s"),
    "phone.helped": gettext_lazy("%(official)s ayudó por teléfono a llenar la solicitud"),
    "counter.paper_kept": gettext_lazy("Guardó la solicitud que la persona firmó en papel"),
    "physical.noted": gettext_lazy("Algo que no se puede digitalizar (N° %(seq)s del expediente): %(physical)s"),
    "original.asked": gettext_lazy("Pidió mostrar el original de un documento (N° %(seq)s del expediente)"),
    "original.closed": gettext_lazy("El original del documento N° %(seq)s del expediente: %(original)s"),
    "sensitive.marked": gettext_lazy(
        "Reservó el documento N° %(seq)s del expediente: no lo leen otras personas interesadas"
    ),
    "sensitive.lifted": gettext_lazy("Quitó la reserva del documento N° %(seq)s del expediente"),
    "counter.answer_kept": gettext_lazy("Recibió en papel, el %(on)s, la respuesta a «%(step)s»"),
    "counter.overlooked_in_time": gettext_lazy(
        "Recibió en papel, el %(on)s y dentro del plazo, lo pedido en «%(step)s»; se ingresó cuando ya se había "
        "resuelto"
    ),
    "counter.overlooked": gettext_lazy(
        "Recibió en papel, el %(on)s, lo pedido en «%(step)s», cuando el plazo había vencido o ya se había resuelto"
    ),
    "counter.paper_added": gettext_lazy(
        "Recibió en papel, el %(on)s, más antecedentes para «%(step)s», que ya estaba respondido; quedaron agregados"
    ),
    "overlooked.answered": gettext_lazy("Dijo qué se hace con un papel que no se consideró: %(overlooked)s"),
    "message.sent": gettext_lazy("Escribió o agregó documentos (%(documents)s)"),
    "incident.opened": gettext_lazy("Se detuvo por un problema: %(kind)s"),
    "incident.closed": gettext_lazy("Se reanudó tras el problema: %(kind)s"),
    "suspension.asked": gettext_lazy("Pidió que el acto no se cumpla mientras se resuelve el recurso"),
    "suspension.granted": gettext_lazy("Suspendió el acto hasta que se resuelva el recurso"),
    "suspension.refused": gettext_lazy("No suspendió el acto recurrido"),
    "incident.taken": gettext_lazy("Se hizo cargo del problema: %(kind)s"),
    "incident.assigned": gettext_lazy("Encargó a otra persona el problema: %(kind)s"),
    "incident.released": gettext_lazy("Dejó de hacerse cargo del problema: %(kind)s"),
    "notification.recorded": gettext_lazy("Registró la notificación de «%(step)s», que vale desde el %(effective_on)s"),
    "exemption.granted": gettext_lazy("Quedó concedida la excepción a los medios electrónicos"),
    "exemption.refused": gettext_lazy("Quedó rechazada la excepción a los medios electrónicos"),
    "exemption.dropped": gettext_lazy("Terminó sin decidirse la excepción a los medios electrónicos"),
    "exemption.ended": gettext_lazy("Volvió a los medios electrónicos: terminó la excepción"),
    "letter.written": gettext_lazy("Preparó la carta certificada de «%(step)s»"),
    "notification.not_reached": gettext_lazy("La Plataforma no pudo notificar «%(step)s»: %(answer)s"),
    "exemption.paper": gettext_lazy(
        "Vale en papel: su excepción a lo electrónico estaba %(state)s (solicitud N° %(number)s; DS 4, art. 31)"
    ),
    "fact.looked_up": gettext_lazy("Se consultó un registro en «%(step)s»"),
    "fact.registered": gettext_lazy("Se anotó el registro de «%(step)s»"),
}
"""One sentence for each kind of event that this room records."""
DROPPED_WHY = {
    "join": gettext_lazy("ya estaban los informes que el caso debía esperar"),
    "ended": gettext_lazy("la solicitud terminó"),
}
"""Why a step was closed without its outcome."""
LABELS: dict[str, type[TextChoices]] = {
    "kind": Incident.Kind,
    "channel": Channel,
    "outcome": Case.Outcome,
    "kept": ReportedEvent.Why,
    "answer": PlatformSending.Answer,
    "state": Exemption.State,
    "exchange": Exchange.Kind,
    "original": OriginalRequest.Outcome,
    "physical": PhysicalEntry.Kind,
    "result": Exchange.Result,
    "overlooked": OverlookedPaper.Outcome,
}
"""Data whose values have words of their own."""


@dataclass(frozen=True)
class Happening:
    """One line of the history."""

    at: datetime
    who: str
    what: str
    detail: str = ""


def history(case: Case) -> list[Happening]:
    """Every event of the case, the latest first."""
    events = list(Event.objects.filter(stream=f"case:{case.ref}").prefetch_related("personal_values").order_by("-seq"))
    people = _people(events) | {f"person:{pk}": RESERVED for pk in reserved_people(case)}
    bundle = on_page(case.version)
    # An appeal may give a case that ended another outcome, or have it end again: each end was what it was then.
    last = next((event for event in events if event.kind == "case.ended"), None)
    stands = last is not None and _data(last)["outcome"] == case.outcome
    ended = endings([case], at_desk=True).get(case.pk) if stands else None
    return [
        Happening(
            event.at,
            people.get(event.actor, _("La plataforma")),
            sentence(event, bundle, ended if event is last else None),
            _detail(event),
        )
        for event in events
    ]


@dataclass(frozen=True)
class Review:
    """What the resolution of an appeal did to an act of the case, and when."""

    at: datetime
    effect: Effect
    grants: bool
    """Whether whoever applied obtained by it what they asked for."""


def reviews_of(case: Case) -> list[Review]:
    """What appeals did to the acts of the case, the first one first (Ley 19.880 art. 59)."""
    found = []
    for event in Event.objects.filter(stream=f"case:{case.ref}", kind="act.reviewed").order_by("seq"):
        data = _data(event)
        effect = Effect(data["effect"])
        # Until 23/11/2026 the event did not say it; then the outcome does, which nothing but that appeal gave.
        rewrites = effect in (Effect.REPLACES, Effect.MODIFIES)
        found.append(Review(event.at, effect, data.get("grants", rewrites and case.outcome == Case.Outcome.APPROVED)))
    return found


def last_asked(case: Case, step_id: str) -> Happening | None:
    """The latest time that somebody asked to end the case in this way, with their reason."""
    events = Event.objects.filter(stream=f"case:{case.ref}", kind="ending.asked").prefetch_related("personal_values")
    for event in events.order_by("-seq"):
        if _data(event)["step"] == step_id:
            return Happening(event.at, _people([event]).get(event.actor, ""), "", _detail(event))
    return None


def why_challenged(case: Case, asked: Challenge) -> str:
    """What somebody wrote when they challenged an official; nothing once it was erased."""
    return _written(case, "official.challenged", asked.asked_by_id, asked.asked_at)


def why_abstained(case: Case, recusal: Recusal) -> str:
    """What an official wrote when they abstained; nothing once it was erased."""
    return _written(case, "official.abstained", recusal.person_id, recusal.at)


def _written(case: Case, kind: str, person: int, at: datetime) -> str:
    events = Event.objects.filter(stream=f"case:{case.ref}", kind=kind, at=at, actor=f"person:{person}")
    event = events.prefetch_related("personal_values").last()
    return _detail(event) if event is not None else ""


def last_return(case: Case, step_id: str) -> Happening | None:
    """The latest time that an act was sent back to this step, with its reason."""
    steps = bundle_of(case.version).steps_by_id
    events = Event.objects.filter(stream=f"case:{case.ref}", kind="act.returned").prefetch_related("personal_values")
    for event in events.order_by("-seq"):
        if getattr(steps.get(_data(event)["step"]), "on_return", None) == step_id:
            return Happening(event.at, _people([event]).get(event.actor, ""), "", _detail(event))
    return None


def _data(event: Event) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(bytes(event.body))["data"]
    return data


def sentence(event: Event, bundle: Bundle, ended: str | None = None) -> str:
    """The event in words; its bare kind where no sentence exists. `ended`: how the procedure calls the end reached."""
    if event.kind not in SENTENCES:
        return event.kind
    data = _data(event)
    if event.kind == "case.ended" and ended is not None:
        return str(SENTENCES[event.kind]) % {"outcome": ended}
    return str(SENTENCES[_variant(event.kind, data)]) % {
        name: _value(name, value, bundle) for name, value in data.items()
    }


def _variant(kind: str, data: dict[str, Any]) -> str:
    """Which sentence fits what the event holds; until 2026 a turn named its official among what people wrote."""
    if kind == "act.numbered" and not data["number"]:
        return "act.dated"
    if kind == "task.handed_out" and "official" not in data:
        return "task.handed_out_before"
    return kind


def _value(name: str, value: Any, bundle: Bundle) -> str:
    if name == "step" and str(value).startswith(OriginalRequest.PREFIX):
        return _("el requerimiento de mostrar un original")
    if name == "step":
        return bundle.step(value).title if bundle.has_step(value) else _("todo el trámite")
    if name == "document":
        return next((spec.title for spec in bundle.documents if spec.id == value), str(value))
    if name == "agrees":
        return str(_("coincide") if value else _("no coincide"))
    if name == "agency":
        return str(Agency.objects.filter(code=value).values_list("name", flat=True).first() or value)
    if name == "official":
        return str(Person.objects.filter(pk=value).first() or "")
    if name == "why":
        return str(DROPPED_WHY.get(value, value))
    if name in ("due_on", "effective_on", "on", "until"):
        return date_format(date.fromisoformat(value), "SHORT_DATE_FORMAT")
    labels = LABELS.get(name)
    return str(labels(value).label) if labels is not None and value in labels.values else str(value)


def _people(events: list[Event]) -> dict[str, str]:
    """{actor: name} of the people and of the other systems that did something, in one query each."""
    people = Person.objects.filter(pk__in=_ids(events, "person:"))
    systems = OutsideSystem.objects.filter(pk__in=_ids(events, "outside:"))
    named = {f"person:{person.pk}": str(person) for person in people}
    return named | {f"outside:{system.pk}": str(system) for system in systems}


def _ids(events: list[Event], kind: str) -> set[str]:
    return {event.actor.removeprefix(kind) for event in events if event.actor.startswith(kind)}


def _detail(event: Event) -> str:
    """What people wrote, unless it was erased since."""
    return " ".join(str(json.loads(value.value)) for value in event.personal_values.all() if value.value is not None)
