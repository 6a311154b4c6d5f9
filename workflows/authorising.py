"""Whether the person lets other bodies send sensitive data for this case (Ley 19.880 arts. 24 bis, 30 f; R60)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from accounts.models import Person
from procedures.api import Bundle, bundle_of
from workflows.models import AuthorisationWithdrawal, Case, CaseParty, Submission


def was_given(case: Case, bundle: Bundle) -> bool:
    """Whether the application says yes; asks nothing of the database."""
    return bool(_answer(bundle, case.data.get(bundle.start.id, {})))


def is_refused(bundle: Bundle, given: Mapping[str, Any]) -> bool:
    """Whether the application says no; `given`: its answers by question."""
    return _answer(bundle, given) is False


def _answer(bundle: Bundle, given: Mapping[str, Any]) -> Any:
    name = _question(bundle)
    return given.get(name) if name else None


def is_given(case: Case) -> bool:
    """Whether the application says yes and nobody took it back since."""
    return was_given(case, bundle_of(case.version)) and not is_withdrawn(case)


def is_withdrawn(case: Case) -> bool:
    """Whether somebody took the authorisation back."""
    return withdrawal_of(case) is not None


def withdrawal_of(case: Case) -> AuthorisationWithdrawal | None:
    """When and by whom it was taken back; None while it stands."""
    return AuthorisationWithdrawal.objects.filter(case=case).first()


def given_in(case: Case) -> Submission | None:
    """What was filed when it was given: it says who, when, and in which words."""
    start = bundle_of(case.version).start.id
    return case.submissions.filter(step_id=start).select_related("author").order_by("seq").first()


def subject_of(case: Case) -> Person | None:
    """Of whom the data are: the natural person who applies first."""
    applicants = case.parties.filter(kind=CaseParty.Kind.APPLICANT, person__isnull=False).select_related("person")
    party = applicants.order_by("pk").first()
    return party.person if party else None


def _question(bundle: Bundle) -> str:
    """The question of art. 30 f in the application; "" where there is none."""
    asked = bundle.fields_of(bundle.start.id)
    return next((field.id for field in asked if field.art30 == "sensitive_authorisation"), "")
