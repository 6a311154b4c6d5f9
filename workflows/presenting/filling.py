"""What the pages of the citizen's path show: one page of questions, the review, the signature."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import time_format
from django.utils.text import capfirst
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from documents.api import name_of
from documents.models import Scan
from procedures.api import AskedPage, Exit, Field, PageForm, Problem, bundle_of, display_value, first_control
from workflows import cosigners, drafts, reuse, uploads
from workflows.errors import FileInfected
from workflows.models import Draft
from workflows.presenting import remarks
from workflows.presenting.citizen import Row
from workflows.presenting.counter import called

REVIEWING = "revisar"
LANGUAGE_NAMES = {
    "es": "español",
    "en": "English",
    "arn": "mapudungun",
    "ay": "aymar aru",
    "qu": "runa simi",
    "rap": "vananga rapa nui",
    "ht": "kreyòl ayisyen",
    "pt": "português",
    "fr": "français",
    "zh": "中文",
    "ar": "العربية",
    "ru": "русский",
    "uk": "українська",
}
"""How speakers call the languages most heard in Chile."""


def page_count(draft: Draft) -> int:
    """How many pages the step's form has."""
    form = bundle_of(draft.version).form_of(draft.step_id)
    return len(form.pages) if form else 0


def page_context(draft: Draft, page: int, form: PageForm, *, reviewing: bool) -> dict[str, Any]:
    """One page of questions. `reviewing`: the person came from the review and returns to it."""
    spec = drafts.bundle_for(draft).form_of(draft.step_id).pages[page - 1]  # type: ignore[union-attr]
    here = {"ref": draft.ref, "page": page}
    _say_where_from(draft, form)
    _say_scans(draft, form)
    return {
        **_shared(draft, page),
        "spec": spec,
        "page": page,
        "form": form,
        "observations": observations(draft, spec.fields),
        "action": reverse("workflows:page", kwargs=here) + (f"?{REVIEWING}=1" if reviewing else ""),
        "autosave_url": reverse("workflows:autosave", kwargs=here),
        "upload_url": reverse("workflows:upload", kwargs=here),
        "language_choices": language_choices(draft),
        "submit_label": _("Guardar y volver a revisar") if reviewing else _("Continuar"),
        "back_url": reverse("workflows:review", args=[draft.ref]) if reviewing else _back(draft, page),
    }


def _say_where_from(draft: Draft, form: PageForm) -> None:
    """Beside each question: what an earlier application answered to it, or that the answer came with the sign-in."""
    questions = [box.question for box in form.boxes if box.visible]
    offers = reuse.earlier_answers(draft, questions)
    known = reuse.known_from_identity(draft, questions)
    for box in form.boxes:
        box.offer = offers.get(box.question.id)
        box.note = _("Lo tomamos de tus datos de identidad. Puedes cambiarlo.") if box.question.id in known else ""


def _say_scans(draft: Draft, form: PageForm) -> None:
    """Beside each stored file: that the antivirus is looking at it, or found a virus in it."""
    scans, given = uploads.scans_of(draft), drafts.read(draft)
    for box, held in form.each_file() if scans else ():
        answer = given.get(box.question.id) if box.name == box.question.id else held
        infected = uploads.infected_file(draft, answer)
        if infected and not (box.bound and box.bound.errors):
            box.note = str(FileInfected(infected))
        elif not infected and any(pk in scans for pk in uploads.stored_files(answer)):
            box.note = capfirst(str(Scan.PENDING.label))


def may_go_on(draft: Draft, form: PageForm) -> bool:
    """Whether the page is right; a file in which a virus was found is told of like any other wrong answer."""
    for box, answer in form.each_file() if not form.change and uploads.scans_of(draft) else ():
        infected = uploads.infected_file(draft, answer)
        if infected:
            form.refuse(box, str(FileInfected(infected)))
    return form.is_valid()


def saved_context(form: PageForm, now: datetime) -> dict[str, Any]:
    """Answer to a page that saves while the person writes; who cannot see it hears what their answer opened."""
    at = time_format(timezone.localtime(now), "H:i")
    saved = _("Borrador guardado a las %(time)s.") % {"time": at}
    opened = ", ".join(f"«{one.text}»" for one in form.newly_asked)
    also = _("Ahora se pregunta también: %(labels)s.") % {"labels": opened} if opened else ""
    return {"form": form, "saved": f"{saved} {also}".strip()}


def is_reviewing(query: Mapping[str, str]) -> bool:
    """Whether the person is changing an answer from the review."""
    return REVIEWING in query


def _shared(draft: Draft, place: int) -> dict[str, Any]:
    """What all pages of the path show; `place` counts the review and the signature after all the form's pages."""
    asked = drafts.pages_asked(draft)
    total = len(asked) + 2
    place = (
        sum(page < place for page in asked) + 1
        if place <= page_count(draft)
        else place - page_count(draft) + len(asked)
    )
    bundle = drafts.bundle_for(draft)
    return {
        "institution": draft.agency,
        "draft": draft,
        "for_whom": _for_whom(draft),
        "procedure_title": bundle.title,
        "against": name_of(draft.about) if draft.about is not None else "",
        "title_lang": bundle.lang,
        "progress": _("Paso %(place)s de %(total)s") % {"place": place, "total": total},
    }


def leaving(draft: Draft) -> str:
    """Where "Guardar y salir" leads: the attendance for an official, else the person's own procedures."""
    if draft.is_at_counter:
        return reverse("workflows:counter_attendance", args=[draft.attendance_id])
    return reverse("workflows:my_cases")


def _for_whom(draft: Draft) -> dict[str, Any] | None:
    """Whom it is filled in for, when not for oneself; and whether at the counter."""
    if draft.applicant == draft.person:
        return None
    attended = draft.attendance if draft.is_at_counter else None
    return {
        "name": called(attended) if attended else str(draft.applicant),
        "at_counter": attended is not None,
        "by_phone": attended is not None and attended.is_by_phone,
    }


def language_choices(draft: Draft) -> list[tuple[str, str]]:
    """Other languages for the questions, each by its own name, and the way back from one of them."""
    others = [code for code in drafts.languages(draft) if code != draft.locale]
    back = [get_language() or "es"] if draft.locale in drafts.languages(draft) else []
    return [(code, LANGUAGE_NAMES.get(code, code)) for code in back + others]


def observations(draft: Draft, fields: Iterable[Field]) -> list[dict[str, str]]:
    """What the official asked to correct on this page, and the general remarks."""
    if draft.task is None:
        return []
    labels = {field.id: field.label for field in fields}
    return [
        {"question": labels.get(item.field_id, ""), "text": item.text}
        for item in remarks.of_correction(draft.task)
        if item.field_id in labels or not item.field_id
    ]


def first_page_to_correct(draft: Draft) -> int:
    """The first page with an observed question."""
    observed = _observed(draft)
    pages = range(1, page_count(draft) + 1)
    return next((page for page in pages if any(field.id in observed for field in _fields_of(draft, page))), 1)


def _back(draft: Draft, page: int) -> str:
    before = [asked for asked in drafts.pages_asked(draft) if asked < page]
    if before:
        return reverse("workflows:page", args=[draft.ref, before[-1]])
    if draft.task is not None and draft.is_at_counter:
        return reverse("workflows:counter_correction", args=[draft.attendance_id, draft.task.process.ref])
    if draft.task is not None:
        return reverse("workflows:case", args=[draft.task.process.ref])
    return reverse("workflows:ficha", args=[draft.agency.code, draft.version.procedure.code])


def after(draft: Draft, page: int, form: PageForm, *, reviewing: bool) -> str:
    """Where "Continuar" leads: the way out that the answers lead to, the next page that is asked, or the review."""
    if form.exit is not None:
        return reverse("workflows:exit", args=[draft.ref, page])
    following = [asked for asked in form.asked if asked > page and _is_to_see(draft, asked)]
    if not following or reviewing:
        return reverse("workflows:review", args=[draft.ref])
    return reverse("workflows:page", args=[draft.ref, following[0]])


def _is_to_see(draft: Draft, page: int) -> bool:
    """Whether the person goes through a page: of a correction, only what was observed, unless all of it may be."""
    observed = _observed(draft)
    return not observed or "" in observed or any(field.id in observed for field in _fields_of(draft, page))


def _observed(draft: Draft) -> set[str]:
    """Ids of the questions that an official observed, "" for a remark on all of it."""
    return set(draft.task.correction_items.values_list("field_id", flat=True)) if draft.task else set()


def _fields_of(draft: Draft, page: int) -> Iterable[Field]:
    form = bundle_of(draft.version).form_of(draft.step_id)
    return form.pages[page - 1].fields if form else ()


def exit_context(draft: Draft, page: int, way_out: Exit) -> dict[str, Any]:
    """The page that says why the person cannot go on here, and what to do instead."""
    return {
        **_shared(draft, page),
        "exit": way_out,
        "back_url": reverse("workflows:page", args=[draft.ref, page]),
    }


def review_context(draft: Draft, given: Mapping[str, Any]) -> dict[str, Any]:
    """All answers by page, each with its "Cambiar"."""
    pages = drafts.asked_now(draft, given)
    sections = [
        {"title": asked.page.title, "lang": asked.page.lang, "rows": _reviewed(draft, asked, given)} for asked in pages
    ]
    return {
        **_shared(draft, page_count(draft) + 1),
        "sections": [section for section in sections if section["rows"]],
        "problem": _problem(draft, given),
        "back_url": reverse("workflows:page", args=[draft.ref, pages[-1].number]),
    }


def _problem(draft: Draft, given: Mapping[str, Any]) -> str:
    """Why it cannot be signed as it is: a file with a virus, or others who cannot be told apart; empty when it can."""
    infected = uploads.infected_file(draft, given)
    if infected:
        return str(FileInfected(infected))
    try:
        cosigners.named(draft, given)
    except cosigners.SignsTwice as problem:
        return str(problem)
    return ""


def _reviewed(draft: Draft, asked: AskedPage, given: Mapping[str, Any]) -> list[Row]:
    """The questions of a page; "Cambiar" leads to each one's control."""
    address = f"{reverse('workflows:page', args=[draft.ref, asked.number])}?{REVIEWING}=1"
    return [
        Row(
            question.label,
            display_value(question, given.get(question.id)),
            change_url="" if question.type == "computed" else f"{address}#{first_control(question)}",
            lang=question.lang,
        )
        for question in asked.fields
        if question.is_question
    ]


def sign_context(draft: Draft, given: Mapping[str, Any], shown: str, problem: str = "") -> dict[str, Any]:
    """Exactly what will be signed, with its statement and the hash that binds the signature to it."""
    presentation, bundle = drafts.shown(draft, given), drafts.bundle_for(draft)
    return {
        **_shared(draft, page_count(draft) + 2),
        "statement": presentation["statement"],
        "rows": [
            Row(question["label"], question["answer"], lang=bundle.field(f"{draft.step_id}.{question['id']}").lang)
            for question in presentation["questions"]
        ],
        "statement_lang": bundle.step(draft.step_id).lang,
        "shown": shown,
        "others": [one.name for one in cosigners.named(draft, given)],
        "errors": [Problem("id_declaro", problem)] if problem else [],
        "back_url": reverse("workflows:review", args=[draft.ref]),
    }


def signing_problem(posted: Mapping[str, Any], shown: str) -> str:
    """Why the signature cannot be asked yet; empty when it can."""
    if posted.get("shown") != shown:
        return _("Tus respuestas cambiaron en otra ventana. Léelas de nuevo antes de firmar.")
    if posted.get("declaro") != "1":
        return _("Marca la declaración para poder firmar.")
    return ""
