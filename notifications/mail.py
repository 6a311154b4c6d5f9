"""The e-mail of a notice. Made from frozen rows alone, so that every attempt sends the same bytes."""

from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import parseaddr

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from notifications.models import SPANISH, Delivery, Notice

_CHILEAN = "es-CL"


def compose(delivery: Delivery, address: str) -> EmailMessage:
    """The message for `address`, text and HTML. ValueError when a header would hold a line break."""
    notice = delivery.notice
    message = EmailMessage(policy=SMTP)
    message["From"] = Address(delivery.sender_name, addr_spec=sender_address())
    message["To"] = Address(addr_spec=address)
    message["Subject"] = notice.subject
    message["Date"] = notice.created_at
    message["Message-ID"] = delivery.message_id
    message["Auto-Submitted"] = "auto-generated"
    text, html = _bodies(delivery)
    message.set_content(text, cte="quoted-printable")
    message.add_alternative(html, subtype="html", cte="quoted-printable")
    message["Content-Language"] = ", ".join(_languages(notice))  # after the content, which drops such headers
    message.set_boundary(f"=_aviso_{delivery.pk}_=")
    return message


def sender_address() -> str:
    """The address that all e-mails leave from."""
    return parseaddr(settings.DEFAULT_FROM_EMAIL)[1]


def _languages(notice: Notice) -> list[str]:
    """That of the words and of the text, the person's first, then the Spanish that stands there too (RFC 3282)."""
    said = {_frame(notice.language), notice.subject_language, notice.body_language}
    return [*sorted(said - {SPANISH, _CHILEAN}), _CHILEAN]


def _bodies(delivery: Delivery) -> tuple[str, str]:
    """The plain and the HTML body, in the language frozen with the notice whatever that of the process."""
    notice = delivery.notice
    path = notice.action_path or reverse("notifications:notice", args=[notice.pk])
    facts = {
        "sender": delivery.sender_name,
        "notice": notice,
        "url": settings.PUBLIC_URL.rstrip("/") + path,
        "demo": settings.DEMO,
        "frame": _frame(notice.language),
        "spanish": _CHILEAN,
    }
    with translation.override(notice.language):
        text = render_to_string("notifications/email.txt", facts)
        return text, render_to_string("notifications/email.html", facts)


def _frame(language: str) -> str:
    """In which language the words around a notice are: Spanish where the platform does not speak the person's."""
    return language if language != SPANISH and language in dict(settings.LANGUAGES) else _CHILEAN


def compose_code(
    *, key: str, sender_name: str, address: str, code: str, minutes: int, language: str, at: datetime
) -> EmailMessage:
    """The message with a one-time code. The same `key` gives the same Message-ID, so that a repeat is known as one."""
    facts = {"sender": sender_name, "code": code, "minutes": minutes, "demo": settings.DEMO}
    message = EmailMessage(policy=SMTP)
    message["From"] = Address(sender_name, addr_spec=sender_address())
    message["To"] = Address(addr_spec=address)
    message["Date"] = at
    message["Message-ID"] = f"<code.{key}@{sender_address().rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    with translation.override(language):
        message["Subject"] = translation.gettext("Tu código es %(code)s") % {"code": code}
        message.set_content(render_to_string("notifications/code.txt", facts), cte="quoted-printable")
    message["Content-Language"] = _frame(language)
    return message
