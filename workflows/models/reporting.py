"""Systems of other institutions that report what happened outside, their keys, and what they reported."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy

from accounts.models import Agency, Person
from workflows.models.cases import Case, CaseTask


class OutsideSystem(models.Model):
    """A system that may report certain events to one agency, about that agency's cases only."""

    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="outside_systems")
    name = models.CharField(max_length=120)
    may_report = models.JSONField(default=list)
    """["procedure.step"]: the steps that wait for an event which it may say has happened."""
    registered_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    registered_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["agency", "name"], name="one_system_per_name")]

    def __str__(self) -> str:
        return self.name


class SystemKey(models.Model):
    """A secret with which a system proves itself: shown once, kept as its SHA-256."""

    system = models.ForeignKey(OutsideSystem, on_delete=models.PROTECT, related_name="keys")
    public_part = models.CharField(max_length=16, unique=True)
    """The part of the key that pages show, to tell keys apart."""
    secret_sha256 = models.CharField(max_length=64)
    made_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)
    ends_at = models.DateTimeField(null=True)
    """Until when it is taken: the end of the overlap once another replaced it, or the moment it was revoked."""

    def __str__(self) -> str:
        return self.public_part


class ReportedEvent(models.Model):
    """Something that a system says has happened. Kept whatever becomes of it."""

    class State(models.TextChoices):
        APPLIED = "applied", gettext_lazy("registrado en la solicitud")
        KEPT = "kept", gettext_lazy("guardado")
        DISMISSED = "dismissed", gettext_lazy("descartado por una persona")

    class Why(models.TextChoices):
        EARLY = "early", gettext_lazy("la solicitud todavía no lo espera")
        NO_CASE = "no_case", gettext_lazy("no hay una solicitud con ese número")
        SEVERAL = "several", gettext_lazy("la solicitud tiene varias filas y no dice de cuál se trata")
        OVER = "over", gettext_lazy("la solicitud ya no lo espera")
        INVALID = "invalid", gettext_lazy("sus datos no sirven para el formulario del paso")
        WITHDRAWN = "withdrawn", gettext_lazy("se anuló la clave con que llegó, o el sistema ya no puede informarlo")

    ref = models.CharField(max_length=16, unique=True)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    system = models.ForeignKey(OutsideSystem, on_delete=models.PROTECT, related_name="events")
    idempotency_key = models.CharField(max_length=64)
    body_index = models.CharField(max_length=64)
    """Keyed digest of what was sent: the same key with something else is refused."""
    procedure_code = models.CharField(max_length=80)
    step_id = models.CharField(max_length=80)
    """The step that waits for it."""
    case_number = models.CharField(max_length=40)
    """The case as the system named it."""
    row = models.PositiveSmallIntegerField(null=True)
    happened_on = models.DateField()
    sealed = models.BinaryField(null=True)
    """Evidence and answers, sealed until they are in the case or nobody needs them."""
    received_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State)
    why = models.CharField(max_length=10, choices=Why, blank=True, default="")
    """Why it is kept and not applied."""
    case = models.ForeignKey(Case, null=True, on_delete=models.PROTECT, related_name="reported_events")
    task = models.ForeignKey(CaseTask, null=True, on_delete=models.PROTECT, related_name="+")
    """The wait that it ended."""
    settled_at = models.DateTimeField(null=True)
    settled_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    note = models.CharField(max_length=300, blank=True, default="")
    """Why somebody dismissed it."""

    class Meta:
        constraints = [models.UniqueConstraint(fields=["system", "idempotency_key"], name="one_event_per_key")]
        indexes = [
            models.Index(fields=["agency", "received_at"], name="event_kept", condition=Q(state="kept")),
            models.Index(fields=["case", "step_id"], name="event_of_case", condition=Q(state="kept")),
        ]

    def __str__(self) -> str:
        return self.ref

    @property
    def event(self) -> str:
        """What happened, as systems name it: "procedure.step"."""
        return f"{self.procedure_code}.{self.step_id}"
