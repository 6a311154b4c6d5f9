"""Encryption at rest: envelopes, files, blind indexes and rotation."""

import io
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
    CHUNK,
    blind_index,
    key_id_of,
    open_sealed,
    open_stream,
    rewrap,
    seal,
    seal_stream,
)

ENVELOPE = 65


@pytest.fixture(autouse=True)
def fresh_keys(settings: Settings, tmp_path: Path) -> Path:
    """Keys of this test alone, and no files that others sealed with theirs."""
    folder = tmp_path / "keys"
    settings.KEYS_DIR = folder
    settings.MEDIA_ROOT = tmp_path / "files"
    return folder


def sealed_file(plaintext: bytes, context: str = "blob:1") -> bytes:
    return b"".join(seal_stream(io.BytesIO(plaintext), context))


def opened_file(sealed: bytes, context: str = "blob:1") -> bytes:
    return b"".join(open_stream(io.BytesIO(sealed), context))


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


def test_a_value_is_not_a_file_and_a_file_is_not_a_value() -> None:
    with pytest.raises(SealBroken):
        opened_file(seal(b"x", "blob:1"))
    with pytest.raises(SealBroken):
        open_sealed(sealed_file(b"x"), "blob:1")


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK, 3 * CHUNK + 5])
def test_a_file_of_any_size_comes_back_whole(size: int) -> None:
    plaintext = bytes(place % 251 for place in range(size))
    assert opened_file(sealed_file(plaintext)) == plaintext


def test_a_file_cut_at_any_chunk_does_not_pass_for_a_shorter_one() -> None:
    sealed = sealed_file(b"x" * (3 * CHUNK))
    for chunks in (0, 1, 2):
        with pytest.raises(SealBroken):
            opened_file(sealed[: ENVELOPE + chunks * (CHUNK + 16)])
    with pytest.raises(SealBroken):
        opened_file(sealed[:-1])


def test_exchanged_repeated_and_foreign_chunks_are_noticed() -> None:
    sealed, other = sealed_file(b"a" * (3 * CHUNK)), sealed_file(b"b" * (3 * CHUNK))
    head, size = sealed[:ENVELOPE], CHUNK + 16
    first, second, third = (sealed[ENVELOPE + place * size :][:size] for place in range(3))
    foreign = other[ENVELOPE:][:size]
    for chunks in ([second, first, third], [first, first, third], [first, second, second, third], [foreign, second]):
        with pytest.raises(SealBroken):
            opened_file(head + b"".join(chunks))


def test_bytes_after_the_last_chunk_are_noticed() -> None:
    with pytest.raises(SealBroken):
        opened_file(sealed_file(b"x") + b"y")


def test_a_file_is_bound_to_its_place() -> None:
    with pytest.raises(SealBroken):
        opened_file(sealed_file(b"x", "blob:1"), "blob:2")


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
    value, file = seal(b"x", "person:1"), sealed_file(b"y" * CHUNK)
    for key_file in list(fresh_keys.glob("vault-*")):
        keyring.add_key()
        wrapped, wrapped_file = rewrap(value), rewrap(file)
        key_file.unlink()
    assert (wrapped[ENVELOPE:], wrapped_file[ENVELOPE:]) == (value[ENVELOPE:], file[ENVELOPE:])
    assert open_sealed(wrapped, "person:1") == b"x"
    assert opened_file(wrapped_file) == b"y" * CHUNK


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
    file.write_bytes(sealed_file(b"x" * (2 * CHUNK)))
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
    assert opened_file(file.read_bytes()) == b"x" * (2 * CHUNK)
    assert list(tmp_path.glob("tmp*")) == []
