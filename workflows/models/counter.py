"""Attending somebody at the counter or by phone: an official helps a person who is there or who calls."""

from django.db import models
from django.utils.translation import gettext_lazy

from accounts.models import Agency, Mandate, Membership, Person
from documents.models import Blob, Document
from workflows.models.cases import Case, CaseTask, Channel
from workflows.models.submissions import Submission


class Attendance(models.Model):
    """One person attended by one official of an adhering office, with how the person's identity was proven."""

    class Identity(models.TextChoices):
        CARD = "card", gettext_lazy("cédula de identidad a la vista")
        PASSPORT = "passport", gettext_lazy("pasaporte a la vista")
        OTHER = "other", gettext_lazy("otro documento con fotografía a la vista")
        QUESTIONS = "questions", gettext_lazy("preguntas por teléfono")
        NOBODY = "nobody", gettext_lazy("no se comprobó")

    agency = models.ForeignKey(Agency, on_delete=models.PROTECT)
    """The office where it happened; the procedures may be of any agency (DS4 art. 30)."""
    official = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    membership = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="attendances")
    channel = models.CharField(max_length=12, choices=Channel, default=Channel.COUNTER)
    """The counter or the phone."""
    identity = models.CharField(max_length=10, choices=Identity)
    document_number = models.CharField(max_length=30, blank=True, default="")
    """Number or series printed on the document that was shown; empty by phone."""
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.agency} {self.started_at:%d/%m/%Y %H:%M}"

    @property
    def is_by_phone(self) -> bool:
        """Whether the person called instead of coming."""
        return self.channel == Channel.PHONE

    @property
    def is_identified(self) -> bool:
        """Whether the person proved who they are, so that what is theirs may be told and gone on with."""
        return self.identity != self.Identity.NOBODY


class IdentityQuestion(models.Model):
    """A question by which a caller proves who they are, and whether the answer was right; never the answer."""

    class About(models.TextChoices):
        EMAIL = "email", gettext_lazy("correo que dejó en una solicitud")
        # No longer asked: the State holds nobody's telephone.
        PHONE = "phone", "teléfono que dejó en una solicitud"
        NUMBER = "number", "N° de una solicitud suya"
        CARD = "card", "N° de documento de su cédula, vigente según el Registro Civil"

    attendance = models.ForeignKey(Attendance, on_delete=models.PROTECT, related_name="questions")
    about = models.CharField(max_length=10, choices=About)
    is_right = models.BooleanField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["attendance", "about"], name="one_answer_per_question")]

    def __str__(self) -> str:
        return f"{self.about}: {self.is_right}"


class PowerPaper(models.Model):
    """The paper by which somebody gave a power at the counter."""

    mandate = models.OneToOneField(Mandate, on_delete=models.PROTECT, related_name="paper")
    attendance = models.ForeignKey(Attendance, on_delete=models.PROTECT)
    blob = models.ForeignKey(Blob, on_delete=models.PROTECT)

    def __str__(self) -> str:
        return str(self.mandate)


class PaperAnswer(models.Model):
    """An answer to a correction that the person brought on paper, and when the counter received it (DS 4 art. 8)."""

    submission = models.OneToOneField(Submission, on_delete=models.PROTECT, related_name="paper")
    attendance = models.ForeignKey(Attendance, on_delete=models.PROTECT, related_name="answers")
    received_at = models.DateTimeField()
    """When the person handed it over; an official typed it at the submission's `at`."""
    effective_at = models.DateTimeField()
    """From when it counts: the first hour of the next business day for what came on another (art. 25)."""
    is_in_time = models.BooleanField()
    """Whether it counts within the time to answer, also where it was typed after that was over."""
    receipt = models.OneToOneField(Document, on_delete=models.PROTECT, related_name="+")
    """What the person took home."""

    def __str__(self) -> str:
        return str(self.submission)


class OverlookedPaper(models.Model):
    """A paper for a correction, typed once that was decided: nobody considered it, and somebody says what follows.

    Where the correction was answered and nothing is decided yet, it is only added to the file, to be considered.
    """

    class Outcome(models.TextChoices):
        WAITING = "waiting", gettext_lazy("todavía nadie dice qué se hace con él")
        CONSIDERED = "considered", gettext_lazy("se considera al resolver, porque la solicitud sigue")
        RECTIFIED = "rectified", gettext_lazy("se aclara o rectifica el acto (Ley 19.880, art. 62)")
        INVALIDATION = (
            "invalidation",
            gettext_lazy("se inicia la invalidación del acto, con audiencia previa (Ley 19.880, art. 53)"),
        )
        APPEAL = "appeal", gettext_lazy("se considera en el recurso que se presentó (Ley 19.880, art. 59)")
        STANDS = "stands", gettext_lazy("no cambia lo que se resolvió")
        ADDED = "added", gettext_lazy("se agregó a la solicitud, que todavía no se resolvía")

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="overlooked_papers")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT)
    attendance = models.ForeignKey(Attendance, on_delete=models.PROTECT, related_name="overlooked_papers")
    task = models.ForeignKey(CaseTask, on_delete=models.PROTECT)
    """The correction for which the person brought it."""
    document = models.OneToOneField(Document, on_delete=models.PROTECT, related_name="+")
    """The scan."""
    receipt = models.OneToOneField(Document, on_delete=models.PROTECT, related_name="+")
    """What the person took home."""
    received_at = models.DateTimeField()
    effective_at = models.DateTimeField()
    """From when it counts (art. 25)."""
    is_in_time = models.BooleanField()
    """Whether it came within the time to answer, and before somebody decided without it."""
    entered_at = models.DateTimeField()
    outcome = models.CharField(max_length=12, choices=Outcome, default=Outcome.WAITING)
    answer = models.TextField(blank=True, default="")
    """Why, as the person reads it."""
    answered_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    answered_at = models.DateTimeField(null=True)
    record = models.OneToOneField(Document, null=True, on_delete=models.PROTECT, related_name="+")
    """The sealed record of what is done with it."""

    def __str__(self) -> str:
        return str(self.document)
