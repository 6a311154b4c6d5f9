"""Procedures, their immutable versions, and the offerings that put a version before the public."""

from django.db import models
from django.db.models import F, Q

from accounts.models import Agency, Person, Role


class Procedure(models.Model):
    """A trámite as its owner agency identifies it; the content lives in its versions."""

    owner = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="procedures")
    code = models.SlugField(max_length=60)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["owner", "code"], name="one_procedure_per_owner_and_code"),
            models.CheckConstraint(name="procedure_code_plain", condition=~Q(code__contains="__")),
        ]

    def __str__(self) -> str:
        return self.code


class ProcedureVersion(models.Model):
    """One published bundle: immutable, stored as the canonical bytes under their SHA-256."""

    procedure = models.ForeignKey(Procedure, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    schema_version = models.PositiveSmallIntegerField()
    canonical = models.BinaryField()
    """RFC 8785 bytes of the bundle, exactly as published."""
    sha256 = models.CharField(max_length=64)
    title = models.CharField(max_length=200)
    diagram_svg = models.TextField(blank=True, default="")
    published_at = models.DateTimeField()
    published_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT)
    note = models.CharField(max_length=500, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["procedure", "number"], name="one_version_per_number"),
            models.UniqueConstraint(fields=["procedure", "sha256"], name="one_version_per_content"),
        ]

    def __str__(self) -> str:
        return f"{self.procedure} v{self.number}"


class Offering(models.Model):
    """An agency offers a version from a day to a day (both included), with its own people and letterhead."""

    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="offerings")
    version = models.ForeignKey(ProcedureVersion, on_delete=models.PROTECT, related_name="offerings")
    effective_from = models.DateField()
    effective_to = models.DateField(null=True)
    letterhead = models.CharField(max_length=200, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["agency", "version"], name="one_offering_per_version"),
            models.CheckConstraint(
                name="offering_ends_after_start",
                condition=Q(effective_to=None) | Q(effective_to__gte=F("effective_from")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.agency}: {self.version}"


class RoleBinding(models.Model):
    """Which role of the agency fills a role slot of the bundle."""

    offering = models.ForeignKey(Offering, on_delete=models.CASCADE, related_name="role_bindings")
    slot = models.CharField(max_length=60)
    role = models.ForeignKey(Role, on_delete=models.PROTECT, related_name="bindings")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["offering", "slot"], name="one_role_per_slot")]

    def __str__(self) -> str:
        return f"{self.slot} = {self.role}"
