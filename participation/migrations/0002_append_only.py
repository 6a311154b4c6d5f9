from django.db import migrations

from audit.triggers import append_only


class Migration(migrations.Migration):
    dependencies = [("participation", "0001_initial")]

    operations = [
        append_only("participation_support", allow_update_of=["withdrawn_at"]),
        append_only("participation_tallybatch"),
        append_only("participation_tallyline", allow_update_of=["tag"]),
        append_only("participation_addendum"),
        append_only("participation_stageevent"),
    ]
