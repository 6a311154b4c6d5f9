"""The files that the entries of a scenario name."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from procedures.api import Field, as_answer
from workflows import uploads
from workflows.models import Draft

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


def names_files(question: Field, value: Any) -> bool:
    """Whether an answer names the files that it should be, instead of holding them."""
    return question.type == "file" and all(isinstance(name, str) for name in _listed(value)) and bool(value)


def made(value: Any) -> list[SimpleUploadedFile]:
    """Files of these names, as a browser would send them."""
    return [SimpleUploadedFile(name, PDF) for name in _listed(value)]


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def kept_in_row(draft: Draft, group: Field, row: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """A row with its files, which it names, as its questions hold them."""
    kept = dict(row)
    for question in group.fields:
        if names_files(question, row.get(question.id)):
            name = f"{group.id}-{row['id']}-{question.id}"
            kept[question.id] = kept_files(draft, question, row[question.id], name, now)
    return kept


def kept_files(draft: Draft, question: Field, value: Any, name: str, now: datetime) -> Any:
    """Files of those names, as a question holds them; `name`: of its control."""
    kept = [
        uploads.keep(draft=draft, name=name, upload=SimpleUploadedFile(title, PDF), now=now) for title in _listed(value)
    ]
    return as_answer(kept, question)
