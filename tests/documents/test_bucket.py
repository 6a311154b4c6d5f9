"""Files in an S3-compatible service: the same promises as on disk, and clear words when it does not answer."""

from datetime import timedelta
from pathlib import Path

import pytest
from pytest_django import Settings

from accounts.keyring import add_key, current_key_id
from accounts.rotation import count_by_key, rewrap_all
from documents import storage
from documents.api import BlobDamaged, FilesUnavailable, read_blob, store_blob
from documents.bucket import Bucket, bucket
from documents.models import Blob
from documents.operations import sweep_orphans
from legaltime.api import now as clock_now
from tests.documents.makers import NOW
from tests.services.processes import free_port
from tests.services.s3 import S3

TEXT = b"RUN 11.111.111-1, informe social"
pytestmark = [pytest.mark.services, pytest.mark.django_db]


@pytest.fixture
def s3(s3_server: S3, settings: Settings, tmp_path: Path) -> S3:
    """Files go to the bucket, which is empty."""
    settings.KEYS_DIR = tmp_path / "keys"
    for name, value in s3_server.environment.items():
        setattr(settings, name, value)
    s3_server.empty()
    return s3_server


def test_what_leaves_for_the_bucket_is_encrypted_and_named_at_random(s3: S3, settings: Settings) -> None:
    blob = store_blob(data=TEXT, media_type="text/plain", now=NOW)
    ((name, content),) = s3.contents().items()
    assert read_blob(blob) == TEXT
    assert b"informe" not in content
    assert blob.sha256 not in name
    assert not Path(settings.MEDIA_ROOT).exists()


def test_an_object_is_written_once(s3: S3) -> None:
    store_blob(data=TEXT, media_type="text/plain", now=NOW)
    ((name, content),) = s3.contents().items()
    key = name.replace("/", "")
    with pytest.raises(FilesUnavailable):
        bucket().put(key, b"otra cosa")
    bucket().put(key, content)  # our own try again, after its answer was lost
    assert s3.contents() == {name: content}


def test_a_missing_a_changed_and_an_exchanged_object_are_noticed(s3: S3) -> None:
    first = store_blob(data=TEXT, media_type="text/plain", now=NOW)
    (name,) = s3.contents()
    second = store_blob(data=TEXT, media_type="text/plain", now=NOW)
    (other,) = set(s3.contents()) - {name}
    s3.damage(name, s3.contents()[other])
    s3.damage(other, s3.contents()[other][:-1])
    for blob in (first, second):
        with pytest.raises(BlobDamaged):
            read_blob(blob)
    s3.empty()
    with pytest.raises(BlobDamaged):
        read_blob(first)


def test_orphans_of_a_day_are_swept_and_what_a_row_names_stays(s3: S3) -> None:
    kept = store_blob(data=TEXT, media_type="text/plain", now=NOW)
    orphan = store_blob(data=TEXT, media_type="text/plain", now=NOW)
    Blob.objects.filter(pk=orphan.pk).delete()
    assert sweep_orphans(now=clock_now()) == 0
    assert sweep_orphans(now=clock_now() + timedelta(hours=25)) == 1
    assert len(s3.contents()) == 1
    assert read_blob(kept) == TEXT


def test_a_rotation_of_keys_reaches_the_bucket(s3: S3) -> None:
    blob = store_blob(data=TEXT * 1000, media_type="text/plain", now=NOW)
    add_key()
    assert rewrap_all() == 1
    assert count_by_key()[current_key_id()] == 1
    assert read_blob(blob) == TEXT * 1000


def test_a_service_that_does_not_answer_is_not_a_damaged_file(s3: S3, settings: Settings) -> None:
    blob = store_blob(data=TEXT, media_type="text/plain", now=NOW)
    settings.S3_ENDPOINT = f"http://127.0.0.1:{free_port()}"
    with pytest.raises(FilesUnavailable, match="intenta de nuevo"):
        read_blob(blob)
    with pytest.raises(FilesUnavailable):
        store_blob(data=TEXT, media_type="text/plain", now=NOW)
    with pytest.raises(FilesUnavailable):
        sweep_orphans(now=clock_now())


def test_a_wrong_bucket_says_so_too(s3: S3, settings: Settings) -> None:
    settings.S3_BUCKET = "no-existe"
    with pytest.raises(FilesUnavailable):
        storage.write(TEXT, "text/plain")


def test_the_bucket_is_the_place_only_when_the_settings_name_one(s3: S3, settings: Settings) -> None:
    assert isinstance(storage.place(), Bucket)
    settings.S3_BUCKET = ""
    assert not isinstance(storage.place(), Bucket)
