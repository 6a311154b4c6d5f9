"""Encryption at rest: envelopes, files, blind indexes and rotation."""

import stat
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from pytest_django import Settings

from accounts import keyring, rotation
from accounts.errors import KeyMissing, SealBroken
from accounts.models import Person
from accounts.operations import get_or_create_person
from accounts.queries import person_by_run, run_of
from accounts.vault import (
    blind_index,
    key_id_of,
    open_sealed,
    rewrap,
    seal,
)

ENVELOPE = 65


@pytest.fixture(autouse=True)
def fresh_keys(settings: Settings, tmp_path: Path) -> Path:
    """Keys of this test alone, and no files that others sealed with theirs."""
    folder = tmp_path / "keys"
    settings.KEYS_DIR = folder
    settings.MEDIA_ROOT = tmp_path / "files"
    return folder


def test_what_is_sealed_opens_in_its_place_and_nowhere_else() -> None:
    sealed = seal(b"12345678-5", "person:1")
    assert open_sealed(sealed, "person:1") == b"12345678-5"
    with pytest.raises(SealBroken):
        open_sealed(sealed, "person:2")


def test_the_same_value_is_never_sealed_alike() -> None:
    assert seal(b"12345678-5", "person:1") != seal(b"12345678-5", "person:1")


def test_every_single_byte_of_a_sealed_value_counts() -> None:
    sealed = seal(b"12345678-5", "person:1")
    for place in range(len(sealed)):
        altered = bytearray(sealed)
        altered[place] ^= 1
        with pytest.raises((SealBroken, KeyMissing)):
            open_sealed(bytes(altered), "person:1")


@given(st.binary(max_size=200))
@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_bytes_at_all_open_by_chance(junk: bytes) -> None:
    with pytest.raises((SealBroken, KeyMissing)):
        open_sealed(junk, "person:1")


def test_keys_are_readable_by_their_owner_only(fresh_keys: Path) -> None:
    seal(b"x", "person:1")
    blind_index("x", "person.run")
    assert stat.S_IMODE(fresh_keys.stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in fresh_keys.iterdir()} == {0o600}
    assert len(list(fresh_keys.iterdir())) == 2


def test_after_rotation_the_new_key_seals_and_the_old_one_still_opens() -> None:
    old = seal(b"x", "person:1")
    new_id = keyring.add_key()
    assert key_id_of(old) != new_id == key_id_of(seal(b"x", "person:1"))
    assert open_sealed(old, "person:1") == b"x"


def test_rewrapping_changes_the_envelope_and_not_the_data(fresh_keys: Path) -> None:
    value = seal(b"x", "person:1")
    for key_file in list(fresh_keys.glob("vault-*")):
        keyring.add_key()
        wrapped = rewrap(value)
        key_file.unlink()
    assert wrapped[ENVELOPE:] == value[ENVELOPE:]
    assert open_sealed(wrapped, "person:1") == b"x"


def test_a_missing_key_is_named_and_nothing_is_guessed(fresh_keys: Path) -> None:
    sealed = seal(b"x", "person:1")
    next(fresh_keys.glob("vault-*")).unlink()
    with pytest.raises(KeyMissing, match=f"Falta la llave {key_id_of(sealed)}"):
        open_sealed(sealed, "person:1")


def test_a_blind_index_depends_on_value_purpose_and_key(settings: Settings, tmp_path: Path) -> None:
    index = blind_index("12345678", "person.run")
    assert index == blind_index("12345678", "person.run")
    assert index != blind_index("12345679", "person.run")
    assert index != blind_index("12345678", "person.document")
    settings.KEYS_DIR = tmp_path / "other"
    assert index != blind_index("12345678", "person.run")


def sealed_runs() -> set[bytes]:
    return {bytes(person.run_sealed or b"") for person in Person.objects.all()}


@pytest.mark.django_db
def test_the_command_rewraps_every_person_and_finds_them_afterwards() -> None:
    for run in ("41.111.111-3", "42.222.222-7"):
        get_or_create_person(run, "Ana")
    before = sealed_runs()
    out = StringIO()
    call_command("rotate_keys", stdout=out)
    after = sealed_runs()
    assert "Valores envueltos de nuevo: 2." in out.getvalue()
    assert {key_id_of(sealed) for sealed in after} == {keyring.current_key_id()}
    assert not before & after
    person = person_by_run("41111111-3")
    assert person is not None
    assert run_of(person) == "41111111-3"


@pytest.mark.django_db
def test_an_interrupted_rotation_is_finished_without_another_key() -> None:
    get_or_create_person("41.111.111-3", "Ana")
    keyring.add_key()
    out = StringIO()
    call_command("rotate_keys", "--continuar", stdout=out)
    assert "Valores envueltos de nuevo: 1." in out.getvalue()
    assert len(keyring.key_ids()) == 2


@pytest.mark.django_db
def test_sealed_files_are_rewrapped_too_and_no_key_in_use_looks_idle(tmp_path: Path) -> None:
    file = tmp_path / "blob"
    file.write_bytes(seal(b"x" * 100_000, "blob:1"))
    old = key_id_of(file.read_bytes())
    rotation.register_sealed_files("test", lambda: [rotation.FileOnDisk(file)])
    try:
        keyring.add_key()
        assert rotation.count_by_key() == {old: 1}
        assert rotation.rewrap_all() == 1
        assert rotation.count_by_key() == {keyring.current_key_id(): 1}
        assert rotation.rewrap_all() == 0
    finally:
        del rotation._files["test"]
    assert open_sealed(file.read_bytes(), "blob:1") == b"x" * 100_000
    assert list(tmp_path.glob("tmp*")) == []
