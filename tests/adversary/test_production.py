"""What stands between the network and a production installation: its settings, headers and cookies."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def production(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What an installation behind a proxy with TLS answers, from a process of its own."""
    folder = tmp_path_factory.mktemp("production")
    (folder / "static").mkdir()
    environment = {
        "PATH": os.environ["PATH"],
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "SINPAPELEO_DATA": str(folder),
        "SINPAPELEO_DEMO": "no",
        "SINPAPELEO_PUBLIC_URL": "https://tramites.example",
        "SINPAPELEO_BEHIND_PROXY": "yes",
        "ALLOWED_HOSTS": "tramites.example",
        "OIDC_ISSUER": "https://identidad.example",
    }
    command = [sys.executable, "-m", "tests.adversary.production"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=580, check=False)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_djangos_own_check_for_deployment_finds_nothing(production: dict[str, Any]) -> None:
    assert production["check"] == ""
    assert production["silenced"] == ["security.W021"]  # the reason stands beside the setting


def test_debugging_is_off_unless_asked_for(production: dict[str, Any]) -> None:
    assert production["debug"] is False


def test_browsers_keep_to_https_for_a_year_and_the_proxy_is_believed(production: dict[str, Any]) -> None:
    assert production["headers"]["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"
    assert production["plain"] == [301, "https://tramites.example/ayuda/"]


def test_every_cookie_is_bound_to_the_host_to_tls_and_to_the_site(production: dict[str, Any]) -> None:
    assert set(production["cookies"]) == {"__Host-csrf", "__Host-idioma"}
    for cookie in production["cookies"].values():
        assert (cookie["secure"], cookie["httponly"], cookie["samesite"]) == (True, True, "Lax")
        assert (cookie["path"], cookie["domain"]) == ("/", "")
    assert production["session"] == ["__Host-sp", True, True]


def test_another_host_name_is_not_answered(production: dict[str, Any]) -> None:
    status, page = production["stranger"]
    assert status == 400
    assert "otro.example" not in page


def test_nothing_of_the_demonstration_is_there(production: dict[str, Any]) -> None:
    assert production["demo_mailbox"] == 404


def test_no_folder_nor_file_of_the_program_is_served(production: dict[str, Any]) -> None:
    assert set(production["inside"].values()) == {404}


def test_a_trace_is_not_answered(production: dict[str, Any]) -> None:
    assert production["trace"] == 405


def test_a_failure_of_the_program_tells_nothing_of_it(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*arguments: Any) -> None:
        raise RuntimeError("detalle-interno /ruta/del/programa.py")

    monkeypatch.setattr("workflows.presenting.catalogue.home_context", fail)
    response = Client(raise_request_exception=False).get("/")
    page = response.content.decode()
    assert response.status_code == 500
    assert "Tuvimos un problema" in page
    for detail in ("detalle-interno", "RuntimeError", "Traceback", "citizen.py", "SECRET"):
        assert detail not in page
