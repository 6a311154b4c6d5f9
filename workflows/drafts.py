"""Drafts: what a person is filling in, kept as rows from the first page (decision 1, pages.md 3.11)."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.api import run_of
from accounts.models import Mandate, Person
from documents.api import new_code
from legaltime.api import local_date
from procedures.api import (
    Around,
    AskedPage,
    Bundle,
    Field,
    ListPlace,
    PageForm,
    asked_pages,
    build_form,
    bundle_of,
    entries_of,
    pesos_on,
    version_at,
)
from procedures.models import Offering
from workflows import answers, trails
from workflows.access import own_cases
from workflows.errors import AlreadyFiled, BeingSigned, CommandRefused, TooManyDrafts
from workflows.models import Attendance, CaseParty, CaseTask, Draft
from workflows.proofs import EmailProofs

KEPT = timedelta(days=30)
"""How long an untouched draft is kept."""
MOST_CASES = 100
"""Applications of a person that a question offers."""
MOST_OPEN = 50
"""Unsent applications that one person may have: a machine that begins them without end is stopped."""


class Incomplete(CommandRefused):
    """A page still lacks answers; `page` is its place, counted from 1."""

    def __init__(self, page: int) -> None:
        super().__init__(_("Falta responder una página antes de enviar."))
        self.page = page


@transaction.atomic
def begin(
    *,
    offering: Offering,
    by: Person,
    now: datetime,
    locale: str = "es",
    attendance: Attendance | None = None,
    mandate: Mandate | None = None,
    party: CaseParty | None = None,
) -> Draft:
    """Open a draft of a new application, with what the State already knows filled in. Raises TooManyDrafts.

    At the counter, or with a power, it is filled in for somebody else. `party`: whose other case the engine opens this
    one for, and files it at once; how many drafts the person has is nothing to it.
    """
    unsent = Draft.objects.filter(person=by, filed_at=None, task=None, attendance=None)
    if party is None and unsent.count() >= MOST_OPEN:
        raise TooManyDrafts
    whose = Draft(person=by, attendance=attendance, mandate=mandate, party=party)
    bundle = bundle_of(offering.version)
    applicant = whose.applicant if may_tell(whose) else None
    known = known_answers(bundle, bundle.start.id, applicant) if isinstance(applicant, Person) else {}
    return _create(offering, whose, bundle.start.id, known, now, locale)


@transaction.atomic
def begin_answer(
    *, task: CaseTask, by: Person, now: datetime, locale: str = "es", attendance: Attendance | None = None
) -> Draft:
    """Open (or find) the draft in which the applicant answers a correction, with what was filed before.

    In an attendance, an official types it for whoever is attended.
    """
    mine = Draft.objects.filter(task=task, person=by, filed_at=None)
    found = (mine.filter(attendance=attendance) if attendance is not None else mine).first()
    if found is not None:
        return found
    case = task.process
    step_id = bundle_of(case.version).step(task.step_id).amends  # type: ignore[attr-defined]
    given = answers.answers_of(case, step_id)
    return _create(case.offering, Draft(person=by, task=task, attendance=attendance), step_id, given, now, locale)


def _create(
    offering: Offering, whose: Draft, step_id: str, given: Mapping[str, Any], now: datetime, locale: str
) -> Draft:
    """`whose`: who fills it in, for whom, and what it answers."""
    draft = Draft(
        ref=new_code(),
        agency=offering.agency,
        offering=offering,
        version=offering.version,
        person=whose.person,
        task=whose.task,
        attendance=whose.attendance,
        mandate=whose.mandate,
        party=whose.party,
        step_id=step_id,
        salt=secrets.token_bytes(16),
        locale=locale,
        created_at=now,
        changed_at=now,
    )
    draft.answers = hidden(draft, given)
    draft.save()
    return draft


def may_tell(draft: Draft) -> bool:
    """Whether what is known of the applicant may be shown: not to a caller who did not prove who they are."""
    return draft.attendance is None or draft.attendance.is_identified


def known_answers(bundle: Bundle, step_id: str, person: Person) -> dict[str, Any]:
    """What the person need not type again: name, RUN, address of contact (art. 17 d)."""
    known = {
        "person.full_name": person.full_name,
        "person.run": run_of(person),
        "person.email": person.email,
        "person.phone": person.phone,
    }
    fields = bundle.fields_of(step_id)
    return {field.id: known[field.prefill] for field in fields if field.prefill and known[field.prefill]}


def open_draft(*, offering: Offering, by: Person) -> Draft | None:
    """The person's latest unfinished application of the procedure, if any, begun on whichever version."""
    drafts = Draft.objects.filter(
        person=by,
        version__procedure=offering.version.procedure_id,
        agency=offering.agency,
        filed_at=None,
        task=None,
        original=None,
    )
    drafts = drafts.filter(attendance=None, mandate=None)
    return drafts.order_by("-changed_at").first()


def open_drafts(person: Person) -> list[Draft]:
    """The person's unfinished applications, the latest first."""
    drafts = Draft.objects.filter(person=person, filed_at=None, task=None).select_related(
        "version", "agency", "offering", "attendance", "mandate__grantor_person", "mandate__grantor_organisation"
    )
    return [draft for draft in drafts.order_by("-changed_at") if not draft.is_at_counter]


def read(draft: Draft) -> dict[str, Any]:
    """The answers so far, sensitive ones opened."""
    return _opened(draft, draft.answers)


def half_typed(draft: Draft) -> dict[str, Any]:
    """What was typed and is no answer yet, of sensitive questions opened."""
    return _opened(draft, draft.typed)


def _opened(draft: Draft, kept: Mapping[str, Any]) -> dict[str, Any]:
    return {
        field_id: answers.reveal(draft.ref, field_id, value["sealed"]) if _is_sealed(value) else value
        for field_id, value in kept.items()
    }


def _is_sealed(value: Any) -> bool:
    return isinstance(value, dict) and set(value) == {"sealed"}


def hidden(draft: Draft, given: Mapping[str, Any]) -> dict[str, Any]:
    """Answers as they are kept: those of sensitive questions sealed."""
    fields = bundle_of(draft.version).fields_of(draft.step_id)
    sensitive = {field.id for field in fields if field.sensitive}
    return {
        field_id: {"sealed": answers.hide(draft.ref, field_id, value)} if field_id in sensitive else value
        for field_id, value in given.items()
    }


def scope(draft: Draft, given: Mapping[str, Any]) -> dict[str, Any]:
    """Data for rules while filling: this step's answers as they stand, and those of the case for a correction."""
    before = dict(draft.task.process.data) if draft.task else {}
    return {**before, draft.step_id: dict(given)}


def page_form(
    draft: Draft,
    page: int,
    data: Any = None,
    files: Any = None,
    *,
    stored: bool = False,
    now: datetime | None = None,
) -> PageForm:
    """The form of one page, counted from 1, with what is stored; `stored` checks that as if it were sent now.

    From the day of `now` are counted the limits of dates; without it, from the day of the last answer.
    """
    bundle = bundle_for(draft)
    return build_form(
        bundle=bundle,
        step_id=draft.step_id,
        page=page,
        answers=scope(draft, read(draft)),
        data=data,
        files=files,
        stored=stored,
        around=around(draft, now),
        typed=half_typed(draft),
        pesos=pesos_on(local_date(draft.changed_at, draft.agency.time_zone)) if bundle.uses_indicators else None,
    )


def around(draft: Draft, now: datetime | None = None) -> Around:
    """What the questions of a draft may ask for: its proofs, the lists of its agency as they were when it began, and
    the day from which limits are counted: for a correction, that on which the application was filed."""

    filed = draft.task.process.filed_at if draft.task is not None else None

    def lists() -> ListPlace:
        return ListPlace((draft.agency_id, draft.version.procedure.owner_id), filed or draft.created_at)

    return Around(
        lists=lists,
        proof=EmailProofs(draft),
        own_cases=lambda *wanted: _own_cases(draft, *wanted),
        commune=lambda: draft.agency.commune,
        today=lambda: local_date(filed or now or draft.changed_at, draft.agency.time_zone),
    )


def _own_cases(draft: Draft, procedure: str, only_open: bool) -> list[dict[str, str]]:
    """The applications of whoever the draft is for, the latest first; an organisation's are not offered here."""
    if not isinstance(draft.applicant, Person) or not may_tell(draft):
        return []
    found = own_cases(draft.applicant).exclude(ref=draft.ref)
    found = found.filter(version__procedure__code=procedure) if procedure else found
    found = (found.filter(finished=None) if only_open else found).order_by("-filed_at")[:MOST_CASES]
    return [{"code": case.ref, "label": case.number, "title": case.title} for case in found]


def listed_sample(draft: Draft, question: Field, given: Mapping[str, Any]) -> Any:
    """What a question of a long list, or of another application, admits first, for rehearsals; None for any other."""
    if question.type == "own_case":
        return next(iter(_own_cases(draft, question.only_procedure or "", question.only_open)), None)
    place = around(draft).lists() if question.list_code else None
    version = version_at(place, question.list_code or "") if place else None
    if version is None:
        return None
    above = given.get(question.under or "")
    parent = above["code"] if isinstance(above, dict) else above
    entry = entries_of(version.pk, parent if question.under else None).first()
    if entry is None:
        return None
    return {"code": entry.code, "label": entry.label, "list": question.list_code, "version": version.number}


def proofs_of(form: PageForm) -> EmailProofs:
    """The proofs of the page's addresses."""
    assert isinstance(form.around.proof, EmailProofs)
    return form.around.proof


@transaction.atomic
def save(
    *,
    draft: Draft,
    changed: Mapping[str, Any],
    removed: set[str],
    now: datetime,
    sent: trails.Sent | None = None,
    typed: Mapping[str, Any] | None = None,
) -> Draft:
    """Keep the answers of a page and drop the hidden ones; `sent` when the page was sent whole. Raises AlreadyFiled.

    `typed`: what is no answer yet of each question of the page, None for nothing.
    """
    current = Draft.objects.select_for_update(of=("self",)).select_related("version").get(pk=draft.pk)
    if current.filed_at is not None:
        raise AlreadyFiled
    if current.signing_since is not None:
        raise BeingSigned
    kept = {name: value for name, value in current.answers.items() if name not in removed}
    current.answers = {**kept, **hidden(current, changed)}
    half = {name: value for name, value in (typed or {}).items() if value is not None}
    others = {name: value for name, value in current.typed.items() if name not in (typed or {})}
    current.typed = others | hidden(current, half)
    current.revision += 1
    current.changed_at = now
    if sent is not None:
        current.trail = trails.after(current.trail, sent, begun=current.created_at, now=now)
    current.save(update_fields=["answers", "typed", "revision", "changed_at", "trail"])
    return current


def sent(draft: Draft, page: int, form: PageForm) -> trails.Sent:
    """A page, counted from 1, as it was just sent: its id, and the questions that were not answered well."""
    found = bundle_of(draft.version).form_of(draft.step_id)
    assert found is not None
    own = found.pages[page - 1]
    names = [name.removeprefix("q-") for name in form.errors] if form.problems else []
    wrong = tuple(one.id for one in own.fields if any(re.match(rf"{one.id}(?:$|[-_])", name) for name in names))
    return trails.Sent(own.id, wrong, form.is_valid())


def complete_answers(draft: Draft, now: datetime | None = None) -> dict[str, Any]:
    """All answers, each page that is asked valid as the server sees it now, and none that leads to a way out.

    Give `now` where the person can still change an answer whose day has passed. Raises Incomplete with the first page
    that is not.
    """
    complete: dict[str, Any] = {}
    for page in pages_asked(draft):
        form = page_form(draft, page, stored=True, now=now)
        if not form.is_valid() or form.exit is not None:
            raise Incomplete(page)
        complete.update(form.cleaned_answers())
    return complete


def pages_asked(draft: Draft) -> list[int]:
    """The pages that are asked with the answers so far, counted from 1."""
    return [asked.number for asked in asked_now(draft, read(draft))]


def asked_now(draft: Draft, given: Mapping[str, Any]) -> list[AskedPage]:
    """The pages that are asked with these answers, in the language of the draft."""
    return asked_pages(bundle_for(draft), draft.step_id, scope(draft, given))[0]


def bundle_for(draft: Draft) -> Bundle:
    """The procedure in the language of the draft, as far as it is translated, marked for the page's language."""
    return bundle_of(draft.version).spoken(draft.locale, get_language() or "es")


def languages(draft: Draft) -> list[str]:
    """Languages beyond those of the pages in which the questions can be read."""
    pages = {code for code, _name in settings.LANGUAGES}
    return sorted(set(bundle_of(draft.version).translations) - pages)


def speak(*, draft: Draft, locale: str) -> None:
    """Ask the questions of the draft in a language from now on; what is filed keeps the one that was shown."""
    draft.locale = locale
    Draft.objects.filter(pk=draft.pk, filed_at=None).update(locale=locale)


def follow_page(draft: Draft) -> None:
    """Let the questions follow the language of the pages, unless the person chose one that the pages lack."""
    page_language = get_language() or "es"
    if draft.filed_at is None and draft.locale != page_language and draft.locale not in languages(draft):
        speak(draft=draft, locale=page_language)


def shown(draft: Draft, given: Mapping[str, Any]) -> dict[str, Any]:
    """Exactly what the signing page shows."""
    return answers.presentation(bundle_of(draft.version), draft.step_id, given, draft.locale, left_blank(draft, given))


def left_blank(draft: Draft, given: Mapping[str, Any]) -> set[str]:
    """The questions that are asked with these answers and have none."""
    asked = (question for page in asked_now(draft, given) for question in page.fields if question.is_question)
    return {question.id for question in asked} - given.keys()


def shown_hash(draft: Draft, given: Mapping[str, Any]) -> str:
    """What a signing intent is bound to; another answer gives another hash."""
    return answers.shown_hash(bytes(draft.salt), shown(draft, given))
