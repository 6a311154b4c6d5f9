"""Every type of question has its card, with every setting that it admits."""

from typing import Any

import pytest
from django.http import QueryDict

from designer.cards import questions
from procedures.api import KEYS_BY_TYPE
from procedures.fields import KINDS
from procedures.schema import Field

ELSEWHERE = {"options", "fields", "template"}
"""Settings with a part of the page of their own: options, the questions of rows, the form to download."""


def made(kind: str) -> dict[str, Any]:
    return questions.converted({"id": "dato", "type": "text", "label": "Dato"}, kind)


def test_no_registered_type_lacks_a_card() -> None:
    assert set(questions.TYPE_NAMES) == set(KINDS)


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_setting_of_a_type_stands_on_its_card(kind: str) -> None:
    keys = {control.key.split(".")[0] for control in questions.controls(made(kind))}
    assert KEYS_BY_TYPE[kind] - ELSEWHERE <= keys


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_question_of_any_type_is_made_sound_by_choosing_the_type(kind: str) -> None:
    assert Field.model_validate(made(kind)).type == kind


def test_changing_the_type_of_a_published_question_loses_no_answer() -> None:
    """Each pair keeps what was answered: it still reads as an answer of the new type."""
    for before, into in questions.LOSSLESS.items():
        for after in into:
            old, new = Field.model_validate(made(before)), Field.model_validate(made(after))
            sample = KINDS[before].sample(old)
            assert KINDS[after].display(new, sample if after != "choices" else [sample])


def test_saving_the_options_keeps_what_the_card_does_not_show_of_them() -> None:
    only_when = {"all": [{"field": "inicio.otra", "op": "filled"}]}
    options = [{"id": "uno", "label": "Uno", "only_when": only_when}, {"id": "dos", "label": "Dos"}]
    item = {"id": "dato", "type": "choice", "label": "Dato", "options": options}
    assert questions.as_options(questions.option_rows(item, {}, extra=0), item) == options


def test_linked_options_keep_their_group_and_those_of_one_stand_together() -> None:
    data = QueryDict(mutable=True)
    for number, (label, group) in enumerate([("Pan", "Comida"), ("Libro", "Tienda")]):
        data.update({f"opcion-{number}-texto": label, f"opcion-{number}-grupo": group})
    data["pegar"] = "Comida: Carne\nTienda: Diario"
    made = questions.as_options(questions.typed_options(data), {"type": "linked"})
    assert [(option["group"], option["label"]) for option in made] == [
        ("Comida", "Pan"),
        ("Comida", "Carne"),
        ("Tienda", "Libro"),
        ("Tienda", "Diario"),
    ]
