"""Who has no e-mail address applies all the same, and reads in «Mis avisos» what others also get by e-mail."""

import pytest

from documents.models import Document
from notifications.models import Delivery, Notice
from tests.story import Story

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("code", ["patente_comercial", "permiso_feria_libre", "ayuda_social"])
def test_an_application_without_an_e_mail_is_filed_and_told_of_without_mail(story: Story, code: str) -> None:
    case = story.file(code, correo="")
    application = Document.objects.get(file=case.file, kind=Document.Kind.APPLICATION)
    assert "Domicilio digital único (Casilla Única)" in str(application.content), "art. 30 a) wants a medium (R5)"
    assert Notice.objects.filter(case_ref=case.ref, person=story.people["Ana"]).exists()
    assert not Delivery.objects.filter(notice__case_ref=case.ref).exclude(address_sealed=None).exists()
