"""The four ways through one procedure that `bench engine` compares, each a person's five transitions.

Runs in a process of its own, with bench.engine_settings, on a new database: `-m bench.engine_sides ROUNDS CASES`.
"""

from __future__ import annotations

import itertools
import json
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar

import django

django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection, transaction  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402
from django.utils.datastructures import MultiValueDict  # noqa: E402

from accounts.models import Agency, Person, Role, User  # noqa: E402
from accounts.sample import seed_people  # noqa: E402
from bench import spiff_flow, stock_flow  # noqa: E402
from bench.measured_procedure import ANSWERS, STEPS, bundle  # noqa: E402
from documents.models import ElectronicFile  # noqa: E402
from procedures.api import bundle_of  # noqa: E402
from procedures.diagram import render_diagram  # noqa: E402
from procedures.fields import kind_of  # noqa: E402
from procedures.models import Offering, Procedure, ProcedureVersion, RoleBinding  # noqa: E402
from procedures.schema import Bundle  # noqa: E402
from workflows import deadlines  # noqa: E402
from workflows.commands import desk, locking  # noqa: E402
from workflows.models import Case, CaseTask  # noqa: E402
from workflows.nodes import StepActivation  # noqa: E402
from workflows.registry import flow_of  # noqa: E402
from workflows.runtime import Run  # noqa: E402

NOW = datetime(2026, 3, 4, 13, 0, tzinfo=UTC)


class Silent(Run):
    """A run whose record keeps nothing: what is left is nodes, routing and rows."""

    def record(self, kind: str, body: Mapping[str, Any], personal: Mapping[str, Any] | None = None) -> None:
        """Nothing."""


class Setting:
    """A municipality, an official, and the procedure on offer (past the gate, which wants a signed act)."""

    def __init__(self) -> None:
        call_command("migrate", verbosity=0)
        seed_people(now=NOW)
        self.agency = Agency.objects.get(code="muni-ejemplo")
        self.role = Role.objects.get(unit__agency=self.agency, unit__code="rentas", code="revision")
        self.official = Person.objects.get(memberships__role=self.role)
        self.user = User.objects.create_for(self.official)
        stock_flow.OFFICIAL.append(self.user)
        self.numbers = (f"M{place:015d}" for place in itertools.count())

    def offer(self, content: Bundle) -> Offering:
        """The bundle as a published version, offered by the agency."""
        procedure = Procedure.objects.create(owner=self.agency, code=content.code, created_at=NOW)
        version = ProcedureVersion.objects.create(
            procedure=procedure,
            number=1,
            schema_version=content.schema_version,
            canonical=content.canonical(),
            sha256=content.sha256(),
            title=content.title,
            diagram_svg=render_diagram(content),
            published_at=NOW,
        )
        offering = Offering.objects.create(agency=self.agency, version=version, effective_from=NOW.date())
        RoleBinding.objects.create(offering=offering, slot="oficina", role=self.role)
        return offering

    def open_files(self, count: int) -> list[ElectronicFile]:
        """Electronic files opened beforehand: no engine that is compared opens one."""
        names = {"title": "Medida", "subject": "Medida", "procedure_code": "medida", "opened_at": NOW}
        files = [ElectronicFile(agency=self.agency, iuie=next(self.numbers), **names) for _file in range(count)]
        return ElectronicFile.objects.bulk_create(files)


class Side:
    """One way through the procedure. Cases and tasks are named by their ids, as an address of a page does."""

    def __init__(self, setting: Setting) -> None:
        self.setting = setting

    def prepare(self, cases: int) -> None:
        """What must be there before cases begin."""

    def begin(self) -> int:
        """The first transition; the id of the new case."""
        raise NotImplementedError

    def find(self, case: int, step: str) -> int:
        """The open task of a step."""
        raise NotImplementedError

    def complete(self, case: int, task: int, step: str) -> None:
        """Another transition."""
        raise NotImplementedError


class Stock(Side):
    """viewflow by hand over its own tables."""

    def begin(self) -> int:
        return stock_flow.begin(ANSWERS["inicio"])

    def find(self, case: int, step: str) -> int:
        return stock_flow.open_task(case, step)

    def complete(self, case: int, task: int, step: str) -> None:
        stock_flow.complete(case, task, step, ANSWERS[step])


def _nothing(run: Run) -> None:
    """What a kernel's end does besides its own row: closing the file is the documents' work."""


class Kernel(Side):
    """Our nodes, routing and rows, before events and jobs."""

    code: ClassVar[str] = "medida"
    clocks: ClassVar[bool] = False
    run_class: ClassVar[type[Run]] = Silent

    def __init__(self, setting: Setting) -> None:
        super().__init__(setting)
        content = bundle(clocks=self.clocks).model_copy(update={"code": self.code})
        self.offering = setting.offer(content)
        self.files: list[ElectronicFile] = []

        if self.run_class is Silent:
            flow_of(self.offering.version).instance.node("n_fin").on_end = _nothing

    def prepare(self, cases: int) -> None:
        self.files = self.setting.open_files(cases)

    def begin(self) -> int:
        with transaction.atomic():
            case = self._insert(self.files.pop())
            run = self.run_class(case=case, now=NOW, by=self.setting.official)
            run.project("inicio", ANSWERS["inicio"])
            self.opened(run)
            case.flow_class.n_inicio.begin(run).activate_next()
            run.close()
        return int(case.pk)

    def _insert(self, file: ElectronicFile) -> Case:
        return Case.objects.create(
            flow_class=flow_of(self.offering.version),
            status="NEW",
            created=NOW,
            ref=file.iuie,
            agency=self.setting.agency,
            offering=self.offering,
            version=self.offering.version,
            file=file,
            number=file.iuie,
            title="Medida",
            filed_at=NOW,
            effective_at=NOW,
        )

    def find(self, case: int, step: str) -> int:
        return int(CaseTask.objects.only("pk").get(process=case, step_id=step, finished=None).pk)

    def complete(self, case: int, task: int, step: str) -> None:
        with self.locked(case) as run:
            current = locking.task_of(run, task)
            run.project(step, ANSWERS[step])
            self.finish(run, StepActivation.resume(current, run))

    @contextmanager
    def locked(self, case: int) -> Iterator[Run]:
        """As commands do, with our kind of run."""
        kept, locking.Run = locking.Run, self.run_class  # type: ignore[attr-defined]
        try:
            with locking.locked(case, by=self.setting.official, now=NOW) as run:
                yield run
        finally:
            locking.Run = kept  # type: ignore[attr-defined]

    def opened(self, run: Run) -> None:
        """What filing does besides rows."""

    def finish(self, run: Run, activation: Any) -> None:
        """What finishing a task does."""
        activation.done_by_hand()
        activation.activate_next()


class Whole(Kernel):
    """The same with what commands add: an event for each fact, a clock for each step, a timer job for each clock."""

    code = "medida_con_plazos"
    clocks = True
    run_class = Run

    def opened(self, run: Run) -> None:
        run.record("case.started", {"version": run.case.version.sha256})
        deadlines.open_case_term(run, run.bundle.start.id, None)

    def finish(self, run: Run, activation: Any) -> None:
        desk.finish(run, activation, None)


class Command(Whole):
    """Officials' whole command as the page calls it: permission, form, submission with commitments, and the rest."""

    code = "medida_entera"

    def find(self, case: int, step: str) -> int:
        found = super().find(case, step)
        CaseTask.objects.filter(pk=found).update(status="ASSIGNED", owner=self.setting.user)
        return found

    def complete(self, case: int, task: int, step: str) -> None:
        data: MultiValueDict[str, str] = MultiValueDict()
        for question in bundle_of(self.offering.version).fields_of(step):
            for name, values in kind_of(question).as_data(question.id, ANSWERS[step][question.id]).items():
                data.setlist(name, values)
        row = CaseTask(pk=task, process_id=case)
        desk.complete(task=row, by=self.setting.user, answered=desk.Answered(data=data), now=NOW)


class Raw(Side):
    """The least that any engine over tables must do, in SQL: lock, read, move the task, keep the answers."""

    def __init__(self, setting: Setting) -> None:
        super().__init__(setting)
        self.lock = " FOR UPDATE" if connection.vendor == "postgresql" else ""
        key = "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY" if self.lock else "INTEGER PRIMARY KEY"
        with connection.cursor() as cursor:
            cursor.execute(f"CREATE TABLE raw_case (id {key}, status TEXT, data TEXT)")
            cursor.execute(f"CREATE TABLE raw_task (id {key}, case_id BIGINT, step TEXT, status TEXT, at TEXT)")
            cursor.execute("CREATE INDEX raw_task_of_case ON raw_task (case_id, step)")

    def begin(self) -> int:
        with transaction.atomic(), connection.cursor() as cursor:
            data = [json.dumps({"inicio": ANSWERS["inicio"]})]
            cursor.execute("INSERT INTO raw_case (status, data) VALUES ('NEW', %s) RETURNING id", data)
            case = int(cursor.fetchone()[0])
            self._open(cursor, case, "revision")
        return case

    def find(self, case: int, step: str) -> int:
        with connection.cursor() as cursor:
            cursor.execute("SELECT id FROM raw_task WHERE case_id = %s AND step = %s", [case, step])
            return int(cursor.fetchone()[0])

    def complete(self, case: int, task: int, step: str) -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"SELECT data FROM raw_case WHERE id = %s{self.lock}", [case])
            data = json.dumps({**json.loads(cursor.fetchone()[0]), step: ANSWERS[step]})
            cursor.execute("UPDATE raw_task SET status = 'DONE', at = %s WHERE id = %s", [NOW.isoformat(), task])
            for following in self._following(cursor, case, step):
                self._open(cursor, case, following)
            status = "DONE" if step == "firma" else "NEW"
            cursor.execute("UPDATE raw_case SET data = %s, status = %s WHERE id = %s", [data, status, case])

    def _following(self, cursor: Any, case: int, step: str) -> tuple[str, ...]:
        if step == "revision":
            return ("obras", "salud")
        if step == "firma":
            return ()
        cursor.execute("SELECT 1 FROM raw_task WHERE case_id = %s AND status = 'NEW'", [case])
        return () if cursor.fetchone() else ("firma",)

    def _open(self, cursor: Any, case: int, step: str) -> None:
        cursor.execute("INSERT INTO raw_task (case_id, step, status) VALUES (%s, %s, 'NEW')", [case, step])


class Spiff(Side):
    """SpiffWorkflow over one row for each workflow."""

    def __init__(self, setting: Setting) -> None:
        super().__init__(setting)
        self.spec = spiff_flow.prepare()

    def begin(self) -> int:
        return spiff_flow.begin(self.spec, ANSWERS["inicio"])

    def find(self, case: int, step: str) -> int:
        return case

    def complete(self, case: int, task: int, step: str) -> None:
        spiff_flow.complete(case, step, ANSWERS[step])


SIDES: dict[str, Callable[[Setting], Any]] = {
    "viewflow": Stock,
    "spiffworkflow": Spiff,
    "ours": Kernel,
    "ours_with_events": Whole,
    "ours_whole_command": Command,
    "raw_sql": Raw,
}


class Clock:
    """CPU seconds of this process, and of its PostgreSQL backend where there is one on this machine."""

    def __init__(self) -> None:
        self.backend: Path | None = None
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_backend_pid()")
                found = Path(f"/proc/{cursor.fetchone()[0]}/schedstat")
            self.backend = found if found.exists() else None

    def read(self) -> float:
        """Seconds since some moment."""
        database = int(self.backend.read_text().split()[0]) / 1e9 if self.backend else 0.0
        return time.process_time() + database


def spent(side: Side, clock: Clock, cases: int) -> float:
    """CPU seconds of the five transitions of some cases, all at the same step before the next begins.

    Finding the tasks is not counted; reading the clock is too slow on some machines to do it for each transition.
    """
    side.prepare(cases)
    started = clock.read()
    open_cases = [side.begin() for _case in range(cases)]
    total = clock.read() - started
    for step in STEPS:
        tasks = [(case, side.find(case, step)) for case in open_cases]
        started = clock.read()
        for case, task in tasks:
            side.complete(case, task, step)
        total += clock.read() - started
    return total


def statements(side: Side) -> int:
    """SQL statements of one case, BEGIN and COMMIT included."""
    side.prepare(1)
    with CaptureQueriesContext(connection) as captured:
        case = side.begin()
    total = len(captured)
    for step in STEPS:
        task = side.find(case, step)
        with CaptureQueriesContext(connection) as captured:
            side.complete(case, task, step)
        total += len(captured)
    return total


def measure(rounds: int, cases: int) -> dict[str, Any]:
    """Rounds that alternate between the sides; medians of CPU ms per transition."""
    setting = Setting()
    sides = {name: make(setting) for name, make in SIDES.items()}
    clock = Clock()
    counted = {name: statements(side) for name, side in sides.items()}
    samples: dict[str, list[float]] = {name: [] for name in sides}
    order = list(sides)
    for turn in range(rounds + 1):
        for name in order:
            seconds = spent(sides[name], clock, cases)
            if turn:
                samples[name].append(seconds * 1000 / cases / (1 + len(STEPS)))
        order.append(order.pop(0))
    return {"vendor": connection.vendor, "samples": samples, "statements_per_case": counted}


if __name__ == "__main__":
    print(json.dumps(measure(int(sys.argv[1]), int(sys.argv[2]))))
