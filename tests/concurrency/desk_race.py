"""Races at the officials' desk: turns, sheets, outside events, and whole offices at once; with all the others.

Runs like `race`, whose scenarios it adds to.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import date
from itertools import count
from pathlib import Path
from typing import Any
from unittest.mock import patch

from django.db import connection, transaction
from django.db.models import QuerySet

from accounts.api import check_digit, get_or_create_person, seal
from accounts.models import Person, Role, Unit, User
from audit.models import Event
from documents.api import new_code
from documents.models import Document
from jobs.models import Job
from procedures.api import bundle_of
from procedures.models import RoleBinding
from tests.concurrency import race
from tests.concurrency.race import Meeting, Wrong, at_once, expect, meeting_after_reading
from tests.story import Story
from tests.workflows import flows
from tests.workflows.asking import asking
from tests.workflows.desk import republish
from workflows import turns
from workflows.commands import acts, bringing, bulk, desk, endings, joinders, outside, reporting, systems, waiting
from workflows.models import BulkRow, BulkStart, Case, CaseTask, Exchange, OpenedKey, ReportedEvent
from workflows.proof.officials import prove_officials
from workflows.reporting.rules import Reported
from workflows.steps.outside import CALL

BURSTS, SEED = 16, 20260304
FERIA = "permiso_feria_libre"
WAIT = {"id": "espera", "kind": "wait", "title": "Espera", "event": "la toma de razón", "role": "revision"}


@contextmanager
def meeting_at_the_turn() -> Iterator[None]:
    """Two cases meet once each knows whose turn it is and before either is given to anybody."""
    meeting, choose = Meeting(), turns.whose_turn

    def met_choice(task: CaseTask, on: date) -> Person | None:
        person = choose(task, on)
        meeting.wait()
        return person

    with patch("workflows.turns.whose_turn", met_choice):
        yield


class DeskRaces(race.Races):
    """The scenarios of `race` and these."""

    def __init__(self, story: Story) -> None:
        super().__init__(story)
        self.seeds = count(SEED)

    def a_report_against_the_official(self) -> Wrong:
        """A system and an official say at once that what the case waits for has happened."""
        case = flows.begin(self.story, {**WAIT, "next": "sello"})
        task, by = case.task_set.get(step_id="espera"), self.story.user("Beto")
        ines, today = self.story.people["Inés"], self.story.now.date()
        told: dict[str, Any] = {"agency": self.story.agency, "by": ines, "now": self.story.now}
        system, _key = systems.register_system(name=f"Sistema {case.pk}", may_report=["prueba.espera"], **told)
        sent = reporting.Delivery(system, "aviso-0001", Reported(event="prueba.espera", case=case.number, on=today))
        stated, nothing = waiting.Happened(today), desk.Answered({})
        said = at_once(
            lambda: reporting.receive(delivery=sent, now=self.story.now),
            lambda: waiting.record_event(task=task, by=by, happened=stated, answered=nothing, now=self.story.now),
        )
        strange = [word for word in said if word not in ("done", "refused")]
        recorded = Event.objects.filter(stream=f"case:{case.ref}", kind="event.recorded").count()
        kept = ReportedEvent.objects.filter(system=system).count()
        return expect(
            strange=(strange, []), recorded=(recorded, 1), report=(kept, 1), open=(self._open(case), ["sello"])
        )

    def an_answer_against_a_withdrawal(self) -> Wrong:
        """A service answers while the person takes back that sensitive data may be asked for."""
        case, ana, at = asking(self.story, autoriza_sensibles=True), self.story.people["Ana"], self.story.now
        job = Job.objects.get(kind=CALL, case_id=case.pk)
        said = at_once(
            lambda: outside.ServiceHandler().finish(job, {"tramo": 40, "dependencia": True}, at),
            lambda: bringing.withdraw(case=case, reason="", by=ana, now=at),
        )
        kept = case.file.items.filter(origin="interoperability").count()
        [result] = Exchange.objects.filter(case=case).values_list("result", flat=True)
        used = result == Exchange.Result.SUCCESS
        return expect(
            said=(said, ["done", "done"]),
            kept=(kept, int(used)),
            open=(sorted(self._open(case)), ["decision"] if used else ["consulta", "decision"]),
        )

    def two_turns(self) -> Wrong:
        """Two cases enter at once a step that is handed out by turn."""
        ready = [self._before_a_turn() for _case in range(2)]
        ends = [self._completing(task, "Carla", self.story.posted(case, "revisar", {})) for case, task in ready]
        with meeting_at_the_turn():
            said = at_once(*ends)
        cases = [case.pk for case, _task in ready]
        owners = set(CaseTask.objects.filter(process__in=cases, step_id="turno").values_list("owner", flat=True))
        return expect(said=(said, ["done", "done"]), officials=(len(owners), 2))

    def two_joinders(self) -> Wrong:
        """One case is joined to an older one while a younger one is joined to it: no chain comes of it."""
        oldest, middle, youngest = (self.story.file(FERIA) for _case in range(3))
        order, beto = joinders.Order("Resolución 1", "Piden lo mismo"), self.story.people["Beto"]
        told: dict[str, Any] = {"order": order, "by": beto, "now": self.story.now}
        said = at_once(
            lambda: joinders.join(case=middle, number=oldest.number, **told),
            lambda: joinders.join(case=youngest, number=middle.number, **told),
        )
        joined = Case.objects.filter(pk__in=[middle.pk, youngest.pk]).exclude(joined_to=None).count()
        return expect(said=(said, ["done", "refused"]), joined=(joined, 1))

    def impossible_twice(self) -> Wrong:
        """Two officials say at once that a joined case cannot go on: both cases are held, and one step opens."""
        self._let_joined_cases_be_impossible()
        older, younger = (self.story.file(FERIA) for _case in range(2))
        order, beto = joinders.Order("Resolución 1", "Piden lo mismo"), self.story.people["Beto"]
        joinders.join(case=younger, number=older.number, order=order, by=beto, now=self.story.now)
        told: dict[str, Any] = {"case": younger, "reason": "Falleció", "now": self.story.now}
        who = [self.story.people[name] for name in ("Beto", "Bruno")]
        said = at_once(*[lambda by=by: endings.declare_impossible(**told, by=by) for by in who])
        asked = Event.objects.filter(stream=f"case:{younger.ref}", kind="ending.asked").count()
        steps = CaseTask.objects.filter(process=younger, step_id="law_impossibility").count()
        return expect(said=(said, ["done", "refused"]), asked=(asked, 1), steps=(steps, 1))

    def a_withdrawal_against_the_decision(self) -> Wrong:
        """An official declares a withdrawal while the authority signs the decision: one of both stands."""
        case, task = self._taken("admision")
        self.story.do_claimed(case, task, resultado="rechazar")
        writing, nothing = self._take(case, "redaccion_rechazo_inicial", "Beto"), desk.Answered(data={})
        acts.finish_act(task=writing, by=self.story.user("Beto"), texts={}, answered=nothing, now=self.story.now)
        signing = self._take(case, "firma_infundada", "Fabián")
        act = Document.objects.get(pk=signing.data["document"])
        intent = self.story.intent("Fabián", f"task:{signing.pk}", act.content_sha256)
        endings.withdraw(case=case, reason="", by=self.story.people["Ana"], now=self.story.now)
        leaving = self._take(case, "law_withdrawal", "Elena")
        declared = self.story.posted(case, "law_withdrawal", {"declara": True, "fundamento": "Consta."})
        fabian = self.story.user("Fabián")
        said = at_once(
            self._completing(leaving, "Elena", declared),
            lambda: acts.sign(task=signing, by=fabian, intent=intent, now=self.story.now),
        )
        states = dict(CaseTask.objects.filter(process=case).values_list("step_id", "status"))
        stands = (states["firma_infundada"] == "STARTED", "law_withdrawal_draft" in states)
        return expect(said=(said, ["done", "refused"]), one=(sorted(stands), [False, True]))

    def _let_joined_cases_be_impossible(self) -> None:
        if not bundle_of(self.story.offering(FERIA).version).has_step("law_impossibility"):
            text = Path(f"examples/{FERIA}.yaml").read_text(encoding="utf-8")
            republish(self.story, text.replace("  joinder: true\n", "  joinder: true\n  impossibility: true\n"), FERIA)

    def one_sheet_twice(self) -> Wrong:
        """The same sheet, sent and started twice."""
        offering, at = self.story.offering("respuesta_ciudadana"), self.story.now
        told = {"agency": offering.agency, "offering": offering, "by": self.story.people["Gloria"], "at": at}
        key, jobs = new_code(), []
        for _sheet in range(2):
            sheet = BulkStart.objects.create(name="planilla.csv", origin="Planilla", reason="Orden", **told)
            row = BulkRow.objects.create(bulk=sheet, agency=offering.agency, line=2, key=key)
            row.answers = seal(b"{}", bulk._context(sheet, 2)).hex()
            row.save(update_fields=["answers"])
            jobs.append(Job(kind=bulk.OPEN_ROW, payload={"row": row.pk}))
        before = Case.objects.filter(offering=offering).count()
        said = at_once(*[lambda job=job: self._opening(job) for job in jobs])
        opened = Case.objects.filter(offering=offering).count() - before
        rows = BulkRow.objects.filter(key=key)
        return expect(
            said=(said, ["done", "done"]),
            opened=(opened, 1),
            linked=(rows.exclude(case=None).values("case").distinct().count(), 1),
            first=(sorted(rows.values_list("was_open", flat=True)), [False, True]),
        )

    def officials_at_once(self) -> Wrong:
        """Two officials of each of four offices, and the applicant, act on several cases, burst after burst."""
        around = meeting_after_reading if self.is_control else nullcontext
        began = self.story.now
        shown = prove_officials(began=began, bursts=BURSTS, seeded=next(self.seeds), around=around)
        return expect(failure=(shown.failure, ""), acted=(shown.said.get("done", 0) > 0, True))

    def _opening(self, job: Job) -> None:
        with transaction.atomic():
            bulk.open_row(job, self.story.now)

    def _before_a_turn(self) -> tuple[Case, CaseTask]:
        """A case at the step before one that is handed out among two officials who have nothing yet."""
        case = flows.begin(
            self.story,
            flows.report("revisar", "obras", "turno"),
            flows.report("turno", "salud", "sello", assign="cyclic"),
        )
        RoleBinding.objects.filter(offering=case.offering, slot="salud").update(role=self._shift(case.offering_id))
        return case, self._take(case, "revisar", "Carla")

    def _shift(self, offering_id: int) -> Role:
        """A role of two officials of its own for each procedure that is published, and none of them at work."""
        unit = Unit.objects.get(agency=self.story.agency, code="salud")
        role, is_new = Role.objects.get_or_create(unit=unit, code=f"turno-{offering_id}", name="Turno")
        for number in (1, 2) if is_new else ():
            person = get_or_create_person(_run(10_000_000 + 2 * offering_id + number), f"Turno {number}", "")
            User.objects.create_for(person)
            role.memberships.create(person=person, post="Inspección", starts_on=self.story.now.date())
        CaseTask.objects.filter(role=role, step_id="turno").update(status="DONE")
        return role


@contextmanager
def without_the_turns_lock() -> Iterator[None]:
    """Every lock but that of the role whose steps are handed out."""
    lock = QuerySet.select_for_update

    def careless(rows: QuerySet[Any], **options: Any) -> QuerySet[Any]:
        return rows if rows.model is Role else lock(rows, **options)

    with patch.object(QuerySet, "select_for_update", careless):
        yield


@contextmanager
def without_the_unique_row() -> Iterator[None]:
    """Every lock, but no constraint that keeps a row of a sheet from opening two cases."""
    constraint = next(one for one in OpenedKey._meta.constraints if one.name == "one_case_per_row")
    with connection.schema_editor() as editor:
        editor.remove_constraint(OpenedKey, constraint)
    try:
        yield
    finally:
        OpenedKey.objects.all().delete()
        with connection.schema_editor() as editor:
            editor.add_constraint(OpenedKey, constraint)


def control_of(name: str) -> AbstractContextManager[None]:
    """What is taken away to show that the race goes wrong without it. SQLite has but one lock for everything."""
    own = {"two_turns": without_the_turns_lock, "one_sheet_twice": without_the_unique_row}
    return own.get(name, race.without_locks)() if connection.vendor == "postgresql" else race.without_locks()


def _run(number: int) -> str:
    return f"{number}-{check_digit(number)}"


def main() -> None:
    """Race everything."""
    race.main(DeskRaces, control_of)
