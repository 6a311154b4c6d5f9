"""The demonstration's drafts: an example taken up to be changed, with its scenarios as tests, and one half written."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import translation

from accounts.api import demo_people, person_by_run
from accounts.models import Agency, AgencyCapability, Person
from designer import operations, patterns, reviewing, starting
from designer.cards.questions import lead_to
from designer.models import ProcedureDraft
from designer.testing.operations import bring_tests
from designer.tree import Address
from legaltime.api import local_date
from procedures.api import offering_for
from procedures.models import Offering
from workflows.api import EXAMPLES, sample_offerings, scenarios_of

TITLE = "Permiso para poner mesas en la vereda"
QUESTIONS = """¿Cuál es tu RUN?
¿Dónde está tu local?
¿Quién ocupa el local? (Yo / Una empresa)
RUT de la empresa
¿Cuántas mesas vas a poner?
¿Desde qué día?
Sube un croquis de la vereda con las mesas"""
WHO: Address = ("forms", "solicitud", "pages", "parte_1", "fields", "quien_ocupa_el_local")
COMMENT = "Si es una empresa, ¿no pedimos el poder de quien firma? En la patente sí lo pedimos."


def seed(now: datetime) -> None:
    """Keep every example's scenarios as saved tests, and open the first such example; again, it changes nothing."""
    opened = False
    for sample in sample_offerings():
        path = EXAMPLES / sample.file
        scenarios = scenarios_of(path)
        offering = offering_for(sample.agency, path.stem, local_date(now, "America/Santiago")) if scenarios else None
        if offering is None:
            continue
        if not opened:
            opened = _open(offering, now)
        bring_tests(agency=offering.agency, code=path.stem, scenarios=scenarios, by=None, now=now)
    begin_one(now)


def _open(offering: Offering, now: datetime) -> bool:
    """Let whoever designs there take up the version; whether there is somebody."""
    designs = {"role__grants__capability": AgencyCapability.DESIGN, "role__unit__agency": offering.agency}
    by = (
        Person.objects.filter(**{f"memberships__{key}": value for key, value in designs.items()}).order_by("pk").first()
    )
    if by is not None:
        operations.open_version(version=offering.version, agency=offering.agency, by=by, now=now)
    return by is not None


@transaction.atomic
def begin_one(now: datetime) -> None:
    """A draft that somebody left half written, with a colleague's comment; again, it changes nothing."""
    agency = Agency.objects.filter(code="muni-ejemplo").first()
    by, colleague = _person("Inés"), _person("Elena")
    if agency is None or by is None or colleague is None:
        return
    with translation.override("es"):
        content = starting.with_questions(starting.empty(TITLE, agency, set()), QUESTIONS)
        if ProcedureDraft.objects.filter(agency=agency, code=content["code"]).exists():
            return
        content = lead_to(content, WHO, {"una_empresa": "rut_de_la_empresa"})
        draft = operations.create_draft(agency=agency, content=content, summary="Creó el trámite", by=by, now=now)
        for kind in ("task", "sign", "notify"):
            _add_step(draft, kind, by, now)
        draft.refresh_from_db()
        reviewing.comment(draft=draft, address="/".join(WHO), text=COMMENT, by=colleague, now=now)


def _add_step(draft: ProcedureDraft, kind: str, by: Person, now: datetime) -> None:
    draft.refresh_from_db()
    steps = draft.content["steps"]
    place = len(steps) - 1
    made = patterns.new_step(patterns.Wish(draft.content, kind, "", "", steps[:place], draft.agency))
    operations.add_item(
        draft=draft, into=("steps",), item=made.item, place=place, beside=made.beside, bindings=made.bindings,
        by=by, now=now,
    )  # fmt: skip


def _person(name: str) -> Person | None:
    run = next((one.run for one in demo_people() if one.given_names.split()[0] == name), "")
    return person_by_run(run) if run else None
