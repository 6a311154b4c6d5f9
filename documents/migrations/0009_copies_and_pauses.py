"""Which act a document is a copy of, and when the effects of an act were suspended."""

import django.db.models.deletion
from django.db import migrations, models


def name_originals(apps, schema_editor):
    """A copy has what was signed, to the byte, and no code of its own: the code printed in it is the original's."""
    documents = apps.get_model("documents", "Document")
    acts = documents.objects.exclude(definition_id="").exclude(content_sha256="")
    for copy in acts.filter(code=None, sha256__gt="", item__isnull=False).only("pk", "agency_id", "content_sha256"):
        signed = acts.filter(code__isnull=False, agency_id=copy.agency_id, content_sha256=copy.content_sha256)
        documents.objects.filter(pk=copy.pk).update(copy_of=signed.order_by("pk").first())


class Migration(migrations.Migration):

    dependencies = [
        ('documents', '0008_changed_by'),
    ]

    operations = [
        migrations.AddField(
            model_name='document',
            name='copy_of',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='copies', to='documents.document'),
        ),
        migrations.AddField(
            model_name='document',
            name='pauses',
            field=models.JSONField(default=list, db_default=models.Value([], models.JSONField())),
        ),
        migrations.RunPython(name_originals, migrations.RunPython.noop, elidable=True),
    ]
