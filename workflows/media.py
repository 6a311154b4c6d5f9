"""By which medium a person is legally notified, and why (Ley 19.880 arts. 30 a and 46; DS4 arts. 18, 25, 28 and 31)."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Person
from legaltime.api import local_date, now
from notifications.api import sendings_of, unreached
from notifications.models import NotificationRecord, PlatformSending
from workflows import exemptions
from workflows.models import Case, CaseParty, Exemption
from workflows.representing import has_lapsed

Medium = NotificationRecord.Medium
ALWAYS = frozenset({Medium.OFFICE, Medium.TACIT})
"""What needs no reason: the person came, or acted knowing of it (arts. 46 and 47)."""

_WAYS = {
    Exemption.Medium.LETTER: gettext_lazy("por carta certificada"),
    Exemption.Medium.OFFICE: gettext_lazy("en la oficina"),
}
_RULED = gettext_lazy(
    "%(name)s tiene una excepción concedida el %(day)s (solicitud N° %(number)s): se le notifica %(way)s "
    "(DS 4, art. 28)."
)
_PENDING = gettext_lazy(
    "%(name)s pidió el %(day)s que se le notifique %(way)s (solicitud N° %(number)s), y mientras se responde se hace "
    "así. Si no se puede, va por carta certificada (DS 4, art. 31)."
)
_ANSWERED = {
    PlatformSending.Answer.EXEMPTED: gettext_lazy(
        "La Plataforma respondió que %(name)s está fuera de lo electrónico por una excepción: va por carta certificada "
        "(Ley 19.880, art. 46)."
    ),
    PlatformSending.Answer.NO_DOMICILE: gettext_lazy(
        "La Plataforma respondió que %(name)s no tiene domicilio digital: va por carta certificada, que explica cómo "
        "fijar uno (DS 4, art. 25)."
    ),
}
_BY_POST = gettext_lazy("%(name)s pidió respuesta por carta: dio una dirección y ningún correo (Ley 20.285, art. 12).")
_UNKNOWN = gettext_lazy(
    "%(name)s no presentó la solicitud y no se le conoce un domicilio digital: va por carta certificada, que explica "
    "cómo fijar uno (DS 4, art. 25)."
)
_GAVE_EMAIL = gettext_lazy(
    "%(name)s dio el correo %(email)s: va por la Plataforma, a su domicilio digital (Ley 19.880, arts. 30 y 46)."
)
_GAVE_NONE = gettext_lazy("%(name)s no indicó correo: va por la Plataforma, a su domicilio digital (DS 4, art. 18).")
_NOBODY_ACTS = gettext_lazy(
    "Nadie tiene hoy un poder vigente para actuar por %(party)s: va por carta certificada a su domicilio "
    "(Ley 19.880, arts. 22 y 46)."
)
_NO_RUN = gettext_lazy(
    "%(name)s presentó sin ClaveÚnica y no tiene un RUN con que enviarle por la Plataforma: elige según lo que pidió."
)


@dataclass(frozen=True)
class RightMedium:
    """The medium by which somebody is to be notified, why in words, and where a letter goes.

    `medium` is None where no rule says it. `explains_domicile`: whether a letter must say how to set a digital one.
    """

    medium: Medium | None
    why: str
    address: str = ""
    explains_domicile: bool = False

    def departs(self, medium: str) -> bool:
        """Whether using this medium instead needs a reason."""
        return self.medium is not None and medium not in ALWAYS and medium != self.medium


def right_medium(case: Case, person: Person) -> RightMedium:
    """The medium of the next notification of somebody of the case, or of who acts for them."""
    party = _party(case, person)
    words = {"name": str(person), "email": party.email if party is not None else ""}
    asked = exemptions.standing(party.person_id, case.agency_id) if party is not None and party.person_id else None
    if asked is not None and asked.medium and asked.state == Exemption.State.GRANTED:
        return _as_asked(asked, _RULED, words)
    answered = sendings_of(case.file).filter(person=person).last()
    address = party.postal_address if party is not None else ""
    if answered is not None and answered.answer != PlatformSending.Answer.SENT:
        why = str(_ANSWERED[PlatformSending.Answer(answered.answer)]) % words
        lacks = answered.answer == PlatformSending.Answer.NO_DOMICILE
        return RightMedium(Medium.LETTER, why, address, explains_domicile=lacks)
    if asked is not None and asked.medium and asked.state == Exemption.State.ASKED:
        return _as_asked(asked, _PENDING, words)
    return _as_given(party, words)


def unreached_by_platform(case: Case) -> dict[tuple[str, int], str]:
    """{(step, occurrence): why it goes by another way} of what the platform could not bring to somebody (R29)."""
    waiting = unreached(Case.objects.filter(pk=case.pk).values("file"))
    return {(one.subject_id, one.occurrence): right_medium(case, one.person).why for one in waiting}


def _party(case: Case, person: Person) -> CaseParty | None:
    """The interested person that somebody is or acts for, themselves first."""
    present = list(case.parties.filter(left_at=None).select_related("person").order_by("pk"))
    own = [one for one in present if one.person_id == person.pk]
    return next(iter([*own, *(one for one in present if one.representative_id == person.pk)]), None)


def _as_asked(asked: Exemption, why: Promise, words: dict[str, str]) -> RightMedium:
    said = {
        **words,
        "day": date_format(asked.since, "SHORT_DATE_FORMAT"),
        "number": asked.case.number,
        "way": str(_WAYS[Exemption.Medium(asked.medium)]),
    }
    return RightMedium(Medium(asked.medium), str(why) % said, asked.address)


def _as_given(party: CaseParty | None, words: dict[str, str]) -> RightMedium:
    """What the application says, or what is due to who did not apply."""
    if party is None:
        return RightMedium(None, _("Ya no interviene en la solicitud."))
    address = party.postal_address
    if party.organisation_id is not None and has_lapsed(party, local_date(now(), party.agency.time_zone)):
        return RightMedium(Medium.LETTER, str(_NOBODY_ACTS) % {"party": party}, address)
    if party.kind != CaseParty.Kind.APPLICANT and not party.email:
        return RightMedium(Medium.LETTER, str(_UNKNOWN) % words, address, explains_domicile=True)
    if not party.email and address:
        return RightMedium(Medium.LETTER, str(_BY_POST) % words, address)
    if party.person is not None and party.person.is_declared:
        return RightMedium(None, str(_NO_RUN) % words, address)
    return RightMedium(Medium.PLATFORM, str(_GAVE_EMAIL if party.email else _GAVE_NONE) % words, address)
