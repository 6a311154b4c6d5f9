"""The log in the database: chains, erasure, and what tampering leaves behind."""

from datetime import UTC, datetime
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, IntegrityError, connection, transaction
from pytest_django import Settings

from audit import queries
from audit.api import Head, append, append_to_stream, erase_personal, register_heads, verify_all, verify_stream
from audit.models import Event, PersonalValue, StreamHead
from audit.operations import UnknownValue
from audit.triggers import lifted

NOON = datetime(2026, 11, 23, 15, 0, 0, 123456, tzinfo=UTC)
pytestmark = pytest.mark.django_db


def tell(stream: str = "publishing:1", kind: str = "procedure.published", **personal: object) -> Head:
    return append_to_stream(
        stream=stream, kind=kind, actor="person:1", at=NOON, body={"code": "patente"}, personal=personal
    )


def run_sql(statement: str, *values: str | int | bytes) -> None:
    """What somebody with the database's password could do, past the triggers."""
    with lifted(), connection.cursor() as cursor:
        cursor.execute(statement, values)


def test_events_follow_each_other_and_the_head_is_kept() -> None:
    heads = [tell(), tell(), tell()]
    assert [head.seq for head in heads] == [1, 2, 3]
    assert len({head.hash for head in heads}) == 3
    assert verify_stream("publishing:1").ok
    assert verify_stream("publishing:1").length == 3


def test_the_same_event_in_another_chain_has_another_hash() -> None:
    assert tell("publishing:1").hash != tell("publishing:2").hash


def test_a_case_keeps_its_head_on_a_row_of_its_own() -> None:
    first = append(stream="case:A", head=Head(), kind="case.started", actor="person:1", at=NOON, body={})
    second = append(stream="case:A", head=first, kind="case.closed", actor="person:1", at=NOON, body={})
    assert not StreamHead.objects.exists()
    assert verify_stream("case:A", second).ok
    assert verify_stream("case:A", first).broken_at == 2


def test_an_old_head_cannot_fork_a_chain() -> None:
    first = tell()
    tell()
    with pytest.raises(IntegrityError), transaction.atomic():
        append(stream="publishing:1", head=first, kind="procedure.withdrawn", actor="person:1", at=NOON, body={})


def test_one_changed_byte_is_found_at_its_place() -> None:
    for _ in range(4):
        tell()
    body = bytearray(Event.objects.get(seq=3).body)
    body[len(body) // 2] ^= 1
    run_sql("UPDATE audit_event SET body = %s WHERE seq = 3", bytes(body))
    verdict = verify_stream("publishing:1")
    assert (verdict.ok, verdict.broken_at) == (False, 3)


@pytest.mark.parametrize("column", ["kind", "actor"])
def test_a_changed_column_is_found_although_the_bytes_are_whole(column: str) -> None:
    tell()
    run_sql(f"UPDATE audit_event SET {column} = 'otra cosa'")
    assert "columnas" in verify_stream("publishing:1").reason


@pytest.mark.parametrize("place", [1, 2, 3])
def test_a_deleted_event_is_found_wherever_it_stood(place: int) -> None:
    for _ in range(3):
        tell()
    run_sql("DELETE FROM audit_event WHERE seq = %s", place)
    assert verify_stream("publishing:1").broken_at == place


def test_a_chain_that_vanished_whole_is_missed_by_its_head() -> None:
    tell()
    run_sql("DELETE FROM audit_event")
    assert [verdict.ok for verdict in verify_all()] == [False]


def test_a_chain_whose_head_was_deleted_is_not_good() -> None:
    tell()
    StreamHead.objects.all().delete()
    assert "falta la cabeza" in verify_stream("publishing:1").reason


def test_personal_values_are_not_in_the_hashed_bytes() -> None:
    tell(name="Ana Pérez")
    assert "Ana" not in bytes(Event.objects.get().body).decode()
    assert PersonalValue.objects.get().value == '"Ana Pérez"'


def test_erasing_a_personal_value_keeps_every_chain_valid() -> None:
    tell(name="Ana Pérez", mail="ana@example.cl")
    event = Event.objects.get()
    erase_personal(event_id=event.pk, path="name", by="person:9", now=NOON)
    erased = PersonalValue.objects.get(path="name")
    assert (erased.value, erased.salt) == (None, None)
    assert all(verdict.ok for verdict in verify_all())
    told = Event.objects.get(stream="erasures")
    assert (told.kind, told.actor) == ("personal.erased", "person:9")


def test_erasing_twice_tells_it_once_and_erasing_nothing_is_refused() -> None:
    tell(name="Ana Pérez")
    event = Event.objects.get()
    for _ in range(2):
        erase_personal(event_id=event.pk, path="name", by="person:9", now=NOON)
    assert Event.objects.filter(stream="erasures").count() == 1
    with pytest.raises(UnknownValue):
        erase_personal(event_id=event.pk, path="phone", by="person:9", now=NOON)


def test_a_replaced_personal_value_does_not_open_its_commitment() -> None:
    tell(name="Ana Pérez")
    run_sql("UPDATE audit_personalvalue SET value = %s", '"Otra Persona"')
    assert "compromiso" in verify_stream("publishing:1").reason


def test_a_deleted_personal_row_is_not_an_erasure() -> None:
    tell(name="Ana Pérez")
    run_sql("DELETE FROM audit_personalvalue")
    assert "faltan o sobran" in verify_stream("publishing:1").reason


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_event SET actor = 'nadie'",
        "DELETE FROM audit_event",
        "DELETE FROM audit_personalvalue",
        "UPDATE audit_personalvalue SET value = '\"Otra\"'",
        "UPDATE audit_personalvalue SET path = 'otro'",
        "UPDATE audit_personalvalue SET value = NULL, path = 'otro'",
    ],
)
def test_the_database_refuses_to_change_the_log(statement: str) -> None:
    tell(name="Ana Pérez")
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert verify_stream("publishing:1").ok


def test_the_database_refuses_to_empty_the_log_at_once() -> None:
    if connection.vendor != "postgresql":
        assert connection.vendor == "sqlite"  # which has no TRUNCATE
        return
    tell()
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("TRUNCATE audit_event CASCADE")
    assert Event.objects.count() == 1


def test_the_database_refuses_to_replace_an_event() -> None:
    if connection.vendor != "sqlite":
        assert connection.vendor == "postgresql"  # which has no REPLACE
        return
    tell()
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("INSERT OR REPLACE INTO audit_event SELECT * FROM audit_event")
    assert verify_stream("publishing:1").ok


def test_rooms_above_say_where_their_heads_live() -> None:
    head = append(stream="trial:A", head=Head(), kind="case.started", actor="person:1", at=NOON, body={})
    assert not verify_stream("trial:A").ok
    register_heads("trial", head_of={"trial:A": head, "trial:B": Head(1, b"x" * 32)}.get, streams=lambda: ["trial:B"])
    try:
        assert verify_stream("trial:A").ok
        assert [verdict.stream for verdict in verify_all() if not verdict.ok] == ["trial:B"]
    finally:
        del queries._keepers["trial"]


def verify_command(*arguments: str) -> str:
    out = StringIO()
    call_command("verify_audit", *arguments, stdout=out)
    return out.getvalue()


def test_the_command_counts_chains_and_events() -> None:
    tell()
    tell("publishing:2")
    assert "2 cadenas, 2 eventos" in verify_command()
    assert "1 cadenas, 1 eventos" in verify_command("publishing:2")


def test_the_command_names_the_chain_and_the_place_of_the_break() -> None:
    for _ in range(3):
        tell()
    run_sql("DELETE FROM audit_event WHERE seq = 2")
    out = StringIO()
    with pytest.raises(CommandError, match="1"):
        call_command("verify_audit", stdout=out)
    assert "Cadena publishing:1: rota en el evento 2: falta un evento." in out.getvalue()


def test_the_command_finds_a_table_that_lost_its_triggers() -> None:
    out = StringIO()
    on_table = " ON audit_event" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER audit_event_no_delete{on_table}")
    with pytest.raises(CommandError):
        call_command("verify_audit", stdout=out)
    assert "audit_event perdió sus disparadores" in out.getvalue()


@pytest.mark.django_db(transaction=True)
def test_the_demonstration_can_be_emptied_and_stays_guarded() -> None:
    tell()
    call_command("flush", interactive=False, verbosity=0)
    assert not Event.objects.exists()
    tell()
    with pytest.raises(DatabaseError):
        Event.objects.all().delete()


def test_production_cannot_be_emptied(settings: Settings) -> None:
    settings.DEMO = False
    with pytest.raises(CommandError, match="conservar"):
        call_command("flush", interactive=False)
