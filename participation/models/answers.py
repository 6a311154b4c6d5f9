"""The duty to answer, the answers, and the roadmap."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Agency, Person
from participation.models.subjects import Stage, Subject
from participation.models.supports import Support
from procedures.models import Offering
from workflows.models import Case


class Commitment(models.Model):
    """Compromiso de responder: an agency adhered, by an act of its own, and answers with this procedure."""

    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="commitments")
    act = models.CharField(max_length=200)
    """The act by which it adhered: "Decreto Alcaldicio N° 512 de 2026"."""
    adhered_on = models.DateField()
    ended_on = models.DateField(null=True)
    offering = models.ForeignKey(Offering, on_delete=models.PROTECT, related_name="+")
    """The procedure with which its people work out the answer; its term is the agency's term."""
    floor = models.PositiveIntegerField(null=True)
    """A lower threshold than the rules ask, if the agency chose one."""

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["agency"], condition=Q(ended_on=None), name="one_open_commitment")
        ]

    def __str__(self) -> str:
        return f"{self.agency}: {self.act}"


class Answer(models.Model):
    """What the institution owes to a subject that crossed its threshold, and what it said."""

    class Said(models.TextChoices):
        YES = "yes", _("Sí, con fecha")
        EXISTS = "already", _("Ya existe")
        NO = "no", _("No, con motivo")
        SIMPLIFY = "simplify", _("Se simplificará")
        TRANSFER = "transfer", _("No es de esta institución")

    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="answers")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    round = models.PositiveSmallIntegerField(default=1)
    """2 when a "no" was contested; there is no third. In a round it may pass from one institution to another."""
    case = models.OneToOneField(Case, null=True, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    due_on = models.DateField(null=True)
    supports = models.PositiveIntegerField()
    """How many people asked when it was crossed."""
    said = models.CharField(max_length=10, choices=Said, blank=True, default="")
    code = models.CharField(max_length=60, blank=True, default="")
    """The reason code of a no, as the procedure offers them."""
    text = models.TextField(blank=True, default="")
    by_date = models.DateField(null=True)
    to_agency = models.ForeignKey(Agency, null=True, on_delete=models.PROTECT, related_name="+")
    """To whom it passed the request on, where that is an institution of this site."""
    to_name = models.CharField(max_length=200, blank=True, default="")
    """The same in words."""
    previous = models.OneToOneField("self", null=True, on_delete=models.PROTECT, related_name="following")
    """The answer by which the request came to this institution."""
    answered_at = models.DateTimeField(null=True)
    escalated_at = models.DateTimeField(null=True)
    """When those who direct the institution and those who support it were told that it is late, once."""

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["subject", "round", "agency"], name="one_answer_per_agency_and_round"),
            models.CheckConstraint(name="answer_rounds", condition=Q(round__gte=1, round__lte=2)),
        ]
        indexes = [models.Index(fields=["due_on"], name="answer_owed", condition=Q(answered_at=None))]

    def __str__(self) -> str:
        return f"{self.subject_id}.{self.round} {self.said}"


class Contest(models.Model):
    """A supporter asks that a "no" be reconsidered. Append-only."""

    answer = models.ForeignKey(Answer, on_delete=models.PROTECT, related_name="contests")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["answer", "person"], name="one_contest_per_person")]

    def __str__(self) -> str:
        return f"objeción a {self.answer_id}"


class StageEvent(models.Model):
    """A subject moved on the roadmap, with its public reason. Append-only."""

    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="stages")
    stage = models.CharField(max_length=12, choices=Stage)
    reason = models.CharField(max_length=500)
    at = models.DateTimeField()
    by = models.CharField(max_length=80)

    class Meta:
        indexes = [models.Index(fields=["subject", "at"], name="stage_of_subject")]

    def __str__(self) -> str:
        return f"{self.subject_id} {self.stage}"


class WorthIt(models.Model):
    """A supporter's answer, months later: was it worth it?"""

    support = models.OneToOneField(Support, on_delete=models.PROTECT, related_name="worth_it")
    yes = models.BooleanField()
    at = models.DateTimeField()

    def __str__(self) -> str:
        return "sí" if self.yes else "no"
