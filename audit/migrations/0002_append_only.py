"""Events may only be added; of a personal value, only the value and its salt may be emptied."""

from django.db import migrations

from audit.triggers import append_only


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]

    operations = [
        append_only("audit_event"),
        append_only("audit_personalvalue", allow_null_of=("salt", "value")),
    ]
