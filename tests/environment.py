"""Prepares the process before Django reads its settings; loaded by `-p tests.environment` (pyproject.toml).

A conftest.py would come too late: pytest-django reads the settings before it.
"""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

OURS = ("SINPAPELEO_", "EMAIL_", "OIDC_", "CELERY_", "TSA_", "S3_", "ALLOWED_HOSTS", "SECRET_KEY", "PORT")
KEPT = ("SINPAPELEO_NO_APT", "SINPAPELEO_TEST_POSTGRES")


def forget_the_developers_settings() -> None:
    """Remove what the developer's shell sets, so that the tests mean the same everywhere."""
    for name in list(os.environ):
        if name.startswith(OURS) and name not in KEPT:
            del os.environ[name]
    os.environ["SINPAPELEO_DEMO_PKI_PORT"] = "0"  # nobody serves it here; a test of time stamps starts its own


def use_a_private_data_folder() -> None:
    """Each process, and so each parallel worker, has a data folder of its own, removed at its end."""
    folder = tempfile.mkdtemp(prefix="sinpapeleo-test-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    os.environ["SINPAPELEO_DATA"] = folder
    (Path(folder) / "static").mkdir()  # WhiteNoise warns where it is missing, and warnings are errors


def use_postgres_when_asked() -> None:
    """`./test --postgres`: the whole suite on DATABASE_URL, or on a private server where none is given.

    Parallel workers inherit the variable from the process that started the server.
    """
    if os.environ.get("SINPAPELEO_TEST_POSTGRES") and not os.environ.get("DATABASE_URL"):
        from tests.services.postgres import PrivatePostgres

        server = PrivatePostgres.start()
        atexit.register(server.stop)
        os.environ["DATABASE_URL"] = server.url("sinpapeleo")


forget_the_developers_settings()
use_a_private_data_folder()
use_postgres_when_asked()
# How long a child process may take is told by its own tests; elsewhere a busy machine must not make a file unreadable.
os.environ["SINPAPELEO_CHILD_PATIENCE"] = "10"
# Playwright's synchronous interface runs inside an event loop, where Django refuses its ORM without this.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
# What a child process says must reach the test that waits for it, also through a pipe.
os.environ["PYTHONUNBUFFERED"] = "1"
