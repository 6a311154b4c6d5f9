"""An address that the procedure wants proved: a code by mail, on the page itself and without script."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from jobs.models import Job
from procedures.api import CODE_SUFFIX
from tests.services.smtp import Mailbox
from tests.story import Story
from tests.workflows.desk import Visitor
from tests.workflows.test_papers import asking
from workflows import drafts, proofs
from workflows.models import Draft, EmailCheck

pytestmark = pytest.mark.django_db
MAIL = {"id": "correo_probado", "type": "email", "label": "Correo de la empresa", "verified": True}
ADDRESS = "contacto@empresa.example"


@pytest.fixture
def draft(story: Story) -> Draft:
    """A draft whose only lack is the proof of the address."""
    draft = drafts.begin(offering=story.offering(asking(story, MAIL)), by=story.people["Ana"], now=story.now)
    story.fill(draft, correo_probado=ADDRESS)
    EmailCheck.objects.all().delete()
    return draft


def code_of(draft: Draft) -> str:
    return proofs.sent_in(EmailCheck.objects.filter(draft=draft, sealed__isnull=False).latest("pk"))["code"]


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06}"


def post(client: Client, draft: Draft, **more: str) -> Any:
    """The first page as the browser would send it, with what the test adds."""
    form = drafts.page_form(draft, 1, stored=True)
    data = dict(form.data.lists())  # type: ignore[attr-defined]
    return client.post(f"/s/{draft.ref}/p/1/", {**data, "correo_probado": ADDRESS, **more})


def test_the_page_waits_for_the_code_and_goes_on_with_it(
    story: Story, visitor: Visitor, draft: Draft, mailbox: Mailbox, settings: Any
) -> None:
    """Without script: a send, a code typed from the mail, and the same page lets through."""
    settings.EMAIL_PORT = mailbox.port
    ana = visitor("Ana")
    first = post(ana, draft)
    assert first.status_code == 422
    assert "Escribe el código de 6 números que enviamos a contacto@empresa.example" in first.content.decode()
    story.work()
    (message,) = [mail for mail in mailbox.messages if mail["To"] == ADDRESS]
    code = re.search(r"\d{6}", str(message["Subject"]))
    assert code is not None
    assert code[0] in message.get_content()
    assert 'autocomplete="one-time-code"' in ana.get(f"/s/{draft.ref}/p/1/").content.decode()
    typed = {f"correo_probado{CODE_SUFFIX}": f"{code[0][:3]} {code[0][3:]}"}
    assert post(ana, draft, **typed).status_code == 302
    draft.refresh_from_db()
    assert drafts.complete_answers(draft)["correo_probado"] == ADDRESS
    assert EmailCheck.objects.get(draft=draft).sealed is None
    assert ADDRESS not in str(list(Job.objects.values_list("payload", flat=True)))


@pytest.mark.parametrize(
    ("typed", "told"),
    [("", "Completa «Correo de la empresa»"), ("contacto@", "Escribe un correo con su arroba y su dominio")],
)
def test_who_asks_for_a_code_without_an_address_hears_what_is_wrong_with_it_and_with_nothing_else(
    typed: str, told: str, visitor: Visitor, draft: Draft
) -> None:
    empty = dict.fromkeys(drafts.page_form(draft, 1, stored=True).data, "")
    answer = post(visitor("Ana"), draft, **{**empty, "correo_probado": typed, "_change": "code:correo_probado"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert told in page
    assert page.count('class="error-text"') == 1
    assert not EmailCheck.objects.exists()


def test_a_wrong_code_leads_to_the_box_of_the_code(story: Story, visitor: Visitor, draft: Draft) -> None:
    proofs.send(draft=draft, field_id="correo_probado", address=ADDRESS, now=story.now)
    with time_machine.travel(story.now, tick=False):
        page = post(visitor("Ana"), draft, **{f"correo_probado{CODE_SUFFIX}": wrong(code_of(draft))}).content.decode()
    assert f'href="#q-correo_probado{CODE_SUFFIX}">Ese no es el código' in page
    (box,) = re.findall(r"<input[^>]*aria-invalid[^>]*>", page)
    assert 'autocomplete="one-time-code"' in box


def test_nothing_is_filed_with_an_address_nobody_proved(draft: Draft) -> None:
    with pytest.raises(drafts.Incomplete):
        drafts.complete_answers(draft)


def test_another_address_needs_its_own_proof(story: Story, draft: Draft) -> None:
    proofs.send(draft=draft, field_id="correo_probado", address=ADDRESS, now=story.now)
    assert proofs.prove(draft=draft, address=ADDRESS, code=code_of(draft), now=story.now) == ""
    other = "otro@empresa.example"
    drafts.save(draft=draft, changed={"correo_probado": other}, removed=set(), now=story.now)
    draft.refresh_from_db()
    with pytest.raises(drafts.Incomplete):
        drafts.complete_answers(draft)
    assert proofs.EmailProofs(draft)("correo_probado", ADDRESS.upper()).state == "proved"


def test_a_code_is_worth_nothing_after_half_an_hour_or_five_wrong_tries(story: Story, draft: Draft) -> None:
    proofs.send(draft=draft, field_id="correo_probado", address=ADDRESS, now=story.now)
    code = code_of(draft)
    late = story.now + proofs.LIFE
    assert proofs.prove(draft=draft, address=ADDRESS, code=code, now=late).startswith("Ese código ya no sirve")
    proofs.send(draft=draft, field_id="correo_probado", address=ADDRESS, now=story.now)
    code = code_of(draft)
    ends = [f"te quedan {left} intentos" for left in (4, 3, 2)] + ["te queda un intento", "con el botón de abajo"]
    for end in ends:
        told = proofs.prove(draft=draft, address=ADDRESS, code=wrong(code), now=story.now)
        assert told.endswith(end)
    assert proofs.prove(draft=draft, address=ADDRESS, code=code, now=story.now).startswith("Pide un código nuevo")
    assert proofs.EmailProofs(draft)("correo_probado", ADDRESS).state == "none"


def test_a_mailbox_is_not_filled_from_here(story: Story, draft: Draft) -> None:
    for _time in range(proofs.MOST_PER_HOUR):
        proofs.send(draft=draft, field_id="correo_probado", address=ADDRESS, now=story.now)
    refused = proofs.send(draft=draft, field_id="correo_probado", address=ADDRESS, now=story.now)
    assert refused.startswith("Pediste varios códigos seguidos")
    for hour in range(1, 4):
        moment = story.now + timedelta(hours=2 * hour)
        proofs.send(draft=draft, field_id="correo_probado", address=ADDRESS, now=moment)
    over = proofs.send(draft=draft, field_id="correo_probado", address=ADDRESS, now=story.now + timedelta(hours=9))
    assert over.startswith("Ya enviamos varios códigos a ese correo")
    assert EmailCheck.objects.filter(draft=draft).count() == proofs.MOST_PER_DAY


def test_who_comes_back_another_day_finds_the_address_proved(story: Story, draft: Draft) -> None:
    proofs.send(draft=draft, field_id="correo_probado", address=ADDRESS, now=story.now)
    proofs.prove(draft=draft, address=ADDRESS, code=code_of(draft), now=story.now)
    with time_machine.travel(story.now + timedelta(days=3), tick=False):
        assert drafts.complete_answers(Draft.objects.get(pk=draft.pk))["correo_probado"] == ADDRESS
    second = drafts.begin(offering=draft.offering, by=story.people["Ana"], now=story.now)
    assert proofs.EmailProofs(second)("correo_probado", ADDRESS).state == "proved"
    stranger = drafts.begin(offering=draft.offering, by=story.people["Bruno"], now=story.now)
    assert proofs.EmailProofs(stranger)("correo_probado", ADDRESS).state == "none"


def test_who_asks_for_another_code_is_told_what_became_of_it_also_over_the_limit(
    visitor: Visitor, draft: Draft
) -> None:
    ana = visitor("Ana")

    def ask() -> str:
        page = post(ana, draft, _change="code:correo_probado").content.decode()
        (said,) = re.findall(r'<p class="proof" tabindex="-1"[^>]*>(.*?)</p>', page)
        assert 'class="error-text"' not in page
        return str(said)

    assert ask() == "Escribe el código de 6 números que enviamos a contacto@empresa.example"
    for _time in range(proofs.MOST_PER_HOUR - 1):
        assert ask() == "Enviamos otro código a contacto@empresa.example. El anterior ya no sirve"
    assert ask().startswith("Pediste varios códigos seguidos. Espera una hora")
