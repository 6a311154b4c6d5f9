from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("workflows", "0042_joinders"),
    ]

    operations = [
        migrations.RenameField(model_name="outage", old_name="reached_at", new_name="asked_at"),
    ]
