"""Where supporters are told by e-mail: an address proved with a code. Without one, "Mis avisos" has it all."""

from __future__ import annotations

import re
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.api import keep_email
from accounts.models import Agency, Person
from workflows.api import prove_of_person, send_to_person


@transaction.atomic
def ask_code(*, person: Person, agency: Agency, email: str, now: datetime) -> str:
    """Send a code to the address; what to tell the person. Nothing else is sent there before they type it."""
    return send_to_person(person=person, agency=agency, address=email, now=now)


def confirm(*, person: Person, code: str, now: datetime) -> str:
    """Keep the address if the code is right; what to tell the person, empty when it is kept.

    Not one transaction: a wrong try stays counted.
    """
    told, address = prove_of_person(person=person, code=re.sub(r"\D", "", code)[:12], now=now)
    if address:
        keep_email(person=person, email=address, proved_at=now)
    return told


@transaction.atomic
def forget(*, person: Person) -> str:
    """Send no more e-mail to the person; what to tell them."""
    keep_email(person=person, email="", proved_at=None)
    return _("No te escribiremos por correo. Lo que haya que avisarte queda en «Mis avisos».")


def proved_address(person: Person) -> str:
    """The address that the person proved; empty when they gave none or proved none."""
    return person.email if person.email_verified_at is not None else ""
