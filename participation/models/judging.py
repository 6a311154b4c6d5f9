"""What moderators decided on words for the public: each decision stays, with who took it and why."""

from django.db import models
from django.db.models import Q

from accounts.models import Person
from participation.models.subjects import Addendum, Proposal


class Judgement(models.Model):
    """A moderator publishes a text or not. A refusal by the institution concerned may wait for another person's.

    Append-only.
    """

    proposal = models.ForeignKey(Proposal, null=True, on_delete=models.PROTECT, related_name="judgements")
    addendum = models.ForeignKey(Addendum, null=True, on_delete=models.PROTECT, related_name="judgements")
    text_digest = models.CharField(max_length=64)
    """Of the text that was read: its author may change a proposal and send it again."""
    publish = models.BooleanField()
    reason = models.CharField(max_length=15, choices=Proposal.Reason, blank=True, default="")
    is_final = models.BooleanField()
    """False of a refusal that waits for somebody else's."""
    by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    """NULL of addenda published before they were moderated."""
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="judgement_of_one",
                condition=Q(proposal=None, addendum__isnull=False) | Q(proposal__isnull=False, addendum=None),
            ),
            models.CheckConstraint(name="judgement_refusal_has_reason", condition=Q(publish=True) | ~Q(reason="")),
            models.UniqueConstraint(fields=["addendum"], condition=Q(is_final=True), name="one_judgement_per_addendum"),
        ]

    def __str__(self) -> str:
        return "publicar" if self.publish else self.reason
