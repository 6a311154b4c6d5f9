"""Legal clocks of a case, what changed them, and the outages that fell on them."""

from django.db import models
from django.utils.translation import gettext_lazy

from accounts.models import Agency, Person, Role
from documents.models import Document
from workflows.models.cases import Case, CaseParty, CaseTask


class Deadline(models.Model):
    """A legal clock of a case. It waits for its trigger, runs, and is met or expires; the timer is a job row."""

    class State(models.TextChoices):
        WAITING = "waiting", gettext_lazy("no ha empezado")
        RUNNING = "running", gettext_lazy("corriendo")
        MET = "met", gettext_lazy("cumplido")
        EXPIRED = "expired", gettext_lazy("vencido")
        SUSPENDED = "suspended", gettext_lazy("suspendido")

    class Kind(models.TextChoices):
        STEP = "step", gettext_lazy("plazo del paso")
        TERM = "term", gettext_lazy("plazo para decidir")
        NOTIFY = "notify", gettext_lazy("plazo para notificar el acto")
        COMPLAINT = "complaint", gettext_lazy("plazo tras la denuncia de incumplimiento")
        ABANDONMENT = "abandonment", gettext_lazy("plazo de la advertencia de abandono")
        OPPOSITION = "opposition", gettext_lazy("plazo para oponerse")
        ANSWER = "answer", gettext_lazy("plazo para responder el recurso")
        ORIGINAL = "original", gettext_lazy("plazo para mostrar un original")

    class Unit(models.TextChoices):
        BUSINESS_DAYS = "business_days", "días hábiles"
        CALENDAR_DAYS = "calendar_days", "días corridos"
        MONTHS = "months", "meses"
        HOURS = "hours", "horas"

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="deadlines")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT)
    task = models.ForeignKey(CaseTask, null=True, on_delete=models.PROTECT, related_name="deadlines")
    step_id = models.CharField(max_length=80, blank=True, default="")
    """Empty for the term of the whole case."""
    kind = models.CharField(max_length=12, choices=Kind, default=Kind.STEP)
    party = models.ForeignKey(CaseParty, null=True, on_delete=models.PROTECT, related_name="deadlines")
    """Whose clock it is: each interested person has one of their own, started by their own notification."""
    binds_applicant = models.BooleanField(default=False)
    amount = models.PositiveSmallIntegerField()
    unit = models.CharField(max_length=20, choices=Unit)
    trigger = models.CharField(max_length=80)
    """"filed", "entered" or "notified:<step id>"."""
    extension_most = models.PositiveSmallIntegerField(null=True)
    """Largest extension by the procedure's own law, in the clock's unit; NULL for the half of art. 26."""
    extension_source = models.CharField(max_length=300, blank=True, default="")
    may_halve = models.BooleanField(default=True)
    """Whether urgency halves it (art. 63): not for filings and appeals."""
    suspended_on = models.DateField(null=True)
    warn_before = models.PositiveSmallIntegerField(null=True)
    """How many business days before its last day whoever must act is told; NULL for no warning."""
    legal_source = models.CharField(max_length=200)
    on_expire = models.CharField(max_length=80, blank=True, default="")
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    starts_on = models.DateField(null=True)
    due_on = models.DateField(null=True)
    explanation = models.JSONField(default=dict)
    """Rule version, zone, commune, holidays skipped and readings: printed on "¿Por qué esta fecha?"."""
    closed_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.case}: {self.get_state_display()}"


class Outage(models.Model):
    """The platform was down (DS 4 art. 7, 47; R52). Published, and noted on every clock that ran meanwhile."""

    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="outages")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    cause = models.CharField(max_length=500)
    resolution = models.CharField(max_length=200)
    """The reasoned resolution of the head of service that states it."""
    evidence = models.URLField(max_length=500, blank=True, default="")
    """Where anybody can see that it happened: a press release, a provider's status page."""
    gives_time = models.BooleanField(default=False)
    """Whether the resolution also extends what people had to do on those days (Ley 19.880 art. 26)."""
    recorded_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()
    asked_at = models.DateTimeField(null=True)
    """When the note of the last case that it touched was asked for; NULL while batches remain. Each note is a job."""

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="outage_ends_after_start", condition=models.Q(ends_at__gt=models.F("starts_at"))
            )
        ]

    def __str__(self) -> str:
        return f"{self.agency}: {self.starts_at:%d/%m/%Y %H:%M}"


class DeadlineChange(models.Model):
    """What happened to a clock: an extension asked or granted, urgency, suspension, resuming, an outage."""

    class Kind(models.TextChoices):
        EXTENSION = "extension", gettext_lazy("ampliación")
        URGENCY = "urgency", gettext_lazy("tramitación de urgencia")
        SUSPENSION = "suspension", gettext_lazy("suspensión")
        RESUMPTION = "resumption", gettext_lazy("reanudación")
        OUTAGE = "outage", gettext_lazy("interrupción de la plataforma")

    class State(models.TextChoices):
        ASKED = "asked", gettext_lazy("pedida")
        GRANTED = "granted", gettext_lazy("concedida")
        REFUSED = "refused", gettext_lazy("rechazada")

    deadline = models.ForeignKey(Deadline, on_delete=models.PROTECT, related_name="changes")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT)
    kind = models.CharField(max_length=12, choices=Kind)
    state = models.CharField(max_length=8, choices=State, default=State.GRANTED)
    amount = models.PositiveSmallIntegerField(null=True)
    """Units of the clock that were added."""
    reason = models.TextField(blank=True, default="")
    legal_source = models.CharField(max_length=300, blank=True, default="")
    asked_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)
    answer = models.TextField(blank=True, default="")
    """Why it was granted or refused."""
    due_before = models.DateField(null=True)
    due_after = models.DateField(null=True)
    outage = models.ForeignKey(Outage, null=True, on_delete=models.PROTECT, related_name="changes")
    certificate = models.ForeignKey(Document, null=True, on_delete=models.PROTECT, related_name="+")
    """The sealed certificate of the outage in the file; None for any other change."""

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["deadline", "outage"], name="one_note_per_clock_and_outage"),
        ]
        indexes = [
            models.Index(
                fields=["outage"],
                name="outage_without_certificate",
                condition=models.Q(outage__isnull=False, certificate=None),
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.get_state_display()}"


class ActFormality(models.Model):
    """Something that must be done after an act is signed: registry, toma de razón, publication, active transparency."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="formalities")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT)
    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="formalities")
    formality_id = models.CharField(max_length=60)
    title = models.CharField(max_length=300)
    legal_source = models.CharField(max_length=300)
    role = models.ForeignKey(Role, null=True, on_delete=models.PROTECT, related_name="+")
    before_effect = models.BooleanField(default=True)
    """Whether the act is not totalmente tramitado without it, so that nobody is notified yet (arts. 45, 51)."""
    opened_at = models.DateTimeField()
    done_on = models.DateField(null=True)
    done_at = models.DateTimeField(null=True)
    done_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    evidence = models.CharField(max_length=500, blank=True, default="")

    class Meta:
        verbose_name_plural = "act formalities"
        constraints = [
            models.UniqueConstraint(fields=["document", "formality_id"], name="one_formality_per_act"),
        ]

    def __str__(self) -> str:
        return self.title
