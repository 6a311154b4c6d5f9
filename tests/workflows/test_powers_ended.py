"""What ends with a power: in what was filed by it, and in the drafts (Ley 19.880 art. 22; R43)."""

from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.api import open_sealed
from accounts.models import Mandate, Organisation, Person
from documents.models import Document
from jobs.models import Job
from notifications.models import Notice
from notifications.operations import address_context
from tests.story import Story
from tests.workflows.desk import text_of
from tests.workflows.test_powers import browser, given
from workflows import drafts
from workflows.commands import endings, filing
from workflows.commands import powers as commands
from workflows.commands.lapsed_powers import FOLLOW_ENDED, follow_ended, look_for_lapsed
from workflows.errors import NotAllowed
from workflows.incidents.people import why_nobody_can, without_people
from workflows.media import right_medium
from workflows.models import Case, CaseParty, CaseTask, Draft, PastRepresentation


@pytest.fixture
def story(db: None) -> Story:
    return Story.begin()


def address_of(notice: Notice) -> str:
    """Where the e-mail of a notice goes."""
    delivery = notice.deliveries.get()
    assert delivery.address_sealed is not None
    return open_sealed(bytes(delivery.address_sealed), address_context(delivery)).decode()


class TestWhatEndsWithAPower:
    """Ana lets Bruno file for her, and takes the power back, or its last day passes."""

    @pytest.fixture
    def case(self, story: Story) -> Case:
        return self.filed(story, given(story))

    def filed(self, story: Story, mandate: Mandate) -> Case:
        offering = story.offering("patente_comercial")
        draft = drafts.begin(offering=offering, by=story.people["Bruno"], now=story.now, mandate=mandate)
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
        with time_machine.travel(story.now, tick=False):
            browser(story, "Ana").post(reverse("workflows:power_revoke", args=[Mandate.objects.get().pk]))
        assert CaseParty.objects.get(case=case).representative == story.people["Bruno"], "a job takes the case from him"
        assert self.seen(story, case, "Bruno") == [404, 404], "and he reads nothing more before it did"
        with pytest.raises(NotAllowed):
            endings.withdraw(case=case, reason="", by=story.people["Bruno"], now=story.now)
        story.work()
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
        story.work()
        before = Notice.objects.latest("pk").pk
        story.do(case, "admision", {"titulo_local": "Falta una hoja."}, resultado="observar", observaciones="Corrige.")
        told = Notice.objects.filter(case_ref=case.ref, pk__gt=before)
        assert {notice.person for notice in told} == {story.people["Ana"]}

    def test_who_gives_it_up_leaves_the_case_to_whoever_gave_it(self, story: Story, case: Case) -> None:
        with time_machine.travel(story.now, tick=False):
            browser(story, "Bruno").post(reverse("workflows:power_revoke", args=[Mandate.objects.get().pk]))
        assert self.seen(story, case, "Bruno") == [404, 404]
        story.work()
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

    def test_to_take_back_a_power_costs_the_same_however_many_cases_rest_on_it(self, story: Story, case: Case) -> None:
        """The rest is jobs, one for each case; none is lost if the worker dies between two."""
        read = []
        for rows in (0, 1, 3):
            mandate = Mandate.objects.filter(revoked_at=None).first() or given(story)
            for _ in range(rows):
                self.filed(story, mandate)
            with CaptureQueriesContext(connection) as statements:
                commands.revoke(mandate_id=mandate.pk, by=story.people["Ana"], on=story.now.date(), now=story.now)
            read.append(len(statements))
            story.work()
        assert read[1] == read[2]
        assert Job.objects.filter(kind=FOLLOW_ENDED, queue="fast").count() == 3, "behind no sheet of many rows"
        assert not CaseParty.objects.exclude(representative=None).exists()

    def test_what_follows_a_power_taken_back_may_run_twice(self, story: Story, case: Case) -> None:
        commands.revoke(mandate_id=Mandate.objects.get().pk, by=story.people["Ana"], on=story.now.date(), now=story.now)
        job = Job.objects.get(kind=FOLLOW_ENDED)
        assert [follow_ended(job, story.now) for _ in range(2)] == [{"parties": 1}] * 2
        story.work()
        assert Notice.objects.filter(person=story.people["Bruno"], subject__startswith="Terminó").count() == 1
        assert PastRepresentation.objects.count() == 1

    def test_what_was_told_between_the_end_and_its_job_reached_nobody_r66(self, story: Story, case: Case) -> None:
        """The term does not run from what somebody was told who acted no more (art. 22)."""
        commands.revoke(mandate_id=Mandate.objects.get().pk, by=story.people["Ana"], on=story.now.date(), now=story.now)
        ended_at, story.now = story.now, story.now + timedelta(minutes=5)
        story.work()
        assert PastRepresentation.objects.get().ended_at == ended_at

    def test_what_ended_is_asked_about_once_though_it_was_renewed_or_nobody_goes_on(
        self, story: Story, case: Case
    ) -> None:
        company = Organisation.objects.create(rut="76000000-6", name="Almacenes del Sur SpA")
        Mandate.objects.update(grantor_person=None, grantor_organisation=company, ends_on=story.now.date())
        CaseParty.objects.filter(case=case).update(person=None, organisation=company)

        def asked() -> int:
            story.now += timedelta(days=1)
            found: int = look_for_lapsed(Job(), story.now)["parties"]
            story.work()
            return found

        assert [asked(), asked()] == [0, 0], "nobody has a power: it waits and nothing is asked in vain"
        renewed = Mandate.objects.create(
            grantor_organisation=company, representative=story.people["Bruno"], starts_on=story.now.date()
        )
        assert [asked(), asked()] == [1, 0]
        assert CaseParty.objects.get(case=case).mandate == renewed
        Mandate.objects.filter(pk=renewed.pk).update(ends_on=story.now.date())
        other = Mandate.objects.create(
            grantor_organisation=company,
            representative=story.people["Grace"],
            starts_on=story.now.date(),
            scope="otro_tramite",
        )
        assert [asked(), asked()] == [0, 0], "a power for something else is none here"
        Mandate.objects.filter(pk=other.pk).update(scope="")
        assert [asked(), asked()] == [1, 0]
        assert CaseParty.objects.get(case=case).representative == story.people["Grace"]

    def test_to_look_at_the_organisations_costs_the_same_however_many_they_are(self, story: Story, case: Case) -> None:
        [party], mandate = CaseParty.objects.filter(case=case), Mandate.objects.get()
        for number in range(5):
            company = Organisation.objects.create(rut=f"7600000{number}-{number}", name=f"Almacén {number}")
            power = Mandate.objects.create(
                grantor_organisation=company, representative=mandate.representative, starts_on=story.now.date()
            )
            CaseParty.objects.create(
                case=case,
                agency=case.agency,
                kind="affected",
                organisation=company,
                representative=mandate.representative,
                mandate=power,
                joined_at=party.joined_at,
            )
            Mandate.objects.filter(pk=power.pk).update(revoked_at=story.now)
            Mandate.objects.create(
                grantor_organisation=company, representative=story.people["Grace"], starts_on=story.now.date()
            )
        counts, now = {}, story.now + timedelta(hours=1)
        for found in (1, 5):
            companies = Organisation.objects.order_by("pk")[:found].values("pk")
            CaseParty.objects.exclude(organisation=None).update(left_at=story.now)
            CaseParty.objects.filter(organisation__in=list(companies.values_list("pk", flat=True))).update(left_at=None)
            with CaptureQueriesContext(connection) as statements:
                assert look_for_lapsed(Job(), now)["parties"] == found
            counts[found] = len(statements)
        assert counts[1] == counts[5]

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
        story.work()
        assert CaseParty.objects.get(case=case).representative == story.people["Bruno"]

    def test_a_power_for_something_else_takes_nothing_from_this_case(self, story: Story, case: Case) -> None:
        other = given(story, scope="otro_tramite")
        Mandate.objects.exclude(pk=other.pk).update(representative=story.people["Grace"])
        commands.revoke(mandate_id=other.pk, by=story.people["Ana"], on=story.now.date(), now=story.now)
        story.work()
        assert CaseParty.objects.get(case=case).representative == story.people["Bruno"]

    def test_a_draft_in_her_name_shows_nothing_more_and_may_be_deleted(self, story: Story) -> None:
        mandate = given(story)
        draft = drafts.begin(
            offering=story.offering("patente_comercial"), by=story.people["Bruno"], now=story.now, mandate=mandate
        )
        bruno, page = browser(story, "Bruno"), reverse("workflows:page", args=[draft.ref, 1])
        assert "Ana María" in text_of(bruno.get(page))
        commands.revoke(mandate_id=mandate.pk, by=story.people["Ana"], on=story.now.date(), now=story.now)
        story.work()
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
        story.work()

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
