"""What was answered: reading the latest values of a step, and storing what a person files."""

from __future__ import annotations

import json
import secrets
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from django.conf import settings
from django.db.models import Prefetch, Q, QuerySet
from django.utils.translation import override

from accounts.api import open_sealed, seal
from audit.api import canonical_bytes, commitment, sha256_hex
from documents.models import Document
from procedures.api import Bundle, Field, display_value
from workflows.models import Case, CaseTask, Channel, Submission, SubmissionValue
from workflows.rounds import is_overtaken
from workflows.runtime import Run


def answers_ahead(path: str) -> Prefetch[str, QuerySet[Submission], str]:
    """Reads what was answered in all the cases of a list at once; `path` leads to their submissions."""
    values = Prefetch("values", SubmissionValue.objects.select_related("document"))
    filed = Submission.objects.filter(is_overtaken=False).select_related("amends").prefetch_related(values)
    return Prefetch(path, filed.order_by("-seq"), to_attr="read_ahead")


def sealing_context(ref: str, field_id: str) -> str:
    """Binds a sealed answer to its place, so that it cannot be moved to another."""
    return f"answer:{ref}:{field_id}"


def hide(ref: str, field_id: str, value: Any) -> str:
    """A sensitive value as it is kept in a draft."""
    return seal(json.dumps(value).encode(), sealing_context(ref, field_id)).hex()


def reveal(ref: str, field_id: str, sealed: str | bytes) -> Any:
    """The value behind `hide`, or behind the sealed column of a filed answer."""
    data = bytes.fromhex(sealed) if isinstance(sealed, str) else bytes(sealed)
    return json.loads(open_sealed(data, sealing_context(ref, field_id)))


def latest_values(case: Case, step_id: str) -> dict[str, SubmissionValue]:
    """{question id: value} of the step as it stands: its latest submission or correction, each of which is complete."""
    if hasattr(case, "read_ahead"):
        filed = (one for one in case.read_ahead if step_id in (one.step_id, one.amends and one.amends.step_id))
        return {value.field_id: value for one in islice(filed, 1) for value in one.values.all()}
    about_step = Q(step_id=step_id) | Q(amends__step_id=step_id)
    latest = Submission.objects.filter(about_step, case=case, is_overtaken=False).order_by("-seq").first()
    if latest is None:
        return {}
    return {value.field_id: value for value in latest.values.select_related("document")}


def plain(case: Case, value: SubmissionValue) -> Any:
    """The answer itself, opened where it is sensitive; None once erased."""
    if value.sealed is not None:
        return reveal(case.ref, value.field_id, bytes(value.sealed))
    return value.value


def answers_of(case: Case, step_id: str) -> dict[str, Any]:
    """{question id: latest answer} of a step, sensitive ones opened."""
    return {field_id: plain(case, value) for field_id, value in latest_values(case, step_id).items()}


def presentation(
    bundle: Bundle, step_id: str, answers: Mapping[str, Any], locale: str, blank: Collection[str] = ()
) -> dict[str, Any]:
    """The questions as the person saw them, in the language shown, with the answers in words (decision 9).

    `blank`: the questions that were asked and left without an answer. What they say of it is shown and signed too: who
    names no medium of notification is told which one it will be (art. 30).
    """
    page_language = locale if locale in dict(settings.LANGUAGES) else "es"
    sha256, bundle = bundle.sha256(), bundle.spoken(locale, page_language)
    with override(page_language):
        questions = list(_presented(bundle, step_id, answers, blank))
    return {
        "bundle": sha256,
        "step": step_id,
        "locale": locale,
        "statement": getattr(bundle.step(step_id), "statement", "") or "",
        "questions": questions,
    }


def _presented(
    bundle: Bundle, step_id: str, answers: Mapping[str, Any], blank: Collection[str]
) -> Iterator[dict[str, Any]]:
    for field in bundle.fields_of(step_id):
        if field.id in answers or field.id in blank:
            yield {
                "id": field.id,
                "label": field.label,
                "options": [option.label for option in field.options],
                "answer": display_value(field, answers.get(field.id)),
            }


def shown_hash(salt: bytes, shown: Mapping[str, Any]) -> str:
    """The hash that a signing intent is bound to: another answer, another hash."""
    return sha256_hex(bytes(salt) + canonical_bytes(shown))


def store(
    run: Run,
    *,
    step_id: str,
    answers: Mapping[str, Any],
    form_step: str,
    blank: Collection[str] = (),
    locale: str = "es",
    channel: str = Channel.WEB,
    amends: Submission | None = None,
    attachments: Mapping[str, Sequence[Document]] | None = None,
    occurrence: int = 1,
    task: CaseTask | None = None,
) -> Submission:
    """Append a submission with its values; rules read it, unless a later round overtook it. Never overwrites others."""
    salts = {field_id: secrets.token_bytes(16) for field_id in answers}
    shown = _committed(presentation(run.bundle, form_step, answers, locale, blank), salts)
    record = canonical_bytes({**shown, "step": step_id, "case": run.case.ref})
    submission = Submission.objects.create(
        case=run.case,
        agency_id=run.case.agency_id,
        step_id=step_id,
        occurrence=occurrence,
        seq=Submission.objects.filter(case=run.case).count() + 1,
        author=run.by,
        channel=channel,
        at=run.now,
        locale=locale,
        presentation=record,
        presentation_sha256=sha256_hex(record),
        amends=amends,
        is_overtaken=task is not None and is_overtaken(task),
    )
    answered = [field for field in run.bundle.fields_of(form_step) if field.id in answers]
    given = [(field, answers[field.id], salts[field.id]) for field in answered]
    _store_values(run, submission, given, attachments or {})
    if not submission.is_overtaken:
        run.project(form_step, {k: v for k, v in answers.items() if not _is_sensitive(run.bundle, form_step, k)}, task)
    run.record("submission.filed", {"step": step_id, "presentation": submission.presentation_sha256})
    return submission


def _committed(shown: dict[str, Any], salts: Mapping[str, bytes]) -> dict[str, Any]:
    """What was shown, with a commitment in the place of each answer; a blank has nothing to hide."""
    for question in shown["questions"]:
        if question["id"] in salts:
            question["answer"] = commitment(salts[question["id"]], question["answer"])
    return shown


def _store_values(
    run: Run,
    submission: Submission,
    given: list[tuple[Field, Any, bytes]],
    attached: Mapping[str, Sequence[Document]],
) -> None:
    stored = SubmissionValue.objects.bulk_create(
        _value(run, submission, field, answer, salt, next(iter(attached.get(field.id, ())), None))
        for field, answer, salt in given
    )
    for value in stored:
        more = attached.get(value.field_id, ())[1:]
        if more:
            value.more_documents.add(*more)


def _is_sensitive(bundle: Bundle, step_id: str, field_id: str) -> bool:
    return any(field.sensitive for field in bundle.fields_of(step_id) if field.id == field_id)


def _value(
    run: Run, submission: Submission, field: Field, answer: Any, salt: bytes, document: Document | None
) -> SubmissionValue:
    row = SubmissionValue(submission=submission, field_id=field.id, salt=salt, document=document)
    if field.sensitive:
        context = sealing_context(run.case.ref, field.id)
        row.sealed = seal(json.dumps(answer).encode(), context)
    else:
        row.value = answer
    return row
