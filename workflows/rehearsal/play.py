"""Plays the entries of a scenario through the commands that the pages use."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _

from accounts.api import register_mandate
from accounts.models import Mandate, Person, User
from documents.models import Document
from jobs.api import next_due, rehearse_due
from notifications.api import Notified
from procedures.api import Bundle, Field, PageForm, as_answer, build_form, bundle_of, is_shown, kind_of, stored_data
from workflows import cosigners, deadlines, drafts, proofs
from workflows.commands import acts, corrections, desk, filing, notification
from workflows.commands.opening import open_of_own_motion
from workflows.cosigners import Cosigned, Signature
from workflows.models import Case, CaseParty, CaseTask, Channel, Draft
from workflows.queries import correction_to_answer
from workflows.rehearsal.files import kept_files, kept_in_row, made, names_files
from workflows.rehearsal.scenario import Entry, Scenario, instant
from workflows.rehearsal.stage import Stage

APPLICANT = "solicitante"
"""Label of the person when an entry does not name anybody."""
POWERS = ("simple", "solemn")


class NotPlayed(Exception):
    """An entry could not be played; the text says why, for whoever wrote the scenario."""


@dataclass
class Play:
    """A scenario under way: the stage, its clock and the case that it is about."""

    stage: Stage
    zone: str
    now: datetime
    offer: Callable[[str], Any]
    """Gives the offering of a procedure by its code; raises NotPlayed when there is none."""
    case: Case | None = None
    applicant: str = APPLICANT
    cases: list[Case] = field(default_factory=list)

    def perform(self, entry: Entry) -> None:
        """Let time pass up to the entry, do it, and do the jobs that it left. Raises NotPlayed and what commands do."""
        if entry.at:
            self.wait_until(instant(entry.at, self.zone))
        ACTIONS[entry.action](self, entry)
        self.work()

    def work(self) -> None:
        """Do what is due now."""
        rehearse_due(agency_id=self.stage.agency.pk, now=self.now)

    def wait_until(self, moment: datetime) -> None:
        """Let each timer run at its own instant on the way. Raises NotPlayed for a moment that has gone by."""
        if moment < self.now:
            raise NotPlayed(_("La prueba vuelve atrás en el tiempo: revisa las fechas."))
        while (due := next_due(agency_id=self.stage.agency.pk, until=moment)) is not None:
            self.now = max(self.now, due)
            self.work()
        self.now = moment

    def the_case(self) -> Case:
        """The case as it stands. Raises NotPlayed before the first filing."""
        if self.case is None:
            raise NotPlayed(_("Todavía no hay una solicitud: empieza por presentarla («file»)."))
        self.case = Case.objects.get(pk=self.case.pk)
        return self.case

    def task(self, entry: Entry) -> CaseTask:
        """The open task of an entry's step (and row), here or in a linked case. Raises NotPlayed naming those open."""
        step_id, row = str(entry.subject), entry.details.get("row")
        still_open = [task for case in self.family() for task in open_tasks(case)]
        found = next((task for task in still_open if task.step_id == step_id and row in (None, task.occurrence)), None)
        if found is None:
            names = ", ".join(task.step_id for task in still_open) or _("ninguno")
            raise NotPlayed(
                _("El paso «%(step)s» no está abierto. Abiertos: %(open)s.") % {"step": step_id, "open": names}
            )
        return found

    def family(self) -> list[Case]:
        """The case and those that it opened."""
        return self.family_of(self.the_case())

    def family_of(self, case: Case) -> list[Case]:
        """A case and those that it opened."""
        return [case, *Case.objects.filter(opened_by__parent=case).order_by("pk")]

    def claimed(self, entry: Entry) -> CaseTask:
        """The open task of an entry's step, in the hands of who does it."""
        task = self.task(entry)
        user = self.stage.official(entry.who or self._holder(task), task.role)
        desk.claim(task=task, by=user, now=self.now, reason=_("Ensayo"))
        task.refresh_from_db()
        return task

    def _holder(self, task: CaseTask) -> str:
        members = task.role.memberships.select_related("person") if task.role else []
        return next((label for one in members if (label := self.stage.label_of(one.person))), task.step_id)


def open_tasks(case: Case) -> Iterator[CaseTask]:
    """What the case waits for people to do."""
    waiting = CaseTask.objects.filter(process=case, status__in=["NEW", "ASSIGNED", "STARTED"])
    yield from waiting.exclude(flow_task_type="JOIN").select_related("role", "process__version").order_by("pk")


def play(scenario: Scenario, on: Stage, offer: Callable[[str], Any]) -> Play:
    """A play about to begin, at the scenario's first instant. Raises BadScenario."""
    zone = on.agency.time_zone
    return Play(stage=on, zone=zone, now=instant(scenario.starts, zone), offer=offer)


# What entries do


def _file(playing: Play, entry: Entry) -> None:
    playing.applicant = entry.who or APPLICANT
    person = playing.stage.person(playing.applicant)
    offering, power = playing.offer(str(entry.subject)), _power(playing, person, entry)
    draft = drafts.begin(offering=offering, by=person, now=playing.now, mandate=power)
    _fill(playing, draft, entry)
    playing.case = filing.start(
        draft=draft,
        by=person,
        signature=_signature(playing, draft),
        now=playing.now,
        channel=str(entry.details.get("channel") or Channel.WEB),
        together=_others(playing, draft),
    )
    playing.cases.append(playing.case)


def _power(playing: Play, person: Person, entry: Entry) -> Mandate | None:
    """The power by which the person acts for somebody else (`for`): `simple`, or `solemn` as art. 22 has it (R43)."""
    grantor, kind = str(entry.details.get("for") or ""), str(entry.details.get("power") or POWERS[0])
    if not grantor:
        return None
    if kind not in POWERS:
        raise NotPlayed(_("El poder «%(kind)s» no existe: escribe «simple» o «solemn».") % {"kind": kind})
    return register_mandate(
        grantor=playing.stage.person(grantor),
        representative=person,
        starts_on=playing.now.date(),
        is_solemn=kind == POWERS[1],
        by="scenario",
        now=playing.now,
    )


def _own_motion(playing: Play, entry: Entry) -> None:
    """The agency opens a case by itself; `told` answers questions by what they ask for (`art30`)."""
    told = dict(entry.details.get("told") or {})
    offering = playing.offer(str(entry.subject))
    playing.case = open_of_own_motion(offering=offering, told=told, origin="scenario", now=playing.now)
    playing.cases.append(playing.case)


def _correct(playing: Play, entry: Entry) -> None:
    waiting = correction_to_answer(playing.the_case())
    if waiting is None:
        raise NotPlayed(_("Nadie ha pedido una corrección en esta solicitud."))
    person = playing.stage.person(entry.who or playing.applicant)
    draft = drafts.begin_answer(task=waiting.task, by=person, now=playing.now)
    _fill(playing, draft, Entry("correct", None, details={"answers": entry.subject or {}}))
    corrections.answer_correction(draft=draft, by=person, signature=_signature(playing, draft), now=playing.now)


def _step(playing: Play, entry: Entry) -> None:
    task = playing.claimed(entry)
    assert task.owner is not None
    desk.complete(task=task, by=task.owner, answered=answered(task, entry), now=playing.now)


def _write(playing: Play, entry: Entry) -> None:
    task = playing.claimed(entry)
    texts = {int(place): str(text) for place, text in dict(entry.details.get("texts") or {}).items()}
    assert task.owner is not None
    given = answered(task, entry)
    acts.finish_act(task=task, by=task.owner, texts=texts, answered=given, now=playing.now)


def _sign(playing: Play, entry: Entry) -> None:
    task = playing.claimed(entry)
    assert task.owner is not None
    document = Document.objects.get(pk=task.data["document"])
    intent = playing.stage.confirmed_intent(task.owner, f"task:{task.pk}", document.content_sha256, playing.now)
    acts.sign(task=task, by=task.owner, intent=intent, now=playing.now)


def _send_back(playing: Play, entry: Entry) -> None:
    task = playing.claimed(entry)
    assert task.owner is not None
    acts.send_back(task=task, by=task.owner, reason=str(entry.details.get("reason") or _("Ensayo")), now=playing.now)


def _notify(playing: Play, entry: Entry) -> None:
    case = playing.the_case()
    told = Notified(
        person=_told(playing, case, str(entry.details.get("to") or "")),
        medium=str(entry.details.get("medium") or "office"),
        occurred_at=playing.now,
        evidence=str(entry.details.get("evidence") or _("Ensayo")),
    )
    notification.record_notification(
        case=case, step_id=str(entry.subject), notified=told, by=_somebody(playing, case, entry), now=playing.now
    )


def _told(playing: Play, case: Case, label: str) -> Person:
    if label:
        return playing.stage.person(label)
    party = case.parties.filter(kind=CaseParty.Kind.APPLICANT, left_at=None).first()
    if party is None or party.person is None:
        raise NotPlayed(_("Esta solicitud no tiene a quién notificar."))
    return party.person


def _somebody(playing: Play, case: Case, entry: Entry) -> Person:
    """Who is named, else any official with a part in the procedure."""
    if entry.who:
        role = next((task.role for task in case.task_set.all() if task.role is not None), None)
        return playing.stage.official(entry.who, role).person
    binding = case.offering.role_bindings.select_related("role").order_by("pk").first()
    if binding is None:
        raise NotPlayed(_("Este trámite no tiene cargos: nadie puede registrar una notificación."))
    return binding.role.memberships.select_related("person")[0].person


def _waits(playing: Play, entry: Entry) -> None:
    """Somebody looks at the clocks; a word of the page about one of them must be there."""
    shown = [deadlines.in_words(clock) for clock in playing.the_case().deadlines.all()]
    if not any(str(entry.subject) in words for words in shown):
        what = {"text": entry.subject, "shown": "; ".join(shown)}
        raise NotPlayed(_("No se ve «%(text)s». Los plazos dicen: %(shown)s.") % what)


def _nothing(playing: Play, entry: Entry) -> None:
    """Time passes, or what is expected is looked at."""


ACTIONS: dict[str, Callable[[Play, Entry], None]] = {
    "file": _file,
    "own_motion": _own_motion,
    "correct": _correct,
    "step": _step,
    "write": _write,
    "sign": _sign,
    "send_back": _send_back,
    "notify": _notify,
    "waits": _waits,
    "time": _nothing,
    "ends": _nothing,
}
"""What an entry may do, by its key in the file. Rooms and step kinds with commands of their own add theirs."""


# Answers


def _fill(playing: Play, draft: Draft, entry: Entry) -> None:
    bundle = bundle_of(draft.version)
    written = dict(entry.details.get("answers") or {})
    asked = {question.id: question for question in bundle.fields_of(draft.step_id)}
    unknown = sorted(written.keys() - asked.keys())
    if unknown:
        raise NotPlayed(_("Se responden preguntas que no existen: %(names)s.") % {"names": ", ".join(unknown)})

    def answer(question: Field, value: Any) -> Any:
        if question.type == "group":
            return [kept_in_row(draft, question, row, playing.now) for row in value]
        return kept_files(draft, question, value, question.id, playing.now) if names_files(question, value) else value

    given = {**drafts.read(draft), **{name: answer(asked[name], value) for name, value in written.items()}}
    if entry.details.get("sample"):
        for question in _unanswered(bundle, draft.step_id, given, drafts.scope(draft, {})):
            given[question.id] = answer(question, drafts.listed_sample(draft, question, given) or _sample(question))
    drafts.save(draft=draft, changed=given, removed=set(), now=playing.now)
    draft.refresh_from_db()
    if any(question.verified for question in asked.values()):
        proofs.vouch(draft=draft, now=playing.now)


def _unanswered(bundle: Bundle, step_id: str, given: Mapping[str, Any], scope: Mapping[str, Any]) -> Iterator[Field]:
    """Each question that is asked, required or of what the law wants of an application, without an answer.

    `given` may grow meanwhile.
    """
    for question in bundle.fields_of(step_id):
        if not question.is_question or not (question.required or question.art30) or question.id in given:
            continue
        if is_shown(question, {**scope, step_id: given}, bundle):
            yield question


def _sample(question: Field) -> Any:
    if question.type == "file":
        return as_answer(["documento.pdf"] * question.min_files, question)
    if question.type == "group":
        asked = [inner for inner in question.fields if inner.type == "file"]
        rows = kind_of(question).sample(question)
        return [{**row, **{inner.id: _sample(inner) for inner in asked}} for row in rows]
    return kind_of(question).sample(question)


def answered(task: CaseTask, entry: Entry) -> desk.Answered:
    """The answers of an official as a browser would send them."""
    bundle = bundle_of(task.process.version)
    given = dict(entry.details.get("answers") or {})
    if entry.details.get("sample"):
        for question in _unanswered(bundle, task.step_id, given, task.process.data):
            given[question.id] = _sample(question)
    files: MultiValueDict[str, Any] = MultiValueDict()
    for question in bundle.fields_of(task.step_id):
        value = given.get(question.id)
        if names_files(question, value):
            files.setlist(question.id, made(given.pop(question.id)))
        rows = [dict(row) for row in value] if question.type == "group" and value else []
        for row, inner in ((row, inner) for row in rows for inner in question.fields):
            if names_files(inner, row.get(inner.id)):
                files.setlist(f"{question.id}-{row['id']}-{inner.id}", made(row.pop(inner.id)))
        given |= {question.id: rows} if rows else {}
    data = stored_data(bundle, task.step_id, {task.step_id: given})
    return desk.Answered(data=data, files=files, observations=dict(entry.details.get("observe") or {}))


def _signature(playing: Play, draft: Draft) -> Signature:
    """The person's signature of exactly what the draft shows. Raises NotPlayed where an answer is missing or wrong."""
    user = playing.stage.user(playing.stage.label_of(draft.person))
    try:
        shown = drafts.shown_hash(draft, drafts.complete_answers(draft))
    except drafts.Incomplete as error:
        raise NotPlayed(_lacking(draft, error.page) or str(error)) from error
    return Signature(playing.stage.confirmed_intent(user, draft.ref, shown, playing.now))


def _others(playing: Play, draft: Draft) -> list[Cosigned]:
    """The signatures of those who apply together with the first."""
    given = drafts.complete_answers(draft)
    shown = drafts.shown_hash(draft, given)
    found = []
    for person in cosigners.people(draft, given):
        user = getattr(person, "user", None) or User.objects.create_for(person)
        found.append(Cosigned(person, Signature(playing.stage.confirmed_intent(user, draft.ref, shown, playing.now))))
    return found


def _lacking(draft: Draft, page: int) -> str:
    """What is wrong with the answers of a page, question by question."""
    form = build_form(
        bundle=bundle_of(draft.version),
        step_id=draft.step_id,
        page=page,
        answers=drafts.scope(draft, drafts.read(draft)),
        data=None,
        stored=True,
    )
    return wrong_answers(form)


def wrong_answers(form: PageForm) -> str:
    """What a form does not accept, question by question."""
    return " ".join(f"{name.removeprefix('q-')}: {' '.join(map(str, why))}" for name, why in form.errors.items())
