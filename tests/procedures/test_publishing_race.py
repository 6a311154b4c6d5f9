"""Several people publish the same procedure at the same moment."""

from pathlib import Path

import pytest

from tests.jobs import databases

CERTIFICATE = Path(__file__).parents[2] / "examples" / "certificado_patente_vigente.yaml"
PREPARE = """
from accounts.models import Agency
Agency.objects.create(code="muni", name="Municipalidad", commune="16301")
"""
PUBLISH = f"""
import os
from pathlib import Path
from accounts.models import Agency
from legaltime.api import now
from procedures.api import publish
text = Path({str(CERTIFICATE)!r}).read_text().replace("No tiene costo.", f"No cuesta nada ({{os.getpid()}}).")
publish(text=text, agency=Agency.objects.get(), by=None, now=now(), role_bindings={{}})
"""
COUNT = """
from procedures.models import Offering, ProcedureVersion
numbers = sorted(ProcedureVersion.objects.values_list("number", flat=True))
print(numbers, Offering.objects.filter(effective_to=None).count())
"""


def published_at_once(env: dict[str, str]) -> str:
    databases.migrate(env)
    databases.output(databases.python(PREPARE, env=env))
    databases.together(PUBLISH, env=env, processes=3)
    return databases.output(databases.python(COUNT, env=env)).strip()


def test_three_people_publish_at_once_and_one_version_is_open_on_sqlite(tmp_path: Path) -> None:
    assert published_at_once(databases.environment(tmp_path)) == "[1, 2, 3] 1"


@pytest.mark.services
def test_three_people_publish_at_once_and_one_version_is_open_on_postgresql(tmp_path: Path, postgres_url: str) -> None:
    assert published_at_once(databases.environment(tmp_path, DATABASE_URL=postgres_url)) == "[1, 2, 3] 1"
