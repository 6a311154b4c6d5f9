"""Procedures under construction, with every change that was made to them."""

from __future__ import annotations

import json
import zlib
from typing import Any

from django.db import models

from accounts.models import Agency, Person
from designer import contents
from procedures.models import Procedure, ProcedureVersion


class ContentField(models.Field):  # type: ignore[type-arg]
    """A procedure's data as JSON. It is read as shared data that nobody may change in place (`designer.contents`)."""

    def get_internal_type(self) -> str:
        """The kind of column."""
        return "TextField"

    def from_db_value(self, value: str | None, _expression: Any, _connection: Any) -> Any:
        """The data that the column holds."""
        return None if value is None else contents.read(value)

    def get_prep_value(self, value: Any) -> str | None:
        """The data as the column holds them."""
        return value if value is None or isinstance(value, str) else contents.text_of(value)

    def value_to_string(self, obj: models.Model) -> str:
        """The data as an export holds them."""
        return contents.text_of(self.value_from_object(obj))


class ProcedureDraft(models.Model):
    """A procedure that people of an agency are writing: the bundle's data, sound or not."""

    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="procedure_drafts")
    code = models.CharField(max_length=60)
    title = models.CharField(max_length=300)
    procedure = models.ForeignKey(Procedure, null=True, on_delete=models.PROTECT, related_name="drafts")
    """Set once a version of it was published."""
    based_on = models.ForeignKey(ProcedureVersion, null=True, on_delete=models.PROTECT, related_name="drafts")
    """The version that the changes are compared with."""
    content = ContentField()
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
    packed = models.BinaryField(default=b"")
    """The content as JSON, deflated; nothing for the latest revision, whose content is the draft's own."""
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
        if not self.packed:
            return dict(self.draft.content)
        data: dict[str, Any] = json.loads(zlib.decompress(bytes(self.packed)))
        return data


class SavedTest(models.Model):
    """A story that a procedure must keep telling: kept by people who design it, played again at every change."""

    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="saved_tests")
    code = models.CharField(max_length=60)
    """Of the procedure. A test outlives the draft in which it was saved."""
    title = models.CharField(max_length=200)
    story = models.JSONField()
    """The scenario with what is expected after each entry, as its file writes it. People in it are invented."""
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    changed_at = models.DateTimeField()
    changed_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    ran_on = models.CharField(max_length=64, blank=True, default="")
    """Fingerprint of the content and story that gave the report."""
    ran_at = models.DateTimeField(null=True)
    report = models.JSONField(default=dict)
    """What came of it the last time: moments, answers, and whether it holds."""

    class Meta:
        constraints = [models.UniqueConstraint(fields=["agency", "code", "title"], name="one_saved_test_per_title")]
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.title


class DismissedAdvice(models.Model):
    """A suggestion that somebody read and chose not to follow, and why."""

    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    code = models.CharField(max_length=60)
    """Of the procedure."""
    mark = models.CharField(max_length=64)
    """Fingerprint of the suggestion: another text at the same place makes another one."""
    text = models.CharField(max_length=500)
    reason = models.CharField(max_length=500)
    at = models.DateTimeField()
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["agency", "code", "mark"], name="one_dismissal_per_advice")]
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return self.text


class ReplayRun(models.Model):
    """Finished cases played again through a draft, to see which would end elsewhere. Holds no answer of anybody."""

    draft = models.ForeignKey(ProcedureDraft, on_delete=models.CASCADE, related_name="replays")
    wanted = models.PositiveSmallIntegerField()
    """How many of the last finished cases."""
    mark = models.CharField(max_length=64, blank=True, default="")
    """Fingerprint of the content that was played; empty until it begins."""
    total = models.PositiveSmallIntegerField(null=True)
    """How many cases there are; None until it begins."""
    results = models.JSONField(default=list)
    """Of each case played so far: its id, how it ended, how it would, where it parts."""
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True)
    failed = models.BooleanField(default=False)
    why = models.CharField(max_length=300, blank=True, default="")
    """Why its last attempt failed, in words for whoever asked."""

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.draft}, {self.wanted}"


def pack(content: dict[str, Any]) -> bytes:
    """The content as a revision keeps it."""
    return zlib.compress(contents.text_of(content).encode())


class DraftVisit(models.Model):
    """Where in a draft a person was last: who is editing at the same time."""

    draft = models.ForeignKey(ProcedureDraft, on_delete=models.CASCADE, related_name="visits")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    address = models.CharField(max_length=400, blank=True, default="")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["draft", "person"], name="one_visit_per_draft_and_person")]

    def __str__(self) -> str:
        return f"{self.person}, {self.draft}"


class DraftTranslation(models.Model):
    """What the translations of a draft into a language were made from: tells which texts changed since."""

    draft = models.ForeignKey(ProcedureDraft, on_delete=models.CASCADE, related_name="translated")
    language = models.CharField(max_length=3)
    made = models.JSONField(default=dict)
    """By path, the Spanish text that was read and what it was translated to."""

    class Meta:
        constraints = [models.UniqueConstraint(fields=["draft", "language"], name="one_memory_per_language")]

    def __str__(self) -> str:
        return f"{self.draft}, {self.language}"


class DraftComment(models.Model):
    """What somebody says of an item of a draft, for those who write it."""

    draft = models.ForeignKey(ProcedureDraft, on_delete=models.CASCADE, related_name="comments")
    address = models.CharField(max_length=400, blank=True, default="")
    """The item that it is about; empty for the whole."""
    what = models.CharField(max_length=300, blank=True, default="")
    """The item in words, as it was called then."""
    text = models.TextField()
    at = models.DateTimeField()
    by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    """Nobody for who came by a shared link."""
    signed = models.CharField(max_length=100, blank=True, default="")
    """The name that who came by a shared link gave."""
    settled_at = models.DateTimeField(null=True)
    settled_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return self.text[:60]

    @property
    def author(self) -> str:
        """Who said it."""
        return self.by.full_name if self.by else self.signed


class DraftApproval(models.Model):
    """Somebody agreed to publish exactly this content."""

    draft = models.ForeignKey(ProcedureDraft, on_delete=models.CASCADE, related_name="approvals")
    digest = models.CharField(max_length=64)
    """SHA-256 of the content and of who fills its roles; any change makes the approval one of something else."""
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["draft", "digest", "by"], name="one_approval_per_content")]

    def __str__(self) -> str:
        return f"{self.by}, {self.draft}"


class DraftLink(models.Model):
    """An address at which a draft may be read and commented without an account, until a day."""

    draft = models.ForeignKey(ProcedureDraft, on_delete=models.CASCADE, related_name="links")
    secret = models.CharField(max_length=40, unique=True)
    made_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return str(self.draft)


class PublishingRule(models.Model):
    """How many people of an agency must approve a draft before it is published."""

    agency = models.OneToOneField(Agency, on_delete=models.CASCADE, related_name="+")
    approvals = models.PositiveSmallIntegerField()
    changed_at = models.DateTimeField()
    changed_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return f"{self.agency}: {self.approvals}"
