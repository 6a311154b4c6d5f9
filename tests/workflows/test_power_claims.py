"""Powers that stand in a document: checked by an official, solemn where the procedure asks for it; and companies."""

from collections.abc import Iterator

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts.api import may_represent
from accounts.models import Mandate, Organisation
from documents.models import Document
from notifications.models import Notice
from procedures.api import bundle_of
from tests.story import PDF, Story
from tests.workflows.desk import at, text_of
from tests.workflows.permissions import BACKEND
from workflows import drafts
from workflows.commands import filing, power_claims, powers
from workflows.errors import NotAllowed, SolemnPowerNeeded
from workflows.models import Case, CaseParty, PowerClaim
from workflows.powers import SOLEMN

COMPANY = {
    "rut": "76.543.210-3",
    "organisation_name": "Almacenes del Sur SpA",
    "form": "public_deed",
    "details": "Notaría Pérez, 3 de marzo de 2026, repertorio 512",
}


@pytest.fixture
def story(db: None) -> Iterator[Story]:
    begun = Story.begin()
    with time_machine.travel(begun.now, tick=False):
        yield begun


def browser(story: Story, name: str) -> Client:
    client = Client()
    client.force_login(story.user(name), backend=BACKEND)
    return client


def sent(story: Story, whose: str = "empresa", **data: str) -> PowerClaim:
    """Bruno sends the document of his company, or what `data` says."""
    posted = {**COMPANY, "agency": story.agency.pk, **data, "document": SimpleUploadedFile("poder.pdf", PDF)}
    answer = browser(story, "Bruno").post(at("power_ask", whose), posted)
    assert answer.status_code == 302, answer.content.decode()
    return PowerClaim.objects.latest("pk")


def registered(story: Story, *, governs: bool = True) -> Mandate:
    decision = {"decision": "aceptar"} | ({"gobierna": "1"} if governs else {})
    claim = sent(story)
    assert browser(story, "Julia").post(at("power_check", claim.pk), decision).status_code == 302
    return Mandate.objects.get()


def filed(story: Story, mandate: Mandate, who: str = "Bruno") -> Case:
    offering, person = story.offering("patente_comercial"), story.people[who]
    draft = drafts.begin(offering=offering, by=person, now=story.now, mandate=mandate)
    story.fill(draft)
    return filing.start(draft=draft, by=person, signature=story.signature(draft), now=story.now)


def test_a_company_acts_only_once_an_official_has_checked_its_document(story: Story) -> None:
    claim = sent(story)
    assert not Organisation.objects.exists()
    julia = browser(story, "Julia")
    assert "Almacenes del Sur SpA" in julia.get(at("power_queue")).content.decode()
    assert julia.get(at("power_document", claim.pk)).content == PDF
    julia.post(at("power_check", claim.pk), {"decision": "aceptar"})
    mandate = Mandate.objects.get()
    assert (mandate.representative, mandate.is_solemn, mandate.governs) == (story.people["Bruno"], True, False)
    assert Notice.objects.get(person=story.people["Bruno"]).subject == "Tu poder quedó registrado"


def test_a_document_that_is_not_enough_gives_no_power_and_the_person_reads_why(story: Story) -> None:
    claim, julia = sent(story), browser(story, "Julia")
    assert julia.post(at("power_check", claim.pk), {"decision": "no", "reason": ""}).status_code == 422
    julia.post(at("power_check", claim.pk), {"decision": "no", "reason": "Falta la segunda hoja."})
    assert not Mandate.objects.exists()
    assert "Falta la segunda hoja." in browser(story, "Bruno").get(at("powers")).content.decode()
    assert julia.post(at("power_check", claim.pk), {"decision": "aceptar"}).status_code == 422
    assert not Mandate.objects.exists()


def test_whoever_names_a_run_reads_no_name_before_an_official_saw_the_document(story: Story) -> None:
    person = {"run": "41.111.111-3", "given_names": "Rosa", "family_names": "Soto", "form": "notary"}
    claim, bruno = sent(story, "persona", **person), browser(story, "Bruno")
    assert "RUN 41.111.111-3" in text_of(bruno.get(at("powers")))
    browser(story, "Julia").post(at("power_check", claim.pk), {"decision": "no", "reason": "Falta la segunda hoja."})
    told = Notice.objects.get(person=story.people["Bruno"])
    assert "actuar por RUN 41.111.111-3" in told.body
    assert "Ana" not in told.body + bruno.get(at("powers")).content.decode()


def test_who_governs_a_company_learns_by_no_run_whose_it_is(story: Story) -> None:
    registered(story)
    company, bruno = Organisation.objects.get(), browser(story, "Bruno")
    stranger = {"run": "41.111.111-3", "given_names": "Rosa", "family_names": "Soto", "grantor": company.pk}
    assert bruno.post(at("powers"), stranger).status_code == 302
    page = text_of(bruno.get(at("organisation", company.rut)))
    assert "RUN 41.111.111-3, Rosa Soto" in page
    assert "Ana María" not in page


def test_only_who_checks_powers_there_decides_and_nobody_on_their_own(story: Story) -> None:
    claim = sent(story)
    assert browser(story, "Beto").get(at("power_queue")).status_code == 403
    assert browser(story, "Beto").post(at("power_check", claim.pk), {"decision": "aceptar"}).status_code == 404
    PowerClaim.objects.update(representative=story.people["Julia"])
    with pytest.raises(NotAllowed):
        power_claims.accept(
            claim_id=claim.pk, governs=False, by=story.people["Julia"], on=story.now.date(), now=story.now
        )


def test_who_gave_a_power_by_document_hears_of_it_and_may_take_it_back(story: Story) -> None:
    person = {"run": "41.111.111-3", "given_names": "Ana", "family_names": "Pérez", "form": "notary"}
    claim = sent(story, "persona", **person)
    browser(story, "Julia").post(at("power_check", claim.pk), {"decision": "aceptar"})
    mandate = Mandate.objects.get()
    assert (mandate.grantor_person, mandate.is_solemn) == (story.people["Ana"], False)
    assert "puede actuar por ti" in Notice.objects.get(person=story.people["Ana"]).body
    browser(story, "Ana").post(at("power_revoke", mandate.pk))
    assert not may_represent(story.people["Bruno"], story.people["Ana"], "x", story.now.date())


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        ({"rut": "1-1"}, "RUT"),
        ({"details": ""}, "de dónde viene"),
        ({"form": ""}, "Elige qué documento"),
        ({"ends_on": "01/01/2020"}, "de hoy en adelante"),
        ({"agency": ""}, "Elige la institución"),
    ],
)
def test_what_lacks_in_a_claim_is_said_and_nothing_is_sent(story: Story, data: dict[str, str], problem: str) -> None:
    posted = {**COMPANY, "agency": story.agency.pk, "document": SimpleUploadedFile("p.pdf", PDF), **data}
    answer = browser(story, "Bruno").post(at("power_ask", "empresa"), posted)
    assert answer.status_code == 422
    assert problem in answer.content.decode()
    assert not PowerClaim.objects.exists()


def test_the_receipt_and_the_bandeja_name_the_company_and_who_acts_for_it(story: Story) -> None:
    case = filed(story, registered(story))
    receipt = str(Document.objects.get(file=case.file, kind=Document.Kind.RECEIPT).content)
    assert "Almacenes del Sur SpA, RUT 76.543.210-3" in receipt
    assert "Bruno Díaz Riquelme" in receipt
    inbox = browser(story, "Beto").get(at("inbox"), {"ver": "grupo"}).content.decode()
    assert "Almacenes del Sur SpA, por Bruno Díaz Riquelme" in inbox


def test_who_governs_a_company_gives_takes_back_and_follows_everything(story: Story) -> None:
    """The application of an employee who left stays the company's."""
    bruno, mandate = browser(story, "Bruno"), registered(story)
    company = Organisation.objects.get()
    ana = {"run": "41.111.111-3", "given_names": "Ana", "family_names": "Pérez", "grantor": company.pk}
    assert bruno.post(at("powers"), ana).status_code == 302
    hers = Mandate.objects.exclude(pk=mandate.pk).get()
    assert (hers.grantor_organisation, hers.is_solemn, hers.governs) == (company, False, False)
    case = filed(story, hers, "Ana")
    page = bruno.get(at("organisation", company.rut)).content.decode()
    assert case.number in page
    assert bruno.get(at("case", case.ref)).status_code == 404
    assert bruno.post(at("take_over", company.rut, case.ref)).status_code == 302
    assert bruno.get(at("case", case.ref)).status_code == 200
    bruno.post(at("power_revoke", hers.pk))
    assert not may_represent(story.people["Ana"], company, "x", story.now.date())
    assert CaseParty.objects.get(case=case).representative == story.people["Bruno"]
    assert browser(story, "Ana").get(at("organisation", company.rut)).status_code == 404


def test_who_does_not_govern_a_company_gives_no_power_of_it(story: Story) -> None:
    registered(story, governs=False)
    power = powers.Power("41.111.111-3", "Ana", "Pérez", "", None)
    with pytest.raises(NotAllowed):
        powers.grant(
            power=power, by=story.people["Bruno"], on=story.now.date(), now=story.now,
            organisation=Organisation.objects.get(),
        )  # fmt: skip


class TestSolemn:
    """R43: a simple power in a solemn procedure is refused, with the norm."""

    NORM = "Código Civil, artículo 1801"

    @pytest.fixture(autouse=True)
    def solemn(self, story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
        start = bundle_of(story.offering("patente_comercial").version).start
        monkeypatch.setitem(start.__dict__, "solemn_power", self.NORM)

    def power(self, story: Story, *, is_solemn: bool) -> Mandate:
        ana, bruno = story.people["Ana"], story.people["Bruno"]
        return Mandate.objects.create(
            grantor_person=ana, representative=bruno, starts_on=story.now.date(), is_solemn=is_solemn
        )

    def test_a_simple_power_begins_nothing_and_the_page_says_what_is_needed(self, story: Story) -> None:
        simple, bruno = self.power(story, is_solemn=False), browser(story, "Bruno")
        where = ("muni-ejemplo", "patente_comercial")
        answer = bruno.post(reverse("workflows:begin", args=where), {"poder": simple.pk}, follow=True)
        page = answer.content.decode()
        assert self.NORM in page
        assert "es simple y aquí no basta" in page
        assert "Empezar en nombre de" not in page

    def test_a_simple_power_files_nothing(self, story: Story) -> None:
        with pytest.raises(SolemnPowerNeeded, match="escritura pública"):
            filed(story, self.power(story, is_solemn=False))
        assert not Case.objects.exists()

    def test_a_public_deed_files(self, story: Story) -> None:
        assert filed(story, self.power(story, is_solemn=True)).pk

    def test_the_person_needs_no_power_for_their_own(self, story: Story) -> None:
        assert story.file().pk


def test_a_power_before_a_notary_is_simple() -> None:
    """Ley 19.880 art. 22 names public deeds and advanced signatures for acts that need a solemn instrument."""
    assert PowerClaim.Form.NOTARY not in SOLEMN
    assert set(SOLEMN) == {PowerClaim.Form.PUBLIC_DEED, PowerClaim.Form.ADVANCED}
