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

from notifications.models import Delivery


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
    message["Content-Language"] = "es-CL"
    text, html = _bodies(delivery)
    message.set_content(text, cte="quoted-printable")
    message.add_alternative(html, subtype="html", cte="quoted-printable")
    message.set_boundary(f"=_aviso_{delivery.pk}_=")
    return message


def sender_address() -> str:
    """The address that all e-mails leave from."""
    return parseaddr(settings.DEFAULT_FROM_EMAIL)[1]


def _bodies(delivery: Delivery) -> tuple[str, str]:
    """The plain and the HTML body, in Spanish whatever the language of the process."""
    notice = delivery.notice
    path = notice.action_path or reverse("notifications:notice", args=[notice.pk])
    facts = {
        "sender": delivery.sender_name,
        "notice": notice,
        "url": settings.PUBLIC_URL.rstrip("/") + path,
        "demo": settings.DEMO,
    }
    with translation.override(settings.LANGUAGE_CODE):
        text = render_to_string("notifications/email.txt", facts)
        return text, render_to_string("notifications/email.html", facts)


def compose_code(*, key: str, sender_name: str, address: str, code: str, minutes: int, at: datetime) -> EmailMessage:
    """The message with a one-time code. The same `key` gives the same Message-ID, so that a repeat is known as one."""
    facts = {"sender": sender_name, "code": code, "minutes": minutes, "demo": settings.DEMO}
    message = EmailMessage(policy=SMTP)
    message["From"] = Address(sender_name, addr_spec=sender_address())
    message["To"] = Address(addr_spec=address)
    message["Date"] = at
    message["Message-ID"] = f"<code.{key}@{sender_address().rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    message["Content-Language"] = "es-CL"
    with translation.override(settings.LANGUAGE_CODE):
        message["Subject"] = translation.gettext("Tu código es %(code)s") % {"code": code}
        message.set_content(render_to_string("notifications/code.txt", facts), cte="quoted-printable")
    return message
