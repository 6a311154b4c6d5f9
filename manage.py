#!/usr/bin/env python
"""Django's command line; people reach it as `./run manage …`."""

import gc
import os
import sys

WITHOUT_TABLES = "La base de datos no está al día con este código. Prepárala con: ./run manage migrate"


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    from django.core.management import execute_from_command_line
    from django.db import DatabaseError

    if sys.argv[1:2] == ["migrate"]:
        gc.set_threshold(200_000)  # it makes ten thousand classes: looking for garbage so often took half of its time
    try:
        execute_from_command_line(sys.argv)
    except DatabaseError:
        if "--traceback" in sys.argv or not _is_behind():
            raise
        sys.exit(WITHOUT_TABLES)


def _is_behind() -> bool:
    """Whether the database lacks migrations."""
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


if __name__ == "__main__":
    main()
