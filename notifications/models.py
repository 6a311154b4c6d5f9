"""Avisos (information, no legal effect: D8 7) and notificaciones (the legal ones, which start clocks)."""

from django.db import models
from django.utils.translation import gettext_lazy

from accounts.models import Agency, Person
from documents.models import Blob, Document, ElectronicFile

SPANISH = "es"


class Notice(models.Model):
    """A message in a person's inbox ("Mis avisos"). Its text is frozen in the deciding transaction."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="notices")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT)
    file = models.ForeignKey(ElectronicFile, null=True, on_delete=models.PROTECT, related_name="notices")
    case_ref = models.CharField(max_length=16, db_index=True)
    subject = models.CharField(max_length=200)
    body = models.TextField()
    action_label = models.CharField(max_length=80, blank=True, default="")
    action_path = models.CharField(max_length=200, blank=True, default="")
    language = models.CharField(max_length=8, default="es")
    """That of the person, in which the words around the text are."""
    spanish_subject = models.CharField(max_length=200, blank=True, default="")
    spanish_body = models.TextField(blank=True, default="")
    """Subject and text in Spanish, where those above are a translation: Spanish is what the institution said."""
    documents = models.ManyToManyField(Document, related_name="+")
    created_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["person", "-created_at"])]

    def __str__(self) -> str:
        return self.subject

    @property
    def subject_language(self) -> str:
        """In which language the subject is: "es" where nobody translated it."""
        return self.language if self.spanish_subject else SPANISH

    @property
    def body_language(self) -> str:
        """The same of the text."""
        return self.language if self.spanish_body else SPANISH


class Delivery(models.Model):
    """A notice leaving by a channel. `message_id` is constant over attempts, so that a repeat can be recognised."""

    class State(models.TextChoices):
        QUEUED = "queued", gettext_lazy("por enviar")
        SENT = "sent", gettext_lazy("enviado")
        UNKNOWN = "unknown", gettext_lazy("sin confirmar")
        FAILED = "failed", gettext_lazy("no se pudo enviar")
        SKIPPED = "skipped", gettext_lazy("sin dirección")

    notice = models.ForeignKey(Notice, on_delete=models.PROTECT, related_name="deliveries")
    channel = models.CharField(max_length=20, default="email")
    address_sealed = models.BinaryField(null=True)
    sender_name = models.CharField(max_length=200, blank=True, default="")
    """The agency's name in the deciding transaction: what the recipient sees as sender."""
    message_id = models.CharField(max_length=200, unique=True)
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    """"unknown" from the moment a server may have it until its answer is recorded; see handlers."""
    job_id = models.BigIntegerField(null=True)
    sent_at = models.DateTimeField(null=True)
    failure = models.CharField(max_length=300, blank=True, default="")
    """Why the last attempt failed, without the server's own words: they may quote the address."""

    class Meta:
        constraints = [models.UniqueConstraint(fields=["notice", "channel"], name="one_delivery_per_channel")]

    def __str__(self) -> str:
        return f"{self.channel} {self.state}"


class NotificationRecord(models.Model):
    """A legal notification: medium, moment, evidence and the date it takes effect (norms 1.10). Append-only."""

    class Medium(models.TextChoices):
        OFFICE = "office", gettext_lazy("en la oficina")
        LETTER = "letter", gettext_lazy("carta certificada")
        PLATFORM = "platform", gettext_lazy("Plataforma de Notificaciones del Estado")
        TACIT = "tacit", gettext_lazy("notificación tácita")

    agency = models.ForeignKey(Agency, on_delete=models.PROTECT)
    file = models.ForeignKey(ElectronicFile, on_delete=models.PROTECT, related_name="notifications")
    case_ref = models.CharField(max_length=16, db_index=True)
    subject_id = models.CharField(max_length=80)
    """What was notified: the id of the step whose notice or act it is."""
    occurrence = models.PositiveIntegerField(default=1)
    document = models.ForeignKey(Document, null=True, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="notifications")
    medium = models.CharField(max_length=10, choices=Medium)
    occurred_at = models.DateTimeField()
    """Office: when it was handed over. Letter: reception at the post office. Platform: when it was sent."""
    effective_on = models.DateField()
    reading = models.CharField(max_length=20)
    """Which reading of the rule fixed the date: "office", "letter_third_day", "ddu_A", "ddu_B", "tacit"."""
    transaction_code = models.CharField(max_length=120, blank=True, default="")
    evidence = models.CharField(max_length=500, blank=True, default="")
    departure = models.CharField(max_length=300, blank=True, default="")
    """Why another medium than the one that the person gave was used (DS4 25); empty where it was that one."""
    evidence_blob = models.ForeignKey(Blob, null=True, on_delete=models.PROTECT, related_name="+")
    recorded_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["file", "subject_id", "occurrence", "person"], name="one_notification_per_subject_and_person"
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_medium_display()} {self.effective_on:%d/%m/%Y}"


class PlatformSending(models.Model):
    """What was sent by the State's notifications platform, and what it answered (D8 arts. 13 and 15). Append-only.

    Only an answer of "sent" comes with a notification: somebody exempted, or without a domicile, was not notified.
    """

    class Answer(models.TextChoices):
        SENT = "sent", gettext_lazy("enviada con éxito")
        EXEMPTED = "exempted", gettext_lazy("exceptuado de la notificación electrónica")
        NO_DOMICILE = "no_domicile", gettext_lazy("sin domicilio digital")

    agency = models.ForeignKey(Agency, on_delete=models.PROTECT)
    file = models.ForeignKey(ElectronicFile, on_delete=models.PROTECT, related_name="sendings")
    case_ref = models.CharField(max_length=16, db_index=True)
    subject_id = models.CharField(max_length=80)
    occurrence = models.PositiveIntegerField(default=1)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    """The addressee; the RUN that was sent is theirs, which only accounts holds."""
    data = models.JSONField()
    """The other data of D8 13, as `platform_data` writes them."""
    answer = models.CharField(max_length=12, choices=Answer)
    transaction_code = models.CharField(max_length=120)
    sent_at = models.DateTimeField()
    record = models.OneToOneField(NotificationRecord, null=True, on_delete=models.PROTECT, related_name="sending")
    """The notification that it made."""
    recorded_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="only_what_was_sent_notifies",
                condition=models.Q(answer="sent", record__isnull=False)
                | (~models.Q(answer="sent") & models.Q(record=None)),
            )
        ]

    def __str__(self) -> str:
        return f"{self.transaction_code}: {self.get_answer_display()}"


class NotificationCertificate(models.Model):
    """The sealed certificate of a legal notification, in the file. Append-only, like what it certifies."""

    record = models.OneToOneField(NotificationRecord, on_delete=models.PROTECT, related_name="certificate")
    document = models.OneToOneField(Document, on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return str(self.document)
