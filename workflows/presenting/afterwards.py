"""What the applicant sees after filing: messages, who saw the case, three views, and the state without an account."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.html import strip_tags
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Person
from documents.models import DocumentAccess
from workflows.access import filed_by, parts_of
from workflows.models import Case, CaseMessage, CaseTask, Deadline
from workflows.models.cases import RESERVED
from workflows.presenting.answers import Reading
from workflows.presenting.endings import endings
from workflows.presenting.language import document_name, on_page, procedure_names
from workflows.presenting.words import moment
from workflows.withholding import KEPT_BACK, PRIVATE, kept_answers, parties_of, reserved_people, withheld

APPLICANTS_STEPS = ("start", "correction")
VIEWS = ("presentada", "actual", "cambios")
SCORES = (
    (5, gettext_lazy("Muy fácil")),
    (4, gettext_lazy("Fácil")),
    (3, gettext_lazy("Regular")),
    (2, gettext_lazy("Difícil")),
    (1, gettext_lazy("Muy difícil")),
)
"""How easy it was, from whoever applied."""


@dataclass(frozen=True)
class Opening:
    """Somebody who opened the case or one of its documents."""

    at: datetime
    who: str
    post: str
    what: str


def messages_of(
    case: Case, document_page: str, kept_back: Collection[int] = (), reader: Person | None = None
) -> list[dict[str, Any]]:
    """The messages of a case, the latest first; `document_page` is where this reader opens documents.

    `kept_back`: ids of the documents that this reader does not open; what was written with one is not told either,
    nor what is private to another interested person than `reader` (None for officials, who read everything).
    """
    rows = CaseMessage.objects.filter(case=case).select_related("author", "private_to__person")
    own = set(parties_of(case, reader).values_list("pk", flat=True)) if reader is not None else None
    marked = set(case.sensitive_marks.filter(lifted_at=None).values_list("document", flat=True)) & set(kept_back)
    found = rows.select_related("private_to__organisation").prefetch_related("documents").order_by("-pk")
    reserved = reserved_people(case)
    return [_message(row, case, document_page, kept_back, _is_private(row, own, marked), reserved) for row in found]


def _is_private(row: CaseMessage, own: Collection[int] | None, marked: Collection[int]) -> bool:
    """Whether somebody keeps the message, or a document that came with it, from whoever reads as one of `own`."""
    if own is None:
        return False
    is_for_another = row.private_to_id is not None and row.private_to_id not in own
    return is_for_another or any(document.pk in marked for document in row.documents.all())


def _message(
    row: CaseMessage,
    case: Case,
    document_page: str,
    kept_back: Collection[int],
    is_private: bool,
    reserved: Collection[int],
) -> dict[str, Any]:
    documents = list(row.documents.all())
    is_told = not is_private and not any(document.pk in kept_back for document in documents)
    return {
        "from_agency": row.from_agency,
        "author": RESERVED if row.author_id in reserved else str(row.author),
        "private_to": str(row.private_to) if row.private_to is not None and is_told else "",
        "text": row.text if is_told else capfirst(str(PRIVATE if is_private else KEPT_BACK)),
        "at": moment(row.at, case.agency),
        "documents": [
            {
                "title": document_name(document, on_page(case.version)),
                "url": reverse(document_page, args=[case.ref, document.pk]),
            }
            for document in documents
            if is_told
        ],
    }


def openings(case: Case, person: Person) -> list[dict[str, str]]:
    """Who else saw the case, the latest first; one line for each person, day and thing (R40, art. 17 a)."""
    seen = sorted([*_of_case(case, person), *_of_documents(case, person)], key=lambda one: one.at, reverse=True)
    lines: dict[tuple[Any, ...], Opening] = {}
    for one in seen:
        lines.setdefault((one.at.date(), one.who, one.what), one)
    return [
        {"at": moment(one.at, case.agency), "who": one.who, "post": one.post, "what": one.what}
        for one in lines.values()
    ]


def _of_case(case: Case, person: Person) -> Iterator[Opening]:
    rows = case.accesses.exclude(person=person).select_related("person", "membership__role__unit__agency")
    reserved = reserved_people(case)
    for row in rows:
        yield Opening(
            row.at,
            RESERVED if row.person_id in reserved else str(row.person),
            _post(row.membership),
            _("Abrió la solicitud"),
        )


def _post(membership: Any) -> str:
    if membership is None:
        return _("Interesada o representante")
    return f"{membership.post}, {membership.role.unit.agency.name}"


def _of_documents(case: Case, person: Person) -> Iterator[Opening]:
    rows = DocumentAccess.objects.filter(document__file=case.file).exclude(person=person)
    rows = rows.exclude(document__in=withheld(case, person))
    reserved, bundle = reserved_people(case), on_page(case.version)
    for row in rows.select_related("person", "document"):
        who = str(row.person) if row.person else _("Alguien con el código del documento")
        who = RESERVED if row.person_id in reserved else who
        title = strip_tags(document_name(row.document, bundle))
        yield Opening(row.at, who, "", _("Abrió «%(title)s»") % {"title": title})


def three_views(case: Case, wanted: str, person: Person) -> dict[str, Any]:
    """The application as it was filed, as it stands, and what changed and why, for one of the interested persons."""
    kept_back = frozenset(withheld(case, person))
    reading = Reading(
        case,
        for_applicant=True,
        hides_sensitive=not filed_by(case, person),
        kept_back=kept_back,
        kept_answers=kept_answers(case, person),
    )
    view = wanted if wanted in VIEWS else VIEWS[0]
    mine = [entry for entry in reading.filed() if _is_applicants(reading, entry.step_id)]
    titles = {
        "presentada": _("Como la presentaste"),
        "actual": _("Como está hoy"),
        "cambios": _("Qué cambió y por qué"),
    }
    here = reverse("workflows:answers", args=[case.ref])
    changed = [entry for entry in mine if entry.changes or entry.remarks]
    return {
        "institution": case.agency,
        "case": case,
        "view": view,
        "tabs": [
            {
                "title": title,
                "url": f"{here}?ver={name}",
                "current": name == view,
                "count": len(changed) if name == "cambios" else None,
            }
            for name, title in titles.items()
        ],
        "pages": reading.as_filed() if view == "presentada" else [page for entry in mine for page in entry.pages],
        "changes": changed,
    }


def _is_applicants(reading: Reading, step_id: str) -> bool:
    return reading.bundle.step(step_id).kind in APPLICANTS_STEPS


def public_state(case: Case) -> dict[str, Any]:
    """What whoever has the number and the code may know: where it stands, and nothing of anybody."""
    waiting = CaseTask.objects.filter(process=case, finished=None).defer("flow_task").select_related("unit")
    return {
        "number": case.number,
        "title": procedure_names([case.version_id]).get(case.version_id, case.title),
        "agency": case.agency.name,
        "filed_at": moment(case.filed_at, case.agency),
        "state": endings([case]).get(case.pk) or _("En trámite"),
        "finished": moment(case.finished, case.agency),
        "waiting": list(_waiting(waiting)),
        "due_on": None if case.finished or _is_stopped(case) else case.due_on,
    }


def _is_stopped(case: Case) -> bool:
    """Whether the time to decide does not run: a day on which it would have ended says nothing then."""
    return case.deadlines.filter(kind=Deadline.Kind.TERM, state=Deadline.State.SUSPENDED).exists()


def _waiting(tasks: Iterable[CaseTask]) -> Iterator[str]:
    for task in tasks:
        if task.for_applicant:
            yield _("Espera algo de quien la presentó. Entra con tu ClaveÚnica para verlo.")
        elif task.unit is not None:
            yield _("La tiene %(unit)s.") % {"unit": task.unit.name}


def may_rate(case: Case, person: Person) -> bool:
    """Whether the person may still say how it went."""
    return case.finished is not None and parts_of(person).filter(case=case, has_rated=False).exists()
