"""What the pages of the citizen's path show: one page of questions, the review, the signature."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from procedures.api import Field, PageForm, bundle_of, display_value
from workflows import drafts
from workflows.models import Draft
from workflows.presenting.citizen import Row


@dataclass(frozen=True)
class ErrorLink:
    """One line of the error summary."""

    text: str
    target: str


def page_count(draft: Draft) -> int:
    """How many pages the step's form has."""
    form = bundle_of(draft.version).form_of(draft.step_id)
    return len(form.pages) if form else 0


def page_context(draft: Draft, page: int, form: PageForm) -> dict[str, Any]:
    """One page of questions."""
    bundle = bundle_of(draft.version)
    spec = bundle.form_of(draft.step_id).pages[page - 1]  # type: ignore[union-attr]
    return {
        "institution": draft.agency.name,
        "draft": draft,
        "page": page,
        "pages": page_count(draft),
        "spec": spec,
        "form": form,
        "errors": form.problems,
        "observations": observations(draft, spec.fields),
        "back_url": _back(draft, page),
        "procedure_title": bundle.title,
    }


def observations(draft: Draft, fields: Iterable[Field]) -> list[dict[str, str]]:
    """What the official asked to correct on this page, and the general remarks."""
    if draft.task is None:
        return []
    labels = {field.id: field.label for field in fields}
    items = draft.task.correction_items.all()
    return [
        {"question": labels.get(item.field_id, ""), "text": item.text}
        for item in items
        if item.field_id in labels or not item.field_id
    ]


def first_page_to_correct(draft: Draft) -> int:
    """The first page with an observed question."""
    assert draft.task is not None
    observed = set(draft.task.correction_items.values_list("field_id", flat=True))
    form = bundle_of(draft.version).form_of(draft.step_id)
    for number, page in enumerate(form.pages if form else (), start=1):
        if any(field.id in observed for field in page.fields):
            return number
    return 1


def _back(draft: Draft, page: int) -> str:
    if page > 1:
        return reverse("workflows:page", args=[draft.ref, page - 1])
    if draft.task is not None:
        return reverse("workflows:case", args=[draft.task.process.ref])
    return reverse("workflows:ficha", args=[draft.agency.code, draft.version.procedure.code])


def after(draft: Draft, page: int, *, back_to_review: bool) -> str:
    """Where "Continuar" leads."""
    if back_to_review or page >= page_count(draft):
        return reverse("workflows:review", args=[draft.ref])
    return reverse("workflows:page", args=[draft.ref, page + 1])


def review_context(draft: Draft, given: Mapping[str, Any]) -> dict[str, Any]:
    """All answers by page, each with its "Cambiar"."""
    form = bundle_of(draft.version).form_of(draft.step_id)
    sections = []
    for number, page in enumerate(form.pages if form else (), start=1):
        url = reverse("workflows:page", args=[draft.ref, number]) + "?revisar=1"
        rows = [
            Row(field.label, display_value(field, given.get(field.id)), change_url=f"{url}#q-{field.id}")
            for field in page.fields
            if field.is_question and field.id in given
        ]
        sections.append({"title": page.title, "rows": rows})
    return {
        "institution": draft.agency.name,
        "draft": draft,
        "procedure_title": draft.version.title,
        "sections": [section for section in sections if section["rows"]],
        "back_url": reverse("workflows:page", args=[draft.ref, page_count(draft)]),
    }


def sign_context(draft: Draft, given: Mapping[str, Any], shown: str, problem: str = "") -> dict[str, Any]:
    """Exactly what will be signed, with its statement and the hash that binds the signature to it."""
    presentation = drafts.shown(draft, given)
    return {
        "institution": draft.agency.name,
        "draft": draft,
        "procedure_title": draft.version.title,
        "statement": presentation["statement"],
        "rows": [Row(question["label"], question["answer"]) for question in presentation["questions"]],
        "shown": shown,
        "errors": [ErrorLink(problem, "id_declaro")] if problem else [],
        "back_url": reverse("workflows:review", args=[draft.ref]),
    }


def signing_problem(posted: Mapping[str, Any], shown: str) -> str:
    """Why the signature cannot be asked yet; empty when it can."""
    if posted.get("shown") != shown:
        return _("Tus respuestas cambiaron en otra ventana. Léelas de nuevo antes de firmar.")
    if posted.get("declaro") != "1":
        return _("Marca la declaración para poder firmar.")
    return ""


