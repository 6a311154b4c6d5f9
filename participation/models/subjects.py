"""What can be supported: a ficha of the catalogue, or a proposal for what the catalogue lacks."""

import hashlib

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Agency, Person
from procedures.models import CatalogueEntry, Offering


class Reach(models.TextChoices):
    """How far the users of a procedure are spread: decides threshold and spread."""

    COMMUNE = "commune", _("comunal")
    REGION = "region", _("regional")
    COUNTRY = "country", _("nacional")


class Stage(models.TextChoices):
    """Where a request stands on the roadmap, from supported to measured."""

    SUPPORTED = "supported", _("reúne apoyos")
    RECEIVED = "received", _("recibida por la institución")
    STUDY = "study", _("en estudio")
    PLANNED = "planned", _("planificada")
    DESIGN = "design", _("en diseño")
    PILOT = "pilot", _("en piloto")
    LIVE = "live", _("en línea")
    MEASURED = "measured", _("medida")
    REFUSED = "refused", _("rechazada")
    TRANSFERRED = "transferred", _("derivada a otra institución")


class Subject(models.Model):
    """One thing people may support. Rules and threshold are frozen with its first support."""

    code = models.SlugField(max_length=180, unique=True)
    """Its public address, also the name under which the tally counts it; never changes."""
    entry = models.OneToOneField(CatalogueEntry, null=True, on_delete=models.PROTECT, related_name="+")
    """The ficha of the catalogue; NULL for a proposal in words."""
    agency = models.ForeignKey(Agency, null=True, on_delete=models.PROTECT, related_name="+")
    """Who must answer; NULL while nobody here is responsible."""
    body_name = models.CharField(max_length=200, blank=True, default="")
    """Name of the institution as the catalogue or the proposal gives it."""
    title = models.CharField(max_length=200)
    summary = models.TextField(blank=True, default="")
    stems = models.TextField(blank=True, default="")
    """What searches read of those three: the stems of their words between blanks, each once."""
    reach = models.CharField(max_length=10, choices=Reach, default=Reach.COMMUNE)
    users_a_year = models.PositiveIntegerField(null=True)
    """Official volume, where the institution gave one."""
    users_source = models.CharField(max_length=200, blank=True, default="")
    """Where the institution's own figure comes from; empty for that of the catalogue."""
    threshold = models.PositiveIntegerField(null=True)
    """Supports that oblige to answer; NULL until the first support freezes it."""
    spread = models.PositiveSmallIntegerField(null=True)
    """From how many communes (regional) or regions (national) supports must come; 0 for none."""
    rules_version = models.PositiveSmallIntegerField(null=True)
    stage = models.CharField(max_length=12, choices=Stage, default=Stage.SUPPORTED)
    draft_path = models.CharField(max_length=200, blank=True, default="")
    """Address of the draft procedure begun from it, within this site."""
    live_path = models.CharField(max_length=200, blank=True, default="")
    """Address of the procedure that answers it, within this site."""
    offering = models.ForeignKey(Offering, null=True, on_delete=models.PROTECT, related_name="+")
    """What opened because of it: its version is the linked one, and its cases are what is measured."""
    merged_into = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="merged")
    """Follows the open row of Merge; no support ever moves."""
    listed = models.BooleanField(default=True)
    """A proposal waits for moderation unlisted."""
    opened_at = models.DateTimeField()
    crossed_at = models.DateTimeField(null=True)
    """When the threshold was crossed, once."""
    closed_at = models.DateTimeField(null=True)
    """When it was settled: its supporters get their support back."""

    class Meta:
        indexes = [
            models.Index(fields=["agency", "stage"], name="subject_of_agency"),
            models.Index(fields=["crossed_at"], name="subject_crossed", condition=Q(crossed_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.title


class Proposal(models.Model):
    """A request in a person's own words, for what the catalogue lacks. Moderated before it is listed."""

    class State(models.TextChoices):
        PENDING = "pending", _("por revisar")
        PUBLISHED = "published", _("publicada")
        REJECTED = "rejected", _("no publicada")

    class Reason(models.TextChoices):
        """Why a proposal was not published: public, and counted."""

        DUPLICATE = "duplicate", _("Ya está en el catálogo o propuesta: apoya esa")
        NOT_PROCEDURE = "not_procedure", _("No pide cambiar un trámite del Estado")
        PERSONAL = "personal", _("Trae datos personales, o habla de un caso particular")
        OFFENSIVE = "offensive", _("Ofende a personas o grupos")
        ADVERTISING = "advertising", _("Es publicidad o trae enlaces")
        UNCLEAR = "unclear", _("No se entiende qué se pide")

    subject = models.OneToOneField(Subject, on_delete=models.PROTECT, related_name="proposal")
    author = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    """Never published."""
    state = models.CharField(max_length=10, choices=State, default=State.PENDING)
    reason = models.CharField(max_length=15, choices=Reason, blank=True, default="")
    moderated_at = models.DateTimeField(null=True)
    moderated_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["created_at"], name="proposal_waiting", condition=Q(state="pending"))]
        constraints = [
            models.CheckConstraint(name="proposal_rejected_has_reason", condition=~Q(state="rejected") | ~Q(reason=""))
        ]

    def __str__(self) -> str:
        return f"{self.subject_id} ({self.state})"

    @property
    def text_digest(self) -> str:
        """Fingerprint of what it asks, so that a decision is of the text that was read."""
        text = f"{self.subject.title}\n{self.subject.summary}"
        return hashlib.sha256(text.encode()).hexdigest()


class Addendum(models.Model):
    """A change to what is asked, after its text was frozen by the first support; public once moderated. Append-only."""

    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="addenda")
    text = models.TextField()
    at = models.DateTimeField()
    by = models.CharField(max_length=80)
    """Text identity, for the record; the page says "quien la propuso"."""

    def __str__(self) -> str:
        return self.text[:40]

    @property
    def text_digest(self) -> str:
        """Fingerprint of what it says."""
        return hashlib.sha256(self.text.encode()).hexdigest()
