"""Stored bytes: encrypted, checked at every reading, and never lost before their row exists."""

import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import transaction
from pytest_django import Settings

from accounts.keyring import add_key
from accounts.rotation import rewrap_all
from accounts.vault import key_id_of
from documents.api import BlobDamaged, read_blob, store_blob
from documents.models import Blob
from documents.operations import sweep_orphans
from legaltime.api import now as clock_now
from tests.documents.makers import NOW

TEXT = b"RUN 11.111.111-1, informe social"


def stored_files(settings: Settings) -> list[Path]:
    return [path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()]


def test_what_is_stored_can_be_read_and_is_not_legible_on_disk(db: None, settings: Settings) -> None:
    blob = store_blob(data=TEXT, media_type="text/plain", now=NOW)
    (path,) = stored_files(settings)
    assert read_blob(blob) == TEXT
    assert b"informe" not in path.read_bytes()
    assert blob.sha256 not in str(path)


DAMAGES: list[Callable[[bytes], bytes]] = [
    lambda data: data[:-1],
    lambda data: data[:200] + b"x" + data[201:],
    lambda data: b"",
]


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_file_is_noticed(db: None, settings: Settings, damage: Callable[[bytes], bytes]) -> None:
    blob = store_blob(data=TEXT * 20, media_type="text/plain", now=NOW)
    (path,) = stored_files(settings)
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(BlobDamaged):
        read_blob(blob)


def test_two_files_cannot_change_places(db: None, settings: Settings) -> None:
    one, other = (store_blob(data=TEXT + tail, media_type="text/plain", now=NOW) for tail in (b"1", b"2"))
    first, second = stored_files(settings)
    content = first.read_bytes()
    first.write_bytes(second.read_bytes())
    second.write_bytes(content)
    for blob in (one, other):
        with pytest.raises(BlobDamaged):
            read_blob(blob)


def test_a_missing_file_is_noticed(db: None, settings: Settings) -> None:
    blob = store_blob(data=TEXT, media_type="text/plain", now=NOW)
    stored_files(settings)[0].unlink()
    with pytest.raises(BlobDamaged):
        read_blob(blob)


def test_a_rolled_back_upload_leaves_an_orphan_that_the_sweep_takes_after_a_day(db: None, settings: Settings) -> None:
    kept = store_blob(data=TEXT, media_type="text/plain", now=NOW)
    with transaction.atomic():
        store_blob(data=TEXT, media_type="text/plain", now=NOW)
        transaction.set_rollback(True)
    assert len(stored_files(settings)) == 2
    assert sweep_orphans(now=clock_now()) == 0
    assert sweep_orphans(now=clock_now() + timedelta(hours=25)) == 1
    assert read_blob(kept) == TEXT


def test_the_command_sweeps_and_says_how_many(db: None, settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    blob = store_blob(data=TEXT, media_type="text/plain", now=NOW)
    Blob.objects.filter(pk=blob.pk).delete()
    (path,) = stored_files(settings)
    os.utime(path, (0, 0))
    call_command("sweep_files")
    assert "Archivos borrados: 1" in capsys.readouterr().out
    assert stored_files(settings) == []


def test_after_a_rotation_of_keys_the_file_is_under_the_new_one_and_still_reads(
    db: None, settings: Settings, tmp_path: Path
) -> None:
    settings.KEYS_DIR = tmp_path / "keys"
    blob = store_blob(data=TEXT, media_type="text/plain", now=NOW)
    (path,) = stored_files(settings)
    before = key_id_of(path.read_bytes())
    add_key()
    rewrap_all()
    assert key_id_of(path.read_bytes()) != before
    assert read_blob(blob) == TEXT
