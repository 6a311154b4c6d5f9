import re
import unicodedata
from typing import Any

import snowballstemmer
from django.db import migrations, models

EMPTY = frozenset(
    """a al ante con como cual cuando de del desde donde el ella en entre es esta este hacer hago ir la las le lo los
    me mi mis necesito no o para pedir por que quiero sacar se si sin sobre solicitar solicitud su sus tramite tramites
    tu un una uno y ya""".split()
)
STEMMER = snowballstemmer.stemmer("spanish")


def words_of(text: str) -> set[str]:
    decomposed = unicodedata.normalize("NFD", text.lower())
    plain = "".join(char for char in decomposed if not unicodedata.combining(char))
    found = {word[:40] for word in re.findall(r"[a-z0-9]+", plain)}
    return {word for word in found - EMPTY if len(word) > 1 or word.isdigit()}


def fill(apps: Any, editor: Any) -> None:
    """What searches read of the subjects that exist, as it was written when this column came."""
    subjects = apps.get_model("participation", "Subject").objects
    for subject in subjects.only("title", "body_name", "summary").iterator():
        found = words_of(f"{subject.title} {subject.body_name} {subject.summary}")
        stems = sorted({STEMMER.stemWord(word) for word in found})
        subjects.filter(pk=subject.pk).update(stems=f" {' '.join(stems)} ")


class Migration(migrations.Migration):
    dependencies = [("participation", "0010_one_hold")]

    operations = [
        migrations.AddField(model_name="subject", name="stems", field=models.TextField(blank=True, default="")),
        migrations.RunPython(fill, migrations.RunPython.noop, elidable=True),
    ]
