"""Opening many cases from a sheet: look at it first, then one transaction for each row, and none twice."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.api import is_named_otherwise, open_sealed, persons_by_run, seal
from accounts.models import Person
from jobs.api import enqueue_all, new_job
from jobs.models import Job
from legaltime.api import local_date
from procedures.api import bundle_of, offering_for, pesos_on
from procedures.models import Offering
from workflows.bulk.columns import CheckedRow, check_row, missing_headings, unknown_headings, without_column
from workflows.bulk.sheets import UnreadableSheet, read_sheet
from workflows.commands.filing import summary_of
from workflows.commands.opening import Opening, may_open, open_case
from workflows.commands.parties import MOST_REASON, OTHER_NAME, NewParty
from workflows.errors import CommandRefused, NotAllowed
from workflows.models import BulkRow, BulkStart, OpenedKey

OPEN_ROW = "workflows.open_row"
"""Job kind: opens the case of one row."""
_RENAMED = gettext_lazy(
    "Si cambió de nombre, quítala de la fila y agrégala después en la solicitud, donde se confirma que es ella."
)
FORGET = "workflows.forget_sheets"
"""Job kind, once a day: removes sheets that nobody opened."""
KEPT = timedelta(days=30)


@transaction.atomic
def receive_sheet(
    *, offering: Offering, name: str, content: bytes, origin: str, reason: str, by: Person, now: datetime
) -> BulkStart:
    """Keep the rows of a sheet, each checked as the form would. Opens nothing.

    Raises NotAllowed, UnreadableSheet, or CommandRefused without a reason or where a question fits in no cell.
    """
    today = local_date(now, offering.agency.time_zone)
    if not may_open(by, offering, today):
        raise NotAllowed
    if not reason.strip():
        raise CommandRefused(_("Escribe por qué se abren estas solicitudes."))
    bundle = bundle_of(offering.version)
    if missing := without_column(bundle):
        raise CommandRefused(_("«%(question)s» no cabe en una celda. Abre estas solicitudes una por una.")
                             % {"question": missing[0].label})  # fmt: skip
    sheet = read_sheet(content)
    if absent := missing_headings(bundle, sheet.headings):
        names = ", ".join(f"«{heading}»" for heading in absent)
        raise UnreadableSheet(_("Faltan columnas: %(names)s. Copia sus nombres de la plantilla.") % {"names": names})
    bulk = BulkStart.objects.create(
        agency=offering.agency,
        offering=offering,
        by=by,
        name=name[:200],
        origin=origin[:40],
        reason=reason.strip()[:500],
        unused=unknown_headings(bundle, sheet.headings),
        at=now,
    )
    pesos = pesos_on(today) if bundle.uses_indicators else None
    checked = [check_row(bundle, row.line, row.cells, pesos) for row in sheet.rows]
    rows = list(_rows(bulk, checked))
    _mark_opened(bulk, rows)
    BulkRow.objects.bulk_create(rows)
    return bulk


def _rows(bulk: BulkStart, checked: Collection[CheckedRow]) -> Iterator[BulkRow]:
    """The rows to keep; one that repeats the key of another says so."""
    known = persons_by_run(person["run"] for row in checked for person in row.people if person["run"])
    lines: dict[str, int] = {}
    for row in checked:
        first = lines.setdefault(row.key, row.line)
        twice = [_("Repite la fila %(line)s.") % {"line": first}] if first != row.line else []
        others = [
            f"{person['given_names']} {person['family_names']}: {OTHER_NAME} {_RENAMED}"
            for person in row.people
            if is_named_otherwise(known.get(person["run"]), person["given_names"], person["family_names"])
        ]
        yield BulkRow(
            bulk=bulk,
            agency=bulk.agency,
            line=row.line,
            key=row.key,
            answers=_sealed(bulk, row.line, row.answers),
            people=_sealed(bulk, row.line, row.people) if row.people else "",
            problems=[*row.problems, *others, *twice],
        )


def _mark_opened(bulk: BulkStart, rows: Iterable[BulkRow]) -> None:
    """Tell apart the rows that have a case since an earlier sheet: nothing is opened or corrected for them."""
    procedure = bulk.offering.version.procedure
    found = OpenedKey.objects.filter(agency=bulk.agency, procedure=procedure, case__isnull=False)
    cases = dict(found.filter(key__in=[row.key for row in rows]).values_list("key", "case"))
    for row in rows:
        if row.key in cases:
            row.case_id, row.was_open = cases[row.key], True
            row.answers, row.people, row.problems = "", "", []


def _sealed(bulk: BulkStart, line: int, content: Any) -> str:
    return seal(json.dumps(content).encode(), _context(bulk, line)).hex()


def _opened(row: BulkRow, sealed: str) -> Any:
    return json.loads(open_sealed(bytes.fromhex(sealed), _context(row.bulk, row.line)))


@transaction.atomic
def open_rows(*, bulk: BulkStart, by: Person, now: datetime) -> int:
    """Open a case for each row without problems, by a job each; how many were asked for.

    Asking again asks for those that have no case yet and are not under way. Raises NotAllowed, or CommandRefused when
    there are none or the rows were looked at with a version that is not in force any more (R78).
    """
    today = local_date(now, bulk.agency.time_zone)
    if not may_open(by, bulk.offering, today):
        raise NotAllowed
    if offering_for(bulk.agency.code, bulk.offering.version.procedure.code, today) != bulk.offering:
        raise CommandRefused(_("El trámite cambió después de que enviaste esta planilla. Envíala de nuevo."))
    BulkStart.objects.select_for_update().get(pk=bulk.pk)  # two presses at once ask once
    left = list(bulk.rows.filter(case=None, problems=[]))
    if not left:
        raise CommandRefused(_("No queda ninguna fila por abrir."))
    going = _under_way(bulk.agency_id)
    waiting = [row for row in left if row.pk not in going]
    if not waiting:
        raise CommandRefused(_("Las filas que faltan ya se están abriendo. Vuelve a ver esta página en un momento."))
    BulkStart.objects.filter(pk=bulk.pk, started_at=None).update(started_at=now)
    enqueue_all(
        jobs=[new_job(kind=OPEN_ROW, payload={"row": row.pk}, now=now, agency_id=row.agency_id) for row in waiting]
    )
    return len(waiting)


@transaction.atomic
def discard_sheet(*, bulk: BulkStart, by: Person, now: datetime) -> None:
    """Remove a sheet from which nothing was opened. Raises NotAllowed or CommandRefused."""
    if not may_open(by, bulk.offering, local_date(now, bulk.agency.time_zone)):
        raise NotAllowed
    current = BulkStart.objects.select_for_update().get(pk=bulk.pk)
    if current.started_at is not None:
        raise CommandRefused(_("De esta planilla ya se abrieron solicitudes: no se puede borrar."))
    current.delete()


def open_row(job: Job, now: datetime) -> dict[str, Any]:
    """Job handler: open the case of one row, unless the same row has one. Running again changes nothing."""
    rows = BulkRow.objects.select_for_update(of=("self",)).select_related(
        "bulk__by", "bulk__offering__agency", "bulk__offering__version__procedure__owner"
    )
    row = rows.filter(pk=job.payload["row"]).first()
    if row is None or row.case_id is not None or row.problems:
        return {}
    offering = row.bulk.offering
    opened, is_first = claim_key(row)
    if is_first:
        given, people = _opened(row, row.answers), _opened(row, row.people) if row.people else []
        parties = tuple(NewParty(**person, reason=row.bulk.reason[:MOST_REASON]) for person in people)
        opening = Opening(offering, given, row.bulk.origin, by=row.bulk.by, reason=row.bulk.reason, parties=parties)
        opened.case = open_case(opening=opening, now=now)
        opened.save(update_fields=["case"])
    row.case, row.was_open, row.answers, row.people = opened.case, not is_first, "", ""
    row.save(update_fields=["case", "was_open", "answers", "people"])
    return {"opened": is_first}


def claim_key(row: BulkRow) -> tuple[OpenedKey, bool]:
    """The one place of this row among all sheets, and whether it was free; the unique key decides a tie."""
    procedure = row.bulk.offering.version.procedure
    return OpenedKey.objects.get_or_create(agency=row.agency, procedure=procedure, key=row.key)


def what_it_opens(row: BulkRow) -> str:
    """What sums up a row that has no case yet, and whom it names, for who sent it; empty where it says neither."""
    if not row.answers:
        return ""
    bundle = bundle_of(row.bulk.offering.version)
    people = _opened(row, row.people) if row.people else []
    named = [f"{person['given_names']} {person['family_names']}".strip() for person in people]
    return " · ".join(filter(None, [summary_of(bundle, bundle.start.id, _opened(row, row.answers)), *named]))


def not_opened(rows: Iterable[BulkRow]) -> set[int]:
    """Ids of those whose job was given up and was not asked for again."""
    given_up = Job.objects.filter(kind=OPEN_ROW, state__in=[Job.State.DEAD, Job.State.BLOCKED])
    found = given_up.filter(payload__row__in=[row.pk for row in rows]).values_list("payload__row", flat=True)
    lost = {int(pk) for pk in found}
    return lost - _under_way() if lost else lost


def _under_way(agency_id: int | None = None) -> set[int]:
    """Ids of the rows whose job has not ended; of one agency, where it is given."""
    live = Job.objects.filter(kind=OPEN_ROW, run_at__isnull=False)
    live = live if agency_id is None else live.filter(agency_id=agency_id)
    return {int(pk) for pk in live.values_list("payload__row", flat=True)}


def forget_sheets(job: Job, now: datetime) -> dict[str, Any]:
    """Job handler: remove sheets that were looked at and never opened, with what they said."""
    old = BulkStart.objects.filter(started_at=None, at__lt=now - KEPT)
    return {"removed": old.delete()[0]}


def _context(bulk: BulkStart, line: int) -> str:
    return f"bulk:{bulk.pk}:{line}"
