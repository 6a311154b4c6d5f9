"""The Django form of a page of a procedure: the same code decides on the page and on submission.

Without script a page cannot show a question while the person fills it in. So each question drawn leaves a mark
(`_visto`): an answer that opens a question without a mark brings the page back with «Necesitamos un dato más».
"""

from collections.abc import Mapping
from typing import Any

from procedures.around import NOWHERE, Around
from procedures.expressions import Pesos
from procedures.forms.pages import PageForm
from procedures.forms.problems import Problem, problems_of
from procedures.forms.questions import Box, first_control
from procedures.forms.sending import stored_data
from procedures.schema import Bundle
from procedures.visibility import Scope

__all__ = ["Box", "PageForm", "Problem", "build_form", "first_control", "problems_of", "stored_data"]


def build_form(
    *,
    bundle: Bundle,
    step_id: str,
    page: int | None,
    answers: Scope,
    data: Any = None,
    files: Any = None,
    stored: bool = False,
    label_as_heading: bool = False,
    pesos: Pesos | None = None,
    around: Around = NOWHERE,
    typed: Mapping[str, Any] | None = None,
) -> PageForm:
    """The form of a page of a step, counted from 1, or of all its pages (`page=None`).

    `answers` is what rules may read, by step and question; what the step itself already has stands there too.
    `stored=True` checks the stored answers as if they were sent now. `label_as_heading=True` makes the label of a
    lone question the heading of the page: then `form.draws_heading`, and the page writes no h1 of its own.
    `pesos` has what UF and UTM are worth that day, for formulas and hints; `around`, what questions need to know
    beyond the answers; `typed`, what an earlier `half_typed` gave. KeyError when the step has no form.
    """
    if stored:
        data = stored_data(bundle, step_id, answers)
    return PageForm(
        bundle=bundle,
        step_id=step_id,
        page=page,
        answers=answers,
        data=data,
        files=files,
        label_as_heading=label_as_heading,
        pesos=pesos or {},
        around=around,
        typed=typed or {},
    )
