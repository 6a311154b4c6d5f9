"""A draft begun on a version no longer offered: what changed for the person, and going on with the present one."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db import transaction

from legaltime.api import local_date
from procedures.api import Bundle, Change, Field, bundle_of, changes, display_value, offering_for
from procedures.models import Offering
from workflows import answers, drafts
from workflows.errors import AlreadyFiled
from workflows.models import Draft
from workflows.versions.fitting import still_holds

_RENEWED = ("offering", "version", "step_id", "answers", "typed", "set_aside", "revision", "changed_at")
SHOWN_OF_FICHA = ("audience", "requirements", "cost", "minutes", "response", "silence")
SHOWN_OF_QUESTION = ("id", "label", "hint", "type", "required", "options")
"""What of a procedure changes something for whoever fills it in."""


def newer(draft: Draft, on: date) -> Offering | None:
    """What the agency offers on that day in place of the version of the draft; None while that one is offered.

    Answers to a correction and appeals follow the version of their case, and what was begun in a pilot that ended goes
    on with it. Who is invited to a pilot meets it here too. Reads nothing while the version is open.
    """
    if draft.offering.effective_to is None or draft.task_id is not None or draft.original_id is not None:
        return None
    if draft.offering.is_pilot:
        return None
    offered = offering_for(draft.agency.code, draft.version.procedure.code, on, **_whom(draft))
    return offered if offered is not None and offered.version_id != draft.version_id else None


def _whom(draft: Draft) -> dict[str, int | None]:
    """Whom a pilot would invite, as when the draft was begun: who fills it in, or is attended, and where."""
    if draft.attendance is not None:
        return {"person_id": draft.attendance.person_id, "unit_id": draft.attendance.membership.role.unit_id}
    return {"person_id": None if draft.person.is_declared else draft.person_id}


def what_changed(draft: Draft, target: Offering) -> list[Change]:
    """The difference between both versions, as far as the person meets it."""
    return changes(_for_people(bundle_of(draft.version)), _for_people(bundle_of(target.version)))


def not_asked(draft: Draft, target: Offering) -> list[tuple[str, str]]:
    """Questions with the answers typed that the other version does not ask, or asks so that they no longer fit."""
    old, given = bundle_of(draft.version), drafts.read(draft)
    kept = _kept(draft, bundle_of(target.version), given)
    return [
        (one.label, display_value(one, given[one.id]))
        for one in old.fields_of(draft.step_id)
        if one.id in given and one.id not in kept
    ]


def set_aside(draft: Draft) -> list[tuple[str, str]]:
    """What was typed before and is not asked any more: question and answer in words."""
    return [(one["label"], answers.reveal(draft.ref, one["id"], one["sealed"])) for one in draft.set_aside]


@transaction.atomic
def renew(*, draft: Draft, now: datetime) -> Draft:
    """Let the draft go on in the version offered now. Every answer stays: in its question, or set aside in words.

    Changes nothing when its version is offered. Raises AlreadyFiled.
    """
    rows = Draft.objects.select_for_update(of=("self",)).select_related("version__procedure", "offering", "agency")
    current = rows.get(pk=draft.pk)
    if current.filed_at is not None:
        raise AlreadyFiled
    target = newer(current, local_date(now, current.agency.time_zone))
    if target is None:
        return current
    bundle, given, typed = bundle_of(target.version), drafts.read(current), drafts.half_typed(current)
    same = _asked_alike(bundle_of(current.version), current.step_id, bundle)
    kept = _kept(current, bundle, given)
    current.set_aside = [*current.set_aside, *_aside(current, given, kept)]
    current.offering, current.version, current.step_id = target, target.version, bundle.start.id
    current.answers = drafts.hidden(current, kept)
    current.typed = drafts.hidden(current, {name: value for name, value in typed.items() if name in same})
    current.revision += 1
    current.changed_at = now
    current.save(update_fields=_RENEWED)
    return current


def _kept(draft: Draft, bundle: Bundle, given: dict[str, Any]) -> dict[str, Any]:
    """The answers that the other version asks in the same way."""
    same = _asked_alike(bundle_of(draft.version), draft.step_id, bundle)
    return {name: answer for name, answer in given.items() if name in same and still_holds(*same[name], answer)}


def _asked_alike(old: Bundle, step_id: str, new: Bundle) -> dict[str, tuple[Field, Field]]:
    """The questions that both versions ask with the same kind of answer, each as it was and as it is."""
    now_asked = {one.id: one for one in new.fields_of(new.start.id)}
    return {
        one.id: (one, now_asked[one.id])
        for one in old.fields_of(step_id)
        if one.id in now_asked and now_asked[one.id].type == one.type
    }


def _aside(draft: Draft, given: dict[str, Any], kept: dict[str, Any]) -> list[dict[str, str]]:
    fields = bundle_of(draft.version).fields_of(draft.step_id)
    lost = [one for one in fields if one.id in given and one.id not in kept]
    return [
        {"id": one.id, "label": one.label, "sealed": answers.hide(draft.ref, one.id, display_value(one, given[one.id]))}
        for one in lost
    ]


def _for_people(bundle: Bundle) -> dict[str, Any]:
    """The part of a procedure that whoever fills it in meets."""
    data = bundle.model_dump(mode="json", exclude_defaults=True)
    asked = [form for form in data["forms"] if form["id"] == bundle.start.form]
    for page in (page for form in asked for page in form["pages"]):
        page["fields"] = [
            {name: value for name, value in field.items() if name in SHOWN_OF_QUESTION} for field in page["fields"]
        ]
    ficha = {name: value for name, value in data["ficha"].items() if name in SHOWN_OF_FICHA}
    told: dict[str, Any] = {key: data[key] for key in ("title", "summary", "term", "fees") if key in data}
    return {**told, "ficha": ficha, "forms": asked}
