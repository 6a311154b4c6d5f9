"""Several people apply together: each signs the same application from their own session."""

from django.db import models

from accounts.models import Agency, Person, SigningIntent
from workflows.models.cases import Draft


class CoSignature(models.Model):
    """One of those who must sign a draft before it is filed, the one who filled it in included."""

    draft = models.ForeignKey(Draft, on_delete=models.CASCADE, related_name="co_signatures")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="co_signatures")
    invited_at = models.DateTimeField()
    signed_at = models.DateTimeField(null=True)
    intent = models.ForeignKey(SigningIntent, null=True, on_delete=models.PROTECT)
    """The fresh sign-in bound to what was shown."""

    class Meta:
        constraints = [models.UniqueConstraint(fields=["draft", "person"], name="one_signature_per_person")]

    def __str__(self) -> str:
        return f"{self.draft}: {self.person}"
