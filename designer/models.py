"""Procedures under construction, with every change that was made to them."""

from __future__ import annotations

import json
import zlib
from typing import Any

from django.db import models

from accounts.models import Agency, Person
from procedures.models import Procedure, ProcedureVersion


class ProcedureDraft(models.Model):
    """A procedure that people of an agency are writing: the bundle's data, sound or not."""

    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="procedure_drafts")
    code = models.CharField(max_length=60)
    title = models.CharField(max_length=300)
    procedure = models.ForeignKey(Procedure, null=True, on_delete=models.PROTECT, related_name="drafts")
    """Set once a version of it was published."""
    based_on = models.ForeignKey(ProcedureVersion, null=True, on_delete=models.PROTECT, related_name="drafts")
    """The version that the changes are compared with."""
    content = models.JSONField()
    bindings = models.JSONField(default=dict)
    """Which role of the agency fills each role slot, {slot: id of the role}; not part of the bundle."""
    revision = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    changed_at = models.DateTimeField()
    changed_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["agency", "code"], name="one_draft_per_agency_and_code")]

    def __str__(self) -> str:
        return self.title


class DraftRevision(models.Model):
    """The content of a draft after a change: who made it, when, and what it was in a sentence."""

    draft = models.ForeignKey(ProcedureDraft, on_delete=models.CASCADE, related_name="revisions")
    number = models.PositiveIntegerField()
    packed = models.BinaryField()
    """The content as JSON, deflated."""
    address = models.CharField(max_length=400, blank=True, default="")
    """The item that was changed, as links write it; empty for the whole."""
    summary = models.CharField(max_length=300)
    undoes = models.PositiveIntegerField(null=True)
    """The number of the revision that this one took back."""
    at = models.DateTimeField()
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["draft", "number"], name="one_draft_revision_per_number")]

    def __str__(self) -> str:
        return f"{self.draft}, {self.number}"

    @property
    def content(self) -> dict[str, Any]:
        """The content as it was."""
        data: dict[str, Any] = json.loads(zlib.decompress(bytes(self.packed)))
        return data


def pack(content: dict[str, Any]) -> bytes:
    """The content as a revision keeps it."""
    return zlib.compress(json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode())
