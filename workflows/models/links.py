"""Cases that another case opened: of the same agency or another, each with its own file and clock."""

from django.db import models
from django.utils.translation import gettext_lazy

from accounts.models import Agency
from workflows.models.cases import Case, CaseTask


class CaseLink(models.Model):
    """A case opened from a step of another: a subcase that is waited for, or a referral (Ley 19.880 art. 14)."""

    class Kind(models.TextChoices):
        SUBCASE = "subcase", gettext_lazy("caso vinculado")
        REFERRAL = "referral", gettext_lazy("derivación")

    parent = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="links")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    """The parent's agency."""
    task = models.ForeignKey(CaseTask, on_delete=models.PROTECT, related_name="links")
    kind = models.CharField(max_length=10, choices=Kind)
    child = models.OneToOneField(Case, null=True, on_delete=models.PROTECT, related_name="opened_by")
    """NULL until the job that opens it has run."""
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.parent} → {self.child or '…'}"
