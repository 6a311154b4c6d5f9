"""Powers that rest on a document: somebody shows it, an official checks it, and only then it counts."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy

from accounts.api import format_run, run_of
from accounts.models import Agency, Mandate, Person
from documents.models import Blob


class PowerClaim(models.Model):
    """A person says that a document lets them act for another person or for an organisation (Ley 19.880 art. 22)."""

    class Form(models.TextChoices):
        PUBLIC_DEED = "public_deed", gettext_lazy("escritura pública")
        ADVANCED = "advanced", gettext_lazy("documento con firma electrónica avanzada")
        NOTARY = "notary", gettext_lazy("documento privado firmado ante notario")
        REGISTRY = "registry", gettext_lazy("certificado de un registro (de empresas, comercio u organizaciones)")

    agency = models.ForeignKey(Agency, on_delete=models.PROTECT)
    """Who checks the document."""
    representative = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="power_claims")
    grantor_person = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    organisation_rut = models.CharField(max_length=12, blank=True, default="")
    organisation_name = models.CharField(max_length=200, blank=True, default="")
    """As the document says; the organisation is known here only once an official agrees."""
    form = models.CharField(max_length=12, choices=Form)
    details = models.CharField(max_length=200)
    """Where the document comes from: notary, date and number, or code of verification."""
    scope = models.CharField(max_length=200, blank=True, default="")
    """Code of the one procedure it covers; empty for all."""
    ends_on = models.DateField(null=True)
    blob = models.ForeignKey(Blob, on_delete=models.PROTECT)
    asked_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=300, blank=True, default="")
    """Why it was refused."""
    mandate = models.OneToOneField(Mandate, null=True, on_delete=models.PROTECT, related_name="claim")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="power_claim_has_one_grantor",
                condition=Q(grantor_person__isnull=True) ^ Q(organisation_rut=""),
            )
        ]
        indexes = [models.Index(fields=["agency", "asked_at"], name="power_claim_open", condition=Q(decided_at=None))]

    def __str__(self) -> str:
        return f"{self.get_form_display()} {self.asked_at:%d/%m/%Y}"

    @property
    def grantor(self) -> str:
        """Whose power it is said to be, for whoever may know: an official, and its holder once it counts."""
        return self.organisation_name or str(self.grantor_person)

    @property
    def as_written(self) -> str:
        """The same as whoever sent it wrote it: a RUN tells them no name."""
        person = self.grantor_person
        return self.organisation_name if person is None else f"RUN {format_run(run_of(person))}"
