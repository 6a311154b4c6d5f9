"""An agency and a folder of its own for each test of documents."""

from pathlib import Path

import pytest
from pytest_django import Settings

from accounts.models import Agency


@pytest.fixture(autouse=True)
def own_folder(settings: Settings, tmp_path: Path) -> None:
    """Stored files of this test alone."""
    settings.MEDIA_ROOT = tmp_path / "files"


@pytest.fixture
def agency(db: None) -> Agency:
    """A municipality in Chillán."""
    return Agency.objects.create(code="chillan", name="Municipalidad de Ejemplo", commune="16101")
