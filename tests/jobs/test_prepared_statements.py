"""PostgreSQL keeps the plan of what a connection asks often, unless a setting says that it must not."""

from pathlib import Path

import pytest

from tests.jobs import databases

ASK_OFTEN = """
from django.db import connection
from accounts.models import Agency
for number in range(8):
    assert not Agency.objects.filter(code=f"nadie-{number}").exists()
with connection.cursor() as cursor:
    cursor.execute("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%accounts_agency%'")
    print(cursor.fetchone()[0])
"""


@pytest.mark.parametrize(("prepares", "kept"), [("yes", "1"), ("no", "0")])
def test_what_is_asked_often_is_prepared_once(postgres_url: str, tmp_path: Path, prepares: str, kept: str) -> None:
    own = databases.environment(tmp_path, DATABASE_URL=postgres_url, SINPAPELEO_PREPARED_STATEMENTS=prepares)
    assert databases.output(databases.python(ASK_OFTEN, env=own)).strip() == kept
