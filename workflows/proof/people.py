"""What people and the systems of others do with a case, by numbers drawn, through the commands that the pages use."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.datastructures import MultiValueDict

from accounts.models import User
from documents.models import Document
from jobs.api import Job
from notifications.api import AlreadyNotified, Notified
from procedures.api import Bundle, bundle_of, kind_of
from procedures.models import Offering
from workflows import appealing, drafts
from workflows.commands import acts, clocks, corrections, desk, endings, filing, notification, outside, rows, silence
from workflows.commands.waiting import Happened, record_event
from workflows.cosigners import Signature
from workflows.deadlines import STILL_OPEN
from workflows.errors import CommandRefused, NoMoreCorrections, NotAllowed
from workflows.models import Case, CaseTask, Deadline, Draft
from workflows.proof.scene import ANSWERS, APPLICANT, PEOPLE, STRANGER, Scene
from workflows.proof.tokens import Step
from workflows.queries import correction_to_answer, running_block
from workflows.reviewing import LEVELS, Effect
from workflows.steps.outside import CALL

LATE = 30
"""Moves after which nothing is sent back nor added any more, so that every case ends."""
DrawNumber = Callable[[int, int, str], int]
"""Draws a number from the lowest to the highest, for what the label says."""


class People:
    """Whoever takes part in one case. `moves` counts what they did; `steps` are those of its procedure."""

    def __init__(self, scene: Scene, steps: Mapping[str, Step], draw: DrawNumber, now: datetime) -> None:
        self.scene, self.steps, self._number = scene, steps, draw
        self.now, self.moves = now, 0
        self.case: Case

    def file(self, offering: Offering) -> Case:
        """The applicant files; it is the case from now on."""
        person = self.scene.stage.person(APPLICANT)
        draft = drafts.begin(offering=offering, by=person, now=self.now)
        drafts.save(draft=draft, changed=ANSWERS, removed=set(), now=self.now)
        self.case = filing.start(draft=draft, by=person, signature=None, now=self.now)
        return self.case

    def appeal(self, case: Case) -> Case:
        """The applicant appeals against what ended a case; it is the case from now on. Raises CommandRefused."""
        person = self.scene.stage.person(APPLICANT)
        act = next((one.act for one in appealing.acts_of(case, person)), None)
        if act is None:
            raise CommandRefused
        draft = appealing.begin(case=case, act_id=act.pk, start_id=appealing.APPEAL, by=person, now=self.now)
        which = ("reposicion", "subsidio", "jerarquico")[self._number(0, 2, "recurso")]
        answers = {"recurso": which, "motivos": "Hechos", "peticion": "Pido", "suspension": False}
        drafts.save(draft=draft, changed=answers, removed=set(), now=self.now)
        self.case = filing.start(draft=draft, by=person, signature=None, now=self.now)
        return self.case

    def do(self, task: CaseTask) -> None:
        """What its kind asks for; now and then somebody who may not tries it first, and is refused."""
        if task.step_kind == "wait":
            self._happens(task)
        elif task.step_kind == "correction":
            self._correct(task)
        elif task.step_kind == "service":
            self._serve(task)
        elif task.step_kind == "sign":
            self._sign(task)
        else:
            self._add_a_row()
            self._answer(task)

    @property
    def _is_late(self) -> bool:
        return self.moves > LATE

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
        before = self._events()
        try:
            with transaction.atomic():
                trespass()
        except NotAllowed:
            assert self._events() == before, "a refusal wrote into the log"
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
        if task.step_id in LEVELS:
            return self._ruling(bundle, task.step_id)
        if task.step_id.startswith("law_"):
            return {"declara": self._is_late or self._number(0, 2, "declara") > 0, "fundamento": "Porque sí."}
        if any(question.type == "group" for question in bundle.fields_of(task.step_id)):
            count = self._number(0, 3, "filas")
            return {"locales": [{"id": f"r{place}", "nombre": f"Local {place}"} for place in range(count)]}
        favourable = self._is_late or self._number(0, 3, "favorable") > 0
        return {"favorable": favourable, "nota": self._number(1, 7, "nota")}

    def _add_a_row(self) -> None:
        """Sometimes whoever may add a row does."""
        adding = [one for one in self.steps.values() if one.get("added_by")]
        running = [one for one in adding if running_block(self.case, one["id"]) is not None]
        if not running or self._is_late or self._number(0, 5, "agrega") != 5:
            return
        answered = desk.Answered(data=posted(bundle_of(self.case.version), running[0]["id"], {"nombre": "Otro"}))
        by = self._user(running[0]["added_by"])
        rows.add_row(case=self.case, step_id=running[0]["id"], by=by, answered=answered, now=self.now)

    def _ruling(self, bundle: Bundle, step_id: str) -> dict[str, Any]:
        """How an appeal is resolved: in favour, in part or against it, and what becomes of the act."""
        asked = {question.id: question for question in bundle.fields_of(step_id)}

        def one_of(name: str) -> str:
            options = [option.id for option in asked[name].options]
            return options[self._number(0, len(options) - 1, name)]

        given: dict[str, Any] = {"resultado": one_of("resultado"), "fundamento": "Porque sí."}
        if given["resultado"] == "rechaza":
            return given
        given["efecto"] = one_of("efecto")
        if given["efecto"] == Effect.RETURNS:
            return {**given, "desde": one_of("desde")}
        if given["efecto"] == Effect.ANNULS:
            return given
        return {**given, "decide": "Queda así.", "otorga": self._number(0, 1, "otorga") == 1}

    def use_the_law(self) -> None:
        """Somebody asks for what the law gives beside the procedure; what it does not give is refused."""
        running = list(self.case.deadlines.filter(state__in=STILL_OPEN).order_by("pk"))
        deeds: list[Callable[[], object]] = [
            lambda: endings.withdraw(case=self.case, reason="", by=applicant, now=self.now),
            lambda: endings.waive(case=self.case, reason="", by=applicant, now=self.now),
            lambda: endings.declare_impossible(case=self.case, reason="Se perdió.", by=officer, now=self.now),
            lambda: silence.complain(case=self.case, reason="", by=applicant, now=self.now),
            lambda: silence.certify(case=self.case, by=applicant, now=self.now),
            lambda: clocks.make_urgent(case=self.case, reason="Apura.", by=officer, now=self.now),
        ]
        for clock in running:
            deeds += self._done_to(clock)
        applicant, officer = self.scene.stage.person(APPLICANT), self.scene.stage.person("revision")
        deed = deeds[self._number(0, len(deeds) - 1, "ley")]
        with suppress(CommandRefused), transaction.atomic():
            deed()

    def _done_to(self, clock: Deadline) -> list[Callable[[], object]]:
        """What an official may order of a clock."""
        of: dict[str, Any] = {"case": self.case, "deadline_id": clock.pk, "reason": "Hace falta.", "now": self.now}
        of["by"] = self.scene.stage.person("revision")
        return [
            lambda: clocks.extend(amount=1, **of),
            lambda: clocks.suspend(cause="causa", **of),
            lambda: clocks.resume(**of),
        ]

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

    def _happens(self, task: CaseTask) -> None:
        """What a step waits for happens, and whose task it is says so."""
        happened, nothing = Happened(on=self.now.date() - timedelta(days=1)), desk.Answered({})
        self._refused(lambda: self._record(task, STRANGER, happened, nothing))
        self._record(task, self._holder(task), happened, nothing)

    def _serve(self, task: CaseTask) -> None:
        """The system that a step asks answers, or has not answered as often as it was asked."""
        asked = Job.objects.filter(kind=CALL, payload__task=task.pk).latest("pk")
        if self._is_late or self._number(0, 2, "responde"):
            outside.ServiceHandler().finish(asked, {"vigente": True}, self.now)
        else:
            outside.unanswered(Job(payload={"job": asked.pk}), self.now)

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
