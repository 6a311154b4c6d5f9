"""The lists of a rehearsal: those that its agency published, or invented ones where there are none yet."""

from __future__ import annotations

import csv
from datetime import datetime
from io import StringIO

from accounts.models import Agency
from procedures.api import Bundle, Field, ListPlace, entries_of, lists_of, publish_list, send_list, version_at

MOST = 500
"""Entries of a list that a rehearsal has at hand."""
Rows = list[tuple[str, str, str]]
"""Code, label and the code above."""


def stage_lists(agency: Agency, like: Agency | None, bundle: Bundle, now: datetime) -> None:
    """Publish for a rehearsal's agency every list that the procedure asks of."""
    made: dict[str, Rows] = {}
    for question in _listed(bundle):
        code = question.list_code or ""
        if code in made or lists_of([agency.pk]).filter(code=code).exists():
            continue
        above = next((one.list_code or "" for one in _listed(bundle) if one.id == question.under), "")
        made[code] = _published(like, code, now) or _invented(code, made.get(above, []))
        sent = send_list(agency=agency, title=code, content=_as_csv(made[code]), by=None, now=now)
        publish_list(version=sent, by=None, now=now)


def _listed(bundle: Bundle) -> list[Field]:
    """The questions of lists, in order, those of rows too."""
    asked = [question for form in bundle.forms for field in form.fields for question in (field, *field.fields)]
    return [question for question in asked if question.list_code]


def _published(like: Agency | None, code: str, now: datetime) -> Rows:
    version = version_at(ListPlace((like.pk,), now), code) if like is not None else None
    found = entries_of(version.pk)[:MOST] if version is not None else ()
    return [(entry.code, entry.label, entry.parent) for entry in found]


def _invented(code: str, above: Rows) -> Rows:
    """Two entries, or two under each of the list above."""
    parents = [row[0] for row in above] or [""]
    return [
        (f"{parent}{code}-{place}"[-60:], f"Ejemplo {place}", parent) for parent in parents for place in ("uno", "dos")
    ]


def _as_csv(rows: Rows) -> bytes:
    written = StringIO()
    csv.writer(written).writerows([("codigo", "nombre", "padre"), *rows])
    return written.getvalue().encode()
