"""Two real processes drain the same job table at the same moment; each message leaves once."""

import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller

from tests.jobs.databases import environment, migrate, output, python, together
from tests.notifications.servers import Server
from tests.services.processes import free_port

NOTICES = 12

WRITE = f"""
from accounts.api import get_or_create_person
from accounts.models import Agency
from legaltime.api import now
from notifications.api import Said, send_notice
agency = Agency.objects.create(code="chillan", name="Municipalidad de Ejemplo", commune="16101")
ana = get_or_create_person("11.111.111-1", "Ana", "Araya")
for number in range({NOTICES}):
    send_notice(person=ana, agency=agency, file=None, case_ref="", case_id=None,
                say=lambda number=number: Said(str(number), "Hola"), email="ana@correo.example", now=now())
"""

DRAIN = "from jobs.api import drain; drain()"

DRAIN_WITHOUT_A_CLAIM = """
from jobs.models import Job
from notifications.handlers import EmailHandler
handler = EmailHandler()
for job in Job.objects.filter(state="ready"):
    handler.call(handler.prepare(job), "control")
"""
"""The control: what two workers do when neither takes the job before sending."""


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder whose database has its tables and nothing in them."""
    folder = tmp_path_factory.mktemp("tables")
    migrate(environment(folder))
    return folder


@pytest.fixture
def post_office() -> Iterator[tuple[Server, int]]:
    """A real SMTP server and its port, for other processes."""
    behaviour, port = Server(), free_port()
    controller = Controller(behaviour, hostname="127.0.0.1", port=port)
    controller.start()
    yield behaviour, port
    controller.stop()


@pytest.mark.parametrize(("code", "copies"), [(DRAIN, {1}), (DRAIN_WITHOUT_A_CLAIM, {2})])
def test_two_workers_at_once_send_each_message_once(
    post_office: tuple[Server, int], tables: Path, tmp_path: Path, code: str, copies: set[int]
) -> None:
    server, port = post_office
    folder = shutil.copytree(tables, tmp_path / "data")
    env = environment(folder, EMAIL_HOST="127.0.0.1", EMAIL_PORT=str(port))
    output(python(WRITE, env=env))
    together(code, env=env, processes=2)
    sent = Counter(message["Message-ID"] for message in server.messages)
    assert len(sent) == NOTICES
    assert set(sent.values()) == copies
