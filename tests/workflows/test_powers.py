"""A simple power: granted in the person's own session or at the counter, limited, revocable, and checked at filing."""

import json
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts.api import format_run, may_represent, person_by_run, powers_held, run_of
from accounts.models import Mandate, Membership, Organisation, User
from accounts.operations import update_names
from audit.models import Event
from documents.models import Document
from notifications.models import Notice
from tests.story import PDF, Story
from tests.workflows.desk import text_of
from tests.workflows.permissions import BACKEND
from tests.workflows.test_counter import attended
from workflows import drafts
from workflows.commands import filing
from workflows.errors import PowerEnded
from workflows.models import Attendance, CaseParty, Draft, PowerPaper

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


def test_a_power_given_to_the_run_of_somebody_else_lets_nobody_act_and_tells_nobody(story: Story) -> None:
    """Two wrong digits make another person's RUN: they see nothing of whoever typed it, who learns no name."""
    ana, bruno, where = browser(story, "Ana"), browser(story, "Bruno"), reverse("workflows:powers")
    said = ana.post(where, {"run": BRUNO, "given_names": "Rosa", "family_names": "Soto"}, follow=True)
    assert "RUN 42.222.222-7, Rosa Soto" in text_of(said)
    assert "Díaz" not in said.content.decode()
    mandate = Mandate.objects.get()
    assert "Ana" not in text_of(bruno.get(where)).replace("Bruno", "")
    assert bruno.post(reverse("workflows:power_revoke", args=[mandate.pk])).status_code == 404
    begin = reverse("workflows:begin", args=["muni-ejemplo", "patente_comercial"])
    assert bruno.post(begin, {"poder": mandate.pk}).status_code == 404
    assert not may_represent(story.people["Bruno"], story.people["Ana"], "x", mandate.starts_on)


def test_who_never_came_in_is_compared_with_the_names_when_they_do(story: Story) -> None:
    ana = browser(story, "Ana")
    for names in ({"given_names": "Rosa", "family_names": "Soto"}, {"given_names": "Pía", "family_names": "Luna"}):
        ana.post(reverse("workflows:powers"), {"run": "11.111.112-K", **names})
    came, on = person_by_run("11.111.112-K"), Mandate.objects.first().starts_on  # type: ignore[union-attr]
    assert came is not None
    update_names(person=came, given_names="Pía Andrea", family_names="Luna Rey")
    assert [power.family_names for power in powers_held(came, on)] == ["Luna"]
    User.objects.create_for(came)
    update_names(person=came, given_names="Rosa", family_names="Soto")  # as the Registro Civil changed it
    assert [power.family_names for power in powers_held(came, on).order_by("pk")] == ["Soto", "Luna"]


def test_at_the_counter_the_run_of_somebody_with_another_name_is_refused(story: Story) -> None:
    attendance = attended(story, "41.111.111-3")
    wrong = {"run": BRUNO, "given_names": "Rosa", "family_names": "Soto"}
    paper = {"paper": SimpleUploadedFile("poder.pdf", PDF), "conforms": "on"}
    where = reverse("workflows:counter_power", args=[attendance.pk])
    answer = browser(story, "Julia").post(where, {**wrong, **paper})
    assert "Ese RUN es de una persona con otro nombre" in text_of(answer)
    assert not Mandate.objects.exists()


def test_a_list_that_already_says_something_is_not_called_optional(story: Story) -> None:
    page = text_of(browser(story, "Ana").get(reverse("workflows:powers")))
    assert "¿Para qué trámite? Todos los trámites" in page
    assert "¿Hasta qué día? (opcional)" in page


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


@pytest.mark.parametrize("colleague", [True, False])
def test_whoever_attends_receives_no_power_for_themselves_and_reads_who_else_may(story: Story, colleague: bool) -> None:
    """Ley 19.880 art. 12: they would attest their own power."""
    attendance = attended(story, "41.111.111-3")
    post = attendance.membership
    if colleague:
        Membership.objects.create(role=post.role, person=story.people["Grace"], starts_on=post.starts_on)
    own = format_run(run_of(story.people["Julia"]))
    scan = SimpleUploadedFile("poder.pdf", PDF)
    answer = browser(story, "Julia").post(
        reverse("workflows:counter_power", args=[attendance.pk]),
        {**NAMED, "run": own, "paper": scan, "conforms": "on", "scope": ""},
    )
    assert answer.status_code == 422
    page = text_of(answer)
    assert "no puedes recibir un poder para ti" in page
    others = f"Puede recibirlo en el mesón: {story.people['Grace']}"
    assert (others if colleague else "Hoy nadie más atiende el mesón") in page
    assert not Mandate.objects.exists()


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
