"""Who among the people of a role may do a step, given who did the others and who keeps out; and who decides on that."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Value

from accounts.api import in_force, within_reach
from accounts.models import Mandate, Membership, Person
from procedures.api import Bundle, Separated, SignStep, TamperedVersion, bundle_of
from procedures.models import ProcedureVersion, RoleBinding
from workflows.models import Case, CaseParty, CaseTask, Challenge, Recusal
from workflows.rules import Separation


def separation(case: Case, task: CaseTask, person: Person, on: date) -> Separation:
    """How the person stands to those who did other steps of the case."""
    keeps_out = kept_out(case, person, on)
    if keeps_out is not None:
        return keeps_out
    step = _separated(case, task)
    if step is None:
        return Separation.FREE
    others = set(able(on, case.pk).filter(role=task.role_id).exclude(person=person).values_list("person", flat=True))
    names = [step.same_as] if step.same_as else step.not_same_as
    return stands(step, person.pk, {_last_doer(case, name) for name in names}, others)


def stands(step: Separated, person: int, doers: Collection[int | None], others: Collection[int]) -> Separation:
    """How somebody stands to who last did the steps that this one names, given the others of the role who may act."""
    if step.same_as:
        return Separation.NOT_WHO_DID if not set(doers).isdisjoint(others) else Separation.FREE
    if person not in doers:
        return Separation.FREE
    alone = step.if_alone == "exception" and not set(others) - set(doers)
    return Separation.ALONE if alone else Separation.DID_ANOTHER


def _separated(case: Case, task: CaseTask) -> Separated | None:
    is_deferred = "flow_class" in case.get_deferred_fields()
    bundle: Bundle = bundle_of(case.version) if is_deferred else case.flow_class.bundle
    return separated(bundle, task.step_id)


def separated(bundle: Bundle, step_id: str) -> Separated | None:
    """The step, where it says who did others; None where it does not. Raises KeyError when the bundle has none such."""
    step = bundle.step(step_id)
    return step if isinstance(step, Separated) and (step.same_as or step.not_same_as) else None


def for_others(case: Case, task: CaseTask, person: Person, on: date) -> Q | None:
    """Which tasks of the same step others must do, given who did what; None where the step asks nothing of the kind."""
    step = _separated(case, task)
    return None if step is None or task.role_id is None else _others_must(step, task.role_id, person, on)


def left_to_others(tasks: QuerySet[CaseTask], person: Person, on: date) -> Q:
    """Which of these tasks of officials others must do, given who did what; two reads however many there are."""
    rows = tasks.order_by().values_list("process__version", "step_id", "role").distinct()
    asked: dict[int, list[tuple[str, int]]] = defaultdict(list)
    for version_id, step_id, role in rows:
        asked[version_id].append((step_id, role))
    found = Q(pk__in=[])
    for version in ProcedureVersion.objects.filter(pk__in=asked):
        for step_id, role in asked[version.pk]:
            with suppress(TamperedVersion, KeyError):  # what nobody can read is an incident of its own case
                step = separated(bundle_of(version), step_id)
                if step is not None:
                    found |= Q(
                        _others_must(step, role, person, on), process__version=version, step_id=step_id, role=role
                    )
    return found


def _others_must(step: Separated, role: int, person: Person, on: date) -> Q:
    """As `stands` has it: by who did each of the named steps last."""
    done = CaseTask.objects.filter(process=OuterRef("process"), status="DONE", finished_by__isnull=False)
    after = Q(finished__gt=OuterRef("finished")) | Q(finished=OuterRef("finished"), pk__gt=OuterRef("pk"))
    last = done.filter(~Exists(done.filter(after, step_id=OuterRef("step_id"))))
    if not step.same_as:
        return Q(Exists(last.filter(step_id__in=step.not_same_as, finished_by=person)))
    colleagues = able(on, OuterRef(OuterRef("process"))).filter(role=role).exclude(person=person)
    return Q(Exists(last.filter(step_id=step.same_as, finished_by__in=colleagues.values("person"))))


def kept_out(case: Case, person: Person, on: date) -> Separation | None:
    """Why the person has no part in the case as an official (art. 12); one read."""
    declared = case.recusals.filter(person=person).values_list(Value(Separation.ABSTAINED.value))
    found = interests(case.pk, person.pk, on)
    interested = [one.order_by().values_list(Value(Separation.PARTY.value)) for one in found]
    reasons = {reason for (reason,) in declared.order_by().union(*interested)}
    return next((one for one in (Separation.ABSTAINED, Separation.PARTY) if one.value in reasons), None)


def is_party(case: Case, person: Person, on: date) -> bool:
    """Whether the person has an interest of their own in the case, abstained or not (art. 12 N° 1); one read."""
    first, *others = (one.order_by().values_list("pk") for one in interests(case.pk, person.pk, on))
    return bool(first.union(*others))


def interests(case: Any, person: Any, on: date) -> Iterator[QuerySet[CaseParty]]:
    """What makes the person partial in the case (Ley 19.880 art. 12 N° 1)."""
    yield partial_in(case, person)
    yield from bound_up_in(case, person, on)


def partial_in(case: Any, person: Any) -> QuerySet[CaseParty]:
    """The person's own interest in the case, as party or for one (art. 12 N° 1); not of whoever only informed."""
    return _interested(Q(person=person) | Q(representative=person), case=case)


def bound_up_in(case: Any, person: Any, on: date) -> Iterator[QuerySet[CaseParty]]:
    """The person's other interests in it: in a case joined to it, to which it is joined or joined to the same older
    one, whose decision is one (art. 33), and as who governs an organisation that is party to any of them on that day
    (art. 12 N° 1)."""
    theirs = Q(person=person) | Q(representative=person)
    governed = Q(
        in_force(on, "organisation__mandates__"),
        organisation__mandates__representative=person,
        organisation__mandates__governs=True,
        organisation__mandates__revoked_at=None,
    )
    yield _interested(governed, case=case)
    for tie in ("case__joined_to", "case__joined", "case__joined_to__joined"):
        yield _interested(theirs, **{tie: case})
        yield _interested(governed, **{tie: case})


def _interested(whose: Q, **where: Any) -> QuerySet[CaseParty]:
    return CaseParty.objects.filter(whose, **where, left_at=None).exclude(kind=CaseParty.Kind.INFORMER)


def able(on: date, case: Any) -> QuerySet[Membership]:
    """Posts whose holder is there that day, or soon, and does not keep out of the case."""
    return Membership.objects.filter(in_force(on), within_reach(on), *keeps_no_distance(case, "person", on))


def keeps_no_distance(case: Any, person: str, on: date) -> Iterator[Q]:
    """Conditions on rows whose `person` does not keep out of the case, as `kept_out` has it."""
    who = OuterRef(person)
    for against in (Recusal.objects.filter(case=case, person=who), *interests(case, who, on)):
        yield Q(~Exists(against))


def _last_doer(case: Case, step_id: str) -> int | None:
    done = CaseTask.objects.filter(process=case, step_id=step_id, status="DONE", finished_by__isnull=False)
    return done.order_by("-finished", "-pk").values_list("finished_by", flat=True).first()


# Who decides whether an official keeps out (Ley 19.880 art. 12)


def superiors(case: Case, challenged: Person, on: date) -> QuerySet[Person]:
    """Who decides about an official: whoever signs acts of the case, or any colleague in it where none may."""
    [found] = deciders([(case, challenged.pk)], on)
    return Person.objects.filter(pk__in=found).order_by("pk")


def deciders(asked: Sequence[tuple[Case, int]], on: date) -> list[set[int]]:
    """For each official (by id) challenged in a case, the ids of who decides; as many reads however many are asked."""
    offerings = {case.offering_id for case, _challenged in asked}
    bound: dict[int, list[tuple[str, int]]] = defaultdict(list)
    for offering, slot, role in RoleBinding.objects.filter(offering__in=offerings).values_list(
        "offering_id", "slot", "role_id"
    ):
        bound[offering].append((slot, role))
    holders: dict[int, set[int]] = defaultdict(set)
    roles = {role for pairs in bound.values() for _slot, role in pairs}
    for role, person in Membership.objects.filter(in_force(on), role__in=roles).values_list("role_id", "person_id"):
        holders[role].add(person)
    partial = _partial({case.pk: case for case, _challenged in asked}, on)
    return [_deciders(case, bound[case.offering_id], holders, {*partial[case.pk], who}) for case, who in asked]


def _deciders(
    case: Case, bound: Sequence[tuple[str, int]], holders: Mapping[int, set[int]], partial: set[int]
) -> set[int]:
    signers = {
        slot for step in bundle_of(case.version).every_step() if isinstance(step, SignStep) for slot in step.signers
    }
    heads = {person for slot, role in bound if slot in signers for person in holders[role]} - partial
    return heads or {person for _slot, role in bound for person in holders[role]} - partial


def _partial(cases: Mapping[int, Case], on: date) -> dict[int, set[int]]:
    """{case: who decides on nobody in it}: interested persons, who represents or governs them, those of cases that are
    decided together with it, and officials who keep out of it or whom a challenge asks to."""
    found: dict[int, set[int]] = defaultdict(set)
    decided_with: dict[int, set[int]] = defaultdict(set)
    for case, together in decided_together(cases).items():
        for one in together:
            decided_with[one].add(case)
    organisations: dict[int, set[int]] = defaultdict(set)
    for case, person, representative, organisation in CaseParty.objects.filter(case__in=decided_with).values_list(
        "case_id", "person_id", "representative_id", "organisation_id"
    ):
        for one in decided_with[case]:
            found[one] |= {who for who in (person, representative) if who is not None}
            organisations[organisation or 0].add(one)
    governing = Mandate.objects.filter(in_force(on), grantor_organisation__in=organisations, revoked_at=None)
    for organisation, person in governing.filter(governs=True).values_list("grantor_organisation", "representative"):
        for one in organisations[organisation]:
            found[one].add(person)
    for case, asked_by, person, decided_at in Challenge.objects.filter(case__in=cases).values_list(
        "case_id", "asked_by_id", "person_id", "decided_at"
    ):
        found[case] |= {asked_by} if decided_at else {asked_by, person}
    for case, person in Recusal.objects.filter(case__in=cases).values_list("case_id", "person_id"):
        found[case].add(person)
    return found


def decided_together(cases: Collection[int]) -> dict[int, set[int]]:
    """{each of these cases: those decided with it}: itself, the older one that it is joined to, and all that are joined
    to either (art. 33); one read."""
    older = dict.fromkeys(cases, None) | dict(
        Case.objects.filter(Q(joined_to__in=cases) | Q(joined_to__joined__in=cases)).values_list("pk", "joined_to")
    )
    groups: dict[int, set[int]] = defaultdict(set)
    for case, principal in older.items():
        groups[principal or case] |= {case, principal or case}
    return {case: groups[older[case] or case] for case in cases}


def is_superior(case: Case, person: Person, challenged: Person, on: date) -> bool:
    """Whether the person decides about the other."""
    [found] = deciders([(case, challenged.pk)], on)
    return person.pk in found


def undecidable(case: Case, on: date) -> list[Challenge]:
    """The challenges of an open case that nobody may decide."""
    if case.finished is not None:
        return []
    waiting = list(case.challenges.filter(decided_at=None).select_related("person").order_by("pk"))
    if not waiting:
        return []
    found = deciders([(case, one.person_id) for one in waiting], on)
    return [one for one, people in zip(waiting, found, strict=True) if not people]
