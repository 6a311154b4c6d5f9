"""Addresses of e-mail that a person proves with a code, in an application or to be told of things.

The page tells nothing of who has an account here: a code goes to whatever address was typed, within limits, and only
who reads that mailbox can go on. It works without script: the code is one more box of the page.
"""

from __future__ import annotations

import hmac
import json
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.api import blind_index, open_sealed, seal
from accounts.models import Agency, Person
from jobs.api import enqueue
from procedures.api import CODE_SUFFIX, PageForm, Proof
from workflows.models import Draft, EmailCheck

EMAIL_CODE = "workflows.email_code"
"""Kind of the job that sends a code."""
LIFE = timedelta(minutes=30)
MOST_TRIES = 5
"""Wrong codes after which a code is worth nothing."""
MOST_PER_HOUR = 5
"""Codes that one application may ask for in an hour."""
MOST_PER_DAY = 8
"""Codes that one address receives in a day, whoever asks: nobody's mailbox is filled from here."""


@dataclass
class EmailProofs:
    """What a page of a draft knows of its addresses; `attend` acts on what was posted, and the page then says it."""

    draft: Draft
    lacking: dict[str, str] = field(default_factory=dict)
    """{question id: what keeps the page from going on}."""
    said: dict[str, str] = field(default_factory=dict)
    """{question id: what became of the code that the person asked for with the button}."""
    _seen: dict[str, str] = field(default_factory=dict)

    def __call__(self, field_id: str, address: str) -> Proof:
        """How far the proof of an address is."""
        key = index_of(address)
        if key not in self._seen:
            self._seen[key] = self._look(key)
        return Proof(self._seen[key], self.lacking.get(field_id, ""), self.said.get(field_id, ""))  # type: ignore[arg-type]

    def _look(self, key: str) -> str:
        found = _checks_of(self.draft).filter(address_index=key)
        if found.filter(proved_at__isnull=False).exists():
            return "proved"
        open_one = found.filter(draft=self.draft, sealed__isnull=False).exists()
        return "sent" if open_one else "none"

    def attend(self, form: PageForm, posted: Mapping[str, Any], now: datetime) -> None:
        """Try the codes that were typed, and send those that are wanted: asked for, or needed to go on."""
        for box in form.boxes:
            address = form.values.get(box.question.id)
            if not box.question.verified or not box.visible or not address:
                continue
            if self(box.question.id, address).state == "proved":
                continue
            typed = re.sub(r"\D", "", str(posted.get(f"{box.name}{CODE_SUFFIX}", "")))[:12]
            if form.change == ["code", box.name]:
                self.said[box.question.id] = send(draft=self.draft, field_id=box.question.id, address=address, now=now)
            elif typed:
                self.lacking[box.question.id] = prove(draft=self.draft, address=address, code=typed, now=now)
            elif not form.change and not self._is_sent(address):
                told = send(draft=self.draft, field_id=box.question.id, address=address, now=now)
                self.lacking[box.question.id] = told
        self._seen.clear()

    def _is_sent(self, address: str) -> bool:
        return self("", address).state == "sent"


@transaction.atomic
def send(*, draft: Draft, field_id: str, address: str, now: datetime) -> str:
    """Send a new code to the address, which makes the former ones worthless; returns what to tell the person."""
    return _send(EmailCheck(draft=draft, field_id=field_id), draft.agency, address, now)


@transaction.atomic
def send_to_person(*, person: Person, agency: Agency, address: str, now: datetime) -> str:
    """The same for an address at which the person wants to be told of things, in the agency's name."""
    EmailCheck.objects.filter(person=person, sent_at__lt=now - timedelta(days=1)).delete()
    return _send(EmailCheck(person=person), agency, address, now)


def _send(check: EmailCheck, agency: Agency, address: str, now: datetime) -> str:
    key, mine = index_of(address), EmailCheck.objects.filter(draft=check.draft, person=check.person)
    since = EmailCheck.objects.filter(sent_at__gt=now - timedelta(days=1))
    if since.filter(address_index=key).count() >= MOST_PER_DAY:
        return _("Ya enviamos varios códigos a ese correo. Prueba mañana, o escribe otro correo")
    if mine.filter(sent_at__gt=now - timedelta(hours=1)).count() >= MOST_PER_HOUR:
        return _("Pediste varios códigos seguidos. Espera una hora, o escribe el último que te llegó")
    former = mine.filter(address_index=key, sealed__isnull=False).update(sealed=None)
    code = f"{secrets.randbelow(10**6):06}"
    check.address_index, check.sent_at, check.expires_at = key, now, now + LIFE
    check.save(force_insert=True)
    content = {"address": address, "code": code, "agency": agency.name, "language": get_language() or "es"}
    check.sealed = seal(json.dumps(content).encode(), context_of(check))
    check.save(update_fields=["sealed"])
    enqueue(kind=EMAIL_CODE, payload={"check": check.pk}, now=now, agency_id=agency.pk)
    if former:
        return _("Enviamos otro código a %(email)s. El anterior ya no sirve") % {"email": address}
    return _("Escribe el código de 6 números que enviamos a %(email)s") % {"email": address}


def prove(*, draft: Draft, address: str, code: str, now: datetime) -> str:
    """Compare a typed code with the one that was sent; returns what to tell the person, empty when it is right."""
    sent = EmailCheck.objects.filter(draft=draft, address_index=index_of(address), sealed__isnull=False)
    return _prove(sent.last(), code, now)


def prove_of_person(*, person: Person, code: str, now: datetime) -> tuple[str, str]:
    """The same of the address that waits for a code: (what to tell, the address when the code is right)."""
    check = _waiting(person, now)
    address = sent_in(check)["address"] if check is not None else ""
    told = _prove(check, code, now)
    return told, "" if told else address


def address_waiting(person: Person, now: datetime) -> str:
    """The address outside applications to which a code went that still serves; empty when none waits for one."""
    check = _waiting(person, now)
    return sent_in(check)["address"] if check is not None else ""


def _waiting(person: Person, now: datetime) -> EmailCheck | None:
    return EmailCheck.objects.filter(person=person, sealed__isnull=False, expires_at__gt=now).last()


def _wrong_code(check: EmailCheck, left: int) -> str:
    """What to do after a wrong code; after the last one the code serves no more, and another may be asked for."""
    if left > 1:
        return _("Ese no es el código. Revisa los 6 números: te quedan %(left)s intentos") % {"left": left}
    if left == 1:
        return _("Ese no es el código. Revisa los 6 números: te queda un intento")
    EmailCheck.objects.filter(pk=check.pk).update(sealed=None)
    return _("Ese no era el código, y ya no sirve. Pide uno nuevo con el botón de abajo")


def _prove(check: EmailCheck | None, code: str, now: datetime) -> str:
    """Each try is counted before it is compared, so that tries at once count too."""
    if check is None:
        return _("Pide un código nuevo con el botón de abajo")
    counted = EmailCheck.objects.filter(pk=check.pk, tries__lt=MOST_TRIES, sealed__isnull=False, expires_at__gt=now)
    if not counted.update(tries=F("tries") + 1):
        EmailCheck.objects.filter(pk=check.pk).update(sealed=None)
        return _("Ese código ya no sirve. Pide uno nuevo con el botón de abajo")
    if not hmac.compare_digest(str(sent_in(check)["code"]).encode(), code.encode()):
        return _wrong_code(check, MOST_TRIES - check.tries - 1)
    EmailCheck.objects.filter(pk=check.pk).update(proved_at=now, sealed=None)
    return ""


def vouch(*, draft: Draft, now: datetime) -> None:
    """Take the addresses of a rehearsal as proved: nobody reads the mail of imaginary people."""
    for question, address in draft.answers.items():
        if isinstance(address, str) and "@" in address:
            EmailCheck.objects.create(
                draft=draft,
                field_id=question,
                address_index=index_of(address),
                sent_at=now,
                expires_at=now,
                proved_at=now,
            )


def _checks_of(draft: Draft) -> Any:
    """What was proved in this application: in this draft, in the one that was filed, or by the same person before."""
    same = Q(draft=draft)
    if draft.task is not None:
        same |= Q(draft__ref=draft.task.process.ref)
    if not draft.is_at_counter:
        same |= Q(draft__person_id=draft.person_id, draft__attendance=None)
    return EmailCheck.objects.filter(same)


def index_of(address: str) -> str:
    """What an address is found by: no row of a check can be read back to it."""
    return blind_index(address.lower(), "email-check")


def context_of(check: EmailCheck) -> str:
    """Where the sealed content of a check belongs."""
    return f"workflows_emailcheck.sealed:{check.pk}"


def sent_in(check: EmailCheck) -> dict[str, str]:
    """The address, the code, the agency's name and the page's language of a check that is still open."""
    assert check.sealed is not None
    content: dict[str, str] = json.loads(open_sealed(bytes(check.sealed), context_of(check)))
    return content
