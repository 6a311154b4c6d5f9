"""From a draft to a published version: what changes, whom it touches, who will act, and from when."""

from __future__ import annotations

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Person, Role
from designer import operations
from designer.errors import NotGreen, NotReady
from designer.models import ProcedureDraft
from designer.queries import draft_path, latest_version, may_publish
from designer.testing.queries import not_green
from designer.testing.running import run_stale
from legaltime.api import local_date
from participation.api import link_published
from procedures.api import Change, ProcedureError, bundle_of, changes, check_data, publish_data
from procedures.models import Offering
from workflows.api import RehearsalFailed
from workflows.models import Case, Draft


def changes_since_published(draft: ProcedureDraft) -> list[Change] | None:
    """What the draft changes of the latest version, in sentences; None when nothing was published."""
    version = latest_version(draft)
    if version is None:
        return None
    return changes(bundle_of(version).model_dump(mode="json", exclude_defaults=True), plain_content(draft))


def plain_content(draft: ProcedureDraft) -> dict[str, object]:
    """The content as it would be published, defaults left out; as it is while it cannot be read as a bundle."""
    bundle = check_data(draft.content).bundle
    return bundle.model_dump(mode="json", exclude_defaults=True) if bundle else draft.content


def running(draft: ProcedureDraft) -> tuple[int, int]:
    """How many cases run under any version of the procedure, and how many applications people are filling in."""
    mine = {"version__procedure__owner": draft.agency_id, "version__procedure__code": draft.code}
    return Case.objects.filter(finished__isnull=True, **mine).count(), Draft.objects.filter(
        filed_at=None, **mine
    ).count()


def bound_roles(draft: ProcedureDraft) -> dict[str, Role]:
    """The roles of the agency behind the procedure's slots; slots without one are left out."""
    slots = {slot["id"] for slot in draft.content.get("roles") or ()}
    known = Role.objects.filter(unit__agency=draft.agency_id).select_related("unit").in_bulk(draft.bindings.values())
    return {slot: known[pk] for slot, pk in draft.bindings.items() if slot in slots and pk in known}


def unbound(draft: ProcedureDraft) -> list[str]:
    """Titles of the slots that nobody fills."""
    bound = bound_roles(draft)
    return [slot.get("title", slot["id"]) for slot in draft.content.get("roles") or () if slot["id"] not in bound]


def publish_draft(
    *,
    draft: ProcedureDraft,
    revision: int,
    by: Person,
    now: datetime,
    effective_from: date | None = None,
    note: str = "",
) -> Offering:
    """Publish what the person reviewed (`revision`) and offer it, now or from a date.

    Its saved tests are played first, those that were not yet played on what it holds.

    Raises NotReady: somebody changed the draft meanwhile, something is missing, a saved test does not hold
    (NotGreen), or the person may not publish.
    """
    today = local_date(now, draft.agency.time_zone)
    if not may_publish(by, draft.agency, today):
        raise NotReady(_("No tienes permiso para publicar en tu institución. Pídeselo a quien publica."))
    if effective_from is not None and effective_from < today:
        raise NotReady(_("La fecha ya pasó. Elige hoy o un día que venga."))
    _refuse_unseen(draft, revision)
    _play_tests(draft, now)
    with transaction.atomic():
        locked = operations.lock_draft(draft=draft, by=by, now=now)
        _refuse_unseen(locked, revision)
        red = not_green(locked)
        if red:
            raise NotGreen([test.title for test in red])
        try:
            offering = publish_data(
                data=locked.content, agency=locked.agency, by=by, now=now, role_bindings=bound_roles(locked),
                effective_from=effective_from, note=note[:500],
            )  # fmt: skip
        except ProcedureError as error:
            raise NotReady(str(error)) from error
        operations.note_published(draft=locked, version=offering.version, by=by, now=now)
        zone = ZoneInfo(locked.agency.time_zone)
        opens_at = datetime.combine(effective_from, time.min, zone) if effective_from else now
        link_published(draft_path=draft_path(locked), offering=offering, opens_at=opens_at, pilot=False, now=now)
    return offering


def _refuse_unseen(draft: ProcedureDraft, revision: int) -> None:
    if draft.revision != revision:
        raise NotReady(_("Alguien cambió el trámite mientras lo revisabas. Mira los cambios y publica otra vez."))


def _play_tests(draft: ProcedureDraft, now: datetime) -> None:
    """Outside any transaction: the process that plays them writes in the same database."""
    try:
        run_stale(draft=draft, now=now)
    except RehearsalFailed as error:
        raise NotReady(str(error)) from error
