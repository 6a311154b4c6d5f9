"""What people filed at the steps of a case, answer by answer, and what an official observed in it."""

from django.db import models

from accounts.models import Agency, Person
from documents.models import Document
from workflows.models.cases import Case, CaseTask, Channel


class Submission(models.Model):
    """What a person filed at a step: append-only, with the record of what was shown (decision 1 and 9)."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="submissions")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT)
    step_id = models.CharField(max_length=60)
    occurrence = models.PositiveSmallIntegerField(default=1)
    seq = models.PositiveSmallIntegerField()
    author = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="submissions")
    channel = models.CharField(max_length=12, choices=Channel, default=Channel.WEB)
    at = models.DateTimeField()
    locale = models.CharField(max_length=8)
    presentation = models.BinaryField()
    """Canonical bytes of the questions as shown, with commitments to the answers and file hashes."""
    presentation_sha256 = models.CharField(max_length=64)
    amends = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="amended_by")
    """The submission of an earlier step that a correction replaces in part."""
    is_overtaken = models.BooleanField(default=False)
    """Whether it is a late report of a round that another one followed: kept in the file, and read by no rule."""

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "seq"], name="one_submission_per_place")]

    def __str__(self) -> str:
        return f"{self.step_id}.{self.occurrence}"


class SubmissionValue(models.Model):
    """One answer. Erasing `value`, `sealed` and `salt` leaves every chain valid."""

    submission = models.ForeignKey(Submission, on_delete=models.PROTECT, related_name="values")
    field_id = models.CharField(max_length=60)
    row_id = models.CharField(max_length=16, blank=True, default="")
    """Own id of the row of a repeatable group; empty elsewhere."""
    value = models.JSONField(null=True)
    sealed = models.BinaryField(null=True)
    """The value of a sensitive field, AES-GCM under the case's data key."""
    salt = models.BinaryField(max_length=16, null=True)
    document = models.ForeignKey(Document, null=True, on_delete=models.PROTECT, related_name="+")
    """The attachment, for a file question; the first one where it takes several."""
    more_documents = models.ManyToManyField(Document, related_name="+")
    """The others, in the order of their keys."""

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["submission", "field_id", "row_id"], name="one_value_per_field_and_row")
        ]

    def __str__(self) -> str:
        return f"{self.submission}.{self.field_id}"


class CorrectionItem(models.Model):
    """One question observed by an official, answered by the person question by question (R10)."""

    task = models.ForeignKey(CaseTask, on_delete=models.PROTECT, related_name="correction_items")
    field_id = models.CharField(max_length=60)
    """Question of the step that the correction amends; empty for a general remark."""
    text = models.TextField()

    def __str__(self) -> str:
        return self.text[:40]
