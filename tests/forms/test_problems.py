"""The error summary of forms that no procedure defines."""

from __future__ import annotations

from typing import Any

import pytest
from django import forms

from procedures.api import Problem, problems_of


class Visit(forms.Form):
    day = forms.DateField()
    how = forms.ChoiceField(choices=[("a", "A"), ("b", "B")], widget=forms.RadioSelect)

    def clean(self) -> dict[str, Any]:
        raise forms.ValidationError("No se atiende ese día")


@pytest.mark.parametrize("prefix", [None, "visita"])
def test_each_line_of_the_summary_leads_to_a_control_that_is_on_the_page(prefix: str | None) -> None:
    form = Visit({}, auto_id="id-%s", prefix=prefix)
    drawn = str(form)
    targets = [problem.target for problem in problems_of(form)]
    assert len(targets) == 3
    assert targets[2] == "main"  # what is wrong with the whole leads to the page, where no control can mend it
    assert all(f'id="{target}"' in drawn for target in targets[:2])


def test_why_it_was_refused_comes_last_and_leads_to_what_mends_it() -> None:
    form = Visit({"how": "a"}, auto_id="id-%s")
    assert problems_of(form, ValueError("Ese día ya pasó"), at="id-day")[-1] == Problem("id-day", "Ese día ya pasó")
    assert problems_of(Visit(), "Ese día ya pasó") == [Problem("", "Ese día ya pasó")]
