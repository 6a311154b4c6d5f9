"""Django's SQLite backend (fair writers: see jobs helper)."""

from django.db.backends.sqlite3.base import DatabaseWrapper as DatabaseWrapper  # noqa: F401
