"""Index items and numbers may only be added (R3): corrections are new entries."""

from django.db import migrations

from audit.triggers import append_only


class Migration(migrations.Migration):
    dependencies = [("documents", "0001_initial")]

    operations = [
        append_only("documents_fileitem"),
        append_only("documents_bookentry"),
        append_only("documents_documentaccess"),
    ]
