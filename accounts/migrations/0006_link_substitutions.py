"""Links the posts of substitutes to the absence for which they hold them, where it was noted before 0005."""

from typing import Any

from django.db import migrations


def link(apps: Any, schema_editor: Any) -> None:
    """A post "(S)" of the substitute, in a role of who is away and on the same days, is held for that absence."""
    posts = apps.get_model("accounts", "Membership").objects.filter(absence=None, post__endswith="(S)")
    for absence in apps.get_model("accounts", "Absence").objects.filter(substitute__isnull=False).order_by("pk"):
        same_days = {"starts_on": absence.starts_on, "ends_on": absence.ends_on}
        held = posts.filter(person=absence.substitute_id, role__memberships__person=absence.person_id, **same_days)
        posts.filter(pk__in=list(held.values_list("pk", flat=True))).update(absence=absence)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0005_absence_changes")]

    operations = [migrations.RunPython(link, migrations.RunPython.noop, elidable=True)]
