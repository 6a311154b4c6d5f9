"""Filing without signing in, where a law lets a person just say who they are (Ley 20.285 art. 12).

Whoever began an application, or shows its number and its code, holds it in the session of the browser. The person of
such a case belongs to it alone: nothing that somebody else filed can ever be found there.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.http import HttpRequest

from accounts.api import keep_declared_person, name_declared_person
from documents.api import new_code
from procedures.api import bundle_of, display_value
from procedures.models import Offering
from signatures.api import Limit
from workflows import drafts
from workflows.commands import corrections, filing
from workflows.models import Case, CaseParty, Channel, Draft

BEGUN = Limit("case.declared.begun", 20, 60)
"""Applications that one network may begin."""
FILED = Limit("case.declared.filed", 10, 60)
"""Applications that one network may file."""
ADDRESSED = Limit("case.declared.addressed", 5, 24 * 60)
"""Applications that may be filed with the same e-mail address, so that nobody is flooded with receipts."""
MOST_HELD = 10
_HELD = "declared"


def law_of(offering: Offering) -> str:
    """The norm that lets people file it without signing in; empty where they must."""
    return bundle_of(offering.version).start.declared_identity or ""


def hold(request: HttpRequest, ref: str) -> None:
    """Let this browser go on with an application, under a session key that nobody knew before."""
    session = request.session
    session[_HELD] = [*[one for one in session.get(_HELD, []) if one[0] != ref], [ref, request.user.pk]][-MOST_HELD:]
    session.cycle_key()


def is_held(request: HttpRequest, ref: str) -> bool:
    """Whether this browser began the application or showed its number and code, before nobody else came in with it.

    Whoever signs in on the phone on which somebody applied without an account is another person, as far as anybody
    knows: they show the number and the code again.
    """
    return [ref, request.user.pk] in request.session.get(_HELD, [])


@transaction.atomic
def begin(*, offering: Offering, now: datetime, locale: str) -> Draft:
    """Open a draft for somebody of whom nothing is known yet."""
    return drafts.begin(offering=offering, by=keep_declared_person(key=new_code()), now=now, locale=locale)


@transaction.atomic
def file(*, draft: Draft, now: datetime) -> Case:
    """File it for whoever the answers name. Raises what filing raises, and drafts.Incomplete."""
    if draft.task is not None:
        corrections.answer_correction(draft=draft, by=draft.person, signature=None, now=now)
        answered: Case = draft.task.process
        return answered
    given = drafts.complete_answers(draft)
    name_declared_person(person=draft.person, name=_said(draft, given, "names"), email=address_of(draft, given))
    case = filing.start(draft=draft, by=draft.person, signature=None, now=now, channel=Channel.DECLARED)
    CaseParty.objects.filter(case=case).update(postal_address=_said(draft, given, "medium", "address")[:300])
    return case


def address_of(draft: Draft, given: Mapping[str, Any]) -> str:
    """The e-mail address that was given, if any."""
    return _said(draft, given, "medium", "email")


def _said(draft: Draft, given: Mapping[str, Any], meaning: str, kind: str = "") -> str:
    fields = bundle_of(draft.version).fields_of(draft.step_id)
    wanted = [field for field in fields if field.art30 == meaning and kind in ("", field.type)]
    return next((display_value(field, given[field.id]) for field in wanted if given.get(field.id)), "")
