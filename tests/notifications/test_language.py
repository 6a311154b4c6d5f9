"""What is written to a person is in their language, as stored with them or their case; the file stays in Spanish."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from documents.models import Document
from notifications.mail import compose
from notifications.models import Notice
from procedures.api import Bundle, bundle_of
from procedures.models import ProcedureVersion
from tests.notifications.conftest import NOW, SendNotice
from tests.notifications.servers import Server
from tests.story import Story
from workflows.commands import filing
from workflows.models import Case, Incident

pytestmark = pytest.mark.django_db


def filed_in(story: Story, locale: str, code: str = "patente_comercial") -> Case:
    """Ana files while she reads the site in a language, and the page of whoever acts is in that one too."""
    with translation.override(locale):
        draft = story.draft(story.offering(code))
        draft.locale = locale
        draft.save(update_fields=["locale"])
        return filing.start(draft=draft, by=story.people["Ana"], signature=story.signature(draft), now=story.now)


def plain(server: Server, number: int = -1) -> tuple[str, str, str]:
    """Language, subject and plain text of a message that the server received."""
    message = server.messages[number]
    body = message.get_body(("plain",))
    assert body is not None
    return message["Content-Language"], message["Subject"], body.get_content()


def test_who_files_in_english_is_told_in_english_with_the_spanish_below(server: Server) -> None:
    """R31: what is added for understanding never takes the place of what the institution said."""
    story = Story.begin()
    case = filed_in(story, "en")
    with translation.override("es"):  # as a job, or an official, would have it
        story.work()
    language, subject, text = plain(server)
    assert language == "en, es-CL"
    assert subject == f"We received your application No. {case.number}"
    assert "See your application:" in text
    spanish = text.index("Guarda este número.")
    assert text.index(case.number) < spanish
    assert "it is not a legal notification" in text.lower()
    html = server.messages[-1].get_body(("html",))
    assert html is not None
    assert '<html lang="en">' in html.get_content()
    assert '<div lang="es-CL">' in html.get_content()


def test_a_notice_of_the_procedure_is_said_in_english_with_its_data(server: Server) -> None:
    story = Story.begin()
    case = filed_in(story, "en")
    story.do(case, "admision", resultado="observar", observaciones="Falta el plano.")
    notice = Notice.objects.filter(case_ref=case.ref).latest("pk")
    assert notice.subject == f"Your application No. {case.number} needs a correction"
    assert "Falta el plano." in notice.body, "what an official wrote stays as it was written"
    assert notice.spanish_subject == f"Falta corregir tu solicitud N° {case.number}"
    assert notice.action_label == "Correct my application"


def test_whoever_acts_in_english_tells_a_person_who_reads_spanish_in_spanish(server: Server) -> None:
    story = Story.begin()
    case = story.file()
    with translation.override("en"):
        story.do(case, "admision", resultado="observar", observaciones="Falta el plano.")
        story.work()
    assert not Notice.objects.filter(case_ref=case.ref).exclude(language="es", spanish_body="").exists()
    language, subject, text = plain(server)
    assert (language, subject) == ("es-CL", f"Falta corregir tu solicitud N° {case.number}")
    assert "El mismo aviso en español" not in text


def published_before_the_gate_looked(story: Story, path: str, **said: str) -> None:
    """The licence as a version on offer with this text of its own, in these languages."""
    offering = story.offering("patente_comercial")
    bundle = bundle_of(offering.version).model_dump(mode="json", exclude_defaults=True)
    notice = next(notice for notice in bundle["notices"] if notice["id"] == path.split(".")[1])
    notice["subject"] = said["es"]
    bundle["translations"]["en"][path] = said["en"]
    made = Bundle.model_validate(bundle)
    offering.version = ProcedureVersion.objects.create(
        procedure=offering.version.procedure, number=99, schema_version=made.schema_version, title=made.title,
        canonical=made.canonical(), sha256=made.sha256(), published_at=story.now,
    )  # fmt: skip
    offering.save(update_fields=["version"])


SUBJECT = "notices.pide_corregir.subject"


def test_a_notice_whose_translation_cannot_be_filled_is_said_in_spanish_and_holds_no_case() -> None:
    story = Story.begin()
    published_before_the_gate_looked(story, SUBJECT, es="Corrige la N° {case.number}", en="Correct {case.number|money}")
    case = filed_in(story, "en")
    with translation.override("en"):
        story.do(case, "admision", resultado="observar", observaciones="Falta el plano.")
    assert not Incident.objects.filter(case=case).exists()
    notice = Notice.objects.filter(case_ref=case.ref).latest("pk")
    assert (notice.subject, notice.subject_language) == (f"Corrige la N° {case.number}", "es")
    assert notice.body_language == "es", "never half of each"


def test_a_notice_that_cannot_be_filled_in_spanish_holds_the_case_and_says_why_in_spanish() -> None:
    story = Story.begin()
    published_before_the_gate_looked(story, SUBJECT, es="N° {case.number|money}", en="Correct {case.number|money}")
    case = filed_in(story, "en")
    with translation.override("en"):
        story.do(case, "admision", resultado="observar", observaciones="Falta el plano.")
    detail = Incident.objects.get(case=case).detail
    assert detail.startswith("El aviso «pide_corregir» no se pudo escribir")


def test_what_they_chose_on_the_site_since_counts_for_the_next_notice() -> None:
    story = Story.begin()
    case = filed_in(story, "en")
    client = Client()
    client.force_login(story.user("Ana"), backend="accounts.backends.VerifiedIdentityBackend")
    client.post(reverse("set_language"), {"language": "es", "next": "/"})
    story.do(case, "admision", resultado="observar", observaciones="Falta el plano.")
    assert Notice.objects.filter(case_ref=case.ref).latest("pk").language == "es"


def test_a_language_that_only_a_procedure_speaks_is_kept_with_the_case_and_marks_nothing_that_is_spanish() -> None:
    story = Story.begin()
    case = story.file()
    case.parties.update(language="ht")
    story.do(case, "admision", resultado="observar", observaciones="Falta el plano.")
    notice = Notice.objects.filter(case_ref=case.ref).latest("pk")
    assert (notice.language, notice.subject_language, notice.body_language) == ("ht", "es", "es")
    message = compose(notice.deliveries.get(), "ana@correo.example")
    assert message["Content-Language"] == "es-CL"


def test_the_receipt_is_in_spanish_and_says_the_same_in_english_below() -> None:
    """R4: the certificate is one, in Spanish, whoever's page made it; the translation is marked as one."""
    story = Story.begin()
    case = filed_in(story, "en")
    receipt = Document.objects.get(file=case.file, kind=Document.Kind.RECEIPT)
    blocks = receipt.content["blocks"]
    assert receipt.title == "Certificado de presentación"
    assert blocks[0]["text"].startswith("Se certifica que se presentó")
    assert "4 de marzo de 2026" in str(blocks[1])
    assert {block["lang"] for block in blocks[2:]} == {"en"}
    assert "4 March 2026" in str(blocks[2:])
    spanish = Document.objects.get(file=story.file().file, kind=Document.Kind.RECEIPT)
    assert len(spanish.content["blocks"]) == 2


def test_an_act_is_in_spanish_though_the_official_reads_english() -> None:
    story = Story.begin()
    case = story.file("certificado_patente_vigente")
    with translation.override("en"):
        story.work()
    act = Document.objects.get(file=case.file, kind=Document.Kind.CERTIFICATE)
    assert "de marzo de 2026" in act.content["date_text"]


def test_a_notice_kept_in_two_languages_shows_both_on_its_page(
    notify_ana: SendNotice, client: Client, sign_in: object
) -> None:
    notice = notify_ana()
    Notice.objects.filter(pk=notice.pk).update(
        language="en", subject="We got it", spanish_subject="La recibimos", spanish_body="Está en revisión."
    )
    page = sign_in(notice.person).get(reverse("notifications:notice", args=[notice.pk])).content.decode()  # type: ignore[operator]
    assert '<span lang="en">We got it</span>' in page
    assert "Está en revisión." in page
    assert notice.created_at == NOW
