"""Supports are facts that only grow; a support taken back keeps its row."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import Person
from participation.models.subjects import Subject
from workflows.models import Attendance


class Kind(models.TextChoices):
    """What a supporter asks for."""

    DIGITISE = "digitise", _("Que se pueda hacer en línea")
    SIMPLIFY = "simplify", _("Que pida menos cosas o menos pasos")
    REMOVE = "remove", _("Que se elimine")
    ALREADY_HELD = "already_held", _("Que no pida lo que el Estado ya tiene")
    IMPROVE = "improve", _("Que funcione mejor en línea")


class Door(models.TextChoices):
    """Where a support was given."""

    WEB = "web", _("en línea")
    COUNTER = "counter", _("mesón")
    PHONE = "phone", _("teléfono")


DEMONSTRATION = "demostracion"
"""Provider of every support of the demonstration; none is accepted anywhere else."""
OFFICE = "oficina:"
"""How the name of a provider begins that is an office, which looked at the document or asked the questions itself."""


def verifier_label(provider: str) -> str:
    """Who vouched for an identity, in words."""
    if provider == DEMONSTRATION:
        return gettext("identidades de demostración")
    if provider.startswith(OFFICE):
        return gettext("oficina %(code)s") % {"code": provider.removeprefix(OFFICE)}
    return provider


class Support(models.Model):
    """One verified person supports one thing, once. Nothing but `withdrawn_at` ever changes."""

    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="supports")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="supports")
    kind = models.CharField(max_length=12, choices=Kind)
    door = models.CharField(max_length=8, choices=Door, default=Door.WEB)
    provider = models.CharField(max_length=60)
    """Who vouched for the identity: host of the OpenID Connect issuer, an OFFICE with its code, or DEMONSTRATION."""
    at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "subject"], condition=Q(withdrawn_at=None), name="one_support_per_person"
            )
        ]
        indexes = [
            models.Index(fields=["at"], name="support_by_time"),
            models.Index(fields=["withdrawn_at"], name="support_withdrawn", condition=Q(withdrawn_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.subject_id} {self.kind}"


class Assisted(models.Model):
    """An official wrote a support down, or took it back, for a person who proved who they are, there or by phone."""

    class What(models.TextChoices):
        """What was done for the person."""

        GIVEN = "given", _("Apoyo registrado")
        WITHDRAWN = "withdrawn", _("Apoyo retirado")

    support = models.ForeignKey(Support, on_delete=models.PROTECT, related_name="assisted")
    attendance = models.ForeignKey(Attendance, on_delete=models.PROTECT, related_name="+")
    official = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    """Whoever attended; their totals are watched."""
    what = models.CharField(max_length=10, choices=What)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["support", "what"], name="assisted_once")]
        indexes = [models.Index(fields=["at"], name="assisted_by_time")]

    def __str__(self) -> str:
        return f"{self.support_id} {self.what}"


class Evidence(models.Model):
    """What the procedure costs this supporter today. Voluntary; published only as medians of many."""

    support = models.OneToOneField(Support, on_delete=models.PROTECT, related_name="evidence")
    times_a_year = models.PositiveSmallIntegerField(null=True)
    minutes = models.PositiveIntegerField(null=True)
    """Minutes each time, travel and waiting included."""
    days = models.PositiveSmallIntegerField(null=True)
    """Days from asking to the answer."""
    visits = models.PositiveSmallIntegerField(null=True)
    """How many times they had to go there."""
    distance_km = models.PositiveIntegerField(null=True)
    """There and back."""
    pesos = models.PositiveIntegerField(null=True)
    """Fares, copies and notary each time; not the fee of the procedure."""
    papers = models.JSONField(default=list)
    """Codes of the papers that had to be brought."""
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["at"], name="evidence_by_time")]

    def __str__(self) -> str:
        return f"evidencia {self.support_id}"


class Residence(models.Model):
    """Where a supporter says they live: declared, not verified, and shown so."""

    person = models.OneToOneField(Person, on_delete=models.PROTECT, related_name="residence")
    commune = models.CharField(max_length=5)
    """Five-digit code; the first two are its region."""
    declared_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["declared_at"], name="residence_by_time")]

    def __str__(self) -> str:
        return f"residencia {self.pk}"
