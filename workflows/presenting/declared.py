"""What the pages of an application without sign-in show."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import Person
from documents.api import format_code
from procedures.api import PageForm, Problem, display_value, first_control
from workflows import drafts
from workflows.models import Case, Draft
from workflows.presenting import filling, originals, physical, remarks
from workflows.presenting.afterwards import public_state
from workflows.presenting.citizen import Row, is_just_filed
from workflows.presenting.language import on_page, step_name
from workflows.presenting.papers import document_rows
from workflows.queries import correction_to_answer
from workflows.withholding import withheld


def page_context(draft: Draft, page: int, form: PageForm, *, reviewing: bool) -> dict[str, Any]:
    """One page of questions; nothing of it is sent before its button is pressed."""
    here = reverse("workflows:declared_page", args=[draft.ref, page])
    asked = drafts.pages_asked(draft)
    before = max((one for one in asked if one < page), default=None)
    back = reverse("workflows:declared_page", args=[draft.ref, before]) if before else ""
    return {
        **filling.page_context(draft, page, form, reviewing=reviewing),
        "action": f"{here}?{filling.REVIEWING}=1" if reviewing else here,
        "progress": _progress(draft, page),
        "autosave_url": "",
        "upload_url": "",
        "language_choices": [],
        "back_url": reverse("workflows:declared_review", args=[draft.ref]) if reviewing else back or _ficha(draft),
    }


def _progress(draft: Draft, page: int) -> str:
    """Where a page stands; after the pages only the review follows, which also sends."""
    asked = drafts.pages_asked(draft)
    place = sum(one <= page for one in asked) if page in asked else len(asked) + 1
    return _("Paso %(place)s de %(total)s") % {"place": place, "total": len(asked) + 1}


def _ficha(draft: Draft) -> str:
    return reverse("workflows:ficha", args=[draft.agency.code, draft.version.procedure.code])


def after(draft: Draft, page: int, *, reviewing: bool) -> str:
    """Where a page leads: the next one that is asked, or the review."""
    following = next((one for one in drafts.pages_asked(draft) if one > page), None)
    if following is None or reviewing:
        return reverse("workflows:declared_review", args=[draft.ref])
    return reverse("workflows:declared_page", args=[draft.ref, following])


def review_context(draft: Draft, given: Mapping[str, Any], problem: str = "") -> dict[str, Any]:
    """All answers with their "Cambiar", the statement, and the button that sends."""
    pages, bundle = drafts.asked_now(draft, given), drafts.bundle_for(draft)
    sections = [
        {
            "title": asked.page.title,
            "lang": asked.page.lang,
            "rows": [
                Row(
                    question.label,
                    display_value(question, given.get(question.id)),
                    change_url=_change(draft, asked.number, first_control(question)),
                    lang=question.lang,
                )
                for question in asked.fields
                if question.is_question
            ],
        }
        for asked in pages
    ]
    return {
        "institution": draft.agency,
        "draft": draft,
        "procedure_title": bundle.title,
        "title_lang": bundle.lang,
        "progress": _progress(draft, filling.page_count(draft) + 1),
        "sections": [section for section in sections if section["rows"]],
        "statement": drafts.shown(draft, given)["statement"],
        "statement_lang": bundle.step(draft.step_id).lang,
        "shown": drafts.shown_hash(draft, given),
        "errors": [Problem("enviar", problem)] if problem else [],
        "back_url": reverse("workflows:declared_page", args=[draft.ref, pages[-1].number]),
    }


def _change(draft: Draft, page: int, control: str) -> str:
    return f"{reverse('workflows:declared_page', args=[draft.ref, page])}?{filling.REVIEWING}=1#{control}"


def kept_back(case: Case) -> list[int]:
    """Ids of the documents that other interested persons of the case keep from whoever declared who they are."""
    person = _declared(case)
    return withheld(case, person) if person is not None else []


def _declared(case: Case) -> Person | None:
    return case.parties.select_related("person").earliest("pk").person


def case_context(case: Case, now: datetime) -> dict[str, Any]:
    """Where it stands, what was issued, and what it waits for, for whoever holds number and code."""
    waiting = correction_to_answer(case)
    received = remarks.received_late(waiting.task) if waiting and waiting.is_late else ""
    return {
        "institution": case.agency,
        "case": case,
        "state": public_state(case),
        "just_filed": is_just_filed(case, now),
        "to_keep": [(_("N° de solicitud"), case.number), (_("Código de consulta"), format_code(case.ref))],
        "documents": document_rows(case, on_page(case.version), "workflows:declared_document", kept_back(case)),
        "things": physical.things(case, kept_back(case), "workflows:declared_document"),
        "originals": originals.asked_of(case, person) if (person := _declared(case)) is not None else [],
        "contact": on_page(case.version).ficha.contact,
        "must_answer": step_name(waiting.task, case.version) if waiting and not received else "",
        "received_late": received,
        "observations": [item.text for item in remarks.of_correction(waiting.task)] if waiting else [],
        "email_line": _("Te escribiremos a la dirección que diste cuando haya algo nuevo."),
    }
