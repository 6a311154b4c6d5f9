"""Care for the count: merges that can be undone, supports under review, and what looked unusual."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Person
from participation.models.subjects import Subject
from participation.models.supports import Door, Support, verifier_label


class Merge(models.Model):
    """Two subjects ask for the same. A row, so that it can be undone; no support moves."""

    source = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="merges")
    into = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="merges_in")
    reason = models.CharField(max_length=500)
    at = models.DateTimeField()
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    undone_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source"], condition=Q(undone_at=None), name="one_open_merge"),
            models.CheckConstraint(name="merge_of_two", condition=~Q(source=models.F("into"))),
        ]

    def __str__(self) -> str:
        return f"{self.source_id} → {self.into_id}"


class MergeOptOut(models.Model):
    """A supporter does not want to be counted for the other subject."""

    merge = models.ForeignKey(Merge, on_delete=models.PROTECT, related_name="opt_outs")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["merge", "person"], name="one_opt_out_per_person")]

    def __str__(self) -> str:
        return f"{self.merge_id}"


class Review(models.Model):
    """A batch of supports set aside, with its reason: opened by one person, decided by another, and can be undone."""

    class State(models.TextChoices):
        OPEN = "open", _("en revisión")
        UPHELD = "upheld", _("excluidos")
        RESTORED = "restored", _("restituidos")
        LAPSED = "lapsed", _("restituidos porque nadie decidió a tiempo")

    subject = models.ForeignKey(Subject, null=True, on_delete=models.PROTECT, related_name="reviews")
    """NULL when supports of several subjects were set aside together."""
    reason = models.CharField(max_length=500)
    """Public."""
    provider = models.CharField(max_length=60, blank=True, default="")
    """Only supports whose identity this provider vouched for; empty for all."""
    door = models.CharField(max_length=8, choices=Door, blank=True, default="")
    """Only supports given at this door; empty for all."""
    official = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    """Only supports that this official wrote down; not published."""
    report = models.ForeignKey("Anomalies", null=True, on_delete=models.PROTECT, related_name="reviews")
    """The hourly report that led to it."""
    supports_from = models.DateTimeField()
    supports_to = models.DateTimeField()
    """Supports given between these instants were set aside."""
    size = models.PositiveIntegerField()
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="review_decided_by_another",
                condition=Q(decided_by=None) | ~Q(decided_by=models.F("opened_by")),
            )
        ]

    def __str__(self) -> str:
        return f"{self.size} {self.state}"

    @property
    def verified_by(self) -> str:
        """Who vouched for the identities, in words; empty for all."""
        return verifier_label(self.provider)


class ReviewItem(models.Model):
    """A support that a review set aside, and holds until it is given back: no two reviews hold the same one."""

    review = models.ForeignKey(Review, on_delete=models.PROTECT, related_name="items")
    support = models.ForeignKey(Support, on_delete=models.PROTECT, related_name="reviews")
    holds = models.BooleanField(default=True)
    """False once the review gave its supports back."""

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["review", "support"], name="one_item_per_support"),
            models.UniqueConstraint(fields=["support"], condition=Q(holds=True), name="one_hold_per_support"),
        ]

    def __str__(self) -> str:
        return f"{self.review_id}.{self.support_id}"


class Anomalies(models.Model):
    """What the hourly look found unusual: numbers of supports by subject, never people."""

    at = models.DateTimeField()
    found = models.JSONField(default=list)

    def __str__(self) -> str:
        return f"{self.at:%d/%m/%Y %H:%M}: {len(self.found)}"
