"""A private database with the job table and nothing else."""

from django.db import connection

from jobs.models import Job


def create() -> None:
    """Make the table, unless it is there."""
    if Job._meta.db_table not in connection.introspection.table_names():
        with connection.schema_editor() as editor:
            editor.create_model(Job)
