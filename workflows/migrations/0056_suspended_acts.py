"""The acts whose effects an appeal suspended under an older version say so too."""

from zoneinfo import ZoneInfo

from django.db import migrations
from django.db.models import Q


def note_suspended(apps, schema_editor):
    """Of appeals that go on. An act has the same in every file that holds a copy of it."""
    documents = apps.get_model("documents", "Document")
    granted = apps.get_model("workflows", "ActSuspension").objects.filter(state="granted", case__finished=None)
    for one in granted.select_related("document", "agency").defer("document__content").order_by("pk"):
        signed = one.document.copy_of_id or one.document_id
        since = one.decided_at.astimezone(ZoneInfo(one.agency.time_zone)).date().isoformat()
        for act in documents.objects.filter(Q(pk=signed) | Q(copy_of=signed)).only("pauses"):
            if all(pause["order"] != one.pk for pause in act.pauses):
                act.pauses = [*act.pauses, {"order": one.pk, "by": one.resolution, "since": since, "until": ""}]
                act.save(update_fields=["pauses"])


class Migration(migrations.Migration):

    dependencies = [
        ('documents', '0009_copies_and_pauses'),
        ('workflows', '0055_facts_withdrawn'),
    ]

    operations = [
        migrations.RunPython(note_suspended, migrations.RunPython.noop, elidable=True),
    ]
