"""Hands one message to the mail server, and says with certainty what is certain about the outcome."""

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from django.conf import settings

from jobs.api import GiveUp, OutcomeUnknown, Retry

ACCEPTED = 250


def hand_over(message: bytes, *, sender: str, recipient: str) -> None:
    """Return once the server has accepted the message.

    Retry: it certainly has not (no connection, 4xx). GiveUp: it refuses for good (5xx).
    OutcomeUnknown: the line broke after the message began to leave, so the server may have it.
    The reasons name reply codes only: a server's own words may quote the address.
    """
    with _connection() as server:
        with _before_data():
            _check(server.mail(sender)[0])
            _check(server.rcpt(recipient)[0])
        _send_body(server, message)
        with suppress(OSError, smtplib.SMTPException):
            server.quit()


@contextmanager
def _connection() -> Iterator[smtplib.SMTP]:
    with _before_data():
        server = smtplib.SMTP(settings.EMAIL_HOST, settings.EMAIL_PORT, timeout=settings.EMAIL_TIMEOUT)
    try:
        with _before_data():
            _introduce(server)
        yield server
    finally:
        server.close()


def _introduce(server: smtplib.SMTP) -> None:
    """Greet, and where the settings say so encrypt the line and sign in."""
    server.ehlo_or_helo_if_needed()
    if settings.EMAIL_USE_TLS:
        server.starttls(context=ssl.create_default_context())
    if settings.EMAIL_HOST_USER:
        server.login(settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD)


@contextmanager
def _before_data() -> Iterator[None]:
    """Whatever fails here fails before the message leaves: it may be tried again without doubt."""
    try:
        yield
    except smtplib.SMTPResponseException as error:
        raise Retry(f"SMTP {error.smtp_code}") from None
    except (OSError, smtplib.SMTPException) as error:
        raise Retry(type(error).__name__) from None


def _send_body(server: smtplib.SMTP, message: bytes) -> None:
    try:
        code = server.data(message)[0]
    except smtplib.SMTPDataError as error:
        _check(error.smtp_code)
    except (OSError, smtplib.SMTPException) as error:
        raise OutcomeUnknown(type(error).__name__) from None
    else:
        _check(code)


def _check(code: int) -> None:
    """Turn a reply other than "accepted" into Retry or GiveUp (RFC 5321 4.2.1)."""
    if code in {ACCEPTED, 251}:
        return
    raise (GiveUp if code >= 500 else Retry)(f"SMTP {code}")
