"""The log of what was shown, so that a ranking can be criticised with data."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.db import transaction

from participation.models import Exposure


@transaction.atomic
def record_exposure(*, subjects: Sequence[int], order: str, on: date) -> None:
    """Note that a list with these subjects was shown on a day; nothing of the visitor."""
    if subjects:
        Exposure.objects.create(day=on, order=order[:10], subjects=list(subjects))
