from typing import Any

from django.db import migrations, models
from django.db.models import Min, Q

HELD = ("open", "upheld")


def let_go(apps: Any, editor: Any) -> None:
    """Nothing holds what was given back; of two reviews of the same support, the first one holds it."""
    items = apps.get_model("participation", "ReviewItem").objects
    items.exclude(review__state__in=HELD).update(holds=False)
    first = items.filter(holds=True).order_by().values("support").annotate(first=Min("pk")).values("first")
    items.filter(holds=True).exclude(pk__in=first).update(holds=False)


class Migration(migrations.Migration):
    dependencies = [("participation", "0009_assisted")]

    operations = [
        migrations.AddField(model_name="reviewitem", name="holds", field=models.BooleanField(default=True)),
        migrations.RunPython(let_go, migrations.RunPython.noop, elidable=True),
        migrations.AddConstraint(
            model_name="reviewitem",
            constraint=models.UniqueConstraint(
                fields=("support",), condition=Q(("holds", True)), name="one_hold_per_support"
            ),
        ),
    ]
