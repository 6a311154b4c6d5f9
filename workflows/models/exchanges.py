"""What a case asked of other bodies and what they answered, and who took back that sensitive data may be asked for."""

from uuid import uuid4

from django.db import models
from django.utils.translation import gettext_lazy

from accounts.models import Agency, Person
from documents.models import Document
from workflows.models.cases import Case, CaseTask
from workflows.models.submissions import Submission


class Exchange(models.Model):
    """One communication of a case with another body: the register of DS 12 of 2023, art. 9 (R59), in rows of its own.

    The body that asks is `agency`; the procedure is the case's. Sensitive data also say of whom, by which authorisation
    and which official answers for it (Ley 19.880 art. 24 bis; DS 4 art. 41).
    """

    class Kind(models.TextChoices):
        SERVICE = "service", gettext_lazy("consulta a un servicio")
        CHECK = "check", gettext_lazy("comprobación de un funcionario")
        SUBCASE = "subcase", gettext_lazy("caso que resuelve otra institución")
        REFERRAL = "referral", gettext_lazy("derivación")
        LETTER = "letter", gettext_lazy("oficio")

    class Result(models.TextChoices):
        PENDING = "", gettext_lazy("sin respuesta todavía")
        SUCCESS = "success", gettext_lazy("respondió")
        ERROR = "error", gettext_lazy("no respondió")
        UNUSED = "unused", gettext_lazy("no se usó: se retiró la autorización")
        NEEDLESS = "needless", gettext_lazy("ya no hacía falta")

    trace = models.UUIDField(unique=True, default=uuid4, editable=False)
    """Our own identifier of the exchange, also written in the case's events."""
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="exchanges")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    task = models.ForeignKey(CaseTask, null=True, on_delete=models.PROTECT, related_name="exchanges")
    kind = models.CharField(max_length=10, choices=Kind)
    addressee_code = models.CharField(max_length=60, blank=True, default="")
    """In the State's code manager; empty where nobody declared it."""
    addressee = models.CharField(max_length=200)
    service = models.CharField(max_length=200)
    """The platform, service or medium by which it went."""
    sought = models.JSONField(default=list)
    """What was asked for, in words: names of data, or the matter of a letter; never their values."""
    official = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    """Who answers for it at the body that asks."""
    asked_at = models.DateTimeField()
    due_on = models.DateField(null=True)
    answered_at = models.DateTimeField(null=True)
    result = models.CharField(max_length=8, choices=Result, blank=True, default=Result.PENDING)
    is_sensitive = models.BooleanField(default=False)
    subject = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    """Of whom the sensitive data are; their RUN is kept with them."""
    authorised_by = models.ForeignKey(Submission, null=True, on_delete=models.PROTECT, related_name="+")
    """What they filed when they authorised it."""
    documents = models.ManyToManyField(Document, related_name="exchanges")
    """What it left in the file: the letter, and what came (DS 10 of 2023, art. 24)."""

    class Meta:
        indexes = [
            models.Index(fields=["case"], name="exchange_of_case"),
            models.Index(fields=["agency", "-asked_at"], name="exchange_of_agency"),
        ]

    def __str__(self) -> str:
        return f"{self.case} → {self.addressee}"


class AuthorisationWithdrawal(models.Model):
    """A person took back that other bodies may send their sensitive data for this case. It undoes nothing before it."""

    case = models.OneToOneField(Case, on_delete=models.PROTECT, related_name="authorisation_withdrawal")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="+")
    """What they wrote, in the file: an authorisation and its end are documents of it (DS 12 of 2023, art. 14)."""

    def __str__(self) -> str:
        return f"{self.case} {self.at}"
