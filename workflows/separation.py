"""Who among the people of a role may do a step, given who did the others and who keeps out; and who decides on that."""

from __future__ import annotations

from datetime import date

from django.db.models import Q, QuerySet

from accounts.api import in_force
from accounts.models import Membership, Person
from procedures.api import Bundle, Separated, SignStep, bundle_of
from procedures.models import RoleBinding
from workflows.models import Case, CaseTask, Challenge
from workflows.rules import Separation


def separation(case: Case, task: CaseTask, person: Person, on: date) -> Separation:
    """How the person stands to those who did other steps of the case."""
    if case.recusals.filter(person=person).exists():
        return Separation.ABSTAINED
    is_deferred = "flow_class" in case.get_deferred_fields()
    bundle: Bundle = bundle_of(case.version) if is_deferred else case.flow_class.bundle
    step = bundle.step(task.step_id)
    if not isinstance(step, Separated) or not (step.same_as or step.not_same_as):
        return Separation.FREE
    others = list(_open_members(task, on).exclude(person=person).values_list("person", flat=True).distinct())
    if step.same_as:
        did = _last_doer(case, step.same_as)
        return Separation.NOT_WHO_DID if did in others else Separation.FREE
    doers = {_last_doer(case, name) for name in step.not_same_as}
    if person.pk not in doers:
        return Separation.FREE
    alone = step.if_alone == "exception" and not set(others) - doers
    return Separation.ALONE if alone else Separation.DID_ANOTHER


def _open_members(task: CaseTask, on: date) -> QuerySet[Membership]:
    return Membership.objects.filter(in_force(on), role=task.role_id)


def _last_doer(case: Case, step_id: str) -> int | None:
    done = CaseTask.objects.filter(process=case, step_id=step_id, status="DONE", finished_by__isnull=False)
    return done.order_by("-finished", "-pk").values_list("finished_by", flat=True).first()


# Who decides whether an official keeps out (Ley 19.880 art. 12)


def superiors(case: Case, challenged: Person, on: date) -> QuerySet[Person]:
    """Who decides about an official: whoever signs acts of the case, or any colleague in it where none may."""
    steps = bundle_of(case.version).every_step()
    signers = {slot for step in steps if isinstance(step, SignStep) for slot in step.signers}
    bound = RoleBinding.objects.filter(offering_id=case.offering_id)
    partial = Q(pk=challenged.pk) | _partial(case)
    heads = _in_office(bound.filter(slot__in=signers), on).exclude(partial)
    return heads if heads.exists() else _in_office(bound, on).exclude(partial)


def _partial(case: Case) -> Q:
    """Who decides on nobody in the case: interested persons and who represents them, and officials who keep out of it
    or whom a challenge asks to."""
    people = case.parties.filter(person__isnull=False).values("person")
    speakers = case.parties.filter(representative__isnull=False).values("representative")
    interested = Q(pk__in=people) | Q(pk__in=speakers) | Q(pk__in=case.challenges.values("asked_by"))
    challenged = case.challenges.filter(decided_at=None).values("person")
    return interested | Q(pk__in=case.recusals.values("person")) | Q(pk__in=challenged)


def _in_office(bound: QuerySet[RoleBinding], on: date) -> QuerySet[Person]:
    posts = Membership.objects.filter(in_force(on), role__in=bound.values("role"))
    return Person.objects.filter(pk__in=posts.values("person")).order_by("pk")


def is_superior(case: Case, person: Person, challenged: Person, on: date) -> bool:
    """Whether the person decides about the other."""
    return superiors(case, challenged, on).filter(pk=person.pk).exists()


def undecidable(case: Case, on: date) -> list[Challenge]:
    """The challenges of an open case that nobody may decide."""
    if case.finished is not None:
        return []
    waiting = case.challenges.filter(decided_at=None).select_related("person").order_by("pk")
    return [one for one in waiting if not superiors(case, one.person, on).exists()]
