from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("jobs", "0001_initial")]

    operations = [
        migrations.AddField(model_name="job", name="sends", field=models.PositiveIntegerField(default=0)),
        migrations.RemoveIndex(model_name="job", name="job_due"),
        migrations.RemoveIndex(model_name="job", name="job_sent"),
        migrations.AddIndex(
            model_name="job",
            index=models.Index(fields=["queue", "run_at"], name="job_due", condition=Q(run_at__isnull=False)),
        ),
        migrations.AddIndex(
            model_name="job",
            index=models.Index(fields=["queue", "run_at"], name="job_sent", condition=Q(state="sent")),
        ),
        migrations.AddIndex(
            model_name="job",
            index=models.Index(
                fields=["state", "id"], name="job_attention", condition=Q(state__in=["blocked", "dead", "unknown"])
            ),
        ),
    ]
