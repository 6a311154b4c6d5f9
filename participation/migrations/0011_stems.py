from typing import Any

from django.db import migrations, models

from participation.operations.subjects import stems_of


def fill(apps: Any, editor: Any) -> None:
    """What searches read of the subjects that exist."""
    subjects = apps.get_model("participation", "Subject").objects
    for subject in subjects.only("title", "body_name", "summary").iterator():
        found = stems_of(subject.title, subject.body_name, subject.summary)
        subjects.filter(pk=subject.pk).update(stems=found)


class Migration(migrations.Migration):
    dependencies = [("participation", "0010_one_hold")]

    operations = [
        migrations.AddField(model_name="subject", name="stems", field=models.TextField(blank=True, default="")),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
