"""Supporting and taking it back. The person's row is locked, never the subject's: a hot subject makes nobody queue."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from accounts.models import Person
from participation.errors import IdentityNotAccepted, KindNotOffered, NoSlotLeft, NotOpenYet, SubjectClosed, TooMany
from participation.models import Door, Evidence, Residence, Stage, Subject, Support, WorthIt
from participation.models.supports import DEMONSTRATION
from participation.operations.subjects import freeze_rules, stored
from participation.queries.subjects import kinds_offered
from participation.rules import demand
from participation.rules.thresholds import SLOTS

WITHDRAWALS_A_DAY = 30
"""Supports that a person may take back in a day."""

_INSERT = """
INSERT INTO participation_support (subject_id, person_id, kind, door, provider, at)
SELECT {subject}, {person}, {kind}, {door}, {provider}, {at}
 WHERE (SELECT COUNT(DISTINCT COALESCE(subject.merged_into_id, subject.id))
          FROM participation_support held
          JOIN participation_subject subject ON subject.id = held.subject_id
         WHERE held.person_id = {person} AND held.withdrawn_at IS NULL AND subject.closed_at IS NULL) < {slots}
    ON CONFLICT DO NOTHING
"""
"""The one place that says when a support is inserted: both databases run it, each with its own names of the values."""
_VALUES = ("subject", "person", "kind", "door", "provider", "at", "slots")
_GIVE = "SELECT participation_give(%(subject)s, %(person)s, %(kind)s, %(door)s, %(provider)s, %(at)s, %(slots)s)"
_INSERT_HERE = _INSERT.format(**{name: f"%({name})s" for name in _VALUES}) + "RETURNING id"


def give_function() -> str:
    """PostgreSQL's function: it locks the person's row and then inserts. A migration keeps it; a test compares them."""
    names = {"subject": "to_subject", "person": "by_person", "kind": "what", "door": "through"}
    insert = _INSERT.format(**names, provider="vouched_by", at="given_at", slots="slots").strip()
    return f"""
CREATE OR REPLACE FUNCTION participation_give(
    to_subject bigint, by_person bigint, what text, through text, vouched_by text, given_at timestamptz, slots integer
) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    PERFORM id FROM accounts_person WHERE id = by_person FOR NO KEY UPDATE;
    {insert};
    RETURN FOUND;
END $$
"""


@dataclass(frozen=True)
class Given:
    """How an act of support came in: its door, and who vouched for the person."""

    provider: str
    door: str = Door.WEB


def provider_of(issuer: str) -> str:
    """The name under which an identity provider is counted: the host of its issuer."""
    return DEMONSTRATION if settings.DEMO else issuer.split("//")[-1].split("/")[0][:60]


def support(*, subject: Subject, kind: str, by: Person, given: Given, now: datetime) -> bool:
    """Give a support; whether it is new. Twice the same is no error: the first one stands.

    Raises SubjectClosed, KindNotOffered, IdentityNotAccepted and NoSlotLeft.
    """
    _check(subject, kind, given)
    if subject.threshold is None:
        freeze_rules(subject=subject)
    is_new = insert(subject_id=subject.pk, kind=kind, person_id=by.pk, given=given, now=now)
    if not is_new:
        _explain(subject, by)
    return is_new


def support_stored(*, subject: Subject, kind: str, by: Person, given: Given, now: datetime) -> bool:
    """The same for a ficha that may not be stored yet: a support that is refused leaves no request behind.

    Nor does it freeze the rules of one that nobody supports.
    """
    if subject.threshold is not None:
        return support(subject=subject, kind=kind, by=by, given=given, now=now)
    with transaction.atomic():
        return support(subject=stored(subject=subject, now=now), kind=kind, by=by, given=given, now=now)


def insert(*, subject_id: int, kind: str, person_id: int, given: Given, now: datetime) -> bool:
    """Lock the person, then insert unless the limit is reached or the support exists; whether it was inserted.

    Two statements, because the second must see what whoever held the lock before committed. On PostgreSQL a function
    holds both, so that a support is one trip to the database; on SQLite whoever writes has it to themselves.
    """
    row = (subject_id, person_id, kind, str(given.door), given.provider, _instant(now), SLOTS)
    values = dict(zip(_VALUES, row, strict=True))
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(_GIVE, values)
            return bool(cursor.fetchone()[0])
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_INSERT_HERE, values)
        return cursor.fetchone() is not None


def _instant(now: datetime) -> Any:
    """The instant as the database keeps it."""
    return connection.ops.adapt_datetimefield_value(now)


def _check(subject: Subject, kind: str, given: Given) -> None:
    if subject.closed_at is not None or not subject.listed:
        raise SubjectClosed
    if kind not in kinds_offered(subject):
        raise KindNotOffered
    if not settings.DEMO and given.provider == DEMONSTRATION:
        raise IdentityNotAccepted


def _explain(subject: Subject, by: Person) -> None:
    """Nothing was inserted: the limit, unless the person's support is already there."""
    if not Support.objects.filter(person=by, subject=subject, withdrawn_at=None).exists():
        raise NoSlotLeft


@transaction.atomic
def withdraw(*, subject: Subject, by: Person, now: datetime) -> bool:
    """Take a support back; whether there was one. The row stays, and the tally will publish the withdrawal.

    Raises TooMany when the person did so all day long: a script is stopped.
    """
    if Support.objects.filter(person=by, withdrawn_at__gt=now - timedelta(days=1)).count() >= WITHDRAWALS_A_DAY:
        raise TooMany(24)
    held = Support.objects.filter(subject=subject, person=by, withdrawn_at=None)
    return bool(held.update(withdrawn_at=now))


@transaction.atomic
def give_evidence(*, support: Support, told: dict[str, Any], now: datetime) -> Evidence | None:
    """Keep what the procedure costs this supporter; told again, it takes the place of the earlier one.

    None where nothing was told, now or before.
    """
    if not demand.says_something(told) and not Evidence.objects.filter(support=support).exists():
        return None
    evidence, _ = Evidence.objects.update_or_create(support=support, defaults={**told, "at": now})
    return evidence


@transaction.atomic
def declare_residence(*, person: Person, commune: str, now: datetime) -> Residence | None:
    """Keep where the person says they live (five-digit commune): for the spread of what they support.

    Empty: they would rather not say, any more or at all.
    """
    if not commune:
        Residence.objects.filter(person=person).delete()
        return None
    residence, _ = Residence.objects.update_or_create(person=person, defaults={"commune": commune, "declared_at": now})
    return residence


@transaction.atomic
def say_worth(*, subject: Subject, support: Support, yes: bool, now: datetime) -> WorthIt:
    """Keep whether what opened was worth it to a supporter; said again, it takes the place of the earlier answer.

    `support`: of the subject, or of one merged into it. Raises NotOpenYet.
    """
    if subject.stage not in (Stage.LIVE, Stage.MEASURED):
        raise NotOpenYet
    return WorthIt.objects.update_or_create(support=support, defaults={"yes": yes, "at": now})[0]
