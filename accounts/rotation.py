"""Re-wrapping of everything sealed under an older key."""

from collections import Counter
from collections.abc import Iterator

from django.apps import apps
from django.db import models, transaction

from accounts.keyring import current_key_id
from accounts.vault import key_id_of, rewrap

_columns: set[tuple[str, str]] = set()


def register_sealed(model: str, field: str) -> None:
    """Names a column of sealed values ("accounts.Person", "run_sealed") that rotation must re-wrap."""
    _columns.add((model, field))


def rewrap_all() -> int:
    """Re-wraps every value that is not under the current key; returns how many. May be run again at any time."""
    current = current_key_id()
    return sum(_rewrap_row(*place) for place in _places() if place[3] != current)


def count_by_key() -> Counter[str]:
    """How many values each key seals."""
    return Counter(key_id for *_, key_id in _places())


def _places() -> Iterator[tuple[type[models.Model], str, int, str]]:
    """Model, field, primary key and key id of each sealed value."""
    for label, field in sorted(_columns):
        model = apps.get_model(label)
        rows = model._default_manager.filter(**{f"{field}__isnull": False}).values_list("pk", field)
        for pk, sealed in rows.iterator():
            yield model, field, pk, key_id_of(bytes(sealed))


@transaction.atomic
def _rewrap_row(model: type[models.Model], field: str, pk: int, key_id: str) -> int:
    """Re-wraps one value under its row's lock, so that a write meanwhile is not lost."""
    row = model._default_manager.select_for_update().only("pk", field).get(pk=pk)
    setattr(row, field, rewrap(bytes(getattr(row, field))))
    row.save(update_fields=[field])
    return 1
