"""Mis avisos: who sees what, and when a notice counts as read."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import Client, RequestFactory
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from accounts.models import Person, User
from documents.models import Document, ElectronicFile
from notifications.context import unread_notices
from notifications.errors import InvalidAction
from notifications.models import Delivery, Notice
from notifications.operations import mark_read
from notifications.queries import notices_of_file, unread_count
from notifications.views import PAGE_LENGTH
from tests.notifications.conftest import NOW, SendNotice

pytestmark = pytest.mark.django_db

SignIn = Callable[[Person], Client]
INBOX = reverse("notifications:inbox")


def page_of(notice: Notice) -> str:
    """The address of a notice."""
    return reverse("notifications:notice", args=[notice.pk])


def test_the_inbox_lists_the_persons_own_notices_newest_first(
    sign_in: SignIn, notify_ana: SendNotice, ana: Person, beto: Person
) -> None:
    notify_ana(subject="El primero", now=NOW)
    notify_ana(subject="El segundo", now=NOW + timedelta(hours=1))
    notify_ana(subject="El de Beto", person=beto)
    html = sign_in(ana).get(INBOX).content.decode()
    assert html.index("El segundo") < html.index("El primero")
    assert "El de Beto" not in html
    assert "17/08/2026 10:00" in html
    assert "no inicia plazos" in html


def test_an_empty_inbox_says_so(sign_in: SignIn, ana: Person) -> None:
    assert "Todavía no tienes avisos" in sign_in(ana).get(INBOX).content.decode()


def test_a_long_inbox_has_pages(sign_in: SignIn, notify_ana: SendNotice, ana: Person) -> None:
    for number in range(PAGE_LENGTH + 1):
        notify_ana(subject=f"Aviso {number}.", now=NOW + timedelta(minutes=number))
    browser = sign_in(ana)
    assert "Aviso 0." not in browser.get(INBOX).content.decode()
    assert "Aviso 0." in browser.get(INBOX, {"p": "2"}).content.decode()
    assert browser.get(INBOX, {"p": "algo"}).status_code == 200


def test_opening_a_notice_marks_it_read_once(sign_in: SignIn, notify_ana: SendNotice, ana: Person) -> None:
    notice = notify_ana()
    browser = sign_in(ana)
    assert "Nuevo" in browser.get(INBOX).content.decode()
    html = browser.get(page_of(notice)).content.decode()
    assert "Tu solicitud 2026-15 ya está en revisión. Año, día &amp; señal: &lt;ok&gt;." in html
    assert 'href="/s/7K3MQ2XW9D4HB5TV/"' in html
    assert "No es una notificación y no inicia plazos." in html
    notice.refresh_from_db()
    first_read = notice.read_at
    assert first_read is not None
    browser.get(page_of(notice))
    mark_read(notice=notice, now=NOW + timedelta(days=400))
    notice.refresh_from_db()
    assert notice.read_at == first_read
    assert "Nuevo" not in browser.get(INBOX).content.decode()


def test_a_notice_lists_the_documents_that_came_with_it(
    sign_in: SignIn, notify_ana: SendNotice, ana: Person, decree: Document
) -> None:
    html = sign_in(ana).get(page_of(notify_ana(documents=[decree]))).content.decode()
    assert "Decreto N° 12" in html


def test_the_notice_of_somebody_else_does_not_exist_for_me(
    sign_in: SignIn, notify_ana: SendNotice, beto: Person
) -> None:
    notice = notify_ana()
    assert sign_in(beto).get(page_of(notice)).status_code == 404
    notice.refresh_from_db()
    assert notice.read_at is None


def test_who_has_not_signed_in_is_sent_to_do_so(client: Client, notify_ana: SendNotice) -> None:
    for address in (INBOX, page_of(notify_ana())):
        answer = client.get(address)
        assert answer.status_code == 302
        assert f"next={address}" in answer.headers["Location"]


def test_the_inbox_is_only_read(sign_in: SignIn, ana: Person) -> None:
    assert sign_in(ana).post(INBOX).status_code == 405


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ("sent", "Te enviamos también un correo el 17/08/2026 10:00."),
        ("queued", "Te enviaremos también un correo."),
        ("unknown", "no sabemos si llegó"),
        ("failed", "No pudimos enviarte el correo"),
        ("skipped", "no tenemos una dirección válida"),
    ],
)
def test_the_notice_says_what_became_of_its_email(
    sign_in: SignIn, notify_ana: SendNotice, ana: Person, state: str, said: str
) -> None:
    notice = notify_ana()
    Delivery.objects.filter(notice=notice).update(state=state, sent_at=NOW)
    assert said in sign_in(ana).get(page_of(notice)).content.decode()


def test_officials_see_the_notices_of_a_file_with_their_deliveries(
    notify_ana: SendNotice, file: ElectronicFile, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    notify_ana()
    notify_ana()
    with django_assert_num_queries(2):
        seen = [(str(notice.person), notice.deliveries.all()[0].state) for notice in notices_of_file(file)]
    assert seen == [("Ana Araya", "queued")] * 2


def test_a_notice_that_would_lead_to_another_site_is_refused(notify_ana: SendNotice) -> None:
    with pytest.raises(InvalidAction):
        notify_ana(action_path="//otro.example/")
    assert not Notice.objects.exists()


def test_the_number_of_unread_notices_costs_one_query_and_only_when_shown(
    notify_ana: SendNotice, ana: Person, rf: RequestFactory, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    notify_ana()
    mark_read(notice=notify_ana(), now=NOW)
    request = rf.get("/")
    request.user = User.objects.create_for(ana)
    with django_assert_num_queries(0):
        count = unread_notices(request)["unread_notices"]
    with django_assert_num_queries(1):
        assert (count(), count()) == (1, 1)
    assert unread_count(ana.pk) == 1


def test_a_visitor_costs_no_query(rf: RequestFactory, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    request = rf.get("/")
    with django_assert_num_queries(0):
        assert unread_notices(request) == {}
        request.user = AnonymousUser()
        assert unread_notices(request) == {}
