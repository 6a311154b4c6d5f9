"""What people and staff write stays text: on pages, in mails, in documents, in file names and in headers."""

from collections.abc import Callable
from email.message import EmailMessage
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from documents.content import DocumentContent
from documents.models import Document
from documents.rendering.html import to_html
from notifications.mail import compose
from notifications.models import Delivery, Notice
from procedures.api import UnknownDatum, check, fill
from tests.story import PDF, Story
from workflows import drafts, uploads
from workflows.models import Case
from workflows.sample import EXAMPLES

Visitor = Callable[[str], Client]
ATTACK = (
    "<script>alert(1)</script>\"'><img src=x onerror=alert(1)> {{ settings.SECRET_KEY }} {% debug %} ${7*7} "
    "{inicio.correo} =1+1|'x'!A0 ' OR 1=1 \" || true || \" %(agency)s {0.__class__}"
)
MARKUP = ("<script>alert(1)", "<img src=x", "onerror=alert(1)>")


def filed(story: Story) -> Case:
    """A case in which every free text is an attack."""
    return story.file(direccion=ATTACK, descripcion=ATTACK, peticion=ATTACK, rol_sii="{{7*7}}")


def assert_only_text(page: str) -> None:
    """The attack is there, and is words."""
    assert "alert(1)" in page
    for markup in MARKUP:
        assert markup not in page
    assert settings.SECRET_KEY not in page
    assert "{{ settings.SECRET_KEY }}" in page
    assert "{% debug %}" in page
    assert "${7*7}" in page
    assert "{0.__class__}" in page


class TestAnswers:
    def test_they_are_text_on_every_page_of_the_path(self, story: Story, visitor: Visitor) -> None:
        offering = story.offering("patente_comercial")
        draft = story.draft(offering, direccion=ATTACK, descripcion=ATTACK, peticion=ATTACK)
        ana = visitor("Ana")
        pages = [reverse("workflows:page", args=[draft.ref, 3])]
        pages += [reverse(f"workflows:{name}", args=[draft.ref]) for name in ("review", "sign")]
        for address in pages:
            assert_only_text(ana.get(address).content.decode())

    def test_they_are_text_on_the_pages_of_officials(self, story: Story, visitor: Visitor) -> None:
        case = filed(story)
        task = story.claim(case, "admision", "Beto")
        beto = visitor("Beto")
        for address in (
            reverse("workflows:desk_case", args=[case.ref]),
            reverse("workflows:desk_step", args=[case.ref, task.pk]),
        ):
            assert_only_text(beto.get(address).content.decode())

    def test_they_are_text_in_the_documents(self, story: Story) -> None:
        application = Document.objects.get(file=filed(story).file, kind="application")
        html = to_html(DocumentContent.model_validate(application.content))
        assert_only_text(html)

    def test_no_rule_reads_them_as_an_expression(self, story: Story) -> None:
        """An answer that looks like a rule that holds opens nothing."""
        case = story.file(direccion="' || true || '", descripcion="inicio.superficie > 0", superficie="20")
        story.do(case, "admision", resultado="observar", observaciones="Corrige.")
        assert list(case.task_set.filter(status="NEW").values_list("step_id", flat=True)) == ["correccion"]


class TestWordsOfOfficials:
    def test_a_remark_is_text_on_the_persons_page_and_in_the_mail(self, story: Story, visitor: Visitor) -> None:
        case = story.file()
        story.do(case, "admision", observe={"direccion": ATTACK}, resultado="observar", observaciones=ATTACK)
        ana = visitor("Ana")
        assert_only_text(ana.get(reverse("workflows:case", args=[case.ref])).content.decode())
        notice = Notice.objects.filter(person=story.people["Ana"]).latest("pk")
        Notice.objects.filter(pk=notice.pk).update(body=ATTACK)
        assert_only_text(ana.get(reverse("notifications:notice", args=[notice.pk])).content.decode())
        message = compose(Delivery.objects.get(notice=notice), "ana@correo.example")
        assert_only_text(html_of(message))

    def test_the_text_of_an_act_is_text(self, story: Story, visitor: Visitor) -> None:
        case = story.file()
        story.do(case, "admision", resultado="rechazar", fundamento=ATTACK)
        task = story.claim(case, "redaccion_rechazo_inicial")
        official = visitor(story.holder(task))
        address = reverse("workflows:desk_step", args=[case.ref, task.pk])
        official.post(address, {"bloque-0": ATTACK, "guardar": "1"})
        assert_only_text(official.get(address).content.decode())

    @pytest.mark.parametrize(
        "path", ["settings.secret_key", "inicio.__class__", "request.user", "case.pk", "os.environ"]
    )
    def test_a_placeholder_reaches_nothing_but_data_of_the_case(self, path: str) -> None:
        with pytest.raises(Exception, match=r"no es un dato|no tiene valor"):
            fill(f"{{{path}}}", {"case.number": "1"})

    def test_what_an_answer_holds_is_not_filled_in_again(self) -> None:
        assert fill("{inicio.a}", {"inicio.a": "{inicio.b}", "inicio.b": "secreto"}) == "{inicio.b}"
        with pytest.raises(UnknownDatum):
            fill("{inicio.c}", {"inicio.a": "x"})

    @pytest.mark.parametrize(
        "rule",
        ["settings.SECRET_KEY", "inicio.__class__", "__import__('os')", "inicio.correo.matches('(a+)+$')", "open('x')"],
    )
    def test_a_rule_that_reaches_for_the_program_is_not_published(self, rule: str) -> None:
        text = (EXAMPLES / "patente_comercial.yaml").read_text()
        condition = "{all: [{field: admision.resultado, op: eq, value: observar}]}"
        attacked = text.replace(f"- when: {condition}", f'- when: {{cel: "{rule}"}}', 1)
        assert attacked != text
        assert any(finding.severity == "error" for finding in check(attacked, "x.yaml").findings)


HOSTILE_NAMES = {
    "../../etc/passwd": "passwd",
    "..\\..\\windows\\system.ini": "system.ini",
    "a.pdf\r\nSet-Cookie: robada=1": "a.pdfSet-Cookie: robada=1",
    "factura\u202efdp.exe": "facturafdp.exe",
    "\x00nulo\u200b.pdf": "nulo.pdf",
    "": "documento",
    "/": "documento",
}


class TestFileNames:
    @pytest.mark.parametrize("name", HOSTILE_NAMES)
    def test_paths_lines_and_marks_of_direction_are_dropped(self, name: str) -> None:
        assert uploads.clean_name(name) == HOSTILE_NAMES[name]

    def test_a_very_long_name_is_cut_and_keeps_its_end(self) -> None:
        assert uploads.clean_name("a" * 500 + ".pdf") == "a" * 116 + ".pdf"

    def test_the_name_ends_as_what_the_file_is(self, story: Story) -> None:
        draft = story.draft(story.offering("patente_comercial"))
        kept = uploads.keep(draft=draft, name="otros", upload=SimpleUploadedFile("cv.exe", PDF), now=story.now)
        assert kept["name"] == "cv.exe.pdf"
        assert uploads.with_extension("FOTO.JPEG", "image/jpeg") == "FOTO.JPEG"
        assert uploads.with_extension("IMG_2041.HEIC", "image/jpeg") == "IMG_2041.jpg"

    @pytest.mark.parametrize(
        "title", ['a"; filename="b.exe.pdf', "ñandú – plano 1.pdf", "a;b=c.pdf", "..%2f..%2fx.pdf"]
    )
    def test_the_header_of_a_download_carries_one_name(self, story: Story, visitor: Visitor, title: str) -> None:
        case = story.file()
        document = Document.objects.filter(file=case.file, kind="attachment").latest("pk")
        Document.objects.filter(pk=document.pk).update(title=title)
        response = visitor("Ana").get(reverse("workflows:document", args=[case.ref, document.pk]))
        assert response.status_code == 200
        message = EmailMessage()
        message["Content-Disposition"] = response["Content-Disposition"]
        assert message["Content-Disposition"].params["filename"] == title
        assert response["Content-Type"] == "application/pdf"
        assert response["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'; object-src 'self'"


def html_of(message: EmailMessage) -> str:
    """The HTML body of a mail."""
    part: Any = message.get_body(("html",))
    content: str = part.get_content()
    return content


def test_no_answer_is_ever_a_query(story: Story, visitor: Visitor) -> None:
    """Searches with the grammar of SQL find nothing and break nothing."""
    filed(story)
    drafts_before = drafts.open_drafts(story.people["Ana"])
    for words in ("' OR 1=1 --", "%", "_", "\\", "';DROP TABLE workflows_case;--", "\x00"):
        assert Client().get("/", {"q": words}).status_code == 200
        assert visitor("Beto").get(reverse("workflows:inbox"), {"q": words}).status_code == 200
    assert drafts.open_drafts(story.people["Ana"]) == drafts_before
