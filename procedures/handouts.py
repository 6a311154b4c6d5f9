"""Files that people download, fill in and attach: kept by their digest, so that a published procedure never changes."""

from __future__ import annotations

import hashlib
from datetime import datetime
from pathlib import PurePath

from django.utils.translation import gettext as _

from accounts.models import Agency, Person
from procedures.errors import HandoutRefused
from procedures.findings import Finding, make_finding
from procedures.models import Handout
from procedures.schema import Bundle, Field

MAX_BYTES = 5 * 1024 * 1024
_OFFICE = "application/vnd.openxmlformats-officedocument"
MEDIA_TYPES = {
    ".pdf": "application/pdf",
    ".docx": f"{_OFFICE}.wordprocessingml.document",
    ".xlsx": f"{_OFFICE}.spreadsheetml.sheet",
    ".odt": "application/vnd.oasis.opendocument.text",
    ".ods": "application/vnd.oasis.opendocument.spreadsheet",
}
"""What a form to fill in may be, by the ending of its name."""


def keep_handout(*, agency: Agency, name: str, data: bytes, by: Person | None, now: datetime) -> dict[str, str]:
    """Keep a file to hand out; returns the `template` of a question: {"name", "sha256"}. Raises HandoutRefused."""
    path = PurePath(name.replace("\\", "/"))
    ending = path.suffix.lower()
    plain = "".join(char for char in path.stem if char.isprintable()).strip()[:80] or _("formulario")
    media_type = MEDIA_TYPES.get(ending)
    beginning = b"%PDF-" if ending == ".pdf" else b"PK\x03\x04"
    if media_type is None or not data.startswith(beginning):
        raise HandoutRefused(_("La plantilla debe ser PDF, Word, Excel u OpenDocument. Elige otro archivo."))
    if len(data) > MAX_BYTES:
        raise HandoutRefused(_("La plantilla pesa más de 5 MB. Elige un archivo más liviano."))
    digest = hashlib.sha256(data).hexdigest()
    kept, _made = Handout.objects.get_or_create(
        owner=agency,
        sha256=digest,
        defaults={
            "name": f"{plain}{ending}",
            "media_type": media_type,
            "content": data,
            "added_at": now,
            "added_by": by,
        },
    )
    return {"name": kept.name, "sha256": digest}


def lacking_handouts(bundle: Bundle) -> list[Finding]:
    """A finding for each file to hand out that nobody sent here."""
    named = {
        field.template.sha256: (place, field)
        for number, form in enumerate(bundle.forms)
        for index, page in enumerate(form.pages)
        for position, asked in enumerate(page.fields)
        for inside, field in [((), asked), *(((("fields", at), one)) for at, one in enumerate(asked.fields))]
        if field.template is not None
        for place in [("forms", number, "pages", index, "fields", position, *inside, "template")]
    }
    known = set(Handout.objects.filter(sha256__in=named).values_list("sha256", flat=True)) if named else set()
    return [_lacking(place, field) for digest, (place, field) in named.items() if digest not in known]


def _lacking(place: tuple[str | int, ...], field: Field) -> Finding:
    return make_finding(
        {},
        place,
        "no_handout",
        f"La plantilla de '{field.id}' no está guardada en este sitio.",
        "Súbala en la página de la pregunta, o con `manage.py procedures template`.",
    )
