"""What one command carries through the flow while it moves: the case, the clock, the actor and what to record."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.db.models import Exists, OuterRef

from accounts.models import Agency, Person, Role
from audit.api import Head, Pending, chain, insert
from jobs.api import Job, enqueue_all
from legaltime.api import Calendar, Place, local_date
from procedures.api import Bundle
from procedures.models import RoleBinding
from workflows.models import CaseTask, EntryOrder
from workflows.prepared import PreparedRead, update
from workflows.scopes import with_row

if TYPE_CHECKING:
    from workflows.models import Case

BINDINGS: PreparedRead[Any] = PreparedRead(
    1,
    lambda offering: (
        RoleBinding.objects.filter(offering_id=offering)
        .select_related("role")
        .annotate(
            has_order=Exists(EntryOrder.objects.filter(unit_id=OuterRef("role__unit_id"), is_over=False)),
        )
    ),
)
"""With whether an order that is not over rules the role's unit (art. 7): almost never, and without a read more."""


@dataclass
class Run:
    """One command on one locked case. Node code reads it; only `close` writes the case row."""

    case: Case
    now: datetime
    by: Person | None
    dirty: set[str] = field(default_factory=set)
    """Names of case columns that `close` must save."""
    tasks: list[CaseTask] = field(default_factory=list)
    """Tasks created by this command."""
    places: dict[int, int] = field(default_factory=dict)
    """In which order this command touched each task, by id."""
    links: list[tuple[int, int]] = field(default_factory=list)
    """(task, the task that led to it), which `close` writes in one statement."""
    joins: dict[str, CaseTask] = field(default_factory=dict)
    """Rows of joins that this command touched, by the split of their block: two branches may arrive at once."""
    events: list[Pending] = field(default_factory=list)
    """Events recorded by this command."""
    timers: list[Job] = field(default_factory=list)
    """Timers set by this command, which `close` writes in one statement."""
    last: list[Callable[[], None]] = field(default_factory=list)
    """What is done right before `close` writes: what holds rows that strangers wait for."""
    observations: dict[str, str] = field(default_factory=dict)
    """What the official of this command asks the applicant to correct: {question id: remark}."""
    source: str = ""
    """Who moves it where no person does: "outside:<id of the system>"; the engine itself without one."""

    @cached_property
    def bundle(self) -> Bundle:
        """The definition that the case is pinned to."""
        content: Bundle = self.case.flow_class.bundle
        return content

    @property
    def agency(self) -> Agency:
        return self.case.agency

    @cached_property
    def place(self) -> Place:
        """Where the agency sits, for business days."""
        return Place(commune=self.agency.commune, zone=self.agency.time_zone)

    @cached_property
    def calendar(self) -> Calendar:
        """The business days of that place."""
        return Calendar(self.place)

    @cached_property
    def today(self) -> date:
        """The legal date of this command at the agency's seat."""
        return local_date(self.now, self.place.zone)

    @cached_property
    def _bindings(self) -> dict[str, Any]:
        return {binding.slot: binding for binding in BINDINGS.rows(self.case.offering_id)}

    def role(self, slot: str) -> Role | None:
        """The agency's role behind a role slot; None where the offering does not bind it."""
        return self._bindings[slot].role if slot in self._bindings else None

    def has_order(self, slot: str) -> bool:
        """Whether an order about the order of entry may rule the steps of that role."""
        return bool(self._bindings[slot].has_order)

    @property
    def actor(self) -> str:
        """The text identity written in the audit log."""
        return f"person:{self.by.pk}" if self.by else self.source or "system:engine"

    def touch(self, *names: str) -> None:
        """Mark columns of the case as changed."""
        self.dirty.update(names)

    def record(self, kind: str, body: Mapping[str, Any], personal: Mapping[str, Any] | None = None) -> None:
        """Add an event to the case's chain; `close` inserts it and saves the head."""
        pending = chain(
            stream=f"case:{self.case.ref}",
            head=Head(self.case.audit_seq, bytes(self.case.audit_head)),
            kind=kind,
            actor=self.actor,
            at=self.now,
            body=dict(body),
            personal=personal,
        )
        self.events.append(pending)
        self.case.audit_seq, self.case.audit_head = pending.head.seq, pending.head.hash
        self.touch("audit_seq", "audit_head")

    def project(self, step_id: str, values: Mapping[str, Any], task: CaseTask | None = None) -> None:
        """Put the latest answers of a step where rules read them; what is no longer answered goes.

        Those of a task inside a `for_each` belong to its row.
        """
        block = self.bundle.loops.get(step_id)
        if block is None or task is None:
            self.case.data = {**self.case.data, step_id: dict(values)}
        else:
            self.case.data = with_row(self.case.data, block, task.occurrence, {step_id: dict(values)})
        self.touch("data")

    def close(self) -> None:
        """Save what was recorded, how tasks follow each other, and what changed on the case row."""
        while self.last:
            self.last.pop(0)()
        if self.events:
            insert(pending=self.events)
            self.events.clear()
        if self.timers:
            enqueue_all(jobs=self.timers)
            self.timers.clear()
        if self.links:
            follows = CaseTask.previous.through
            follows.objects.bulk_create(follows(from_casetask_id=task, to_casetask_id=led) for task, led in self.links)
            self.links.clear()
        if self.dirty:
            update(self.case, sorted(self.dirty))
            self.dirty.clear()
