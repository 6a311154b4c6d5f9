"""Officials of several offices act on several cases at the same moment: a stateful proof with real commits.

Which deeds are tried is drawn from numbers alone, so that a run is repeated by its seed; who wins a race is not. After
each burst every case must stand as its log says, and whoever came too late must have been told.
"""

from __future__ import annotations

import os
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Executor
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from typing import Any, ClassVar

from django.db import connection, connections, transaction
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from accounts.models import Agency, Person, Role, User
from audit.api import verify_stream
from documents.models import Document
from jobs.api import rehearse_due
from procedures.api import Bundle, bundle_of
from workflows import drafts
from workflows.commands import acts, corrections, desk, filing
from workflows.cosigners import Signature
from workflows.errors import CommandRefused
from workflows.models import Case, CaseTask
from workflows.nodes.base import OPEN
from workflows.proof.crew import AT_ONCE, crew
from workflows.proof.machine import Machine
from workflows.proof.making import procedure_of
from workflows.proof.people import posted
from workflows.proof.scene import ANSWERS, APPLICANT, Scene
from workflows.proof.twin import Twin
from workflows.rehearsal.stage import Stage

MOST_CASES = 4
Around = Callable[[], AbstractContextManager[None]]


@dataclass(frozen=True)
class Deed:
    """Something that somebody tries with a step."""

    kind: str
    task: int
    who: int
    """Account of whoever tries it."""
    choice: bool
    now: datetime
    colleague: int = 0


# What can be done; each runs by itself, in a thread or a process of its own.


def perform(deed: Deed) -> str:
    """Do it on this thread's own connection: "done", "refused" in words, or what broke."""
    try:
        task = CaseTask.objects.select_related("role", "process__agency", "process__version").get(pk=deed.task)
        DEEDS[deed.kind](task, User.objects.select_related("person").get(pk=deed.who), deed)
    except CommandRefused as refusal:
        return f"refused: {type(refusal).__name__}"
    except Exception as error:
        return "broke: " + "".join(traceback.format_exception_only(error)).strip()
    return "done"


def _take(task: CaseTask, by: User, deed: Deed) -> None:
    desk.claim(task=task, by=by, now=deed.now, reason="prueba")


def _release(task: CaseTask, by: User, deed: Deed) -> None:
    desk.release(task=task, by=by, now=deed.now)


def _pass_on(task: CaseTask, by: User, deed: Deed) -> None:
    """Put it back for a colleague, who takes it."""
    desk.release(task=task, by=by, now=deed.now)
    desk.claim(task=task, by=User.objects.get(pk=deed.colleague), now=deed.now, reason="prueba")


def _decide(task: CaseTask, by: User, deed: Deed) -> None:
    given = {"favorable": deed.choice, "nota": 4}
    data = posted(bundle_of(task.process.version), task.step_id, given)
    desk.complete(task=task, by=by, answered=desk.Answered(data=data), now=deed.now)


def _write(task: CaseTask, by: User, deed: Deed) -> None:
    acts.finish_act(task=task, by=by, texts={}, answered=desk.Answered(data={}), now=deed.now)


def _sign(task: CaseTask, by: User, deed: Deed) -> None:
    document = Document.objects.get(pk=task.data["document"])
    intent = _confirmed(task.process.agency, by, f"task:{task.pk}", document.content_sha256, deed.now)
    acts.sign(task=task, by=by, intent=intent, now=deed.now)


def _send_back(task: CaseTask, by: User, deed: Deed) -> None:
    acts.send_back(task=task, by=by, reason="Falta.", now=deed.now)


def _correct(task: CaseTask, by: User, deed: Deed) -> None:
    draft = drafts.begin_answer(task=task, by=by.person, now=deed.now)
    drafts.save(draft=draft, changed={**ANSWERS, "hechos": f"Otros {deed.choice}"}, removed=set(), now=deed.now)
    draft.refresh_from_db()
    shown = drafts.shown_hash(draft, drafts.complete_answers(draft))
    signature = Signature(_confirmed(task.process.agency, by, draft.ref, shown, deed.now))
    corrections.answer_correction(draft=draft, by=by.person, signature=signature, now=deed.now)


def _confirmed(agency: Agency, by: User, subject: str, shown: str, now: datetime) -> Any:
    return Stage(agency, {}).confirmed_intent(by, subject, shown, now)


DEEDS: dict[str, Callable[[CaseTask, User, Deed], None]] = {
    "take": _take,
    "release": _release,
    "pass on": _pass_on,
    "decide": _decide,
    "write": _write,
    "sign": _sign,
    "send back": _send_back,
    "correct": _correct,
}
FINISHING = {"task": ("decide",), "draft": ("write",), "sign": ("sign", "send back")}
"""What the holder of each kind of step does with it."""


# Where it happens


def procedure() -> dict[str, Any]:
    """A review with corrections, two reports at once, a decision, and an act that two people sign."""
    days = {"amount": 5, "unit": "business_days", "source": "Ley N° 19.880", "trigger": "entered"}

    def report(name: str, role: str, onward: Any) -> dict[str, Any]:
        return {"id": name, "kind": "task", "title": name, "role": role, "form": "informe", "next": onward}

    def either(name: str, unfavourable: str, onward: str) -> list[dict[str, Any]]:
        when = {"all": [{"field": f"{name}.favorable", "op": "eq", "value": False}]}
        return [{"when": when, "goto": unfavourable}, {"otherwise": onward}]

    clock = {**days, "on_expire": "tarde", "trigger": "notified(corrige)", "warn_before": 2}
    correction = {"id": "corrige", "kind": "correction", "title": "Corrección", "amends": "inicio", "notice": "corrige"}
    reports = [[report("obra", "obras", "join")], [report("salubridad", "salud", "join")]]
    block = {"id": "informes", "kind": "parallel", "title": "Informes", "join": "all", "branches": reports}
    draft = {"id": "redacta", "kind": "draft", "title": "Redacción", "role": "revision", "document": "acto"}
    sign = {"id": "firma", "kind": "sign", "title": "Firma", "document": "acto", "level": "advanced"}
    return procedure_of(
        [
            report("revisa", "revision", either("revisa", "corrige", "informes")),
            {**correction, "requested_by": "revisa", "max_rounds": 9, "deadline": clock, "next": "revisa"},
            report("tarde", "jefatura", "informes"),
            {**block, "next": "decide"},
            report("decide", "jefatura", either("decide", "revisa", "redacta")),
            {**draft, "next": "firma"},
            {**sign, "signers": ["jefatura", "obras"], "on_return": "redacta", "next": "fin"},
        ]
    )


@dataclass
class Office:
    """An agency with two officials in each role, and whoever applies. It stays in its database."""

    scene: Scene
    crew: Executor
    around: Around
    least: int
    """Bursts that there must be, however long they take."""
    until: float
    """Until when there are more (monotonic clock)."""
    said: Counter[str] = field(default_factory=Counter)
    bursts: int = 0

    def __post_init__(self) -> None:
        self.data = procedure()
        self.offering = self.scene.offer(Bundle.model_validate(self.data))
        for slot, role in self.scene.roles.items():
            self.scene.stage.official(f"{slot}-2", role)
        self.members: Mapping[int, list[int]] = {role.pk: _accounts(role) for role in self.scene.roles.values()}
        self.applicant: Person = self.scene.stage.person(APPLICANT)

    @property
    def is_over(self) -> bool:
        """Whether the run has shown enough."""
        return self.bursts >= self.least and time.monotonic() >= self.until

    def file(self) -> Case:
        """Another case."""
        draft = drafts.begin(offering=self.offering, by=self.applicant, now=self.scene.began)
        drafts.save(draft=draft, changed=ANSWERS, removed=set(), now=self.scene.began)
        return filing.start(draft=draft, by=self.applicant, signature=None, now=self.scene.began)

    def work(self) -> None:
        """Do the jobs that are due, signatures among them."""
        with transaction.atomic():
            rehearse_due(agency_id=self.scene.stage.agency.pk, now=self.scene.began)

    def deeds(self, case: Case, choice: bool) -> list[Deed]:
        """What people who look at the case now would try."""
        tasks = CaseTask.objects.filter(process=case, status__in=OPEN).exclude(flow_task_type="JOIN").defer("flow_task")
        return [deed for task in tasks.order_by("pk") for deed in self._deeds(task, choice)]

    def _deeds(self, task: CaseTask, choice: bool) -> Iterator[Deed]:
        told: dict[str, Any] = {"task": task.pk, "choice": choice, "now": self.scene.began}
        if task.for_applicant:
            yield Deed("correct", who=self.applicant.user.pk, **told)
            return
        for member in self.members.get(task.role_id or 0, ()):
            if task.owner_id != member:
                yield Deed("take", who=member, **told)
                continue
            other = next(one for one in self.members[task.role_id or 0] if one != member)
            for kind in (*FINISHING[task.step_kind], "release"):
                yield Deed(kind, who=member, **told)
            yield Deed("pass on", who=member, colleague=other, **told)

    def at_once(self, deeds: list[Deed]) -> list[str]:
        """Have all of them done at the same moment."""
        self.bursts += 1
        with self.around():
            said = [future.result() for future in [self.crew.submit(_apart, deed) for deed in deeds]]
        self.said.update(word.partition(":")[0] for word in said)
        return said


def _accounts(role: Role) -> list[int]:
    return list(User.objects.filter(person__memberships__role=role).order_by("pk").values_list("pk", flat=True))


def _apart(deed: Deed) -> str:
    try:
        return perform(deed)
    finally:
        connections.close_all()


class Officials(RuleBasedStateMachine):
    """Draws numbers; the office says what they mean as things stand."""

    office: ClassVar[Office]

    def __init__(self) -> None:
        super().__init__()
        self.twins: list[Twin] = []

    @initialize()
    def open(self) -> None:
        """Two cases to begin with."""
        self.file()
        self.file()

    @rule()
    def file(self) -> None:
        """One more case, up to a few."""
        if len(self.twins) < MOST_CASES and not self.office.is_over:
            self.twins.append(Twin(self.office.file(), Machine(self.office.data)))

    @rule(
        case=st.integers(0, 999),
        picks=st.lists(st.integers(0, 999), min_size=AT_ONCE, max_size=AT_ONCE),
        favourable=st.integers(0, 3),
    )
    def act(self, case: int, picks: list[int], favourable: int) -> None:
        """People act on one case at the same moment, and one of them perhaps on another."""
        if self.office.is_over or not self.twins:
            return
        focus = self.twins[case % len(self.twins)].case
        near = self.office.deeds(focus, favourable > 0)
        far = self.office.deeds(self.twins[picks[0] % len(self.twins)].case, favourable > 0)
        chosen = [places[pick % len(places)] for places, pick in zip((far, near, near), picks, strict=True) if places]
        broken = [word for word in self.office.at_once(chosen) if word.startswith("broke")]
        assert not broken, f"{chosen}: {broken}"

    @rule()
    def work(self) -> None:
        """The jobs that are due."""
        if not self.office.is_over:
            self.office.work()

    @invariant()
    def every_case_stands_as_its_log_says(self) -> None:
        """After each burst."""
        for twin in self.twins:
            twin.case.refresh_from_db()
            twin.look()

    def teardown(self) -> None:
        """Every log is whole."""
        for twin in self.twins:
            assert verify_stream(f"case:{twin.case.ref}").ok


# How it is run


@dataclass(frozen=True)
class Shown:
    """What came of a run. `failure` says what broke a rule; empty if nothing did."""

    bursts: int
    said: dict[str, int]
    seed: int
    seconds: float
    failure: str = ""


def prove_officials(
    *,
    began: datetime,
    seeded: int,
    bursts: int = 1,
    seconds: float = 0,
    in_processes: bool = False,
    around: Around = nullcontext,
) -> Shown:
    """Let officials act at once so often and so long, on the database of this process. What they do stays in it."""
    started = time.monotonic()
    with crew(str(connection.settings_dict["NAME"]), in_processes=in_processes) as people:
        stage = Stage(_agency(seeded), {})
        Officials.office = office = Office(Scene(stage, began), people, around, bursts, started + seconds)
        failure, rounds = "", count(seeded)
        while not (office.is_over or failure):
            failure = _one_round(next(rounds))
    spent = round(time.monotonic() - started, 1)
    return Shown(office.bursts, dict(office.said), seeded, spent, failure)


def _one_round(seeded: int) -> str:
    drawn = settings(
        max_examples=4,
        stateful_step_count=12,
        deadline=None,
        database=None,
        phases=(Phase.generate,),
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
    )
    try:
        run_state_machine_as_test(seed(seeded)(Officials), settings=drawn)
    except Exception as error:
        return "".join(traceback.format_exception(error))[-4000:]
    return ""


def _agency(seeded: int) -> Agency:
    code = f"ensayo-{os.getpid()}-{seeded}"
    return Agency.objects.create(code=code, name="Institución de ensayo", commune="13101")
