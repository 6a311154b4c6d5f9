"""Sheets from which an official opens many cases, and what keeps a row from opening a second one."""

from django.db import models

from accounts.models import Agency, Person
from procedures.models import Offering, Procedure
from workflows.models.cases import Case


class BulkStart(models.Model):
    """A sheet of cases to open of the institution's own motion."""

    agency = models.ForeignKey(Agency, on_delete=models.PROTECT)
    offering = models.ForeignKey(Offering, on_delete=models.PROTECT)
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=200)
    """Name of the file."""
    origin = models.CharField(max_length=40)
    reason = models.CharField(max_length=500)
    unused = models.JSONField(default=list)
    """Headings of columns that no question takes."""
    at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.name


class BulkRow(models.Model):
    """A row of the sheet. Its answers and people go when its case is open."""

    bulk = models.ForeignKey(BulkStart, on_delete=models.CASCADE, related_name="rows")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT)
    line = models.PositiveIntegerField()
    key = models.CharField(max_length=64)
    """Digest of what tells the row from all others."""
    answers = models.TextField(blank=True, default="")
    """The answers, sealed."""
    people = models.TextField(blank=True, default="")
    """The interested persons whom it names, sealed; empty where it names none."""
    problems = models.JSONField(default=list)
    case = models.ForeignKey(Case, null=True, on_delete=models.PROTECT, related_name="+")
    was_open = models.BooleanField(default=False)
    """Whether its case had been opened before, from this sheet or another."""

    class Meta:
        constraints = [models.UniqueConstraint(fields=["bulk", "line"], name="one_row_per_line")]

    def __str__(self) -> str:
        return f"{self.bulk}: {self.line}"


class OpenedKey(models.Model):
    """A row that has a case already: the same one opens no other, whatever sheet it comes in."""

    agency = models.ForeignKey(Agency, on_delete=models.PROTECT)
    procedure = models.ForeignKey(Procedure, on_delete=models.PROTECT)
    key = models.CharField(max_length=64)
    case = models.ForeignKey(Case, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["agency", "procedure", "key"], name="one_case_per_row")]

    def __str__(self) -> str:
        return self.key[:8]
