"""Moves a case at random through the commands that the pages use, and looks at it after each move."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.datastructures import MultiValueDict
from hypothesis import strategies as st

from accounts.models import Role, Unit, User
from documents.models import Document
from jobs.api import next_due, rehearse_due
from notifications.api import AlreadyNotified, Notified
from procedures.api import Bundle, bundle_of, kind_of
from procedures.models import Offering, Procedure, ProcedureVersion, RoleBinding
from workflows import drafts
from workflows.commands import acts, corrections, desk, filing, notification, rows
from workflows.commands.waiting import Happened, record_event
from workflows.cosigners import Signature
from workflows.errors import CommandRefused, NoMoreCorrections, NotAllowed
from workflows.models import Case, CaseTask, Draft
from workflows.nodes.base import OPEN
from workflows.proof.machine import Machine
from workflows.proof.making import ROLES
from workflows.proof.twin import Twin
from workflows.queries import correction_to_answer, running_block
from workflows.rehearsal.stage import LONG_AGO, Stage

LATE = 30
"""Moves after which nothing is sent back nor added any more, so that every case ends."""
MOST_MOVES = 300
"""More than the longest case takes from then on: a dozen rows, each with several steps and a linked case."""
APPLICANT, STRANGER = "solicitante", "nadie"
ANSWERS = {"nombre": "Ana", "correo": "ana@persona.example", "hechos": "Hechos", "peticion": "Pido", "autoriza": False}
PEOPLE = (*ROLES, APPLICANT, STRANGER)


@dataclass
class Scene:
    """A stage with its officials, on which one case after another is played and taken back."""

    stage: Stage
    began: datetime
    roles: dict[str, Role] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for slot in ROLES:
            unit = Unit.objects.create(agency=self.stage.agency, code=slot, name=slot)
            self.roles[slot] = Role.objects.create(unit=unit, code=slot, name=slot)
            self.stage.official(slot, self.roles[slot])
        for label in (APPLICANT, STRANGER):
            self.stage.user(label)

    def offer(self, bundle: Bundle) -> Offering:
        """Put it on offer, with the scene's officials in its roles."""
        procedure = Procedure.objects.create(owner=self.stage.agency, code=bundle.code, created_at=self.began)
        version = ProcedureVersion.objects.create(
            procedure=procedure,
            number=1,
            schema_version=bundle.schema_version,
            canonical=bundle.canonical(),
            sha256=bundle.sha256(),
            title=bundle.title,
            diagram_svg="",
            published_at=self.began,
        )
        offering = Offering.objects.create(agency=self.stage.agency, version=version, effective_from=LONG_AGO)
        bound = [RoleBinding(offering=offering, slot=slot.id, role=self.roles[slot.id]) for slot in bundle.roles]
        RoleBinding.objects.bulk_create(bound)
        return offering

    def walk(self, procedure: Mapping[str, Any], data: st.DataObject) -> None:
        """Play one case of the procedure from its filing to its end, and take it back. Raises AssertionError."""
        with transaction.atomic():
            offering = self.offer(Bundle.model_validate(procedure))
            Walk(self, Machine(procedure), data).go(offering)
            transaction.set_rollback(True)


class Walk:
    """One case, its machine, and the clock."""

    def __init__(self, scene: Scene, machine: Machine, data: st.DataObject) -> None:
        self.scene, self.machine, self.data = scene, machine, data
        self.now, self.moves = scene.began, 0
        self.case: Case
        self.twin: Twin

    # The way

    def go(self, offering: Offering) -> None:
        """File, move until the end, and look at the whole."""
        person = self.scene.stage.person(APPLICANT)
        draft = drafts.begin(offering=offering, by=person, now=self.now)
        drafts.save(draft=draft, changed=ANSWERS, removed=set(), now=self.now)
        self.case = filing.start(draft=draft, by=person, signature=None, now=self.now)
        self.twin = Twin(self.case, self.machine)
        self._settle()
        while self.case.finished is None:
            assert self.moves < MOST_MOVES, f"does not end: {self.machine.tokens}"
            self.moves += 1
            self._move(self._pick())
            self._settle()
        self.twin.look_at_the_end(self.scene.stage.agency.pk, self.now)

    def _pick(self) -> CaseTask:
        """One of the steps that somebody may do, of this case or of one that it waits for."""
        family = CaseTask.objects.filter(process__agency=self.scene.stage.agency, status__in=OPEN)
        able = family.exclude(flow_task_type="JOIN").exclude(step_kind__in=["subcase", "seal"])
        found: list[CaseTask] = list(able.select_related("role", "process").order_by("pk"))
        assert found, "stands still"
        return found[self._number(0, len(found) - 1, "paso")]

    @property
    def _is_late(self) -> bool:
        return self.moves > LATE

    def _number(self, low: int, high: int, label: str) -> int:
        return self.data.draw(st.integers(low, high), label=label)

    def _settle(self) -> None:
        """Do the jobs that are due, and look."""
        rehearse_due(agency_id=self.scene.stage.agency.pk, now=self.now)
        self.case.refresh_from_db()
        self.twin.look()

    def _move(self, task: CaseTask) -> None:
        if task.step_kind == "wait" or self._number(0, 9, "tiempo") == 9:
            self._wait(task)
        elif task.step_kind == "correction":
            self._correct(task)
        elif task.step_kind == "sign":
            self._sign(task)
        else:
            self._add_a_row()
            self._answer(task)

    # What people do

    def _user(self, label: str) -> User:
        return self.scene.stage.user(label)

    def _holder(self, task: CaseTask) -> str:
        return next(slot for slot, role in self.scene.roles.items() if role.pk == task.role_id)

    def _claimed(self, task: CaseTask) -> User:
        """The task's holder, who has it; sometimes somebody else tried first."""
        holder = self._holder(task)
        others = [label for label in PEOPLE if label != holder]
        place = self._number(0, 3 * len(others), "intruso")
        other = others[place] if place < len(others) else ""
        if other:
            self._refused(lambda: desk.claim(task=task, by=self._user(other), now=self.now, reason="prueba"))
        desk.claim(task=task, by=self._user(holder), now=self.now, reason="prueba")
        if other:
            self._refused(lambda: self._complete(task, other, {}))
        return self._user(holder)

    def _refused(self, trespass: Any) -> None:
        """Whoever may not do it is refused, and nothing is written."""
        before = self.twin.events()
        try:
            with transaction.atomic():
                trespass()
        except NotAllowed:
            assert self.twin.events() == before, "a refusal wrote into the log"
        else:
            raise AssertionError("somebody did what they may not")

    def _events(self) -> int:
        return Case.objects.values_list("audit_seq", flat=True).get(pk=self.case.pk)

    def _complete(self, task: CaseTask, who: str, given: dict[str, Any]) -> None:
        answered = desk.Answered(data=posted(bundle_of(task.process.version), task.step_id, given))
        desk.complete(task=task, by=self._user(who), answered=answered, now=self.now)

    def _answer(self, task: CaseTask) -> None:
        self._claimed(task)
        holder = self._holder(task)
        if task.step_kind == "draft":
            answered = desk.Answered(data=MultiValueDict())
            acts.finish_act(task=task, by=self._user(holder), texts={}, answered=answered, now=self.now)
            return
        given = self._given(task)
        try:
            self._complete(task, holder, given)
        except NoMoreCorrections:
            self._complete(task, holder, {**given, "favorable": True})
        if self.moves % 3 == 0:
            with suppress(CommandRefused):
                self._complete(task, holder, given)
                raise AssertionError("a step was done twice")

    def _given(self, task: CaseTask) -> dict[str, Any]:
        bundle = bundle_of(task.process.version)
        if any(question.type == "group" for question in bundle.fields_of(task.step_id)):
            count = self._number(0, 3, "filas")
            return {"locales": [{"id": f"r{place}", "nombre": f"Local {place}"} for place in range(count)]}
        favourable = self._is_late or self._number(0, 3, "favorable") > 0
        return {"favorable": favourable, "nota": self._number(1, 7, "nota")}

    def _add_a_row(self) -> None:
        """Sometimes whoever may add a row does."""
        adding = [one for one in self.machine.steps.values() if one.get("added_by")]
        running = [one for one in adding if running_block(self.case, one["id"]) is not None]
        if not running or self._is_late or self._number(0, 5, "agrega") != 5:
            return
        answered = desk.Answered(data=posted(bundle_of(self.case.version), running[0]["id"], {"nombre": "Otro"}))
        by = self._user(running[0]["added_by"])
        rows.add_row(case=self.case, step_id=running[0]["id"], by=by, answered=answered, now=self.now)

    def _sign(self, task: CaseTask) -> None:
        user = self._claimed(task)
        if task.data["position"] == 1 and not self._is_late and self._number(0, 4, "devuelve") == 4:
            acts.send_back(task=task, by=user, reason="Falta.", now=self.now)
            return
        document = Document.objects.get(pk=task.data["document"])
        intent = self.scene.stage.confirmed_intent(user, f"task:{task.pk}", document.content_sha256, self.now)
        acts.sign(task=task, by=user, intent=intent, now=self.now)

    def _correct(self, task: CaseTask) -> None:
        if not self._is_late and self._number(0, 2, "notifica") == 0:
            self._notify(task)
            return
        draft = self._answer_of(APPLICANT, task)
        stranger = self._answer_of(STRANGER, task)
        self._refused(lambda: self._send(stranger, STRANGER))
        self._send(draft, APPLICANT)

    def _answer_of(self, label: str, task: CaseTask) -> Draft:
        waiting = correction_to_answer(task.process)
        draft = drafts.begin_answer(
            task=waiting.task if waiting else task, by=self.scene.stage.person(label), now=self.now
        )
        drafts.save(draft=draft, changed={**ANSWERS, "hechos": f"Otros {self.moves}"}, removed=set(), now=self.now)
        return Draft.objects.get(pk=draft.pk)

    def _send(self, draft: Draft, label: str) -> None:
        shown = drafts.shown_hash(draft, drafts.complete_answers(draft))
        intent = self.scene.stage.confirmed_intent(self._user(label), draft.ref, shown, self.now)
        signature = Signature(intent)
        corrections.answer_correction(draft=draft, by=self.scene.stage.person(label), signature=signature, now=self.now)

    def _notify(self, task: CaseTask) -> None:
        told = Notified(self.scene.stage.person(APPLICANT), "office", self.now, "Recibió copia.")
        by = self.scene.stage.person("revision")
        with suppress(AlreadyNotified):
            notification.record_notification(
                case=task.process, step_id=task.step_id, notified=told, by=by, now=self.now
            )

    def _wait(self, task: CaseTask) -> None:
        """What was awaited happens, or days go by; each timer has its own instant."""
        if task.role_id and task.step_kind == "wait" and self._number(0, 1, "ocurre"):
            happened, nothing = Happened(on=self.now.date() - timedelta(days=1)), desk.Answered({})
            self._refused(lambda: self._record(task, STRANGER, happened, nothing))
            self._record(task, self._holder(task), happened, nothing)
            return
        until = self.now + timedelta(days=self._number(1, 20, "días"))
        while (due := next_due(agency_id=self.scene.stage.agency.pk, until=until)) is not None:
            self.now = max(self.now, due)
            self._settle()
        self.now = until

    def _record(self, task: CaseTask, who: str, happened: Happened, answered: desk.Answered) -> None:
        record_event(task=task, by=self._user(who), happened=happened, answered=answered, now=self.now)


def posted(bundle: Bundle, step_id: str, given: Mapping[str, Any]) -> MultiValueDict[str, str]:
    """Answers as a browser would post them."""
    data: MultiValueDict[str, str] = MultiValueDict()
    for question in bundle.fields_of(step_id):
        if question.id not in given:
            continue
        if question.type == "group":
            data.setlist(f"{question.id}-rows", [row["id"] for row in given[question.id]])
            for row in given[question.id]:
                data[f"{question.id}-{row['id']}-nombre"] = row["nombre"]
            continue
        for name, values in kind_of(question).as_data(question.id, given[question.id]).items():
            data.setlist(name, values)
    return data
