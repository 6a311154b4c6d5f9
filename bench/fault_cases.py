"""Whole cases under faults: people decide, and the jobs of every kind of step carry the case on while processes die."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from functools import cache
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import Max, QuerySet
from ruamel.yaml import YAML
from viewflow.workflow.status import STATUS

from accounts.models import Agency, Person
from bench.fault_scenarios import Fickle, hasten, serve, signatures_on
from documents.models import Document
from jobs.faults import weather
from jobs.faults.scenarios import Verdict
from jobs.models import Job
from legaltime.api import now as clock_now
from procedures.api import STEP_KINDS, Bundle
from procedures.models import Offering
from signatures.models import SignatureRequest
from workflows.deadlines import TIMER
from workflows.errors import CommandRefused
from workflows.models import Case, CaseLink, CaseTask, Deadline
from workflows.nodes.base import OPEN
from workflows.proof.machine import Machine
from workflows.proof.making import CHILD, OTHER_AGENCY, ROLES, child, procedure_of
from workflows.proof.people import People
from workflows.proof.scene import Scene
from workflows.proof.twin import Twin
from workflows.rehearsal.stage import Stage
from workflows.steps.linked import CHILD_ENDED
from workflows.steps.outside import CALL
from workflows.steps.waiting import TIMER as WAIT_TIMER

AGO = timedelta(days=30)
"""People act by a clock so far behind, so that what they start to wait for is over before long."""
CODE = "fallas"
AT_ONCE = 3
"""So many are filed as soon as there is room; then each of them is brought to its end."""
CAST = Path(settings.DATA_DIR) / "cast.json"
CONNECTORS = Path(settings.DATA_DIR) / "connectors.json"
FLOOR = "floor"
"""Journal with the last case before the run."""
BY_ITSELF = {"service", "subcase", "seal"}
"""Kinds that wait for nobody: a job brings what they wait for."""
EXTERNAL = ("notifications.email", "signatures.prepare", "signatures.apply", "signatures.archive", CALL)


class Registry(BaseHTTPRequestHandler):
    """A system of another body, which sometimes refuses, and sometimes hangs up after it has done what was asked."""

    def do_POST(self) -> None:
        """Note the key, and answer."""
        self.rfile.read(int(self.headers["Content-Length"]))
        if weather.current.strikes(0.1, "provider refuses"):
            self.send_error(503)
            return
        weather.note("registry", str(self.headers["Idempotency-Key"]))
        if weather.current.strikes(0.1, "answer lost"):
            return
        body = b'{"vigente": true}'
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""


@cache
def definition(code: str) -> dict[str, Any]:
    """The data of what is filed here, or of what its subcases open."""
    if code == CHILD:
        return child()
    return procedure_of(YAML(typ="safe").load(Path(__file__).with_name("fault_steps.yaml")), CODE)


class Cases:
    """Cases of a procedure with every kind of step, and the cases that those open."""

    kind = CHILD_ENDED

    def install(self) -> None:
        """The handlers are the product's, and one connector is allowed."""
        for kind in EXTERNAL:
            hasten(kind)
        settings.CONNECTORS = str(CONNECTORS)

    def set_up(self) -> None:
        """An agency with its officials, what it offers, and the systems of others."""
        serve(Fickle, settings.DEMO_PKI_PORT)
        url = f"http://127.0.0.1:{serve(Registry, 0)}/consulta"
        CONNECTORS.write_text(json.dumps({"registro": {"url": url, "method": "POST", "allow_loopback": True}}))
        people: dict[str, Person] = {}
        for code, offered in ((CODE, CODE), (OTHER_AGENCY, CHILD)):
            agency = Agency.objects.create(code=code, name=f"Institución {code}", rut="61000000-7", commune="13101")
            scene = Scene(Stage(agency, {}, people=people), clock_now() - AGO)
            scene.offer(Bundle.model_validate(definition(offered)))
        CAST.write_text(json.dumps({label: person.pk for label, person in people.items()}))

    def begin(self, now: datetime) -> None:
        """Somebody files, or does what waits for a person."""
        if not weather.noted(FLOOR):
            weather.note(FLOOR, str(Case.objects.aggregate(last=Max("pk"))["last"] or 0))
        with suppress(CommandRefused):  # what a job did to the case meanwhile
            if _cases().filter(agency__code=CODE, finished=None).count() < AT_ONCE:
                _people(CODE, CODE, now).file(Offering.objects.get(agency__code=CODE))
            elif waiting := list(_for_people().order_by("pk")):
                task = weather.current.random.choice(waiting)
                case = task.process
                people = _people(case.agency.code, case.version.procedure.code, now)
                people.case, people.moves = case, case.task_set.count()
                people.do(task)

    def verdicts(self) -> Iterator[Verdict]:
        """A row for the cases, and one for each kind of step."""
        cases = list(_cases())
        wrong = sum(not _stands_as_logged(case) or _is_spare(case) for case in cases)
        yield Verdict("caso", len(cases), sum(not _has_somebody(case) for case in cases), wrong, 0)
        steps = list(CaseTask.objects.filter(process__in=cases).exclude(flow_task_type="JOIN").defer("flow_task"))
        found, asked = Counter(step.step_kind for step in steps), Counter(weather.noted("registry"))
        lost, doubled = lost_among(steps), doubled_among(steps)
        doubled["service"] += max(0, len(asked) - found["service"])  # each question has one key, however often put
        for kind in STEP_KINDS:
            repeated = sum(times > 1 for times in asked.values()) if kind == "service" else 0
            yield Verdict(f"paso {kind}", found[kind], lost[kind], doubled[kind], repeated)


def _people(agency_code: str, procedure_code: str, now: datetime) -> People:
    """Whoever takes part in cases of that procedure there."""
    steps = Machine(definition(procedure_code)).steps
    return People(
        _scene(agency_code, now), steps, lambda low, high, _of: weather.current.random.randint(low, high), now - AGO
    )


def _scene(code: str, now: datetime) -> Scene:
    """What was set up at an agency, as any process finds it."""
    cast = json.loads(CAST.read_text())
    found = Person.objects.in_bulk(cast.values())
    agency = Agency.objects.get(code=code)
    people = {label: found[number] for label, number in cast.items()}
    roles = {slot: people[slot].memberships.get(role__unit__agency=agency).role for slot in ROLES}
    return Scene(Stage(agency, {}, people=people), now - AGO, roles)


def _cases() -> QuerySet[Case]:
    """Those of this run, and the ones they opened: not what an earlier run left without its jobs."""
    floor = [int(number) for number in weather.noted(FLOOR)]
    return Case.objects.filter(agency__code__in=(CODE, OTHER_AGENCY), pk__gt=floor[0]) if floor else Case.objects.none()


def _for_people() -> QuerySet[CaseTask]:
    able = CaseTask.objects.filter(process__in=_cases(), status__in=OPEN).exclude(flow_task_type="JOIN")
    by_hand = able.exclude(step_kind__in=BY_ITSELF).exclude(step_kind="wait", role=None)
    return by_hand.select_related("role", "process__agency", "process__version__procedure")


def _has_somebody(case: Case) -> bool:
    """Whether it is over, or something of it waits."""
    return case.finished is not None or case.task_set.filter(status__in=OPEN).exclude(flow_task_type="JOIN").exists()


def _stands_as_logged(case: Case) -> bool:
    """Whether the second engine reads from its log what the tables say: each step done once, none left behind."""
    try:
        Twin(case, Machine(definition(case.version.procedure.code))).look()
    except AssertionError as error:
        weather.note("wrong", f"{case.number}: {error}")
        return False
    return True


def _is_spare(case: Case) -> bool:
    """Whether a step opened it that has another one."""
    return case.agency.code == OTHER_AGENCY and not CaseLink.objects.filter(child=case).exists()


def lost_among(steps: Iterable[CaseTask]) -> Counter[str]:
    """Steps that wait for a job that is not there, or whose job opened nothing, by their kind."""
    return Counter(step.step_kind for step in steps if _is_lost(step))


def _is_lost(step: CaseTask) -> bool:
    if step.step_kind == "referral":
        return not step.links.exclude(child=None).exists()
    return step.status in OPEN and _waits_in_vain(step)


def _waits_in_vain(step: CaseTask) -> bool:
    """Whether what it waits for has come already, or its clock runs and no timer will stop it."""
    if step.step_kind == "subcase":
        return not step.links.filter(child__isnull=False, child__finished=None).exists()
    jobs = Job.objects.filter(case_id=step.process_id).exclude(run_at=None)
    if step.step_kind == "wait":
        return not jobs.filter(kind=WAIT_TIMER, payload__task=step.pk).exists()
    running = step.deadlines.filter(state=Deadline.State.RUNNING)
    is_timed = all(jobs.filter(kind=TIMER, payload__deadline=clock.pk).exists() for clock in running)
    return step.step_kind in BY_ITSELF or not is_timed


def doubled_among(steps: Iterable[CaseTask]) -> Counter[str]:
    """Steps whose effect stands twice, by their kind."""
    return Counter(step.step_kind for step in steps if _is_twice(step))


def _is_twice(step: CaseTask) -> bool:
    """Whether a service was asked anew, a case opened again, or an act has another signature than was asked for."""
    if step.step_kind == "service":
        return Job.objects.filter(kind=CALL, payload__task=step.pk).count() > 1
    if step.step_kind in ("subcase", "referral"):
        return step.links.count() > 1
    if step.step_kind in ("seal", "sign") and step.status == STATUS.DONE:
        act = Document.objects.select_related("blob").get(pk=step.data["document"])
        signed = act.signature_requests.filter(state=SignatureRequest.State.SIGNED).count()
        return act.blob is not None and signatures_on(act) != signed
    return False
