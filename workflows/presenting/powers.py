"""The powers that a person gave and holds, in words."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.utils.formats import date_format
from django.utils.html import strip_tags
from django.utils.translation import gettext as _

from accounts.api import format_run, organisations_governed, powers_held, run_of
from accounts.models import Mandate, Organisation, Person
from procedures.models import CatalogueEntry, Online
from workflows.commands.powers import is_last, others_of_organisation
from workflows.models import CaseParty
from workflows.presenting.endings import endings
from workflows.presenting.language import entry_texts

RECENT = 20
"""Documents waiting or refused that are listed."""
MOST_CASES = 200
"""Applications of an organisation that are listed."""


def scopes() -> list[tuple[str, str]]:
    """The procedures that a power may be limited to: code and name, as the page says it, of those done here."""
    entries = list(CatalogueEntry.objects.filter(online=Online.HERE).order_by("name"))
    texts = entry_texts(entries)
    names = {entry.code: strip_tags(texts[entry.pk][0]) if entry.pk in texts else entry.name for entry in entries}
    return list(names.items())


def powers_context(person: Person, on: date) -> dict[str, Any]:
    """Powers given and held that are in force."""
    titles = dict(scopes())
    given = Mandate.objects.filter(grantor_person=person, revoked_at=None).select_related("representative")
    return {
        "given": [_row(power, run_in_words(power), titles) for power in _in_force(given, on)],
        "held": [
            _row(power, str(power.grantor_person or power.grantor_organisation), titles)
            for power in powers_held(person, on).order_by("-pk")
        ],
        "organisations": organisations_governed(person, on),
        "claims": [
            {"grantor": claim.as_written, "form": claim.get_form_display(), "claim": claim}
            for claim in person.power_claims.filter(mandate=None).select_related("agency").order_by("-pk")[:RECENT]
        ],
    }


def organisation_context(organisation: Organisation, on: date) -> dict[str, Any]:
    """Who may act for an organisation, and everything it applied for."""
    titles = dict(scopes())
    given = organisation.mandates.filter(revoked_at=None).select_related("representative").order_by("-pk")
    parties = CaseParty.objects.filter(organisation=organisation).order_by("-case__filed_at")
    parties = parties.select_related("case__agency", "representative").defer("case__flow_class")
    return {
        "organisation": organisation,
        "rut": format_run(organisation.rut),
        "given": [_row(power, _holder(power), titles) for power in _in_force(given, on)],
        "parties": _with_state(parties[:MOST_CASES]),
    }


def _with_state(parties: Iterable[CaseParty]) -> list[tuple[CaseParty, str]]:
    """Each with where its case stands: under way, or how it ended."""
    found = list(parties)
    ended = endings([party.case for party in found])
    return [(party, ended.get(party.case_id) or _("En trámite")) for party in found]


def granted(power: Mandate) -> str:
    """What is said to whoever gave a power."""
    words = {"name": run_in_words(power), "organisation": str(power.grantor_organisation or "")}
    if power.grantor_organisation is not None:
        said = _("Listo: %(name)s ya puede actuar por %(organisation)s.")
    else:
        said = _("Listo: %(name)s ya puede actuar por ti. Avísale tú: nosotros no le escribimos.")
    again = _("Si al entrar no le aparece, quítalo y dalo otra vez con su RUN y sus nombres como están en su cédula.")
    return f"{said % words} {again}"


def left_behind(power: Mandate, on: date) -> str:
    """What becomes of an organisation without its last power, or the last one that governs it; "" of any other."""
    if not is_last(power, on):
        return ""
    text = _(
        "Nadie más tiene aquí un poder de %(organisation)s: sus solicitudes quedan esperando y sus plazos siguen "
        "corriendo, y nadie las ve, las responde ni recibe sus avisos hasta que alguien registre otro poder con el "
        "documento que lo prueba."
    )
    if others_of_organisation(power, on).exists():
        text = _(
            "Nadie más gobierna a %(organisation)s aquí: quienes tienen un poder siguen actuando, pero nadie puede dar "
            "ni quitar poderes hasta que alguien registre uno con el documento que lo prueba."
        )
    return text % {"organisation": str(power.grantor)}


def revoked(power: Mandate, by: Person, means: str) -> str:
    """What is said to whoever gave a power up, with what it left behind; "" to whoever took it from another."""
    if power.representative_id != by.pk:
        return ""
    said = _("Renunciaste al poder de %(name)s: ya no actúas con él, tampoco en lo que presentaste con él.")
    return " ".join(filter(None, [said % {"name": power.grantor}, means]))


def run_in_words(power: Mandate) -> str:
    """The RUN and the names that the giver typed. No other name: whoever types a RUN must not learn whose it is."""
    run = _("RUN %(run)s") % {"run": format_run(run_of(power.representative))}
    return ", ".join(filter(None, [run, f"{power.given_names} {power.family_names}".strip()]))


def _holder(power: Mandate) -> str:
    """Who acts for an organisation: by name where a document says it, else as another one who governs it typed it."""
    return run_in_words(power) if power.given_names or power.family_names else str(power.representative)


def _in_force(powers: Iterable[Mandate], on: date) -> list[Mandate]:
    return [power for power in powers if power.ends_on is None or power.ends_on >= on]


def _row(power: Mandate, name: str, titles: dict[str, str]) -> dict[str, Any]:
    until = _("hasta el %(day)s") % {"day": date_format(power.ends_on, "DATE_FORMAT")} if power.ends_on else ""
    return {
        "pk": power.pk,
        "name": name,
        "scope": titles.get(power.scope, power.scope) or _("Todos los trámites"),
        "is_solemn": power.is_solemn,
        "until": until or _("hasta que se quite"),
    }
