"""While a new version migrates, processes of the old one go on writing: docs/how-to/run-in-production.md, 7."""

from collections.abc import Iterator

from django.apps import apps
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations import AddField
from django.db.models import NOT_PROVIDED

RELEASED = {"accounts": 8, "designer": 7, "documents": 7, "notifications": 6, "participation": 13, "workflows": 45}
"""Number of the last migration of each room when this began to be looked at."""


def added_columns() -> Iterator[AddField]:
    """Columns that later migrations add to tables which may have rows."""
    rooms = {config.label for config in apps.get_app_configs()} & set(RELEASED)
    for (label, name), migration in MigrationLoader(None).disk_migrations.items():
        if label in rooms and int(name[:4]) > RELEASED[label]:
            yield from (operation for operation in migration.operations if isinstance(operation, AddField))


def test_the_old_version_can_write_rows_without_the_columns_of_the_new_one() -> None:
    found = list(added_columns())
    assert found
    assert [f"{one.model_name}.{one.name}" for one in found if not is_optional(one)] == []


def is_optional(added: AddField) -> bool:
    """Whether an INSERT may leave it out."""
    many = added.field.many_to_many or False
    return many or added.field.null or added.field.db_default is not NOT_PROVIDED
