"""Signature requests, what each signature proved, and the evidence of a citizen's simple signature."""

from django.db import models
from django.utils.translation import gettext_lazy

from accounts.models import Person, SigningIntent
from documents.models import Blob, Document


class SignatureRequest(models.Model):
    """One signature to be put on a document, in two resumable phases. At most one is open per document."""

    class State(models.TextChoices):
        REQUESTED = "requested", gettext_lazy("pedida")
        PREPARED = "prepared", gettext_lazy("preparada")
        SIGNED = "signed", gettext_lazy("firmada")
        FAILED = "failed", gettext_lazy("fallida")

    class Kind(models.TextChoices):
        SEAL = "seal", gettext_lazy("sello institucional")
        SIMPLE = "simple", gettext_lazy("firma electrónica simple")
        ADVANCED = "advanced", gettext_lazy("firma electrónica avanzada")

    class Revocation(models.TextChoices):
        GOOD = "good", gettext_lazy("no estaba revocado al firmar")
        NOT_OFFERED = "not_offered", gettext_lazy("el certificado no dice dónde consultar si fue revocado")

    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="signature_requests")
    kind = models.CharField(max_length=10, choices=Kind)
    field_name = models.CharField(max_length=40)
    """The PDF field: "Sello", "Firma1", "Firma2"."""
    order = models.PositiveSmallIntegerField()
    closes_document = models.BooleanField(default=False)
    signer = models.ForeignKey(Person, null=True, on_delete=models.PROTECT)
    """NULL for the agency's seal."""
    signer_name = models.CharField(max_length=200)
    signer_post = models.CharField(max_length=200, blank=True, default="")
    backend = models.CharField(max_length=40)
    intent = models.ForeignKey(SigningIntent, null=True, on_delete=models.PROTECT)
    state = models.CharField(max_length=10, choices=State, default=State.REQUESTED)
    prepared = models.JSONField(default=dict)
    """Byte range and base of the prepared revision: enough to finish in another process."""
    prepared_blob = models.ForeignKey(Blob, null=True, on_delete=models.PROTECT, related_name="+")
    digest = models.CharField(max_length=64, blank=True, default="", db_index=True)
    """SHA-256 of the byte range, as the signature states it: finds the document of an altered copy."""
    signed_blob = models.ForeignKey(Blob, null=True, on_delete=models.PROTECT, related_name="+")
    """The revision with this signature on it; of the closing one, the document's final bytes."""
    level = models.CharField(max_length=10, blank=True, default="")
    """B-B, B-T, B-LTA as achieved."""
    certificate_sha256 = models.CharField(max_length=64, blank=True, default="")
    certificate_subject = models.CharField(max_length=300, blank=True, default="")
    provider = models.CharField(max_length=200, blank=True, default="")
    has_timestamp = models.BooleanField(default=False)
    stamped_at = models.DateTimeField(null=True)
    """Time in the stamp of the authority, which `stamped_by` names."""
    stamped_by = models.CharField(max_length=200, blank=True, default="")
    revocation = models.CharField(max_length=12, choices=Revocation, blank=True, default="")
    chain = models.JSONField(default=list)
    """Names of the certificate's holder and of those above it, root last."""
    is_demonstration = models.BooleanField(default=False)
    failure = models.CharField(max_length=300, blank=True, default="")
    failed_job = models.BigIntegerField(null=True)
    """The job that was given up; its row says why."""
    created_at = models.DateTimeField()
    signed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["document", "order"], name="one_signature_per_place"),
            models.UniqueConstraint(
                fields=["document"],
                condition=models.Q(state="prepared"),
                name="one_prepared_signature_per_document",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} de {self.signer_name}"


class IssuedRevision(models.Model):
    """The bytes of a document as they were issued: when it came into force, and each time its proof was renewed.

    A later revision begins with the whole of the one before, so every one of them stays authentic. Append-only.
    """

    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="revisions")
    order = models.PositiveSmallIntegerField()
    blob = models.ForeignKey(Blob, on_delete=models.PROTECT, related_name="+")
    level = models.CharField(max_length=10)
    """The lowest PAdES level of its signatures."""
    archived_at = models.DateTimeField(null=True)
    """Time in the stamp over the whole document; NULL when it closed without one."""
    archived_by = models.CharField(max_length=200, blank=True, default="")
    expires_at = models.DateTimeField(null=True)
    """Until when that stamp's certificate lasts: another stamp must come before."""
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["document", "order"], name="one_issued_revision_per_place")]

    def __str__(self) -> str:
        return f"{self.document_id} {self.order} {self.level}"


class Attempt(models.Model):
    """How often a network asked at the public verification page in a stretch of time. Holds no address."""

    source = models.CharField(max_length=64)
    """Keyed blind index of the network or of the document asked about, with the purpose."""
    window = models.DateTimeField()
    count = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "window"], name="one_count_per_source_and_window")]

    def __str__(self) -> str:
        return f"{self.window} {self.count}"


class EvidenceRecord(models.Model):
    """What a citizen's simple signature (Ley 19.799 art. 2 f) rests on, as canonical bytes."""

    document = models.ForeignKey(Document, null=True, on_delete=models.PROTECT, related_name="evidence")
    subject = models.CharField(max_length=80)
    intent = models.OneToOneField(SigningIntent, on_delete=models.PROTECT)
    canonical = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.sha256[:12]
