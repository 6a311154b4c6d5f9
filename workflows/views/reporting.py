"""The address where systems of other institutions report events: a bearer key, one JSON body, one JSON answer."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from http import HTTPStatus
from math import ceil
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from legaltime.api import now
from signatures.api import Limit, TooManyAttempts, count_attempt, network_of
from workflows.commands.desk import InvalidAnswers
from workflows.commands.reporting import Delivery, KeyReused, NotItsEvent, NotYet, receive
from workflows.models import ReportedEvent, SystemKey
from workflows.reporting import keys
from workflows.reporting.answers import WrongAnswers, problems_of
from workflows.reporting.rules import IDEMPOTENCY_KEY, MAX_BYTES, Malformed, NotJson, Reported, read

REPORTS = Limit("events.reported", 120, 1)
"""What one system may send."""
WRONG_KEYS = Limit("events.wrong_key", 30, 10)
"""How often one network may come without a key that is taken."""
PROBLEM = "application/problem+json"
"""RFC 9457."""


class Refused(Exception):
    """Why a report is not taken, as it is answered."""

    def __init__(
        self,
        status: HTTPStatus,
        code: str,
        detail: str,
        *,
        problems: Iterable[tuple[str, str]] = (),
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status, self.code, self.headers = status, code, headers or {}
        self.problems = [{"pointer": pointer, "detail": text} for pointer, text in problems]

    def answer(self) -> HttpResponse:
        """A problem of RFC 9457, with a code of our own for programs."""
        body: dict[str, Any] = {"status": self.status, "code": self.code, "detail": str(self)}
        if self.problems:
            body["errors"] = self.problems
        return JsonResponse(body, status=self.status, content_type=PROBLEM, headers=self.headers)


@csrf_exempt  # no cookie is read here: whoever comes without the key gets nothing
@never_cache
def report(request: HttpRequest) -> HttpResponse:
    """Take one event (docs/how-to/receive-outside-events.md). Answers in Spanish whatever the sender's language."""
    moment = now()
    with override("es"):
        try:
            response = _taken(receive(delivery=_delivery(request, moment), now=moment))
        except Refused as refusal:
            response = refusal.answer()
        except (NotItsEvent, NotYet, KeyReused, InvalidAnswers, WrongAnswers) as error:
            response = _not_taken(error).answer()
    response.headers["Content-Language"] = "es"
    return response


def _delivery(request: HttpRequest, moment: datetime) -> Delivery:
    """What was sent, once it is known who sent it. Raises Refused."""
    if request.method != "POST":
        said = _("Los hechos se informan con POST.")
        raise Refused(HTTPStatus.METHOD_NOT_ALLOWED, "method", said, headers={"Allow": "POST"})
    key = _key(request, moment)
    _count(REPORTS, str(key.system_id), moment)
    reported = _reported(request)
    given = IDEMPOTENCY_KEY.fullmatch(request.headers.get("Idempotency-Key", ""))
    if given is None:
        said = _("Falta «Idempotency-Key»: entre 8 y 64 letras, números, puntos, guiones o dos puntos.")
        raise Refused(HTTPStatus.BAD_REQUEST, "idempotency_key", said)
    keys.note_use(key, moment)
    return Delivery(key.system, given[1], reported)


def _key(request: HttpRequest, moment: datetime) -> SystemKey:
    found = keys.find(request.headers.get("Authorization", ""), moment)
    if found is not None:
        return found
    _count(WRONG_KEYS, network_of(request), moment)
    said = _("La clave falta, no existe, se anuló o venció. Se envía como «Authorization: Bearer spk_…».")
    raise Refused(HTTPStatus.UNAUTHORIZED, "key", said, headers={"WWW-Authenticate": 'Bearer realm="hechos"'})


def _count(limit: Limit, source: str, moment: datetime) -> None:
    try:
        count_attempt(limit, source, moment)
    except TooManyAttempts:
        seconds = ceil(limit.minutes * 60 - moment.timestamp() % (limit.minutes * 60))
        said = _("Demasiados envíos. Espera %(seconds)s segundos y repite este mismo.") % {"seconds": seconds}
        again = {"Retry-After": str(seconds)}
        raise Refused(HTTPStatus.TOO_MANY_REQUESTS, "too_many", said, headers=again) from None


def _reported(request: HttpRequest) -> Reported:
    if request.content_type != "application/json":
        said = _("El cuerpo debe ser «Content-Type: application/json».")
        raise Refused(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "content_type", said)
    stated = request.META.get("CONTENT_LENGTH") or ""
    if not stated.isdecimal():
        raise Refused(HTTPStatus.LENGTH_REQUIRED, "length", _("Falta «Content-Length»."))
    if int(stated) > MAX_BYTES:
        said = _("El cuerpo pasa de %(bytes)s bytes.") % {"bytes": MAX_BYTES}
        raise Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too_large", said)
    try:
        return read(request.body)
    except NotJson as error:
        raise Refused(HTTPStatus.BAD_REQUEST, "json", str(error)) from None
    except Malformed as error:
        raise Refused(HTTPStatus.UNPROCESSABLE_ENTITY, "shape", str(error), problems=error.problems) from None


def _not_taken(error: Exception) -> Refused:
    """What the command refused, as it is answered."""
    if isinstance(error, InvalidAnswers | WrongAnswers):
        problems = [(f"#/answers/{name}" if name else "#/answers", text) for name, text in problems_of(error)]
        return Refused(HTTPStatus.UNPROCESSABLE_ENTITY, "answers", str(error), problems=problems)
    if isinstance(error, NotItsEvent):
        return Refused(HTTPStatus.FORBIDDEN, "event", str(error))
    if isinstance(error, NotYet):
        return Refused(HTTPStatus.UNPROCESSABLE_ENTITY, "future", str(error), problems=[("#/on", str(error))])
    return Refused(HTTPStatus.UNPROCESSABLE_ENTITY, "key_reused", str(error))


def _taken(event: ReportedEvent) -> HttpResponse:
    """200 once the event is settled, 202 while it is kept; the same for every repetition."""
    is_kept = event.state == ReportedEvent.State.KEPT
    body = {
        "id": event.ref,
        "state": event.state,
        "why": event.why,
        "detail": _in_words(event),
        "event": event.event,
        "case": event.case_number,
        "received_at": event.received_at.isoformat(),
    }
    return JsonResponse(body, status=HTTPStatus.ACCEPTED if is_kept else HTTPStatus.OK)


def _in_words(event: ReportedEvent) -> str:
    if event.state == ReportedEvent.State.APPLIED:
        return str(_("Quedó registrado en la solicitud y el trámite siguió."))
    if event.state == ReportedEvent.State.DISMISSED:
        return str(_("Una persona de la institución lo revisó y lo descartó."))
    if event.why == ReportedEvent.Why.EARLY:
        return str(_("Quedó guardado: se registrará solo cuando la solicitud llegue al paso que lo espera."))
    return str(_("Quedó guardado y lo revisará una persona: %(why)s.")) % {"why": event.get_why_display()}
