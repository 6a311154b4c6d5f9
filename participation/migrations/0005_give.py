from typing import Any

from django.db import migrations

GIVE = """
CREATE FUNCTION participation_give(
    to_subject bigint, by_person bigint, what text, through text, vouched_by text, given_at timestamptz, slots integer
) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    PERFORM id FROM accounts_person WHERE id = by_person FOR NO KEY UPDATE;
    INSERT INTO participation_support (subject_id, person_id, kind, door, provider, at)
    SELECT to_subject, by_person, what, through, vouched_by, given_at
     WHERE (SELECT COUNT(DISTINCT COALESCE(subject.merged_into_id, subject.id))
              FROM participation_support held
              JOIN participation_subject subject ON subject.id = held.subject_id
             WHERE held.person_id = by_person AND held.withdrawn_at IS NULL AND subject.closed_at IS NULL) < slots
        ON CONFLICT DO NOTHING;
    RETURN FOUND;
END $$
"""


def create(apps: Any, editor: Any) -> None:
    """PostgreSQL only: elsewhere a support is a statement of its own."""
    if editor.connection.vendor == "postgresql":
        editor.execute(GIVE)


def drop(apps: Any, editor: Any) -> None:
    """Take it away."""
    if editor.connection.vendor == "postgresql":
        editor.execute("DROP FUNCTION participation_give")


class Migration(migrations.Migration):
    """A support is given in one trip to the database: the person is locked first, then the limit is looked at.

    Each statement of a function of this kind sees what was committed before it began, so the count sees the support of
    whoever held the lock.
    """

    dependencies = [("participation", "0004_late_answers")]

    operations = [migrations.RunPython(create, drop)]
