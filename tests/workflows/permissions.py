"""The people and things of the permission matrix: cases, drafts and requests in every state that a page is about."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponseBase
from django.test import Client
from django.urls import reverse

from accounts.api import appoint, get_or_create_person, keep_organisation, note_absence, register_mandate
from accounts.models import Mandate, Role, SigningIntent, Unit
from designer import operations
from designer.models import ProcedureDraft, SavedTest
from designer.reviewing import share
from designer.testing import operations as testing
from documents.api import store_blob
from documents.models import Document, Emblem
from jobs.models import Job
from legaltime.api import now
from notifications.api import Notified
from notifications.demo_mailbox.store import keep, mail_ids
from notifications.models import Notice
from participation.models import Answer
from participation.operations import caring, counting, proposing, tallying
from participation.rules.demand import MINIMUM
from procedures.api import apply_import, keep_handout, publish_list, send_catalogue, send_list
from tests.participation.crowd import crowd, support_by
from tests.story import PDF, Story
from tests.workflows.flows import ANSWERED, FORMS, LIST, ROWS, begin, flow, offer, report, visits
from tests.workflows.matrix import ANONYMOUS, OFFICIAL, PEOPLE, fingerprint
from workflows import drafts
from workflows.api import ACTIONS, scenario_of
from workflows.commands import counter, effects, paper_answers, power_claims, systems
from workflows.commands.entry_orders import NewOrder, give_order
from workflows.commands.notification import record_notification
from workflows.commands.reporting import Delivery, receive
from workflows.commands.versions import order_move
from workflows.models import (
    Attendance,
    BulkStart,
    Case,
    CaseParty,
    CaseTask,
    CoSignature,
    Deadline,
    Draft,
    Exemption,
    Incident,
    OverlookedPaper,
    PaperAnswer,
)
from workflows.reporting.rules import Reported

BACKEND = "accounts.backends.VerifiedIdentityBackend"
ASSISTED = {"pido": "digitise", "conforme": "on"}


@dataclass
class Thing:
    """What a row of the matrix is about: the arguments of its address, and what a browser would post."""

    arguments: tuple[Any, ...] = ()
    data: Callable[[], dict[str, Any]] = dict
    holder: str = "Beto"
    """Who is the official of this thing."""


class World:
    """Cases in every state that a page is about, and one browser for each kind of person."""

    def __init__(self, story: Story) -> None:
        self.story = story
        self._employ_another_official()
        self.things: dict[str, Thing] = {"-": Thing()}
        makers = (self._draft, self._correction, self._steps, self._acts, self._stuck, self._rows, self._others)
        for make in (
            *makers,
            self._moves,
            self._own_motion,
            self._orders,
            self._systems,
            self._posts,
            self._requests,
            self._designs,
        ):
            self.things |= make()
        self.sessions = {name: self._sign_in(name) for name in story.people}
        self.before = fingerprint()

    def visit(self, actor: str, method: str, name: str, thing: str) -> HttpResponseBase:
        """The answer that an actor gets."""
        found = self.things[thing]
        client = self.browser(actor, found)
        send = client.get if method == "GET" else client.post
        return send(reverse(name, args=found.arguments), found.data())

    def browser(self, actor: str, thing: Thing, **options: Any) -> Client:
        """The browser of an actor, signed in unless anonymous."""
        client = Client(**options)
        if actor != ANONYMOUS:
            who = thing.holder if actor == OFFICIAL else PEOPLE[actor]
            client.cookies[settings.SESSION_COOKIE_NAME] = self.sessions[who]
        return client

    def _sign_in(self, name: str) -> str:
        client = Client()
        client.force_login(self.story.user(name), backend=BACKEND)
        return client.cookies[settings.SESSION_COOKIE_NAME].value

    def _employ_another_official(self) -> None:
        unit = Unit.objects.create(agency=self.story.agency, code="transito", name="Dirección de Tránsito")
        role = Role.objects.create(unit=unit, code="licencias", name="Licencias de conducir")
        person = get_or_create_person("11.111.111-1", "Óscar", "Paredes Lillo")
        since = date(2025, 1, 2)
        appoint(person=person, role=role, post="Examinador", starts_on=since, by="system:test", now=self.story.now)
        self.story.people["Óscar"] = person

    def _file(self, **answers: Any) -> Case:
        case = self.story.file(**answers)
        CaseParty.objects.filter(case=case).update(representative=self.story.people["María"])
        return case

    def _draft(self) -> dict[str, Thing]:
        draft = self.story.draft(self.story.offering("patente_comercial"))
        return {
            "shared draft": Thing((self._shared().ref,)),
            "offering": Thing(("muni-ejemplo", "patente_comercial")),
            "draft": Thing((draft.ref,)),
            "draft page": Thing((draft.ref, 1)),
            "draft file": Thing((draft.ref, 5), _chosen_file),
        }

    def _shared(self) -> Draft:
        """Ana's application, which María must sign too."""
        draft = self.story.draft(self.story.offering("patente_comercial"))
        Draft.objects.filter(pk=draft.pk).update(signing_since=self.story.now)
        row = {"draft": draft, "agency": draft.agency, "invited_at": self.story.now}
        CoSignature.objects.create(**row, person=self.story.people["Ana"], signed_at=self.story.now)
        CoSignature.objects.create(**row, person=self.story.people["María"])
        return draft

    def _correction(self) -> dict[str, Thing]:
        """A case that waits for the applicant."""
        case = self._file()
        self.story.do(case, "admision", resultado="observar", observaciones="Corrige.")
        task = case.task_set.get(step_id="correccion")
        answer = drafts.begin_answer(task=task, by=self.story.people["Ana"], now=self.story.now)
        attachment = Document.objects.filter(file=case.file, kind="attachment").earliest("pk")
        clock = Deadline.objects.get(case=case, step_id="")
        return {
            "case": Thing((case.ref,)),
            "answer page": Thing((answer.ref, 1)),
            "attachment": Thing((case.ref, attachment.pk)),
            "deadline": Thing((case.ref, clock.pk)),
            "notification": Thing((case.ref, "correccion")),
            "longer term": Thing((case.ref, "ampliar")),
            "more time": Thing((self._with_own_clock().ref, "mas-plazo")),
        }

    def _with_own_clock(self) -> Case:
        """A case whose applicant has time to answer a correction."""
        case = self._file()
        task = self.story.task(case, "admision")
        CaseTask.objects.filter(pk=task.pk).update(status="ASSIGNED", owner=self.story.user("Beto"))
        self.story.do_claimed(case, task, resultado="observar", observaciones="Corrige.")
        beto, now = self.story.people["Beto"], self.story.now
        told = Notified(self.story.people["María"], "office", now, "")
        record_notification(case=case, step_id="correccion", notified=told, by=beto, now=now)
        return case

    def _steps(self) -> dict[str, Thing]:
        """A step that nobody took, and one that Beto took."""
        waiting, held = self._file(), self._file()
        free = self.story.task(waiting, "admision")
        taken = self.story.task(held, "admision")
        CaseTask.objects.filter(pk=taken.pk).update(status="ASSIGNED", owner=self.story.user("Beto"))
        return {"free step": Thing((waiting.ref, free.pk)), "taken step": Thing((held.ref, taken.pk))}

    def _acts(self) -> dict[str, Thing]:
        """An act being written, and another that waits for the mayor's signature."""
        written, waiting = self._refused(), self._refused()
        writing = self.story.claim(written, "redaccion_rechazo_inicial")
        self.story.finish_draft(waiting, "redaccion_rechazo_inicial")
        signing = self.story.claim(waiting, "firma_infundada")
        act = Document.objects.get(pk=signing.data["document"])
        signer = "Fabián"
        return {
            "act step": Thing((written.ref, writing.pk)),
            "unsigned act": Thing((waiting.ref, act.pk)),
            "signature": Thing((waiting.ref, signing.pk), lambda: {"shown": act.content_sha256}, signer),
            "return": Thing((waiting.ref, signing.pk), lambda: {"motivo": "Falta citar la norma."}, signer),
        }

    def _refused(self) -> Case:
        case = self._file()
        task = self.story.task(case, "admision")
        CaseTask.objects.filter(pk=task.pk).update(status="ASSIGNED", owner=self.story.user("Beto"))
        self.story.do_claimed(case, task, resultado="rechazar")
        return case

    def _stuck(self) -> dict[str, Thing]:
        """A case with an e-mail that was given up."""
        case = self._file()
        mail = Job.objects.filter(case_id=case.pk, kind="notifications.email").latest("pk")
        mail.state, mail.run_at = Job.State.DEAD, None
        mail.save(update_fields=["state", "run_at"])
        effects.effect_failed(Job(case_id=case.pk, payload={"job": mail.pk}), self.story.now)
        incident = Incident.objects.get(case=case)
        closed = {"solucion": "Se avisó por teléfono.", "persona": str(self.story.people["Beto"].pk)}
        return {"incident": Thing((case.ref, incident.pk)), "problem": Thing((incident.pk,), lambda: closed)}

    def _rows(self) -> dict[str, Thing]:
        """A block that repeats, to which the official may add a row."""
        found = visits(report("visita", "obras"), added_by="revision", form="otro_local")
        case = begin(self.story, LIST, found, report("decision", "jefatura", "sello"), forms=FORMS)
        task = self.story.task(case, "listar")
        CaseTask.objects.filter(pk=task.pk).update(status="ASSIGNED", owner=self.story.user("Beto"))
        self.story.do_claimed(case, task, locales=ROWS)
        return {"rows": Thing((case.ref, "visitas"))}

    def _moves(self) -> dict[str, Thing]:
        """Two versions of a procedure with a case that may go from one to the other, and an order to do it."""
        case = begin(self.story, report("revisar", following="sello"))
        newer = flow(report("revisar", following="sello"), title="Trámite de prueba, otra vez")
        target = self.story.offering(offer(self.story, newer))
        by, now = self.story.people["Inés"], self.story.now
        move = order_move(source=case.offering, target=target, reason="Cambió", by=by, now=now)
        return {"versions": Thing((case.offering_id, target.pk)), "version move": Thing((move.pk,))}

    def _own_motion(self) -> dict[str, Thing]:
        """A procedure that only the institution opens, and a sheet for it."""
        offering = self.story.offering("respuesta_ciudadana")
        place = (offering.agency.code, offering.version.procedure.code)
        sent = BulkStart.objects.create(
            agency=offering.agency, offering=offering, by=self.story.people["Inés"], name="p.csv", at=self.story.now
        )
        return {
            "own motion": Thing(place, holder="Inés"),
            "template": Thing((*place, "csv"), holder="Inés"),
            "sheet": Thing((sent.pk,), lambda: {"descartar": "1"}, holder="Inés"),
        }

    def _systems(self) -> dict[str, Thing]:
        """A system of another institution, and something that it reported about no case."""
        ines, event = self.story.people["Inés"], "organizacion_comunitaria.registro_civil"
        agency, at = self.story.agency, self.story.now
        system, _key = systems.register_system(agency=agency, name="RC", may_report=[event], by=ines, now=at)
        told = Reported(event=event, case="2020-1", on=at.date())
        kept = receive(delivery=Delivery(system, "aviso-0001", told), now=at)
        return {
            "system place": Thing((agency.code,)),
            "system": Thing((system.pk,)),
            "system key": Thing((system.pk, system.keys.get().pk)),
            "reported event": Thing((kept.pk,), lambda: {"reason": "No es de aquí."}),
        }

    def _posts(self) -> dict[str, Thing]:
        """The unit of the other official, with its post and who holds it."""
        held = self.story.people["Óscar"].memberships.get()
        return {
            "posts place": Thing((self.story.agency.code,)),
            "posts unit": Thing((held.role.unit_id,)),
            "posts role": Thing((held.role_id,)),
            "posts held": Thing((held.pk,)),
            "posts person": Thing((self.story.agency.code, held.person_id)),
        }

    def _orders(self) -> dict[str, Thing]:
        """An order about the order of entry and an absence, both of a later month."""
        people, offering, now = self.story.people, self.story.offering("patente_comercial"), self.story.now
        unit, day, beto = offering.agency.units.get(code="rentas"), now.date() + timedelta(days=40), people["Beto"]
        order = give_order(new=NewOrder(offering, unit, ANSWERED, day, day, "Feria"), by=people["Elena"], now=now)
        away = note_absence(person=beto, starts_on=day, ends_on=day, substitute=None, by=beto, now=now)
        elenas = {"order place": (offering.pk, unit.pk), "entry order": (order.pk,), "led unit": ()}
        return {"absence": Thing((away.pk,)), **{name: Thing(one, holder="Elena") for name, one in elenas.items()}}

    def _designs(self) -> dict[str, Thing]:
        """A procedure that Inés is writing, as a copy of one that her municipality offers."""
        version, by = self.story.offering("patente_comercial").version, self.story.people["Inés"]
        draft = operations.open_version(version=version, agency=self.story.agency, by=by, now=self.story.now)
        question = "forms/solicitud/pages/contacto/fields/telefono"
        return {
            "design": Thing((draft.pk,)),
            "design link": Thing((share(draft=draft, by=by, now=now()).secret,)),
            "design revision": Thing((draft.pk,), lambda: {"revision": draft.revision}),
            "design form": Thing((draft.pk, "solicitud")),
            "design language": Thing((draft.pk, "en")),
            "design version": Thing((version.pk,)),
            "design question": Thing((draft.pk, question), lambda: {"label": "Fono", "a": "subir", "tipo": "phone"}),
            "design list": Thing((draft.pk, question.rpartition("/")[0]), lambda: {"texto": "¿Por qué?"}),
            "design document": Thing((draft.pk, "decreto_patente")),
            "design notice": Thing((draft.pk, "otorgada")),
            "design test": Thing((draft.pk, self._saved_test(draft)), lambda: {"que": "aceptar"}),
        }

    def _saved_test(self, draft: ProcedureDraft) -> int:
        told = [scenario_of({"title": "Se presenta", "story": [{"file": draft.code, "sample": True}]}, ACTIONS)]
        ines = self.story.people["Inés"]
        testing.bring_tests(agency=draft.agency, code=draft.code, scenarios=told, by=ines, now=self.story.now)
        return SavedTest.objects.get(title="Se presenta").pk

    def _others(self) -> dict[str, Thing]:
        notice = Notice.objects.filter(person=self.story.people["María"]).latest("pk")
        intent = self.story.intent("Ana", "matrix", "0" * 64)
        SigningIntent.objects.filter(pk=intent.pk).update(used_at=None, sign_in=None)
        receipt = Document.objects.filter(kind="receipt").latest("pk")
        sealed = store_blob(data=PDF, media_type="application/pdf", now=self.story.now)
        issued = {"state": Document.State.IN_FORCE, "blob": sealed, "sha256": sealed.sha256}
        Document.objects.filter(pk=receipt.pk).update(**issued, issued_on=self.story.now.date())
        keep(b"Subject: Prueba\r\n\r\nHola\r\n", self.story.now)
        return {
            "notice": Thing((notice.pk,)),
            "intent": Thing((intent.nonce,)),
            "code": Thing((receipt.code,)),
            "mail": Thing((mail_ids()[0],)),
            "handout": Thing((self._template(),)),
            "emblem": Thing((self._emblem(),)),
            "list": Thing((self._list(),)),
            **self._catalogue(),
            **self._counter(),
            "power": Thing((self._power().pk,)),
            "exemption": Thing((self._exemption(),)),
            **self._company(),
        }

    def _exemption(self) -> int:
        """What Ana was granted by the municipality."""
        case, at = self.story.file("certificado_patente_vigente"), self.story.now
        ana, granted = self.story.people["Ana"], Exemption.State.GRANTED
        return Exemption.objects.create(
            case=case, agency=case.agency, person=ana, state=granted, asked_at=at, decided_at=at
        ).pk

    def _company(self) -> dict[str, Thing]:
        """A company that María governs, an application of it that Bruno filed, and a document of his to be checked."""
        company, now = keep_organisation(rut="76.543.210-3", name="Almacenes del Sur SpA"), self.story.now
        maria = self.story.people["María"]
        register_mandate(
            grantor=company, representative=maria, governs=True, starts_on=now.date(), by="system:test", now=now
        )
        case = self.story.file()
        CaseParty.objects.filter(case=case).update(person=None, organisation=company)
        claim = power_claims.Claim(
            agency=self.story.agency, form="notary", details="Notaría", rut=company.rut, organisation_name="Almacenes"
        )
        paper, by = SimpleUploadedFile("poder.pdf", PDF), get_or_create_person("11.111.112-K", "Equis", "Zeta")
        made = power_claims.ask(claim=claim, document=paper, by=by, on=now.date(), now=now)
        return {
            "of company": Thing(("empresa",)),
            "claim": Thing((made.pk,)),
            "company": Thing((company.rut,)),
            "company case": Thing((company.rut, case.ref)),
        }

    def _list(self) -> int:
        """A list that the municipality published."""
        ines, at = self.story.people["Inés"], self.story.now
        sent = send_list(agency=self.story.agency, title="Escuelas", content=b"nombre\nEscuela 1\n", by=ines, now=at)
        return publish_list(version=sent, by=ines, now=at).pk

    def _template(self) -> str:
        """A form that the municipality hands out."""
        kept = keep_handout(agency=self.story.agency, name="poder.pdf", data=PDF, by=None, now=self.story.now)
        return kept["sha256"]

    def _emblem(self) -> str:
        """The picture of the municipality."""
        person, at = self.story.people["Inés"], self.story.now
        kept = Emblem.objects.create(
            agency=self.story.agency, sha256="e" * 64, content=b"PNG", added_at=at, added_by=person
        )
        return kept.sha256

    def _power(self) -> Mandate:
        """Ana lets María act for her."""
        ana, maria = self.story.people["Ana"], self.story.people["María"]
        today = self.story.now.date()
        return register_mandate(
            grantor=ana, representative=maria, starts_on=today, by="system:test", now=self.story.now
        )

    def _counter(self) -> dict[str, Thing]:
        """Somebody attended by Julia, with a draft that is ready to be signed."""
        proof = {"identity": "card", "document_number": "A1"}
        julia, today = self.story.people["Julia"], self.story.now.date()
        found = counter.attend(
            run="42.222.222-7", given_names="", family_names="", **proof, by=julia, on=today, now=self.story.now
        )
        offering = self.story.offering("patente_comercial")
        draft = counter.begin(attendance=found, offering=offering, now=self.story.now)
        self.story.fill(draft)
        own = drafts.begin(offering=offering, by=found.person, now=self.story.now)
        case = self.story.file("patente_comercial", "Bruno")
        self.story.do(case, "admision", resultado="observar", observaciones="Corrige.")
        typed = paper_answers.begin(attendance=found, case=case, by=julia, now=self.story.now)
        receipt = Document.objects.filter(file=case.file, kind=Document.Kind.RECEIPT).get()
        filed = {
            "submission": case.submissions.earliest("pk"),
            "attendance": found,
            "receipt": receipt,
            "is_in_time": True,
        }
        answer = PaperAnswer.objects.create(**filed, received_at=self.story.now, effective_at=self.story.now)
        decided, kept = self._decided(found, case)
        return {
            "attended decided case": Thing((found.pk, decided.ref)),
            "attended paper": Thing((found.pk, kept.pk)),
            "attended number": Thing((found.pk,), lambda: {"number": case.number}),
            "attended case": Thing((found.pk, case.ref)),
            "attended answer": Thing((found.pk, answer.pk)),
            "attended reply": Thing((found.pk, typed.ref)),
            "attendance": Thing((found.pk,)),
            "attended offer": Thing((found.pk, "muni-ejemplo", "patente_comercial")),
            "attended draft": Thing((found.pk, draft.ref)),
            "own draft there": Thing((found.pk, own.ref)),
        }

    def _decided(self, found: Attendance, case: Case) -> tuple[Case, OverlookedPaper]:
        """A case whose correction is over, as that of another was asked, with a paper that was kept for it."""
        decided = self.story.file("patente_comercial", "Bruno", rol_sii="9-9")
        closed = CaseTask.objects.filter(process=case, step_kind="correction").get()
        closed.pk, closed.process, closed.status, closed.finished = None, decided, "DONE", self.story.now
        closed.save()
        kept = OverlookedPaper.objects.create(
            case=decided,
            agency=decided.agency,
            attendance=found,
            task=closed,
            document=Document.objects.filter(file=decided.file, kind=Document.Kind.ATTACHMENT).earliest("pk"),
            receipt=Document.objects.get(file=decided.file, kind=Document.Kind.RECEIPT),
            received_at=self.story.now,
            effective_at=self.story.now,
            is_in_time=True,
            entered_at=self.story.now,
        )
        return decided, kept

    def _catalogue(self) -> dict[str, Thing]:
        """A ficha whose procedure is done on another site, and a file of fichas that waits to be applied."""
        row = b"codigo,nombre,institucion,url\nx,Permiso,Servicio,https://servicio.example/\n"
        sent = send_catalogue(name="f.csv", content=row, by=None, now=self.story.now)
        apply_import(sent=sent, by=None, now=self.story.now)
        waiting = send_catalogue(name="g.csv", content=row, by=None, now=self.story.now)
        return {"other site": Thing(("servicio", "x")), "fichas": Thing((waiting.pk,))}

    def _requests(self) -> dict[str, Thing]:
        """A request that Ana supports and was told no, one that waits for moderation, and a review and a merge."""
        story, now, promise = self.story, self.story.now, self.story.adhere()
        first, second = story.request("Permiso para cerrar un pasaje"), story.request("Hora para el retiro de ramas")
        third = story.request("Permiso de circulación", "Beto")
        for subject in (first, second):
            story.support(subject, "Ana")
        for subject in (second, third):
            support_by(subject, crowd(MINIMUM), now=now)
        counting.fold(now=now)
        Answer.objects.create(
            subject=first, agency=story.agency, asked_at=now, supports=9, said=Answer.Said.NO, answered_at=now
        )
        by, chosen = story.people["Inés"], caring.Selection(now - timedelta(days=1), now, second)
        review = caring.open_review(selection=chosen, reason="Ráfaga", by=by, now=now)
        stray = Answer.objects.create(
            subject=third, agency=story.agency, asked_at=now, supports=9, said=Answer.Said.TRANSFER, answered_at=now
        )
        merge = caring.merge(source=second, into=first, reason="Piden lo mismo", by=by, now=now)
        pending = story.request("Otra petición", publish=False)
        added = proposing.add(subject=third, text="Es la de la calle.", by=story.people["Beto"], now=now)
        days = {"desde": f"{now - timedelta(days=2):%Y-%m-%d}", "hasta": f"{now + timedelta(days=1):%Y-%m-%d}"}
        tallying.publish(now=now, is_last=True)
        return {
            "request": Thing((first.code,), lambda: {"pido": "digitise", "text": "Aclaro.", "valio": "si"}),
            "attended ask": Thing((Attendance.objects.latest("pk").pk, first.code), lambda: ASSISTED),
            "merged": Thing((second.code,)),
            "stage": Thing((first.code,), lambda: {"etapa": "planned", "motivo": "Entró al plan."}),
            "pending": Thing(
                (pending.proposal.pk,), lambda: {"decision": "publish", "leido": pending.proposal.text_digest}
            ),
            "addendum": Thing((added.pk,), lambda: {"decision": "publish"}),
            "review": Thing((review.pk,), lambda: {"decision": "restituir"}),
            "merge": Thing((merge.pk,)),
            "span": Thing((), lambda: {"peticion": third.code, **days, "motivo": "Ráfaga"}),
            "stray": Thing((stray.pk,), lambda: {"institucion": "muni-otra"}),
            "pair": Thing((), lambda: {"esta": third.code, "con": first.code, "motivo": "Repite"}),
            "batch": Thing((1,)),
            "answer it": Thing((promise.pk,)),
            "proposal": Thing((pending.code,)),
        }


def _chosen_file() -> dict[str, Any]:
    return {"question": "titulo_local", "file": SimpleUploadedFile("titulo.pdf", PDF)}
