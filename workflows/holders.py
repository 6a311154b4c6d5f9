"""Whose a document is: the second factor of the verification page for documents that are not public."""

from __future__ import annotations

from accounts.api import run_of
from documents.models import Document
from signatures.api import set_holder_check
from workflows.models import CaseParty

LAST = 4


def is_holder(document: Document, last4: str) -> bool:
    """Whether these are the last four characters of the RUN of an applicant of the document's case."""
    given = _plain(last4)
    parties = CaseParty.objects.filter(case__file=document.file_id, kind=CaseParty.Kind.APPLICANT)
    runs = [_plain(run_of(party.person)) for party in parties.select_related("person") if party.person]
    return len(given) == LAST and any(run[-LAST:] == given for run in runs)


def _plain(run: str) -> str:
    return "".join(char for char in run.lower() if char.isalnum())


def register() -> None:
    """Tell the verification page how to ask."""
    set_holder_check(is_holder)
