"""A simple power: granted in the person's own session or at the counter, limited, revocable, and checked at filing."""

import json
from datetime import timedelta

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts.api import may_represent, open_sealed
from accounts.models import Mandate, Organisation, Person
from audit.models import Event
from documents.models import Document
from jobs.models import Job
from notifications.models import Notice
from notifications.operations import address_context
from tests.story import PDF, Story
from tests.workflows.desk import text_of
from tests.workflows.permissions import BACKEND
from tests.workflows.test_counter import attended
from workflows import drafts
from workflows.commands import endings, filing
from workflows.commands import powers as commands
from workflows.commands.lapsed_powers import look_for_lapsed
from workflows.errors import NotAllowed, PowerEnded
from workflows.incidents.people import why_nobody_can, without_people
from workflows.media import right_medium
from workflows.models import Attendance, Case, CaseParty, CaseTask, Draft, PowerPaper

BRUNO = "42.222.222-7"
NAMED = {"given_names": "Bruno", "family_names": "Díaz"}
"""What the giver writes of whom they trust."""


@pytest.fixture
def story(db: None) -> Story:
    return Story.begin()


def browser(story: Story, name: str) -> Client:
    client = Client()
    client.force_login(story.user(name), backend=BACKEND)
    return client


def given(story: Story, **limits: object) -> Mandate:
    return Mandate.objects.create(
        grantor_person=story.people["Ana"],
        representative=story.people["Bruno"],
        starts_on=story.now.date(),
        **limits,
    )


def test_a_power_is_given_seen_by_both_and_taken_back(story: Story) -> None:
    ana, bruno = browser(story, "Ana"), browser(story, "Bruno")
    ana.post(reverse("workflows:powers"), {**NAMED, "run": BRUNO})
    assert "RUN 42.222.222-7" in text_of(ana.get(reverse("workflows:powers")))
    assert "Ana María Pérez Soto" in bruno.get(reverse("workflows:powers")).content.decode()
    mandate = Mandate.objects.get()
    ana.post(reverse("workflows:power_revoke", args=[mandate.pk]))
    assert "Nadie." in ana.get(reverse("workflows:powers")).content.decode()
    assert not may_represent(story.people["Bruno"], story.people["Ana"], "x", mandate.starts_on)


def test_whoever_types_a_run_does_not_learn_whose_it_is(story: Story) -> None:
    """Not by its name, nor by whether that person has used this site."""
    ana, where = browser(story, "Ana"), reverse("workflows:powers")
    stranger = {"given_names": "Equis", "family_names": "Zeta"}
    said = [ana.post(where, {**stranger, "run": run}, follow=True) for run in (BRUNO, "11.111.112-K")]
    assert [answer.status_code for answer in said] == [200, 200]
    for answer in said:
        assert "ya puede actuar por ti" in answer.content.decode()
        assert "Riquelme" not in answer.content.decode()


def test_who_reads_in_english_chooses_the_procedure_by_its_english_name(story: Story) -> None:
    given(story, scope="patente_comercial")
    page = browser(story, "Ana").get(reverse("workflows:powers"), headers={"accept-language": "en"}).content.decode()
    assert '<option value="patente_comercial">Permanent business licence</option>' in page
    assert "Permanent business licence, " in page
    assert "Patente comercial definitiva" not in page


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        ({"run": ""}, "Escribe el RUN"),
        ({"run": "1-1"}, "RUN"),
        ({"run": "41.111.111-3"}, "Ese RUN es el tuyo"),
        ({"given_names": ""}, "Escribe los nombres"),
        ({"family_names": ""}, "Escribe los apellidos"),
        ({"run": BRUNO, "ends_on": "01/01/2020"}, "de hoy en adelante"),
        ({"run": BRUNO, "scope": "otro"}, ""),
    ],
)
def test_what_cannot_be_granted_says_why(story: Story, data: dict[str, str], problem: str) -> None:
    answer = browser(story, "Ana").post(reverse("workflows:powers"), {"run": BRUNO, **NAMED, **data})
    assert answer.status_code == 422
    assert problem in answer.content.decode()
    assert not Mandate.objects.exists()


def test_the_representative_files_for_the_person(story: Story) -> None:
    mandate = given(story)
    bruno = browser(story, "Bruno")
    ficha = reverse("workflows:ficha", args=["muni-ejemplo", "patente_comercial"])
    begin = reverse("workflows:begin", args=["muni-ejemplo", "patente_comercial"])
    Mandate.objects.update(starts_on=story.now.date() - timedelta(days=400))
    assert "Empezar en nombre de Ana María Pérez Soto" in bruno.get(ficha).content.decode()
    page = bruno.get(bruno.post(begin, {"poder": mandate.pk})["Location"]).content.decode()
    assert "En nombre de Ana María Pérez Soto" in text_of(bruno.get(reverse("workflows:my_cases")))
    assert "Lo haces en nombre de Ana" in page
    draft = Draft.objects.get(mandate=mandate)
    assert "Ana" in str(drafts.read(draft))
    story.fill(draft)
    case = filing.start(draft=draft, by=story.people["Bruno"], signature=story.signature(draft), now=story.now)
    party = CaseParty.objects.get(case=case)
    assert (party.person, party.representative) == (story.people["Ana"], story.people["Bruno"])
    receipt = str(Document.objects.get(file=case.file, kind=Document.Kind.RECEIPT).content)
    assert "En representación de" in receipt
    assert "En nombre de Ana María Pérez Soto" in text_of(bruno.get(reverse("workflows:my_cases")))
    assert "En nombre de" not in text_of(browser(story, "Ana").get(reverse("workflows:my_cases")))
    for name in ("Ana", "Bruno"):
        assert browser(story, name).get(reverse("workflows:case", args=[case.ref])).status_code == 200


def test_a_power_taken_back_before_sending_files_nothing(story: Story) -> None:
    """R43."""
    offering = story.offering("patente_comercial")
    draft = drafts.begin(offering=offering, by=story.people["Bruno"], now=story.now, mandate=given(story))
    story.fill(draft)
    Mandate.objects.update(revoked_at=story.now)
    draft.refresh_from_db()
    with pytest.raises(PowerEnded):
        filing.start(draft=draft, by=story.people["Bruno"], signature=story.signature(draft), now=story.now)
    assert not CaseParty.objects.exists()


@pytest.mark.parametrize("limits", [{"scope": "otro_tramite"}, {"ends_on": "2026-03-03", "starts_on": "2026-03-01"}])
def test_a_power_serves_only_its_procedure_and_its_days(story: Story, limits: dict[str, str]) -> None:
    Mandate.objects.filter(pk=given(story).pk).update(**limits)
    begin = reverse("workflows:begin", args=["muni-ejemplo", "patente_comercial"])
    assert browser(story, "Bruno").post(begin, {"poder": Mandate.objects.get().pk}).status_code == 404


def test_nobody_begins_with_the_power_of_another(story: Story) -> None:
    mandate = given(story)
    begin = reverse("workflows:begin", args=["muni-ejemplo", "patente_comercial"])
    assert browser(story, "María").post(begin, {"poder": mandate.pk}).status_code == 404


def test_a_company_is_the_applicant_and_its_representative_the_one_who_files(story: Story) -> None:
    company = Organisation.objects.create(rut="76000000-6", name="Almacenes del Sur SpA")
    mandate = Mandate.objects.create(
        grantor_organisation=company, representative=story.people["Bruno"], starts_on=story.now.date()
    )
    offering = story.offering("patente_comercial")
    draft = drafts.begin(offering=offering, by=story.people["Bruno"], now=story.now, mandate=mandate)
    story.fill(draft)
    case = filing.start(draft=draft, by=story.people["Bruno"], signature=story.signature(draft), now=story.now)
    party = CaseParty.objects.get(case=case)
    assert (party.organisation, party.person, party.representative) == (company, None, story.people["Bruno"])


def test_at_the_counter_the_power_is_signed_on_paper_and_its_scan_kept(story: Story) -> None:
    attendance = attended(story, "41.111.111-3")
    where = reverse("workflows:counter_power", args=[attendance.pk])
    julia = browser(story, "Julia")
    assert julia.post(where, {**NAMED, "run": BRUNO}).status_code == 422
    scan = SimpleUploadedFile("poder.pdf", PDF)
    julia.post(where, {**NAMED, "run": BRUNO, "paper": scan, "conforms": "on", "scope": "patente_comercial"})
    mandate = Mandate.objects.get()
    assert (mandate.grantor_person, mandate.scope) == (story.people["Ana"], "patente_comercial")
    assert PowerPaper.objects.get().mandate == mandate


def test_at_the_counter_the_person_takes_back_a_power_too(story: Story) -> None:
    """Whoever signed it on paper may have no other way."""
    attendance, mandate = attended(story, "41.111.111-3"), given(story)
    where, julia = reverse("workflows:counter_power", args=[attendance.pk]), browser(story, "Julia")
    assert "Poderes que ya dio" in text_of(julia.get(where))
    of_another = Mandate.objects.create(
        grantor_person=story.people["Grace"], representative=story.people["Bruno"], starts_on=story.now.date()
    )
    for wrong in (str(of_another.pk), "x"):
        assert "no es tuyo o ya no existe" in text_of(julia.post(where, {"quitar": wrong}, follow=True))
    assert not Mandate.objects.exclude(revoked_at=None).exists()
    page = text_of(julia.post(where, {"quitar": str(mandate.pk)}, follow=True))
    assert "Quitamos el poder" in page
    assert "Poderes que ya dio" not in page
    mandate.refresh_from_db()
    assert mandate.revoked_at is not None
    told = Notice.objects.get(person=story.people["Ana"], subject="Quitaste un poder en el mesón")
    assert "el RUN 42.222.222-7" in told.body
    assert "cédula de identidad a la vista" in told.body
    assert "Bruno" not in told.body
    kept = Event.objects.get(stream="mandates", kind="mandate.revoked")
    seen = json.loads(bytes(kept.body))["data"]
    assert seen == {"mandate": mandate.pk, "attendance": attendance.pk, "identity": "card"}


def test_once_the_person_left_the_counter_their_powers_are_neither_shown_nor_taken_back(story: Story) -> None:
    attendance, mandate = attended(story, "41.111.111-3"), given(story)
    Attendance.objects.filter(pk=attendance.pk).update(ended_at=story.now)
    where, julia = reverse("workflows:counter_power", args=[attendance.pk]), browser(story, "Julia")
    assert "Poderes que ya dio" not in text_of(julia.get(where))
    julia.post(where, {"quitar": str(mandate.pk)})
    mandate.refresh_from_db()
    assert mandate.revoked_at is None


def address_of(notice: Notice) -> str:
    """Where the e-mail of a notice goes."""
    delivery = notice.deliveries.get()
    assert delivery.address_sealed is not None
    return open_sealed(bytes(delivery.address_sealed), address_context(delivery)).decode()


class TestWhatEndsWithAPower:
    """Ana lets Bruno file for her, and takes the power back, or its last day passes."""

    @pytest.fixture
    def case(self, story: Story) -> Case:
        offering = story.offering("patente_comercial")
        draft = drafts.begin(offering=offering, by=story.people["Bruno"], now=story.now, mandate=given(story))
        story.fill(draft, correo="bruno@ejemplo.cl")
        return filing.start(draft=draft, by=story.people["Bruno"], signature=story.signature(draft), now=story.now)

    def seen(self, story: Story, case: Case, who: str) -> list[int]:
        client = browser(story, who)
        document = Document.objects.filter(file=case.file).earliest("pk")
        places = [
            reverse("workflows:case", args=[case.ref]),
            reverse("workflows:document", args=[case.ref, document.pk]),
        ]
        return [client.get(place).status_code for place in places]

    def test_who_held_it_sees_and_does_no_more_in_what_they_filed_r43(self, story: Story, case: Case) -> None:
        story.work()
        assert self.seen(story, case, "Bruno") == [200, 200]
        browser(story, "Ana").post(reverse("workflows:power_revoke", args=[Mandate.objects.get().pk]))
        assert self.seen(story, case, "Bruno") == [404, 404]
        assert self.seen(story, case, "Ana") == [200, 200]
        withdraw = reverse("workflows:measure", args=[case.ref, "desistirme"])
        assert browser(story, "Bruno").get(withdraw).status_code == 404
        party = CaseParty.objects.get(case=case)
        assert (party.person, party.representative, party.email) == (story.people["Ana"], None, "")
        told = Notice.objects.get(person=story.people["Bruno"], subject__startswith="Terminó tu poder")
        assert "no ves esa solicitud" in told.body
        assert not Notice.objects.filter(person=story.people["Ana"], subject__startswith="Terminó").exists()

    def test_the_notices_go_to_whoever_gave_it_from_then_on_r43(self, story: Story, case: Case) -> None:
        commands.revoke(mandate_id=Mandate.objects.get().pk, by=story.people["Ana"], on=story.now.date(), now=story.now)
        before = Notice.objects.latest("pk").pk
        story.do(case, "admision", {"titulo_local": "Falta una hoja."}, resultado="observar", observaciones="Corrige.")
        told = Notice.objects.filter(case_ref=case.ref, pk__gt=before)
        assert {notice.person for notice in told} == {story.people["Ana"]}

    def test_who_gives_it_up_leaves_the_case_to_whoever_gave_it(self, story: Story, case: Case) -> None:
        browser(story, "Bruno").post(reverse("workflows:power_revoke", args=[Mandate.objects.get().pk]))
        assert self.seen(story, case, "Bruno") == [404, 404]
        told = Notice.objects.get(person=story.people["Ana"], subject__startswith="Terminó el poder de Bruno")
        assert "la llevas tú" in told.body

    def test_the_day_after_its_last_one_it_is_over_in_what_was_filed_too_r43(self, story: Story, case: Case) -> None:
        Mandate.objects.update(ends_on=story.now.date())
        assert look_for_lapsed(Job(), story.now) == {"parties": 0}
        story.now += timedelta(days=1)
        assert look_for_lapsed(Job(), story.now) == {"parties": 1}
        story.work()
        assert self.seen(story, case, "Bruno") == [404, 404]
        told = Notice.objects.filter(subject__startswith="Terminó")
        assert {notice.person for notice in told} == {story.people["Ana"], story.people["Bruno"]}

    def test_from_the_day_after_they_read_and_do_nothing_though_no_job_ran_yet_r43(
        self, story: Story, case: Case
    ) -> None:
        Mandate.objects.update(ends_on=story.now.date())
        story.work()
        withdraw = reverse("workflows:measure", args=[case.ref, "desistirme"])
        with time_machine.travel(story.now, tick=False):
            assert self.seen(story, case, "Bruno") == [200, 200]
            assert browser(story, "Bruno").get(withdraw).status_code == 200
        story.now += timedelta(days=1)
        with time_machine.travel(story.now, tick=False):
            assert self.seen(story, case, "Bruno") == [404, 404]
            assert browser(story, "Bruno").get(withdraw).status_code == 404
            assert case.number not in text_of(browser(story, "Bruno").get(reverse("workflows:my_cases")))
            with pytest.raises(NotAllowed):
                endings.withdraw(case=case, reason="", by=story.people["Bruno"], now=story.now)
            assert self.seen(story, case, "Ana") == [200, 200]
            given(story, scope="patente_comercial")
            assert self.seen(story, case, "Bruno") == [200, 200]

    def test_a_power_that_ended_long_ago_takes_no_case_that_came_after_r43(self, story: Story, case: Case) -> None:
        """An official noted in another case who represents Ana: a power of years before says nothing of it."""
        other, today = story.file(rol_sii="1-1", who="Grace"), story.now.date()
        Mandate.objects.update(starts_on=today - timedelta(900), ends_on=today - timedelta(500))
        noted = CaseParty.objects.create(
            case=other,
            agency=other.agency,
            kind=CaseParty.Kind.AFFECTED,
            person=story.people["Ana"],
            representative=story.people["Bruno"],
            joined_at=story.now,
        )
        assert look_for_lapsed(Job(), story.now) == {"parties": 1}
        story.work()
        noted.refresh_from_db()
        assert noted.representative == story.people["Bruno"]
        assert browser(story, "Bruno").get(reverse("workflows:case", args=[other.ref])).status_code == 200
        assert self.seen(story, case, "Bruno") == [404, 404]

    def test_what_was_filed_before_powers_were_noted_ends_with_them_too(self, story: Story, case: Case) -> None:
        CaseParty.objects.update(mandate=None)
        Mandate.objects.update(ends_on=story.now.date())
        story.now += timedelta(days=1)
        assert look_for_lapsed(Job(), story.now) == {"parties": 1}
        story.work()
        assert CaseParty.objects.get(case=case).representative is None

    def test_another_power_that_covers_it_lets_them_go_on(self, story: Story, case: Case) -> None:
        first = Mandate.objects.get()
        given(story, scope="patente_comercial")
        commands.revoke(mandate_id=first.pk, by=story.people["Ana"], on=story.now.date(), now=story.now)
        assert CaseParty.objects.get(case=case).representative == story.people["Bruno"]

    def test_a_power_for_something_else_takes_nothing_from_this_case(self, story: Story, case: Case) -> None:
        other = given(story, scope="otro_tramite")
        Mandate.objects.exclude(pk=other.pk).update(representative=story.people["Grace"])
        commands.revoke(mandate_id=other.pk, by=story.people["Ana"], on=story.now.date(), now=story.now)
        assert CaseParty.objects.get(case=case).representative == story.people["Bruno"]

    def test_a_draft_in_her_name_shows_nothing_more_and_may_be_deleted(self, story: Story) -> None:
        mandate = given(story)
        draft = drafts.begin(
            offering=story.offering("patente_comercial"), by=story.people["Bruno"], now=story.now, mandate=mandate
        )
        bruno, page = browser(story, "Bruno"), reverse("workflows:page", args=[draft.ref, 1])
        assert "Ana María" in text_of(bruno.get(page))
        commands.revoke(mandate_id=mandate.pk, by=story.people["Ana"], on=story.now.date(), now=story.now)
        refused = bruno.get(page)
        assert refused.status_code == 403
        assert "ya no está vigente" in text_of(refused)
        assert "Ana María" not in text_of(refused)
        assert bruno.post(reverse("workflows:discard", args=[draft.ref])).status_code == 302
        assert not Draft.objects.exists()


class TestWhatEndsWithAPowerOfACompany:
    @pytest.fixture
    def company(self, story: Story) -> Organisation:
        made = Organisation.objects.create(rut="76000000-6", name="Almacenes del Sur SpA")
        for name, governs in (("Bruno", True), ("Grace", False)):
            Mandate.objects.create(
                grantor_organisation=made,
                representative=story.people[name],
                governs=governs,
                starts_on=story.now.date(),
            )
        return made

    def filed(self, story: Story, who: str, **answers: str) -> Case:
        mandate = Mandate.objects.get(representative=story.people[who])
        offering = story.offering("patente_comercial")
        draft = drafts.begin(offering=offering, by=story.people[who], now=story.now, mandate=mandate)
        story.fill(draft, **answers)
        return filing.start(draft=draft, by=story.people[who], signature=story.signature(draft), now=story.now)

    def revoke(self, story: Story, whose: str, by: str) -> None:
        power = Mandate.objects.get(representative=story.people[whose])
        commands.revoke(mandate_id=power.pk, by=story.people[by], on=story.now.date(), now=story.now)

    def test_whoever_governs_it_goes_on_with_what_the_other_filed(self, story: Story, company: Organisation) -> None:
        case = self.filed(story, "Grace")
        self.revoke(story, "Grace", "Bruno")
        assert CaseParty.objects.get(case=case).representative == story.people["Bruno"]
        assert browser(story, "Grace").get(reverse("workflows:case", args=[case.ref])).status_code == 404

    def test_where_nobody_else_governs_it_whoever_else_acts_for_it_goes_on(
        self, story: Story, company: Organisation
    ) -> None:
        case = self.filed(story, "Bruno")
        self.revoke(story, "Bruno", "Bruno")
        assert CaseParty.objects.get(case=case).representative == story.people["Grace"]

    def test_who_gives_up_the_last_power_reads_what_it_means_before_and_nothing_of_hers_after_r43(
        self, story: Story, company: Organisation
    ) -> None:
        Mandate.objects.filter(representative=story.people["Grace"]).update(revoked_at=story.now)
        case, power = self.filed(story, "Bruno"), Mandate.objects.get(representative=story.people["Bruno"])
        bruno, where = browser(story, "Bruno"), reverse("workflows:power_revoke", args=[power.pk])
        asked = text_of(bruno.post(where))
        assert "nadie las ve, las responde ni recibe sus avisos" in asked
        power.refresh_from_db()
        assert power.revoked_at is None
        done = text_of(bruno.post(where, {"confirmar": "1"}, follow=True))
        assert "Renunciaste al poder de Almacenes del Sur SpA" in done
        assert "sus plazos siguen corriendo" in done
        for page in ("case", "download_all"):
            assert bruno.get(reverse(f"workflows:{page}", args=[case.ref])).status_code == 404
        before = Notice.objects.latest("pk").pk
        story.do(case, "admision", {"titulo_local": "Falta una hoja."}, resultado="observar", observaciones="Corrige.")
        assert not Notice.objects.filter(case_ref=case.ref, pk__gt=before, person=story.people["Bruno"]).exists()
        due = right_medium(case, story.people["Bruno"])
        assert (due.medium, "Nadie tiene hoy un poder vigente" in due.why) == ("letter", True)
        waiting = story.task(case, "correccion")
        assert "ninguna que pueda responder" in why_nobody_can(waiting, story.now.date())
        assert waiting in list(without_people(CaseTask.objects.filter(process=case), story.now.date()))

    def test_who_gives_up_the_last_power_that_governs_reads_that_the_others_go_on(
        self, story: Story, company: Organisation
    ) -> None:
        power = Mandate.objects.get(representative=story.people["Bruno"])
        where, bruno = reverse("workflows:power_revoke", args=[power.pk]), browser(story, "Bruno")
        assert "quienes tienen un poder siguen actuando" in text_of(bruno.post(where))
        power.refresh_from_db()
        assert power.revoked_at is None

    def test_who_gives_up_a_power_beside_another_one_is_not_asked_twice(
        self, story: Story, company: Organisation
    ) -> None:
        power = Mandate.objects.get(representative=story.people["Grace"])
        page = browser(story, "Grace").post(reverse("workflows:power_revoke", args=[power.pk]), follow=True)
        assert "Renunciaste al poder de Almacenes del Sur SpA" in text_of(page)
        power.refresh_from_db()
        assert power.revoked_at is not None

    def test_nobody_goes_on_with_a_power_for_something_else_r43(self, story: Story, company: Organisation) -> None:
        Mandate.objects.filter(representative=story.people["Bruno"]).update(scope="ayuda_social")
        Mandate.objects.create(
            grantor_organisation=company, representative=story.people["Ana"], starts_on=story.now.date()
        )
        case = self.filed(story, "Grace")
        self.revoke(story, "Grace", "Grace")
        party = CaseParty.objects.get(case=case)
        assert party.representative == story.people["Ana"]
        assert party.mandate == Mandate.objects.get(representative=story.people["Ana"])
        assert browser(story, "Bruno").get(reverse("workflows:case", args=[case.ref])).status_code == 404

    def test_whoever_governs_it_for_another_procedure_does_not_take_this_one_over_r43(
        self, story: Story, company: Organisation
    ) -> None:
        Mandate.objects.filter(representative=story.people["Bruno"]).update(scope="ayuda_social")
        case = self.filed(story, "Grace")
        page = browser(story, "Bruno").post(reverse("workflows:take_over", args=[company.rut, case.ref]), follow=True)
        assert "Tu poder no es para este trámite" in text_of(page)
        assert CaseParty.objects.get(case=case).representative == story.people["Grace"]

    def test_the_notices_go_to_whoever_took_it_over_and_no_more_to_who_filed_r43(
        self, story: Story, company: Organisation
    ) -> None:
        Person.objects.filter(pk=story.people["Bruno"].pk).update(email="bruno@empresa.example")
        bruno = Person.objects.get(pk=story.people["Bruno"].pk)
        case = self.filed(story, "Grace", correo="grace@personal.example")
        browser(story, "Bruno").post(reverse("workflows:take_over", args=[company.rut, case.ref]))
        self.revoke(story, "Grace", "Bruno")
        party = CaseParty.objects.get(case=case)
        assert (party.representative, party.email) == (bruno, "bruno@empresa.example")
        assert "grace@personal.example" not in right_medium(case, bruno).why
        story.do(case, "admision", {"titulo_local": "Falta una hoja."}, resultado="observar", observaciones="Corrige.")
        notice = Notice.objects.filter(case_ref=case.ref).latest("pk")
        assert notice.person == bruno
        assert address_of(notice) == "bruno@empresa.example"
