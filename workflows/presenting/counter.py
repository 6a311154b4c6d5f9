"""What the counter's pages show: whom the official attends, what to say, and never the content of a filed case."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.api import format_run, run_of
from accounts.models import Agency, Person
from documents.models import Document
from procedures.api import Filters, bundle_of, search
from procedures.models import Online, ProcedureVersion
from workflows import drafts, exchanges
from workflows.access import filed_at_counter, own_cases
from workflows.commands import bringing
from workflows.commands.counter import is_own
from workflows.commands.physical import receivable
from workflows.models import Attendance, Case, Draft
from workflows.phone.forms import CallForm
from workflows.presenting.afterwards import public_state
from workflows.presenting.citizen import Row
from workflows.presenting.language import case_title, entry_texts, in_shape, procedure_title
from workflows.presenting.paper_answers import answered, kept, to_correct

RECENT = 20
"""Attendances listed."""


def home_context(official: Person) -> dict[str, Any]:
    """Attendances under way and the last ones."""
    mine = Attendance.objects.filter(official=official).select_related("person", "agency").order_by("-pk")
    return {
        "open": [_line(one) for one in mine.filter(ended_at=None)[:RECENT]],
        "ended": [_line(one) for one in mine.filter(ended_at__isnull=False)[:RECENT]],
    }


def call_context(form: CallForm) -> dict[str, Any]:
    """The two parts of the page of a call: who it is, and the questions."""
    who, asked = ("run", "given_names", "family_names"), ("email", "number")
    return {"form": form, "who": [form[name] for name in who], "asked": [form[name] for name in asked]}


def called(attendance: Attendance) -> str:
    """The name of whoever is attended; only the RUN that they said, when they did not prove who they are."""
    if attendance.is_identified:
        return str(attendance.person)
    return f"RUN {format_run(run_of(attendance.person))}"


def _line(attendance: Attendance) -> dict[str, Any]:
    return {
        "name": called(attendance),
        "channel": attendance.get_channel_display(),
        "started_at": attendance.started_at,
        "url": reverse("workflows:counter_attendance", args=[attendance.pk]),
    }


def attendance_context(attendance: Attendance, query: str) -> dict[str, Any]:
    """The attendance with procedures of any agency, the drafts of the person and what was filed."""
    begun = attendance.drafts.select_related("version", "agency", "attendance", "task__process").order_by("-pk")
    filed = filed_at_counter(attendance)
    return {
        "attendance": attendance,
        "name": called(attendance),
        "run": format_run(run_of(attendance.person)),
        "identity": attendance.get_identity_display(),
        "questions": attendance.questions.order_by("pk") if attendance.is_by_phone else (),
        "own_drafts": list(_own_drafts(attendance)),
        "own_cases": list(_own_cases(attendance)),
        "to_bring": list(_to_bring(attendance)),
        "to_correct": to_correct(attendance),
        "answered": list(answered(attendance)),
        "overlooked": list(kept(attendance)),
        "receivable": list(_receivable(attendance)),
        "query": query,
        "procedures": [] if attendance.ended_at else list(_procedures(attendance, query)),
        "drafts": [_draft(draft) for draft in begun.filter(filed_at=None)],
        "filed": [_filed(attendance, case) for case in filed.defer("flow_class").select_related("agency", "version")],
    }


def _procedures(attendance: Attendance, query: str) -> Iterator[dict[str, str]]:
    found = search(query, Filters(online="digital"), size=50).entries
    texts = entry_texts(found)
    for entry in found:
        if entry.online == Online.HERE:
            where = [attendance.pk, entry.institution.code, entry.code]
            yield {
                "title": texts[entry.pk][0] if entry.pk in texts else entry.name,
                "agency": entry.institution.name,
                "url": reverse("workflows:counter_begin", args=where),
            }


def _own_drafts(attendance: Attendance) -> Iterator[dict[str, Any]]:
    """What the person began and the official may go on with, while the attendance lasts."""
    if attendance.ended_at is not None or not attendance.is_identified:
        return
    for draft in drafts.open_drafts(attendance.person):
        if is_own(draft, attendance.person) and not draft.is_closed:
            url = reverse("workflows:counter_take_up", args=[attendance.pk, draft.ref])
            yield {
                "title": procedure_title(draft.version),
                "agency": draft.agency.name,
                "at": draft.changed_at,
                "url": url,
            }


def _own_cases(attendance: Attendance) -> Iterator[dict[str, Any]]:
    """Where the applications of a caller stand, to be said aloud: whoever is at the counter gets it printed."""
    if attendance.is_by_phone and attendance.is_identified and attendance.ended_at is None:
        cases = own_cases(attendance.person).defer("flow_class").select_related("agency").order_by("-filed_at")
        yield from map(public_state, cases[:RECENT])


def _receivable(attendance: Attendance) -> Iterator[dict[str, str]]:
    """Applications for which the person may hand in something that cannot be digitised."""
    for case in receivable(attendance)[:RECENT]:
        url = reverse("workflows:counter_receive", args=[attendance.pk, case.ref])
        yield {"number": case.number, "title": case_title(case), "url": url}


def _to_bring(attendance: Attendance) -> Iterator[dict[str, Any]]:
    """Applications for which the person brings what they do not let another body send, to be received here."""
    for case in bringing.bringable(attendance).select_related("version")[:RECENT]:
        url = reverse("workflows:counter_bring", args=[attendance.pk, case.ref])
        yield {"number": case.number, "title": case_title(case), "what": bringing.sought_of(case), "url": url}


def refused(version: ProcedureVersion, agency: Agency, given: Mapping[str, Any]) -> str:
    """What to say aloud to whoever does not let other bodies send their sensitive data; "" to the others (R60)."""
    left = exchanges.left_to_bring(bundle_of(version), given)
    if not left:
        return ""
    words = {
        "what": "; ".join(f"{', '.join(one.sought)} ({one.addressee})" for one in left),
        "agency": agency.name,
    }
    said = _(
        "Usted no autorizó pedir sus datos sensibles a otra institución, y eso no le quita ningún derecho. Si hacen "
        "falta, le pediremos un documento sobre esto: %(what)s. Lo sube en su solicitud con su ClaveÚnica, o lo trae "
        "a un mesón de %(agency)s con su cédula."
    )
    return said % words


def _draft(draft: Draft) -> dict[str, Any]:
    is_here = draft.is_at_counter
    title = procedure_title(draft.version)
    if draft.task is not None:
        words = {"number": draft.task.process.number, "title": title}
        title = in_shape(_("respuesta a la corrección de la N° %(number)s (%(title)s)"), words)
    return {
        "title": title,
        "is_here": is_here,
        "url": reverse("workflows:page", args=[draft.ref, 1]) if is_here else "",
    }


def _filed(attendance: Attendance, case: Case) -> dict[str, Any]:
    """The state, the receipt, and the words to say; nothing else of the case (architecture 4.5)."""
    receipt = Document.objects.filter(file_id=case.file_id, kind=Document.Kind.RECEIPT, blob__isnull=False).exists()
    state = public_state(case)
    say = _(
        "Su solicitud quedó ingresada con el número %(number)s. Guarde este comprobante: con él puede ver el estado."
    )
    return {
        **state,
        "say": say % {"number": case.number},
        "refused": refused(case.version, case.agency, case.data.get(bundle_of(case.version).start.id, {})),
        "receipt_url": reverse("workflows:counter_receipt", args=[attendance.pk, case.ref]) if receipt else "",
    }


def handed_over(draft: Draft) -> str:
    """Where the person finds what was passed to them."""
    if draft.task is not None:
        words = {"number": draft.task.process.number}
        return (
            _("La persona la sigue en su solicitud N° %(number)s, con «Corregir ahora», y la firma con su ClaveÚnica.")
            % words
        )
    return _("La persona ya la tiene en «Mis trámites», lista para firmar con su ClaveÚnica.")


def paper_context(draft: Draft, given: Mapping[str, Any]) -> dict[str, Any]:
    """Exactly what the person signs, to be read on screen and printed."""
    shown = drafts.shown(draft, given)
    return {
        "institution": draft.agency,
        "draft": draft,
        "title": draft.version.title,
        "name": str(draft.applicant) if drafts.may_tell(draft) else "",
        "by_phone": draft.attendance is not None and draft.attendance.is_by_phone,
        "run": format_run(run_of(draft.applicant)) if isinstance(draft.applicant, Person) else "",
        "is_answer": draft.task_id is not None,
        "refused": "" if draft.task_id is not None else refused(draft.version, draft.agency, given),
        "statement": shown["statement"],
        "rows": [Row(question["label"], question["answer"]) for question in shown["questions"]],
        "back_url": reverse("workflows:review", args=[draft.ref]),
    }
