import hashlib
from typing import Any

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q

from audit.triggers import append_only

REASONS = [
    ("duplicate", "Ya está en el catálogo o propuesta: apoya esa"),
    ("not_procedure", "No pide cambiar un trámite del Estado"),
    ("personal", "Trae datos personales, o habla de un caso particular"),
    ("offensive", "Ofende a personas o grupos"),
    ("advertising", "Es publicidad o trae enlaces"),
    ("unclear", "No se entiende qué se pide"),
]


def already_public(apps: Any, editor: Any) -> None:
    """Addenda that were published before anybody moderated them stay published."""
    judgements = apps.get_model("participation", "Judgement").objects
    for addendum in apps.get_model("participation", "Addendum").objects.order_by("pk").iterator():
        digest = hashlib.sha256(addendum.text.encode()).hexdigest()
        judgements.create(addendum=addendum, text_digest=digest, publish=True, is_final=True, at=addendum.at)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0007_language"), ("participation", "0012_following")]

    operations = [
        migrations.CreateModel(
            name="Judgement",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("text_digest", models.CharField(max_length=64)),
                ("publish", models.BooleanField()),
                ("reason", models.CharField(blank=True, choices=REASONS, default="", max_length=15)),
                ("is_final", models.BooleanField()),
                ("at", models.DateTimeField()),
                (
                    "addendum",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="judgements",
                        to="participation.addendum",
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.person",
                    ),
                ),
                (
                    "proposal",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="judgements",
                        to="participation.proposal",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(("addendum__isnull", False), ("proposal", None))
                        | Q(("addendum", None), ("proposal__isnull", False)),
                        name="judgement_of_one",
                    ),
                    models.CheckConstraint(
                        condition=Q(("publish", True)) | ~Q(("reason", "")), name="judgement_refusal_has_reason"
                    ),
                    models.UniqueConstraint(
                        condition=Q(("is_final", True)), fields=("addendum",), name="one_judgement_per_addendum"
                    ),
                ],
            },
        ),
        migrations.RunPython(already_public, migrations.RunPython.noop, elidable=True),
        append_only("participation_judgement"),
        migrations.AlterField(
            model_name="review",
            name="state",
            field=models.CharField(
                choices=[
                    ("open", "en revisión"),
                    ("upheld", "excluidos"),
                    ("restored", "restituidos"),
                    ("lapsed", "restituidos porque nadie decidió a tiempo"),
                ],
                default="open",
                max_length=10,
            ),
        ),
        migrations.AddIndex(
            model_name="residence", index=models.Index(fields=["declared_at"], name="residence_by_time")
        ),
    ]
