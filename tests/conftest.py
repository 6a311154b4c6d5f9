"""What all tests share: services on demand, and the rule that continuous integration skips nothing."""

import gc
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.utils import translation
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

pytest_plugins = ["tests.services.fixtures"]

# A busy machine makes any example slow; how long one takes is not what a test tells.
hypothesis_settings.register_profile("busy", suppress_health_check=[HealthCheck.too_slow], deadline=None)
hypothesis_settings.load_profile("busy")

LONG = (
    "tests/production/",
    "tests/concurrency/",
    "tests/faults/",
    "tests/browser/test_every_page.py",
    "tests/workflows/test_proof.py",
    "tests/workflows/test_permission_matrix.py",
    "tests/jobs/test_worker.py",
    "tests/jobs/test_migrate.py",
    "tests/jobs/test_concurrency.py",
    "tests/documents/test_rendering.py",
    "tests/designer/test_rebuilding.py",
)
"""Files of a minute or more."""


def pytest_configure() -> None:
    """Say that SQLite's test database is in memory.

    pytest-django knows it of Django's own backend only, and would give each parallel worker a file instead.
    """
    database = settings.DATABASES["default"]
    if database["ENGINE"].endswith("sqlite"):
        database.setdefault("TEST", {})["NAME"] = ":memory:"


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None, request: pytest.FixtureRequest
) -> Iterator[None]:
    """The test database begins as a copy of migrated tables; `migrate` then finds nothing left to do."""
    from tests.services import migrated  # not earlier: pytest must load what it imports as a plugin first

    database = settings.DATABASES["default"]
    if not database["ENGINE"].endswith("sqlite"):
        server = request.getfixturevalue("postgres_server")
        database.setdefault("TEST", {})["TEMPLATE"] = server.template()
        yield
        return
    name = connection.creation._get_test_db_name()  # type: ignore[attr-defined]
    with (
        closing(sqlite3.connect(name, uri=True)) as kept_open,
        closing(sqlite3.connect(migrated.sqlite_file())) as made,
    ):
        made.backup(kept_open)
        yield


def pytest_report_header() -> list[str]:
    """Name the database and the services before the first test."""
    from tests.services.fixtures import summary  # not earlier: pytest must load it as a plugin first

    url = os.environ.get("DATABASE_URL", "")
    return [f"Base de datos: {'PostgreSQL' if url.startswith('postgres') else 'SQLite'}", *summary()]


@pytest.fixture(autouse=True)
def no_language_outlives_its_test() -> Iterator[None]:
    """Django's test client leaves the language of its last request in the thread."""
    yield
    translation.deactivate()


@pytest.fixture(autouse=True)
def no_signing_key_outlives_its_test() -> Iterator[None]:
    """The demonstration's certificates carry the clock and the people of the test that made them."""
    yield
    shutil.rmtree(Path(settings.DATA_DIR) / "keys" / "signing", ignore_errors=True)


def in_ci() -> bool:
    """Whether this is continuous integration, where a skipped test is a failed run."""
    return os.environ.get("CI", "").lower() in {"1", "true"}


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes minutes begins first, so that parallel workers end together."""
    items.sort(key=lambda item: not item.nodeid.startswith(LONG))


def pytest_collection_finish() -> None:
    """What is loaded by now stays until the end: looking through it for garbage again and again costs a tenth."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000)


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail the run when it skipped something that continuous integration must run."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is None or not in_ci() or not reporter.stats.get("skipped"):
        return
    reporter.write_line("CI no omite pruebas, y esta vez se omitieron algunas.", red=True)
    session.exitstatus = pytest.ExitCode.TESTS_FAILED
