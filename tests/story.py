"""Drives cases through the commands, as the pages do: for tests that need a case in a certain state."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from django.utils.datastructures import MultiValueDict

from accounts.api import consume_intent, create_intent, demo_people, person_by_run
from accounts.models import Agency, Person, SigningIntent, SignInRecord, User
from documents.models import Document
from jobs.api import drain
from participation.models import Addendum, Commitment, Subject
from participation.operations import judging, proposing, supporting
from procedures.api import Field, bundle_of, offering_for, offerings_on
from procedures.fields import kind_of
from procedures.models import Offering
from procedures.visibility import as_asked
from tests.seeded import seed
from workflows import drafts, proofs, uploads
from workflows.commands import acts, corrections, desk, filing
from workflows.cosigners import Signature
from workflows.models import Case, CaseTask, Draft
from workflows.queries import correction_to_answer

MORNING = datetime(2026, 3, 4, 13, 0, tzinfo=UTC)
"""A Wednesday, ten in the morning in Chile."""
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


@dataclass
class Story:
    """A demonstration municipality and what happens in it. `now` is its clock."""

    now: datetime = MORNING
    people: dict[str, Person] = field(default_factory=dict)

    @classmethod
    def begin(cls, now: datetime = MORNING) -> Story:
        """Seed people and procedures."""
        seed(now=now)
        story = cls(now=now)
        for sample in demo_people():
            person = person_by_run(sample.run)
            assert person is not None
            story.people[sample.given_names.split()[0]] = person
        return story

    def user(self, name: str) -> User:
        """The account of a demo person, by first name."""
        person = self.people[name]
        return getattr(person, "user", None) or User.objects.create_for(person)

    def offering(self, code: str, agency: str = "muni-ejemplo") -> Offering:
        """What the agency offers today."""
        found = offering_for(agency, code, self.now.date())
        assert found is not None, code
        return found

    # The citizen

    def draft(self, offering: Offering, who: str = "Ana", **answers: Any) -> Draft:
        """A complete draft: sample answers, overridden by `answers`."""
        draft = drafts.begin(offering=offering, by=self.people[who], now=self.now)
        self.fill(draft, **answers)
        return draft

    def fill(self, draft: Draft, **answers: Any) -> None:
        """Answer every question that is asked and not answered yet."""
        bundle = bundle_of(draft.version)
        given = {**drafts.read(draft), **answers}
        for question in bundle.fields_of(draft.step_id):
            if not question.is_question or question.id in given or not (question.required or question.art30):
                continue
            if as_asked(question, drafts.scope(draft, given), bundle) is None:
                continue
            given[question.id] = (
                self._file(draft, question.id)
                if question.type == "file"
                else drafts.listed_sample(draft, question, given) or kind_of(question).sample(question)
            )
        drafts.save(draft=draft, changed=given, removed=set(), now=self.now)
        draft.refresh_from_db()
        if any(question.verified for question in bundle.fields_of(draft.step_id)):
            proofs.vouch(draft=draft, now=self.now)

    def _file(self, draft: Draft, name: str) -> dict[str, Any]:
        from django.core.files.uploadedfile import SimpleUploadedFile

        upload = SimpleUploadedFile(f"{name}.pdf", PDF)
        return uploads.keep(draft=draft, name=name, upload=upload, now=self.now)

    def intent(self, who: str, subject: str, shown_sha256: str) -> SigningIntent:
        """A signing intent already confirmed by a fresh sign-in."""
        user = self.user(who)
        intent = create_intent(
            user=user, purpose="test", subject=subject, shown_sha256=shown_sha256, facts={}, now=self.now
        )
        self.sign_in_for(intent)
        return consume_intent(intent=intent, now=self.now)

    def sign_in_for(self, intent: SigningIntent) -> None:
        """The fresh sign-in that an intent asks for, without the trip to the provider."""
        intent.sign_in = SignInRecord.objects.create(
            user=intent.user,
            at=self.now,
            issuer="https://identity.example",
            auth_time=self.now,
            id_token_sha256="0" * 64,
            id_token_sealed=b"",
            purpose="signature",
        )
        intent.save(update_fields=["sign_in"])

    def signature(self, draft: Draft) -> Signature:
        """The person's signature of exactly what the draft shows."""
        given = drafts.complete_answers(draft)
        name = next(name for name, person in self.people.items() if person.pk == draft.person_id)
        return Signature(self.intent(name, draft.ref, drafts.shown_hash(draft, given)))

    def file(self, code: str = "patente_comercial", who: str = "Ana", **answers: Any) -> Case:
        """A filed case."""
        draft = self.draft(self.offering(code), who, **answers)
        return filing.start(draft=draft, by=self.people[who], signature=self.signature(draft), now=self.now)

    def correct(self, case: Case, who: str = "Ana", **answers: Any) -> None:
        """Answer the correction that is asked."""
        waiting = correction_to_answer(case)
        assert waiting is not None
        draft = drafts.begin_answer(task=waiting.task, by=self.people[who], now=self.now)
        self.fill(draft, **answers)
        corrections.answer_correction(draft=draft, by=self.people[who], signature=self.signature(draft), now=self.now)

    # Officials

    def task(self, case: Case, step_id: str) -> CaseTask:
        """The open task of a step."""
        return CaseTask.objects.get(process=case, step_id=step_id, status__in=["NEW", "ASSIGNED", "STARTED"])

    def holder(self, task: CaseTask) -> str:
        """The first name of somebody in the task's role."""
        members = set(task.role.memberships.values_list("person_id", flat=True)) if task.role else set()
        return next(name for name, person in self.people.items() if person.pk in members)

    def claim(self, case: Case, step_id: str, who: str = "") -> CaseTask:
        """Take the open task of a step."""
        task = self.task(case, step_id)
        desk.claim(task=task, by=self.user(who or self.holder(task)), now=self.now)
        return task

    def do(self, case: Case, step_id: str, observe: dict[str, str] | None = None, **answers: Any) -> None:
        """Take and finish a task with these answers; missing required ones are sampled."""
        self.do_claimed(case, self.claim(case, step_id), observe, **answers)

    def do_claimed(self, case: Case, task: CaseTask, observe: dict[str, str] | None = None, **answers: Any) -> None:
        """Finish a task that its holder has taken."""
        desk.complete(
            task=task,
            by=self.user(self.holder(task)),
            answered=desk.Answered(data=self.posted(case, task.step_id, answers), observations=observe or {}),
            now=self.now,
        )

    def posted(self, case: Case, step_id: str, answers: dict[str, Any]) -> MultiValueDict[str, str]:
        """Answers as a browser would post them."""
        bundle = bundle_of(case.version)
        case.refresh_from_db(fields=["data"])
        given: dict[str, Any] = dict(answers)
        data: MultiValueDict[str, str] = MultiValueDict()
        for question in bundle.fields_of(step_id):
            if question.id not in given:
                if not question.required or as_asked(question, {**case.data, step_id: given}, bundle) is None:
                    continue
                given[question.id] = kind_of(question).sample(question)
            for name, values in _as_data(question, question.id, given[question.id]).items():
                data.setlist(name, values)
        return data

    def finish_draft(self, case: Case, step_id: str, texts: dict[int, str] | None = None) -> None:
        """Take a draft step and send the act to signature."""
        task = self.claim(case, step_id)
        acts.finish_act(
            task=task,
            by=self.user(self.holder(task)),
            texts=texts or {},
            answered=desk.Answered(data=MultiValueDict()),
            now=self.now,
        )

    def sign(self, case: Case, step_id: str) -> None:
        """Take the signature that is waited for and ask for it; `work` puts it on the document."""
        task = self.claim(case, step_id)
        name = self.holder(task)
        document = Document.objects.get(pk=task.data["document"])
        intent = self.intent(name, f"task:{task.pk}", document.content_sha256)
        acts.sign(task=task, by=self.user(name), intent=intent, now=self.now)

    def work(self) -> int:
        """Run every job that is due."""
        return drain(now=self.now)

    # Participation

    def adhere(self) -> Commitment:
        """The municipality promises to answer, with the example procedure whose cases open by themselves."""
        found = next(
            one
            for one in offerings_on(self.now.date()).filter(agency=self.agency)
            if bundle_of(one.version).ficha.channels == ("own_motion",)
        )
        day = self.now.date()
        return Commitment.objects.create(agency=self.agency, act="Decreto 512", adhered_on=day, offering=found, floor=3)

    def request(self, title: str, who: str = "Bruno", *, publish: bool = True) -> Subject:
        """A proposal in words to the municipality."""
        text, by = "Hoy se hace en papel.", self.people[who]
        proposal = proposing.propose(title=title, text=text, agency=self.agency, body_name="", by=by, now=self.now)
        if publish:
            proposing.moderate(proposal=proposal, publish=True, reason="", by=self.people["Inés"], now=self.now)
        return Subject.objects.get(pk=proposal.subject_id)

    def clear_up(self, subject: Subject, text: str, who: str = "Bruno") -> Addendum:
        """What the author adds, published by a moderator."""
        addendum = proposing.add(subject=subject, text=text, by=self.people[who], now=self.now)
        judging.judge_addendum(addendum=addendum, publish=True, reason="", by=self.people["Inés"], now=self.now)
        return addendum

    def support(self, subject: Subject, who: str, kind: str = "digitise") -> bool:
        """A person supports it; whether that is new."""
        given = supporting.Given(provider=supporting.provider_of("https://identity.example"))
        subject = Subject.objects.select_related("entry").get(pk=subject.pk)
        return supporting.support(subject=subject, kind=kind, by=self.people[who], given=given, now=self.now)

    @property
    def agency(self) -> Agency:
        """The demonstration municipality."""
        return Agency.objects.get(code="muni-ejemplo")


def _as_data(question: Field, name: str, answer: Any) -> dict[str, list[str]]:
    if question.type != "group":
        return kind_of(question).as_data(name, answer)
    posted = {f"{name}-rows": [str(row["id"]) for row in answer]}
    for row in answer:
        for inner in question.fields:
            if inner.id in row:
                posted.update(kind_of(inner).as_data(f"{name}-{row['id']}-{inner.id}", row[inner.id]))
    return posted
