"""Each table says whether it holds personal data, why, and until when (docs/privacy.csv)."""

import csv

from django.apps import apps

from tests.house import tree

COLUMNS = ["model", "personal_data", "purpose", "retention"]


def declarations() -> list[dict[str, str]]:
    with (tree.ROOT / "docs/privacy.csv").open(newline="") as file:
        reader = csv.DictReader(file)
        assert reader.fieldnames == COLUMNS
        return list(reader)


def our_models() -> set[str]:
    return {model._meta.label for model in apps.get_models() if model._meta.app_label in tree.layers()}


def test_every_model_is_declared_once() -> None:
    named = [row["model"] for row in declarations()]
    assert len(named) == len(set(named))
    assert set(named) == our_models()


def test_every_declaration_is_complete() -> None:
    for row in declarations():
        assert all(row[column] for column in COLUMNS), row["model"]
