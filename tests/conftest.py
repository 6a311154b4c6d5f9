"""What all tests share: services on demand, and the rule that continuous integration skips nothing."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

pytest_plugins = ["tests.services.fixtures"]

# A busy machine makes any example slow; how long one takes is not what a test tells.
hypothesis_settings.register_profile("busy", suppress_health_check=[HealthCheck.too_slow], deadline=None)
hypothesis_settings.load_profile("busy")


def pytest_configure() -> None:
    """Say that SQLite's test database is in memory.

    pytest-django knows it of Django's own backend only, and would give each parallel worker a file instead.
    """
    database = settings.DATABASES["default"]
    if database["ENGINE"].endswith("sqlite"):
        database.setdefault("TEST", {})["NAME"] = ":memory:"


def pytest_report_header() -> list[str]:
    """Name the database and the services before the first test."""
    from tests.services.fixtures import summary  # not earlier: pytest must load it as a plugin first

    url = os.environ.get("DATABASE_URL", "")
    return [f"Base de datos: {'PostgreSQL' if url.startswith('postgres') else 'SQLite'}", *summary()]


@pytest.fixture(autouse=True)
def no_signing_key_outlives_its_test() -> Iterator[None]:
    """The demonstration's certificates carry the clock and the people of the test that made them."""
    yield
    shutil.rmtree(Path(settings.DATA_DIR) / "keys" / "signing", ignore_errors=True)


def in_ci() -> bool:
    """Whether this is continuous integration, where a skipped test is a failed run."""
    return os.environ.get("CI", "").lower() in {"1", "true"}


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail the run when it skipped something that continuous integration must run."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is None or not in_ci() or not reporter.stats.get("skipped"):
        return
    reporter.write_line("CI no omite pruebas, y esta vez se omitieron algunas.", red=True)
    session.exitstatus = pytest.ExitCode.TESTS_FAILED
