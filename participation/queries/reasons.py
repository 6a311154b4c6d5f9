"""Why an institution said "no", in the words of the procedure in which it answered."""

from __future__ import annotations

from django.utils.translation import get_language

from participation.models import Answer
from participation.queries.promises import ANSWER
from procedures.api import RegisterStep, bundle_of, display_value
from procedures.models import ProcedureVersion
from workflows.models import Case

REASON = "reason"
"""The value that the procedure may register beside the answer."""


def reason_in_words(answer: Answer) -> str:
    """The reason as who answered read it, in the visitor's language where the procedure has it; empty without one."""
    if not answer.code or answer.case_id is None:
        return answer.code
    version = ProcedureVersion.objects.get(pk=Case.objects.values_list("version_id", flat=True).get(pk=answer.case_id))
    language = get_language() or "es"
    bundle = bundle_of(version).spoken(language, language)
    for step in bundle.all_steps():
        if isinstance(step, RegisterStep) and ANSWER in step.values and REASON in step.values:
            return display_value(bundle.field(step.values[REASON]), answer.code)
    return answer.code
