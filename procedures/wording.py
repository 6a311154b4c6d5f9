"""Conditions in words, in the language of the page or document that is being made."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext

from procedures import expressions
from procedures.schema import Bundle, Condition


def describe(condition: Condition, bundle: Bundle) -> str:
    """The condition as a phrase: «Giro» es «Alimentos» y «Superficie» es mayor que 100."""
    return expressions.describe(condition, bundle, gettext)


def values_read(condition: Condition, data: Mapping[str, Any], bundle: Bundle) -> list[tuple[str, str]]:
    """The data that a condition looks at with what each was worth, in words; sensitive ones are not shown."""
    return expressions.values_read(condition, data, bundle, gettext)
