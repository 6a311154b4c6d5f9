"""What was filed may only be added to: corrections are submissions of their own."""

from django.db import migrations

from audit.triggers import append_only


class Migration(migrations.Migration):
    dependencies = [("workflows", "0002_draft_salt")]

    operations = [append_only("workflows_submission")]
