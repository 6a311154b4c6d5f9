from typing import Any

from django.db import migrations, models
from django.db.models import F, Q


def reached(apps: Any, editor: Any) -> None:
    """Whoever recorded an outage before this asked for all of its cases at once."""
    apps.get_model("workflows", "Outage").objects.update(reached_at=F("recorded_at"))


class Migration(migrations.Migration):
    dependencies = [("workflows", "0038_listed_access")]

    operations = [
        migrations.AddField(model_name="outage", name="reached_at", field=models.DateTimeField(null=True)),
        migrations.RunPython(reached, migrations.RunPython.noop, elidable=True),
        migrations.AddIndex(
            model_name="deadlinechange",
            index=models.Index(
                fields=["outage"],
                name="outage_without_certificate",
                condition=Q(("certificate", None), ("outage__isnull", False)),
            ),
        ),
    ]
