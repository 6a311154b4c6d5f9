"""Races with real connections: every scenario with its locks, then again without them as a control.

Runs in a process of its own on a new database; prints {scenario: {"locked": [...], "unlocked": [...]}}, where a list
holds what was wrong afterwards.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import datetime, timedelta
from threading import Barrier, BrokenBarrierError, Thread, get_ident
from typing import Any
from unittest.mock import patch

from django.db import connection, connections
from django.db.models import QuerySet

from accounts import posts
from accounts.api import end_posts
from accounts.models import Membership, Person, User
from designer import operations, publishing, reviewing, starting
from designer.models import DraftRevision, ProcedureDraft
from documents.models import BookEntry, Document, ElectronicFile
from jobs.models import Job
from notifications.api import Notified
from procedures.api import check_data
from procedures.models import ProcedureVersion
from signatures.models import SignatureRequest
from tests.story import Story
from workflows import drafts
from workflows.commands import acts, corrections, desk, entry_orders, expiry, filing, locking
from workflows.commands.notification import record_notification
from workflows.errors import CommandRefused
from workflows.models import Case, CaseTask, Deadline, EntryOrder, Submission
from workflows.runtime import Run

OPEN = ["NEW", "ASSIGNED", "STARTED", "SCHEDULED"]
FILINGS, FILERS = 100, 4
SHORT, LONG = 0.7, 3.0
"""Seconds that a racer waits for another: with the lock, in vain; without it they must meet on a busy machine too."""
Act = Callable[[], object]
Wrong = list[str]


class Meeting:
    """Where two racers wait for each other inside their transactions; with a lock the second never gets there."""

    seconds = SHORT

    def __init__(self) -> None:
        self.barrier = Barrier(2)

    def wait(self) -> None:
        """Until the other arrives, or not for longer."""
        try:
            self.barrier.wait(self.seconds)
        except BrokenBarrierError:
            return


@contextmanager
def meeting_after_reading() -> Iterator[None]:
    """Racers meet once they have read the case, or the draft that is filed."""
    meeting = Meeting()

    class MetRun(Run):
        def __post_init__(self) -> None:
            meeting.wait()

    def met_answers(draft: Any, now: Any = None, complete: Callable[..., Any] = drafts.complete_answers) -> Any:
        if draft.task_id is None:
            meeting.wait()
        return complete(draft, now)

    kept = locking.Run, drafts.complete_answers  # type: ignore[attr-defined]
    locking.Run, drafts.complete_answers = MetRun, met_answers  # type: ignore[attr-defined]
    try:
        yield
    finally:
        locking.Run, drafts.complete_answers = kept  # type: ignore[attr-defined]


@contextmanager
def meeting_at_the_task() -> Iterator[None]:
    """The answer and the timer meet once both have read the task and before either writes it."""
    meeting, read, lead_on = Meeting(), locking.task_of, expiry._lead_on

    def met_read(run: Run, task_id: int) -> CaseTask:
        task = read(run, task_id)
        meeting.wait()
        return task

    def met_lead_on(*facts: Any) -> None:
        meeting.wait()
        lead_on(*facts)

    with (
        patch("workflows.commands.corrections.task_of", met_read),
        patch("workflows.commands.expiry._lead_on", met_lead_on),
    ):
        yield


@contextmanager
def meeting_at_the_draft() -> Iterator[None]:
    """Who publishes a procedure and who edits it meet once both have read its draft, each once."""
    meeting, read, met = Meeting(), operations._locked, set[int]()

    def met_read(*facts: Any) -> operations.Edit:
        found = read(*facts)
        if get_ident() not in met:
            met.add(get_ident())
            meeting.wait()
        return found

    with patch("designer.operations._locked", met_read):
        yield


@contextmanager
def meeting_before_the_order() -> Iterator[None]:
    """Two orders meet once each found no other on its days, and before either is written."""
    meeting, refuse = Meeting(), entry_orders._refuse_overlap

    def met(new: entry_orders.NewOrder) -> None:
        refuse(new)
        meeting.wait()

    with patch("workflows.commands.entry_orders._refuse_overlap", met):
        yield


@contextmanager
def meeting_before_the_end() -> Iterator[None]:
    """Two who end each other's post meet once each found that somebody else stays."""
    meeting, refuse = Meeting(), posts._refuse_last

    def met(*facts: Any) -> None:
        refuse(*facts)
        meeting.wait()

    with patch("accounts.posts._refuse_last", met):
        yield


def at_once(*racers: Act) -> list[str]:
    """Start all at the same moment, each with its own connection; what became of each, sorted. Two meet halfway."""
    gate, said = Barrier(len(racers)), []

    def run(racer: Act) -> None:
        gate.wait()
        try:
            racer()
            said.append("done")
        except Exception as error:
            said.append("refused" if isinstance(error, CommandRefused) else type(error).__name__)
        finally:
            connections.close_all()

    threads = [Thread(target=run, args=(racer,)) for racer in racers]
    with meeting_after_reading() if len(racers) == 2 else nullcontext():
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    return sorted(said)


def expect(**facts: tuple[object, object]) -> Wrong:
    """What is not as it must be: name=(found, wanted)."""
    return [f"{name}: {found!r}, not {wanted!r}" for name, (found, wanted) in facts.items() if found != wanted]


class Races:
    """The scenarios. Each files its own case, so that a control cannot disturb the next."""

    is_control = False
    """Whether the lock in question is taken away."""

    def __init__(self, story: Story) -> None:
        self.story = story
        for name in story.people:
            story.user(name)

    def two_decisions(self) -> Wrong:
        case, task = self._taken("admision")
        answers = [self.story.posted(case, "admision", {"resultado": value}) for value in ("admitir", "rechazar")]
        said = at_once(*[self._completing(task, "Beto", data) for data in answers])
        filed = Submission.objects.filter(case=case, step_id="admision").count()
        return expect(
            said=(said, ["done", "refused"]), decisions=(filed, 1), one_way=(len(self._open(case)) in (1, 2), True)
        )

    def two_filings_of_one_draft(self) -> Wrong:
        draft = self.story.draft(self.story.offering("patente_comercial"))
        signed = [self.story.signature(draft) for _click in range(2)]
        ana = self.story.people["Ana"]
        said = at_once(
            *[
                lambda sign=sign: filing.start(draft=draft, by=ana, signature=sign, now=self.story.now)
                for sign in signed
            ]
        )
        cases = Case.objects.filter(ref=draft.ref).count()
        return expect(said=(said, ["done", "refused"]), cases=(cases, 1))

    def two_claims(self) -> Wrong:
        case = self.story.file()
        task = self.story.task(case, "admision")
        said = at_once(*[self._claiming(task, name) for name in ("Beto", "Bruno")])
        owners = Counter(self.story.task(case, "admision").owner_id for _row in range(1))
        return expect(said=(said, ["done", "refused"]), owners=(sum(owners.values()), 1))

    def two_orders(self) -> Wrong:
        EntryOrder.objects.all().delete()
        offering, elena = self.story.offering("patente_comercial"), self.story.people["Elena"]
        unit, today = offering.agency.units.get(code="rentas"), self.story.now.date()
        condition = {"all": [{"field": "inicio.giro", "op": "eq", "value": "comercio"}]}
        new = entry_orders.NewOrder(offering, unit, condition, today, today, "Feria")
        with meeting_before_the_order():
            said = at_once(*[lambda: entry_orders.give_order(new=new, by=elena, now=self.story.now)] * 2)
        return expect(said=(said, ["done", "refused"]), orders=(EntryOrder.objects.count(), 1))

    def two_administrators(self) -> Wrong:
        story, today = self.story, self.story.now.date()
        role = story.people["Inés"].memberships.get().role
        both = [story.people["Inés"], story.people["Ana"]]
        for one in both:
            Membership.objects.update_or_create(
                person=one, role=role, defaults={"post": "x", "starts_on": today - timedelta(days=9), "ends_on": None}
            )

        def ending(by: Person, of: Person) -> Act:
            post = Membership.objects.select_related("role__unit__agency").get(person=of, role=role)
            yesterday = today - timedelta(days=1)
            return lambda: end_posts(posts=[post], ends_on=yesterday, by=by, today=today, now=story.now)

        with meeting_before_the_end():
            said = at_once(ending(*both), ending(*both[::-1]))
        left = Membership.objects.filter(role=role, ends_on=None).count()
        Membership.objects.filter(person=both[0], role=role).update(ends_on=None)  # the next scenarios need her
        return expect(said=(said, ["PostRefused", "done"]), administer=(left, 1))

    def an_answer_against_the_clock(self) -> Wrong:
        case = self._waiting_for_correction()
        answer = drafts.begin_answer(
            task=case.task_set.get(step_id="correccion"), by=self.story.people["Ana"], now=self.story.now
        )
        self.story.fill(answer)
        signature = self.story.signature(answer)
        clock = Deadline.objects.get(case=case, step_id="correccion")
        timer = Job.objects.get(kind="workflows.deadline", payload__deadline=clock.pk)
        late = self.story.now + timedelta(days=9)
        ana = self.story.people["Ana"]
        with meeting_at_the_task():
            said = at_once(
                lambda: corrections.answer_correction(draft=answer, by=ana, signature=signature, now=late),
                lambda: expiry.expire(timer, late),
            )
        strange = [word for word in said if word not in ("done", "refused")]
        return expect(strange=(strange, []), steps=(len(self._open(case)), 1))

    def two_branches_end(self) -> Wrong:
        case, task = self._taken("admision")
        self.story.do_claimed(case, task, resultado="admitir")
        ends = []
        for step, name in (("informe_obras", "Carla"), ("informe_salud", "Dora")):
            data = self.story.posted(case, step, {"favorable": True})
            ends.append(self._completing(self._take(case, step, name), name, data))
        said = at_once(*ends)
        joins = CaseTask.objects.filter(process=case, flow_task_type="JOIN").values_list("status", flat=True)
        decisions = CaseTask.objects.filter(process=case, step_id="decision").count()
        kept = set(Case.objects.get(pk=case.pk).data) >= {"informe_obras", "informe_salud"}
        return expect(
            said=(said, ["done", "done"]), joins=(list(joins), ["DONE"]), decisions=(decisions, 1), answers=(kept, True)
        )

    def two_signatures(self) -> Wrong:
        case, task = self._taken("admision")
        self.story.do_claimed(case, task, resultado="rechazar")
        writing = self._take(case, "redaccion_rechazo_inicial", "Beto")
        acts.finish_act(
            task=writing, by=self.story.user("Beto"), texts={}, answered=desk.Answered(data={}), now=self.story.now
        )
        signing = self._take(case, "firma_infundada", "Fabián")
        act = Document.objects.get(pk=signing.data["document"])
        intents = [self.story.intent("Fabián", f"task:{signing.pk}", act.content_sha256) for _click in range(2)]
        fabian = User.objects.get(pk=self.story.user("Fabián").pk)
        with patch("signatures.operations._request", _without_second_wall):
            said = at_once(
                *[lambda it=it: acts.sign(task=signing, by=fabian, intent=it, now=self.story.now) for it in intents]
            )
        asked = SignatureRequest.objects.filter(document=act, signer=self.story.people["Fabián"]).count()
        numbers = BookEntry.objects.filter(document=act).count()
        return expect(said=(said, ["done", "refused"]), requests=(asked, 1), numbers=(numbers, 1))

    def a_hundred_filings(self) -> Wrong:
        """R1: each with its own IUIe, and numbers without a gap."""
        offering, ana = self.story.offering("patente_comercial"), self.story.people["Ana"]
        drafts.MOST_OPEN = 2 * FILINGS
        filings = FILINGS // 5 if self.is_control else FILINGS  # a few without the lock go wrong already
        prepared = [self.story.draft(offering) for _filing in range(filings)]
        signed = [(draft, self.story.signature(draft)) for draft in prepared]
        before = _last_number()

        def file_some(place: int) -> None:
            for draft, signature in signed[place::FILERS]:
                filing.start(draft=draft, by=ana, signature=signature, now=self.story.now)

        said = at_once(*[lambda place=place: file_some(place) for place in range(FILERS)])
        cases = Case.objects.filter(ref__in=[draft.ref for draft in prepared])
        numbers = sorted(int(number[5:]) for number in cases.values_list("number", flat=True))
        codes = ElectronicFile.objects.filter(case__in=cases).values("iuie").distinct().count()
        wanted = list(range(before + 1, before + filings + 1))
        return expect(said=(said, ["done"] * FILERS), iuie=(codes, filings), gap_free=(numbers == wanted, True))

    def publishing_against_an_edit(self) -> Wrong:
        """Exactly what was agreed is published, and neither the edit nor the truth of the history is lost."""
        draft, ines = self._agreed(), self.story.people["Inés"]
        agreed = draft.content
        with meeting_at_the_draft():
            said = at_once(
                lambda: publishing.publish_draft(
                    draft=draft, revision=1, digest=reviewing.digest_of(draft), by=ines, now=self.story.now
                ),
                lambda: operations.put_item(
                    draft=draft, address=("summary",), item="Otra cosa.", seen="", by=ines, now=self.story.now
                ),
            )
        draft.refresh_from_db()
        strange = [word for word in said if word not in ("done", "NotReady")]
        told = DraftRevision.objects.filter(draft=draft, summary__startswith="Publicó")
        versions = list(ProcedureVersion.objects.filter(procedure__code=draft.code).values_list("sha256", flat=True))
        wanted = [_digest(agreed)] if "NotReady" not in said else []
        return expect(
            strange=(strange, []),
            published=(versions, wanted),
            history=([_digest(change.content) for change in told], versions),
            edit=(draft.content["summary"], "Otra cosa."),
            still_agreed=(reviewing.agreement_on(draft).approvals, []),
        )

    def _agreed(self) -> ProcedureDraft:
        """A draft that somebody else approved, as publishing asks."""
        agency, ines, elena = self.story.agency, self.story.people["Inés"], self.story.people["Elena"]
        reviewing.require_approvals(agency=agency, approvals=1, by=ines, now=self.story.now)
        example = starting.plain(starting.example("certificado_patente_vigente").bundle)
        content = {**example, "code": f"carrera_{ProcedureDraft.objects.count()}"}
        draft = operations.create_draft(agency=agency, content=content, summary="Creó", by=ines, now=self.story.now)
        reviewing.approve(draft=draft, digest=reviewing.digest_of(draft), by=elena, now=self.story.now)
        return draft

    def _taken(self, step: str) -> tuple[Case, CaseTask]:
        case = self.story.file()
        return case, self._take(case, step, "Beto")

    def _take(self, case: Case, step: str, name: str) -> CaseTask:
        task = self.story.task(case, step)
        task.status, task.owner = "ASSIGNED", self.story.user(name)
        task.save(update_fields=["status", "owner"])  # type: ignore[no-untyped-call]
        return task

    def _completing(self, task: CaseTask, name: str, data: Any) -> Act:
        user = User.objects.get(pk=self.story.user(name).pk)
        answered = desk.Answered(data=data)
        return lambda: desk.complete(task=task, by=user, answered=answered, now=self.story.now)

    def _claiming(self, task: CaseTask, name: str) -> Act:
        user = User.objects.get(pk=self.story.user(name).pk)
        return lambda: desk.claim(task=task, by=user, now=self.story.now, reason="Orden escrita")

    def _waiting_for_correction(self) -> Case:
        case, task = self._taken("admision")
        self.story.do_claimed(case, task, resultado="observar", observaciones="Corrige.")
        notified = Notified(self.story.people["Ana"], "office", self.story.now, "Firmó el libro.")
        record_notification(
            case=case, step_id="correccion", notified=notified, by=self.story.people["Beto"], now=self.story.now
        )
        return case

    def _open(self, case: Case) -> list[str]:
        waiting = CaseTask.objects.filter(process=case, status__in=OPEN).exclude(flow_task_type="JOIN")
        return list(waiting.values_list("step_id", flat=True))


def _without_second_wall(document: Document, *, order: int, now: datetime, **facts: Any) -> SignatureRequest:
    """Asks again for what was asked already, so that only the lock of the case stands between two clicks."""
    facts["closes_document"] = facts.pop("closes")
    values = {"field_name": f"Firma{order}", "backend": "software", "created_at": now, **facts}
    return SignatureRequest.objects.update_or_create(document=document, order=order, defaults=values)[0]


def _digest(content: dict[str, Any]) -> str:
    bundle = check_data(content).bundle
    return bundle.sha256() if bundle else ""


def _last_number() -> int:
    entries = BookEntry.objects.filter(book__kind="solicitud").order_by("-number")
    return entries.values_list("number", flat=True).first() or 0


def scenarios(of: type[Races]) -> list[str]:
    """The names of its races, those that it inherits first."""
    members = [member for one in of.__mro__[::-1] for member in vars(one).items()]
    return [name for name, value in members if callable(value) and not name.startswith("_")]


@contextmanager
def without_locks() -> Iterator[None]:
    """As a careless author would have it: no row locks, and on SQLite transactions that begin by reading."""
    options = connections.databases["default"].setdefault("OPTIONS", {})
    kept = QuerySet.select_for_update, options.get("transaction_mode")
    QuerySet.select_for_update = lambda rows, **_options: rows  # type: ignore[method-assign]
    if connection.vendor == "sqlite":
        options["transaction_mode"] = "DEFERRED"
    try:
        yield
    finally:
        QuerySet.select_for_update = kept[0]  # type: ignore[method-assign]
        if connection.vendor == "sqlite":
            options["transaction_mode"] = kept[1]


Control = Callable[[str], AbstractContextManager[None]]


def main(of: type[Races] = Races, control: Control = lambda _name: without_locks()) -> None:
    """Race everything, with locks and without what `control` takes away from a scenario."""
    story = Story.begin()
    role = story.people["Beto"].memberships.get().role
    story.people["Bruno"] = bruno = story.people.pop("Bruno")  # last: others are found first as holders of the role
    bruno.memberships.create(role=role, post="Revisor (S)", starts_on=story.now.date())
    races, report = of(story), {}
    for name in sys.argv[1:] or scenarios(of):
        race: Callable[[], Wrong] = getattr(races, name)
        races.is_control, Meeting.seconds = False, SHORT
        report[name] = {"locked": race()}
        with control(name):
            races.is_control, Meeting.seconds = True, LONG
            # A race without its lock is lost often, not always: it may run several times.
            report[name]["unlocked"] = next((lost for _turn in range(6) if (lost := race())), [])
    print(json.dumps(report))
