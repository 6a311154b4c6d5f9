"""What an official's bandeja lists. Lists never read `flow_class` or `flow_task`: it would compile every version."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property

from django.db.models import Exists, Max, OuterRef, Prefetch, Q, QuerySet

from accounts.api import roles_of
from accounts.models import Person, Role
from audit.models import Event
from notifications.api import unreached
from notifications.models import PlatformSending
from procedures.models import Offering, RoleBinding
from workflows.models import (
    IN_ORDER,
    Case,
    CaseAccess,
    CaseLink,
    CaseParty,
    CaseTask,
    Challenge,
    Incident,
    Recusal,
    StatusIn,
)
from workflows.queries import incidents_among, missing_notifications, units_led
from workflows.rules import HELD, SIGNING, WAITING
from workflows.searching import Sought
from workflows.separation import deciders, interests, left_to_others


@dataclass(frozen=True)
class Bandeja:
    """The lists of one person on one day. Roles and offerings are read once, a list each time it is asked for."""

    person: Person
    on: date

    @cached_property
    def roles(self) -> list[Role]:
        """Those that the person holds."""
        return roles_of(self.person, self.on)

    @property
    def agencies(self) -> set[int]:
        """Ids of the agencies of those roles."""
        return {role.unit.agency_id for role in self.roles}

    @cached_property
    def offerings(self) -> set[int]:
        """Ids of the offerings in which one of those roles takes part."""
        return set(RoleBinding.objects.filter(role__in=self.roles).values_list("offering_id", flat=True))

    def procedures(self) -> dict[str, tuple[int, str]]:
        """{id: (version, its title)} of the procedures behind those offerings, by the newest."""
        offered = Offering.objects.filter(pk__in=self.offerings).order_by("pk")
        rows = offered.values_list("version__procedure_id", "version_id", "version__title")
        return {str(procedure): (version, title) for procedure, version, title in rows}

    def mine(self) -> QuerySet[CaseTask]:
        """Steps that the person took and has not finished, by legal deadline."""
        return _listed(self._open_tasks("ASSIGNED", "STARTED").filter(owner__person=self.person))

    def unclaimed(self) -> QuerySet[CaseTask]:
        """Steps of the person's roles that nobody has taken: those put first by order, then by legal deadline."""
        return _listed(self._open_tasks("NEW")).order_by("rank", *IN_ORDER)

    def to_sign(self) -> QuerySet[CaseTask]:
        """Signatures that the person holds or could take, in the order in which they are taken (art. 7)."""
        own = Q(status="NEW") | Q(status__in=["ASSIGNED", "STARTED"], owner__person=self.person)
        signatures = _listed(self._open_tasks("NEW", "ASSIGNED", "STARTED").filter(own, step_kind="sign"))
        return signatures.select_related(
            "process__agency", "process__version", "process__file", "owner__person", "role__unit", "unit"
        ).order_by("rank", "filed_at", "pk")

    @cached_property
    def units_led(self) -> set[int]:
        """Ids of the units whose work the person hands out."""
        return units_led(self.roles)

    def to_assign(self) -> QuerySet[CaseTask]:
        """Steps of the units that the person leads, taken or not, in the order in which they are given."""
        theirs = CaseTask.objects.filter(StatusIn(WAITING, HELD), unit__in=self.units_led, role__isnull=False)
        return _listed(theirs.filter(process__offering__in=self.offerings)).order_by("rank", "filed_at", "pk")

    def waiting_for_applicants(self) -> QuerySet[CaseTask]:
        """Steps that the applicants of the person's procedures must do."""
        tasks = CaseTask.objects.filter(StatusIn("NEW", "ASSIGNED"), for_applicant=True)
        return _listed(tasks.filter(process__offering_id__in=self.offerings))

    def waiting_for_others(self) -> QuerySet[CaseTask]:
        """Steps of the person's procedures that wait for a day, an outside event or another institution."""
        tasks = CaseTask.objects.filter(StatusIn("SCHEDULED"), step_kind__in=["wait", "service", "subcase"])
        linked = CaseLink.objects.filter(child__isnull=False).select_related("child__agency").defer("child__flow_class")
        listed = _listed(tasks.filter(process__offering_id__in=self.offerings)).select_related(
            "process__version", "role"
        )
        return listed.prefetch_related(Prefetch("links", linked, to_attr="opened"))

    def finished_cases(self) -> QuerySet[Case]:
        """Ended cases of the person's procedures, the latest first."""
        return _cases(self._cases().filter(finished__isnull=False)).order_by("-finished", "-pk")

    def found(self, sought: Sought) -> QuerySet[Case]:
        """Cases of the person's procedures, in any state, that are meant; the latest first."""
        cases = _cases(sought.cases(self._cases())).order_by("-filed_at", "-pk").prefetch_related(_steps_now())
        return cases.prefetch_related(_meant(sought)) if sought.is_about_people else cases

    def open_incidents(self) -> QuerySet[Incident]:
        """Incidents nobody closed yet, the oldest first."""
        return incidents_among(self.offerings, self.person, self.on).filter(closed_at=None)

    def challenges(self) -> list[Challenge]:
        """Challenges of officials that wait for the person's decision (art. 12), the oldest first."""
        waiting = Challenge.objects.filter(decided_at=None, case__offering_id__in=self.offerings)
        found = list(
            waiting.select_related("person", "case__version").defer("case__flow_class").order_by("asked_at", "pk")
        )
        if not found:
            return []
        people = deciders([(one.case, one.person_id) for one in found], self.on)
        return [one for one, who in zip(found, people, strict=True) if self.person.pk in who]

    def unreached(self) -> list[tuple[Case, PlatformSending]]:
        """Who must be notified by another way, since the State's platform does not reach them (DS4 25), by case.

        Not whoever has answered meanwhile: what waited for that notification is over.
        """
        sendings = list(unreached(self._cases().values("file")))
        files = [sending.file_id for sending in sendings]
        cases = (
            {case.file_id: case for case in self._cases().filter(file__in=files).defer("flow_class")} if files else {}
        )
        found = [(cases[sending.file_id], sending) for sending in sendings]
        return [(case, sending) for case, sending in found if _is_missing(case, sending)]

    def news(self, cases: Iterable[Case]) -> dict[int, datetime]:
        """{case: when something last happened in it that the person neither did nor has seen}.

        A case that the person never opened has no news: all of it is new.
        """
        streams = {f"case:{case.ref}": case.pk for case in cases}
        opened = CaseAccess.objects.filter(person=self.person, case__in=streams.values(), is_listed=False)
        seen: dict[int, datetime] = dict(opened.values_list("case").annotate(last=Max("at")))
        if not seen:
            return {}
        others = Event.objects.filter(stream__in=streams, at__gt=min(seen.values()))
        others = others.exclude(actor=f"person:{self.person.pk}")
        last = {streams[stream]: at for stream, at in others.values_list("stream").annotate(last=Max("at"))}
        return {case: at for case, at in last.items() if case in seen and at > seen[case]}

    def next_tasks(self) -> QuerySet[CaseTask]:
        """The ready tasks in the order of "Tomar la siguiente": what an order puts first, then by entry (art. 7).

        None of a case out of which the person keeps, nor of those that others must do.
        """
        ready = self._open_tasks("NEW").filter(
            ~Exists(Recusal.objects.filter(case=OuterRef("process"), person=self.person)),
            *(~Exists(one) for one in interests(OuterRef("process"), self.person, self.on)),
        )
        ready = ready.filter(~left_to_others(ready, self.person, self.on))
        ready = ready.select_related("process__agency", "role").defer("flow_task", "process__flow_class")
        return ready.order_by("rank", "filed_at", "pk")

    def _open_tasks(self, *states: str) -> QuerySet[CaseTask]:
        """Steps of the person's roles in these states: "NEW" is taken by nobody, "ASSIGNED" and "STARTED" are."""
        return CaseTask.objects.filter(StatusIn(*states), role__in=self.roles)

    def _cases(self) -> QuerySet[Case]:
        return Case.objects.filter(offering_id__in=self.offerings)


def _listed(tasks: QuerySet[CaseTask]) -> QuerySet[CaseTask]:
    """With who applied and the clocks; by the step's own last day, else the whole procedure's, then order of entry."""
    return (
        tasks.defer("flow_task", "process__flow_class")
        .select_related("process__agency", "owner__person")
        .prefetch_related("deadlines", _applicants("process__parties"))
        .order_by(*IN_ORDER)
    )


def _cases(cases: QuerySet[Case]) -> QuerySet[Case]:
    return cases.defer("flow_class").select_related("agency").prefetch_related(_applicants("parties"))


def _applicants(path: str) -> Prefetch[str, QuerySet[CaseParty], str]:
    parties = CaseParty.objects.filter(kind=CaseParty.Kind.APPLICANT, left_at=None)
    return Prefetch(
        path, parties.select_related("person", "organisation", "representative").order_by("pk"), to_attr="applicants"
    )


def _steps_now() -> Prefetch[str, QuerySet[CaseTask], str]:
    """The steps that wait for somebody, with who has each."""
    tasks = CaseTask.objects.filter(StatusIn(WAITING, HELD, SIGNING)).defer("flow_task")
    return Prefetch("task_set", tasks.select_related("owner__person").order_by("pk"), to_attr="steps_now")


def _meant(sought: Sought) -> Prefetch[str, QuerySet[CaseParty], str]:
    """Those for whom a case was found: not always who applied."""
    people = sought.parties().select_related("person", "organisation", "representative")
    return Prefetch("parties", people.order_by("pk"), to_attr="meant")


def _is_missing(case: Case, sending: PlatformSending) -> bool:
    told = (sending.subject_id, sending.occurrence)
    return told in {(missing.step_id, missing.occurrence) for missing in missing_notifications(case)}
