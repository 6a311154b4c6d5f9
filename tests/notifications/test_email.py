"""E-mails of notices against a real SMTP server, through the job table."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection, transaction
from pytest_django import Settings

from accounts.api import open_sealed, seal
from accounts.models import Agency, Person
from jobs.api import Job, drain, retry_job
from notifications.handlers import EmailHandler, Prepared
from notifications.models import Delivery, Notice
from notifications.operations import EFFECT_FAILED, address_context
from tests.notifications.conftest import NOW, SendNotice
from tests.notifications.servers import BUSY, REFUSE, VANISH, Server

pytestmark = pytest.mark.django_db

MUCH_LATER = timedelta(hours=2)
"""Longer than any back-off and any lease."""


def delivery_of(notice: Notice) -> Delivery:
    """The e-mail of a notice as it stands."""
    return notice.deliveries.get()


def job_of(notice: Notice) -> Job:
    """The job of that e-mail as it stands."""
    job_id = delivery_of(notice).job_id
    assert job_id is not None
    return Job.objects.get(pk=job_id)


def test_an_accepted_message_is_sent_once_and_marked(server: Server, notify_ana: SendNotice) -> None:
    notice = notify_ana()
    assert delivery_of(notice).state == Delivery.State.QUEUED
    drain(NOW)
    drain(NOW + MUCH_LATER)
    sent = delivery_of(notice)
    assert (sent.state, sent.sent_at, sent.failure) == (Delivery.State.SENT, NOW, "")
    assert job_of(notice).state == Job.State.DONE
    assert server.recipients == [["ana@correo.example"]]


def test_the_message_says_who_writes_what_and_that_it_has_no_legal_effect_r31(
    server: Server, notify_ana: SendNotice, settings: Settings
) -> None:
    settings.PUBLIC_URL = "https://tramites.ejemplo.cl/"
    notice = notify_ana()
    drain(NOW)
    message = server.messages[0]
    assert message["From"] == "Municipalidad de Ejemplo <no-responder@sinpapeleo.example>"
    assert message["To"] == "ana@correo.example"
    assert message["Subject"] == "Recibimos tu solicitud"
    assert message["Message-ID"] == delivery_of(notice).message_id
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Date"].datetime == NOW
    text, html = message.get_body(("plain",)), message.get_body(("html",))
    assert text is not None
    assert html is not None
    for body in (text.get_content(), html.get_content()):
        assert "Este correo es un aviso. No es una notificación y no inicia plazos." in body
        assert "https://tramites.ejemplo.cl/s/7K3MQ2XW9D4HB5TV/" in body
        assert "Ver tu solicitud" in body
    assert "Año, día & señal: <ok>." in text.get_content()
    assert "Año, día &amp; señal: &lt;ok&gt;." in html.get_content()


def test_the_message_tells_no_more_of_the_person_than_the_notice_does(
    server: Server, notify_ana: SendNotice, ana: Person
) -> None:
    notify_ana(body="Hay novedades.")
    drain(NOW)
    assert b"Araya" not in server.kept[0]
    assert b"11111111" not in server.kept[0].replace(b".", b"")


def test_a_notice_without_action_links_to_itself(server: Server, notify_ana: SendNotice) -> None:
    notice = notify_ana(action_label="", action_path="")
    drain(NOW)
    assert f"/mis-avisos/{notice.pk}/".encode() in server.kept[0]


def test_try_later_is_tried_later_and_then_sent(server: Server, notify_ana: SendNotice) -> None:
    server.to_data = [BUSY]
    notice = notify_ana()
    drain(NOW)
    waiting = delivery_of(notice)
    assert (waiting.state, waiting.failure) == (Delivery.State.QUEUED, "SMTP 451")
    assert job_of(notice).state == Job.State.READY
    drain(NOW)
    assert server.kept == []
    drain(NOW + MUCH_LATER)
    assert (delivery_of(notice).state, len(server.kept)) == (Delivery.State.SENT, 1)


@pytest.mark.parametrize("moment", ["to_recipient", "to_data"])
def test_a_refusal_for_good_is_given_up_at_once_and_tells_the_case(
    server: Server, notify_ana: SendNotice, moment: str
) -> None:
    setattr(server, moment, [REFUSE])
    notice = notify_ana(case_id=None)
    Job.objects.update(on_dead=EFFECT_FAILED)
    drain(NOW)
    failed = delivery_of(notice)
    assert (failed.state, failed.failure) == (Delivery.State.FAILED, "SMTP 550")
    assert job_of(notice).state == Job.State.DEAD
    follow_up = Job.objects.get(kind=EFFECT_FAILED)
    assert follow_up.payload["payload"] == {"delivery": failed.pk}
    assert "ana@" not in job_of(notice).last_error


def test_an_operator_may_send_a_given_up_message_again(server: Server, notify_ana: SendNotice) -> None:
    server.to_recipient = [REFUSE]
    notice = notify_ana()
    drain(NOW)
    retry_job(job_id=job_of(notice).pk, now=NOW)
    drain(NOW)
    assert (delivery_of(notice).state, len(server.kept)) == (Delivery.State.SENT, 1)


def test_a_line_cut_after_the_message_leaves_doubt_and_the_repeat_is_recognisable(
    server: Server, notify_ana: SendNotice
) -> None:
    server.to_data = [VANISH]
    notice = notify_ana()
    drain(NOW)
    assert delivery_of(notice).state == Delivery.State.UNKNOWN
    assert job_of(notice).state == Job.State.UNKNOWN
    drain(NOW + MUCH_LATER)
    assert delivery_of(notice).state == Delivery.State.SENT
    first, second = server.kept
    assert first == second
    assert server.messages[0]["Message-ID"] == delivery_of(notice).message_id


def test_a_message_that_was_ever_in_doubt_is_never_called_failed(server: Server, notify_ana: SendNotice) -> None:
    server.to_data = [VANISH]
    notice = notify_ana()
    drain(NOW)
    server.to_recipient = [REFUSE]
    drain(NOW + MUCH_LATER)
    assert job_of(notice).state == Job.State.DEAD
    assert delivery_of(notice).state == Delivery.State.UNKNOWN


def test_a_server_that_never_answers_is_left_after_the_time_out(black_hole: None, notify_ana: SendNotice) -> None:
    notice = notify_ana()
    drain(NOW)
    waiting = delivery_of(notice)
    assert (waiting.state, waiting.failure) == (Delivery.State.QUEUED, "SMTPServerDisconnected")
    assert job_of(notice).state == Job.State.READY


def test_a_server_that_is_not_there_is_tried_for_a_day_and_then_given_up(
    server: Server, notify_ana: SendNotice, settings: Settings
) -> None:
    notice = notify_ana()
    settings.EMAIL_PORT = 9
    now = NOW
    for _ in range(EmailHandler.max_attempts):
        drain(now)
        now = job_of(notice).run_at or now
    assert job_of(notice).state == Job.State.DEAD
    assert timedelta(hours=18) < now - NOW < timedelta(hours=36)
    assert (delivery_of(notice).state, delivery_of(notice).failure) == (
        Delivery.State.FAILED,
        "ConnectionRefusedError",
    )


def test_what_is_sent_is_what_was_written_whatever_changes_later(
    server: Server, notify_ana: SendNotice, ana: Person, agency: Agency
) -> None:
    server.to_data = [BUSY]
    notify_ana(subject="Aviso para Ana")
    ana.given_names, ana.email = "Otra", "otra@correo.example"
    ana.save()
    agency.name = "Municipalidad Renombrada"
    agency.save()
    drain(NOW)
    drain(NOW + MUCH_LATER)
    message = server.messages[0]
    body = message.get_body(("plain",))
    assert body is not None
    assert "Hola, Ana." in body.get_content()
    assert message["From"].addresses[0].display_name == "Municipalidad de Ejemplo"
    assert server.recipients == [["ana@correo.example"]]


class Cancelled(Exception):
    """The deciding transaction changes its mind."""


@pytest.mark.parametrize(("cancel", "messages"), [(True, 0), (False, 1)])
def test_a_transaction_that_rolls_back_sends_nothing(
    server: Server, notify_ana: SendNotice, cancel: bool, messages: int
) -> None:
    def decide() -> None:
        with transaction.atomic():
            notify_ana()
            if cancel:
                raise Cancelled

    if cancel:
        with pytest.raises(Cancelled):
            decide()
    else:
        decide()
    drain(NOW)
    assert len(server.kept) == Notice.objects.count() == messages


def test_inside_the_deciding_transaction_nothing_has_left_yet(server: Server, notify_ana: SendNotice) -> None:
    with transaction.atomic():
        notify_ana()
        assert server.kept == []
    assert server.kept == []


@pytest.mark.django_db(transaction=True)
def test_no_transaction_is_open_while_the_server_is_spoken_to(
    server: Server, notify_ana: SendNotice, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []
    monkeypatch.setattr(
        "notifications.handlers.smtp.hand_over", lambda *_, **__: seen.append(connection.in_atomic_block)
    )
    notify_ana()
    drain(NOW)
    assert seen == [False]


@pytest.mark.parametrize(("later", "copies"), [(timedelta(0), 1), (MUCH_LATER, 2)])
def test_a_second_worker_finds_the_message_taken_until_the_lease_is_over(
    server: Server, notify_ana: SendNotice, monkeypatch: pytest.MonkeyPatch, later: timedelta, copies: int
) -> None:
    """The second case is the control: it shows that a repeat would be seen here."""
    call: Callable[[EmailHandler, Prepared, str], object] = EmailHandler.call
    started = []

    def call_while_another_drains(self: EmailHandler, prepared: Prepared, key: str) -> object:
        started.append(key)
        if len(started) == 1:
            drain(NOW + later)
        return call(self, prepared, key)

    monkeypatch.setattr(EmailHandler, "call", call_while_another_drains)
    notice = notify_ana()
    drain(NOW)
    assert len(server.kept) == copies
    assert {message["Message-ID"] for message in server.messages} == {delivery_of(notice).message_id}
    assert delivery_of(notice).state == Delivery.State.SENT


def test_a_worker_that_died_after_handing_over_leaves_the_truth(server: Server, notify_ana: SendNotice) -> None:
    notice = notify_ana()
    handler, job = EmailHandler(), job_of(notice)
    handler.call(handler.prepare(job), "job-1")
    assert delivery_of(notice).state == Delivery.State.UNKNOWN


def test_the_address_is_kept_sealed_and_bound_to_its_delivery(notify_ana: SendNotice) -> None:
    first, second = delivery_of(notify_ana()), delivery_of(notify_ana())
    assert first.address_sealed is not None
    assert b"ana@" not in bytes(first.address_sealed)
    assert open_sealed(bytes(first.address_sealed), address_context(first)) == b"ana@correo.example"
    assert address_context(first) != address_context(second)


def test_no_personal_data_stands_in_the_job_or_in_a_traceback(server: Server, notify_ana: SendNotice) -> None:
    notice = notify_ana()
    job = job_of(notice)
    assert job.payload == {"delivery": delivery_of(notice).pk}
    prepared = EmailHandler().prepare(job)
    assert "ana" not in repr(prepared)
    drain(NOW)
    assert job_of(notice).result == {"delivery": delivery_of(notice).pk}


def test_a_line_break_in_an_answer_starts_no_header(server: Server, notify_ana: SendNotice, agency: Agency) -> None:
    agency.name = "Municipalidad\r\nBcc: todos@correo.example"
    notify_ana(subject="Hola\r\nBcc: todos@correo.example\u2028X: y", agency=agency)
    drain(NOW)
    message = server.messages[0]
    assert message["Bcc"] is None
    assert message["Subject"] == "Hola Bcc: todos@correo.example X: y"
    assert server.recipients == [["ana@correo.example"]]


@pytest.mark.parametrize(
    "address",
    [
        "",
        "   ",
        "ana",
        "ana@correo.example\r\nBcc: todos@correo.example",
        "ana@correo.example, todos@correo.example",
        "ana@correo.example todos@correo.example",
        "Ana <ana@correo.example>",
        "ana@correo",
        "ana@correo.example>\x00",
    ],
)
def test_without_one_valid_address_the_inbox_has_it_and_nothing_is_queued(
    notify_ana: SendNotice, ana: Person, address: str
) -> None:
    notice = notify_ana(email=address)
    skipped = delivery_of(notice)
    assert (skipped.state, skipped.address_sealed, skipped.job_id) == (Delivery.State.SKIPPED, None, None)
    assert list(ana.notices.all()) == [notice]
    assert not Job.objects.exists()


def test_a_domain_with_accents_is_written_to_in_ascii(server: Server, notify_ana: SendNotice) -> None:
    notify_ana(email="ana@señal.example")
    drain(NOW)
    assert server.recipients == [["ana@xn--seal-hqa.example"]]


def test_an_email_bound_to_a_case_tells_it_when_given_up_and_others_tell_nobody(notify_ana: SendNotice) -> None:
    assert job_of(notify_ana(case_id=5)).on_dead == EFFECT_FAILED
    assert job_of(notify_ana(case_id=5)).case_id == 5
    assert job_of(notify_ana()).on_dead == ""


def test_a_sealed_address_of_another_delivery_does_not_open(server: Server, notify_ana: SendNotice) -> None:
    notice, other = notify_ana(), notify_ana()
    stolen = seal(b"mala@correo.example", address_context(delivery_of(other)))
    Delivery.objects.filter(notice=notice).update(address_sealed=stolen)
    drain(NOW)
    assert len(server.kept) == 1
    assert delivery_of(notice).state == Delivery.State.QUEUED
