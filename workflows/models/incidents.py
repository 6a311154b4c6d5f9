"""Something stopped a case: what, since when, and who sees to it."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy

from accounts.models import Agency, Person
from workflows.models.cases import Case, CaseTask


class Incident(models.Model):
    """Something stopped a case, or took away what it rests on, and somebody must act.

    It cannot be closed while the case is stuck.
    """

    class Kind(models.TextChoices):
        RULE = "rule", gettext_lazy("una regla no se pudo evaluar")
        NO_BRANCH = "no_branch", gettext_lazy("ninguna alternativa se cumple")
        NO_RESPONSIBLE = "no_responsible", gettext_lazy("nadie puede tomar el paso")
        EFFECT = "effect", gettext_lazy("un envío o documento falló")
        MAIL = "mail", gettext_lazy("un correo no salió")
        SERVICE = "service", gettext_lazy("un servicio no respondió")
        SIGNATURE = "signature", gettext_lazy("una firma falló")
        STALLED = "stalled", gettext_lazy("nada hace avanzar el caso")
        NO_SUPERIOR = "no_superior", gettext_lazy("nadie puede resolver una recusación")
        NO_CERTIFICATE = "uncertified", gettext_lazy("no sale el certificado de silencio")
        BASIS = "basis", gettext_lazy("cambió aquello en que se basó")

    BESIDE = (Kind.NO_SUPERIOR, Kind.NO_CERTIFICATE, Kind.BASIS)
    """Those that tell of something due in the case, or that it rested on, and not of a step that cannot go on."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="incidents")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT)
    task = models.ForeignKey(CaseTask, null=True, on_delete=models.PROTECT)
    job_id = models.BigIntegerField(null=True)
    kind = models.CharField(max_length=20, choices=Kind)
    step_id = models.CharField(max_length=80, blank=True, default="")
    detail = models.CharField(max_length=500)
    """For staff, in Spanish, without personal data."""
    opened_at = models.DateTimeField()
    due_on = models.DateField(null=True)
    """Day by which the agency wants it solved; no legal term."""
    owner = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    """Who sees to it; NULL while nobody has taken it."""
    told_at = models.DateTimeField(null=True)
    """When who watches over the agency was last told of it; NULL while nobody was."""
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    """NULL when the engine closed it because its cause was gone."""
    resolution = models.CharField(max_length=500, blank=True, default="")
    """What was done instead, where somebody closed it by hand."""

    class Meta:
        indexes = [models.Index(fields=["agency", "opened_at"], name="incident_open", condition=Q(closed_at=None))]

    def __str__(self) -> str:
        return f"{self.case}: {self.get_kind_display()}"
